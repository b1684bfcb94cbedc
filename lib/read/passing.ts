/**
 * Tells lines that say nothing of a failure: what passed, what is run, progress, advice.
 *
 * @module
 */
import { IGNORED } from "../rules/noise.ts";
import { sieveOf } from "../sieve.ts";

const ignored = sieveOf(IGNORED);

/** True for a line that says something passed, or only shows what is run. */
export function passes(text: string): boolean {
  return ignored(text).some((rule) => rule.pattern.test(text));
}
