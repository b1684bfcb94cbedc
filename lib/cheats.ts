/**
 * Ways to make a build green without making it right, as an ordered table: what it is called, how it looks, where it counts.
 *
 * `refuse`: there is no honest use in an automatic fix. `human`: there is one, and a person decides. Patterns run over text in which
 * `x["y"]`, escapes and line breaks around a dot are already written as `x.y`.
 *
 * @module
 */

export type Cheat = {
  readonly rule: string;
  readonly severity: "refuse" | "human";
  readonly detail: string;
  readonly pattern: RegExp;
  /** Paths that it counts in; everywhere when missing. */
  readonly where?: RegExp;
  /** Only in files that are tests. */
  readonly tests?: true;
  /** May stand in a line that is touched: only more of it than before counts. */
  readonly mayStay?: true;
};

const JS = /\.[cm]?[jt]sx?$/i;
const SHELL =
  /(\.(sh|bash|zsh|ps1|bat|cmd|ya?ml|mk|cmake|toml|ini|cfg|gradle)|(^|\/)((gnu)?makefile|dockerfile|justfile|cmakelists\.txt)[^/]*|(^|\/)[^./]+)$/i;
const C_FAMILY = /\.(c|cc|cpp|cxx|h|hh|hpp|hxx|ipp|inl|cu|m|mm|cmake|txt|mk)$/i;

