/**
 * Reads lists of what failed: tests by name, commands, packages.
 *
 * @module
 */
import { draftOf, groupOf } from "../draft.ts";
import { sameTest, testOf } from "../names.ts";
import { LISTS, type ListRule } from "../rules/lists.ts";
import { sieveOf } from "../sieve.ts";
import { wraps } from "./passing.ts";
import { add, type Reading } from "./reading.ts";
import { say } from "./say.ts";

const heads = sieveOf(LISTS);

/** Reads a list's head or one of its lines; false when the line is neither. */
export function readList(reading: Reading, text: string): boolean {
  const { list } = reading;
  const item = list?.item.exec(text) ?? null;
  if (list !== undefined && item !== null) {
    const test = groupOf(item, "test");
    const message = groupOf(item, "message");
    if (test !== undefined) readTestItem(reading, text, testOf(test, undefined), message);
    else if (message !== undefined && !wraps(text) && !wraps(message)) tell(reading, list, text, message);
    return true;
  }
  reading.item = undefined;
  reading.list = heads(text).find(({ pattern }) => pattern.test(text));
  return reading.list !== undefined;
}

/** What a tool says of its own failure. */
function tell(reading: Reading, { deepens }: ListRule, text: string, message: string): void {
  const { item } = reading;
  const deeper = deepens === true && item !== undefined && indentOf(text) > indentOf(item.lines[0] ?? "");
  const told = deeper ? item : add(reading, draftOf("tool", text));
  told.lines = [text];
  told.message = undefined;
  say(told, message);
  reading.item = told;
}

function indentOf(text: string): number {
  return text.search(/\S/) + (/^\s*> /.test(text) ? 1 : 0);
}

function readTestItem(reading: Reading, text: string, test: string, message: string | undefined): void {
  if (reading.list?.names === "open") {
    if (reading.open !== undefined) reading.open.test ??= test;
    reading.list = undefined;
    return;
  }
  let draft = reading.drafts.find((known) => sameTest(known.test, test));
  if (draft === undefined) {
    draft = add(reading, draftOf("test", text));
    draft.test = test;
  }
  if (message !== undefined && message !== "" && draft.message === undefined) say(draft, message);
  reading.open = undefined;
}
