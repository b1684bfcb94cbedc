/**
 * How alike two signatures are, 0 to 1; at 0.7 and above they are one cause.
 *
 * Identity decides, not wording. Two failures that name one place in the source, one symbol, one test or one machine
 * fault are the same, whatever their tools made of it; two that name different ones are different, however alike their
 * text. Since "names the same thing" is nearly an equivalence, groups hardly depend on the order in which failures come.
 * Only where a side names nothing does the text count: Levenshtein's distance, as a share of the length.
 *
 * | evidence | similarity |
 * |---|---|
 * | equal ids | 1 |
 * | two that could not reach the network, for two reasons; a symbol that was not linked, and a test that ran | at most 0.15 |
 * | a place in common | 0.90 to 0.99, by how much else is |
 * | a symbol in common, missing or wrong in a kindred way | 0.85 to 0.95 |
 * | a test or a program of tests in common, or a test for the same thing in another suite, unless place and message both differ | 0.85 to 0.95 |
 * | a death on its way from where the other died; a header of the library that the other lacks | 0.80 to 0.90 |
 * | a machine fault in common | 0.80 to 0.90 |
 * | a file that is not as it should be, and a test that names it | 0.72 to 0.80 |
 * | a job whose time was up, and a test that hangs | 0.70 |
 * | one side without a place: a crash, an error code, a message or a name in it in common | 0.72 to 0.80 |
 * | tests of two suites that found the same where they looked for the same, or called the same, or both hang | 0.70 to 0.75 |
 * | complaints of syntax in one file | 0.72 to 0.80 |
 * | a signal at no known place, and a sanitizer's report on memory | 0.70 to 0.75 |
 * | two deaths of a program in one file, or by a signal of which one side knows no more than the test | 0.70 to 0.75 |
 * | a type checker's error, and a TypeError in its file | 0.70 |
 * | both name things, none in common | 0.20 |
 * | a side names nothing | at most 0.90, by text |
 *
 * @module
 */
import * as levenshtein from "fast-levenshtein";
import { type Evidence, evidenceOf } from "./evidence.ts";
import {
  bothHang,
  contradict,
  died,
  diedVia,
  diesInTest,
  diesOf,
  includesFrom,
  meet,
  meetCalls,
  meetMessages,
  meetPrograms,
  meetSuites,
  meetSymbols,
  meetTests,
  meetValues,
  mistypes,
  namesNothing,
  reachApart,
  runsUnlinked,
  tellsChanged,
  throwsAlike,
  waits,
} from "./links.ts";
import type { Signature } from "./signature.ts";

/** At and above this two failures are one cause. */
export const SAME = 0.7;

/** Between these both name one test, and contradict each other in place and message. */
const APART = { low: 0.3, high: 0.4 } as const;

/** At and above this both name one thing: a place, a symbol, a test, a machine fault. */
export const CERTAIN = 0.8;

/** What two signatures have in common. */
export type Comparison = {
  readonly similarity: number;
  /** Facts, or lines where there are none in common, that both sides state. */
  readonly matched: readonly string[];
  /** Facts that only one side states. */
  readonly unmatched: readonly string[];
};

/** How alike, from 0 to 1. Symmetric; 1 for a signature and itself. */
export function similarity(a: Signature, b: Signature): number {
  if (a.id === b.id) return 1;
  const x = evidenceOf(a);
  const y = evidenceOf(b);
  const share = (low: number, high: number): number => Math.round((low + (high - low) * overlap(x.facts, y.facts)) * 1000) / 1000;
  const either = (link: (x: Evidence, y: Evidence) => boolean): boolean => link(x, y) || link(y, x);
  if (reachApart(x, y) || either(runsUnlinked)) return share(0.05, 0.15);
  if (meet(x.places, y.places)) return share(0.9, 0.99);
  if (meetSymbols(x, y) || meet(x.marks, y.marks)) return share(0.85, 0.95);
  if (meetTests(x, y) || meetPrograms(x, y) || meetSuites(x, y)) return contradict(x, y) ? share(APART.low, APART.high) : share(0.85, 0.95);
  if (either(diedVia) || either(includesFrom)) return share(0.8, 0.9);
  if (meet(x.machines, y.machines)) return share(0.8, 0.9);
  if (either(waits)) return SAME;
  if (either(tellsChanged)) return share(0.72, 0.8);
  if (x.machines.size > 0 !== y.machines.size > 0) return share(0.05, 0.15);
  // Where both name tests, programs of tests or symbols, and none in common, they name different ones.
  const distinct =
    (x.tests.size > 0 && y.tests.size > 0) ||
    (x.symbols.size > 0 && y.symbols.size > 0) ||
    (x.suites.size > 0 && y.suites.size > 0 && !meet(x.suites, y.suites));
  if (!distinct && (x.places.size === 0 || y.places.size === 0)) {
    if (meetMessages(x, y) || (x.machines.size === 0 && meet(x.names, y.names)) || meet(x.weak, y.weak) || meet(x.crashes, y.crashes))
      return share(0.72, 0.8);
  }
  if (!distinct && either(throwsAlike)) return share(0.72, 0.8);
  if (meetValues(x, y) || meetCalls(x, y) || bothHang(x, y)) return share(0.7, 0.75);
  if (!distinct && x.syntax && y.syntax && meet(x.files, y.files)) return share(0.72, 0.8);
  if (!distinct && (either(diesOf) || either(diesInTest))) return share(0.7, 0.75);
  if (!distinct && died(x) && died(y) && meet(x.files, y.files)) return share(0.7, 0.75);
  if (either(mistypes)) return SAME;
  if (namesNothing(x) || namesNothing(y)) return 0.9 * ratio(x.text, y.text);
  return 0.2;
}

/** True for a similarity of two that name one test, and fail it each for another reason. */
export function isApart(score: number): boolean {
  return score >= APART.low && score <= APART.high;
}

/** How alike, and what they have in common. */
export function compare(a: Signature, b: Signature): Comparison {
  const score = similarity(a, b);
  const left = new Set(a.facts.length > 0 && b.facts.length > 0 ? a.facts : a.lines);
  const right = new Set(a.facts.length > 0 && b.facts.length > 0 ? b.facts : b.lines);
  return {
    similarity: score,
    matched: [...left].filter((item) => right.has(item)),
    unmatched: [...[...left].filter((item) => !right.has(item)), ...[...right].filter((item) => !left.has(item))],
  };
}

/** The share of the facts of the side with fewer that the other states too. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  if (few.size === 0) return 0;
  let shared = 0;
  for (const fact of few) if (many.has(fact)) shared++;
  return shared / few.size;
}

function ratio(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  return a === "" || b === "" ? 0 : 1 - levenshtein.get(a, b) / length;
}
