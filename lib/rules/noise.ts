/**
 * Lines that say nothing of why: what passed, what was run, what only counts or wraps.
 *
 * @module
 */

/** Never evidence: passing tests, echoed commands, progress, advice. */
export const IGNORED: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  // Configuration asks what there is: "no" is an answer, and what is required is said again as an error.
  {
    why: "CMake's questions",
    pattern: /^-- (?:Looking (?:for|if) |Performing Test |Check(?:ing)? (?:for|if|whether|size) |Could NOT find |Detecting )/,
  },
  { why: "autoconf's questions", pattern: /^checking (?:for|whether|if|how|size of) .{1,300}\.\.\. / },
  {
    why: "passing tests, in capitals: 'Pass the --config flag' and 'the deadline passed' are sentences",
    pattern: /^(?:\s{0,8}(?:PASS\b|PASSED\b|--- PASS)|\S{1,300} PASSED(?:\s|$))/,
  },
  { why: ".NET: a passing test, with its time", pattern: /^\s{0,8}[Pp]assed \S.{0,300} [([](?:< ?)?\d[^()[\]]{0,20}[)\]]$/ },
  {
    why: "passing tests",
    pattern:
      /^(?:\s{0,8}(?:ok \d|\u2713|\u2714|\u221a|\[ {2,8}OK \]|\[ RUN {2,6}\]|\[-{8,12}\]|# Subtest: )|test .{1,200} \.\.\. ignored$|\s{0,8}\d{1,5}\/\d{1,5} Test\s{1,4}#\d{1,5}: .{1,200}Passed|\s{0,4}not ok .{0,300}# (?:TODO|SKIP))/i,
  },
  { why: "unittest, cargo: a passing test, said at the end", pattern: / \.\.\. (?:ok|skipped.{0,80})$/i },
  {
    why: "KUnit, MariaDB's mtr, Zstandard: a passing test; cppcheck: what it looked with; Valgrind: its name",
    pattern:
      /^(?:\[(?:PASSED|SKIPPED)\] |[\w-]{1,80}\.[\w-]{1,120}(?: '[^']{1,60}')? {1,60}(?:w\d{1,3} )?\[ (?:pass|skipped|disabled) \]|nofile:0:0: information: |test ?\d{1,6} {0,4}: .{1,200} : OK$|(?:==\d{1,9}== )?Memcheck, a memory error detector$)/,
  },
  { why: "minitest -v: a passing test", pattern: /^[\w:]{1,200}#test_\S{0,160} = [\d.]{1,12} s = [.S]$/ },
  { why: "luacheck: a clean file", pattern: /^Checking \S{1,300}\s{1,80}OK$/ },
  {
    why: "Go: which signal became the panic above; an event of -json without a word",
    pattern: /^\[signal SIG\w{2,8}: |^\{'(?:Time':'[^']{1,40}','Action|Action)':'[a-z]{1,12}','Package':/,
  },
  {
    why: "Playwright: where it keeps what it saw; Android: what it packages as it is",
    pattern: /^(?:\s{0,8}Error Context: |Unable to strip the following libraries)/,
  },
  { why: "Gradle: a passing test", pattern: /^[\w.$]{1,200} > .{1,300} (?:PASSED|SKIPPED)$/ },
  {
    why: "a count of nothing, unless another counts something",
    pattern:
      /\b0 (?:failed|failures?|errors?)\b(?!.{0,200}(?:\b[1-9]\d{0,8} (?:failed|failures?|errors?)\b|[Ee]rror:))(?<!(?:\b[1-9]\d{0,8} (?:failed|failures?|errors?)\b|[Ee]rror:).{0,200})/,
  },
  {
    why: "a database server's own log: its clients' errors, which tests provoke",
    pattern: /^[A-Z]{3,4} (?:[a-z ]{3,40})?\[\d{1,9}\] .{0,120}?(?:ERROR|FATAL|WARNING|LOG|DETAIL|HINT|STATEMENT|CONTEXT): {2}/,
  },
  { why: "Bundler: what it installs", pattern: /^(?:Using|Fetching|Installing) [\w.-]{1,80} \d[\w.-]{0,40}(?: |$)/ },
  {
    why: "echoed commands",
    pattern:
      /^(?:\+{1,4} |\$ |#!\/\S{0,20}bin\/|\^{3} \+{3}$|> \S{1,80}@\d|##\[(?:group|endgroup|section|command|debug|warning|notice)\]|::(?:group|endgroup|debug|warning|notice)|\[command\]|\[Pipeline\]|section_(?:start|end):|~~~ |--- :|Step \d{1,3}\/\d{1,3} :|=+ Starting Command|travis_(?:fold|time))/,
  },
  {
    why: "compiler and archiver command lines",
    pattern:
      /^(?:\[\s{0,4}\d{1,6}[%/]\s?\d{0,6}\] )?\S{0,200}(?:cc|c\+\+|clang|g\+\+|gcc|cl\.exe|ar|ld|rustc|javac|nvcc|cc1plus|ccache|tsc|cmake|collect2)(?:-\d{1,2})?(?:\.exe|-posix|-win32)? .{0,4000}(?:\s-[co]\s|\s\/Fo|\srcs?\s|\s-E\s|\s--crate-name\s)/,
  },
  {
    why: "make's and ninja's progress",
    pattern:
      /^(?:make|gmake)(?:\[\d{1,3}\])?: (?:Entering|Leaving) directory|^\[\s{0,4}\d{1,6}[%/]\s?\d{0,6}\] (?:Building|Linking|Generating|Compiling|Built)/,
  },
  {
    why: "git's advice and fetches",
    pattern:
      /^(?:HEAD is now at |Note: switching|From \S|\s\* \[new|Receiving objects|Resolving deltas|remote: (?:Enumerating|Counting|Compressing)|Get:\d|Hit:\d|Unpacking |Selecting |Preparing to unpack|Setting up |\(Reading database)/,
  },
  {
    why: "pip, npm, cargo, Sphinx: progress, unless the line goes on to say that it failed; a file may be called so",
    pattern:
      /^\s{0,8}(?:npm (?:warn|WARN|notice|http) (?!.{0,60}ENOSPC)|(?:(?:Compiling|Checking|Downloaded) \S{1,120} v\d|Downloading |Collecting |Requirement already|Using cached|Installing collected|Successfully |copying |creating |adding |writing )(?!.{0,1000}?(?:\b(?:[Ee]rror|ERROR|[Ff]atal|FATAL)(?::| \d)|\b(?:failed|FAILED)(?![\w/-]|\.\w))))/,
  },
  {
    why: "Maven's advice",
    pattern:
      /^(?:\[ERROR\] )?(?:To see the full stack trace of the errors, re-run Maven|Re-run Maven using the -X|For more information about the errors and possible solutions|After correcting the problems, you can resume)/,
  },
  { why: "a source line beside a diagnostic", pattern: /^\s{0,8}\d{1,6} \|(?: (?!ERROR |WARNING )|$)/ },
  { why: "ScalaTest under sbt: a passing test, whatever its name", pattern: /^\[info\] {1,12}- (?:(?!\*{3} ).){1,300}$/ },
  { why: "libcheck: a passing test", pattern: /^\s{0,8}\S{1,300}:\d{1,7}:P:.{0,300}: Passed$/ },
  { why: "Perl: a module was being read when it died", pattern: /^BEGIN failed--compilation aborted/ },
  { why: "Maven: what runs next", pattern: /^\[INFO\] Running [\w.$]{1,300}$/ },
  {
    why: "what the runner tidies up at the end",
    pattern:
      /^(?:Temporarily overriding HOME=|Adding repository directory to the temporary git|git version \d|Post job cleanup|Cleaning up orphan processes|Terminate orphan process|Stop and remove container|Remove container network)/,
  },
  { why: "checkout: a header that it takes back", pattern: /^http\.https?:\/\/\S{1,300}\.extraheader$/ },
  { why: "checkout: a condition that it takes back", pattern: /^includeif\.gitdir:\S{1,300}\.path$/ },
  { why: "cache: none was there", pattern: /^Cache not found for (?:input )?keys?: / },
  { why: "set-up actions: no cache was there", pattern: /^\w{1,20} cache is not found$/ },
  {
    why: "Zig: what the test wrote is reported above",
    pattern:
      /^error: (?:while executing test '.{1,300}', the following (?:test )?command failed|the following build command failed with exit code \d{1,3}):$/,
  },
  { why: "a step's environment, as GitHub's runner lists it", pattern: /^ {2}[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,80}: / },
  {
    why: "deprecation and other warnings",
    pattern:
      /^\s{0,8}(?:warning|note|[A-Z]\w{2,40}Warning): (?!treat|.{0,40}warning is treated|.{0,20}errors? as)|^ImportError: Failed to import test module|^(?:E\s{1,8})?ImportError while importing test module/,
  },
];

/** Says that something failed, never what: no evidence of a cause, at most the name of a step. */
export const WRAPPERS: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  {
    why: "runners",
    pattern:
      /^(?:##\[error\]|::error[^:]{0,200}::|Error: |ERROR: |Exception: |#\d{1,4} ERROR: |Warning: |\ud83d\udea8 Error: |The )?(?:exit status \d{1,3}$|Process completed with exit code|[\w./-]{1,80} exited with (?:exit )?(?:code|status):? \d{1,5}$|Bash exited with code|(?:The )?[Pp]rocess '.{1,300}' failed with exit code|Cmd\.exe exited|PowerShell exited|Job failed(?: \(system failure\))?: exit|script returned exit code|Exited with code(?: exit status)?|The command exited with status|The command '.{0,300}' exited with|The command \S{1,200} returned a non-zero|user command error|Done\. Your build exited with|(?:ERROR: )?failed to solve: process|process '.{1,400}' did not complete successfully: exit code|ERROR: Service .{1,80} failed to build|Finished: FAILURE|Build step '.{1,80}' marked build as failure|Job failed$|Cleaning up|Terraform exited with code|The 'brew link' step did not complete|Docker pull failed with exit code|buildx failed with: |Gradle task \S{1,80} failed with exit code|Post job cleanup|buildkite-agent|The template is not valid|Error: Process completed)/,
  },
  {
    why: "make, cmake, ninja, scons",
    pattern:
      /^\s{0,8}(?:(?:g|mingw32-|n)?make(?:\[\d{1,3}\]|\.exe)?: (?:\*\*\* (?:\[.{0,400}\] Error -?\d{1,5}|Waiting for|\[.{0,400}\] Error 0x)|Target '.{1,200}' not remade|Failed to remake)|.{0,80}recipe for target|ninja: build stopped|ERROR: \/.{1,300}\/BUILD(?:\.bazel)?:\d{1,6}:\d{1,6}: .{1,600} failed: \(|FAILED: (?![\w.]{1,200}$)|FAILED: \S{1,300}\.(?:exe|o|obj|a|lib|dll|so|dylib)$|gmake\[?\d?\]?: Target|NMAKE : fatal error U1077|scons: \*\*\*|Build FAILED|INFO: (?:autodetecting|calculating))/,
  },
  { why: "shunit2: which test it was", pattern: /^shunit2:ERROR \w{1,120}\(\) returned non-zero return code\.$/ },
  { why: "a program of tests counts", pattern: /^\d{1,6} (?:tests? )?run, \d{1,6} (?:failed|failures?)\.?$/ },
  {
    why: "compilers' counts",
    pattern:
      /^\s{0,8}(?:CMake Generate step failed\.|\d{1,6} (?:warnings? and )?(?:\d{1,6} )?errors?(?: generated| and \d{1,6} warnings?.{0,20})?\.?$|compilation terminated|cc1(?:plus|obj)?: (?:all|some) warnings being treated as errors|collect2: error: ld returned|clang(?:\+\+)?(?:-\d{1,2})?: error: linker command failed|error: (?:linking with|aborting due to|could not compile|test failed, to rerun|\d{1,4} targets? failed|build failed|command \S{1,200} failed)|For more information about this error|Some errors have detailed|warning: build failed, waiting|Found \d{1,6} errors?|FOUND \d{1,6} ERRORS? .{0,60}|Failed to compile\.$|== Compilation error in file |(?:make: )?\*{2} (?:BUILD|TEST|ARCHIVE) FAILED \*{2}|\(\d{1,5} failures?\)$|could not compile dependency :|Undefined symbols(?: for architecture \w{1,20})?:$|\u2716 \d{1,6} problems?|\d{1,6} problems?|Your code has been rated|fatal error: too many errors|\d{1,6} error\(s\)|\d{1,4} Error\(s\)|error: MultipleSymbolDefinitions|error: UndefinedSymbolReference|ld: \d{1,5} duplicate symbols? for|LINK : fatal error LNK1120|.{0,200}fatal error LNK1120|[\d,]{1,8} (?:failing|passing|pending|tests?).{0,60}$)/,
  },
  {
    why: "test runners' counts",
    pattern:
      /^\s{0,8}(?:FAILED \((?:failures|errors|skipped|expected).{0,80}\)|\[ {1,4}FAILED {1,4}\] \d{1,6} tests?, listed below|\d{1,6} FAILED TESTS?|Errors while running CTest|\d{1,3}% tests passed.{0,60}|\d{1,3}%: Checks: .{0,60}|The following tests FAILED:?|(?:\d{1,5}\) )?(?:Failure|Error|Skipped):|\*{3} \d{1,5} tests? failed \*{3}|\[(?:info|error)\] (?:\*{3} \d{1,5} .{0,40}failed \*{3}|(?:Tests|Passed|Failed|Suites): .{0,120}|\(.{1,120}\) sbt\.TestsFailedException.{0,60})|rake aborted!|=== (?:Failed|Errors|Skipped)|DONE \d{1,6} tests.{0,80}|Test run summary: .{0,160}|(?:total|failed|succeeded|skipped): \d{1,6}|Test failed\. See exception logs above\.|\d{1,3}:\d\d [+~\d -]{2,30}: Some tests failed\.|Tests?:? {1,12}(?:run: )?\d.{0,120}|Test Suites: .{0,80}|Snapshots?: .{0,80}|={3,80} .{0,160} ={3,80}|=+|-+|test result: FAILED.{0,160}|failures:|FAIL|FAIL:|PASS|FAILURES!+|# (?:tests|suites|total|pass|fail|xfail|xpass|skip|error|cancelled|skipped|todo|duration_ms):? {1,8}\d.{0,40}|\S{1,2} {1,2}Test (?:run with .{1,80}|.{1,200}) failed after .{1,80}|Error: Test failures|Execution halted|Error: Test failed|error: Test failed|\(fail\)|\u2139 (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .{0,40}|\u2716 failing tests:|\d{1,6} specs?, \d{1,6} failures?.{0,60}|# Looks like you (?:failed|planned).{0,80}|# \d{1,6} of \d{1,6} tests failed\.|Failed \d{1,5}\/\d{1,5} .{0,60}|Result: FAIL|Failures \(\d{1,5}\):|There (?:was|were) \d{1,5} failures?:?|Ran \d{1,6} tests? in .{0,40}|Ok: +\d+|Fail: +\d+|Expected Fail: +\d+|Unexpected Pass: +\d+|Timeout: +\d+|Skipped: +\d+|\u00d7 \d+ failed|Test Files .{0,80}|\[ {1,8}\d{1,6} (?:containers|tests) .{0,40}|!{5,80}.{0,80}!{3,80}|test cases: .{0,80}|assertions: .{0,80}|\*{3} \d{1,5} failures? .{0,80})$/i,
  },
  {
    why: "Maven, Gradle, ant",
    pattern:
      /^(?:\[(?:ERROR|INFO)\]\s{0,4})?(?:BUILD FAIL(?:ED|URE)|(?:Compilation|Internal compiler) error\. See log for more details$|Compilation failed; see the compiler |A failure occurred while executing(?: \S{1,200})?$|FAILURE: Build (?:failed with an exception|completed with \d{1,5} failures?)\.|> Task :\S{1,200} FAILED|\s{0,4}> A failure occurred while executing \S{1,200}|\s{0,4}> Could not resolve all (?:files|dependencies|artifacts|task dependencies) for .{1,200}\.|A problem occurred (?:configuring|evaluating) .{1,200}\.|Could not determine the dependencies of task .{1,120}\.|Failed to execute goal .{1,400}(?:There are test failures|Compilation failure).{0,200}|Tests run: .{0,200}|Failures?: ?|Errors?: ?|COMPILATION ERROR :? ?|\d{1,5} errors? ?|-> \[Help \d\]|\[Help \d\].{0,300}|To see the full stack|Re-run Maven|For more information about the errors|Please refer to .{0,300}|There are test failures\.?|-{5,120}|Total time.{0,80}|See .{1,200} for the individual|> There were failing tests.{0,300}|> Compilation failed; see the compiler.{0,80}|\* (?:Try|Get more help|Exception is).{0,160}|> Run with --.{0,160}|Execution failed for task '.{1,100}'\.|After correcting the problems.{0,120}|\[ERROR\])$/,
  },
  {
    why: "Stack, Nix, Yarn, R: what failed was said above or is said below",
    pattern:
      /^(?:Error: \[S-\d{3,5}\]$|error: (?:Cannot build '|builder for ')\S{1,300}\.drv'|[\u00b7\s]{0,4}Failed with errors in |Caused by error:?$)/,
  },
  { why: "reprotest: the build in its testbed", pattern: /^(?:reprotest: )?RuntimeError: command '.{1,400}' failed in testbed/ },
  {
    why: "pip: a step of a package's build; its output, which stands around it, says why",
    pattern:
      /^\s{0,8}(?:\u00d7 .{1,200} did not run successfully\.$|error: (?:metadata-generation-failed|subprocess-exited-with-error)$|ERROR: Failed (?:building wheel for|to build) )/,
  },
  {
    why: "mamba, Foundry, luacheck, Docusaurus: that it failed; what stands beside it says why",
    pattern:
      /^(?:(?:error|critical) {1,4}libmamba Could not solve for environment specs|Error: Compiler run failed:|Total: \d{1,6} warnings? \/ \d{1,6} errors? in \d{1,6} files?|\[ERROR\] Unable to build website for locale \S{1,20}\.)$/,
  },
  {
    why: "argparse, dotnet: the complaint follows; west: its command said why",
    pattern: /^(?:ERROR: )?[Uu]sage: |^FATAL ERROR: command exited with status |^The command could not be loaded, possibly because:$/,
  },
  {
    why: "turbo, Vite, pnpm, napi, twine",
    pattern:
      /^(?:::error::|\S{1,120}#\S{1,80}: (?:ERROR {1,4})?)?command \(.{1,200}\) .{1,200} exited \(\d{1,5}\)$|^Failed$|^Internal Error: Build failed with exit code|^\s{0,40}The server could not comply with the request|^\s{0,4}(?:ERROR {1,4}run failed: command {1,4}exited|Failed: {1,8}\S{1,120}#|[x\u2717\u2718] Build failed in )/,
  },
  { why: "cibuildwheel", pattern: /^(?:cibuildwheel: error: )?Command .{1,600} failed with code -?\d{1,10}\.$/ },
  {
    why: "npm, yarn, lerna, nx, tox, nox",
    pattern:
      /^\s{0,4}(?:ERROR: {1,4})?(?:[\w.-]{1,40}: (?:commands failed|FAIL (?:code \d|\u2716).{0,80}|exit \d.{0,200})|evaluation failed :\( \(.{1,40}\)|InvocationError for command.{0,400})$|^nox > .{1,200}fail|^(?:npm (?:ERR!|error) ?(?:code \w{1,40}$|errno|Exit status|Failed at the (?!@?[\w./-]{1,100}@\S{1,40} (?:pre|post)?install )|notarget In most cases|notarget or one of your|This is probably not|Test failed|A complete log|path |command |Lifecycle script|workspace |location |\s{0,8}\/|$|[\w-]{1,60}@\S{1,40} \S{1,60}: )|error Command failed|info Visit https|\u2009?ELIFECYCLE|lerna ERR!|error: script '.{1,80}' exited|ERR_PNPM_RECURSIVE)/,
  },
];

const GO_PACKAGES =
  "archive|bufio|bytes|cmd|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|go|hash|html|image|index|internal|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|runtime|slices|sort|strconv|strings|sync|syscall|testing|text|time|unicode|unique|vendor|weak";
/** Go's own sources, whatever its root is called; `src/net/` alone may be the project's, and so may `/go/src/app/`. */
const GO_ROOT = String.raw`/go(?:root|_sdk|[-@]?\d[\w.]{0,20})?(?:/\d[\w.+-]{0,40}(?:/(?:x64|x86|arm64|libexec))?)?/src/(?:(?:${GO_PACKAGES})/|golang\.org/|google\.golang\.org/|gopkg\.in/)`;
/** Gems that were installed, which have a version or a commit: a folder `gems` may be the project's. */
const GEMS = String.raw`[\\/]gems[\\/][\w.-]{1,100}-(?:\d[\w.-]{0,60}|[\da-f]{7,40})[\\/]`;

/** A path that is not the project's: the standard library's, a dependency's, the tool's own. */
export const FOREIGN = new RegExp(
  [
    String.raw`node_modules|^(?:ba|da|z|k|a)?sh$|(?:^|[\\/])(?:dist|\.next|\.output|\.svelte-kit)[\\/].{0,300}\.[cm]?js$|_temp[\\/]|(?:(?:site|dist)-packages|/usr/lib|/lib/python\d|/python\d[.\d]*/|lib[\\/]python)(?!.{0,300}[\\/]test_\w{1,80}\.py$)|/usr/(?:s?bin|include|share|local/(?:lib|include))|/usr/src/(?:googletest|gtest)|^node:|^(?:events|module|child_process|assert|net|fs|timers|_\w+|bootstrap_node|util|vm|domain|tty|stream|buffer|async_hooks|cluster|zlib|dns)\.js$|node:internal|^internal/[\w/-]{1,200}\.js$|<frozen|<anonymous>|<string>|<stdin>|hostedtoolcache|/rustc[-/]|library/(?:std|core|alloc|test)/src|\.cargo[\\/]registry|/go/pkg/mod/(?!github\.com)`,
    GO_ROOT,
    String.raw`_testmain\.go|src/libgo/|^(?:unique_ptr|shared_ptr\w{0,12}|stl_\w{1,24}|basic_(?:string|ios)|std_(?:function|thread|mutex)|invoke|alloc_traits|new_allocator|allocator|functional_hash|hashtable\w{0,12})\.(?:h|tcc)$|^(?:DefaultCacheAwareContextLoaderDelegate|ConstructorResolver|AutowiredAnnotationBeanPostProcessor|DefaultListableBeanFactory|AbstractAutowireCapableBeanFactory)\.java$|^(?:v?[fs]?n?printf[\w-]{0,16}|printf_fp|dbl2mpn|rounding-mode|genops|fileops|iof\w{1,12}|(?:mem|str|wcs)[a-z]{2,5}(?:[-_]\w{1,24})?|libc[-_]start\w{0,16}|pthread_\w{1,24}|vg_replace_\w{1,12}|write_float)\.(?:c|h|S|def)$|src/lib/ounit2/|/opt/venv|[\\/]\.?venv[\\/](?:bin|Scripts)[\\/]|/pypy\d|[\\/]c\+\+[\\/](?:\d|bits[\\/])|lib[\\/]gcc[\\/][\w-]{1,60}[\\/]\d|/c\+\+/v1/|[\\/]libcxx[\\/]include[\\/]|\\Program Files|/Xcode\.app/|/nix/store|importlib|_pytest|[\\/]lib[\\/](?:zig[\\/])?std[\\/].{0,200}\.zig$`,
    GEMS,
    String.raw`XUnitAssert|[\\/]xunit\.assert|package:(?:flutter|flutter_test|test_api|test|matcher|stack_trace)/|^dart:|/gtest[-/_]|/catch2?[/.]|doctest\.h|^unknown location$|\.\./sysdeps/|^\./(?:nptl|stdlib|elf|csu|signal|string|assert)/|libsanitizer|compiler-rt|/vcpkg_\w+\.cmake|[\\/]share[\\/]cmake(?:-[\d.]{1,12})?[\\/]Modules[\\/]|(?:^|[\\/])(?:portfile|ports)\.cmake`,
  ].join("|"),
  "i",
);

/** Packages of Java's platform and of its test runners. */
export const FOREIGN_CLASS =
  /^(?:java|javax|jdk|sun|com\.sun|org\.junit|junit|org\.gradle|org\.apache\.(?:maven|tools\.ant)|org\.hamcrest|org\.mockito|org\.assertj|org\.opentest4j|org\.testng|kotlin|scala|groovy|worker\.org\.gradle)[./]/;
