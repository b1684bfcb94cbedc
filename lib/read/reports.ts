/**
 * Reports that are meant for machines, on a console: JUnit's XML, and the JSON of linters, test runners and package managers. Each becomes
 * the lines that people read of the same tool, which the rules know.
 *
 * @module
 */
import type { Line } from "../excerpt.ts";
import { junitReader, linesOf } from "../junit.ts";
import { plain } from "../plain.ts";
import { JSON_HEAD } from "../shape.ts";

/** A report that is longer in lines is none, or has lost its end. */
const MAX_LINES = 400;
/** Failures of one report, the first. */
const MAX_TOLD = 100;
const MAX_DEPTH = 12;

/** How a case begins that does not end in the same tag, and how JSON begins that may be one of these reports. */
const CASE = /<testcase\s(?!.*\/>\s*$)/;
const JSON_BEGIN = new RegExp(`^(?:[{[]$|${JSON_HEAD})`);
/** Of a path that somebody pasted in: no escape, and no JSON. */
const LONE_BACKSLASH = /(?<!\\)(?:\\\\){0,8}\\(?!["\\/bfnrt]|u[\da-fA-F]{4})/g;
/** A line of `go test -json`, which passes on one line each. */
const EVENT = /^\{"(?:Time|Action|ImportPath)":/;

/** The lines of a log, reports for machines among them replaced by what they say; the same where there are none. */
export function unwrapped(lines: readonly Line[]): readonly Line[] {
  const all: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as Line;
    const report = reportAt(lines, at);
    if (report === undefined) all.push(line);
    else {
      for (const text of report.told) all.push({ text, telling: true });
      at += report.length - 1;
    }
  }
  return all;
}

type Report = { readonly told: readonly string[]; readonly length: number };

function reportAt(lines: readonly Line[], at: number): Report | undefined {
  const { text } = lines[at] as Line;
  if (text.includes("<testcase ")) return CASE.test(text) ? until(lines, at, /<\/testcase>/, casesIn) : undefined;
  if (!/[{[]/.test(text)) return undefined;
  const bare = plain(text);
  if (!JSON_BEGIN.test(bare) || EVENT.test(bare)) return undefined;
  return bare.length > 1 ? toldBy([bare], jsonIn) : until(lines, at, bare === "{" ? /^\}$/ : /^\]$/, jsonIn);
}

function until(lines: readonly Line[], from: number, end: RegExp, read: (text: string) => readonly string[]): Report | undefined {
  const block: string[] = [];
  for (let at = from; at < lines.length && block.length < MAX_LINES; at++) {
    const bare = plain((lines[at] as Line).text);
    block.push(bare);
    if (end.test(bare)) return toldBy(block, read);
  }
  return undefined;
}

/** What a report says; undefined where it cannot be read, or tells of no failure. */
function toldBy(block: readonly string[], read: (text: string) => readonly string[]): Report | undefined {
  try {
    const told = read(block.join("\n"));
    return told.length === 0 ? undefined : { told, length: block.length };
  } catch {
    return undefined;
  }
}

function casesIn(text: string): readonly string[] {
  const reader = junitReader();
  reader.write(`<testsuite>${text.slice(text.indexOf("<testcase "))}</testsuite>`);
  return linesOf(reader.failed);
}

function jsonIn(text: string): readonly string[] {
  const told: string[] = [];
  tell(JSON.parse(text.replace(LONE_BACKSLASH, "\\$&")), undefined, told, 0);
  return told;
}

type Node = Readonly<Record<string, unknown>>;

const FILES = ["file", "filename", "filePath", "file_path", "path", "Filename", "source", "short_src"];
const LINES = ["line", "line_number", "lineNumber", "startLine", "row", "Line", "currentline"];
const NAMES = ["full_description", "fullName", "fullTitle", "nodeid", "name", "title"];
const CODES = ["code", "ruleId", "cop_name", "symbol", "rule", "check_name", "FromLinter"];
const FAILED = /^(?:fail(?:ed|ure)?|error(?:ed)?)$/i;

/** What a node of JSON says of failures, as lines; `file` is what it stands in. */
function tell(node: unknown, file: string | undefined, told: string[], depth: number): void {
  if (depth > MAX_DEPTH || told.length > MAX_TOLD || typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) tell(one, file, told, depth + 1);
    return;
  }
  const of = node as Node;
  if (typeof of.rendered === "string") {
    told.push(...of.rendered.split("\n"));
    return;
  }
  const here = textOf(of, FILES) ?? file;
  if (tellPackages(of, told) || tellTest(of, here, told) || tellPlace(of, here, told)) return;
  for (const [key, value] of Object.entries(of)) {
    if ((key === "failures" || key === "errors") && Array.isArray(value))
      for (const one of value) tell(isNode(one) ? { status: "failed", ...one } : one, here, told, depth + 1);
    else if (key !== "successes") tell(value, here, told, depth + 1);
  }
}

/** npm's and pnpm's: why nothing was installed. */
function tellPackages({ error }: Node, told: string[]): boolean {
  if (!isNode(error) || typeof error.code !== "string" || typeof error.summary !== "string") return false;
  told.push(`npm error code ${error.code}`, ...error.summary.split("\n").map((line) => `npm error ${line}`));
  return true;
}

/** A test that failed, as TAP tells it. */
function tellTest(of: Node, file: string | undefined, told: string[]): boolean {
  const name = textOf(of, NAMES);
  if (name === undefined || !FAILED.test(textOf(of, ["status", "state", "outcome", "result"]) ?? "")) return false;
  told.push(`not ok 1 - ${name}`);
  const causes = [of, of.exception, of.err, of.error, of.failure].filter(isNode);
  const words = causes.flatMap((cause) => [cause.message, cause.longrepr, cause.failureMessages, cause.backtrace, cause.stack]).flat();
  for (const text of words) if (typeof text === "string") told.push(...text.split("\n").filter((line) => line.trim() !== ""));
  const line = lineOf(of);
  if (file !== undefined && line !== undefined) told.push(`#   at ${file} line ${line}.`);
  return true;
}

/** A complaint about a place, as compilers and linters tell it. */
function tellPlace(of: Node, file: string | undefined, told: string[]): boolean {
  const message = textOf(of, ["message", "text", "Text"])?.split("\n")[0];
  const line = lineOf(of);
  if (message === undefined || file === undefined || line === undefined) return false;
  const at = `${file}:${line}:1:`;
  const code = textOf(of, CODES) ?? "";
  if (typeof of.code === "number" && of.endLine !== undefined) told.push(`${at} note: ${message} [SC${of.code}]`);
  else if (of.severity === 1 || /^(?:warning|info|note|hint)$/i.test(String(of.severity ?? ""))) told.push(`${at} warning: ${message}`);
  else if (/^[A-Z]{1,4}\d{3,4}$/.test(code)) told.push(`${at} ${code} ${message}`);
  else if (/^[\w@-]{1,60}(?:[/-][\w-]{1,60})+$/.test(code)) told.push(`${at} ${message} [Error/${code}]`);
  else told.push(`${at} error: ${message}`);
  return true;
}

function textOf(of: Node, keys: readonly string[]): string | undefined {
  for (const key of keys) if (typeof of[key] === "string" && of[key] !== "") return of[key];
  return undefined;
}

function lineOf(of: Node): number | undefined {
  for (const place of [of, of.location, of.start, of.Pos, of.trace])
    if (isNode(place)) for (const key of LINES) if (typeof place[key] === "number") return place[key];
  return undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
