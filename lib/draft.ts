/**
 * What one failure in a log says of itself, while its lines are being read.
 *
 * @module
 */
import { FOREIGN } from "./rules/noise.ts";

/** How much a kind of evidence says about the cause; the first that occurs in a log is its root. */
export const RANKS = ["code", "crash", "test", "machine", "tool", "bare", "generic"] as const;
export type Rank = (typeof RANKS)[number];

/** One failure, as far as read. Mutable only inside the reader. */
export type Draft = {
  rank: Rank;
  /** `kind:value` identities: symbol, library, crash, machine. */
  ids: string[];
  /** `file:line` of the fault: base name, since directories differ from machine to machine. */
  at: string | undefined;
  /** Where its test begins, in the same form: its place where no other is told. */
  begins: string | undefined;
  test: string | undefined;
  suite: string | undefined;
  /** What was said, as the tool said it. */
  message: string | undefined;
  /** Error codes and rule names. */
  codes: string[];
  infrastructure: boolean;
  /** Source lines stand among its lines: only an exception is its message. */
  quotes: boolean;
  /** The test's name goes on in the lines that follow, until a colon. */
  naming: boolean;
  /** A test that no rule knows by its form: dropped where one is known. */
  guessed: boolean;
  /** The number of the step that said it, where the service tells steps. */
  step: number;
  /** The lines it was read from. */
  lines: string[];
};

/** An empty failure of some rank. */
export function draftOf(rank: Rank, line: string): Draft {
  return {
    rank,
    ids: [],
    at: undefined,
    begins: undefined,
    test: undefined,
    suite: undefined,
    message: undefined,
    codes: [],
    infrastructure: false,
    quotes: false,
    naming: false,
    guessed: false,
    step: 0,
    lines: [line],
  };
}

/** What Vite appends to the part of a file that it compiles. */
const QUERY = /\?vue&.*$/;

/** `base:line` of a place in the project, undefined for one in a library. */
export function placeOf(file: string, line: string | undefined): string | undefined {
  return FOREIGN.test(file) || line === undefined ? undefined : `${baseOf(file).replace(QUERY, "")}:${line}`;
}

/** An exception, by what it names, and no death of a program. */
export function isThrown({ ids }: Draft): boolean {
  return ids.every((id) => /^(?:exception|no-member|null-access|missing-module)\b/.test(id));
}

/** Adds what is not there yet, within bounds. */
export function push(list: string[], item: string): void {
  if (!list.includes(item) && list.length < 12) list.push(item);
}

/** The last part of a path of any system. */
export function baseOf(path: string): string {
  const parts = path.split(/[\\/]/);
  return parts[parts.length - 1] ?? path;
}

/** The first group of a match that took part whose name is `name`, `name2`, `name3`… */
export function groupOf(match: RegExpMatchArray, name: string): string | undefined {
  const groups = match.groups;
  if (groups === undefined) return undefined;
  for (const key of Object.keys(groups)) {
    const value = groups[key];
    if (value !== undefined && value !== "" && key.startsWith(name) && /^\d?$/.test(key.slice(name.length))) return value;
  }
  return undefined;
}
