/**
 * The part of a log that the model sees: where it fails first, and its end, with bounded memory. Logs reach 200 MB.
 *
 * @module
 */
import { excerpt } from "../excerpt.ts";
import { plain } from "../plain.ts";
import { type Failure, failureOf } from "../signature.ts";
import { bytesOf } from "./bytes.ts";

export type LogPart = {
  /** What failed, in a line; undefined when nothing was recognised. */
  readonly title: string | undefined;
  readonly text: string;
  readonly failure: Failure;
};

const FIRST_LINES = 200;
const LAST_LINES = 200;
const LINE_CHARS = 600;

/**
 * The first lines around errors (the root cause is rarely last) and the last lines of the log.
 *
 * @param mask takes known secrets out before a line is cut
 */
export async function readLog(path: string, mask: (text: string) => string): Promise<LogPart> {
  const read = await excerpt(bytesOf(path));
  const failure = failureOf(read, mask);
  const shown = mask(read.lines.map(({ text }) => plain(text)).join("\n"))
    .split("\n")
    .map((line) => line.slice(0, LINE_CHARS));
  const middle = shown.length - FIRST_LINES - LAST_LINES;
  const parts = middle <= 0 ? shown : [...shown.slice(0, FIRST_LINES), `[${middle} lines left out]`, ...shown.slice(-LAST_LINES)];
  return { title: failure.unrecognized ? undefined : failure.title, text: parts.join("\n"), failure };
}
