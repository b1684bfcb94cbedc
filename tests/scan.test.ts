import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { KEYWORDS } from "../lib/rules/keywords.ts";
import { createScanner } from "../lib/scan.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createScanner()", () => {
  test("find() returns the first occurrence that indexOf would, for any text and keywords", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), maxLength: 200 }),
        fc.nat(20),
        (words, text, from) => {
          const haystack = Buffer.from(text);
          const starts = words.map((item) => haystack.indexOf(item, from)).filter((at) => at >= 0);
          expect(createScanner(words).find(haystack, from, haystack.length)).toBe(starts.length === 0 ? -1 : Math.min(...starts));
        },
      ),
    );
  });

  test("findAll() returns every occurrence that indexOf would, in order", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom("a", "b", "\n", "\u25cf"), maxLength: 200 }),
        fc.nat(20),
        fc.nat(20),
        (words, text, from, short) => {
          const haystack = Buffer.from(text);
          const to = Math.max(from, haystack.length - short);
          const starts = Array.from(haystack.keys()).filter((at) =>
            words.some((item) => at >= from && haystack.indexOf(item, at) === at && at + Buffer.byteLength(item) <= to),
          );
          expect(createScanner(words).findAll(haystack, from, Math.min(to, haystack.length))).toEqual(starts);
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
