/**
 * Where the reader of a log stands: what is open, what runs, what is awaited. Shared by the readers of each family.
 *
 * @module
 */
import { type Draft, draftOf } from "../draft.ts";
import type { EssenceRule } from "../rules/essence.ts";
import type { ListRule } from "../rules/lists.ts";

/** No more failures are read from one log: the first, which hold the root. */
const MAX_DRAFTS = 400;
/** And of what only sounds wrong, so many: a service under test may log thousands of errors before the failure. */
const MAX_WEAK = 150;
const MAX_WARNINGS = 20;
/** So many lines after its name may be a program's own. */
const PROGRAM_LINES = 40;
const WEAK: ReadonlySet<Draft["rank"]> = new Set(["bare", "generic"]);

/** The state between two lines. Mutable, and only inside one call of `readFacts`. */
export type Reading = {
  readonly drafts: Draft[];
  /** How many of them only sound wrong. */
  weak: number;
  /** Number of the step being read, and of those that said an error to the service. */
  step: number;
  readonly failed: Set<number>;
  /** The line being read is an error to the service: whoever wrote it meant it, whatever its words. */
  annotated: boolean;
  /** Number of the line being read. */
  index: number;
  /** The failure whose report is being read, and the line that opened it. */
  open: Draft | undefined;
  openedAt: number;
  /** The test that would be blamed if the program died now. */
  running: string | undefined;
  /** The same, of a runner that says when a test starts and when it ends. */
  started: string | undefined;
  suite: string | undefined;
  /** Whoever waited ended the job. */
  expired: boolean;
  /** The tests that failed, where a runner lists them at its end. */
  listed: Set<Draft> | undefined;
  /** Where the next test begins. */
  begins: string | undefined;
  /** The program of tests whose output is being read, and the line that named it. */
  program: { readonly name: string; readonly index: number } | undefined;
  /** The report whose file stands in a line of its own, and what its rows look like. */
  heading: { readonly file: string; readonly line: string | undefined; readonly row: RegExp; readonly apart: boolean } | undefined;
  /** The list whose lines are being read. */
  list: ListRule | undefined;
  /** What its last item told. */
  item: Draft | undefined;
  /** Of the current stack: the innermost project frame so far, where the innermost comes last. */
  frame: string | undefined;
  /** The death whose stack is being read, whose outer frames may tell the test, and the line that was read last. */
  stack: { readonly draft: Draft; readonly index: number } | undefined;
  /** A failure whose place or message is still to come. */
  awaiting: Draft | undefined;
  /** The head whose message goes on until an empty line. */
  paragraph: Draft | undefined;
  /** A complaint whose other half is the next line, and the line it stood in. */
  unfinished: { readonly draft: Draft; readonly index: number } | undefined;
  /** The failure whose message is still to be told apart by what stands below, and the line from which it is looked for. */
  essence: { readonly draft: Draft; readonly rule: EssenceRule; readonly index: number; readonly begun: boolean } | undefined;
  /** The project's line that a template's error, reported in a library, was required from. */
  required: string | undefined;
  /** What is read is what tests printed that passed, as pytest -rA shows it. */
  passing: boolean;
  /** The latest warnings: no failures, unless the tool says that they are. */
  warnings: Draft[];
  /** The last thing a Go test wrote: it may precede the line that says the test failed. */
  noted: { readonly at: string; readonly message: string; readonly index: number; readonly test: string | undefined } | undefined;
};

/** Nothing read yet. */
export function startReading(): Reading {
  return {
    drafts: [],
    weak: 0,
    step: 0,
    failed: new Set(),
    annotated: false,
    index: 0,
    open: undefined,
    openedAt: 0,
    running: undefined,
    started: undefined,
    suite: undefined,
    expired: false,
    listed: undefined,
    begins: undefined,
    program: undefined,
    heading: undefined,
    list: undefined,
    item: undefined,
    frame: undefined,
    stack: undefined,
    awaiting: undefined,
    paragraph: undefined,
    unfinished: undefined,
    essence: undefined,
    required: undefined,
    passing: false,
    warnings: [],
    noted: undefined,
  };
}

/** Adds a failure; past the bound it is read, but not kept. */
export function add(reading: Reading, draft: Draft): Draft {
  const weak = WEAK.has(draft.rank);
  if (reading.drafts.length >= MAX_DRAFTS || (weak && reading.weak >= MAX_WEAK)) return draft;
  draft.step = reading.step;
  reading.drafts.push(draft);
  if (weak) reading.weak++;
  return draft;
}

/** Keeps a warning, in case that it turns out to be why. */
export function warn(reading: Reading, line: string, message: string): Draft {
  const draft = draftOf("code", line);
  if (message !== "") draft.message = message;
  draft.step = reading.step;
  reading.warnings.push(draft);
  if (reading.warnings.length > MAX_WARNINGS) reading.warnings.shift();
  return draft;
}

/** Opens the report of a test's failure, or opens it again when it has one. */
export function begin(reading: Reading, test: string | undefined, line: string): Draft {
  const known = test === undefined ? undefined : reading.drafts.find((draft) => draft.test === test && !draft.guessed);
  const draft = known ?? add(reading, draftOf("test", line));
  if (known !== undefined && known.lines.length < 12) known.lines.push(line);
  draft.test ??= test;
  draft.begins ??= reading.begins;
  reading.begins = undefined;
  reading.listed?.add(draft);
  draft.suite ??= reading.suite;
  reading.open = draft;
  reading.openedAt = reading.index;
  reading.frame = undefined;
  reading.awaiting = undefined;
  return draft;
}

/** The service begins another step. */
export function beginStep(reading: Reading): void {
  reading.step++;
  reading.passing = false;
}

/** How many lines ago the open report began. */
export function sinceOpened(reading: Reading): number {
  return reading.index - reading.openedAt;
}

/** The program that printed a line. */
export function programOf({ program, index }: Reading): string | undefined {
  return program !== undefined && index - program.index < PROGRAM_LINES ? program.name : undefined;
}
