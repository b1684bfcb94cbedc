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
 * | a test in common, unless place and message both differ | 0.85 to 0.95 |
 * | a machine fault in common | 0.80 to 0.90 |
 * | one side without a place: a crash, an error code or a message in common | 0.70 to 0.80 |
 * | two deaths of a program in one file | 0.70 to 0.75 |
 * | a type checker's error in a module, and its test's failure | 0.70 |
 * | both name things, none in common | 0.20 |
 * | a side names nothing | at most 0.90, by text |
 *
 * @module
 */
import * as levenshtein from "fast-levenshtein";
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

/** Kinds that say the same of a name: it is missing, or it is there twice. */
const FAMILIES: Readonly<Record<string, string>> = {
  undeclared: "missing",
  "undefined-symbol": "missing",
  "no-member": "missing",
  "missing-module": "missing",
  "missing-include": "missing",
  "missing-package": "missing",
  "missing-library": "missing",
  "missing-command": "missing-command",
  "missing-script": "missing-script",
  "package-build": "package-build",
  "missing-target": "missing-target",
  "missing-file": "missing-file",
  "missing-source": "missing-file",
  "argument-count": "argument-count",
  redefinition: "twice",
  "duplicate-symbol": "twice",
  unused: "unused",
  lockfile: "lockfile",
  engine: "engine",
};
/** Where a program died, in its own words; an assertion here may be a sanitizer's report there. */
const MARKS = new Set(["assert", "frame", "undefined-behavior"]);
const MACHINES = new Set(["network", "disk", "memory", "job", "runner", "permission", "conflict"]);
const CRASHES = new Set(["crash", "sanitizer", "panic", "timeout"]);
/** Text beyond this hardly changes the ratio, and edit distance costs its square. */
const TEXT_CHARACTERS = 160;

/** A shorter message says nothing. */
const MESSAGE_CHARACTERS = 12;

/** A signature, sorted by what its facts prove. */
type Evidence = {
  readonly places: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** Files, as `stem`, that a type checker or compiler complained about. */
  readonly stems: ReadonlySet<string>;
  readonly tests: ReadonlySet<string>;
  readonly symbols: ReadonlySet<string>;
  readonly marks: ReadonlySet<string>;
  readonly machines: ReadonlySet<string>;
  readonly crashes: ReadonlySet<string>;
  readonly weak: ReadonlySet<string>;
  readonly messages: ReadonlySet<string>;
  readonly facts: ReadonlySet<string>;
  readonly text: string;
};

