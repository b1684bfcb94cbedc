/**
 * Which lines a change adds and removes: a line diff small enough to judge patches with, not to print them (git does that).
 *
 * Common head and tail are cut off; the middle is aligned by longest common subsequence, and a middle too large to align
 * counts as replaced whole, which errs towards more changed lines.
 *
 * @module
 */

/** A line and its number (from 1) in the text that it belongs to. */
export type Line = { readonly number: number; readonly text: string };

export type LineDiff = { readonly added: readonly Line[]; readonly removed: readonly Line[] };

/** Cells of the alignment table that are still filled. */
const MAX_CELLS = 4_000_000;

/** Lines of `after` that are not in `before`, in order, and the other way round. Line endings are not compared. */
export function diffLines(before: string, after: string): LineDiff {
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  const kept = a.length * b.length <= MAX_CELLS ? align(a, b) : { a: new Set<number>(), b: new Set<number>() };
  const pick = (lines: readonly string[], keep: ReadonlySet<number>): Line[] =>
    lines.flatMap((text, at) => (keep.has(at) ? [] : [{ number: head + at + 1, text }]));
  return { added: pick(b, kept.b), removed: pick(a, kept.a) };
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function align(a: readonly string[], b: readonly string[]): { readonly a: ReadonlySet<number>; readonly b: ReadonlySet<number> } {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const keep = { a: new Set<number>(), b: new Set<number>() };
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      keep.a.add(i++);
      keep.b.add(j++);
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return keep;
}
