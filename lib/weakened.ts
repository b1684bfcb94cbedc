/**
 * Does a change make the tests weaker instead of the code right?
 *
 * Four looks at each file, each on the text as it is and on the text without comments, the worse one counting:
 *
 * 1. The table in cheats.ts: does something of it appear that was not there?
 * 2. Tests that were declared must still be declared, by name; there must not be fewer assertions.
 * 3. In a file that is a test, what was expected must still be: a removed line with values needs one with the same values. New branches
 *    and returns may stand in new tests only, as around an old assertion they decide whether it runs.
 * 4. Numbers that bound the build (coverage, warnings, tolerances) may only become stricter.
 *
 * @module
 */
import { CHEATS, type Cheat } from "./cheats.ts";
import { stripComments } from "./comments.ts";
import { diffLines, type Line, type LineDiff } from "./diff.ts";
import type { Change } from "./edits.ts";

/** Something that a change does to the tests; `human`: may be right, a person decides. */
export type Weakening = { readonly severity: "refuse" | "human"; readonly rule: string; readonly detail: string };

const TEST_FOLDER =
  /(^|\/)(tests?|testing|__tests__|__snapshots__|specs?|e2e|testdata|test-data|fixtures|unittests?|[\w.-]+[-_.][Tt]ests?|[A-Z]\w*Tests?)\//;
const TEST_NAME =
  /(^|\/)(test_[^/]*|(?:tests?|specs?)\.[^/.]+|conftest\.py|[^/]*[._-](test|tests|spec|specs|unittest|cy|e2e)\.[^/]+|[^/]*[a-z0-9](Test|Tests|TestCase|Spec|Specs|IT)\.(java|kts?|cs|fs|scala|groovy|php|swift|cpp|cc|cxx|h|hpp|m|mm|dart)|Test[A-Z][^/]*\.(java|kts?|cs|php|cpp|cc|swift)|[^/]*\.(snap|approved\.\w+|golden|verified\.\w+))$/;
const RUNNER_CONFIG =
  /(^|\/)(conftest\.py|(jest|vitest|playwright|cypress|karma|ava|babel|nyc|wdio)\.(config|conf|setup)\.[^/]+|setupTests\.[^/]+|pytest\.ini|tox\.ini|noxfile\.py|phpunit\.xml[^/]*|codecov\.ya?ml|CTestCustom\.cmake|CTestConfig\.cmake|testng\.xml|sonar-project\.properties|tsconfig[^/]*\.json|mypy\.ini|ruff\.toml|clippy\.toml|rustfmt\.toml|checkstyle\.xml|detekt\.yml|eslint\.config\.[^/]+|biome\.jsonc?)$/i;
const DOCUMENT = /\.(md|mdx|txt|rst|adoc)$/i;

/** Is this a test, an expectation or a fixture by its name? */
export function isTestPath(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_NAME.test(path);
}

/** Does nothing change but tests, documents and comments, with a test among them? */
export function onlyTests(changes: readonly Change[]): boolean {
  return changes.some((change) => isTestPath(change.path)) && changes.every((change) => isTestPath(change.path) || isIdle(change));
}

/** Everything that a change does to weaken tests. */
export function findWeakening(change: Change): readonly Weakening[] {
  const { path } = change;
  const test = isTestPath(path);
  if (!test && /\.(md|mdx|adoc)$/i.test(path)) return [];
  if (change.after === null) return test ? [{ severity: "refuse", rule: "deleted_test", detail: "a test file is deleted" }] : [];
  const raw = lookAt(change.before ?? "", change.after);
  const bare = lookAt(stripComments(path, raw.before), stripComments(path, raw.after));
  const found: Weakening[] = CHEATS.filter((cheat) => appears(cheat, path, test, [raw, bare])).map(({ severity, rule, detail }) => ({
    severity,
    rule,
    detail,
  }));
  const lost = [raw, bare].flatMap(({ before, after }) => missing(testNames(before), testNames(after)));
  if (lost.length > 0) found.push({ severity: "refuse", rule: "deleted_test", detail: `a test is gone: ${lost[0]?.slice(0, 80)}` });
  if ((test || path.endsWith(".rs")) && [raw, bare].some(({ before, after }) => assertions(after) < assertions(before)))
    found.push({ severity: "refuse", rule: "deleted_assertion", detail: "there are fewer assertions" });
  if (loosened(path, test, bare)) found.push({ severity: "refuse", rule: "lowered_threshold", detail: "a bound becomes looser" });
  if (change.before !== null && test) found.push(...changedExpectations(path, bare));
  if (RUNNER_CONFIG.test(path)) found.push({ severity: "human", rule: "runner_config", detail: "how tests or checks are run changes" });
  return found.filter((one, at) => found.findIndex((other) => other.rule === one.rule && other.severity === one.severity) === at);
}

