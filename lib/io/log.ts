/**
 * The part of a log that the model sees: its end, and the lines that the signature names, with bounded memory. Logs reach 200 MB.
 *
 * @module
 */
import { readFailure } from "../signature.ts";

export type LogPart = { readonly title: string | undefined; readonly text: string };

const TAIL_BYTES = 256 * 1024;
const TAIL_LINES = 200;
const LINE_CHARS = 600;

/** The last ~200 lines, and above them the lines that say what failed where they are not among them. */
export async function readLog(path: string): Promise<LogPart> {
  const file = Bun.file(path);
  const tail = await file.slice(Math.max(0, file.size - TAIL_BYTES)).text();
  const lines = stripColors(tail)
    .split(/\r?\n/)
    .slice(-TAIL_LINES)
    .map((line) => line.slice(0, LINE_CHARS));
  const failure = await readFailure(file.stream()).catch(() => null);
  const missing = failure === null ? [] : failure.lines.filter((line) => !lines.some((one) => one.includes(line)));
  const head = missing.length === 0 ? [] : ["[what failed, normalized]", ...missing.slice(0, 40), "[the end of the log]"];
  return { title: failure?.title, text: [...head, ...lines].join("\n") };
}

function stripColors(text: string): string {
  return Bun.stripANSI(text).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "");
}
