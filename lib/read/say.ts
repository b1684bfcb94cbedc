/**
 * What a message says, put into a failure: its text, and the names in it that identify.
 *
 * @module
 */
import { baseOf, type Draft, groupOf, push } from "../draft.ts";
import { nameOf } from "../names.ts";
import { CRASHES } from "../rules/crashes.ts";
import { GOAL } from "../rules/lines.ts";
import { MACHINE, type MachineRule } from "../rules/machine.ts";
import { MESSAGES } from "../rules/messages.ts";
import { sieveOf } from "../sieve.ts";
import { believes } from "./blame.ts";

const machineRules = sieveOf(MACHINE);
const messageRules = sieveOf(MESSAGES);
const signalRules = sieveOf(CRASHES.filter(({ kind }) => kind.startsWith("crash:") || kind === "timeout"));

const MAX_LINES = 12;
const MAX_MESSAGE = 300;
/** Not npm's: "failed with signal 'SIGSEGV'". */
const QUOTED_SIGNAL = /(?<!signal:? )'[\w:.]{0,60}SIG[A-Z]{2,8}'/g;

/** Adds a message to a failure: the first is its own, each may name something. */
export function say(draft: Draft, message: string): string | undefined {
  if (draft.lines.length < MAX_LINES) draft.lines.push(message);
  draft.message ??= message
    .trim()
    .replace(/^E\s+/, "")
    .replace(GOAL, "")
    .replace(/ -> \[Help \d{1,2}\]$/, "")
    .slice(0, MAX_MESSAGE);
  return identify(draft, message);
}

/** Adds what a message names; the kind of it, or undefined when it names nothing known. */
export function identify(draft: Draft, message: string): string | undefined {
  // 'ENOSPC' is undeclared: a compiler speaks of names first.
  const named = draft.rank === "code" ? identifyName(draft, message) : undefined;
  return (
    named ??
    identifyMachine(draft, message, true) ??
    identifyName(draft, message) ??
    identifyMachine(draft, message, false) ??
    identifyCrash(draft, message)
  );
}

/** Adds a fault of the machine; with `infrastructure` only such as no commit can cause. */
export function identifyMachine(draft: Draft, message: string, infrastructure: boolean): string | undefined {
  for (const rule of machineRules(message)) {
    const match = rule.infrastructure === infrastructure && believes(rule, draft, message) ? rule.pattern.exec(message) : null;
    if (match === null) continue;
    push(draft.ids, machineFact(rule, match));
    if (infrastructure) draft.infrastructure = true;
    return rule.kind;
  }
  return undefined;
}

/** True when a message tells a fault that no commit can cause. */
export function faultsMachine(message: string): boolean {
  return machineRules(message).some((rule) => rule.infrastructure && rule.pattern.test(message));
}

function machineFact(rule: MachineRule, match: RegExpExecArray): string {
  const value = groupOf(match, "value");
  return value === undefined ? rule.kind : `${rule.kind}:${baseOf(value.replace(/%2f/i, "/"))}`;
}

/** True when a message names something that a rule knows. */
export function namesSomething(message: string): boolean {
  return messageRules(message).some((rule) => rule.pattern.test(message));
}

/** Adds the name that a message is about. */
export function identifyName(draft: Draft, message: string): string | undefined {
  for (const rule of messageRules(message)) {
    const match = rule.pattern.exec(message);
    if (match === null) continue;
    const value = groupOf(match, "value");
    push(draft.ids, value === undefined ? rule.kind : `${rule.kind}:${nameOf(rule.kind, value, groupOf(match, "scope"))}`);
    return rule.kind;
  }
  return undefined;
}

function identifyCrash(draft: Draft, message: string): string | undefined {
  const said = unquoted(message);
  // A compiler that died says that first; otherwise the word is what it complains of.
  const rule = signalRules(said).find(({ pattern }) => (draft.rank === "code" ? pattern.exec(said)?.index === 0 : pattern.test(said)));
  if (rule !== undefined) push(draft.ids, rule.kind);
  return rule?.kind;
}

/** A message without the signals that it only names: 'SIGBUS' is undeclared. */
export function unquoted(message: string): string {
  return message.replace(QUOTED_SIGNAL, "''");
}
