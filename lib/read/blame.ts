/**
 * Whether the machine is to blame for a failure that sounds so, or the program that spoke.
 *
 * Nobody analyses a failure of the machine, so a test's own words must not make one: a server under test that answers 500
 * in every flavor is a broken commit.
 *
 * @module
 */
import type { Draft } from "../draft.ts";
import { MACHINE, type MachineRule } from "../rules/machine.ts";

/** Words of a line that compares, whatever it compares with. */
const ASSERTION =
  /\b(?:[Aa]ssert\w{0,40}|AssertionError|[Ee]xpect(?:ed|ing|s|ation)?|[Rr]eceived(?! unexpected)|[Aa]ctual(?:ly)?|got|[Ww]ant(?:ed)?|[Ss]hould|but was)\b/;
/** Which resolver was asked says nothing of the host that was meant. */
const RESOLVER = / on (?:\[[\da-f:]{2,45}\]|[\d.]{7,15}):\d{1,5}/g;
/** How messages name a host: by a URL, an address, or after a word, with its domain or its port. */
const REMOTE =
  /\b(?!file:)[a-z]{2,12}:\/\/[\w[]|host='|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:lookup|host|to|resolve|ENOTFOUND|E[A-Z]{4,12}):? '?[\w-]{1,60}(?:(?:\.[\w-]{1,60}){1,6}|:\d{2,5}\b| port\b)/;
const LOOPBACK = /\blocalhost\b|\b127(?:\.\d{1,3}){3}\b|(?<![\da-f:])::1\b|\b0\.0\.0\.0\b/i;
/** A file that a build tool runs, line by line: what fails there is what the line does. */
const BUILD_FILE = /^(?:CMakeLists\.txt|Makefile|BUILD|WORKSPACE|MODULE)\b|\.(?:cmake|gradle|kts|bzl|bazel|mk):/;

/** Kinds that a line of the source has nothing to do with, and no compiler meets at one. */
const OUTSIDE = new Set(MACHINE.filter((rule) => rule.infrastructure && rule.compiling !== true).map(({ kind }) => kind));

/** True for a line that compares what was said with what should have been. */
export function asserts(message: string): boolean {
  return ASSERTION.test(message);
}

/** True when a fault that a rule sees in the message of a failure is the machine's. */
export function believes(rule: MachineRule, draft: Draft, message: string): boolean {
  if (!rule.infrastructure) return true;
  if (draft.rank === "test") {
    if (rule.tested === "never" || asserts(message)) return false;
    return rule.tested !== "remote" || isRemote(message);
  }
  return !compiled(draft) || rule.compiling === true;
}

/** A compiler's error at a line of the source, which no network can change. */
function compiled({ rank, at }: Draft): boolean {
  return rank === "code" && at !== undefined && !BUILD_FILE.test(at);
}

/** Takes the machine's blame from a failure whose place in the source was told after its message. */
export function acquit(draft: Draft): void {
  if (!draft.infrastructure || !compiled(draft)) return;
  draft.ids = draft.ids.filter((id) => !OUTSIDE.has(id.split(":", 2).join(":")));
  draft.infrastructure = draft.ids.some((id) => id.startsWith("disk:") || id.startsWith("memory:"));
}

/** Names another machine than the one it runs on, and not this one too. */
function isRemote(message: string): boolean {
  const meant = message.replace(RESOLVER, "");
  return REMOTE.test(meant) && !LOOPBACK.test(meant);
}
