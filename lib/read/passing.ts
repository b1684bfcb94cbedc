/**
 * Tells lines that say nothing of a failure: what passed, what is run, progress, advice.
 *
 * @module
 */
import { IGNORED } from "../rules/noise.ts";

/** True for a line that says something passed, or only shows what is run. */
export function passes(text: string): boolean {
  return IGNORED.some((rule) => rule.pattern.test(text));
}
