/**
 * Does a change make the tests weaker instead of the code right?
 *
 * @module
 */
import { diffLines } from "./diff.ts";
import type { Change } from "./edits.ts";

/** Something that a change does to the tests; `human`: may be right, a person decides. */
export type Weakening = { readonly severity: "refuse" | "human"; readonly rule: string; readonly detail: string };

/** Is this a test, an expectation or a fixture by its name? */
export function isTestPath(path: string): boolean {
  return /(^|\/)(tests?|__tests__|specs?|testdata|fixtures)\//i.test(path) || /(^|\/)test_[^/]*$|[._-](test|spec)s?\.[^/]+$/i.test(path);
}

/** Does nothing change but tests? */
export function onlyTests(changes: readonly Change[]): boolean {
  return changes.length > 0 && changes.every((change) => isTestPath(change.path));
}

/** Everything that a change does to weaken tests. */
export function findWeakening(change: Change): readonly Weakening[] {
  const { added } = diffLines(change.before ?? "", change.after ?? "");
  return added.some((line) => /\.(skip|only|todo)\b|xfail|@Disabled|@Ignore|#\[ignore|GTEST_SKIP|t\.Skip|continue-on-error/.test(line.text))
    ? [{ severity: "refuse", rule: "skipped_test", detail: "a test is skipped" }]
    : [];
}
