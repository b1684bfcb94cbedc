/**
 * The board: the issue that people read. Rendered from the facts, never parsed back to decide anything.
 *
 * @module
 */
import { type Cause, type ClaimState, type Coordination, isGreen, lastVerdict } from "./coordination.ts";
import { formatUsd } from "./cost.ts";
import { costOf, costText, moneyOf } from "./money.ts";
import { codeSpan, neutralize } from "./neutralize.ts";
import { isFixBranch } from "./occasion.ts";

/** GitHub's limit for the body of an issue, in characters. */
export const maxBody = 65_536;

export const coordinationLabel = "autonomous-coordination";

export function commitLabel(sha: string): string {
  return `commit-${sha.slice(0, 7)}`;
}

export function boardTitle(sha: string): string {
  return `Build Coordination: ${sha.slice(0, 7)}`;
}

export type Status = "analyzing" | "fix-available" | "fixed" | "escalated" | "idle";

/** What the whole coordination has come to. */
export function statusOf({ causes }: Coordination): Status {
  if (causes.some((cause) => cause.live.length > 0)) return "analyzing";
  if (causes.length > 0 && causes.every(isGreen)) return "fixed";
  if (causes.some(isEscalated)) return "escalated";
  return causes.some((cause) => cause.fix) ? "fix-available" : "idle";
}

/** Only a person can go on: a result says so. (That attempts are used up is known to who decides, and noted.) */
function isEscalated(cause: Cause): boolean {
  return cause.live.length === 0 && cause.claims.at(-1)?.outcome?.result === "needs-human";
}

export type BoardOptions = {
  /** For links, for example `https://github.com/owner/repo`. */
  readonly repositoryUrl: string;
  readonly runnerUsdPerMinute: number;
};

const statusText: Record<Status, string> = {
  analyzing: "⏳ analysing",
  "fix-available": "🔧 fix available, being tested",
  fixed: "✅ fixed: every failing flavor is green with the fix",
  escalated: "🙋 a person is needed",
  idle: "⏸ nobody is analysing",
};

/** The body: state first, history last and cut where it grows too long. */
export function boardBody(coordination: Coordination, options: BoardOptions): string {
  const { facts, causes } = coordination;
  const first = facts.claims[0];
  const escalated = facts.notices.some((name) => name.startsWith("escalated"));
  const status = escalated && statusOf(coordination) !== "fixed" ? "escalated" : statusOf(coordination);
  const head = [
    `**Status:** ${statusText[status]}`,
    "",
    `| | |`,
    `|---|---|`,
    `| Commit | ${facts.sha} |`,
    `| First failing flavor | ${code(first?.flavor ?? "unknown")} |`,
    `| Signature | ${code(first?.signature.id ?? "none")} |`,
    `| Created | ${first ? new Date(first.date).toISOString().replace(/\.\d+Z$/, "Z") : "unknown"} |`,
    `| Cost | ${costLine(coordination, options)} |`,
  ];
  const sections = causes.map((cause) => causeSection(cause, facts.sha, options));
  const apart =
    facts.apart.length === 0
      ? []
      : ["", "### Not coordinated", ...facts.apart.map(({ reason, flavor }) => `- ${code(flavor)}: ${apartText[reason]}`)];
  const others = [
    "",
    "Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.",
  ];
  const problems = facts.problems.slice(0, 10).map((problem) => `- ${neutralize(problem)}`);
  const foreign = problems.length === 0 ? [] : ["", "<details><summary>Foreign refs, ignored</summary>", "", ...problems, "", "</details>"];
  const body = [...head, ...sections.flat(), ...apart, ...others, ...foreign].join("\n");
  return fit(body, history(causes));
}

const apartText = {
  unrecognized: "no error was recognised in its log",
  infrastructure: "the machine failed, not the code; run once more where the token allows",
} as const;

