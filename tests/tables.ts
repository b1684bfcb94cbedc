/**
 * All tables of rules, for the tests that hold for every rule.
 *
 * @module
 */
import { RULES } from "../lib/normalize.ts";
import { PREFIXES } from "../lib/plain.ts";
import { CRASHES } from "../lib/rules/crashes.ts";
import { DIAGNOSTICS } from "../lib/rules/diagnostics.ts";
import { ESSENCES } from "../lib/rules/essence.ts";
import { FRAMES } from "../lib/rules/frames.ts";
import { HEADED } from "../lib/rules/headed.ts";
import { LISTS } from "../lib/rules/lists.ts";
import { MACHINE } from "../lib/rules/machine.ts";
import { MESSAGES } from "../lib/rules/messages.ts";
import { IGNORED, WRAPPERS } from "../lib/rules/noise.ts";
import { TESTS } from "../lib/rules/tests.ts";

/** What each rule of a table has. */
export type Rule = { readonly why: string; readonly pattern: RegExp };

/** Tables that say something of a line; where they are long, a sieve holds most of their rules back. */
export const TELLING: Readonly<Record<string, readonly Rule[]>> = {
  TESTS,
  IGNORED,
  WRAPPERS,
  CRASHES,
  FRAMES,
  DIAGNOSTICS,
  HEADED,
  ROWS: HEADED.map(({ why, row }) => ({ why, pattern: row })),
  LISTS,
  ITEMS: LISTS.map(({ why, item }) => ({ why, pattern: item })),
  ESSENCES,
  ESSENTIAL: ESSENCES.map(({ why, item }) => ({ why, pattern: item })).concat(
    ESSENCES.flatMap(({ why, more }) => (more === undefined ? [] : [{ why, pattern: more }])),
  ),
  MACHINE,
  MESSAGES,
};

/** And those that take something out of it. */
export const TABLES: Readonly<Record<string, readonly Rule[]>> = { ...TELLING, RULES, PREFIXES };
