/**
 * What two signatures can have in common, and what keeps them apart: each a question about the evidence of both.
 *
 * @module
 */
import type { Evidence } from "./evidence.ts";
import { endsAlike } from "./names.ts";

/** How type checkers call what they complain of, and a value of a type that was not promised. */
const TYPE_CODE =
  /^code:(?:TS(?!61\d\d$)\d{4,5}|return-value|arg-type|assignment|call-arg|operator|index|attr-defined|type-var|union-attr|override|misc|report\w+)$/;
const MISTYPED = /\bincompatible types?\b|\bnot assignable to\b/i;
const THROWS_TYPE = /^(?:\S{1,80}[.:] ?)?TypeError\b/;

/**
 * One is a type checker's complaint about a file, the other a TypeError in it as it runs. Another failure of the module's test is
 * another's: that guess, by the file's name, merged more than it joined.
 */
export function mistypes(checker: Evidence, runner: Evidence): boolean {
  if (checker.tests.size > 0 || !meet(checker.files, runner.files)) return false;
  if (![...runner.messages].some((message) => THROWS_TYPE.test(message))) return false;
  return [...checker.weak].some((fact) => TYPE_CODE.test(fact)) || [...checker.messages].some((message) => MISTYPED.test(message));
}

/** An assertion here and a sanitizer's report there, in one file: two sights of one bug. */
export function died(evidence: Evidence): boolean {
  return evidence.crashes.size + evidence.marks.size > 0;
}

/** The same death, of which one side knows no more than the test: a runner tells where that begins. */
export function diesInTest({ crashes, stems }: Evidence, other: Evidence): boolean {
  return (
    stems.size > 0 && [...stems].every((stem) => stem.startsWith("test ")) && crashes.has("crash:segv") && other.crashes.has("crash:segv")
  );
}

/** Where nobody watches, what a sanitizer calls an overflow ends in a signal, and says no more. */
export function diesOf({ places, crashes }: Evidence, watched: Evidence): boolean {
  if (places.size > 0 || !(crashes.has("crash:segv") || crashes.has("crash:abort"))) return false;
  return [...watched.crashes].some((fact) => /^sanitizer:(?:heap|stack|global|double|alloc|Invalid|Mismatched|\w{1,20}-use)/.test(fact));
}

/** A death on its way from the line where the other stands: what is inlined differs by build. */
export function diedVia({ via }: Evidence, other: Evidence): boolean {
  return meet(via, other.places) && died(other);
}

/** A file that is not as it should be, and a test that says so of it. */
export function tellsChanged({ changed }: Evidence, { messages, tests }: Evidence): boolean {
  if (tests.size === 0) return false;
  for (const file of changed) for (const message of messages) if (message.includes(file)) return true;
  return false;
}

/** One throws what the other says too: bundlers and reports of tests leave out which exception it was. */
export function throwsAlike({ thrown }: Evidence, other: Evidence): boolean {
  return meet(thrown, other.thrown) || meet(thrown, other.masked);
}

/** A job whose time was up, and a test that hangs: who has no runner with a time-out waits until the service ends it. */
export function waits(job: Evidence, { hangs, machines }: Evidence): boolean {
  return hangs && machines.size === 0 && job.machines.size === 1 && job.machines.has("job:timeout") && job.tests.size === 0;
}

/** What was not linked has not run: a test that fails in the line where a linker misses a symbol is another failure. */
export function runsUnlinked(linker: Evidence, runner: Evidence): boolean {
  return linker.unlinked && linker.tests.size === 0 && !runner.unlinked && runner.tests.size > 0;
}

/** What cannot be reached cannot be found, by whichever name: here both say why, and not the same. */
export function reachApart(x: Evidence, y: Evidence): boolean {
  const unreached = ({ machines, tests }: Evidence): boolean =>
    tests.size === 0 && [...machines].some((fact) => fact.startsWith("network:"));
  return unreached(x) && unreached(y) && !meet(x.machines, y.machines);
}

/** Two tests that hang, whichever each runner stopped at: of a commit's failures that is rare, and hardly ever twice. */
export function bothHang(x: Evidence, y: Evidence): boolean {
  if (!(x.hangs && y.hangs) || x.machines.size + y.machines.size > 0) return false;
  // One runner would have told of both.
  return x.files.size + y.files.size > 0 && otherRunner(x, y);
}

/** Locks that wait for each other: who looks sees that, who does not sees a test that hangs. */
function deadlocks({ crashes }: Evidence): boolean {
  return crashes.has("sanitizer:lock-order-inversion") || crashes.has("crash:deadlock");
}

