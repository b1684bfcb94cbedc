/**
 * Reads compilers', linters' and type checkers' lines: what is wrong, and where.
 *
 * @module
 */
import { baseOf, type Draft, draftOf, groupOf, placeOf, push } from "../draft.ts";
import { ARROW, CODE_FIRST, CORNER, DIAGNOSTICS, FORTRAN_HEADING, RELAYED, RUST, WARNINGS_FAIL } from "../rules/diagnostics.ts";
import { HEADED } from "../rules/headed.ts";
import { SCRIPT_ERROR } from "../rules/lines.ts";
import { gravityOf } from "../rules/locales.ts";
import { sieveOf } from "../sieve.ts";
import { acquit } from "./blame.ts";
import { add, programOf, type Reading, sinceOpened, warn } from "./reading.ts";
import { identify, namesSomething, say } from "./say.ts";

const diagnosticRules = sieveOf(DIAGNOSTICS);
/** Compilers' and linters' names for a rule, at the end of their message. */
const FLAGS: readonly RegExp[] = [
  /\[-W(?:error=|error,-W)?(?<flag>[\w+=-]{2,60})/,
  / {1,2}\[(?<flag>[a-z][a-z-]{2,40})\]$/,
  /\((?<flag>(?:no-|report|[a-z]+-)[\w-]{2,60})\)$/,
];
const HARMLESS = /warning|note|info|style|performance|portability|remark|hint|required/;
/** What a linter may fail for, without another word. */
const WARNS = /^(?:warning|style|performance|portability)$/i;
const REQUIRED = /required (?:from|by)|requested here|instantiated from|see reference to|expanded from/;

/** Reads a line of a compiler or linter; false when it is none. */
export function readDiagnostic(reading: Reading, text: string): boolean {
  return readWarning(reading, text) || readLocated(reading, text) || readHeaded(reading, text) || readArrow(reading, text);
}

/** Reads a script's error in what a failed test of it printed; false when the line is none. */
export function readPrinted(reading: Reading, text: string): boolean {
  const printed = reading.open?.rank === "test" ? SCRIPT_ERROR.exec(text)?.[1] : undefined;
  const { length } = reading.drafts;
  if (printed === undefined || !readLocated(reading, printed)) return false;
  for (const script of reading.drafts.slice(length)) if (script.at !== undefined) script.rank = "code";
  return true;
}

/** What a compiler says in a line that is its error at a place; undefined for any other line. */
export function errorIn(text: string): string | undefined {
  for (const rule of diagnosticRules(text)) {
    const match = rule.pattern.exec(text);
    if (match === null || groupOf(match, "line") === undefined || rule.bare?.test(groupOf(match, "file") ?? "") === false) continue;
    const message = groupOf(match, "message") ?? "";
    return groupOf(match, "severity")?.toLowerCase().includes("error") === true || namesSomething(message) ? message : undefined;
  }
  return undefined;
}

/** Reads what makes a failure of warnings, and where those are that do not begin with their place. */
function readWarning(reading: Reading, text: string): boolean {
  const corner = CORNER.exec(text);
  if (corner !== null) {
    const warning = reading.warnings[reading.warnings.length - 1];
    if (warning !== undefined) warning.at ??= placeOf(groupOf(corner, "file") ?? "", groupOf(corner, "line"));
    return warning !== undefined;
  }
  if (!WARNINGS_FAIL.test(text)) return false;
  for (const warning of reading.warnings) identify(add(reading, warning), warning.message ?? "");
  reading.warnings = [];
  return true;
}

function readLocated(reading: Reading, text: string): boolean {
  for (const rule of diagnosticRules(text)) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const file = (groupOf(match, "file") ?? "").trim();
    if (rule.bare !== undefined && !rule.bare.test(file)) continue;
    const severity = gravityOf(groupOf(match, "severity") ?? "");
    const message = groupOf(match, "message") ?? "";
    const place = placeOf(file, groupOf(match, "line"));
    if (REQUIRED.test(message) || severity.startsWith("required")) {
      if (reading.awaiting?.rank === "code" && !severity.startsWith("required")) reading.awaiting.at ??= place;
      else reading.required ??= place;
      return true;
    }
    if (HARMLESS.test(severity) && !/-Werror|treated as (?:an )?error/.test(message)) {
      if (!WARNS.test(severity)) return true;
      const warning = warn(reading, text, message);
      warning.at = place;
      if (message === "") reading.awaiting = warning;
      return true;
    }
    if (/^(?:In (?:member )?function|in expansion of|note:|recursive)/.test(message)) return true;
    const code = groupOf(match, "code");
    const strong =
      (severity !== "" && !HARMLESS.test(severity)) ||
      rule.fatal === true ||
      code !== undefined ||
      file.endsWith(".go") ||
      /undefined reference|multiple definition/.test(message);
    const program = strong || place === undefined ? undefined : unexplained(reading);
    const draft = program ?? add(reading, draftOf(strong ? "code" : "bare", text));
    if (program !== undefined) program.message = undefined;
    draft.at = place ?? reading.required;
    reading.required = undefined;
    if (message !== "" && say(draft, message) === undefined && rule.whole === true) identify(draft, text);
    if (draft.infrastructure) draft.rank = "machine";
    else if (code !== undefined && RELAYED.test(code)) draft.rank = "tool";
    else if (draft.rank === "bare" && draft.ids.length > 0) draft.rank = "tool";
    if (code !== undefined) push(draft.codes, code);
    if (message.endsWith("[-Wclang-format-violations]")) push(draft.ids, `format:${baseOf(file)}`);
    for (const pattern of FLAGS) {
      const flag = pattern.exec(message)?.groups?.flag;
      if (flag === undefined) continue;
      push(draft.codes, flag);
      break;
    }
    reading.awaiting = message === "" || (draft.at === undefined && file !== "") || /cannot find symbol/.test(message) ? draft : undefined;
    if (draft.at === undefined && file !== "" && !/\.cmake$|^CMake/.test(file)) draft.lines.push(baseOf(file));
    return true;
  }
  return false;
}

