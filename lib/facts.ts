/**
 * From the kept lines of a log to the failures they report, each with facts that every tool would state alike.
 *
 * Lines are read once, in order. A test runner's line opens a failure; what follows (exception, stack, expected, actual)
 * belongs to it until the next begins. A compiler's line is a failure by itself. Of a stack only the innermost frame in
 * the project counts: it is the same on every machine, and it is where one edit would help.
 *
 * @module
 */
import { baseOf, type Draft, draftOf, groupOf, placeOf, push } from "./draft.ts";
import type { Line } from "./excerpt.ts";
import { LINKED, testOf } from "./names.ts";
import { plain, straight } from "./plain.ts";
import { readDiagnostic, readPrinted } from "./read/diagnostics.ts";
import { awaitEssence, readEssence } from "./read/essence.ts";
import { guessTest, placeIn } from "./read/guesses.ts";
import { readList } from "./read/lists.ts";
import { readMachine } from "./read/machines.ts";
import { passes, wraps } from "./read/passing.ts";
import { add, beginStep, type Reading, sinceOpened, startReading, warn } from "./read/reading.ts";
import { unwrapped } from "./read/reports.ts";
import { identify, namesSomething, say } from "./read/say.ts";
import { expire, settle } from "./read/settle.ts";
import { readCrash, readException, readFrame } from "./read/stacks.ts";
import { spoken, untangled } from "./read/streams.ts";
import { readTest } from "./read/tests.ts";
import { WARNINGS_FAIL } from "./rules/diagnostics.ts";
import {
  BESIDE,
  CODE_BEGINS,
  CODE_LAST,
  DETAIL,
  EXPIRED,
  FRAME,
  GLUED,
  GOAL,
  INCOMPLETE,
  KILLED_TARGET,
  NAMED,
  NAMES,
  NODE_CAUSE,
  PASSES,
  SECTION,
  SEPARATOR,
  STRUCTURE,
  UNFINISHED,
  VALUELESS,
  WARNING,
  WRONG,
  YAML_ERROR,
} from "./rules/lines.ts";

/** A test's report is over after so many lines. */
const REPORT_LINES = 120;
const MESSAGE_CHARACTERS = 300;
/** Reads failures from the lines of an excerpt, in the order in which they were reported. */
export function readFacts(lines: readonly Line[]): readonly Draft[] {
  const reading = startReading();
  let step = false;
  for (const { text: line, telling } of untangled(unwrapped(lines))) {
    reading.index++;
    const bare = plain(line);
    // A step's head in GitHub's log shows its inputs and environment: what is run, not what it says.
    const head = bare.startsWith("##[group]Run ");
    if (head) beginStep(reading);
    reading.annotated = line.includes("##[error]");
    if (reading.annotated) reading.failed.add(reading.step);
    step = head || (step && line !== "" && !bare.startsWith("##[endgroup]"));
    if (step) continue;
    const text = straight(spoken(bare));
    if (text.trim() !== "") readLine(reading, text, telling);
    else {
      if (reading.heading?.apart !== true) reading.heading = undefined;
      if (!INCOMPLETE.test(reading.paragraph?.message ?? "")) reading.paragraph = undefined;
    }
  }
  return settle(reading);
}

function readLine(reading: Reading, line: string, telling: boolean): void {
  if (SECTION.test(line)) reading.passing = PASSES.test(line);
  if (reading.passing) return;
  const glued = GLUED.exec(line);
  const text = glued === null ? line : line.slice(glued[0].length);
  if (glued?.groups?.test !== undefined) reading.running = testOf(glued.groups.test, undefined);
  const warning = WARNING.exec(text)?.[1];
  if (warning !== undefined) {
    warn(reading, text, warning);
    awaitEssence(reading, text);
    return;
  }
  if (!telling && !expecting(reading) && !STRUCTURE.test(text) && !NAMED.test(text) && !WARNINGS_FAIL.test(text)) return;
  if (reading.open !== undefined && sinceOpened(reading) > REPORT_LINES) reading.open = undefined;
  if (readEssence(reading, text)) return;
  readWords(reading, text, telling);
  awaitEssence(reading, text);
}

