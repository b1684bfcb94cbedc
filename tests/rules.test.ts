/**
 * The tables of rules: each has a reason, and none takes more than linear time, whatever a log says.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { EXCEPTION, SYNTAX_PLACE, THROWN } from "../lib/rules/crashes.ts";
import { ARROW, CODE_FIRST, CORNER, FORTRAN_HEADING, RELAYED, RUST, WARNINGS_FAIL } from "../lib/rules/diagnostics.ts";
import * as LINES from "../lib/rules/lines.ts";
import { FOREIGN, FOREIGN_CLASS } from "../lib/rules/noise.ts";
import { TABLES } from "./tables.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const SINGLES: Readonly<Record<string, RegExp>> = {
  EXCEPTION,
  SYNTAX_PLACE,
  THROWN,
  CORNER,
  FORTRAN_HEADING,
  RELAYED,
  WARNINGS_FAIL,
  ARROW,
  CODE_FIRST,
  RUST,
  FOREIGN,
  FOREIGN_CLASS,
  ...LINES,
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
/** Linear rules stay far below this; a quadratic one takes some hundred times as long. */
const SUSPECT_MS = 25;
/** A busy machine may stretch a run, hardly this many in a row. */
const ATTEMPTS = 8;

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

function millisecondsOf(pattern: RegExp, text: string, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    text.replace(pattern, "");
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** How many times as long a rule takes on ten times the text; 1 when it is too quick to matter. */
function growthOf(pattern: RegExp, text: string): number {
  if (millisecondsOf(pattern, text, 1) < SUSPECT_MS || millisecondsOf(pattern, text, ATTEMPTS) < SUSPECT_MS) return 1;
  return millisecondsOf(pattern, text, ATTEMPTS) / millisecondsOf(pattern, text.slice(0, SHORT), ATTEMPTS);
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

  test("growthOf() tells a quadratic rule", () => {
    expect(growthOf(/(?:a.*)x/, "a".repeat(LONG))).toBeGreaterThan(MAX_GROWTH);
  });

  test("takes linear time on hostile lines", () => {
    const slow = ALL.flatMap(([name, pattern]) =>
      hostile(pattern).flatMap((piece) => {
        const growth = growthOf(pattern, piece.repeat(Math.ceil(LONG / piece.length)).slice(0, LONG));
        return growth > MAX_GROWTH ? [`${name} on ${JSON.stringify(piece)}: ${growth.toFixed(0)} times as long`] : [];
      }),
    );
    expect(slow).toEqual([]);
  });
});
