/**
 * Seeded randomness: the same seed draws the same numbers, so a race that failed can be replayed.
 *
 * @module
 */

/** Draws the next number of a stream, 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/**
 * Starts a stream of numbers from a seed of any text (mulberry32 over an FNV-1a hash of the seed).
 *
 * @param seed names the stream
 */
export function seeded(seed: string): Random {
  let state = hash(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One stream per name below a seed: the n-th request of a sender draws the same fault however the senders interleave.
 *
 * @param seed names the family of streams
 */
export function seededByName(seed: string): (name: string) => Random {
  const streams = new Map<string, Random>();
  return (name) => {
    const found = streams.get(name);
    if (found !== undefined) return found;
    const created = seeded(`${seed}/${name}`);
    streams.set(name, created);
    return created;
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value | 0;
}
