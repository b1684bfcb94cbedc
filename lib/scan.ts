/**
 * Finds any of a set of keywords in bytes, skipping most of them.
 *
 * Wu and Manber's algorithm with two-byte blocks: all keywords are cut to the shortest one's length m; a table says,
 * for the two bytes that end a window of m, how far the window may move before a keyword could end there. Most pairs of
 * bytes occur in no keyword, so most steps move m - 1 bytes. Each step waits for the table, so a long text is read as four
 * quarters in turns; and one step in eleven may end a keyword, too often for a branch to be guessed well, so those are
 * noted without one and looked at afterwards.
 *
 * Beside it, where a line begins and ends in such bytes.
 *
 * @see https://webglimpse.net/pubs/TR94-17.pdf
 * @module
 */

/** Looks for the scanner's keywords in `bytes[from, to)`. */
export type Scanner = {
  /** Index of the first keyword that starts at or after `from` and ends before `to`, or -1. */
  readonly find: (bytes: Uint8Array, from: number, to: number) => number;
  /** Indices of all keywords that start at or after `from` and end before `to`, in order. */
  readonly findAll: (bytes: Uint8Array, from: number, to: number) => readonly number[];
};

export const NEWLINE = 10;
export const RETURN = 13;

/** Where the line that holds `at` begins. A search back from -1 would begin at the end of the bytes. */
export function lineStart(bytes: Buffer, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
}

/** Where the line that holds `from` ends, or `limit`: what stands beyond it an earlier text may have left. */
export function endOf(bytes: Uint8Array, from: number, limit: number, mark = NEWLINE): number {
  const end = bytes.indexOf(mark, from);
  return end < 0 || end > limit ? limit : end;
}

/**
 * A scanner for some keywords. Matching is of bytes, hence exact in case.
 *
 * @throws {RangeError} when a keyword is shorter than three bytes: the window could not move.
 */
export function createScanner(keywords: readonly string[]): Scanner {
  const patterns = keywords.map((keyword) => new TextEncoder().encode(keyword));
  const window = Math.min(...patterns.map((pattern) => pattern.length));
  if (!(window >= 3)) throw new RangeError("Cannot scan for keywords: one is shorter than three bytes");
  const longest = Math.max(...patterns.map((pattern) => pattern.length));
  const shift = new Uint8Array(65_536).fill(window - 1);
  const bucket = new Int16Array(65_536).fill(-1);
  const buckets: Uint8Array[][] = [];
  /** Pairs of bytes with which some keyword begins: most windows that end like one begin like none. */
  const begins = new Uint8Array(65_536);
  for (const pattern of patterns) {
    for (let end = 1; end < window; end++) {
      const block = (byte(pattern, end - 1) << 8) | byte(pattern, end);
      shift[block] = Math.min(byte(shift, block), window - 1 - end);
    }
    begins[(byte(pattern, 0) << 8) | byte(pattern, 1)] = 1;
    const block = (byte(pattern, window - 2) << 8) | byte(pattern, window - 1);
    const known = buckets[bucket[block] ?? -1];
    if (known === undefined) bucket[block] = buckets.push([pattern]) - 1;
    else known.push(pattern);
  }

  const startsAt = (bytes: Uint8Array, at: number, to: number, candidates: readonly Uint8Array[]): boolean => {
    for (const pattern of candidates) {
      if (at + pattern.length > to) continue;
      let same = 0;
      while (same < pattern.length && bytes[at + same] === pattern[same]) same++;
      if (same === pattern.length) return true;
    }
    return false;
  };

  // Reads stay inside the array (end < to <= bytes.length), so the assertions below only speak to the compiler.
  const pairAt = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

  /** True when a keyword starts `window - 1` bytes before `end`, where the window could not move. */
  const stopsAt = (bytes: Uint8Array, end: number, to: number): boolean => {
    const start = end - window + 1;
    const candidates = bucket[pairAt(bytes, end - 1)] as number;
    return begins[pairAt(bytes, start)] === 1 && startsAt(bytes, start, to, buckets[candidates] as Uint8Array[]);
  };

  const find = (bytes: Uint8Array, from: number, to: number): number => {
    let end = from + window - 1;
    while (end < to) {
      const skip = shift[pairAt(bytes, end - 1)] as number;
      if (skip === 0 && stopsAt(bytes, end, to)) return end - window + 1;
      end += skip || 1;
    }
    return -1;
  };

  /** Room for what {@link noteEnds} notes. */
  let ends = new Int32Array(0);

  const findAll = (bytes: Uint8Array, from: number, to: number): readonly number[] => {
    if (ends.length < to - from + QUARTERS) ends = new Int32Array(to - from + QUARTERS);
    const last = window - 1;
    const count = noteEnds(shift, bytes, from, to, last, ends);
    const found: number[] = [];
    for (let index = 0; index < count; index++) {
      const end = ends[index] as number;
      if (stopsAt(bytes, end, to)) found.push(end - last);
    }
    // One quarter is done; the others have a few windows left.
    const quarter = (to - from) >> 2;
    for (let index = 0; index < QUARTERS; index++) {
      const before = index === QUARTERS - 1 ? to : from + (index + 1) * quarter;
      collect(found, bytes, (ends[count + index] as number) - last, before, to);
    }
    return found.sort((one, other) => one - other);
  };

  /** Adds the keywords that start in `bytes[from, before)`. */
  const collect = (found: number[], bytes: Uint8Array, from: number, before: number, to: number): void => {
    const limit = Math.min(to, before + longest - 1);
    for (let start = find(bytes, from, limit); start >= 0 && start < before; start = find(bytes, start + 1, limit)) found.push(start);
  };
  return { find, findAll };
}

const QUARTERS = 4;
/** By how far a window may move: 1 where a keyword may end, and how far to go on. */
const STOPS = new Uint8Array(256).fill(1, 0, 1);
const STEPS = STOPS.map((_, shift) => shift || 1);

/**
 * Notes in `ends` where keywords may end in `bytes[from, to)`, until the first of its quarters is done, and behind them where
 * each quarter was left. How many.
 *
 * A function of its own, in which everything is spelled out: as part of a larger one the engine makes it half as fast.
 */
function noteEnds(shift: Uint8Array, bytes: Uint8Array, from: number, to: number, last: number, ends: Int32Array): number {
  const stops = STOPS;
  const steps = STEPS;
  const quarter = (to - from) >> 2;
  let count = 0;
  let a = from + last;
  let b = a + quarter;
  let c = b + quarter;
  let d = c + quarter;
  const endA = b;
  const endB = c;
  const endC = d;
  while (a < endA && b < endB && c < endC && d < to) {
    const shiftA = shift[((bytes[a - 1] as number) << 8) | (bytes[a] as number)] as number;
    const shiftB = shift[((bytes[b - 1] as number) << 8) | (bytes[b] as number)] as number;
    const shiftC = shift[((bytes[c - 1] as number) << 8) | (bytes[c] as number)] as number;
    const shiftD = shift[((bytes[d - 1] as number) << 8) | (bytes[d] as number)] as number;
    ends[count] = a;
    count += stops[shiftA] as number;
    a += steps[shiftA] as number;
    ends[count] = b;
    count += stops[shiftB] as number;
    b += steps[shiftB] as number;
    ends[count] = c;
    count += stops[shiftC] as number;
    c += steps[shiftC] as number;
    ends[count] = d;
    count += stops[shiftD] as number;
    d += steps[shiftD] as number;
  }
  for (const end of [a, b, c, d]) ends[count++] = end;
  return count - QUARTERS;
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