/** The program of tests that printed this line, of which nothing is known but that it failed. */
function unexplained(reading: Reading): Draft | undefined {
  const program = programOf(reading);
  return program === undefined
    ? undefined
    : reading.drafts.find((draft) => draft.suite === program && draft.rank === "tool" && draft.at === undefined);
}

/** Reports whose file stands in a line above. */
function readHeaded(reading: Reading, text: string): boolean {
  for (const { pattern, row, apart } of HEADED) {
    const head = pattern.exec(text);
    if (head === null) continue;
    reading.heading = { file: groupOf(head, "file") ?? "", line: groupOf(head, "line"), row, apart: apart === true };
    return true;
  }
  const { heading } = reading;
  const found = heading?.row.exec(text) ?? null;
  if (heading === undefined || found === null) return false;
  const { file, line } = heading;
  const code = groupOf(found, "code");
  const message = groupOf(found, "message") ?? text;
  if (groupOf(found, "severity")?.toLowerCase().startsWith("warning") === true) {
    const warning = warn(reading, text, message);
    warning.at = placeOf(file, groupOf(found, "line") ?? line);
    if (code !== undefined) push(warning.codes, code);
    return true;
  }
  const draft = add(reading, draftOf("code", text));
  draft.at = placeOf(file, groupOf(found, "line") ?? line);
  if (code !== undefined) push(draft.codes, code);
  // ESLint's plugin complains line by line of what Prettier itself says of the whole file.
  if (code === "prettier/prettier") push(draft.ids, `format:${baseOf(file)}`);
  say(draft, code === "prettier/prettier" ? `${message} (${code})` : message);
  return true;
}

/** Reports whose place stands in a line below: rustc, ruff, esbuild, swc. */
function readArrow(reading: Reading, text: string): boolean {
  const head = RUST.exec(text) ?? CODE_FIRST.exec(text);
  if (head !== null) {
    const { open } = reading;
    // Deno's word for a test's exception.
    if (open?.rank === "test" && open.message === undefined && sinceOpened(reading) === 1 && groupOf(head, "code") === undefined) {
      say(open, groupOf(head, "message") ?? text);
      return true;
    }
    const draft = add(reading, draftOf(headRank(head), text));
    const code = groupOf(head, "code");
    if (code !== undefined) push(draft.codes, code);
    say(draft, groupOf(head, "message") ?? text);
    if (draft.infrastructure) draft.rank = "machine";
    else if (draft.ids.length > 0) draft.rank = "code";
    reading.awaiting = draft;
    if (draft.message?.endsWith(":")) reading.unfinished = { draft, index: reading.index };
    return true;
  }
  const fortran = FORTRAN_HEADING.exec(text);
  if (fortran !== null) {
    reading.required = placeOf(groupOf(fortran, "file") ?? "", groupOf(fortran, "line"));
    return true;
  }
  const arrow = ARROW.exec(text);
  if (arrow === null) return false;
  const at = placeOf(groupOf(arrow, "file") ?? "", groupOf(arrow, "line"));
  if (reading.awaiting !== undefined && reading.awaiting.at === undefined) {
    reading.awaiting.at = at;
    if (reading.awaiting.rank !== "crash" && reading.awaiting.rank !== "test") reading.awaiting.rank = "code";
    acquit(reading.awaiting);
    reading.awaiting = undefined;
  } else if (/^\s{0,12}[,\u256d]/.test(text) && at !== undefined) add(reading, draftOf("code", text)).at = at;
  return true;
}

/** Without a code or a place to come, such a line is a tool's own complaint. */
function headRank(head: RegExpExecArray): Draft["rank"] {
  const code = groupOf(head, "code") ?? "";
  return /^E\d{4}$/.test(code) ? "code" : code === "" ? "tool" : "bare";
}
