/**
 * How programs die, and what an exception looks like.
 *
 * @module
 */

/** One way to die. Groups: `value` (what exactly), `file`, `line`, `message`; `test`; `called`, a function. */
export type CrashRule = { readonly kind: string; readonly why: string; readonly pattern: RegExp };

/** Rust runs each test in a thread of its name. */
const THREAD = String.raw`^thread '(?:(?<test>\w{1,100}(?:::\w{1,100}){1,8})|.{1,200})'(?: \(\d{1,12}\))? panicked at `;
const FILE = String.raw`(?<file>(?:[A-Za-z]:)?[^\s:'"()<>|,][^:'"()<>|,]{0,300}?)`;

/** Tried in order. */
export const CRASHES: readonly CrashRule[] = [
  {
    kind: "assert",
    why: "glibc",
    pattern: new RegExp(String.raw`^(?:\S{1,200}: )?${FILE}:(?<line>\d{1,7}): .{0,400}Assertion '(?<value>.{1,300})' failed`),
  },
  {
    kind: "assert",
    why: "macOS, BSD",
    pattern: /Assertion failed: \((?<value>.{1,300})\), function .{1,200}, file (?<file>.{1,300}?), line (?<line>\d{1,7})/,
  },
  { kind: "assert", why: "Windows", pattern: /Assertion failed: (?<value>.{1,300}), file (?<file>.{1,300}?), line (?<line>\d{1,7})/ },
  { kind: "assert", why: "musl", pattern: /Assertion failed: (?<value>.{1,300}) \((?<file>[^:()]{1,300}): .{1,200}: (?<line>\d{1,7})\)/ },
  {
    kind: "assert",
    why: "glib",
    pattern: /^\*{0,2}\s?ERROR:(?<file>[^:]{1,300}):(?<line>\d{1,7}):.{1,200}assertion failed:? \(?(?<value>.{1,300}?)\)?$/,
  },
  {
    kind: "undefined-behavior",
    why: "UBSan",
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: runtime error: (?<message>.*)`),
  },
  {
    kind: "sanitizer",
    why: "ASan, MSan, TSan, LSan, libFuzzer",
    pattern:
      /(?:ERROR|WARNING): (?:Address|Memory|Thread|Leak|HWAddress|UndefinedBehavior)Sanitizer:? (?<value>[\w-]{1,60}(?: memory leaks| race)?)|ERROR: libFuzzer: (?<value2>[\w -]{1,60})/,
  },
  {
    kind: "sanitizer",
    why: "a sanitizer's last line: enough where its head was cut off",
    pattern:
      /^SUMMARY: (?:Address|Memory|Thread|HWAddress)Sanitizer: (?<value>[\w-]{1,60}(?: race)?)(?: \(potential deadlock\))? (?<file>[^\s:]{1,300}):(?<line>\d{1,7})(?::\d{1,7})? in (?<called>.{1,300})/,
  },
  { kind: "sanitizer", why: "Go's race detector", pattern: /^WARNING: (?<value>DATA RACE)/ },
  {
    kind: "sanitizer",
    why: "Valgrind",
    pattern:
      /^(?:\s?valgrind ERROR )?==\d{1,9}== (?:[\d,]{1,12} (?:\([\d, a-z]{1,80}\) )?bytes in [\d,]{1,12} blocks are )?(?:Possible )?(?<value>data race|definitely lost|Invalid (?:read|write)|Conditional jump|Use of uninitialised|Process terminating|Mismatched free|Invalid free)/,
  },
  { kind: "timeout", why: "AVA, which then lists the tests that wait", pattern: /^\s{0,4}\u2718 Timed out while running tests$/ },
  { kind: "panic", why: "Zig", pattern: /^thread \d{1,12} panic: (?<message>.{1,300})$/ },
  { kind: "exception", why: "libstdc++", pattern: /terminate called after throwing an instance of '(?<value>[^']{1,200})'/ },
  { kind: "exception", why: "libc++", pattern: /terminat\w{1,8} (?:due to|with) uncaught exception of type (?<value>[\w:]{1,200})/ },
  {
    kind: "exception",
    why: "node:test: thrown after the test's end",
    pattern:
      /^(?:# |\u2139 )?Error: .{0,300}asynchronous activity after the test ended\. This activity created the error '(?<message>.{1,300}?)' (?:and would|which) /,
  },
  {
    kind: "exception",
    why: "Ruby: uncaught",
    pattern:
      /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):in '.{1,200}': (?!\S{1,300}\.rb:\d{1,7}: syntax error)(?<message>.{1,400}?) \((?<value>[A-Z][\w:]{0,80})\)$/,
  },
  {
    kind: "exception",
    why: "OCaml: uncaught",
    pattern:
      /^Fatal error: (?<message>exception (?<value>[A-Z][\w.]{0,120})(?:\('(?<file>[^']{1,300}\.mli?)', (?<line>\d{1,7}), \d{1,7}\))?.{0,300})/,
  },
  { kind: "exception", why: "GoogleTest", pattern: /^C\+\+ exception with description '(?<message>.{1,300}?)' thrown in the test body/ },
  {
    kind: "exception",
    why: "PHP",
    pattern:
      /^(?:[.EFSIRW]{0,80})?(?:PHP )?(?:Fatal|Parse) error: {1,4}(?<message>.{1,400}?) in (?<file>\S{1,300}?)(?: on line |:)(?<line>\d{1,7})$/,
  },
  { kind: "crash:deadlock", why: "Go", pattern: /^fatal error: all goroutines are asleep/ },
  { kind: "timeout", why: "Go", pattern: /^panic: test timed out after/ },
  { kind: "timeout", why: "CTest", pattern: /^Timeout(?:\s{1,5}\d|$)/ },
  { kind: "timeout", why: "pytest-timeout", pattern: /^(?:E\s{1,8})?Failed: Timeout \(?>|^\+{10,60} Timeout \+{10,60}/ },
  { kind: "timeout", why: "pytest, when it is interrupted: by whoever waited", pattern: /^!{5,80} KeyboardInterrupt !{5,80}$/ },
  { kind: "timeout", why: "Python's faulthandler", pattern: /^Timeout \(\d{1,3}:\d\d:\d\d(?:\.\d{1,6})?\)!$/ },
  {
    kind: "panic",
    why: "Rust before 1.73",
    pattern: new RegExp(String.raw`${THREAD}'(?<message>.{0,400})', ${FILE}:(?<line>\d{1,7})(?::\d{1,7})?$`),
  },
  {
    kind: "panic",
    why: "Rust before 1.73: an assertion of two values, whose place follows them",
    pattern: new RegExp(`${THREAD}'assertion failed: .{1,100}$`),
  },
  {
    kind: "panic",
    why: "Rust",
    pattern: new RegExp(String.raw`${THREAD}${FILE}:(?<line>\d{1,7})(?::\d{1,7})?:?$`),
  },
  {
    kind: "panic",
    why: "Go",
    pattern:
      /^(?:panic: |fatal error: (?=concurrent map|unexpected signal|runtime|stack|bad |sync|out of memory|found pointer|invalid ))(?<message>.{1,300})/,
  },
  {
    kind: "crash:segv",
    why: "shells, kernels, wine, JVM, GoogleTest on Windows",
    pattern:
      /Segmentation fault|\bSIGSEGV\b|(?<![\w-])signal 11\b(?!\.\d)|EXCEPTION_ACCESS_VIOLATION|0x[cC]0000005(?![\da-fA-F])|[Aa]ccess violation|Unhandled page fault|exit code 139\b|exited with code 139|\*{3}Exception: SegFault|STATUS_ACCESS_VIOLATION/,
  },
  {
    kind: "crash:stack",
    why: "a stack used up",
    pattern: /0x[cC]00000[fF][dD](?![\da-fA-F])|stack overflow(?:ed)?\b|has overflowed its stack|Maximum call stack size exceeded/,
  },
  {
    kind: "crash:abort",
    why: "abort(3)",
    pattern:
      /\bSIGABRT\b|^\s{0,8}Aborted(?: \(core dumped\))?$|: line \d{1,7}:\s{1,8}\d{1,9} Aborted|\*{3} \[.{1,300}\] Aborted|^Fatal Python error: Aborted|Subprocess aborted|0x[cC]0000409(?![\da-fA-F])|exit code 134\b|(?<![\w-])signal 6\b(?!\.\d)|abnormal program termination/,
  },
  { kind: "crash:illegal", why: "SIGILL", pattern: /\bSIGILL\b|Illegal instruction|0x[cC]000001[dD](?![\da-fA-F])/ },
  {
    kind: "crash:arithmetic",
    why: "SIGFPE",
    pattern: /\bSIGFPE\b|Floating point exception|signal: integer divide by zero|0x[cC]0000094(?![\da-fA-F])/,
  },
  { kind: "crash:bus", why: "SIGBUS", pattern: /\bSIGBUS\b|Bus error/ },
  { kind: "crash:wasm", why: "wasmtime, Node", pattern: /wasm trap: |RuntimeError: (?:unreachable|memory access out of bounds)/ },
  {
    kind: "crash:loader",
    why: "Windows: a DLL or its entry point is missing",
    pattern:
      /0x[cC]0000135(?![\da-fA-F])|0x[cC]0000139(?![\da-fA-F])|0x[cC]000007[bB](?![\da-fA-F])|error while loading shared libraries: (?<value>[^:]{1,120})|Library not loaded: (?<value2>\S{1,200})/,
  },
];

/** An exception's last or only line. */
export const EXCEPTION =
  /^(?:#\s{1,4})?(?:E\s{1,8}|\s{0,12}(?:error: )?|=> |\s{0,8}=> |\s{0,12}[Cc]aused by: |\s{0,12}\[cause\]: |\s{0,4}Exception during run: |Exception in thread '[^']{1,120}' |Uncaught |Unhandled exception\.? ?)'?(?<type>(?:[\w$]{1,80}\.){0,10}(?:[A-Z][\w$]{0,80}(?:Error|Exception|Failure|Interrupt|Iteration|Exit|Timeout)|Error)|AssertionFailedError|ComparisonFailure|Failed|Exception)(?: \[\w{1,60}\])?(?:: (?! )(?<message>.{0,400})|$)/;

/** Babel and others put the place into the message. */
export const SYNTAX_PLACE = /Error: (?<file>(?:[A-Za-z]:)?[^\s:]{1,300}): .{0,300}\((?<line>\d{1,7}):\d{1,7}\)$/;

/** A stack is about to be written. */
export const THROWN = /^(?:#\s{1,4})?Traceback \(most recent call last\):/;
