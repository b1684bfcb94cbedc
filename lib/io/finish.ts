/**
 * What the facts call for, done once: the board opened and kept in step, a green pull request marked ready, a person called.
 *
 * Everything here is for people. It may be repeated, and its failure is a warning, never a wrong decision.
 *
 * @module
 */
import { statusOf } from "../board.ts";
import { type Answer, causeOf } from "../coordinate.ts";
import { type Cause, type Coordination, isGreen } from "../coordination.ts";
import { pullText } from "../leaving.ts";
import { isFixBranch } from "../occasion.ts";
import { redactAll } from "../redact.ts";
import { annotate, type Environment } from "./actions.ts";
import { type BoardContext, ensureBoard, syncBoard } from "./board.ts";
import { dispatchWaiting } from "./dispatch.ts";
import { type Caller, callPerson, mendCalls } from "./escalate.ts";
import { comment, ensurePull, tellPull } from "./pulls.ts";
import type { Step } from "./step.ts";

function contextOf({ github, ledger, place, config, redact }: Step): BoardContext {
  const repositoryUrl = `${place.serverUrl}/${place.owner}/${place.repo}`;
  return { github, ledger, options: { repositoryUrl, runnerUsdPerMinute: config.runner_usd_per_minute }, redact };
}

/** Opens the board of a new coordination. */
export async function openBoard(step: Step, coordination: Coordination): Promise<number | undefined> {
  return softly(step, "open the board", async () => {
    const context = contextOf(step);
    if (step.lock === undefined) return ensureBoard(context, coordination, { fresh: coordination.facts.claims.length === 1 });
    // The lock's own issue is the board: it was made with the claim, and shows nothing yet.
    return (await syncBoard(context)).facts.boards[0];
  });
}

/** Brings the board in line with the facts. */
export async function showBoard(step: Step): Promise<void> {
  await softly(step, "update the board", () => syncBoard(contextOf(step)));
}

/** Brings pull requests and the board in line with the facts, after a fact was written. */
export async function finish(step: Step): Promise<void> {
  await softly(step, "update the board", async () => {
    const { github, ledger } = step;
    const coordination = await syncBoard(contextOf(step));
    const { flavor } = step.place.identity;
    for (const cause of coordination.causes) {
      if (!isFixBranch(cause.fix?.branch ?? "") || !cause.flavors.includes(flavor)) continue;
      const ready = isGreen(cause);
      // Where Actions may not open pull requests, all the rest is to be done nevertheless.
      if (ready || (cause.pulls.length > 0 && triedInVain(cause))) await tellOfFix(step, cause, coordination, { ready });
    }
    if (step.config.wait === "dispatch") await dispatchWaiting(step, coordination);
    await mendCalls(callerOf(step), coordination);
    if (statusOf(coordination) !== "fixed" || coordination.facts.notices.includes("fixed")) return;
    const board = Math.min(...coordination.facts.boards);
    // Good news may be lost with an answer, but is never told twice.
    const first = Number.isFinite(board) && (await ledger.first({ kind: "notice", name: "fixed" }, ledger.sha));
    if (first) await comment(github, board, fixedComment(coordination));
  });
}

/** An analysis after that of the fix has ended, without another: what the pull request says of the cost is no longer so. */
function triedInVain({ claims, fix }: Cause): boolean {
  return claims.some(({ n, outcome }) => n > (fix?.n ?? n) && outcome !== undefined && outcome.result !== "lost");
}

/**
 * The pull request of a cause's fix: opened where it is missing and stated in the ledger, told of the newest fix where it is there, and
 * `ready` for review. Its failure must not keep the fix from being tested: a warning, and undefined.
 */
export function tellOfFix(
  step: Step,
  cause: Cause,
  { facts }: Coordination,
  { ready = false }: { readonly ready?: boolean } = {},
): Promise<number | undefined> {
  return softly(step, "open the pull request (may Actions create them? Settings > Actions > General)", async () => {
    const { github, ledger, environment, redact } = step;
    const claim = cause.claims.find(({ n }) => n === cause.fix?.n);
    if (cause.fix === undefined || claim === undefined) throw new Error("a cause without a fix has no pull request");
    const board = facts.boards.toSorted((a, b) => a - b)[0];
    const text = await redactAll(pullText(cause, claim, { sha: ledger.sha, board }), redact);
    const known = cause.pulls[0];
    const pull = known ?? (await ensurePull(github, { ...text, branch: cause.fix.branch, base: baseOf(environment) }));
    if (known === undefined) await ledger.state({ kind: "pull", cause: cause.cause, pull }, cause.fix.sha);
    if (known !== undefined || ready) await tellPull(github, pull, text, { ready });
    return pull;
  });
}

/** The branch that a fix goes to. */
export function baseOf({ GITHUB_HEAD_REF, GITHUB_BASE_REF, GITHUB_REF_NAME }: Environment): string {
  return GITHUB_HEAD_REF || GITHUB_BASE_REF || GITHUB_REF_NAME || "main";
}

/** Calls a person, once a cause: attempts are used up, or only a person can go on. */
export async function escalate(step: Step, answer: Answer): Promise<void> {
  const of = String(causeOf(answer)?.cause ?? "commit");
  await softly(step, "call a person", () => callPerson(callerOf(step), of, answer.coordination, () => syncBoard(contextOf(step))));
}

function callerOf({ github, ledger, store, redact, config, policy }: Step): Caller {
  return { github, ledger, store, redact, assignees: config.assignees, leaseMs: policy.leaseMs };
}

function fixedComment({ causes }: Coordination): string {
  const pulls = causes.flatMap(({ pulls }) => pulls.slice(0, 1)).map((pull) => `#${pull}`);
  return `Every failing flavor is green with the fix${pulls.length > 0 ? `: ${pulls.join(", ")} ready for review` : ""}.`;
}

async function softly<T>(step: Step, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    annotate("warning", `Cannot ${what}: ${error instanceof Error ? error.message : error}`, step.environment);
    return undefined;
  }
}
