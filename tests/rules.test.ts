/**
 * The tables of rules: each has a reason, and none takes more than linear time, whatever a log says.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { RULES } from "../lib/normalize.ts";
import { PREFIXES } from "../lib/plain.ts";
import { CRASHES, EXCEPTION, FRAMES, SYNTAX_PLACE, THROWN } from "../lib/rules/crashes.ts";
import { ARROW, CODE_FIRST, DIAGNOSTICS, HEADING, RUST, SHELLCHECK, SHELLCHECK_HEADING, STYLISH } from "../lib/rules/diagnostics.ts";
import { MACHINE } from "../lib/rules/machine.ts";
import { MESSAGES } from "../lib/rules/messages.ts";
import { FOREIGN, FOREIGN_CLASS, IGNORED, WRAPPERS } from "../lib/rules/noise.ts";
import { TESTS } from "../lib/rules/tests.ts";

const TABLES: Readonly<Record<string, readonly { readonly why: string; readonly pattern: RegExp }[]>> = {
  RULES,
  PREFIXES,
  CRASHES,
  FRAMES,
  DIAGNOSTICS,
  MACHINE,
  MESSAGES,
  IGNORED,
  WRAPPERS,
  TESTS,
};
const SINGLES: Readonly<Record<string, RegExp>> = {
  EXCEPTION,
  SYNTAX_PLACE,
  THROWN,
  ARROW,
  CODE_FIRST,
  HEADING,
  RUST,
  SHELLCHECK,
  SHELLCHECK_HEADING,
  STYLISH,
  FOREIGN,
  FOREIGN_CLASS,
};
const ALL = [
  ...Object.entries(TABLES).flatMap(([table, rules]) => rules.map(({ why, pattern }) => [`${table}: ${why}`, pattern] as const)),
  ...Object.entries(SINGLES),
];

/** Lines are cut at 2,000 bytes; rules must stand more. */
const SHORT = 1_000;
const LONG = 10_000;
/** Ten times the length may take a little more than ten times as long; quadratic would be a hundred. */
const MAX_GROWTH = 40;
/** Below this a clock says nothing. */
const MEASURABLE_MS = 4;

/** Texts that make a careless expression try again and again: its own words and usual pieces of lines, repeated. */
function hostile(pattern: RegExp): readonly string[] {
  const own = pattern.source.replace(/\\[a-zA-Z]|\(\?<\w+>|\(\?[:=!<]+|[{][\d,]+[}]/g, " ").match(/[A-Za-z' :./\u2018]{3,}/g) ?? [];
  return [
    ...new Set([
      ...own,
      "a",
      " ",
      "'",
      "a.",
      "a/",
      "a\\",
      "::",
      "(",
      "[",
      "1:",
      "1",
      "a b ",
      "error: ",
      "\t",
      "-",
      "A.b",
      "/a.c:1:",
      "a: ",
      "a (",
      "=",
      "_",
      "a@",
      "0x",
      "\u25cf ",
    ]),
  ];
}

function millisecondsOf(pattern: RegExp, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    text.replace(pattern, "");
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

describe("every rule", () => {
  test("says why it is there", () => {
    expect(Object.values(TABLES).flatMap((rules) => rules.filter(({ why }) => why === ""))).toEqual([]);
  });

  test("holds no quantifier within an unbounded one", () => {
    expect(
      ALL.filter(([, pattern]) =>
        /\((?:[^()]|\\.)*[*+](?:[^()]|\\.)*\)[*+]/.test(pattern.source.replace(/\[(?:\\.|[^\]\\])*\]/g, "x")),
      ).map(([name]) => name),
    ).toEqual([]);
  });

  test("takes linear time on hostile lines", () => {
    const slow = ALL.flatMap(([name, pattern]) =>
      hostile(pattern).flatMap((piece) => {
        const text = piece.repeat(Math.ceil(LONG / piece.length)).slice(0, LONG);
        const long = millisecondsOf(pattern, text);
        if (long < MEASURABLE_MS) return [];
        const growth = long / millisecondsOf(pattern, text.slice(0, SHORT));
        return growth > MAX_GROWTH
          ? [`${name} on ${JSON.stringify(piece)}: ${growth.toFixed(0)} times as long, ${long.toFixed(0)} ms`]
          : [];
      }),
    );
    expect(slow).toEqual([]);
  }, 30_000);
});
