/**
 * The stagger of a race: how long after the start a flavor fails.
 *
 * @module
 */

/** The delay of the index-th flavor, in milliseconds. */
export type Jitter = (index: number) => number;

export type Stagger = {
  readonly delay: Jitter;
  /** As text and JSON show it: a distance, or a range. */
  readonly ms: number | readonly [number, number];
};

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** `0s`, `1s` (one after the other, this far apart) or `0s..30s` (each at random in between); undefined for anything else. */
export function parseStagger(text: string, random: () => number): Stagger | undefined {
  const [low, high, ...rest] = text.split("..").map(millisecondsOf);
  if (low === undefined || rest.length > 0) return undefined;
  if (!text.includes("..")) return { delay: (index) => index * low, ms: low };
  return high === undefined || high < low ? undefined : { delay: () => low + random() * (high - low), ms: [low, high] };
}

function millisecondsOf(text: string): number | undefined {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unitsMs[unit] ?? 1000);
}
