/**
 * Reads test runners' lines: which test failed, and where.
 *
 * @module
 */
import { baseOf, type Draft, draftOf, groupOf, isThrown, placeOf, push } from "../draft.ts";
import { sameTest, testOf } from "../names.ts";
import { TESTS, type TestRule } from "../rules/tests.ts";
import { sieveOf } from "../sieve.ts";
import { add, begin, type Reading } from "./reading.ts";
import { say } from "./say.ts";

const testRules = sieveOf(TESTS);
/** A Go test's own words may stand before the line that says it failed, so many lines at most. */
const NOTED_LINES = 3;
const GO_NOTE = /^\s{2,24}(?<file>[\w.-]{1,120}_test\.go):(?<line>\d{1,7}):(?: (?<message>.*))?$/;
/** What follows a note is indented more; testify's table says place and test once more. */
const GO_MORE = /^(?: {8,24}|\t)\s{0,24}(?!Error Trace:|Test:)(?:Error:\s{1,8})?(?<message>\S.*)/;
const MAX_NOTE = 300;

/** Reads a line of a test runner; false when it is none. */
export function readTest(reading: Reading, text: string): boolean {
  for (const rule of testRules(text)) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const test = groupOf(match, "test");
    apply(reading, text, rule, match, test === undefined ? undefined : testOf(test, reading.suite));
    return true;
  }
  return readNote(reading, text);
}

function apply(reading: Reading, text: string, rule: TestRule, match: RegExpExecArray, test: string | undefined): void {
  switch (rule.role) {
    case "running":
      // Whoever says that the next test starts has reported the one before.
      if (rule.starts === true) reading.open = undefined;
      reading.running = test;
      reading.started = rule.starts === true ? test : undefined;
      return;
    case "done":
      reading.running = reading.started = reading.open = undefined;
      if (rule.lists === true) reading.listed = new Set();
      return;
    case "suite":
      enter(reading, text, rule, match, test);
      return;
    case "open":
      report(reading, text, rule, match, test ?? (rule.running === true ? reading.running : undefined));
      return;
    case "name":
      name(reading, text, rule, match, rule.ends === true ? reportAbove(reading, test) : test);
      return;
    default:
      rule.role satisfies never;
  }
}

/** What the next failures belong to: a place, a test case, a file. */
function enter(reading: Reading, text: string, rule: TestRule, match: RegExpExecArray, test: string | undefined): void {
  const file = groupOf(match, "file");
  if (file !== undefined) {
    const at = placeOf(file, groupOf(match, "line"));
    if (rule.ahead === true) reading.begins = at;
    else if (reading.open !== undefined) reading.open.at ??= at;
    return;
  }
  if (test !== undefined) {
    reading.running = test;
    return;
  }
  const suite = groupOf(match, "suite");
  reading.suite = suite ?? reading.suite;
  const aFile = suite !== undefined && /\.[cm]?[jt]sx?$|\.go$|\//.test(suite);
  if (!aFile || reading.drafts.some((draft) => draft.suite === suite)) return;
  add(reading, draftOf("tool", text)).suite = suite;
}

function report(reading: Reading, text: string, rule: TestRule, match: RegExpExecArray, test: string | undefined): void {
  if (test === reading.started) reading.started = undefined;
  const draft = begin(reading, test, text);
  const file = groupOf(match, "file");
  const at = file === undefined ? undefined : placeOf(file, groupOf(match, "line"));
  draft.at = at ?? draft.at;
  draft.quotes = rule.quotes ?? false;
  draft.naming = rule.nested === true && !/:$/.test(text);
  if (test === undefined && at !== undefined) draft.test = reading.running;
  draft.suite = groupOf(match, "suite") ?? draft.suite;
  const message = groupOf(match, "message");
  if (message !== undefined && message.trim() !== "") say(draft, message);
  const { noted } = reading;
  if (noted === undefined || reading.index - noted.index > NOTED_LINES || draft.at !== undefined) return;
  // A subtest's words, and not those of the test around it, which is named first.
  if (test !== undefined && noted.test?.startsWith(`${test}/`) === true) return;
  draft.at = noted.at;
  if (noted.message !== "") say(draft, noted.message);
}

/** A test named at the end of its report, or in a summary. */
function name(reading: Reading, text: string, rule: TestRule, match: RegExpExecArray, test: string | undefined): void {
  const program = groupOf(match, "whole");
  const whole = program === undefined ? groupOf(match, "suite") : programNameOf(program);
  if (rule.prints === true && whole !== undefined) reading.program = { name: whole, index: reading.index };
  if (test !== undefined)
    for (const draft of reading.drafts)
      if (draft.rank === "test" && draft.test === undefined && (draft.at !== undefined || draft === reading.open)) draft.test = test;
  const draft =
    reading.drafts.find((known) => !known.guessed && (test === undefined ? known.suite === whole : sameTest(known.test, test))) ??
    add(reading, named(text, test, whole));
  const scope = groupOf(match, "scope");
  if (scope !== undefined) draft.at ??= `${scope}.java:${groupOf(match, "line")}`;
  const message = groupOf(match, "message");
  if (message !== undefined && draft.message === undefined) {
    say(draft, message);
    if (/segf|\bSEGV\b/i.test(message)) push(draft.ids, "crash:segv");
    if (/^timeout/i.test(message)) push(draft.ids, "timeout");
  }
  if (test !== undefined && test === reading.running) reading.running = reading.started = undefined;
  reading.open = undefined;
}

/** The same program, wherever it was built and for which system. */
function programNameOf(program: string): string {
  return baseOf(program).replace(/\.exe$/, "");
}

/** Gives a report its test, when it stands above the test's name; the name. */
function reportAbove({ drafts }: Reading, test: string | undefined): string | undefined {
  const above = drafts.findLast(({ rank }) => rank !== "generic");
  if (above !== undefined && above.test === undefined && above.codes.length === 0 && (above.rank !== "crash" || isThrown(above))) {
    above.test = test;
    above.rank = "test";
  }
  return test;
}

function named(text: string, test: string | undefined, whole: string | undefined): Draft {
  const draft = draftOf(test === undefined ? "tool" : "test", text);
  draft.test = test;
  draft.suite = whole;
  return draft;
}

function readNote(reading: Reading, text: string): boolean {
  const { open, noted } = reading;
  const match = GO_NOTE.exec(text);
  if (match === null) {
    if (noted?.index === reading.index - 1 && open === undefined && /^\s{8}/.test(text)) {
      const more = GO_MORE.exec(text)?.groups?.message;
      const message = more === undefined ? noted.message : `${noted.message} ${more}`.trim().slice(0, MAX_NOTE);
      reading.noted = { ...noted, message, index: reading.index };
    }
    return false;
  }
  const message = groupOf(match, "message") ?? "";
  const at = `${groupOf(match, "file")}:${groupOf(match, "line")}`;
  if (open?.rank !== "test") reading.noted = { at, message, index: reading.index, test: reading.running };
  else if (open.at === undefined) {
    open.at = at;
    if (message !== "") say(open, message);
  }
  return true;
}
