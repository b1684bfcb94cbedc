/**
 * Tells lines that say nothing of a failure: what passed, what is run, progress, advice; and what only wraps or counts.
 *
 * @module
 */
import { IGNORED, WRAPPERS } from "../rules/noise.ts";
import { sieveOf } from "../sieve.ts";

const wrappers = sieveOf(WRAPPERS);
/** Those that hold at a line's beginning, as one: a log has tens of thousands of such lines, and each call costs more than its rule. */
const anchored = IGNORED.filter(({ pattern }) => pattern.flags === "" && pattern.source.startsWith("^"));
const others = IGNORED.filter((rule) => !anchored.includes(rule));
const beginning = new RegExp(anchored.map(({ pattern }) => `(?:${pattern.source})`).join("|"));

/** True for a line that says something passed, or only shows what is run. */
export function passes(text: string): boolean {
  return beginning.test(text) || others.some((rule) => rule.pattern.test(text));
}

/** True for a line that says that something failed, never what. */
export function wraps(text: string): boolean {
  return wrappers(text).some((rule) => rule.pattern.test(text));
}