function readWords(reading: Reading, text: string, telling: boolean): void {
  if (readList(reading, text) || readTest(reading, text) || passes(text) || (telling && readCrash(reading, text))) return;
  if (wraps(text)) {
    if (/\b1(?:37|43)\b/.test(text)) readMachine(reading, text);
    if (EXPIRED.test(text)) expire(reading);
    nameTarget(reading, text);
    if (!SEPARATOR.test(text) && !YAML_ERROR.test(text)) reading.open = undefined;
    return;
  }
  if (
    readFrame(reading, text) ||
    readDiagnostic(reading, text) ||
    (NODE_CAUSE.test(text) && readException(reading, text)) ||
    ((telling || NAMED.test(text)) && readMachine(reading, text)) ||
    readException(reading, text)
  )
    return;
  readMessage(reading, text);
}

/** What was being built when the compiler was killed, which only make says. */
function nameTarget({ drafts }: Reading, text: string): void {
  const target = KILLED_TARGET.exec(text)?.[1];
  const last = drafts[drafts.length - 1];
  if (target !== undefined && last?.ids.includes("memory:killed") && last.message?.endsWith(")") === false)
    last.message = `${last.message} (${baseOf(target)})`;
}

/** True while the next line may belong to what came before, whatever it looks like. */
function expecting({ open, awaiting, heading, list, unfinished, noted, essence, index }: Reading): boolean {
  if (unfinished?.index === index - 1 || noted?.index === index - 1) return true;
  return open !== undefined || awaiting !== undefined || heading !== undefined || list !== undefined || essence !== undefined;
}

