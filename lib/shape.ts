/**
 * How a line looks, byte for byte: alike but for numbers, or a report for machines.
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

/** True for a line of JSON, behind what a service writes before a line. */
export function beginsJson(bytes: Uint8Array, start: number): boolean {
  return JSON_BEGIN.test(decoder.decode(bytes.subarray(start, start + HEAD_BYTES)));
}
const HEAD_BYTES = 320;
const decoder = new TextDecoder();
/** How a line of JSON begins: an object with a name, or a list of objects. */
export const JSON_HEAD = String.raw`\{ ?"|\[ ?\{`;
const JSON_BEGIN = new RegExp(String.raw`^(?:[^\t{[]{1,120}\t){0,2}(?:\ufeff?\d{4}-\d\d-\d\dT\S{1,24} )?(?:${JSON_HEAD})`);