/** How alike, from 0 to 1. Symmetric; 1 for a signature and itself. */
export function similarity(a: Signature, b: Signature): number {
  if (a.id === b.id) return 1;
  const x = evidenceOf(a);
  const y = evidenceOf(b);
  const share = (low: number, high: number): number => Math.round((low + (high - low) * overlap(x.facts, y.facts)) * 1000) / 1000;
  if (meet(x.places, y.places)) return share(0.9, 0.99);
  if (meet(x.symbols, y.symbols) || meet(x.marks, y.marks)) return share(0.85, 0.95);
  if (meetTests(x.tests, y.tests)) return contradict(x, y) ? share(0.3, 0.4) : share(0.85, 0.95);
  if (meet(x.machines, y.machines)) return share(0.8, 0.9);
  if (x.machines.size > 0 !== y.machines.size > 0) return share(0.05, 0.15);
  // Where both name tests, or both name symbols, and none in common, they name different ones.
  const distinct = (x.tests.size > 0 && y.tests.size > 0) || (x.symbols.size > 0 && y.symbols.size > 0);
  if (!distinct && (x.places.size === 0 || y.places.size === 0)) {
    if (meet(x.messages, y.messages) || meet(x.weak, y.weak) || meet(x.crashes, y.crashes)) return share(0.72, 0.8);
  }
  if (!distinct && died(x) && died(y) && meet(x.files, y.files)) return share(0.7, 0.75);
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

const known = new WeakMap<Signature, Evidence>();

function evidenceOf(signature: Signature): Evidence {
  const before = known.get(signature);
  if (before !== undefined) return before;
  const places = new Set<string>();
  const files = new Set<string>();
  const stems = new Set<string>();
  const tests = new Set<string>();
  const symbols = new Set<string>();
  const marks = new Set<string>();
  const machines = new Set<string>();
  const crashes = new Set<string>();
  const weak = new Set<string>();
  const messages = new Set<string>();
  for (const fact of signature.facts) {
    const colon = fact.indexOf(":");
    const kind = colon < 0 ? fact : fact.slice(0, colon);
    const value = colon < 0 ? "" : fact.slice(colon + 1);
    const family = FAMILIES[kind];
    if (kind === "at") {
      places.add(value);
      files.add(value.replace(/:\d+$/, ""));
      stems.add(stemOf(value));
    } else if (kind === "test") tests.add(value);
    else if (family !== undefined && value !== "") symbols.add(`${family}:${lastName(value)}`);
    else if (MARKS.has(kind) && value !== "") marks.add(fact);
    else if (MACHINES.has(kind)) machines.add(fact);
    else if (CRASHES.has(kind)) crashes.add(fact);
    else if (kind === "message") {
      if (value.length >= MESSAGE_CHARACTERS) messages.add(value);
    } else if (kind !== "exception" && kind !== "suite") weak.add(fact);
  }
  const evidence = {
    places,
    files,
    stems,
    tests,
    symbols,
    marks,
    machines,
    crashes,
    weak,
    messages,
    facts: new Set(signature.facts),
    text: signature.lines.join("\n").slice(0, TEXT_CHARACTERS),
  };
  known.set(signature, evidence);
  return evidence;
}

/** `kestrel::page_tag` and `page_tag` are one name: not every tool gives the scope. */
function lastName(value: string): string {
  const parts = value.split(/::/);
  return parts[parts.length - 1] ?? value;
}

/** `stats` for stats.py:9, test_stats.py:11, stats.test.ts:4, StatsTest.java:3. */
function stemOf(place: string): string {
  const name = place.replace(/:\d+$/, "").replace(/\.[^.]{1,8}$/, "");
  const bare = name.replace(/(?:[._-](?:test|spec)|Test|Tests)$|^(?:test[._-]|Test)/, "");
  return bare === name ? name : `test ${bare.toLowerCase()}`;
}

/** One is a type checker's complaint about a module, the other a failure of that module's test alone. */
function checksModule(checker: Evidence, runner: Evidence): boolean {
  if (checker.tests.size > 0 || runner.tests.size === 0) return false;
  if (
    ![...checker.weak].some((fact) =>
      /^code:(?:TS\d{4,5}|return-value|arg-type|assignment|call-arg|operator|index|attr-defined|type-var|union-attr|override|misc|report\w+)$/.test(
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
 * A test may fail for two reasons: then both its place and what it said differ. A crash or a sanitizer's report speaks of
 * another place than the assertion that fails elsewhere, and contradicts none.
 */
function contradict(x: Evidence, y: Evidence): boolean {
  if (x.places.size === 0 || y.places.size === 0) return false;
  if (x.crashes.size > 0 || y.crashes.size > 0) return false;
  for (const one of x.messages) for (const other of y.messages) if (one.startsWith(other) || other.startsWith(one)) return false;
  return x.messages.size > 0 && y.messages.size > 0;
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const item of few) if (many.has(item)) return true;
  return false;
}

/** `totals` and `InvoiceTest.totals` are one test: not every runner gives the class. */
function meetTests(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (meet(a, b)) return true;
  for (const one of a)
    for (const other of b)
      if (
        one.endsWith(`.${other}`) ||
        other.endsWith(`.${one}`) ||
        one.endsWith(`\u203a ${other}`) ||
        other.endsWith(`\u203a ${one}`) ||
        one.endsWith(`> ${other}`) ||
        other.endsWith(`> ${one}`)
      )
        return true;
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
