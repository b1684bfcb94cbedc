import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { diffLines } from "../lib/diff.ts";

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const numbered = (count: number, word = "line"): readonly string[] => Array.from({ length: count }, (_, at) => `${word} ${at}`);

/** Length of the longest common subsequence, by the definition. */
function longest(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    for (const [at, other] of b.entries()) next.push(one === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe("diffLines()", () => {
  test("keeps as many lines as can be kept, the same on both sides", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 14 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const { added, removed } = diffLines(textOf(before), textOf(after));
        const kept = before.filter((_, at) => !removed.some(({ number }) => number === at + 1));
        expect(after.filter((_, at) => !added.some(({ number }) => number === at + 1))).toEqual(kept);
        expect(kept.length).toBe(longest(before, after));
        for (const { number, text } of added) expect<string | undefined>(after[number - 1]).toBe(text);
        for (const { number, text } of removed) expect<string | undefined>(before[number - 1]).toBe(text);
      }),
    );
  });

  test("tells two changes at the ends of a long file", () => {
    const before = numbered(30_000);
    const after = before.with(3, "one").with(29_994, "two");
    expect(diffLines(textOf(before), textOf(after))).toEqual({
      added: [
        { number: 4, text: "one" },
        { number: 29_995, text: "two" },
      ],
      removed: [
        { number: 4, text: "line 3" },
        { number: 29_995, text: "line 29994" },
      ],
    });
  });

  test("counts as replaced whole what changes beyond bounds", () => {
    const { added, removed } = diffLines(
      textOf(["stays in the middle", ...numbered(9_000)]),
      textOf([...numbered(9_000, "other"), "stays"]),
    );
    expect([added.length, removed.length]).toEqual([9_001, 9_001]);
  });

  test("does not compare line endings", () => {
    expect(diffLines("a\r\nb\r\n", "a\nb\n")).toEqual({ added: [], removed: [] });
  });
});
