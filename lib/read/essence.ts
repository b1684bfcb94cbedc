/**
 * Reads the lines that hold the essence of a message above them.
 *
 * @module
 */
import { baseOf, type Draft, groupOf, push } from "../draft.ts";
import { ESSENCES } from "../rules/essence.ts";
import { sieveOf } from "../sieve.ts";
import { passes, wraps } from "./passing.ts";
import type { Reading } from "./reading.ts";
import { identify } from "./say.ts";

type Essence = NonNullable<Reading["essence"]>;

const heads = sieveOf(ESSENCES);
const MAX_MESSAGE = 300;

/** Looks for a message's essence from the next line on, when a line that was just read is its beginning. */
export function awaitEssence(reading: Reading, text: string): void {
  const rule = heads(text).find(({ pattern }) => pattern.test(text));
  if (rule === undefined) return;
  const { awaiting, open, drafts, warnings } = reading;
  const latest = [drafts[drafts.length - 1], warnings[warnings.length - 1]];
  const draft = latest.find((one) => one?.lines.includes(text)) ?? awaiting ?? open;
  if (draft !== undefined) reading.essence = { draft, rule, index: reading.index, begun: false };
}

/** Reads a line that holds it; false when the line is none. */
export function readEssence(reading: Reading, text: string): boolean {
  const { essence } = reading;
  if (essence === undefined) return false;
  const { draft, rule, index, begun } = essence;
  const below = reading.index - index;
  const item = begun ? (rule.more ?? rule.item) : rule.item;
  const over = begun ? below > 1 || wraps(text) || passes(text) : below > rule.within;
  const match = over ? null : item.exec(text);
  if (match === null) {
    if (begun || below >= rule.within) reading.essence = undefined;
    return false;
  }
  const value = groupOf(match, "value");
  say(draft, groupOf(match, "message") ?? value ?? text, jointOf(essence));
  const code = groupOf(match, "code");
  if (code !== undefined) push(draft.codes, code);
  if (rule.kind !== undefined && value !== undefined) push(draft.ids, `${rule.kind}:${baseOf(value)}`);
  const goesOn = rule.kind !== undefined || rule.more !== undefined;
  reading.essence = goesOn ? { draft, rule, index: reading.index, begun: true } : undefined;
  return true;
}

/** What stands between a message and what is told of it; undefined where that replaces it. */
function jointOf({ draft, rule, begun }: Essence): string | undefined {
  if (rule.instead === "each") return undefined;
  if (begun) return rule.more === undefined ? ", " : " ";
  if (rule.instead === true) return undefined;
  if (rule.rest === true) return " ";
  return draft.message?.endsWith(":") === true ? " " : ": ";
}

function say(draft: Draft, text: string, joint: string | undefined): void {
  const { message } = draft;
  if (message?.includes(text) === true) return;
  draft.message = (joint === undefined || message === undefined ? text : `${message}${joint}${text}`).slice(0, MAX_MESSAGE);
  draft.lines.push(text);
  identify(draft, text);
}
