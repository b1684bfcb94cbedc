/**
 * Which lines a change adds and removes: a line diff small enough to judge patches with, not to print them (git does that).
 *
 * Common head and tail are cut off; the middle is aligned with the fewest changed lines (Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986), so what it costs depends on how much changes, not on how long the file is. Beyond `MAX_CHANGES` the middle counts
 * as replaced whole, which errs towards more changed lines.
 *
 * @module
 */

/** A line and its number (from 1) in the text that it belongs to. */
export type Line = { readonly number: number; readonly text: string };

export type LineDiff = { readonly added: readonly Line[]; readonly removed: readonly Line[] };

/** Changed lines that are still aligned: ten times what a fix may have, and at most 32 MB of steps. */
const MAX_CHANGES = 4_000;

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
  const kept = keptOf(a, b, walk(a, b));
  const pick = (lines: readonly string[], keep: ReadonlySet<number>): Line[] =>
    lines.flatMap((text, at) => (keep.has(at) ? [] : [{ number: head + at + 1, text }]));
  return { added: pick(b, kept.b), removed: pick(a, kept.a) };
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** For each number of changes d from 0, how many lines of `a` are behind on each of its diagonals -d, -d + 2, … d. */
type Steps = readonly Int32Array[];

/** The steps to the end of both, the last one being where it is reached; none where that takes too many changes. */
function walk(a: readonly string[], b: readonly string[]): Steps {
  const steps: Int32Array[] = [];
  for (let d = 0; d <= MAX_CHANGES; d += 1) {
    const step = new Int32Array(d + 1);
    steps.push(step);
    for (let i = 0; i <= d; i += 1) {
      let x = d === 0 ? 0 : arrive(steps, d, i).x;
      const diagonal = 2 * i - d;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      step[i] = x;
      if (x >= a.length && x - diagonal >= b.length) return steps;
    }
  }
  return [];
}

/** How the d-th change leads to its i-th diagonal: by a line that is added, or by one that is removed, whichever gets further. */
function arrive(steps: Steps, d: number, i: number): { readonly x: number; readonly added: boolean } {
  const adding = i < d ? (steps[d - 1]?.[i] ?? 0) : -1;
  const removing = i > 0 ? (steps[d - 1]?.[i - 1] ?? 0) + 1 : -1;
  return adding >= removing ? { x: adding, added: true } : { x: removing, added: false };
}

/** Which lines of both stay, by going back through the steps; none where there are no steps. */
function keptOf(
  a: readonly string[],
  b: readonly string[],
  steps: Steps,
): { readonly a: ReadonlySet<number>; readonly b: ReadonlySet<number> } {
  const keep = { a: new Set<number>(), b: new Set<number>() };
  let [x, y] = [a.length, b.length];
  for (let d = steps.length - 1; d > 0; d -= 1) {
    const from = arrive(steps, d, (x - y + d) / 2);
    while (x > from.x) {
      keep.a.add(--x);
      keep.b.add(--y);
    }
    if (from.added) y -= 1;
    else x -= 1;
  }
  return keep;
}
