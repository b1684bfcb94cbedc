/**
 * How alike two signatures are, 0 to 1.
 *
 * @module
 */
import * as levenshtein from "fast-levenshtein";
import type { Signature } from "./signature.ts";

const SYMBOLS = new Set([
  "missing-include",
  "missing-library",
  "duplicate-symbol",
  "undefined-symbol",
  "undeclared",
  "argument-count",
  "redefinition",
  "missing-module",
  "no-member",
  "unused",
  "assert",
  "missing-package",
  "missing-script",
  "missing-command",
  "missing-target",
  "missing-file",
  "lockfile",
  "undefined-behavior",
  "frame",
]);

type Parsed = {
  readonly at: Set<string>;
  readonly tests: Set<string>;
  readonly symbols: Set<string>;
  readonly machine: Set<string>;
  readonly weak: Set<string>;
  readonly messages: Set<string>;
};
const cache = new WeakMap<Signature, Parsed>();
function parse(s: Signature): Parsed {
  const known = cache.get(s);
  if (known !== undefined) return known;
  const p: Parsed = { at: new Set(), tests: new Set(), symbols: new Set(), machine: new Set(), weak: new Set(), messages: new Set() };
  for (const fact of s.facts) {
    const colon = fact.indexOf(":");
    const kind = colon < 0 ? fact : fact.slice(0, colon);
    if (kind === "at") p.at.add(fact);
    else if (kind === "test") p.tests.add(fact.slice(5));
    else if (kind === "message") p.messages.add(fact.slice(8));
    else if (SYMBOLS.has(kind) && colon > 0) p.symbols.add(fact);
    else if (kind === "network" || kind === "disk" || kind === "memory" || kind === "job" || kind === "runner") p.machine.add(fact);
    else p.weak.add(fact);
  }
  cache.set(s, p);
  return p;
}
function meets(a: Set<string>, b: Set<string>): boolean {
  for (const x of a) if (b.has(x)) return true;
  return false;
}
function textRatio(a: Signature, b: Signature): number {
  let sum = 0;
  let weight = 0;
  for (const [x, y] of [
    [a.lines, b.lines],
    [b.lines, a.lines],
  ] as const) {
    for (const line of x) {
      let best = 0;
      for (const other of y) best = Math.max(best, 1 - levenshtein.get(line, other) / Math.max(line.length, other.length, 1));
      sum += best * line.length;
      weight += line.length;
    }
  }
  return weight === 0 ? 0 : sum / weight;
}
export function similarity(a: Signature, b: Signature): number {
  if (a.id === b.id) return 1;
  const x = parse(a);
  const y = parse(b);
  if (meets(x.at, y.at)) return 0.95;
  if (meets(x.symbols, y.symbols)) return 0.9;
  const names = (p: Parsed) => new Set([...p.symbols].map((s) => s.slice(s.indexOf(":") + 1)));
  if (meets(x.tests, y.tests)) {
    if (x.at.size > 0 && y.at.size > 0 && !meets(x.messages, y.messages)) return 0.4;
    return 0.9;
  }
  if (x.machine.size > 0 && y.machine.size > 0) return meets(x.machine, y.machine) ? 0.85 : 0.2;
  if (x.at.size === 0 || y.at.size === 0) {
    if (meets(names(x), names(y))) return 0.75;
    if (meets(x.weak, y.weak)) return 0.72;
  }
  if (
    a.facts.length === 0 ||
    b.facts.length === 0 ||
    (x.at.size + x.symbols.size + x.tests.size === 0 && y.at.size + y.symbols.size + y.tests.size === 0)
  )
    return 0.9 * textRatio(a, b);
  return 0.2;
}