/** A text before and after, and what each of the many patterns looks at, made once. */
type Look = LineDiff & {
  readonly before: string;
  readonly after: string;
  readonly canonical: { readonly before: string; readonly after: string; readonly added: readonly string[] };
};

function lookAt(before: string, after: string): Look {
  const diff = diffLines(before, after);
  const added = diff.added.map((line) => canonical(line.text));
  return { ...diff, before, after, canonical: { before: canonical(before), after: canonical(after), added } };
}

function appears(cheat: Cheat, path: string, test: boolean, looks: readonly Look[]): boolean {
  if ((cheat.tests === true && !test) || (cheat.where !== undefined && !cheat.where.test(path))) return false;
  return looks.some(({ canonical: { before, after, added } }) => {
    if (cheat.mayStay !== true && added.some((line) => cheat.pattern.test(line))) return true;
    return count(cheat.pattern, after) > count(cheat.pattern, before);
  });
}

/** `x["y"]`, `x?.y`, `x /**\/ . y` over lines and escaped letters, all as `x.y`. */
function canonical(text: string): string {
  return text
    .replace(/\\u\{?([0-9a-fA-F]{2,6})\}?/g, (whole, hex: string) =>
      Number.parseInt(hex, 16) < 128 ? String.fromCharCode(Number.parseInt(hex, 16)) : whole,
    )
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, "")
    .replace(/\[\s*(["'`])(\w+)\1\s*\]/g, ".$2")
    .replace(/\s*\?\.\s*|(?<=[\w)\]])\s*\.\s*(?=[A-Za-z_])/g, ".");
}

function count(pattern: RegExp, text: string): number {
  return [...text.matchAll(new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`))].length;
}

const DECLARATIONS: readonly RegExp[] = [
  /(?<![.\w])(?:it|test|specify|describe|context|scenario|suite|Deno\.test)(?:\.\w+(?:\([^()]*\))?)*(?:\s*\(\s*|[ \t]+)(["'`])(?<name>(?:(?!\1)[^\\\n]|\\.)*)\1/g,
  /^[ \t]*(?:async[ \t]+)?def[ \t]+(?<name>test\w*)/gm,
  /^[ \t]*class[ \t]+(?<name>Test\w*)/gm,
  /^func[ \t]+(?:\([^)]*\)[ \t]*)?(?<name>(?:Test|Fuzz|Example)\w*)[ \t]*\(/gm,
  /\bt\.Run\s*\(\s*(?<name>"[^"\n]*")/g,
  /#\s*\[\s*(?:\w+::)*(?:test|rstest|test_case|proptest)\b[^\]]*\]\s*(?:#\s*\[[^\]]*\]\s*)*(?:pub\s+)?(?:async\s+)?fn\s+(?<name>\w+)/g,
  /@(?:[\w.]+\.)?(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b(?:\s*\([^)]*\))?\s*(?:@\w+(?:\s*\([^)]*\))?\s*)*(?:(?:public|private|protected|internal|final|static|suspend|fun|open|override|abstract)\s+)*(?:(?:<[^>]*>\s*)?[\w<>[\],.]+\s+)?(?<name>`[^`]+`|\w+)\s*\(/g,
  /\[\s*(?:Fact|Theory|Test|TestMethod|TestCase|DataTestMethod)\b[^\n]*\]\s*(?:\[[^\n]*\]\s*)*(?:(?:public|private|internal|static|async|override|virtual)\s+)*[\w<>[\],.]+\s+(?<name>\w+)\s*\(/g,
  /\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|TEST_CASE|TEST_CASE_METHOD|SCENARIO|SECTION|SUBCASE|INSTANTIATE_TEST_SUITE_P|BOOST_(?:AUTO|FIXTURE|DATA)_TEST_CASE|TEST_METHOD|RUN_TEST)\s*\(\s*(?<name>[^()\n]*)/g,
  /\b(?:add_test|gtest_discover_tests|gtest_add_tests|catch_discover_tests|doctest_discover_tests|add_subdirectory|enable_testing)\s*\(\s*(?:NAME\s+)?(?<name>[^\s()]*)/gi,
  /\bfunction\s+(?<name>test\w+)\s*\(/g,
  /\bfunc\s+(?<name>test\w+)\s*\(/g,
];

function testNames(text: string): readonly string[] {
  return DECLARATIONS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => (match.groups?.name ?? "").replace(/\s+/g, " ").trim()),
  );
}

function missing(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const name of after) left.set(name, (left.get(name) ?? 0) + 1);
  return before.filter((name) => {
    const n = left.get(name) ?? 0;
    left.set(name, n - 1);
    return n <= 0;
  });
}

const IMPORT =
  /^\s*(?:import\b|from\b|use\b|using\b|#\s*include\b|require\b|(?:const|let|var)\b[^=]*=\s*require\b|["']?use strict|package\b|module\b)/;
const ASSERTION =
  /\b(?:expect|assert\w*|should\w*|refute\w*|verify\w*|[A-Z]*(?:EXPECT|ASSERT|REQUIRE|CHECK|STRCMP)(?:_\w+)?|BOOST_(?:TEST|CHECK|REQUIRE)\w*|QVERIFY\w*|QCOMPARE|XCTAssert\w*|Assert\.\w+|raises|must_\w+|debug_assert\w*)\b(?=\s*[!(.\w"'[{-])|\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\b|\b(?:panic|unreachable)!/g;

function assertions(text: string): number {
  return text.split("\n").reduce((sum, line) => sum + (IMPORT.test(line) ? 0 : [...line.matchAll(ASSERTION)].length), 0);
}

function isAssertion(line: string): boolean {
  return assertions(line) > 0;
}

/** Strings, numbers and constants of a line, and how it compares: what the line expects. */
function expectation(line: string): string {
  const values =
    line.match(
      /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\b\d[\w.]*|\b(?:true|false|null|nil|None|True|False|undefined|NaN)\b/g,
    ) ?? [];
  const compares =
    line.match(
      /\.(?:to|not|be|is|has|throws|rejects|resolves)\w*|\b(?:EXPECT|ASSERT|CHECK|REQUIRE|assert|Assert|refute|XCTAssert)\w*(?:\.\w+)?|[!=<>]=+|[<>]|\bnot\b|\bin\b|\bis\b/g,
    ) ?? [];
  return [...values, "|", ...(isAssertion(line) ? compares : [])].join(" ");
}

function changedExpectations(path: string, { added, removed }: LineDiff): readonly Weakening[] {
  const found: Weakening[] = [];
  if (/\.(snap|golden|approved\.\w+|verified\.\w+)$|(^|\/)__snapshots__\//.test(path))
    found.push({ severity: "human", rule: "changed_expectation", detail: "a recorded expectation changes" });
  const offers = added.map((line) => expectation(line.text));
  const told = removed.filter((line) => line.text.trim() !== "" && !IMPORT.test(line.text));
  const changed = told.some((line) => {
    const wanted = expectation(line.text);
    if (wanted === "|" && !isAssertion(line.text)) return false;
    const at = offers.indexOf(wanted);
    if (at === -1) return true;
    offers.splice(at, 1);
    return false;
  });
  if (changed) found.push({ severity: "human", rule: "changed_expectation", detail: "what a test expects changes" });
  const now = new Set(added.map((line) => line.text.trim()));
  const moved = told.some((line) => isAssertion(line.text) && now.has(line.text.trim()));
  if (moved || branches(path, added))
    found.push({ severity: "human", rule: "conditional_test", detail: "whether an assertion runs may change" });
  return found;
}

const BRANCH =
  /^\s*(?:\}\s*)?(?:if|else|elif|unless|try|catch|except|finally|return|continue|break|goto|guard|switch|when|with\s+(?:suppress|pytest)|for|while|pass)\b|^\s*#\s*(?:if|ifdef|ifndef|elif|else)\b|&&\s*(?:expect|assert)|\?\s*(?:expect|assert)|\)\s*=>\s*\{?\s*(?:return|\})/;
const OPENING =
  /^\s*(?:(?:public|private|static|async|export|pub|final|override|suspend)\s+)*(?:def|func|fun|fn|function|class|void|it|test|describe|TEST\w*|SECTION|SUBCASE|SCENARIO|BOOST_\w+|@|#\[|\[)/;

/** Is there a new branch or return outside of the new functions that the added lines hold? */
function branches(path: string, added: readonly Line[]): boolean {
  const indented = /\.(py|rb|exs?|ya?ml)$/i.test(path);
  let depth = 0;
  let opener: number | null = null;
  let last = -1;
  for (const line of added) {
    if (line.number !== last + 1) {
      depth = 0;
      opener = null;
    }
    last = line.number;
    const indent = line.text.length - line.text.trimStart().length;
    const inNew = opener !== null && (indented ? indent > opener : depth > 0);
    if (BRANCH.test(line.text) && !inNew) return true;
    if (!inNew && OPENING.test(line.text)) opener = indent;
    const code = line.text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, "");
    depth += (code.match(/[{([]/g)?.length ?? 0) - (code.match(/[})\]]/g)?.length ?? 0);
    if (depth < 0) depth = 0;
  }
  return false;
}

const BOUND =
  /threshold|coverage|fail[-_]under|min(?:imum)?[-_ ]?(?:coverage|score|lines|pass)|max[-_ ]?(?:warnings|failures|errors|complexity)|tolerance|epsilon|\b(?:lines|branches|functions|statements)\b/i;
const STRICT_BOUND = /coverageThreshold|fail[-_]under|check[-_]coverage|min(?:imum)?[-_ ]?coverage|max[-_]?warnings/i;
const LOOSER_WHEN_HIGHER = /max|tolerance|epsilon|delta/i;
const CONFIG = /\.(json[c5]?|ya?ml|toml|ini|cfg|xml|properties|gradle|kts|cmake|mk|config\.\w+)$|(^|\/)((gnu)?makefile|cmakelists\.txt)$/i;

function loosened(path: string, test: boolean, { added, removed }: LineDiff): boolean {
  const shape = (text: string): string => text.trim().replace(/\d+(?:\.\d+)?(?:e-?\d+)?/g, "#");
  return removed.some(({ text }) => {
    const strict = STRICT_BOUND.test(text);
    if (!strict && !(BOUND.test(text) && (test || CONFIG.test(path)))) return false;
    const partner = added.find((line) => shape(line.text) === shape(text));
    if (partner === undefined) return strict;
    const numbers = (line: string): readonly number[] => (line.match(/\d+(?:\.\d+)?(?:e-?\d+)?/g) ?? []).map(Number);
    const now = numbers(partner.text);
    const higher = LOOSER_WHEN_HIGHER.test(text);
    return numbers(text).some((value, at) => (higher ? (now[at] ?? value) > value : (now[at] ?? value) < value));
  });
}

/** Does the change touch only comments, blank lines or documents? */
function isIdle(change: Change): boolean {
  if (DOCUMENT.test(change.path) && !/cmakelists\.txt$/i.test(change.path)) return true;
  const squeeze = (text: string): string => stripComments(change.path, text).replace(/\s+/g, "");
  return squeeze(change.before ?? "") === squeeze(change.after ?? "");
}
