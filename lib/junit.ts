/**
 * Failed test cases out of JUnit XML, and as lines of a log.
 *
 * The format has no standard: Surefire, pytest, GoogleTest, CTest, Vitest, gotestsum and others agree on `<testcase>` with a `<failure>` or
 * an `<error>`. Most put into it what they print, so the body is given to the rules that read consoles, behind a head that they know: TAP's,
 * or pytest's own where source lines stand beside the message.
 *
 * The XML is hostile: its declarations are refused, so no entity expands, and what is kept of it is bounded.
 *
 * @module
 */
import { SaxesParser } from "saxes";

export type FailedCase = {
  /** Class and name, as runners print them. */
  readonly test: string;
  /** Where the test begins, `file:line`; empty where the report does not tell. */
  readonly at: string;
  readonly message: string;
  readonly body: string;
};

/** Reads one file, piece by piece. Throws at what is no JUnit XML, or broken: what was read before is good. */
export type JunitReader = { write(text: string): void; readonly failed: readonly FailedCase[] };

/** Cases of one file, the first. */
const MAX_CASES = 200;
const MAX_TEXT = 32_768;
const MAX_LINE = 1_000;
const MAX_NAME = 300;
const MAX_DEPTH = 50;
/** Of a longer body the begin and the end: a report in a log is over after 120 lines. */
const FIRST_LINES = 40;
const LAST_LINES = 60;

type Open = { test: string; at: string; failed: boolean; message: string; body: string; output: string };

export function junitReader(): JunitReader {
  const failed: FailedCase[] = [];
  const path: string[] = [];
  let open: Open | undefined;
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => {
    throw new Error("a test report declares nothing");
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (path.length === 0 && name !== "testsuites" && name !== "testsuite") throw new Error(`<${name}> is no test report`);
    if (path.push(name) > MAX_DEPTH) throw new Error("a test report is not that deep");
    if (name === "testcase" && failed.length < MAX_CASES) open = startCase(attributes);
    else if (open !== undefined && (name === "failure" || name === "error")) {
      open.failed = true;
      open.message ||= attributes.message ?? "";
    }
  });
  const take = (text: string): void => {
    const name = path.at(-1);
    if (open === undefined) return;
    if (name === "failure" || name === "error") open.body = `${open.body}${text}`.slice(0, MAX_TEXT);
    else if (name === "system-out" || name === "system-err") open.output = `${open.output}${text}`.slice(-MAX_TEXT);
  };
  parser.on("text", take);
  parser.on("cdata", take);
  parser.on("closetag", ({ name }) => {
    path.pop();
    if (name !== "testcase" || open === undefined) return;
    const { test, at, body, output } = open;
    // CTest and gotestsum say in the message that it failed, and elsewhere why.
    const message = /^(?:failed|failure|error)?$/i.test(open.message.trim()) ? "" : open.message;
    if (open.failed) failed.push({ test, at, message, body: message === "" && body.trim() === "" ? output : body });
    open = undefined;
  });
  return { write: (text) => void parser.write(text), failed };
}

function startCase({ name = "", classname = "", file, line }: Readonly<Record<string, string>>): Open {
  const at = file !== undefined && /^\d{1,7}$/.test(line ?? "") ? `${file}:${line}` : "";
  return { test: testName(oneLine(classname), oneLine(name)), at, failed: false, message: "", body: "", output: "" };
}

/** `com.acme.InvoiceTest` and `totals` are `InvoiceTest.totals`. What is no class (a module, a file, a package) no console prints with the name. */
function testName(scope: string, name: string): string {
  const last = scope.split(/[.\\]|::/).at(-1) ?? "";
  return /^[A-Z][\w$]*$/.test(last) && !name.includes(last) ? `${last}.${name}` : name || scope;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_NAME);
}

/** Failed cases as lines that a log may hold. */
export function linesOf(cases: readonly FailedCase[]): readonly string[] {
  return cases.flatMap((one, index) => {
    const body = shortened(one.body);
    const message = shortened(one.message);
    if (body.some((line) => /^E {3}/.test(line))) return pytestLines(one.test, message[0] ?? "", body);
    const said = one.body.includes(message[0] ?? "") && body.length > 0 ? body : [...message, ...body];
    const lines = said.map(placed);
    const place = /[\w)]\.\w{1,8}[:(]\d|line \d/.test(lines.join("\n")) ? [] : [placed(one.at)];
    return [`not ok ${index + 1} - ${one.test}`, ...lines, ...place].filter((line) => line !== "");
  });
}

/** Its report, and its summary's line: of the report only an exception is read, as source lines stand beside the message. */
function pytestLines(test: string, message: string, body: readonly string[]): readonly string[] {
  const file = body.map((line) => /^((?!\/|[A-Za-z]:)\S{1,300}\.py):\d/.exec(line)?.[1]).find((found) => found !== undefined);
  const summary = file === undefined ? [] : [`FAILED ${file}::${test} - ${message.replace(/^AssertionError: (?=assert )/, "")}`];
  return [`________ ${test} ________`, ...body, ...summary];
}

/** A line that is a place and nothing else (GoogleTest's first), as TAP's diagnostics give it. */
function placed(line: string): string {
  const place = /^(?<file>(?:[A-Za-z]:)?[^\s:()]{1,300}):(?<line>\d{1,7})$/.exec(line)?.groups;
  return place === undefined ? line : `#   at ${place.file} line ${place.line}.`;
}

function shortened(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.slice(0, MAX_LINE).trimEnd());
  const told = lines.filter((line) => line !== "");
  return told.length <= FIRST_LINES + LAST_LINES ? told : [...told.slice(0, FIRST_LINES), ...told.slice(-LAST_LINES)];
}
