import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Glob } from "bun";
import fc from "fast-check";
import { plain, straight } from "../lib/plain.ts";
import { sieveOf } from "../lib/sieve.ts";
import { type Rule, TELLING } from "./tables.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const ENTRIES = Object.entries(TELLING);

const LOGS = new URL("fixtures/logs/", import.meta.url).pathname;
const lines: string[] = (await Bun.file(new URL("fixtures/tools/causes.txt", import.meta.url)).text()).split("\n").map(straight);
for (const file of new Glob("*/*.log").scanSync(LOGS))
  for (const line of (await Bun.file(LOGS + file).text()).split("\n").slice(-150)) lines.push(straight(plain(line)));

/** The rules that match a text but were held back. */
const lost = (rules: readonly Rule[], passed: readonly Rule[], text: string): readonly string[] =>
  rules.filter((rule) => !passed.includes(rule) && rule.pattern.test(text)).map(({ why }) => `${why}: ${text}`);

describe("sieveOf()", () => {
  test.each(ENTRIES)("lets every rule of %s through that matches a line of a real log", (_, rules) => {
    const sieve = sieveOf(rules);
    expect(lines.flatMap((line) => lost(rules, sieve(line), line))).toEqual([]);
  });

  test.each(ENTRIES)("lets every rule of %s through that matches what its own pattern describes", (_, rules) => {
    const sieve = sieveOf(rules);
    const unmatched = new Set(rules);
    for (const rule of rules)
      fc.assert(
        fc.property(matching(rule.pattern), (text) => {
          if (rule.pattern.test(text)) unmatched.delete(rule);
          expect(lost(rules, sieve(text), text)).toEqual([]);
        }),
        { numRuns: 40 },
      );
    expect([...unmatched].map(({ why }) => why)).toEqual([]);
  });

  test.each([
    [/[Cc]onnection refused|\bECONNREFUSED\b/, "connection refused", true],
    [/[Cc]onnection refused|\bECONNREFUSED\b/, "connect again", false],
    [/a(?:bc)?d/, "ad", true],
    [/colou?r here/, "color here", true],
    [/no{2,3}t found/, "nooot found", true],
    [/x{0,3}yes(?!no)/, "yes", true],
    [/(?<name>first|second) thing/, "first things", true],
    [/(?<name>first|second) thing/, "third party", false],
    [/Failed/i, "FAILED", true],
    [/\u2716 wrong\x1b/, "\u2716 wrong\x1b", true],
  ])("%p on %j: %p", (pattern, text, passes) => {
    expect(sieveOf([{ pattern }])(text).length > 0).toBe(passes);
  });

  test("keeps the order of the rules", () => {
    const rules = [{ pattern: /beta/ }, { pattern: /^./ }, { pattern: /alpha/ }];
    expect(sieveOf(rules)("alpha beta")).toEqual(rules);
  });
});

/** Texts for a pattern without its anchors of words, look-around and empty groups, which no generator knows; most of them match. */
function matching(pattern: RegExp): fc.Arbitrary<string> {
  const source = withoutLooks(pattern.source)
    .replace(/\\b|\\B/g, "")
    .replace(/\(\?<\w+>\)/g, "");
  return fc.stringMatching(new RegExp(source), { size: "small" });
}

/** A pattern's source without what only looks ahead or back, however deep its groups. */
function withoutLooks(source: string): string {
  const start = source.search(/\(\?<?[=!]/);
  if (start < 0) return source;
  let depth = 0;
  let end = start;
  for (let inClass = false; end < source.length; end++) {
    const letter = source[end];
    if (letter === "\\") end++;
    else if (inClass) inClass = letter !== "]";
    else if (letter === "[") inClass = true;
    else if (letter === "(") depth++;
    else if (letter === ")" && --depth === 0) break;
  }
  return withoutLooks(source.slice(0, start) + source.slice(end + 1));
}
