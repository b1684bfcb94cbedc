/**
 * Which rules of a table can match a text at all, told by the pieces of words they need.
 *
 * A regular expression that has no anchor is tried at every character, and there are hundreds of them. Most cannot match
 * without a literal: `undefined reference to '` or `[Cc]onnection refused`. So for each rule the literals are read from
 * its source, once, and cut into pieces of three letters. A text's own pieces are noted in a table in one pass; a rule is
 * tried only where all pieces of one of its literals are noted. What is never tried is never compiled either, which is
 * most of what a small log would have cost.
 *
 * A sieve lets through too much (pieces may stand apart, and share a place in the table), never too little.
 *
 * @module
 */

const PIECE = 3;
/** More pieces of one literal hardly tell more. */
const MAX_PIECES = 6;
const PLACES = 1 << 13;

/** The place of each piece of the text looked at last, and in `notes` the number of the last text with a piece there. */
const notes = new Int32Array(PLACES);
let pieces = new Int32Array(4096);
let count = 0;
let noted = "";
let stamp = 0;

/** One literal of one rule: found by its first piece, sure when the others are noted too. */
type Way = { readonly rule: number; readonly others: readonly number[]; readonly next: Way | undefined };

/** A table's literals, by the place of their first piece, and the rules that need none. */
type Index = { readonly ways: readonly (Way | undefined)[]; readonly always: readonly number[] };

/**
 * A function that returns those of some rules which may match a text, in their order.
 *
 * @param rules Each with a pattern; the patterns may use alternatives, groups, classes, counts and look-around.
 */
export function sieveOf<Rule extends { readonly pattern: RegExp }>(rules: readonly Rule[]): (text: string) => readonly Rule[] {
  let index: Index | undefined;
  let always: readonly Rule[] = [];
  return (text) => {
    if (index === undefined) {
      index = indexOf(rules);
      always = index.always.map((rule) => rules[rule] as Rule);
    }
    note(text);
    const found = lookUp(index);
    return found === undefined ? always : found.map((rule) => rules[rule] as Rule);
  };
}

function indexOf(rules: readonly { readonly pattern: RegExp }[]): Index {
  const ways: (Way | undefined)[] = new Array(PLACES).fill(undefined);
  const always: number[] = [];
  for (const [rule, { pattern }] of rules.entries()) {
    const { needs } = alternatives(pattern.source, 0);
    if (needs === undefined) always.push(rule);
    for (const literal of needs ?? []) {
      const [first = 0, ...others] = piecesOf(literal);
      ways[first] = { rule, others, next: ways[first] };
    }
  }
  return { ways, always };
}

/** Numbers of the rules that may match the noted text; undefined where only those may that need nothing. */
function lookUp({ ways, always }: Index): readonly number[] | undefined {
  let found: number[] | undefined;
  for (let at = 0; at < count; at++) {
    for (let way = ways[pieces[at] as number]; way !== undefined; way = way.next) {
      if (found?.includes(way.rule) || !way.others.every((piece) => notes[piece] === stamp)) continue;
      found ??= [...always];
      found.push(way.rule);
    }
  }
  return found?.sort((a, b) => a - b);
}

/** Letters of both cases are one here, so that a pattern may ignore case. */
function note(text: string): void {
  if (text === noted && stamp > 0) return;
  noted = text;
  stamp++;
  count = 0;
  if (text.length > pieces.length) pieces = new Int32Array(2 * text.length);
  let piece = 0;
  for (let at = 0; at < text.length; at++) {
    piece = next(piece, text.charCodeAt(at));
    if (at < PIECE - 1 || notes[piece] === stamp) continue;
    notes[piece] = stamp;
    pieces[count++] = piece;
  }
}

/** The piece that ends with one more letter: five bits a letter, of which the oldest fall out. */
function next(piece: number, letter: number): number {
  return ((piece << 5) ^ ((letter | 32) & 127)) & (PLACES - 1);
}

function piecesOf(literal: string): readonly number[] {
  const all: number[] = [];
  let piece = 0;
  for (let at = 0; at < literal.length && all.length < MAX_PIECES; at++) {
    piece = next(piece, literal.charCodeAt(at));
    if (at >= PIECE - 1) all.push(piece);
  }
  return all;
}

/** Literals of which one at least stands in whatever matches; undefined when nothing is known. */
type Literals = readonly string[] | undefined;
type Read = { readonly needs: Literals; readonly end: number };