export const CHEATS: readonly Cheat[] = [
  // Skipped, focused and expected-to-fail tests.
  ...refuse("skipped_test", "a test is skipped, focused or expected to fail", [
    {
      pattern:
        /(?<![.\w])(?:it|test|describe|context|suite|specify|bench|Deno\.test|Bun\.test)(?:\.\w+)*\.(?:skip|only|todo|failing|fails|fixme|skipIf|runIf|todoIf|if|ignore|slow)\b/,
      where: JS,
    },
    { pattern: /(?<![.\w])(?:it|test|describe)\s*\[/, where: JS, tests: true },
    { pattern: /(?<![.\w])(?:x|f)(?:it|describe|context|specify|test)\s*(?:\.each\b|\()/, where: JS, tests: true },
    { pattern: /\b(?:this|t|ctx|context|testInfo)\.(?:skip|todo|fixme|fail)\s*\(/, where: JS, tests: true },
    { pattern: /\b(?:skip|only|todo|ignore)\s*:\s*(?:true|["'`!]|\w+\s*[),}])/, where: JS, tests: true },
    { pattern: /\bpending\s*\(/, where: JS, tests: true },
    {
      pattern:
        /\bmark\.(?:skip|skipif|xfail|flaky)\b|\bpytest\.(?:skip|xfail|importorskip|exit)\b|\bunittest\.(?:skip\w*|expectedFailure|SkipTest)\b|@(?:skip\w*|xfail|expectedFailure)\b|\.skipTest\s*\(|\bSkipTest\b|\b__test__\s*=|\bcollect_ignore\w*\s*=|\bgetattr\s*\(\s*(?:pytest|unittest|mark)/,
    },
    { pattern: /(?<!\w)(?:t|b|f|tb|s\.T\(\))\.Skip(?:f|Now)?\s*\(|\btesting\.Short\s*\(/, where: /\.go$/ },
    { pattern: /^\s*\/\/\s*(?:go:build|\+build)\b/m, where: /_test\.go$/ },
    {
      pattern:
        /#\s*!?\s*\[\s*(?:ignore\b|should_panic\b|cfg_attr\s*\([^\]]*\b(?:ignore|test)\b|cfg\s*\(\s*(?:any\s*\(\s*\)|not\s*\(\s*test\b|FALSE\b|none\b))/,
      where: /\.rs$/,
    },
    {
      pattern:
        /@(?:[\w.]+\.)?(?:Disabled|Ignore|IgnoreIf|PendingFeature)\w*\b|@(?:Disabled|Enabled)(?:On|If|For)\w+|\bassum(?:e|ing)(?:True|False|That|NotNull|NoException)?\s*[({]|\bAssumptions?\b|\benabled\s*=\s*false\b|\bTestAbortedException\b/,
      where: /\.(java|kts?|groovy|scala)$/,
    },
    {
      pattern:
        /\[\s*(?:\w+\s*,\s*)*(?:Ignore|Explicit)\b|\bSkip\s*=\s*["$@\w]|\bAssert\.(?:Ignore|Inconclusive|Skip\w*)\s*\(|\bSkip\.(?:If|IfNot|When|Unless)\b/,
      where: /\.(cs|fs|vb)$/,
    },
    {
      pattern:
        /\bGTEST_SKIP\b|\bDISABLED_\w*|\bQSKIP\b|\bQEXPECT_FAIL\b|\bIGNORE_TEST\b|\bTEST_IGNORE\w*\b|\bskip\s*\(\s*\)|\bBOOST_\w*DISABLE\w*|\butf::(?:disabled|expected_failures)|"[^"\n]*\[(?:\.|!mayfail|!shouldfail|!benchmark|\.\w+)\][^"\n]*"|\b(?:may_fail|should_fail)\s*\(/,
      where: C_FAMILY,
    },
    { pattern: /(?<!\w)SKIP\s*\(/, where: /\.(c|cc|cpp|cxx|hpp)$/, tests: true },
    {
      pattern: /\bDISABLED\s+(?:TRUE|ON|1|YES)\b|\bWILL_FAIL\b|\bSKIP_(?:RETURN_CODE|REGULAR_EXPRESSION)\b|\bCTEST_CUSTOM_TESTS_IGNORE\b/i,
      where: /(\.cmake|cmakelists\.txt)$/i,
    },
    {
      pattern:
        /^\s*(?:x(?:it|describe|context)|fit|fdescribe|pending|skip)\b|,\s*(?:skip|pending|focus)\s*:|:(?:skip|pending|focus)\b\s*(?:=>|,|\s+do)/m,
      where: /\.rb$/,
    },
    { pattern: /\bmarkTest(?:Skipped|Incomplete)\b|@group\s+(?:skip|broken)|->(?:skip|todo)\s*\(/, where: /\.php$/ },
    { pattern: /\bXCTSkip\w*|\bXCTExpectFailure\b|\.disabled\s*\(|\bwithKnownIssue\b/, where: /\.swift$/ },
    { pattern: /@(?:module)?tag\s*:?\s*(?:skip|:skip)|@(?:module)?tag\s+skip\s*:/, where: /\.exs?$/ },
  ]),
  ...refuse("filtered_tests", "the runner is told to leave tests out", [
    {
      pattern:
        /--deselect\b|--ignore(?:-glob)?[= ]|--gtest_filter\b|--testPathIgnorePatterns|testPathIgnorePatterns|--exclude-regex|\bctest\b[^\n]*\s-(?:E|LE)\b|-k\s*["']?not\b|-skip[= ]|--skip[= ]|-DskipTests|-Dmaven\.test\.skip|\bskipTests\b|maven\.test\.skip|-x\s+test\b|--passWithNoTests|passWithNoTests|--test-skip-pattern|--no-run\b/,
    },
    {
      pattern:
        /\btestFailureIgnore\b|\bignoreFailures\s*=?\s*true|\bfailOnError\s*=?\s*["']?false|\bfailIfNoTests\s*[=>]\s*false|\bhaltonfailure\s*=\s*["']?(?:no|false)/,
    },
    {
      pattern:
        /\b(?:flaky|reruns|rerun_failures|retryTimes|--retries|retry_count|maxParallelRetries)\b|\bretries\s*[:=(]\s*[1-9]|\.retry\s*\(\s*[1-9]/,
      tests: true,
    },
  ]),
  // Failures that nobody hears.
  ...refuse("ignored_failure", "a failure is ignored", [
    { pattern: /\bcontinue-on-error\b|\bcontinueOnError\b|\ballow_failure\b|\ballow_failures\b|\bcatchError\b/ },
    {
      pattern:
        /\|\|\s*(?:true|:|exit\s+0|echo\b|\/bin\/true|printf\b|ver\s*>)|;\s*(?:true|exit\s+0|:)\s*(?:$|["'\\])|(?:^|[\s;&])set\s+\+e\b|(?:^|[\s;&])trap\s+["']?(?:exit 0|true|:)|(?:^|[\s;&])exit\s+0\b|\bexit \/b 0\b|\$ErrorActionPreference\s*=\s*["']?(?:Silently)?Continue|-ErrorAction\s+(?:Silently)?Continue|\|\|\s*\(\s*(?:true|:|exit 0)/im,
      where: SHELL,
    },
    {
      pattern: /^\t[@+]*-[@+]*\s*\S|^\.(?:IGNORE|SILENT)\b|\bmake\b[^\n]*\s(?:-i|--ignore-errors)\b/m,
      where: /(^|\/)((gnu)?makefile[^/]*|[^/]*\.mk)$/i,
    },
    { pattern: /\|\|\s*(?:true|exit 0)\s*["'`]/ },
  ]),
  ...refuse("forced_success", "the process is made to end well", [
    {
      pattern:
        /\b(?:sys\.exit|os\._exit|process\.exit|Deno\.exit|Bun\.exit|os\.Exit|System\.exit|Environment\.Exit|std::process::exit|process::exit|std::exit|std::_Exit|_exit|quick_exit|exit)\s*\(\s*(?:0|EXIT_SUCCESS)?\s*\)/,
      tests: true,
    },
    {
      pattern:
        /\b(?:os\._exit|std::_Exit|quick_exit)\s*\(\s*(?:0|EXIT_SUCCESS)\s*\)|\bprocess\.exitCode\s*=\s*0|\bsession\.exitstatus\s*=|\bpytest_sessionfinish\b|\bpytest_(?:collection_modifyitems|runtest_\w+|ignore_collect|deselected)\b|\bos\.Exit\s*\(\s*0\s*\)|\bsys\.exit\s*\(\s*0?\s*\)|\bprocess\.exit\s*\(\s*0?\s*\)|\bSystem\.exit\s*\(\s*0\s*\)|\bprocess::exit\s*\(\s*0\s*\)|\bat_exit\s*(?:do|\{)\s*exit/,
    },
  ]),
  // Assertions that hold for anything, and assertions redefined.
  ...refuse("vacuous_assertion", "an assertion that always holds", [
    {
      pattern:
        /^\s*assert\s*\(?\s*(?:True|1|not\s+False|not\s+None)\s*\)?\s*(?:,|$)|\b[Aa]ssert(?:True|_true|\.ok|\.True|\.isTrue|\.IsTrue|\.That)?!?\s*\(\s*(?:t\s*,\s*)?(?:true|True|1|!false|!0)\s*[,)]|\bassertFalse\s*\(\s*(?:false|False)\b|\bexpect\s*\(\s*(?:true|1|!0|!!1)\s*\)\s*\.(?:to|not)\w*|\b(?:EXPECT|ASSERT|CHECK|REQUIRE)(?:_TRUE|_MESSAGE)?\s*\(\s*(?:true|1|!false|!0)\s*[,)]|\bXCTAssert(?:True)?\s*\(\s*true\s*[,)]|\b(?:SUCCEED|SUCCESS)\s*\(\s*\)|\bassert\.(?:pass|Pass)\s*\(|\bAssert\.Pass\s*\(/m,
    },
    {
      pattern:
        /\b(?:EXPECT|ASSERT)_EQ\s*\(\s*([\w.]+)\s*,\s*\1\s*\)|\bassert(?:Equals?|_eq)?!?\s*\(\s*([\w.]+)\s*,\s*\2\s*[,)]|\bexpect\s*\(\s*([\w.]+)\s*\)\.to(?:Be|Equal|StrictEqual)\s*\(\s*\3\s*\)|^\s*assert\s+([\w.]+)\s*==\s*\4\s*$/m,
      tests: true,
    },
    {
      pattern:
        /#\s*(?:define|undef)\s+(?:assert|ASSERT\w*|EXPECT_\w+|REQUIRE\w*|CHECK\w*|TEST(?:_F|_P|_CASE)?|NDEBUG)\b|-DNDEBUG\b|\bPYTHONOPTIMIZE\b|\bpython3?\s+-O{1,2}\b|(?<![.\w=!<>])(?:global(?:This)?\.)?(?:expect|assert|describe)\s*=(?!=)|\b(?:unittest\.TestCase|TestCase|Assert|pytest)\.\w+\s*=(?!=)\s*(?:lambda|function|\()|\bprototype\.(?:toBe|toEqual)\w*\s*=|\bsetattr\s*\(\s*(?:unittest|pytest|TestCase|builtins)|\bexpect\.extend\s*\(\s*\{\s*to(?:Be|Equal)\b/,
    },
    {
      pattern:
        /def __eq__\s*\([^)]*\)[^\n]*:\s*return True\b|\bequals\s*\(\s*(?:final\s+)?Object\s+\w+\s*\)\s*\{\s*return true;|\boperator==\s*\([^)]*\)[^{;]*\{\s*return true;/,
    },
  ]),
  ...refuse("dead_code", "code is switched off", [
    { pattern: /^\s*#\s*if\s+(?:0|false|FALSE|defined\s*\(?\s*(?:NEVER|DISABLED)\w*)/m, where: C_FAMILY },
    {
      pattern:
        /\b(?:if|while|elif|unless)\s*\(?\s*(?:false|False|FALSE|0|!1|not True|!true|1\s*==\s*0|0\s*==\s*1|nil|null|None)\s*\)?\s*(?:[:{;]|\{|then\b|$)/m,
      tests: true,
    },
    { pattern: /^\s*if\s+\(?\s*(?:False|0)\s*\)?\s*:/m, where: /\.py$/ },
  ]),
  // Warnings, sanitizers, coverage, types: silenced.
  ...refuse(
    "silenced_check",
    "a warning, a type check, a sanitizer or the coverage is silenced",
    [
      {
        pattern:
          /@ts-(?:ignore|nocheck|expect-error)|\beslint-disable|\bbiome-ignore|\bdeno-lint-ignore|\btslint:disable|\bprettier-ignore-start|\bistanbul ignore|\b(?:c8|v8|node:coverage) (?:ignore|disable)/,
      },
      {
        pattern:
          /#\s*type:\s*ignore|#\s*noqa\b|#\s*pylint:\s*disable|#\s*mypy:\s*(?:ignore|disable|allow)|#\s*pyright:\s*(?:ignore|basic)|#\s*nosec\b|#\s*pragma:\s*no\s*cover|#\s*ruff:\s*noqa|\bwarnings\.(?:filterwarnings|simplefilter)\s*\(\s*["']ignore/,
      },
      {
        pattern:
          /\/\/\s*nolint\b|\/\/\s*NOLINT|\/\*\s*NOLINT|#\s*!?\s*\[\s*(?:allow|expect)\s*\(|@SuppressWarnings\b|@Suppress\b|#pragma\s+warning\s+disable|\bSuppressMessage\b|#\s*rubocop:\s*disable|\bswiftlint:disable|\bphpcs:(?:ignore|disable)|@phpstan-ignore|\bphpstan-ignore|@psalm-suppress|\bcppcheck-suppress|\bcoverity\[|\bLCOV_EXCL|\bGCOVR_EXCL/,
      },
      {
        pattern:
          /#\s*pragma\s+(?:GCC|clang)\s+diagnostic\s+(?:ignored|warning)|#\s*pragma\s+warning\s*\(\s*(?:disable|suppress)|#\s*pragma\s+GCC\s+system_header|\b_Pragma\s*\(\s*"(?:GCC|clang) diagnostic ignored|\b_CRT_SECURE_NO_WARNINGS\b/,
      },
      {
        pattern:
          /(?:^|[\s"'=;,(])(?:-Wno-[\w+-]+|\/wd\d+|-fpermissive|-fno-sanitize[\w=,-]*|-Wno-error)(?=$|[\s"');,])|\bno_sanitize\w*|\bATTRIBUTE_NO_SANITIZE\w*|\bdetect_leaks=0|\bhalt_on_error=0|\b(?:LSAN|TSAN|ASAN|UBSAN)_OPTIONS\b|--suppressions=|(?:FLAGS|compile_options|\b(?:cc|gcc|g\+\+|clang(?:\+\+)?|cl)\b)[^\n]*[\s"'(=](?:-w|\/w)(?=[\s"')]|$)|__(?:lsan|asan|tsan|ubsan)_\w+|\bSANITIZE\w*\s+(?:OFF|FALSE|0)\b|\bCOMPILE_WARNING_AS_ERROR\s+(?:OFF|FALSE|0)\b/m,
      },
      {
        pattern:
          /"(?:strict|noImplicitAny|strictNullChecks|noUnused\w+|noUnchecked\w+)"\s*:\s*false|"skipLibCheck"\s*:\s*true|\bTreatWarningsAsErrors>\s*false|\bwarningsAsErrors\s*=\s*false|\bwarn_unused_ignores\s*=\s*[Ff]alse|\bignore_errors\s*=\s*[Tt]rue|\bignore_missing_imports\b/,
      },
    ],
    true,
  ),
  // Reaching for what a fix has no use for.
  ...refuse("credentials", "it reaches for credentials or for the runner", [
    {
      pattern:
        /\b(?:GITHUB_TOKEN|GH_TOKEN|ANTHROPIC_(?:API_KEY|AUTH_TOKEN|IDENTITY_TOKEN\w*)|ACTIONS_(?:ID_TOKEN|RUNTIME)\w*|AWS_SECRET_ACCESS_KEY|NPM_TOKEN|NODE_AUTH_TOKEN|SSH_AUTH_SOCK)\b|\/proc\/(?:self|\d+|\*)\/environ|\.aws\/credentials|\.ssh\/id_|\.netrc\b|\.git\/(?:config|hooks)|\.docker\/config\.json|169\.254\.169\.254|metadata\.google\.internal/,
    },
    {
      pattern:
        /\bGITHUB_(?:ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)\b|::(?:set-env|add-path|set-output|add-mask|save-state|stop-commands|error|warning|notice|debug|group|echo)\b[^\n]*::|##\[\w+\]/,
    },
    {
      pattern:
        /\b(?:curl|wget|iwr|Invoke-WebRequest)\b[^\n|]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:ba|z|da)?sh\s+-c\s+["']?\$\((?:curl|wget)|\bbase64\s+(?:-d|--decode)\b[^\n]*\|\s*(?:ba)?sh\b|\/dev\/tcp\/|\bnc\s+-e\b|\beval\s*\(\s*(?:atob|Buffer\.from|base64)|\bexec\s*\(\s*(?:base64|codecs|zlib|__import__)/,
    },
  ]),
  ...human("network", "it downloads something or starts other programs", [
    {
      pattern:
        /\b(?:curl|wget|Invoke-WebRequest)\s+-|\bgit\s+clone\b|\b(?:pip3?|npm|yarn|pnpm|bun|cargo|go|gem|apt-get|brew)\s+(?:install|add|get)\b|\bFetchContent_Declare\b|\bExternalProject_Add\b|\bCPMAddPackage\b|\bfile\s*\(\s*DOWNLOAD\b/i,
      where: SHELL,
    },
    {
      pattern:
        /\bsubprocess\.\w+\s*\(|\bos\.(?:system|popen)\s*\(|\bchild_process\b|\bexecSync\s*\(|\bBun\.spawn|\bexec\.Command\s*\(|\bRuntime\.getRuntime\s*\(|\bProcessBuilder\b|\bProcess\.Start\s*\(|\bstd::system\s*\(|\bCommand::new\s*\(|\brequests\.(?:get|post|put)\s*\(|\burllib\.request\b|\bfetch\s*\(\s*["'`]https?:|\bhttp\.(?:Get|Post)\s*\(|\beval\s*\(|\bnew Function\s*\(|\b__import__\s*\(/,
    },
  ]),
  ...human("knows_the_test", "the product behaves otherwise under test or in CI", [
    {
      pattern:
        /\bPYTEST_CURRENT_TEST\b|\bJEST_WORKER_ID\b|\bVITEST\b|\bNODE_ENV\b\W{1,6}test|["']pytest["']\s*(?:not\s+)?in\s+sys\.modules|\bsys\.modules\b[^\n]*(?:pytest|unittest)|\bprocess\.env\.(?:CI|GITHUB_ACTIONS|BUILD_FLAVOR)\b|\b(?:environ(?:\.get\s*\(|\[)|getenv\s*\(|Getenv\s*\(|env::var\s*\(|LookupEnv\s*\()\s*["'](?:CI|GITHUB_ACTIONS|BUILD_FLAVOR|RUNNER_OS|TEST_?\w*)["']|\btesting\.Testing\s*\(|\bcfg!\s*\(\s*test\s*\)|\bIS_TEST\b|\bUNIT_TEST(?:ING)?\b/,
    },
  ]),
  ...human("swallowed_error", "an error is swallowed", [
    {
      pattern:
        /\bexcept\b[^\n:]*:\s*(?:#[^\n]*)?\s*(?:pass|\.\.\.|return(?:\s+None)?|continue)\s*$|\bcatch\s*(?:\([^)]*\))?\s*\{\s*(?:\/\/[^\n]*|\/\*[^*]*\*\/)?\s*(?:return(?:\s+\w+)?;?)?\s*\}|\bcontextlib\.suppress\b|\brescue\s+nil\b|\.catch\s*\(\s*\(\s*\w*\s*\)\s*=>\s*(?:\{\s*\}|undefined|null)\s*\)|\brecover\s*\(\s*\)/m,
    },
  ]),
];

type Row = Omit<Cheat, "rule" | "severity" | "detail" | "mayStay">;

function refuse(rule: string, detail: string, rows: readonly Row[], mayStay = false): readonly Cheat[] {
  return rows.map((row) => ({ rule, severity: "refuse" as const, detail, ...row, ...(mayStay ? { mayStay: true as const } : {}) }));
}

/** What a person decides may stand in a line that is only touched. */
function human(rule: string, detail: string, rows: readonly Row[]): readonly Cheat[] {
  return rows.map((row) => ({ rule, severity: "human" as const, detail, ...row, mayStay: true as const }));
}
