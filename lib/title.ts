/**
 * One line a person would write in a bug report.
 *
 * @module
 */
import { type Draft, groupOf } from "./draft.ts";
import type { Line } from "./excerpt.ts";
import { normalize } from "./normalize.ts";
import { plain, straight } from "./plain.ts";
import { passes, wraps } from "./read/passing.ts";
import { GOAL } from "./rules/lines.ts";

/** A longer title is cut. */
const MAX_TITLE = 160;
/** Of a test's name so much stays, however long the message is. */
const MIN_SUBJECT = 80;

/** What stands around the message and helps no reader; each is replaced once, in order. */
const CLUTTER: readonly { readonly why: string; readonly pattern: RegExp; readonly to: string }[] = [
  {
    why: "make's and a shell's frame around a signal",
    pattern: /^.{0,60}\*{3} \[[^\]]{1,200}\] (?=[A-Z])|^\S{1,120}: line <line>: \d{1,9} |^qemu: uncaught target signal \d{1,3} /,
    to: "",
  },
  {
    why: "object files before a linker's message",
    pattern:
      /^.{0,400}?(?=(?:undefined reference to|multiple definition of|undefined symbol:?|duplicate symbol:?|cannot find -l|unresolved external symbol) )/,
    to: "",
  },
  { why: "ld64 says undefined in the line before", pattern: /^'(.{1,300})', referenced from:$/, to: "undefined symbol: $1" },
  { why: "what rustc and a shell put before a linker's message", pattern: /^(?:= note: )?(?:LINK : )?(?=fatal error LNK)/, to: "" },
  {
    why: "CMake's preamble",
    pattern: /^By not providing .{1,200} asked CMake to find (a package configuration file provided by '[^']{1,100}').*$/,
    to: "cannot find $1",
  },
  {
    why: "cabal's search",
    pattern: /^\[__\d{1,4}\] fail \(backjumping, conflict set: (.{1,200})\)$/,
    to: "Could not resolve dependencies: conflict of $1",
  },
  { why: "Maven's plugin, goal and project, where a reason follows", pattern: GOAL, to: "" },
  { why: "Maven's page of help", pattern: / -> \[Help \d{1,2}\]$/, to: "" },
  {
    why: "an image's builder: which snapshot was searched",
    pattern:
      /^(?:(?:#\d{1,4} )?ERROR: )?(?:failed to [\w ]{1,40}: ){0,4}failed to calculate checksum of ref \S{1,200}: |^Error: building at STEP '.{1,400}': checking on sources under '.{1,400}': copier: stat: /,
    to: "cannot copy ",
  },
  { why: "Prettier's list", pattern: /^\[(?:warn|error)\] (\S{1,200}\.\w{1,6})$/, to: "$1: not formatted as Prettier would" },
  { why: "libstdc++'s preamble", pattern: /^terminate called after throwing an instance of '(.{1,200}?)'(?=: )/, to: "$1" },
  { why: "pytest's frame around an interruption", pattern: /^!{5,80} (KeyboardInterrupt) !{5,80}$/, to: "$1" },
  { why: "git diff", pattern: /^diff --git \S{1,300} (?:b\/)?(\S{1,300})$/, to: "$1: not as it was committed" },
  {
    why: "pip: which try it was, and of which object",
    pattern: /^WARNING: Retrying \(Retry\(.{1,200}?\)\) after connection broken by '(?:\w{1,60}\('(?:<.{1,160}?>: )?)?/,
    to: "",
  },
  { why: "gofmt -d", pattern: /^diff (?:-u )?(\S{1,200})\.orig \S{1,200}$/, to: "$1: not formatted as gofmt would" },
  { why: "Gradle's and PowerShell's gutter", pattern: /^[>|] (?=\S)/, to: "" },
  { why: "RSpec's label", pattern: /^Failure\/Error: /, to: "" },
  { why: "where else it is defined", pattern: /; \S{1,200}: first defined here$/, to: "" },
  { why: "the sanitizer's process and addresses", pattern: /^.{0,20}(?:ERROR|WARNING): (?=\w{1,30}Sanitizer)/, to: "" },
  { why: "Valgrind's process", pattern: /^<number> (?=[A-Z])/, to: "" },
  { why: "TSan's process", pattern: / \(pid <number>\)$/, to: "" },
  { why: "a sanitizer's last line: the place", pattern: /^SUMMARY: (\w{1,30}: [\w -]{1,80}?) \S{1,200} in (.{1,200})$/, to: "$1 in $2" },
  { why: "MSBuild's project", pattern: / \[[^\]]{1,200}proj\]$/, to: "" },
  { why: "addresses", pattern: / on (?:unknown )?address <address>.*$/, to: "" },
  { why: "who panicked", pattern: /^thread '.{1,200}?'(?: \(\d{1,12}\))? panicked at (?:\S{1,200}:<line>:?|(?='))\s?/, to: "panicked: " },
  { why: "the program before its assertion", pattern: /^(?:\S{1,120}: )?(?:\S{1,120}:<line>: )?.{0,300}(?=Assertion ')/, to: "" },
  { why: "the place, which the title begins with", pattern: /^\S{1,120}:<line>:? /, to: "" },
  { why: "a level", pattern: /^(?:E |fatal error: |error: |(?:#\d{1,4} )?ERROR: )/, to: "" },
];

/** What is said while a job is ended, and not by it. */
const ENDING = /^(?:Terminated|Killed|Sending interrupt signal to process|\^C)$/;

/** The title of a failure: what failed, where, and what was said; of a job that was ended, what it last printed in the lines that are kept. */
export function titleOf(draft: Draft, kept: readonly Line[] = []): string {
  const last = draft.ids[0]?.startsWith("job:") === true ? lastBefore(draft, kept) : undefined;
  return last === undefined ? spokenTitle(draft) : `${spokenTitle(draft).replace(/\.$/, "")}: ${last}`.slice(0, MAX_TITLE);
}

function lastBefore(draft: Draft, kept: readonly Line[]): string | undefined {
  const lines = kept.map(({ text }) => straight(plain(text)));
  const end = lines.findIndex((line) => draft.lines.includes(line));
  const last = lines
    .slice(0, Math.max(0, end))
    .findLast((line) => !(line.trim() === "" || ENDING.test(line) || wraps(line) || passes(line)));
  return last === undefined ? undefined : normalize(last);
}

function spokenTitle(draft: Draft): string {
  const { frame, subject } = subjectOf(draft);
  let message = normalize(draft.message ?? "");
  for (const { pattern, to } of CLUTTER) message = message.replace(pattern, to);
  if (frame !== undefined && !message.includes(frame)) message = `${message} in ${frame}`;
  if (message === "" || message === subject) message = "failed";
  const file = draft.at?.replace(/:\d+$/, "");
  const where = [subject, file].filter((part) => part !== undefined && !message.startsWith(part));
  const title = [...where, message].join(": ");
  // Of a long title the file says least: the test is in it.
  if (title.length <= MAX_TITLE || subject === undefined) return title.slice(0, MAX_TITLE);
  // The end of a long name is the case, its beginning the suites around it.
  const room = Math.max(MIN_SUBJECT, MAX_TITLE - message.length - 2);
  const name = subject.length > room ? `\u2026${subject.slice(1 - room).replace(/^.{0,40}? > /, " ")}` : subject;
  return `${name}: ${message}`.slice(0, MAX_TITLE);
}

/** The test or program, and the function that a sanitizer blames. */
function subjectOf(draft: Draft): { readonly frame: string | undefined; readonly subject: string | undefined } {
  const match = /^frame:(?<frame>.*)/.exec(draft.ids.find((id) => id.startsWith("frame:")) ?? "");
  return { frame: match === null ? undefined : groupOf(match, "frame"), subject: draft.test ?? draft.suite };
}