export function namesNothing(evidence: Evidence): boolean {
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
export function meetSymbols(x: Evidence, y: Evidence): boolean {
  if (x.places.size === 0 || y.places.size === 0) return meet(x.symbols, y.symbols);
  return [...x.symbols].some((symbol) => !/^(?:unused|null-access):/.test(symbol) && y.symbols.has(symbol));
}

/**
 * A test may fail for two reasons: then both its place and what it said differ. A death in unsafe code speaks of another
 * place than the assertion that fails elsewhere, and contradicts none, unless both died, and not alike. A panic of a safe
 * language is as good as an assertion. Whoever hangs has not died, and what the machine broke on one side alone is no bug.
 */
export function contradict(x: Evidence, y: Evidence): boolean {
  if (x.machines.size > 0 !== y.machines.size > 0) return true;
  if (x.numbers.size > 0 && y.numbers.size > 0 && !meet(x.numbers, y.numbers)) return true;
  if (x.hangs !== y.hangs) return (x.hangs ? y : x).unsafe && !deadlocks(x.hangs ? y : x);
  // Where a test that hangs is stopped says little.
  if (x.hangs) return false;
  if (x.unsafe && y.unsafe) return x.marks.size > 0 && y.marks.size > 0 && !meet(x.crashes, y.crashes);
  if (x.unsafe || y.unsafe || x.places.size === 0 || y.places.size === 0) return false;
  // Not every parser sees the fault on the same line.
  if (x.syntax && y.syntax && meet(x.files, y.files)) return false;
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

/** A program of tests in common, of which one side knows no test; not one that was not built, or not loaded, and so has not run. */
export function meetPrograms(x: Evidence, y: Evidence): boolean {
  if ((x.tests.size > 0 && y.tests.size > 0) || !meet(x.suites, y.suites)) return false;
  const unbuilt = ({ tests, symbols, syntax }: Evidence): boolean => tests.size === 0 && (symbols.size > 0 || syntax);
  return (x.tests.size === 0 && y.tests.size === 0) || !(unbuilt(x) || unbuilt(y));
}

/**
 * Two suites, each with a test of its own for one thing: all words of the shorter name are in the other, or most where the
 * runners are known to differ. One runner would have run both, so its tests with such names are two.
 */
export function meetSuites(x: Evidence, y: Evidence): boolean {
  if (!meet(x.words, y.words) || !otherRunner(x, y)) return false;
  const share = x.dialect !== undefined && y.dialect !== undefined ? 0.6 : 1;
  for (const one of x.topics) for (const other of y.topics) if (alike(one, other, share)) return true;
  return false;
}

function alike(one: readonly string[], other: readonly string[], share: number): boolean {
  const shared = one.filter((word) => other.includes(word)).length;
  return shared >= 2 && shared >= share * Math.min(one.length, other.length);
}

/** Two suites whose assertions found the same where they looked for the same. */
export function meetValues(x: Evidence, y: Evidence): boolean {
  return meet(x.values, y.values) && x.files.size > 0 && y.files.size > 0 && otherRunner(x, y);
}

/** Two suites whose assertions are about one call, given the same. */
export function meetCalls(x: Evidence, y: Evidence): boolean {
  return meet(x.calls, y.calls) && (x.dialect === undefined || x.dialect !== y.dialect);
}

/** Not by the same library's words: by two that are known, or other files failed. */
function otherRunner(x: Evidence, y: Evidence): boolean {
  if (x.dialect !== undefined && y.dialect !== undefined) return x.dialect !== y.dialect;
  return !meet(x.files, y.files);
}

/** A header that is missing lies in a folder that is called after the library which the other lacks: `fmt/format.h`. */
export function includesFrom({ headers }: Evidence, { packages }: Evidence): boolean {
  return meet(headers, packages);
}

/** True when two sets share something. */
export function meet<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): boolean {
  return !a.isDisjointFrom(b);
}

/** A message in common, or one that the other passes on: `Failed to parse a.toml: Unclosed array`. */
export function meetMessages(x: Evidence, y: Evidence): boolean {
  return meet(x.messages, y.messages) || meet(x.tails, y.messages) || meet(x.messages, y.tails);
}

/** `totals` and `InvoiceTest.totals` are one test, `backoff > doubles` and `backoff doubles` too: runners join names differently. */
export function meetTests(x: Evidence, y: Evidence): boolean {
  if (meet(x.tests, y.tests) || meet(x.suites, y.tests) || meet(x.tests, y.suites)) return true;
  for (const one of x.tests) for (const other of y.tests) if (endsAlike(one, other) || endsAlike(other, one)) return true;
  return false;
}
