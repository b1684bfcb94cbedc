/**
 * Reads how programs die: signals, assertions, sanitizers, exceptions, and the stacks that follow.
 *
 * @module
 */
import { type Draft, draftOf, groupOf, placeOf, push } from "../draft.ts";
import { symbolOf } from "../names.ts";
import { CRASHES, type CrashRule, EXCEPTION, SYNTAX_PLACE, THROWN } from "../rules/crashes.ts";
import { FRAMES } from "../rules/frames.ts";
import { FOREIGN, FOREIGN_CLASS } from "../rules/noise.ts";
import { sieveOf } from "../sieve.ts";
import { errorIn } from "./diagnostics.ts";
import { add, programOf, type Reading, sinceOpened } from "./reading.ts";
import { faultsMachine, identify, identifyName, say, unquoted } from "./say.ts";

const crashRules = sieveOf(CRASHES);
const frameRules = sieveOf(FRAMES);
/** GoogleTest and Boost.Test make a function of each test. */
const TEST_FUNCTIONS: readonly { readonly function: RegExp; readonly test: string }[] = [
  { function: /^(\w{1,120})_(\w{1,120})_Test::TestBody\(\)$/, test: "$1.$2" },
  { function: /^(\w{1,120})::(\w{1,120})::test_method\(\)$/, test: "$1/$2" },
];
/** Exceptions that only pass another on. */
const WRAPPING = /(?:ExceptionInInitializerError|InvocationTargetException|UndeclaredThrowableException)$/;
/** What an exception was thrown for; indented in a report of tests. */
const CAUSE = /^\s{0,12}(?:[Cc]aused by|\[cause\]): /;
/** A crash belongs to the report of a test that began so many lines ago, if that report has no message yet. */
const CRASH_LINES = 40;

/** Reads a signal, a failed assertion, a sanitizer's verdict; false when the line is none. */
export function readCrash(reading: Reading, text: string): boolean {
  for (const rule of crashRules(text)) {
    const match = rule.pattern.exec(text);
    if (match === null || (rule.kind.startsWith("crash:") && !dies(rule, text))) continue;
    // A compiler whose disk is full panics too.
    if (rule.kind === "panic" && faultsMachine(text)) return false;
    // Out of memory, a runtime aborts itself.
    if (rule.kind === "crash:abort" && reading.drafts.some(({ ids }) => ids.includes("memory:heap"))) return true;
    const { open } = reading;
    const known = groupOf(match, "called") === undefined ? undefined : reported(reading, `sanitizer:${groupOf(match, "value")}`);
    const draft =
      known ??
      (open?.rank === "test" && sinceOpened(reading) < CRASH_LINES && open.message === undefined
        ? open
        : add(reading, draftOf("crash", text)));
    if (draft !== open) {
      draft.test ??= groupOf(match, "test") ?? reading.running ?? (rule.kind === "panic" && open?.rank === "test" ? open.test : undefined);
      draft.suite ??= programOf(reading);
    }
    const value = groupOf(match, "value");
    const file = groupOf(match, "file");
    const at = file === undefined ? undefined : placeOf(file, groupOf(match, "line"));
    // What a library asserts, another build of it does not: it says no more than that the program died.
    const lent = rule.kind === "assert" && file !== undefined && at === undefined;
    push(draft.ids, lent ? "crash:abort" : value === undefined ? rule.kind : `${rule.kind}:${value.replace(/^std::/, "").slice(0, 160)}`);
    draft.at ??= at;
    const called = groupOf(match, "called");
    if (called !== undefined && !draft.ids.some((id) => id.startsWith("frame:"))) push(draft.ids, `frame:${symbolOf(called)}`);
    const message = groupOf(match, "message");
    draft.message ??= message ?? text.trim().slice(0, 300);
    if (message !== undefined) {
      if (rule.kind === "exception") identify(draft, `${value ?? ""}: ${message}`);
      else identifyName(draft, message);
    }
    draft.lines.push(text);
    reading.awaiting = draft.at === undefined ? draft : undefined;
    reading.frame = undefined;
    return true;
  }
  return false;
}

/** True for a line in which something dies, false for one that speaks of a signal, as an error about its name does. */
function dies({ pattern }: CrashRule, text: string): boolean {
  const complaint = errorIn(text);
  return complaint === undefined ? pattern.test(unquoted(text)) : pattern.exec(complaint)?.index === 0;
}

/** The failure whose head a last line sums up. */
function reported({ drafts }: Reading, id: string): Draft | undefined {
  return drafts.findLast((draft) => draft.ids.includes(id));
}

