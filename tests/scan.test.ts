import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { KEYWORDS } from "../lib/rules/keywords.ts";
import { createScanner } from "../lib/scan.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createScanner()", () => {
  test("find() and findAll() return what indexOf would, for any text and keywords", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), maxLength: 200 }),
        fc.nat(20),
        fc.nat(20),
        (words, text, skipped, left) => {
          const haystack = Buffer.from(text);
          const from = Math.min(skipped, haystack.length);
          const to = Math.max(from, haystack.length - left);
          const starts = Array.from(haystack.keys()).filter((at) =>
            words.some((item) => at >= from && haystack.indexOf(item, at) === at && at + Buffer.byteLength(item) <= to),
          );
          expect(createScanner(words).findAll(haystack, from, to)).toEqual(starts);
          expect(createScanner(words).find(haystack, from, to)).toBe(starts[0] ?? -1);
        },
      ),
    );
  });

  test("find() finds nothing that ends after its limit", () => {
    expect(createScanner(["error"]).find(bytes("an error"), 0, 7)).toBe(-1);
  });

  test("throws when a keyword is too short to jump by", () => {
    expect(() => createScanner(["error", "no"])).toThrow("Cannot scan for keywords: one is shorter than three bytes");
  });

  test("every keyword is six bytes or longer, so that the scan may jump by five", () => {
    expect(KEYWORDS.filter((keyword) => bytes(keyword).length < 6)).toEqual([]);
  });
});