function readMessage(reading: Reading, text: string): void {
  const { open, awaiting, unfinished } = reading;
  if (open?.quotes === true) {
    // pytest prints no exception where two files of tests have one name.
    if (/^import file mismatch:$/.test(text)) say(open, text.slice(0, -1));
    // NumPy's assertions begin with a line break.
    const fixture = /^E {4,12}(?<text>fixture '.{1,120}' not found)$/.exec(text)?.groups?.text;
    if (fixture !== undefined) say(open, fixture);
    const said = /^E {4,12}(?<text>\S.*)/.exec(text)?.groups?.text;
    if (said !== undefined && open.message === undefined && /^[\w.]{1,120}Error:$/.test(said)) say(open, said);
    else if (said !== undefined && open.message?.endsWith("Error:") === true)
      open.message = `${open.message} ${said}`.slice(0, MESSAGE_CHARACTERS);
    return;
  }
  if (open?.naming === true) {
    const name = /^ {7,24}(?<name>\S.{0,200}?)(?<end>:)?$/.exec(text);
    open.naming = name !== null && name.groups?.end === undefined;
    if (name !== null) {
      open.test = `${open.test} > ${name.groups?.name}`;
      return;
    }
  }
  if (guessTest(reading, text) || readPrinted(reading, text)) return;
  if (open !== undefined && !BESIDE.test(text.trim())) open.at ??= placeIn(text);
  if (open?.rank === "test") {
    const bare = text.trim().replace(/^# {1,12}/, "");
    detail(open, open.guessed ? bare.replace(FRAME, "") : bare);
    return;
  }
  // ecj: the source, a line of carets, and only then the message.
  if (awaiting !== undefined && /^\s*\^+$/.test(text) && /^\d{1,5}\. [A-Z]{5,7} in /.test(awaiting.lines[0] ?? ""))
    awaiting.message = undefined;
  // A head without a message (CMake, ecj), or javac's "cannot find symbol": the next lines say it.
  if (awaiting?.rank === "code" && awaiting.lines.length < 6 && !/^[-=]+$|^\s*\^+$|^\s{0,8}[\^~|]/.test(text)) {
    const named = identify(awaiting, text.trim());
    // Which port it built, vcpkg says later.
    if (
      awaiting.message === undefined &&
      /^\s*(?:Command failed: |Download failed, halting portfile|Failed to download file with error|vcpkg install failed)/.test(text)
    )
      awaiting.rank = "tool";
    awaiting.lines.push(text);
    continued(reading, awaiting, text, named !== undefined);
    return;
  }
  if (unfinished?.index === reading.index - 1 && !namesSomething(text)) {
    const { draft } = unfinished;
    draft.message = `${draft.message} ${text.trim().replace(FRAME, "")}`.slice(0, MESSAGE_CHARACTERS);
    draft.lines.push(text);
    return;
  }
  if (!reading.annotated && (!WRONG.test(text) || !WRONG.test(text.replace(NAMES, "")))) return;
  const draft = draftOf("generic", text);
  const kind = identify(draft, text);
  if (kind !== undefined && (LINKED.has(kind) || /error|fatal|ld: /i.test(text))) {
    draft.rank = "code";
    const place = LINKED.has(kind) ? /(?<file>[^\s:'()]{1,300}):(?<line>\d{1,7}):(?: undefined| multiple|\(| )/.exec(text) : null;
    if (place !== null) draft.at = placeOf(groupOf(place, "file") ?? "", groupOf(place, "line"));
  } else if (kind !== undefined) draft.rank = "tool";
  draft.message = text.trim().replace(GOAL, "").slice(0, MESSAGE_CHARACTERS);
  draft.at ??= placeIn(text);
  if (draft.rank === "generic" && UNFINISHED.test(text)) reading.unfinished = { draft, index: reading.index };
  add(reading, draft);
}

/** One more line after a head: its message, or more of it. CMake breaks its paragraphs where they are two spaces in. */
function continued(reading: Reading, draft: Draft, text: string, names: boolean): void {
  const { message } = draft;
  const code = CODE_LAST.exec(text)?.[1] ?? CODE_BEGINS.exec(text.trim())?.[1];
  if (code !== undefined) push(draft.codes, code);
  const line = text
    .trim()
    .replace(/^[\u2022*] /, "")
    .replace(CODE_BEGINS, "")
    .replace(CODE_LAST, "");
  if (message === undefined) {
    draft.message = line;
    if (draft.lines[0]?.startsWith("CMake Error")) reading.paragraph = draft;
  } else if (draft.lines[0]?.startsWith("CMake Error")) {
    if (reading.paragraph !== draft || !/^ {2}\S/.test(text)) {
      if (reading.paragraph !== draft || !INCOMPLETE.test(message)) return;
      reading.paragraph = undefined;
    }
    draft.message = `${message} ${line}`.slice(0, MESSAGE_CHARACTERS);
    identify(draft, draft.message);
  } else if (/cannot find symbol$/.test(message) && line.startsWith("symbol:")) draft.message = `cannot find ${line.replace(/\s+/g, " ")}`;
  else if (names) draft.message = line;
}

/** A line within a test's report: its message, or more of it. */
function detail(open: Draft, text: string): void {
  if (text === "") return;
  if (open.message === undefined) {
    if (!BESIDE.test(text) && !/^error: [|>]-?$/.test(text))
      say(
        open,
        text
          .replace(/^E\s{1,8}/, "")
          .replace(/^(?:=>|-) /, "")
          .replace(/^\[(?:info|error)\] {1,12}/, "")
          .replace(/^Error: {2,}\t?\s*/, "")
          .replace(/^error: (?:[|>]-?$)?/, "")
          .replace(/^'(.{0,400})'$/, "$1"),
      );
    return;
  }
  if (open.lines.length >= 8) return;
  const goesOn = open.message.endsWith(":");
  if (/[:=(]$/.test(open.message) || (open.lines.length < (VALUELESS.test(open.message) ? 6 : 4) && DETAIL.test(text)))
    open.message = `${open.message} ${text}`.slice(0, 300);
  if (goesOn) identify(open, text);
  open.lines.push(text);
}
