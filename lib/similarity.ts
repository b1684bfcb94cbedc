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
 * | a place in common | 0.90 to 0.99, by how much else is |
 * | a symbol in common, missing or wrong in a kindred way | 0.85 to 0.95 |
 * | a test in common, or one for the same thing in another suite, unless place and message both differ | 0.85 to 0.95 |
 * | a machine fault in common | 0.80 to 0.90 |
 * | one side without a place: a crash, an error code, a message or a name in it in common | 0.72 to 0.80 |
 * | tests of two suites that found the same where they looked for the same | 0.70 to 0.75 |
 * | complaints of syntax in one file | 0.72 to 0.80 |
 * | two deaths of a program in one file | 0.70 to 0.75 |
 * | a death on the way from a file of tests, and a failure in that file | 0.70 to 0.75 |
 * | a type checker's error in a module, and its test's failure | 0.70 |
 * | both name things, none in common | 0.20 |
 * | a side names nothing | at most 0.90, by text |
 *
 * @module
 */
import * as levenshtein from "fast-levenshtein";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { endsAlike } from "./names.ts";
import { masked, passesOn, thrownFor } from "./said.ts";
import type { Signature } from "./signature.ts";

/** At and above this two failures are one cause. */
export const SAME = 0.7;

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
  if (meet(x.places, y.places)) return share(0.9, 0.99);
  if (meetSymbols(x, y) || meet(x.marks, y.marks)) return share(0.85, 0.95);
  if (meetTests(x.tests, y.tests) || meet(x.suites, y.tests) || meet(x.tests, y.suites) || meetPrograms(x, y) || meetSuites(x, y))
    return contradict(x, y) ? share(0.3, 0.4) : share(0.85, 0.95);
  if (meet(x.machines, y.machines)) return share(0.8, 0.9);
  if (waits(x, y) || waits(y, x)) return SAME;
  if (x.machines.size > 0 !== y.machines.size > 0) return share(0.05, 0.15);
  // Where both name tests, programs of tests or symbols, and none in common, they name different ones.
  const distinct =
    (x.tests.size > 0 && y.tests.size > 0) ||
    (x.symbols.size > 0 && y.symbols.size > 0) ||
    (x.suites.size > 0 && y.suites.size > 0 && !meet(x.suites, y.suites));
  if (!distinct && (x.places.size === 0 || y.places.size === 0)) {
    if (
      meetMessages(x.messages, y.messages) ||
      (x.machines.size === 0 && meet(x.names, y.names)) ||
      meet(x.weak, y.weak) ||
      meet(x.crashes, y.crashes)
    )
      return share(0.72, 0.8);
  }
  if (!distinct && (throwsAlike(x, y) || throwsAlike(y, x))) return share(0.72, 0.8);
  if (meetValues(x, y)) return share(0.7, 0.75);
  if (!distinct && x.syntax && y.syntax && meet(x.files, y.files)) return share(0.72, 0.8);
  if (!distinct && died(x) && died(y) && meet(x.files, y.files)) return share(0.7, 0.75);
  if (diedWithin(x, y) || diedWithin(y, x)) return share(0.7, 0.75);
  if (checksModule(x, y) || checksModule(y, x)) return SAME;
  if (namesNothing(x) || namesNothing(y)) return 0.9 * ratio(x.text, y.text);
  return 0.2;
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

/** One is a type checker's complaint about a module, the other a failure of that module's test alone. */
function checksModule(checker: Evidence, runner: Evidence): boolean {
  if (checker.tests.size > 0 || runner.tests.size === 0) return false;
  if (
    ![...checker.weak].some((fact) =>
      /^code:(?:TS(?!61\d\d$)\d{4,5}|return-value|arg-type|assignment|call-arg|operator|index|attr-defined|type-var|union-attr|override|misc|report\w+)$/.test(
        fact,
      ),
    )
  )
    return false;
  for (const stem of checker.stems) if (runner.stems.has(`test ${stem.toLowerCase()}`)) return true;
  return false;
}

/** An assertion here and a sanitizer's report there, in one file: two sights of one bug. */
function died(evidence: Evidence): boolean {
  return evidence.crashes.size + evidence.marks.size > 0;
}

/** A death on the way from a file of tests, and what a test of that file found: whose program was not looked into. */
function diedWithin(death: Evidence, other: Evidence): boolean {
  return death.unsafe && death.tests.size === 0 && other.marks.size === 0 && other.tests.size > 0 && meet(death.within, other.files);
}

/** One throws what the other says too: bundlers and reports of tests leave out which exception it was. */
function throwsAlike(thrower: Evidence, other: Evidence): boolean {
  return [...thrower.messages].some((message) => {
    const words = thrownFor(message);
    return words !== undefined && [...other.messages].some((said) => thrownFor(said) === words || masked(said) === words);
  });
}

