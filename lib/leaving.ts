/**
 * The text of a fix as it leaves: commit message and pull request. What a model or a log said is shown in them and does nothing.
 *
 * A commit message is acted upon in more places than any other text: it closes issues, skips workflows, notifies people, and its last
 * paragraph is data. Ours ends with two trailers, and no line of the body can be taken for one of them.
 *
 * @module
 */
import type { Cause, ClaimState } from "./coordination.ts";
import { costOf, costText } from "./money.ts";
import { codeSpan, neutralize, neutralizeLine } from "./neutralize.ts";

/** GitHub cuts a title in its lists at 72 characters. */
const MAX_SUBJECT = 72;
const MAX_LINE = 300;
const MAX_LINES = 40;
const BREAK = "\u200b";

export type FixMessage = {
  readonly title: string;
  readonly body: string;
  /** Commit whose failure this fixes, in full. */
  readonly coordination: string;
  readonly claim: number;
};

/** The message of a fix commit: one subject, a body without trailers, commands or references, and our two trailers. */
export function fixMessage({ title, body, coordination, claim }: FixMessage): string {
  const subject = inertLine(title, MAX_SUBJECT) || `Fix ${coordination.slice(0, 7)}`;
  const lines = body
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .slice(0, MAX_LINES)
    .map((line) => inertLine(line));
  const text = lines.join("\n").replace(/\n{3,}/g, "\n\n");
  return [subject, text.trim(), `Fixonce-Coordination: ${coordination}\nFixonce-Claim: ${claim}`]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** With the titles of the same pull request at every attempt. */
export type PullText = { readonly title: string; readonly body: string; readonly titles: readonly string[] };

/** Title and body of the draft pull request of a cause; `claim` is the one that fixed it, `board` the number of the issue that shows who passes. */
export function pullText(
  cause: Cause,
  claim: ClaimState,
  { sha, board }: { readonly sha: string; readonly board: number | undefined },
): PullText {
  const ended = endOf(claim);
  const title = ended?.title ?? "";
  const flavors = cause.flavors.slice(0, 100).map((flavor) => codeSpan(flavor, { max: 120 }));
  const left = cause.flavors.length - flavors.length;
  const lines = [
    `Repairs the failure of ${flavors.join(", ")}${left > 0 ? ` and ${left} more` : ""} at ${sha}.`,
    "",
    `**Cause:** ${neutralize(claim.signature.title)}`,
    "",
    `**Analysis:** ${neutralize(title)} (${codeSpan(ended?.model ?? "", { max: 120 }) || "unknown model"}, ${costText(costOf(cause))})`,
    "",
    `**Verified:** ${ended?.proven ? proven : unproven} Every failing flavor tests it${board === undefined ? "" : `: see #${board}`}.`,
    "",
    `A draft until every failing flavor has passed with it. The same facts in git: \`git ls-remote origin 'refs/coordination/${sha}/*'\`.`,
  ];
  const titleOf = (ended: ReturnType<typeof endOf>) => inertLine(ended?.title ?? "", 200) || `Fix ${sha.slice(0, 7)}`;
  return {
    title: titleOf(ended),
    titles: cause.claims.map((claim) => titleOf(endOf(claim))),
    body: `${begins}\n${lines.join("\n")}\n${ends}`,
  };
}

function endOf({ outcome }: ClaimState) {
  return outcome === undefined || outcome.result === "lost" ? undefined : outcome;
}

const begins = "<!-- fixonce -->";
const ends = "<!-- /fixonce -->";
const part = new RegExp(`${begins}[^]*${ends}`);

/** A pull request's body with our part brought up to date; the same where a person has taken our part out. */
export function withText(body: string, ours: string): string {
  return body.replace(part, () => ours);
}

const proven = "the failing command failed without it and passed with it, before it was pushed.";
const unproven = "no command was run on it before it was pushed.";

/** A line that is neither a trailer (their names have a hyphen), nor a command or reference. */
function inertLine(text: string, max: number = MAX_LINE): string {
  return neutralizeLine(text, { max })
    .replace(/^(\w+-[\w-]*)(?=\s*[:=])/, `$1${BREAK}`)
    .replace(/^\(cherry picked/i, `(${BREAK}cherry picked`)
    .replace(/fixonce-(?=claim|coordination)/gi, (word) => `${word.slice(0, -1)}${BREAK}-`);
}
