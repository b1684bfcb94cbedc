/**
 * Reads what any tool may say, in whatever form: a place, and a test that failed.
 *
 * @module
 */
import { groupOf, placeOf } from "../draft.ts";
import { ANY_PLACE, ANY_TEST } from "../rules/lines.ts";
import { begin, type Reading } from "./reading.ts";
import { say } from "./say.ts";

/** A test that failed, by node:test's mark. */
const MARKED = /^\s{0,12}\u2716 (?<test>(?!failing tests:)\S.{0,300}?)(?: \(\d{1,9}(?:\.\d{1,9})?ms\))?$/;

/** The first place that a line names. */
export function placeIn(text: string): string | undefined {
  const match = ANY_PLACE.exec(text);
  return match === null ? undefined : placeOf(groupOf(match, "file") ?? "", groupOf(match, "line"));
}

/** Right below a test that failed, one that was not even begun: node:test says no duration of it. */
function readMarked(reading: Reading, text: string): boolean {
  const { open } = reading;
  const test = MARKED.exec(text)?.groups?.test;
  if (open?.rank !== "test" || test === undefined || !MARKED.test(open.lines[0] ?? "")) return false;
  reading.open = begin(reading, test, text);
  return true;
}

/** Opens the report of a test that no rule knows by its line; false when the line names none, or a rule knows another. */
export function guessTest(reading: Reading, text: string): boolean {
  if (readMarked(reading, text)) return true;
  if (reading.drafts.some(({ rank, guessed }) => rank === "test" && !guessed)) return false;
  const match = ANY_TEST.exec(text);
  if (match === null) return false;
  const test = groupOf(match, "test");
  const known = reading.drafts.find((draft) => draft.test === test);
  reading.open = known ?? begin(reading, test, text);
  if (known === undefined) reading.open.guessed = true;
  const message = groupOf(match, "message");
  if (message !== undefined && known === undefined) {
    say(reading.open, message);
    reading.open.at ??= placeIn(message);
  }
  return true;
}
