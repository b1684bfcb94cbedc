/**
 * How test runners name what failed.
 *
 * Longer than 250 lines, as it is one ordered table: where two runners' forms overlap, the first row speaks.
 *
 * @module
 */

/** One line of a runner's report. Groups: `test`, `suite`, `file`, `line`, `message`; `whole` where a test may be a
 * program with tests of its own; `scope` for the class whose file holds `line`. */
export type TestRule = {
  readonly why: string;
  /**
   * What the line is: `open` begins the report of a failure, `name` names the one that was just reported or one in a
   * summary, `suite` sets the suite of the tests that follow, `running` says which test would crash now,
   * `done` that it did not.
   */
  readonly role: "open" | "name" | "suite" | "running" | "done";
  readonly pattern: RegExp;
  /** The runner prints source lines beside its message: only an exception speaks. */
  readonly quotes?: boolean;
  /** The line does not name the test: it is the one that runs. */
  readonly running?: boolean;
  /** It is said when the test starts, and when it has ended. */
  readonly starts?: true;
  /** The place is where the next test begins. */
  readonly ahead?: true;
  /** All tests that failed follow. */
  readonly lists?: true;
  /** Its output follows, up to the next test's end. */
  readonly prints?: true;
  /** The report above, which looks like a compiler's, is this test's. */
  readonly ends?: boolean;
  /** The name goes on, a line and an indentation for each suite within a suite. */
  readonly nested?: boolean;
};

const FILE = String.raw`(?<file>(?:[A-Za-z]:)?[^\s:'"()<>|][^:'"()<>|]{0,300}?)`;