/** A job whose time was up, and a test that hangs: who has no runner with a time-out waits until the service ends it. */
function waits(job: Evidence, { hangs, machines }: Evidence): boolean {
  return hangs && machines.size === 0 && job.machines.size === 1 && job.machines.has("job:timeout") && job.tests.size === 0;
}

/** Locks that wait for each other: who looks sees that, who does not sees a test that hangs. */
function deadlocks({ crashes }: Evidence): boolean {
  return crashes.has("sanitizer:lock-order-inversion") || crashes.has("crash:deadlock");
}

function namesNothing(evidence: Evidence): boolean {
  return (
    evidence.places.size +
      evidence.symbols.size +
      evidence.tests.size +
      evidence.machines.size +
      evidence.crashes.size +
      evidence.weak.size ===
    0
  );
}

/**
 * A name in common that both lack, or have twice, is one cause wherever it shows. An unused name or a property of nothing
 * is a fault of its place: where both name one, and not the same, the name is a coincidence.
 */
function meetSymbols(x: Evidence, y: Evidence): boolean {
  if (x.places.size === 0 || y.places.size === 0) return meet(x.symbols, y.symbols);
  return [...x.symbols].some((symbol) => !/^(?:unused|null-access):/.test(symbol) && y.symbols.has(symbol));
}

/**
 * A test may fail for two reasons: then both its place and what it said differ. A death in unsafe code speaks of another
 * place than the assertion that fails elsewhere, and contradicts none, unless both died, and not alike. A panic of a safe
 * language is as good as an assertion. Whoever hangs has not died, and what the machine broke on one side alone is no bug.
 */
function contradict(x: Evidence, y: Evidence): boolean {
  if (x.machines.size > 0 !== y.machines.size > 0) return true;
  if (x.numbers.size > 0 && y.numbers.size > 0 && !meet(x.numbers, y.numbers)) return true;
  if (x.hangs !== y.hangs) return (x.hangs ? y : x).unsafe && !deadlocks(x.hangs ? y : x);
  // Where a test that hangs is stopped says little.
  if (x.hangs) return false;
  if (x.unsafe && y.unsafe) return x.marks.size > 0 && y.marks.size > 0 && !meet(x.crashes, y.crashes);
  if (x.unsafe || y.unsafe || x.places.size === 0 || y.places.size === 0) return false;
  // Which of a library's layers throws depends on the flavor: on its database, say.
  if (meet(x.exceptions, y.exceptions)) return false;
  for (const one of x.messages) for (const other of y.messages) if (one.startsWith(other) || other.startsWith(one)) return false;
  if (x.messages.size === 0 || y.messages.size === 0) return false;
  // Two libraries' assertions, each in a file of its own, are worded differently whatever they found.
  if (x.dialect !== undefined && y.dialect !== undefined && x.dialect !== y.dialect) return false;
  // Two runners may each have a file of tests with one name for the same thing.
  return meet(x.files, y.files) || !(testsOnly(x) && testsOnly(y));
}

/** True when each place is in a file of tests, or what failed is an assertion, which stands in one. */
function testsOnly(evidence: Evidence): boolean {
  return (
    [...evidence.stems].every((stem) => stem.startsWith("test ")) ||
    [...evidence.messages].every((message) => /assert|expect/i.test(message))
  );
}

/** A program of tests in common, of which one side knows no test. */
function meetPrograms(x: Evidence, y: Evidence): boolean {
  return (x.tests.size === 0 || y.tests.size === 0) && meet(x.suites, y.suites);
}

/** Two suites, each with a test of its own for one thing: all words of the shorter name are in the other. */
function meetSuites(x: Evidence, y: Evidence): boolean {
  if (meet(x.files, y.files)) return false;
  for (const one of x.topics) for (const other of y.topics) if (alike(one, other)) return true;
  return false;
}

function alike(one: readonly string[], other: readonly string[]): boolean {
  const shared = one.filter((word) => other.includes(word)).length;
  return shared >= 2 && shared >= 0.6 * Math.min(one.length, other.length);
}

/** Two suites whose assertions found the same where they looked for the same. */
function meetValues(x: Evidence, y: Evidence): boolean {
  return x.files.size > 0 && y.files.size > 0 && !meet(x.files, y.files) && meet(x.values, y.values);
}

function meet<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const item of few) if (many.has(item)) return true;
  return false;
}

/** Whoever passes a message on says first what it was about to do: `Failed to parse a.toml: Unclosed array`. */
function meetMessages(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (meet(a, b)) return true;
  for (const one of a) for (const other of b) if (passesOn(one, other) || passesOn(other, one)) return true;
  return false;
}

/** `totals` and `InvoiceTest.totals` are one test, `backoff > doubles` and `backoff doubles` too: runners join names differently. */
function meetTests(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (meet(a, b)) return true;
  for (const one of a) for (const other of b) if (endsAlike(one, other) || endsAlike(other, one)) return true;
  return false;
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
