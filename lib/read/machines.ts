/**
 * Reads what the machine, or what a job is given, fails with: as a failure of its own, or as a test's or compiler's words.
 *
 * @module
 */
import { type Draft, draftOf } from "../draft.ts";
import { EXCEPTION } from "../rules/crashes.ts";
import { asserts } from "./blame.ts";
import { wraps } from "./passing.ts";
import { add, type Reading, sinceOpened } from "./reading.ts";
import { identifyMachine, namesSomething, say } from "./say.ts";
import { readException } from "./stacks.ts";

/** A line belongs to the report of a test that began so many lines ago. */
const MACHINE_LINES = 80;
const MAX_MESSAGE = 300;

/** Reads a fault of the machine; false when the line is none. */
export function readMachine(reading: Reading, text: string): boolean {
  const { open } = reading;
  const draft = draftOf("machine", text);
  const machine =
    identifyMachine(draft, text, true) !== undefined || (!namesSomething(text) && identifyMachine(draft, text, false) !== undefined);
  if (!machine) return false;
  if (joinConflict(reading, draft, text)) return true;
  // An exception in the words of the machine ends the stack above it like any other.
  if (open?.quotes === true && open.rank === "crash" && open.message === undefined && EXCEPTION.test(text))
    return readException(reading, text);
  const target = speaker(reading);
  if (target === undefined) return addMachine(reading, draft, text);
  if (!draft.infrastructure || identifyMachine(target, text, true) !== undefined) {
    say(target, text);
    if (draft.infrastructure && reading.frame !== undefined) target.at = reading.frame;
    return true;
  }
  // What ends the job says so beneath the last test's report; what the test itself says is its message.
  const apart = wraps(text) || (target.message !== undefined && !asserts(text) && !EXCEPTION.test(text));
  return apart && /^(?:job:cancelled|job:timeout|memory:killed)$/.test(draft.ids[0] ?? "") && addMachine(reading, draft, text);
}

function addMachine(reading: Reading, draft: Draft, text: string): true {
  draft.message = text.trim().replace(/^# /, "");
  if (draft.ids[0] === "job:timeout" && reading.started !== undefined) hang(draft, reading.started);
  add(reading, draft);
  return true;
}

/** Within a test the job's time ran out: not the machine is slow, the test does not end. */
function hang(draft: Draft, test: string): void {
  draft.rank = "test";
  draft.test = test;
  draft.ids = ["timeout"];
  draft.infrastructure = false;
}

/** npm says that there is a conflict, and below it whose: two conflicts are two causes. */
function joinConflict({ drafts }: Reading, { ids: [id] }: Draft, text: string): boolean {
  const known = id?.startsWith("conflict:") === true ? drafts.findLast(({ ids }) => ids[0] === "conflict") : undefined;
  if (id === undefined || known === undefined) return false;
  known.ids = [id];
  known.message = `${known.message}: ${text.replace(/^npm (?:ERR!|error) /, "")}`.slice(0, MAX_MESSAGE);
  known.lines.push(text);
  return true;
}

/** Whose words a line is in: those of the test that reports, or of a compiler's head whose message is to come. */
function speaker(reading: Reading): Draft | undefined {
  const { open, awaiting } = reading;
  if (open?.rank === "test" && sinceOpened(reading) < MACHINE_LINES) return open;
  return awaiting?.rank === "code" && awaiting.message === undefined ? awaiting : undefined;
}