function causeSection(cause: Cause, sha: string, options: BoardOptions): string[] {
  const { claims, fix, pulls } = cause;
  const cost = costOf(cause);
  const title = neutralize(claims[0]?.signature.title ?? "", { max: 200 }) || "unnamed";
  const pull = pulls[0] === undefined ? "" : ` in ${options.repositoryUrl}/pull/${Math.min(...pulls)}`;
  const where = isFixBranch(fix?.branch ?? "") ? pull : " has it already, there is nothing to merge";
  const last = claims.at(-1);
  const why = last?.outcome === undefined || last.outcome.result === "lost" ? "" : ` (the last analysis: ${ending(last)})`;
  const progress = fix ? `${code(fix.branch)} at ${fix.sha.slice(0, 7)}${where}` : `none yet${why}`;
  return [
    "",
    `### Cause ${cause.cause}: ${title}`,
    "",
    `Fix: ${progress}. Attempts: ${cause.attempts}${cost.analyses > 0 ? `, ${costText(cost)}` : ""}. Coordination of ${sha.slice(0, 7)}, claims ${claims.map(({ n }) => n).join(", ")}.`,
    "",
    "| Flavor | State |",
    "|---|---|",
    ...cause.flavors.slice(0, 300).map((flavor) => `| ${code(flavor)} | ${flavorState(cause, flavor)} |`),
  ];
}

/** What one flavor is doing about a cause. */
export function flavorState(cause: Cause, flavor: string): string {
  const live = cause.live.find((claim) => claim.flavor === flavor);
  if (live !== undefined) return `⏳ analysing (claim ${live.n}, attempt ${live.attempt})`;
  const last = lastVerdict(cause, flavor);
  if (last !== undefined && (last.n === cause.fix?.n || last.verdict !== "failed")) {
    const newest = last.n === cause.fix?.n;
    const on = newest ? "" : ` (with the fix of claim ${last.n})`;
    if (!newest && cause.retested) return `🔧 to test the newest fix${on.replace("(with", "(passed with")}`;
    if (last.verdict === "passed") return `✅ passed with the fix${on}`;
    if (last.verdict === "different") return `➡️ this cause is gone, fails at another${on}`;
    return cause.live.length > 0 ? "❌ failed with the fix, waits for the next" : "❌ failed with the fix";
  }
  if (cause.live.length > 0) return "⏸ waits for the fix";
  return cause.fix ? "🔧 to test the fix" : "⏸ no fix yet, nobody is analysing";
}

function costLine(coordination: Coordination, options: BoardOptions): string {
  const money = moneyOf(coordination, options.runnerUsdPerMinute);
  const { savedUsd } = money;
  return `${costText(money)}; saved about ${formatUsd(savedUsd)} net of waiting (an estimate)`;
}

function history(causes: readonly Cause[]): readonly string[] {
  const claims = causes.flatMap((cause) => cause.claims).sort((a, b) => a.n - b.n);
  return claims.map(
    (claim) =>
      `- claim ${claim.n}: ${code(claim.flavor)}, cause ${claim.cause}, attempt ${claim.attempt}, ${neutralize(claim.reason)}: ${ending(claim)}`,
  );
}

function ending({ outcome }: ClaimState): string {
  if (outcome === undefined) return "at work";
  if (outcome.result === "lost") return "lost";
  return `${outcome.result}, ${neutralize(outcome.title, { max: 200 })}`;
}

function fit(body: string, lines: readonly string[]): string {
  const open = "\n\n<details><summary>Claims</summary>\n\n";
  const close = "\n\n</details>\n";
  const kept: string[] = [];
  let room = maxBody - Math.min(body.length, maxBody - 200) - open.length - close.length - 40;
  for (const line of lines.toReversed()) {
    room -= line.length + 1;
    if (room < 0) {
      kept.unshift("- earlier claims left out");
      break;
    }
    kept.unshift(line);
  }
  return `${body.slice(0, maxBody - 200)}${open}${kept.join("\n")}${close}`.slice(0, maxBody);
}

/** Text of others as inline code: nothing in it is markup, and nothing of it is escaped in view. */
function code(text: string): string {
  return codeSpan(text, { max: 120 }) || "none";
}
