/**
 * What lines have in common that differ in their numbers alone.
 *
 * @module
 */

/** A hash of the letters in a line's first bytes: the same for lines that differ in digits, spaces and punctuation alone. */
export function shapeOf(bytes: Uint8Array, start: number, end: number, count: number): number {
  const stop = Math.min(end, start + count);
  let hash = 7;
  for (let index = start; index < stop; index++) {
    const lower = (bytes[index] as number) | 32;
    if (lower >= 97 && lower <= 122) hash = (hash * 31 + lower) | 0;
  }
  return (hash ^ (hash >>> 14)) & 0x3ffff;
}
