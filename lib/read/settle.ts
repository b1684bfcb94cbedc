/**
 * What is only known at the end of a log: which test died, which program's name stood for its tests.
 *
 * @module
 */
import type { Draft } from "../draft.ts";
import type { Reading } from "./reading.ts";

/** The failures that were read, each with what its end told. */
export function settle(reading: Reading): readonly Draft[] {
  const { drafts, running } = reading;
  const tested = drafts.some((draft) => draft.test !== undefined);
  for (const draft of drafts) {
    const crashed = draft.ids.some((id) => id.startsWith("crash:"));
    if (draft.test === undefined && crashed && running !== undefined) draft.test = running;
    else if (draft.test === undefined && draft.rank === "tool" && draft.suite !== undefined && !tested && draft.message !== undefined) {
      draft.test = draft.suite;
      draft.rank = "test";
    }
  }
  // A Go test whose subtest failed says no more than that.
  const mute = (draft: Draft): boolean =>
    draft.rank === "test" &&
    draft.test !== undefined &&
    draft.message === undefined &&
    draft.ids.length === 0 &&
    drafts.some((other) => other.test?.startsWith(`${draft.test}/`));
  return [...drafts.filter((draft) => !mute(draft)), ...drafts.filter(mute)];
}
