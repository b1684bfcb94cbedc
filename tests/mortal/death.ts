/**
 * A process that may die at any of its writes to the disk: before it, after it, or in its midst, with half of it there.
 *
 * @module
 */
import { appendFileSync } from "node:fs";

const { SHIM_FILES: log, SHIM_AT: at, SHIM_WHEN: when } = process.env;
let count = 0;

/** Ends everything around this process, as a runner that is lost. */
export function die(): never {
  process.kill(0, "SIGKILL");
  throw new Error("still here");
}

/** Counts a write; true where it is the last that this process makes. */
export function isLast(name: string, path: unknown): boolean {
  if (log !== undefined) appendFileSync(log, `${name} ${String(path)}\n`);
  const struck = ++count === Number(at);
  if (struck && when === "before") die();
  return struck;
}

/** What of a text gets to the disk. */
export function written<T>(data: T, last: boolean): T {
  return last && when === "midst" && typeof data === "string" ? (data.slice(0, data.length / 2) as T) : data;
}
