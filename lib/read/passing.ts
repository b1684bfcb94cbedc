/**
 * Tells lines that say nothing of a failure: what passed, what is run, progress, advice; and what only wraps or counts.
 *
 * @module
 */
import { IGNORED, WRAPPERS } from "../rules/noise.ts";
import { sieveOf } from "../sieve.ts";

const wrappers = sieveOf(WRAPPERS);

/** True for a line that says something passed, or only shows what is run. */
export function passes(text: string): boolean {
  return IGNORED.some((rule) => rule.pattern.test(text));
}

/** True for a line that says that something failed, never what. */
export function wraps(text: string): boolean {
  return wrappers(text).some((rule) => rule.pattern.test(text));
}
