/**
 * Delays between tries: exponential, capped, with full jitter.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @module
 */

export type BackoffOptions = {
  /** Upper bound of the first delay, in milliseconds. @default 250 */
  readonly baseMs?: number;
  /** Upper bound of any delay, in milliseconds. @default 10_000 */
  readonly capMs?: number;
};

/**
 * The delay before try `attempt` (0 is the first repetition), in milliseconds: uniform in 0..min(cap, base · 2^attempt).
 *
 * @param attempt How many tries have failed so far, from 0.
 * @param random A number in 0..1.
 */
export function backoff(attempt: number, random: number, options: BackoffOptions = {}): number {
  const { baseMs = 250, capMs = 10_000 } = options;
  return random * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/**
 * The delay between two polls of one waiting flavor, in milliseconds.
 *
 * All waiters together read at most twice a second, so 256 of them stay far below GitHub's 900 points a minute
 * and git's recommended 15 reads a second; a fifth of the delay is jitter, so that they do not march in step.
 *
 * @param waiting Flavors that wait for the same fix, this one included.
 * @param random A number in 0..1.
 */
export function pollDelay(waiting: number, random: number, baseMs: number): number {
  return Math.max(baseMs, waiting * 500) * (0.9 + 0.2 * random);
}

/** More flavors than this are a crowd: GitHub takes 100 requests at a time, about 80 writes a minute, and 1,000 requests an hour. */
export const crowd = 32;

/** How long one of `flavors` that fail together waits before its first request, in milliseconds; nothing where they are no crowd. */
export function firstDelay(flavors: number, random: number): number {
  return flavors > crowd ? random * flavors * 1200 : 0;
}
