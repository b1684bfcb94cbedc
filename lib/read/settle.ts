/**
 * What is only known at the end of a log: which test died, which program's name stood for its tests.
 *
 * @module
 */
import type { Draft } from "../draft.ts";
import type { Reading } from "./reading.ts";
import { identify } from "./say.ts";

/** node:test names a file like a test, and says so of one whose process failed. */
const AFILE = /\.[cm]?[jt]sx?$/;
const UNTOLD = /^(?:test failed)?$/;
const WEAK: ReadonlySet<Draft["rank"]> = new Set(["machine", "tool", "bare", "generic"]);

/** The failures that were read, each with what its end told. */
export function settle(reading: Reading): readonly Draft[] {
  const { drafts, running } = reading;
  // Nothing else was said: a linter that fails for warnings says so by its exit code alone.
  if (drafts.length === 0) {
    const { failed, warnings } = reading;
    return warnings
      .filter(({ step, message, at }) => at !== undefined && (failed.size === 0 || failed.has(step)) && !/\[-W[\w-]/.test(message ?? ""))
      .map(identified);
  }
  // Where nothing tells more, a program of tests is what failed.
  const alone = !drafts.some(({ rank, test }) => test !== undefined || rank === "crash");
  for (const draft of drafts) {
    const crashed = draft.ids.some((id) => id.startsWith("crash:"));
    if (draft.test === undefined && crashed && running !== undefined) draft.test = running;
    else if (draft.test === undefined && draft.rank === "tool" && draft.suite !== undefined && alone && draft.message !== undefined) {
      draft.test = draft.suite;
      draft.rank = "test";
    }
  }
  for (const draft of drafts)
    if (draft.rank === "test" && AFILE.test(draft.test ?? "") && UNTOLD.test(draft.message ?? "")) draft.rank = "tool";
  // A shell's word for a death, among the tests of which one failed.
  const names = new Set(drafts.flatMap(({ test }) => test ?? []));
  const [only] = names;
  for (const draft of drafts) if (names.size === 1 && draft.rank === "crash" && draft.at === undefined) draft.test ??= only;
  // A Go test whose subtest failed says no more than that.
  const mute = (draft: Draft): boolean =>
    draft.rank === "test" &&
    draft.test !== undefined &&
    draft.message === undefined &&
    draft.ids.length === 0 &&
    drafts.some((other) => other.test?.startsWith(`${draft.test}/`));
  const told = unsurvived(reading).filter(says);
  return [...told.filter((draft) => !mute(draft)), ...told.filter(mute)];
}

function identified(draft: Draft): Draft {
  identify(draft, draft.message ?? "");
  return draft;
}

/**
 * All but what only sounds wrong, or what the machine did, in a step that went on to pass, where one that failed says more
 * than that. A step whose head was left out counts as part of the one before, so no step is ever torn apart.
 */
function unsurvived({ drafts, failed }: Reading): readonly Draft[] {
  const said = drafts.filter(({ step }) => failed.has(step));
  if (said.length === 0) return drafts;
  const telling = said.some(({ rank }) => rank !== "generic");
  return drafts.filter(({ rank, step }) => failed.has(step) || !WEAK.has(rank) || (rank !== "generic" && !telling));
}

/** Not a stack whose exception only says that a command failed. */
function says({ rank, ids, at, message, test }: Draft): boolean {
  return rank !== "crash" || ids.length > 0 || (at ?? message ?? test) !== undefined;
}
