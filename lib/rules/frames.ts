/**
 * How the lines of a stack are written.
 *
 * @module
 */

/** One line of a stack; `innermost` says which end of the stack the fault is at. */
export type FrameRule = { readonly why: string; readonly pattern: RegExp; readonly innermost: "first" | "last" };

export const FRAMES: readonly FrameRule[] = [
  {
    why: "Python",
    innermost: "last",
    pattern:
      /^(?:E\s{1,8}|\*{3} {1,8})?\s{0,12}File '(?<file>(?![^']{1,300}\.mli?')[^']{1,300})', line (?<line>\d{1,7})(?:,? in (?<called>\w{1,120}))?/,
  },
  {
    why: "pytest: where it was thrown",
    innermost: "last",
    pattern:
      /^(?<file>[\w./\\:+-]{1,300}\.py):(?<line>\d{1,7}): (?<thrown>[A-Z][\w.]{2,80}(?:Error|Exception|Warning|Exit|Interrupt|Failed|Timeout)?|in [\w<>]{1,100})$/,
  },
  { why: "pytest: a call on the way", innermost: "last", pattern: /^(?<file>[\w./\\:+-]{1,300}\.py):(?<line>\d{1,7}):$/ },
  {
    why: "Node: above the source of what was thrown, and nobody caught",
    innermost: "last",
    pattern: /^(?:# |\s?Exception during run: )?(?<file>(?:[A-Za-z]:\\|\/)[^\s:]{1,300}\.[cm]?[jt]sx?):(?<line>\d{1,7})$/,
  },
  {
    why: "JavaScript",
    innermost: "first",
    pattern: /^(?:#\s)?\s{2,16}at (?:async )?(?:.{1,200} \()?(?<file>(?:[A-Za-z]:)?[^\s():]{1,300}):(?<line>\d{1,7}):\d{1,7}\)?/,
  },
  {
    why: "node --test's YAML",
    innermost: "first",
    pattern: /^\s{4,16}(?:async )?[\w$.<>[\] ]{1,200} \((?<file>(?:[A-Za-z]:)?[^\s():]{1,300}):(?<line>\d{1,7}):\d{1,7}\)$/,
  },
  {
    why: "Vite: the file that a plugin could not read; TAP of Vitest and AVA",
    innermost: "first",
    pattern: /^\s{0,40}(?:File: |at: ')(?<file>(?:[A-Za-z]:)?[^\s:']{1,300}):(?<line>\d{1,7})(?::\d{1,7})?'?$/,
  },
  {
    why: "AVA",
    innermost: "first",
    pattern: /^\s{2}\u203a (?:.{1,160} \()?(?<file>(?:[A-Za-z]:)?[^\s():]{1,300}):(?<line>\d{1,7}):\d{1,7}\)?$/,
  },
  { why: "Vitest", innermost: "first", pattern: /^\s{0,4}\u276f (?:.{1,160} )?(?<file>[^\s():]{1,300}):(?<line>\d{1,7}):\d{1,7}$/ },
  {
    why: "Java",
    innermost: "first",
    pattern:
      /^\s{0,16}(?:at )?(?:[\w.-]{1,60}(?:@[\w.-]{1,20})?\/)?(?<scope>[\w$]{1,80}(?:\.[\w$<>]{1,160}){1,12})\((?<file>\w{1,160}\.(?:java|kt|scala|groovy)):(?<line>\d{1,7})\)/,
  },
  {
    why: "bats",
    innermost: "first",
    pattern:
      /^(?:# |\s{2,8})?\(?(?:in test file|from function '[^']{1,120}' in (?:test )?file|\s{0,4}in test file) (?<file>[^,]{1,300}), line (?<line>\d{1,7})/,
  },
  {
    why: "OCaml",
    innermost: "first",
    pattern:
      /^(?:Raised (?:by primitive operation )?at|Re-raised at|Called from) .{1,200} in file '(?<file>[^']{1,300}\.mli?)'(?: \(inlined\))?, lines? (?<line>\d{1,7})/,
  },
  {
    why: "Lua",
    innermost: "first",
    pattern: /^(?:# )?\s{0,8}(?<file>[^\s:[]{1,300}\.lua):(?<line>\d{1,7}): in /,
  },
  {
    why: "busted's TAP",
    innermost: "first",
    pattern: /^# Failure message: (?<file>[^\s:]{1,300}\.lua):(?<line>\d{1,7}): (?<thrown>.{1,400})$/,
  },
  {
    why: "Gradle's short form",
    innermost: "first",
    pattern: /^\s{2,12}(?<thrown>[\w.$]{3,200}) at (?<file>\w{1,160}\.(?:java|kt|scala|groovy)):(?<line>\d{1,7})$/,
  },
  {
    why: "CMake's call stack",
    innermost: "first",
    pattern: /^ {2}(?<file>\S{0,300}(?:CMakeLists\.txt|\.cmake)):(?<line>\d{1,7}) \(\w{1,80}\)$/,
  },
  {
    why: "Ruby",
    innermost: "first",
    pattern:
      /^(?!.{0,600}\.rb:\d{1,7}: syntax error)\s{0,12}(?:# |from )?(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}\.rb):(?<line>\d{1,7})(?::in '.{1,200}'?)?(?:: .{0,400})?$/,
  },
  { why: "Terraform", innermost: "first", pattern: /^ {2}on (?<file>[^\s:]{1,300}\.tf(?:vars|\.json)?) line (?<line>\d{1,7})[,:]/ },
  {
    why: "PHP, Pest",
    innermost: "first",
    pattern: /^(?:#\d{1,4} | {2}at )?(?<file>(?:[A-Za-z]:\\|\/|(?<= {2}at )\w)\S{1,300}\.php)[:(](?<line>\d{1,7})\)?(?:: .{0,300})?$/,
  },
  { why: ".NET", innermost: "first", pattern: /^\s{1,12}at .{1,300} in (?<file>.{1,300}):line (?<line>\d{1,7})$/ },
  { why: "xUnit.net", innermost: "first", pattern: /^\s{0,12}(?<file>\S{1,300}\.(?:cs|fs|vb))\((?<line>\d{1,7}),\d{1,7}\): at / },
  { why: "Elixir", innermost: "first", pattern: /^\s{4,12}(?<file>\S{1,300}\.exs?):(?<line>\d{1,7})(?:: .{0,200})?$/ },
  {
    why: "sanitizers, gdb",
    innermost: "first",
    pattern:
      /^\s{0,8}#\d{1,3}\s{1,4}(?:0x[0-9a-f]{4,16} )?in (?<called>.{1,300}?) (?:at )?(?<file>(?:[A-Za-z]:)?[^\s:()]{1,300}):(?<line>\d{1,7})/,
  },
  {
    why: "TSan: neither address nor in",
    innermost: "first",
    pattern: /^\s{2,8}#\d{1,3} (?<called>[^\s(]{1,200}(?:\(.{0,200}?\))?) (?<file>\/[^\s:()]{1,300}):(?<line>\d{1,7})(?::\d{1,7})? \(/,
  },
  {
    why: "Dart",
    innermost: "first",
    pattern: /^#\d{1,4}\s{1,8}\S.{0,200}? \((?<file>(?:package:|dart:|[A-Za-z]:)?[^\s():]{1,300}\.dart):(?<line>\d{1,7})(?::\d{1,7})?\)$/,
  },
  { why: "Dart: package:test", innermost: "first", pattern: /^ {2}(?<file>[\w./\\-]{1,200}\.dart) (?<line>\d{1,7}):\d{1,7} {2,20}\S/ },
  {
    why: "Valgrind",
    innermost: "first",
    pattern: /^==\d{1,9}==\s{1,8}(?:at|by) 0x[0-9A-F]{4,16}: (?<called>.{1,200}) \((?<file>[^:()]{1,200}):(?<line>\d{1,7})\)$/,
  },
  {
    why: "Zig",
    innermost: "first",
    pattern: /^(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}\.zig):(?<line>\d{1,7}):\d{1,7}: 0x[0-9a-f]{4,16} in \S.{0,200} \(\S{1,80}\)$/,
  },
  { why: "Go", innermost: "first", pattern: /^\s{1,8}(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}\.go):(?<line>\d{1,7})(?: \+0x[0-9a-f]{1,8})?$/ },
  {
    why: "Rust before 1.73: the panic's place ends its message",
    innermost: "first",
    pattern: /^\s{0,4}right: .{0,400}', (?<file>[^\s:',]{1,300}\.rs):(?<line>\d{1,7}):\d{1,7}$/,
  },
  { why: "Rust's backtrace", innermost: "first", pattern: /^\s{8,24}at (?<file>[^\s:]{1,300}\.rs):(?<line>\d{1,7})(?::\d{1,7})?$/ },
];