/** Reads branches up to the end of the source or of the group. */
function alternatives(source: string, from: number): Read {
  const all: string[] = [];
  let known = true;
  let at = from;
  for (;;) {
    const branch = sequence(source, at);
    if (branch.needs === undefined) known = false;
    else all.push(...branch.needs);
    at = branch.end;
    if (source[at] !== "|") return { needs: known ? all : undefined, end: at };
    at++;
  }
}

/** Reads one branch: what stands in a row; the best of its literals. */
function sequence(source: string, from: number): Read {
  let best: Literals;
  let run = "";
  let at = from;
  const offer = (needs: Literals): void => {
    if (needs !== undefined && shortest(needs) >= PIECE && worth(needs) > worth(best)) best = needs;
  };
  const cut = (): void => {
    offer([run]);
    run = "";
  };
  while (at < source.length && source[at] !== "|" && source[at] !== ")") {
    const item = atom(source, at);
    const least = leastOf(source, item.end);
    if (item.letter !== undefined && least !== 0) {
      run += item.letter;
      if (least !== undefined) cut();
    } else if (item.width) {
      cut();
      if (least !== 0) offer(item.needs);
    }
    at = least === undefined ? item.end : afterCount(source, item.end);
  }
  cut();
  return { needs: best, end: at };
}

/** Long literals tell most, and few of them are soon looked up. */
function worth(needs: Literals): number {
  return needs === undefined ? 0 : Math.min(shortest(needs), PIECE + MAX_PIECES) * 8 - Math.min(needs.length, 8);
}

function shortest(needs: readonly string[]): number {
  return Math.min(...needs.map((literal) => literal.length));
}

type Atom = {
  readonly end: number;
  /** The one letter it matches, whatever its case. */
  readonly letter?: string;
  /** It takes up room: what stands before and after does not touch. */
  readonly width: boolean;
  readonly needs?: Literals;
};

const LETTERS: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v" };

/** Reads what a count may follow. */
function atom(source: string, at: number): Atom {
  const letter = source[at] ?? "";
  if (letter === "^" || letter === "$") return { end: at + 1, width: false };
  if (letter === ".") return { end: at + 1, width: true };
  if (letter === "[") return classOf(source, at);
  if (letter === "\\") return escaped(source, at);
  if (letter !== "(") return { end: at + 1, letter, width: true };
  const [head, looks] = headOf(source, at);
  const inner = alternatives(source, head);
  return { end: inner.end + 1, width: !looks, needs: looks ? undefined : inner.needs };
}

/** Where a group's content begins, and whether it only looks. */
function headOf(source: string, at: number): readonly [number, boolean] {
  if (source[at + 1] !== "?") return [at + 1, false];
  const kind = source[at + 2];
  if (kind !== "<") return [at + 3, kind !== ":"];
  return source[at + 3] === "=" || source[at + 3] === "!" ? [at + 4, true] : [source.indexOf(">", at) + 1, false];
}

function escaped(source: string, at: number): Atom {
  const letter = source[at + 1] ?? "";
  if (letter === "b" || letter === "B") return { end: at + 2, width: false };
  if (letter === "u" || letter === "x") {
    const end = at + (letter === "u" ? 6 : 4);
    return { end, letter: String.fromCharCode(Number.parseInt(source.slice(at + 2, end), 16)), width: true };
  }
  if (letter in LETTERS) return { end: at + 2, letter: LETTERS[letter] ?? "", width: true };
  return letter.toLowerCase() !== letter.toUpperCase() || (letter >= "0" && letter <= "9")
    ? { end: at + 2, width: true }
    : { end: at + 2, letter, width: true };
}

/** A class matches one letter when it holds that in both cases, or nothing else. */
function classOf(source: string, at: number): Atom {
  let end = at + 1;
  while (end < source.length && source[end] !== "]") end += source[end] === "\\" ? 2 : 1;
  const inner = source.slice(at + 1, end);
  const one = inner.length === 2 && /^[A-Za-z]{2}$/.test(inner) && inner[0]?.toLowerCase() === inner[1]?.toLowerCase();
  return one ? { end: end + 1, letter: inner[1] ?? "", width: true } : { end: end + 1, width: true };
}

/** How often at least: 0 for `?`, `*`, `{0,…`; undefined where no count follows. */
function leastOf(source: string, at: number): number | undefined {
  const sign = source[at];
  if (sign === "?" || sign === "*") return 0;
  if (sign === "+") return 1;
  if (sign !== "{") return undefined;
  const least = Number.parseInt(source.slice(at + 1, at + 8), 10);
  return Number.isNaN(least) ? undefined : least;
}

function afterCount(source: string, at: number): number {
  const end = source[at] === "{" ? source.indexOf("}", at) + 1 : at + 1;
  return source[end] === "?" ? end + 1 : end;
}
