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
  test: string | undefined;
  suite: string | undefined;
  /** What was said, as the tool said it. */
  message: string | undefined;
  /** Error codes and rule names. */
  codes: string[];
  infrastructure: boolean;
  /** Source lines stand among its lines: only an exception is its message. */
  quotes: boolean;
  /** The lines it was read from. */
  lines: string[];
};

/** An empty failure of some rank. */
export function draftOf(rank: Rank, line: string): Draft {
  return {
    rank,
    ids: [],
    at: undefined,
    test: undefined,
    suite: undefined,
    message: undefined,
    codes: [],
    infrastructure: false,
    quotes: false,
    lines: [line],
  };
}

/** `base:line` of a place in the project, undefined for one in a library. */
export function placeOf(file: string, line: string | undefined): string | undefined {
  return FOREIGN.test(file) || line === undefined ? undefined : `${baseOf(file)}:${line}`;
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

/**
 * A symbol as every tool would write it: demangled as far as names need it, without arguments, import marks, ABI tags.
 *
 * `__imp_foo`, `_foo`, `foo@8`, `kestrel::page_tag(char const*, int)` and `_ZN7kestrel8page_tagEPKci` meet.
 */
export function symbolOf(raw: string): string {
  let name = raw
    .trim()
    .replace(/^__imp_+/, "")
    .replace(/^(?:vtable|typeinfo|VTT|construction vtable|guard variable|non-virtual thunk to|thunk) (?:name )?(?:for )?/, "");
  const mangled = /^_{0,2}Z(N?)K?(.{2,400})/.exec(name.replace(/^_(?=_Z)/, ""));
  if (mangled !== null) name = demangle(mangled[2] ?? "") || name;
  const decorated = /^\?(\w{1,200})@((?:\w{1,80}@){0,6})@/.exec(name);
  if (decorated !== null) name = [...(decorated[2] ?? "").split("@").filter(Boolean).reverse(), decorated[1]].join("::");
  // link.exe: "int __cdecl kestrel::page_tag(char const *,int)" (?page_tag@…)
  name = name.replace(/\[abi:\w{1,20}\]/g, "").replace(/ ?\(\?.{0,300}$/, "");
  const open = name.search(/[(<](?!\))/);
  if (open > 0 && !name.startsWith("operator")) name = name.slice(0, open);
  name = name.replace(/^.*(?:__cdecl|__stdcall|__thiscall|__fastcall|__vectorcall) /, "").replace(/^.{0,200} (?=[\w:~]{1,200}$)/, "");
  name = name.replace(/@\d{1,4}$/, "").replace(/^(?:\(anonymous namespace\)::)/, "");
  const parts = name.split(/::|\.(?=[A-Za-z_])/).filter((part) => part !== "");
  return (parts.slice(-2).join("::") || name).replace(/^_+(?=[A-Za-z])/, "");
}

/** The nested name at the start of an Itanium-mangled symbol: `7kestrel8page_tagE…` is `kestrel::page_tag`. */
function demangle(text: string): string {
  const parts: string[] = [];
  let rest = text;
  for (let count = 0; count < 12; count++) {
    const match = /^(\d{1,3})/.exec(rest);
    if (match === null) break;
    const length = Number(match[1]);
    const start = (match[1] ?? "").length;
    parts.push(rest.slice(start, start + length));
    rest = rest.slice(start + length);
  }
  return parts.join("::");
}
