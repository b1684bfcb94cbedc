/**
 * How tools say where: file, line, how grave, which code, and the message that follows.
 *
 * Longer than 250 lines, as it is one ordered table: the first form that a line has is what it is read by.
 *
 * @module
 */

import { ERROR_WORDS, NOTE_WORDS, WARNING_WORDS } from "./locales.ts";

/** One form of a diagnostic's head. Groups: `file`, `line`, and where the tool gives them `severity`, `code`, `message`. */
export type DiagnosticRule = {
  readonly why: string;
  readonly pattern: RegExp;
  /** Without a word for gravity, a line is an error when its file ends so. */
  readonly bare?: RegExp;
  /** The head belongs to what is said: behind a script's line, "jq: not found" is about a command. */
  readonly whole?: true;
  /** Said by what gives up, though without a word for gravity. */
  readonly fatal?: true;
};

const FILE = String.raw`(?<file>(?:[A-Za-z]:)?[^\s:'"()<>|*?\[\]][^:'"()<>|*?\t]{0,300}?)`;
const SEVERITY = `(?<severity>(?:fatal |internal compiler |syntax |catastrophic )?error|ERROR|Error|warning|Warning|WARNING|note|info|style|performance|portability|remark|hint|required from|vet|${ERROR_WORDS}|${WARNING_WORDS}|${NOTE_WORDS})`;

