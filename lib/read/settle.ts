/**
 * What is only known at the end of a log: which test died, which program's name stood for its tests.
 *
 * @module
 */
import { type Draft, draftOf, isThrown } from "../draft.ts";
import type { Reading } from "./reading.ts";
import { identify } from "./say.ts";

/** node:test names a file like a test, and says so of one whose process failed. */
const SCRIPT_FILE = /\.[cm]?[jt]sx?$/;
const COUNTED = /^'?\d{1,6} subtests? failed'?$/;
const MARK = /^\s{0,12}\u2716 /;
const FILE_FAILED = /^(?:test failed)?$/;
/** A compiler's warning: it would have said that warnings are errors. */
const COMPILED = /\[-W[\w-]/;
const WEAK: ReadonlySet<Draft["rank"]> = new Set(["machine", "tool", "bare", "generic"]);

/** The failures that were read, each with what its end told. */
export function settle(reading: Reading): readonly Draft[] {
  const { drafts, running } = reading;
  if (drafts.length === 0) return reading.started === undefined ? warned(reading) : [silenced(reading.started, reading.expired)];
  nameTests(drafts, running);
  nameDeaths(drafts);
  namePackages(drafts);
  const known = drafts.some(({ rank, guessed }) => rank === "test" && !guessed);
  const tests = drafts.some((draft) => draft.rank === "test" && !draft.guessed && !isSuite(draft, reading));
  const told = unsurvived(reading).filter((draft) => says(draft) && !(known && draft.guessed) && !(tests && isSuite(draft, reading)));
  return [...told.filter((draft) => !isMute(draft, drafts)), ...told.filter((draft) => isMute(draft, drafts))];
}

/** Who was aborted because its time was up has not died of itself. */
export function expire(reading: Reading): void {
  reading.expired = true;
  for (const draft of reading.drafts) draft.ids = draft.ids.map((id) => (id === "crash:abort" ? "timeout" : id));
}

/** Nothing was said, and a test that started has not ended: what it died of, Windows did not tell. */
function silenced(test: string, expired: boolean): Draft {
  const draft = draftOf("test", `${test}: started, and did not end`);
  draft.test = test;
  draft.message = "started, and did not end";
  if (expired) draft.ids.push("timeout");
  return draft;
}

/** Nothing else was said: a linter that fails for warnings says so by its exit code alone. */
function warned({ failed, warnings }: Reading): readonly Draft[] {
  const meant = warnings.filter(
    ({ step, message, at }) => at !== undefined && (failed.size === 0 || failed.has(step)) && !COMPILED.test(message ?? ""),
  );
  for (const warning of meant) identify(warning, warning.message ?? "");
  return meant;
}

/** Gives a death the test that ran; a program of tests is what failed where nothing tells more, and a file of tests is no test. */
function nameTests(drafts: readonly Draft[], running: string | undefined): void {
  const alone = !drafts.some(({ rank, test }) => test !== undefined || rank === "crash");
  for (const draft of drafts) {
    draft.at ??= draft.begins;
    const ended = draft.ids.some((id) => id.startsWith("crash:") || id === "timeout");
    if (draft.test === undefined && ended && running !== undefined) draft.test = running;
    else if (draft.test === undefined && draft.rank === "tool" && draft.suite !== undefined && alone && draft.message !== undefined) {
      draft.test = draft.suite;
      draft.rank = "test";
    }
    if (draft.rank === "test" && SCRIPT_FILE.test(draft.test ?? "") && FILE_FAILED.test(draft.message ?? "")) draft.rank = "tool";
  }
}

/** A shell's word for a death, among the tests of which one failed, is of that one. */
function nameDeaths(drafts: readonly Draft[]): void {
  const names = new Set(drafts.flatMap(({ test }) => test ?? []));
  const [only] = names;
  if (names.size !== 1) return;
  for (const draft of drafts) if (draft.rank === "crash" && draft.at === undefined && !isThrown(draft)) draft.test ??= only;
}

/** CMake's own words for what pkg-config did not find, above. */
function namePackages(drafts: readonly Draft[]): void {
  drafts.forEach((draft, index) => {
    if (draft.message !== "A required package was not found") return;
    const found = drafts.slice(0, index).findLast(({ ids }) => ids.some((id) => id.startsWith("missing-package:")));
    if (found === undefined) return;
    draft.ids.push(...found.ids);
    draft.message = `${draft.message}: ${found.ids[0]?.replace(/^.*:/, "")}`;
  });
}

/** A suite, as node:test counts one among the tests that failed, or marks one that its list leaves out. */
function isSuite(draft: Draft, { listed }: Reading): boolean {
  if (draft.rank !== "test") return false;
  const { message, at, ids, lines } = draft;
  if (message !== undefined) return COUNTED.test(message);
  return at === undefined && ids.length === 0 && listed !== undefined && !listed.has(draft) && MARK.test(lines[0] ?? "");
}

/** A Go test whose subtest failed says no more than that. */
function isMute({ rank, test, message, ids }: Draft, drafts: readonly Draft[]): boolean {
  if (rank !== "test" || test === undefined || message !== undefined || ids.length > 0) return false;
  return drafts.some((other) => other.test?.startsWith(`${test}/`));
}

/**
 * All but what only sounds wrong, or what the machine did, in a step that went on to pass, where one that failed says more
 * than that. A step whose head was left out counts as part of the one before, so no step is ever torn apart.
 */
function unsurvived({ drafts, failed }: Reading): readonly Draft[] {
  const said = drafts.filter(({ step }) => failed.has(step));
  if (said.length === 0) return drafts;
  // What could not be written is missing later.
  const lacks = said.every(({ ids }) => ids.some((id) => id.startsWith("missing-")));
  const telling = said.some(({ rank }) => rank !== "generic");
  return drafts.filter(
    ({ rank, step, ids }) =>
      failed.has(step) || !WEAK.has(rank) || (rank !== "generic" && !telling) || (lacks && ids.includes("disk:full")),
  );
}

/** Not a stack whose exception only says that a command failed. */
function says({ rank, ids, at, message, test }: Draft): boolean {
  return rank !== "crash" || ids.length > 0 || (at ?? message ?? test) !== undefined;
}