/** Tried in order. */
export const TESTS: readonly TestRule[] = [
  { why: "GoogleTest", role: "running", starts: true, pattern: /^\[ RUN {2,6}\] (?<test>\S{1,300})(?=$|, )/ },
  { why: "GoogleTest: survived", role: "done", pattern: /^\[ {7}OK \] (?<test>\S{1,300})/ },
  { why: "Go -v", role: "running", starts: true, pattern: /^=== (?:RUN|CONT|NAME) {1,4}(?<test>\S{1,300})/ },
  { why: "Go: survived", role: "done", pattern: /^\s{0,16}--- (?:PASS|SKIP): (?<test>\S{1,300})|^(?:ok {2}|PASS$)/ },
  {
    why: "GoogleTest: where",
    role: "open",
    pattern: new RegExp(
      String.raw`^${FILE}[:(](?<line>\d{1,7})\)?: (?:Failure|error: (?=Expected|Value of|The difference|Failed|Death test))(?<message>.*)`,
    ),
  },
  {
    why: "GoogleTest: an exception, or Windows' structured one",
    role: "open",
    pattern: /^unknown file: (?:Failure|error: (?=SEH|C\+\+ exception))(?<message>.*)/,
  },
  { why: "GoogleTest: which", role: "name", pattern: /^\[ {1,4}FAILED {1,4}\] (?<test>[^\s,(]{1,300}\.[^\s,(]{1,300})/ },
  { why: "cmocka", role: "name", pattern: /^\[ {2}FAILED {2}\] (?<test>[A-Za-z_]\w{0,200})$/ },

  { why: "Catch2", role: "open", pattern: new RegExp(String.raw`^${FILE}[:(](?<line>\d{1,7})\)?: FAILED:(?<message>.*)`) },
  {
    why: "doctest",
    role: "open",
    pattern: new RegExp(
      String.raw`^${FILE}[:(](?<line>\d{1,7})\)?: (?:FATAL )?ERROR: (?<message>(?:CHECK|REQUIRE|WARN|test case|.{0,40}is NOT).*)`,
    ),
  },
  { why: "doctest: which", role: "suite", pattern: /^TEST CASE: {1,4}(?<test>.{1,300})/ },
  {
    why: "Boost.Test",
    role: "open",
    pattern: new RegExp(String.raw`^${FILE}\((?<line>\d{1,7})\): (?:fatal )?error: in '(?<test>[^']{1,300})': (?<message>.*)`),
  },
  { why: "Qt Test", role: "open", pattern: /^(?:FAIL!|XPASS) {1,4}: (?<test>[\w:]{1,200}\(.{0,200}?\))(?: (?<message>.*))?$/ },
  { why: "Qt Test: where", role: "suite", pattern: /^ {3}Loc: \[(?<file>[^\]()]{1,300})\((?<line>\d{1,7})\)\]$/ },
  {
    why: "CTest: one test's end",
    role: "name",
    prints: true,
    pattern:
      /^\s{0,6}\d{1,5}\/\d{1,5} Test\s{1,6}#\d{1,5}: (?<whole>.{1,200}?) \.{2,}\s{0,6}(?:\*{3}|(?=Exit code 0x))(?<message>\S.{0,60})/,
  },
  {
    why: "CTest: the list of failures",
    role: "name",
    pattern:
      /^\s{1,8}\d{1,5} - (?<whole>\S{1,200}) \((?<message>Failed|SEGFAULT|Timeout|Not Run|Subprocess aborted|ILLEGAL|NUMERICAL|OTHER_FAULT|BUS_ERROR|Exit code 0x[0-9a-f]{1,16}$|Exit code.{1,40})(?:\)|$)/,
  },
  {
    why: "meson test",
    role: "name",
    pattern:
      /^\s{0,4}\d{1,5}\/\d{1,5} (?<whole>.{1,200}?)\s{1,80}(?<message>(?:FAIL|TIMEOUT|ERROR|UNEXPECTEDPASS)\s{1,40}\d{1,6}\.\d{1,4} ?s(?:\s{1,8}(?!exit status \d{1,3}$).{1,80})?)/,
  },
  {
    why: "automake",
    role: "name",
    pattern:
      /^(?:FAIL|ERROR): (?<whole>[\w./+-]{0,200}(?:\.test|\.sh|\.t|\.py|\d|-test|_test|test_\w{1,80}))(?: \(exit status: \d{1,3}\))?$/,
  },

  { why: "pg_regress", role: "open", pattern: /^not ok \d{1,6}\s{1,8}[+-] {1,8}(?<test>\S{1,200}) {1,60}\d{1,9} ms$/ },
  {
    why: "tape: an assertion without a name of its own says nothing of the test",
    role: "open",
    pattern:
      /^not ok \d{1,6} (?<message>should (?:not )?be (?:deeply |strictly |loosely )?(?:equivalent|equal|truthy|falsy)|should (?:not )?throw|plan != count)$/,
  },
  {
    why: "TAP",
    role: "open",
    pattern: /^\s{0,12}not ok \d{1,6}(?: - |\s{1,4}- | )(?!iteration \d)(?<test>.{1,300}?)(?: # time=.{1,40})?$/,
  },
  { why: "Test::More", role: "open", pattern: /^\s{0,8}#\s{1,4}Failed test '(?<test>.{1,300}?)'$/ },
  { why: "Test::More: where", role: "suite", pattern: /^\s{0,8}#\s{1,4}at (?<file>\S{1,300}) line (?<line>\d{1,7})\.?$/ },
  {
    why: "prove: summary, of a file that died without a failed test too",
    role: "name",
    pattern: /^(?<whole>\S{1,200})\s{1,80}\((?<message>Wstat: \d{1,6}.{0,40} Tests: \d{1,6} Failed: \d{1,6})\)$/,
  },
  { why: "prove", role: "name", pattern: /^(?<suite>\S{1,200}\.t) \.{2,}.{0,40}(?:Failed|Dubious)/ },

  {
    why: "pytest: the head of one failure",
    role: "open",
    quotes: true,
    pattern: /^_{4,80} (?:ERROR (?:collecting|at setup of|at teardown of) )?(?<test>(?!summary _)\S.{0,300}?) _{4,80}$/,
  },
  {
    why: "pytest: summary",
    role: "name",
    pattern: /^(?:FAILED|ERROR) (?:\[[\d.]{1,12}s\] )?(?<test>\S{1,300}\.py(?:::.{1,300}?)?)(?: - (?<message>.*))?$/,
  },
  {
    why: "pytest -v",
    role: "name",
    pattern:
      /^(?:\[gw\d{1,3}\] \[ {0,4}\d{1,3}%\] )?(?:FAILED|ERROR) (?<test>\S{1,200}\.py::\S{1,300})|^(?<test2>\S{1,200}\.py::\S{1,300}(?: .{0,80})?) (?:FAILED|ERROR)(?: \[[\d.]{1,12}s\])?(?:\s{1,80}\[ {0,4}\d{1,3}%\])?$/,
  },
  { why: "pytest-xdist: a worker died", role: "name", pattern: /worker '?gw\d{1,3}'? crashed while running '(?<test>[^']{1,300})'/ },
  {
    why: "unittest",
    role: "open",
    quotes: true,
    pattern: /^(?:FAIL|ERROR)(?: \[[\d.]{1,12}s\])?: (?<test>\w{1,200} \([\w.<>]{1,300}\)(?: .{0,160})?)$/,
  },
  {
    why: "unittest: a module that cannot be imported",
    role: "open",
    quotes: true,
    pattern: /^(?:FAIL|ERROR): (?<test>[\w.]{1,300}) \(unittest\.loader\._FailedTest.{0,300}\)$/,
  },

  { why: "pre-commit: a hook", role: "open", pattern: /^(?<test>\w.{0,78}?)\.{8,80}(?:\(.{1,40}\))?Failed$/ },
  {
    why: "Vitest's and Jest's annotation: ::error file=a.test.ts,title=a.test.ts > suite > name,line=12,column=5::message%0Amore",
    role: "open",
    pattern:
      /^::error file=(?<file>[^,:]{1,300}),(?:line=(?<line>\d{1,7}),)?title=(?:\S{1,200}\.[cm]?[jt]sx? > )?(?<test>[^,]{1,300}? [>\u203a] [^,]{1,300}?)(?:,line=(?<line2>\d{1,7}))?(?:,col(?:umn)?=\d{1,7})?::(?<message>(?:(?!%0A).){1,400})/,
  },
  {
    why: "AVA: its titles and errors stand below",
    role: "open",
    quotes: true,
    pattern:
      /^\s{2}\u2718 \[fail\]: (?<test>.{1,300}?)(?: (?:Error thrown in test|Rejected promise returned by test|Promise returned by test never resolved|Test finished without running any assertions|Improper usage of .{1,80}))?$/,
  },
  { why: "AVA: a test that waits still", role: "name", pattern: /^ {2}\u25cc (?<test>.{1,300})$/ },
  { why: "shunit2: which test", role: "running", pattern: /^(?<test>test[A-Z]\w{1,120})$/ },
  { why: "shunit2", role: "open", running: true, pattern: /^ASSERT:(?<message>.{1,400})$/ },
  { why: "uvu", role: "open", pattern: /^ {3}FAIL {2}'(?<test>.{1,300})'$/ },
  { why: "doctest", role: "open", pattern: /^File '(?<file>[^']{1,300})', line (?<line>\d{1,7}), in (?<test>[\w.]{1,200})$/ },
  {
    why: "pytest -v: begun, and not ended in the same line",
    role: "running",
    starts: true,
    pattern: /^(?<test>\S{1,200}\.py::\S{1,300}) ?$/,
  },
  { why: "node:test: a suite begins", role: "done", pattern: /^\s{0,8}\u25b6 / },
  { why: "node --test, spec reporter: all that failed, and no suite", role: "done", lists: true, pattern: /^\u2716 failing tests:$/ },
  { why: "Jest: what a file's tests printed", role: "done", pattern: /^\s{0,4}\u25cf Console$/ },
  { why: "Jest: a file that could not run", role: "open", pattern: /^\s{0,4}\u25cf (?<suite>Test suite failed to run)$/ },
  { why: "Jest", role: "open", pattern: /^\s{0,4}\u25cf (?<test>.{1,300}? \u203a .{1,300}|[^\u203a]{1,300})$/ },
  {
    why: "Vitest",
    role: "open",
    pattern: /^\s{0,4}(?:FAIL|\u276f FAIL) {1,4}(?<suite>\S{1,200}\.(?:[cm]?[jt]sx?|spec|test)) (?:> (?<test>.{1,300})|\[ \S{1,200} \])$/,
  },
  { why: "Jest, Vitest: which file", role: "suite", pattern: /^\s{0,4}FAIL {1,4}(?<suite>\S{1,200}\.[cm]?[jt]sx?)(?: \(.{1,40}\))?$/ },
  {
    why: "node --test, spec reporter: where",
    role: "suite",
    ahead: true,
    pattern: /^test at (?<file>\S{1,300}):(?<line>\d{1,7}):\d{1,7}$/,
  },
  {
    why: "node --test, spec reporter",
    role: "open",
    pattern: /^\s{0,12}\u2716 (?<test>(?!failing tests| ).{1,300}?) \(\d{1,9}(?:\.\d{1,9})?ms\)$/,
  },
  {
    why: "Playwright; where the test begins is not where it fails",
    role: "open",
    pattern: /^ {2}\d{1,5}\) (?:\[\w{1,40}\] \u203a )?[^\s:]{1,200}:\d{1,7}:\d{1,7} \u203a (?<test>.{1,300}?)(?: [\u2500=]{2,200})?$/,
  },
  { why: "ExUnit", role: "open", pattern: /^ {2}\d{1,5}\) (?<test>test .{1,300} \([\w.]{1,200}\))$/ },
  { why: "Mocha, RSpec", role: "open", nested: true, pattern: /^ {2}\d{1,5}\) (?!(?:Failure|Error|Skipped):$)(?<test>\S.{0,300}?):?$/ },

  {
    why: "JUnit 4's text runner, ecj's neighbours",
    role: "open",
    pattern: /^\d{1,5}\) (?<test>[\w$]{1,160}(?:\[.{0,80}\])?\([\w.$]{1,300}\))$/,
  },
  {
    why: "JUnit's console launcher, flat",
    role: "running",
    pattern: /^Started: {1,8}.{1,200}? \(\[engine:.{0,200}?\[class:(?<test>[\w.$]{1,200}\]\/\[method:[\w$]{1,160})\(/,
  },
  {
    why: "JUnit's console launcher, flat: it failed",
    role: "open",
    running: true,
    pattern: /^\s{4,24}=> Exception: (?<message>.*)$/,
  },
  { why: "JUnit's console launcher", role: "open", pattern: /^\s{2,8}JUnit (?:Vintage|Jupiter):(?<test>\S{1,300})$/ },
  {
    why: "Surefire",
    role: "open",
    pattern:
      /^(?:\[ERROR\] {1,4})?(?<test>[\w.$]{1,300}(?:\[.{0,80}\])?(?:\([\w.$, ]{0,300}\))?) {1,4}(?:-- )?Time elapsed: .{1,40} <<< (?:FAILURE|ERROR)!/,
  },
  {
    why: "Surefire's summary",
    role: "name",
    pattern:
      /^\[ERROR\] {2,6}(?<test>(?<scope>[A-Z][\w$]{0,160})\.[\w$]{1,160})(?:\[.{0,80}\])?:(?<line>\d{1,7})(?:->.{1,200}:\d{1,7})? ?(?<message>.*)$/,
  },
  {
    why: "JUnit's console launcher, in detail",
    role: "running",
    pattern:
      /^uniqueId: \[engine:.{0,200}?(?:\[class:(?<test>[\w.$]{1,200}\]\/\[method:[\w$]{1,160})\(|\[test:(?<test2>\w{1,160}\([\w.$]{1,200}\))\])/,
  },
  { why: "JUnit's console launcher, in detail: it failed", role: "open", running: true, pattern: /^caught: (?<message>.{1,400})$/ },
  { why: "ant: which class", role: "suite", pattern: /^Testsuite: (?<suite>[\w.$]{1,300})$/ },
  { why: "ant: which test", role: "running", pattern: /^Testcase: (?<test>\S{1,200}) took / },
  { why: "ant: it failed", role: "open", running: true, pattern: /^\s{0,8}(?:FAILED|Caused an ERROR)$/ },
  { why: "Gradle", role: "open", pattern: /^(?<test>[\w.$]{1,200} > .{1,300}) FAILED$/ },
  { why: "TestNG", role: "name", pattern: /^FAILED: (?<test>[\w.]{1,300}\.(?!exe$|o$|obj$|a$|dll$)\w{1,200})(?:\(.{0,200}\))?$/ },

  { why: "cargo: one test's output", role: "open", pattern: /^---- (?<test>\S.{0,300}?) stdout ----$/ },
  { why: "cargo: one test's end", role: "name", pattern: /^test (?<test>\S.{0,300}?)(?: - should panic)? \.\.\. FAILED$/ },
  { why: "Go", role: "open", pattern: /^\s{0,16}--- FAIL: (?<test>\S{1,300})(?: \(\d.{0,20}\))?$/ },
  { why: "gotestsum", role: "open", pattern: /^=== FAIL: \S{1,200} (?<test>\S{1,300}) \(\d.{0,20}\)$/ },
  {
    why: "cargo nextest",
    role: "name",
    pattern: /^\s{1,12}(?:FAIL|TIMEOUT|SIGSEGV|SIGABRT) \[.{1,20}\] {1,4}\S{1,120} (?<test>\S{1,300})$/,
  },
  { why: "Bazel", role: "name", pattern: /^(?:FAIL|TIMEOUT): (?<whole>\/\/\S{1,200}) \(/ },
  { why: "Bazel: summary", role: "name", pattern: /^(?<whole>\/\/\S{1,200})\s{2,160}(?<message>(?:FAILED|TIMEOUT) in .{1,60})$/ },
  { why: "Go: which package", role: "suite", pattern: /^FAIL\t(?<suite>\S{1,300})(?:\s|$)/ },
  { why: "RSpec", role: "name", pattern: /^rspec (?<suite>\S{1,200}:\d{1,7}) # (?<test>.{1,300})$/ },
  { why: "minitest -v", role: "name", pattern: /^(?<test>[\w:]{1,200}#test_\S{0,160}) = [\d.]{1,12} s = [EF]$/ },
  {
    why: "minitest: a failed assertion",
    role: "open",
    pattern: /^(?<test>[\w:]{1,200}#test_.{1,160}) \[(?<file>[^\]:]{1,300}):(?<line>\d{1,7})\]:?$/,
  },
  { why: "minitest", role: "open", pattern: /^(?<test>[\w:]{1,200}#test_[^[\]:=]{1,160}):?$/ },
  { why: "LLVM's lit", role: "open", pattern: /^\*{8,40} TEST '(?<test>[^']{1,300})' FAILED \*{8,40}$/ },
  {
    why: "LLVM's lit: progress",
    role: "name",
    pattern: /^(?:FAIL|XPASS|TIMEOUT|UNRESOLVED): (?<test>\S{1,80} :: \S{1,300}) \(\d{1,7} of \d{1,7}\)$/,
  },
  {
    why: "DejaGnu",
    role: "name",
    pattern: /^(?:FAIL|UNRESOLVED): (?!\S{1,300}?:\d{1,7}:)(?<test>[\w.+-]{1,60}\/\S{1,200}.{0,200})$/,
  },
  {
    why: "Mozilla",
    role: "name",
    pattern:
      /^(?:REFTEST )?(?:TEST-UNEXPECTED-(?:FAIL|ERROR|TIMEOUT|PASS|CRASH)|PROCESS-CRASH) \| (?<test>[^|]{1,300}?) \| (?<message>.*)$/,
  },
  { why: "Node's own runner", role: "open", pattern: /^=== (?:release|debug) (?<test>\S{1,200}) ===$/ },
  { why: "regrtest", role: "name", pattern: /^test (?<suite>test_\w{1,120}) (?:failed|crashed)(?: -- .{0,400})?$/ },
  {
    why: "ScalaTest, specs2",
    role: "open",
    pattern: /^(?:\[(?:info|error)\] )?\s{0,12}- (?<test>.{1,300}?) \*\*\* FAILED \*\*\*(?: \(.{1,40}\))?$/,
  },
  { why: "Karma", role: "open", pattern: /^\S{2,40}(?: Headless)? [\d.]{1,20} \([^)]{1,60}\) (?<test>.{1,300}?) FAILED$/ },
  {
    why: "XCTest, on macOS with brackets",
    role: "open",
    pattern:
      /^(?<file>\S{1,300}\.(?:swift|mm?)):(?<line>\d{1,7}): error: (?:-\[(?<test>[^\]]{1,200})\]|(?<test2>\w{1,160}\.test\w{0,160})) : (?<message>.*)$/,
  },
  {
    why: "Swift Testing, whose mark differs by system",
    role: "open",
    pattern:
      /^\S{1,2} {1,2}Test (?<test>.{1,300}?) recorded an issue at (?<file>[^\s:]{1,300}\.swift):(?<line>\d{1,7}):\d{1,7}: (?<message>.*)$/,
  },
  {
    why: "testthat, in R",
    role: "open",
    pattern:
      /^\s{0,4}(?:\u2500\u2500|--) (?:\d{1,5}\. )?(?:Failure|Error) \('?(?<file>[^':()]{1,200}):(?<line>\d{1,7})(?::\d{1,7})?'?\): (?<test>.{1,300}?)[ \u2500-]{0,200}$/,
  },
  {
    why: "Julia",
    role: "open",
    pattern: /^(?<test>\S.{0,200}?): (?:Test Failed|Error During Test) at (?<file>[^:]{1,300}\.jl):(?<line>\d{1,7})$/,
  },
  { why: "Bun: after the report", role: "name", ends: true, pattern: /^\(fail\) (?<test>.{1,300}?)(?: \[\d{1,9}(?:\.\d{1,9})?m?s\])?$/ },
  { why: "Deno", role: "open", pattern: /^(?<test>\S.{0,200}?) => \.{0,2}\/?[^\s:]{1,300}\.[cm]?[jt]sx?:\d{1,7}:\d{1,7}$/ },
  { why: "Pest", role: "open", pattern: /^\s{2,4}FAILED {1,4}(?<test>\S{1,200} > .{1,300}?)(?: {2,80}\S{0,80})?$/ },
  { why: "Pest: which class", role: "suite", pattern: /^\s{2,4}FAIL {1,4}(?<suite>[A-Z]\w{0,80}(?:\\\w{1,80}){1,10})$/ },
  { why: "Zig", role: "open", pattern: /^error: '(?<test>[^']{1,300})' failed:(?: (?<message>.*))?$/ },
  {
    why: "Zig: the process died",
    role: "name",
    pattern:
      /^error: while executing test '(?<test>[^']{1,300})', the following (?:test )?command (?<message>(?:terminated|crashed)[^:]{0,80}):?$/,
  },
  { why: "curl's runtests", role: "open", pattern: /^ (?<test>\d{1,5}): (?<message>(?:[a-z]{2,20} ){1,3}FAILED)[!:]?$/ },
  { why: "curl's runtests: summary", role: "name", pattern: /^TESTFAIL: These test cases failed: (?<test>\d{1,5})\b/ },
  {
    why: "KUnit",
    role: "open",
    pattern: /^\s{0,12}(?:# )?(?<test>\w{1,120}): (?:EXPECTATION|ASSERTION) FAILED at (?<file>[^\s:]{1,300}):(?<line>\d{1,7})$/,
  },
  { why: "vtest", role: "name", pattern: /^[#*]{1,4} {1,8}top {1,4}TEST (?<test>\S{1,200}\.vtc) (?:FAILED|TIMED OUT)/ },
  {
    why: "MariaDB's and MySQL's mtr",
    role: "open",
    pattern: /^(?<test>[\w-]{1,80}\.[\w-]{1,120})(?: '[^']{1,60}')? {1,60}(?:w\d{1,3} )?\[ (?:retry-)?fail \]/,
  },
  { why: "Common Test", role: "open", pattern: /^%%% (?<suite>\w{1,120}) ==> (?:[\w.]{1,120}\.)?(?<test>\w{1,120}): FAILED$/ },
  { why: "Redis's and Valkey's", role: "open", pattern: /^(?:\*{3} )?\[err\]: (?<test>.{1,300}?) in \S{1,200}\.tcl$/ },
  { why: "SQLite's testfixture", role: "open", pattern: /^! (?<test>[\w.-]{1,120}) (?<message>expected: .*)$/ },
  { why: "SQLite's testfixture: summary", role: "name", pattern: /^!Failures on these tests: (?<test>[\w.-]{1,120})/ },
  {
    why: "TeamCity's messages: PHPUnit, pytest, .NET",
    role: "open",
    pattern:
      /^##teamcity\[testFailed name='(?<test>.{1,300}?)' message='(?<message>.{0,400}?)'? (?:details='\s{0,4}(?:.{0,120}? )??(?<file>[^\s:|']{1,300}):(?<line>\d{1,7})\|n|details='|duration='|type=')/,
  },
  {
    why: "OUnit",
    role: "open",
    pattern: /^(?:Error|Failure): (?<test>[\w-]{1,80}(?::\d{1,5}:[\w -]{1,120}){1,6})(?: \(in the log\))?\.$/,
  },
  {
    why: "Alcotest",
    role: "open",
    pattern: /^(?:> |\u2502 )?\[FAIL\]\s{1,40}(?<test>\S{1,80}\s{1,40}\d{1,5}\s{1,20}\S.{0,160}?)\.?(?:\s{0,80}\u2502)?$/,
  },
  { why: "PHPUnit", role: "open", pattern: /^\d{1,5}\) (?<test>[\w\\]{1,300}::\w{1,200}.{0,160})$/ },
  {
    why: "Dart, Flutter: 00:15 +3 -1: test/a_test.dart: name [E]",
    role: "open",
    pattern: /^\d{1,3}:\d\d \+\d{1,6}(?: ~\d{1,6})? -\d{1,6}: (?:(?:\.{0,2}\/)?[\w./\\-]{1,200}\.dart: )?(?<test>.{1,300}?) \[E\]$/,
  },
  { why: "Flutter: its test is named below", role: "open", pattern: /^The following \S{1,80}(?: object)? was thrown running a test:$/ },
  {
    why: "libcheck: file:12:F:case:test:0: message",
    role: "open",
    pattern: /^\s{0,8}(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):[FES]:(?<suite>[^:]{1,120}):(?<test>[^:]{1,120}):\d{1,7}: (?<message>.*)$/,
  },
  {
    why: "Microsoft.Testing.Platform",
    role: "open",
    pattern: /^\s{0,4}failed (?<test>[\w.+]{3,300}(?: ?\(.{0,160}\))?) \((?:\d{1,4}(?:ms|s|m|h|d) ?){1,4}\)$/,
  },
  {
    why: ".NET",
    role: "open",
    pattern:
      /^\s{0,4}(?:Failed |\u2717 )(?<test>[\w.]{3,300}(?:\(.{0,160}\))?) \[(?:<|\d).{1,20}\]$|^\s{0,4}(?<test2>[\w.]{3,300}(?:\(.{0,160}\))?) \[FAIL\]$/,
  },
  { why: "Jasmine: which test, and any numbered list", role: "running", pattern: /^\d{1,5}\) (?<test>[A-Za-z@]\S{0,200} .{1,299})$/ },
  { why: "Jasmine: it failed", role: "open", running: true, pattern: /^ {2}Message:$/ },
];