/** Tried in order. */
export const DIAGNOSTICS: readonly DiagnosticRule[] = [
  {
    why: "a workflow's annotation: ::error file=src/a.ts,line=12::message",
    pattern:
      /^::(?<severity>error) (?:[\w ]{1,20}=[^,:]{0,200},)*?file=(?<file>[^,:]{1,300}),(?:[\w ]{1,20}=[^,:]{0,200},)*?line=(?<line>\d{1,7})[^:]{0,300}::(?<message>(?:(?!%0A).)*)/,
  },
  {
    why: "webpack, the message below",
    pattern: /^(?<severity>ERROR) in (?<file>\.{0,2}\/\S{1,300}?)[ :](?<line>\d{1,7}):\d{1,7}(?:-\d{1,7})?(?<message>)$/,
  },
  { why: "ts-loader", pattern: /^\[tsl\] (?<severity>ERROR) in (?<file>\S{1,300}?)\((?<line>\d{1,7}),\d{1,7}\)(?<message>)$/ },
  {
    why: "rollup: file (12:5): message",
    pattern: /^(?<file>[^\s()]{1,300}\.\w{1,6}) \((?<line>\d{1,7}):\d{1,7}\): (?<severity>)(?<message>.+)/,
  },
  {
    why: "rollup's typescript plugin: a warning, which fails the build at its end",
    fatal: true,
    pattern:
      /^(?:\(!\)|\[!\] \(plugin [\w-]{1,40}\) \w{0,40}Error:) \[plugin [\w-]{1,40}\] (?<file>[^\s()]{1,300}) \((?<line>\d{1,7}):\d{1,7}\): (?:@\S{1,80} )?(?<code>TS\d{4,5}): (?<message>.*)/,
  },
  {
    why: "Kotlin",
    fatal: true,
    pattern: /^(?<severity>e): (?<file>(?:[A-Za-z]:)?[^\s:]{1,300}):\s?\(?(?<line>\d{1,7})[:,] ?\d{1,7}\)?:? (?<message>.*)/,
  },
  {
    why: "Scala 3: -- [E006] Not Found Error: file:12:5 ---, the message in the gutter below",
    pattern:
      /^(?:\[error\] )?-- (?:\[(?<code>E\d{3})\] )?(?<severity>[\w ]{0,40}Error): (?<file>\S{1,300}\.scala):(?<line>\d{1,7}):\d{1,7}(?<message>)(?: -{0,200})?$/,
  },
  {
    why: "GHC since 9.4: file:12:5: error: [GHC-88464] [-Wflag], the message below",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: (?<severity>error): \[(?<code>GHC-\d{5})\](?: \[[^\]]{1,200}\])?(?<message>)$`,
    ),
  },
  {
    why: "create-react-app, fork-ts-checker: TypeScript error in file(12,5):, the message below",
    pattern: /^(?<severity>TypeScript error) in (?<file>[^()]{1,300})\((?<line>\d{1,7}),\d{1,7}\):(?<message>)$/,
  },
  {
    why: "Elixir: ** (CompileError) file:12: message",
    pattern: /^\*\* \((?<severity>\w{1,60}Error)\) (?<file>\S{1,300}\.exs?):(?<line>\d{1,7})(?::\d{1,7})?: (?<message>.*)/,
  },
  {
    why: "dart analyze, flutter analyze: error \u2022 message \u2022 file:12:5 \u2022 code",
    pattern:
      /^\s{0,4}(?<severity>error) [\u2022-] (?<message>.{1,400}?) [\u2022-] (?<file>\S{1,300}\.dart):(?<line>\d{1,7}):\d{1,7} [\u2022-] (?<code>\w{1,80})$/,
  },
  {
    why: "Perl: what it dies of, and not its warnings",
    fatal: true,
    pattern:
      /^(?<message>(?:Can't |Undefined subroutine |Global symbol |Bareword '|syntax error|Feature '|Not (?:a|an|enough) |Too (?:few|many) arguments |Attempt to |Modification of |Missing right |Type of arg |Perl v).{0,400}?) at (?<file>\S{1,300}\.(?:p[lm]|t|PL)) line (?<line>\d{1,7})(?:\.$|,? (?:near |at |<|during global).{0,300}$)/,
  },
  {
    why: 'Go\'s text/template, Helm: template: chart/templates/file:12:5: executing "x" at <.y>: message',
    fatal: true,
    pattern:
      /(?:^|[ :])template: (?<file>[^\s:]{1,300}):(?<line>\d{1,7})(?::\d{1,7})?: (?:executing '[^']{1,300}' )?(?<message>\S.{0,400})/,
  },
  {
    why: "gfortran since 4: the place above, a drawing of the source, and then the message",
    pattern: new RegExp(
      String.raw`^(?<severity>Fatal Error|Error|Warning|${ERROR_WORDS}|${WARNING_WORDS}): (?<message>.{1,400} \(\d\)(?!\w).{0,200})$`,
      "i",
    ),
  },
  {
    why: "Lua: a module that cannot be loaded, whose own words follow",
    fatal: true,
    pattern:
      /^(?:# )?\s{0,12}(?<file>[^\s:[]{1,300}\.lua):(?<line>\d{1,7}): (?<message>(?:unexpected symbol|unfinished|malformed|'[^']{1,20}' expected|syntax error).{0,200})$/,
  },
  { why: "gfortran's library: the place above", pattern: /^(?<severity>Fortran runtime error): (?<message>.+)/ },
  {
    why: "Ruby, of what it cannot read: alone, in a report of RSpec, or behind who asked for it",
    fatal: true,
    pattern:
      /^\s{0,8}(?:\S{1,300}:\d{1,7}:in '[^']{1,200}': )?(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}\.rb):(?<line>\d{1,7}): (?<message>syntax errors?(?:, | found).{0,400})$/,
  },
  {
    why: "NVIDIA's Fortran",
    fatal: true,
    pattern: /^NVFORTRAN-[SF]-(?<code>\d{4})-(?<message>.{1,400}?) \((?<file>[^()]{1,300}?): (?<line>\d{1,7})\)$/,
  },
  {
    why: "OpenSSL's tests: above the name of the one that failed",
    fatal: true,
    pattern: /^\s{0,24}# ERROR: (?:\(\w{1,20}\) )?(?<message>'.{1,300}' failed) @ (?<file>[^\s:]{1,300}):(?<line>\d{1,7})$/,
  },
  { why: "commitlint", fatal: true, pattern: /^\u2716 {1,4}(?<message>\S.{0,300} \[(?<code>[a-z-]{3,60})\])$/ },
  {
    why: "markdownlint, which since 2025 says error",
    fatal: true,
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7})(?::\d{1,7})? (?:error )?(?<code>MD\d{3})(?:/[\w/-]{1,120})? (?<message>.*)`),
  },
  {
    why: "hadolint",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}) (?<code>(?:DL|SC)\d{4}) (?<severity>error|warning|info|style): (?<message>.*)`,
    ),
  },
  {
    why: "CSpell",
    fatal: true,
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7} - (?<message>Unknown word \(.{1,100}\))`),
  },
  {
    why: "detekt before 1.23",
    fatal: true,
    pattern:
      /^\s{1,8}(?<message>(?<code>[A-Z]\w{2,60}) - .{0,40}\[[^\]]{1,200}\]) at (?<file>[^\s:]{1,300}\.kts?):(?<line>\d{1,7}):\d{1,7}/,
  },
  {
    why: "Android's resource compiler",
    pattern:
      /^\s{0,8}(?<severity>ERROR):\s?(?:(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}):(?<line>\d{1,7})(?::\d{1,7}){0,2}(?:-\d{1,7}(?::\d{1,7})?)?: )?AAPT: error: (?<message>.*)/,
  },
  {
    why: "Psalm",
    pattern: new RegExp(String.raw`^(?<severity>ERROR): (?<code>[A-Z]\w{2,60}) - ${FILE}:(?<line>\d{1,7}):\d{1,7} - (?<message>.*)`),
  },
  { why: "protoc, buf", fatal: true, pattern: /^(?<file>[^\s:]{1,300}\.proto):(?<line>\d{1,7}):\d{1,7}: ?(?<message>\S.*)/ },
  {
    why: "luacheck",
    fatal: true,
    pattern: /^ {4}(?<file>[^\s:]{1,300}\.lua):(?<line>\d{1,7}):\d{1,7}(?:-\d{1,7})?: (?:\((?<code>[WE]\d{3})\) )?(?<message>.*)/,
  },
  {
    why: "Black: no Python that it knows",
    fatal: true,
    pattern:
      /^error: cannot format (?<file>\S{1,300}): (?<message>Cannot parse(?: for target version [\w., ]{1,80})?): (?<line>\d{1,7}):\d{1,7}: /,
  },
  {
    why: "OCaml: what a pattern or an assertion did not meet",
    fatal: true,
    pattern: /^(?:\[exception\] )?File '(?<file>[^']{1,300}\.mli?)', line (?<line>\d{1,7}), characters \d{1,7}-\d{1,7}: (?<message>\S.*)/,
  },
  {
    why: "Lua: error and compiler, also below the head that says which module",
    fatal: true,
    pattern: /^\s{0,8}(?:lua\w{0,4}[\d.]{0,8}: )?(?<file>[^\s:[]{1,300}\.lua):(?<line>\d{1,7}): (?!in )(?<message>\S.*)/,
  },
  {
    why: "Vite: what a plugin says of a file",
    fatal: true,
    pattern: /^(?:\w{0,40}Error: )?\[plugin [\w:-]{1,60}\] (?<file>[^\s(]{1,300}) \((?<line>\d{1,7}):\d{1,7}\): (?<message>\S.*)/,
  },
  {
    why: "stylelint, unix: file:12:5: message (rule) [error]",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: (?<message>.{1,400}?) \((?<code>[\w/@-]{3,80})\) \[(?<severity>error|warning)\]$`,
    ),
  },
  { why: "autoconf: what a package's own script asks for", pattern: /^configure: error: (?<message>.{1,400})$/ },
  { why: "nvcc", pattern: /^\s{0,8}nvcc (?<severity>fatal|error) {1,4}: (?<message>.{1,400})$/ },
  { why: "sbt", pattern: /^\[(?<severity>error)\] (?<file>\S{1,300}\.(?:scala|java)):(?<line>\d{1,7})(?::\d{1,7})?: (?<message>.*)/ },
  {
    why: "Bazel, and scripts that pass a linter's lines on",
    pattern: /^(?<severity>ERROR): (?<file>\/\S{1,300}?|[^\s:]{1,300}\.\w{1,6}):(?<line>\d{1,7}):\d{1,7}: (?<message>.*)/,
  },
  {
    why: "shellcheck -f gcc: its notes fail too",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: (?:error|warning|note|style|info): (?<message>.{1,400}) \[(?<code>SC\d{4})\]$`,
    ),
  },
  {
    why: "MSVC, MSBuild, clang with its diagnostics, tsc, ifx: file(12,5): error C2065: message",
    pattern: new RegExp(
      String.raw`^\s{0,8}${FILE}\((?<line>\d{1,7})(?:[,:.-]\d{1,7}){0,3}\)\s?: (?:${SEVERITY})(?: (?<code>[A-Z]{1,10}\d{1,6}|#\d{3,6}|[A-Z]{7,12}))?\s?: (?<message>.*)`,
    ),
  },
  {
    why: "tsc --pretty, pyright: file:12:5 - error TS2345: message",
    pattern: new RegExp(
      String.raw`^\s{0,4}(?:Error: )?${FILE}:(?<line>\d{1,7}):\d{1,7} - ${SEVERITY}(?: (?<code>TS\d{4,5}|ts\(\d{4,5}\)))?: (?<message>.*)`,
    ),
  },
  {
    why: "gcc: who asked for the template whose error follows",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}):(?:\d{1,7}:)? {1,4}(?:recursively )?(?<severity>required from) (?<message>.*)`,
    ),
  },
  {
    why: "cpplint",
    fatal: true,
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7}): {2}(?<message>\S.{0,300}?) {2}\[(?<code>[\w/+-]{3,60})\] \[\d\]$`),
  },
  {
    why: "gcc, clang, javac, mypy, swift, shellcheck: file:12:5: error: message",
    pattern: new RegExp(
      String.raw`^(?:vet: )?${FILE}:(?<line>\d{1,7})(?::\d{1,7})?(?:-\d{1,7})?: ${SEVERITY}(?: ?[\[(]?(?<code>[A-Z]{1,6}\d{2,6})[\])]?)?[:\uff1a] ?(?<message>.*)`,
    ),
  },
  {
    why: "Maven's compiler: [ERROR] /path/File.java:[12,5] message, on Windows /D:/path",
    pattern:
      /^\[(?<severity>ERROR|WARNING)\] (?<file>(?:\/?[A-Za-z]:)?[^\s:][^:]{0,300}):\[(?<line>\d{1,7}),\d{1,7}\] (?:error: )?(?<message>.*)/,
  },
  {
    why: "flake8, pylint, pycodestyle, ruff: file:12:5: E501 message",
    pattern: new RegExp(
      String.raw`^${FILE}:(?<line>\d{1,7}):(?:\d{1,7}:)? \[?(?<code>[A-Z]{1,4}\d{3,4})\]?:?(?:\([\w-]{1,60}\),?)? (?:\[\*\] )?(?<message>.*)`,
    ),
  },
  {
    why: "ESLint --format unix: file:12:5: message [Error/rule]",
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: (?<message>.{1,400}) \[(?<severity>Error)/(?<code>[\w@/-]{1,80})\]`),
  },
  {
    why: "ESLint --format compact: file: line 12, col 5, Error - message (rule)",
    pattern: new RegExp(
      String.raw`^${FILE}: line (?<line>\d{1,7}), col \d{1,7}, (?<severity>Error) - (?<message>.{1,400}?)(?: \((?<code>[\w@/-]{1,80})\))?$`,
    ),
  },
  {
    why: "RuboCop, Credo: file.rb:12:5: C: [Correctable] Style/Name: message",
    pattern:
      /^(?<file>[^\s:]{1,300}\.(?:rb|exs?)):(?<line>\d{1,7}):\d{1,7}: (?<severity>)[CWEFR]: (?:\[Correctable\] )?(?<code>[A-Z]\w{1,40}\/\w{1,60}): (?<message>.*)/,
  },
  {
    why: "ecj: 1. ERROR in /path/File.java (at line 12)",
    pattern: /^\d{1,5}\. (?<severity>ERROR|WARNING) in (?<file>.{1,300}?) \(at line (?<line>\d{1,7})\)(?<message>)/,
  },
  {
    why: "CMake Error at CMakeLists.txt:12 (add_library): of a command, of which message() says nothing by its name; in CMakeLists.txt:",
    pattern:
      /^\s{0,4}CMake (?<severity>Error)(?: \(dev\))? (?:at (?<file>[^:]{1,300}):(?<line>\d{1,7}) \((?:message|(?<code>\w{1,60}))\)|in (?<file2>[^:]{1,300})):(?<message>.*)/,
  },
  {
    why: "esbuild, vite: file:12:5: ERROR: message",
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7}):\d{1,7}: (?<severity>ERROR): (?<message>.*)`),
  },
  {
    why: "pylint, which goes on without its configuration",
    fatal: true,
    pattern:
      /^Failed to load '(?<file>[^\s']{1,300}\.(?:toml|cfg|ini))': (?<severity>)(?<message>.+ \(at line (?<line>\d{1,7}), column \d{1,7}\))$/,
  },
  {
    why: "sh, of what only bash understands: bin/pack: 13: [[: not found",
    fatal: true,
    pattern:
      /^(?<file>[\w./+-]{1,200}): (?:line )?(?<line>\d{1,7}): (?<severity>)(?<message>(?:\[\[|function|source|local|declare|let|pushd|popd|shopt): not found|Syntax error: .*|Bad substitution)$/,
  },
  {
    why: "Prettier, of what it cannot read: [error] file: SyntaxError: message (12:5)",
    fatal: true,
    pattern: /^\[(?<severity>error)\] (?<file>\S{1,300}\.\w{1,6}): (?<message>\w{0,40}Error: .{1,300}) \((?<line>\d{1,7}):\d{1,7}\)$/,
  },
  {
    why: "shell: script.sh: line 12: message; dash and ash leave the word out",
    pattern:
      /^(?<file>[\w./+-]{1,200}(?=: line |\.(?:sh|bash|ksh): \d)(?:\.(?:sh|bash|ksh))?): (?:line )?(?<line>\d{1,7}): (?<message>(?!\s{0,8}\d{1,9} (?:Killed|Terminated|Aborted|Segmentation|Trace)).*)/,
    bare: /^/,
    whole: true,
  },
  {
    why: "tools without a place: LINK : fatal error LNK1181: message, MSBUILD : error MSB1009: message",
    pattern: /^(?:(?:[A-Za-z]:)?[\w.\\/() +-]{1,200}? ?: )?(?<severity>fatal error|error) (?<code>[A-Z]{1,6}\d{3,5}): (?<message>.*)/,
  },
  {
    why: "Go, vet and compilers that leave out the word: file.go:3:5: message",
    pattern: new RegExp(String.raw`^(?:vet: )?${FILE}:(?<line>\d{1,7})(?::\d{1,7})?: (?<message>.+)`),
    bare: /\.go$/,
  },
  {
    why: "style checkers of a project: file.c:8: message",
    pattern: new RegExp(String.raw`^${FILE}:(?<line>\d{1,7})(?::\d{1,7}){0,2}: (?<message>(?:[A-Za-z]|'\w).+)`),
    bare: /\.(?:c|h|cc|cpp|cxx|hpp|py|pyx|js|mjs|cjs|jsx|ts|tsx|java|kt|rs|rb|sh|cmake|txt|y|l|m|swift|cs|md|ya?ml|json|toml|proto|lua|pl|php)$/,
  },
];

/** Codes of MSBuild for a command that failed: what it printed says why. */
export const RELAYED = /^MSB(?:3073|3721|6006|8066)$/;
/** A report's head whose place follows. */
export const RUST = /^(?:error(?:\[(?<code>E\d{4}|[a-z][a-z-]{3,40})\])?|Error \((?<code2>\d{4})\)): (?<message>.+)/;
/** Ruff's full form, whose message may begin with a name, and esbuild's. */
export const CODE_FIRST =
  /^(?:(?<code>[A-Z]{1,4}\d{3,4}) (?:\[\*\] )?(?=['A-Z])|\[(?!(?:INFO|DEBUG|TRACE|NOTICE|WARN(?:ING)?)\])[A-Z][A-Z_]{3,40}\] |unformatted: |[\u2718\u2716X] \[(?:ERROR|error)\] |\s{0,4}[\u00d7x] (?:[a-z-]{2,40}\((?<code2>[\w-]{2,60})\): )?)(?<message>['A-Z].+)/;
/** The place that follows: `--> file:12:5`, `file:12:5:`, `,-[file:12:5]`. */
export const ARROW =
  /^\s{0,12}(?:--> (?<file>[^:]{1,300}):(?<line>\d{1,7})|(?<file2>[^\s:]{1,300}\.\w{1,6}):(?<line2>\d{1,7})(?=:\d{1,7}:$)|[,\u256d][-\u2500]{1,4}\[ ?(?<file3>[^\s:\]][^:\]]{0,299}):(?<line3>\d{1,7}))/;
/** A line that is a place in Fortran, whose message gfortran puts below the source, and its library below that line. */
export const FORTRAN_HEADING =
  /^(?:(?<file>(?:[A-Za-z]:)?[^\s:]{1,300}\.(?:[fF]\d{0,2}|for|FOR|ftn|fpp|FPP)):(?<line>\d{1,7}):\d{1,7}:|At line (?<line2>\d{1,7}) of file (?<file2>\S{1,300}))$/;
/** Where a warning of Elixir's stands, below its text. */
export const CORNER = /^\s{1,12}(?:\u2514\u2500 )?(?<file>[^\s:]{1,300}\.exs?):(?<line>\d{1,7})(?::\d{1,7})?(?::|$)/;
/** Said when warnings are the reason to fail. */
export const WARNINGS_FAIL =
  /^(?:Compilation failed due to warnings while using the --warnings-as-errors option|(?:e(?:rror)?: |\[ERROR\] (?:\S{1,300}: )?)?warnings found and -(?:Werror|failOnWarning) specified|ESLint found too many warnings \(maximum: \d{1,6}\)\.|(?:error: )?warnings treated as errors|build finished with problems, \d{1,6} warnings? \(with warnings treated as errors\)\.|Aborted with \d{1,6} warnings? in strict mode!)$/;