/** Reads a line of a stack; false when it is none. Only the innermost frame in the project counts. */
export function readFrame(reading: Reading, text: string): boolean {
  for (const rule of frameRules(text)) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const file = groupOf(match, "file") ?? "";
    const scope = groupOf(match, "scope");
    const at = FOREIGN.test(file) || (scope !== undefined && FOREIGN_CLASS.test(scope)) ? undefined : placeOf(file, groupOf(match, "line"));
    if (at === undefined) return true;
    const { open, awaiting } = reading;
    if (rule.innermost === "last") {
      // Of a program that died, Python prints the innermost frame first.
      if (open === undefined && awaiting !== undefined) {
        awaiting.at ??= at;
        const called = groupOf(match, "called");
        if (called?.startsWith("test") === true) awaiting.test ??= called;
        reading.awaiting = undefined;
        return true;
      }
      reading.frame = at;
      if (open !== undefined && (open.message === undefined || groupOf(match, "thrown") !== undefined)) open.at = at;
      return true;
    }
    const called = groupOf(match, "called");
    readCaller(reading, called, at);
    const draft = awaiting ?? open;
    if (draft === undefined || (draft.at !== undefined && draft !== awaiting)) return true;
    draft.at = at;
    if (called !== undefined) reading.stack = { draft, index: reading.index };
    if (called !== undefined) push(draft.ids, `frame:${symbolOf(called)}`);
    const thrown = groupOf(match, "thrown");
    if (thrown !== undefined && draft.message === undefined) say(draft, thrown);
    reading.awaiting = undefined;
    return true;
  }
  return false;
}

/** A frame around the one that died may be the test's own function, or in its file. */
function readCaller(reading: Reading, called: string | undefined, at: string): void {
  const { stack, index } = reading;
  if (stack === undefined || stack.index !== index - 1 || called === undefined) return;
  reading.stack = { draft: stack.draft, index };
  push(stack.draft.ids, `within:${at}`);
  const known = TEST_FUNCTIONS.find((rule) => rule.function.test(called));
  if (known !== undefined) stack.draft.test ??= called.replace(known.function, known.test);
}

/** Reads an exception's line; false when it is none. */
export function readException(reading: Reading, text: string): boolean {
  const match = EXCEPTION.exec(text);
  if (match === null) {
    if (!THROWN.test(text) || reading.open !== undefined) return false;
    openCrash(reading, text);
    return true;
  }
  // What another test printed before is over where a program says anew what it dies of.
  const { open } = reading;
  const anew = open?.rank === "crash" && !open.quotes && open.message !== undefined && /^[A-Z]/.test(text) && !CAUSE.test(text);
  const draft: Draft = anew || open === undefined ? openCrash(reading, text) : open;
  if (draft.message !== undefined && draft.message !== "") {
    if (CAUSE.test(text)) openCause(reading, draft, text);
    const cause = reading.open ?? draft;
    identify(cause, groupOf(match, "message") ?? "");
    // What failed for a fault of the machine is one.
    if (cause.infrastructure) draft.infrastructure = true;
    return true;
  }
  draft.at = reading.frame ?? draft.at;
  reading.frame = undefined;
  draft.message = undefined;
  say(draft, text.trim().replace(/^(?:=> |# {1,4}|Caused by: |Exception in thread '[^']{1,120}' |Exception during run: )/, ""));
  const type = (groupOf(match, "type") ?? "Error").replace(/^.*\./, "");
  push(draft.ids, `exception:${type}`);
  // Nobody sits at a runner's keyboard: who waited has given up.
  if (type === "KeyboardInterrupt") push(draft.ids, "timeout");
  const place = SYNTAX_PLACE.exec(text);
  if (place !== null) draft.at ??= placeOf(groupOf(place, "file") ?? "", groupOf(place, "line"));
  return true;
}

/** What an exception was thrown for: the same failure, at another place. */
function openCause(reading: Reading, outer: Draft, text: string): void {
  const draft = add(reading, draftOf(outer.rank, text));
  draft.test = outer.test;
  draft.suite = outer.suite;
  draft.message = text.replace(CAUSE, "").slice(0, 300);
  if (WRAPPING.test(outer.message ?? "")) outer.message = `${outer.message}: ${draft.message}`.slice(0, 300);
  reading.open = draft;
}

function openCrash(reading: Reading, text: string): Draft {
  const draft = add(reading, draftOf("crash", text));
  draft.at = reading.frame;
  draft.quotes = THROWN.test(text);
  reading.open = draft;
  reading.openedAt = reading.index;
  if (draft.quotes) reading.frame = undefined;
  return draft;
}
