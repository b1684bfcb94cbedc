/**
 * The sweep: closes every coordination that is over, and mends what crashes left. Can be stopped at any line and run again.
 *
 * The order for one commit: archive and close the board, its duplicates, merged branches, the label; the refs last and at once. As long as
 * a ref is there the next sweep finds the commit and goes on, and a late flavor sees every fact.
 *
 * @module
 */
import { z } from "zod";
import { commitLabel } from "../board.ts";
import { type Coordination, coordinationOf } from "../coordination.ts";
import { openLedger, Unavailable } from "../ledger.ts";
import { isFixBranch } from "../occasion.ts";
import { type Branch, type Judgement, judge, type Seen } from "../over.ts";
import { mendBoard, retire } from "./boards.ts";
import { mendCalls } from "./escalate.ts";
import { Limited } from "./github.ts";
import { putBack } from "./mirror.ts";
import { sweepOrphans } from "./orphans.ts";
import type { Mutable, Pass, Report, SweepContext } from "./pass.ts";
import { listPulls, readPull, type SeenPull } from "./pulls.ts";
import { rerunLeaders } from "./rerun.ts";
import { type FoundRun, runsOf } from "./runs.ts";
import { type Subject, subjectsOf } from "./subjects.ts";

const compareSchema = z.object({ status: z.string() });

/** One pass over everything, oldest first. */
export async function sweep(context: SweepContext): Promise<Report> {
  const { github, reserve, say } = context;
  const report: Mutable = { swept: [], open: [], mended: [], duplicates: [], orphans: [], kept: [], failed: [], left: [] };
  const subjects = [...(await subjectsOf(context))].sort((a, b) => a.oldest - b.oldest || (a.sha < b.sha ? -1 : 1));
  const shas = subjects.map(({ sha }) => sha);
  const enough = () => github.remaining() > reserve;
  const limit = () => `${github.remaining()} requests are left this hour, ${reserve} of them are the flavors'`;
  let at = 0;
  try {
    for (const subject of subjects) {
      if (!enough()) break;
      // Everybody gets one request before anybody gets more: else the newest would never be looked at.
      const ample = github.remaining() - reserve > 1.2 * (shas.length - at);
      await sweepOne({ ...context, ample }, subject, shas, report);
      at++;
    }
    if (at === shas.length && enough()) await sweepOrphans(context, shas, report);
    if (at < shas.length || !enough()) report.stopped = limit();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    report.stopped = error.message;
    report.left = shas.slice(at);
    if (error instanceof Limited) return report;
    say(`stopped: ${error.message}`);
    throw new Unavailable(`${error.message} (${report.swept.length} swept, ${report.left.length} left; run it again)`, { cause: error });
  }
  report.left = shas.slice(at);
  return report;
}

async function sweepOne(context: Pass, subject: Subject, shas: readonly string[], report: Mutable): Promise<void> {
  const { github, say, sleep, random } = context;
  const { sha, refs, store } = subject;
  const short = sha.slice(0, 7);
  const ledger = openLedger(store, sha, { sleep, random });
  const coordination = coordinationOf(await ledger.read());
  const { judgement, pulls } = await observe(context, subject, coordination);
  if (judgement.state !== "over") {
    const why = judgement.state === "open" ? judgement.why : "it is not known";
    report.open.push({ sha, why });
    const mended = await mendBoard(context, coordination, ledger);
    report.duplicates.push(...mended.duplicates);
    if (mended.what !== undefined) report.mended.push(mended.what);
    const caller = { ...context, ledger, store };
    const called = context.dryRun ? 0 : await mendCalls(caller, coordination);
    const rerun = context.dryRun ? [] : await rerunLeaders(github, coordination, ledger, context.leaseMs);
    const done = [...(mended.what ? [mended.what.what] : []), ...(called > 0 ? ["a person was called"] : []), ...rerun];
    say(`${short}: stays open, ${[why, ...done].join("; ")}`);
    return;
  }
  const { reason } = judgement;
  const retired = await retire(context, coordination, judgement);
  if (retired.result === "refused") {
    report.failed.push({ sha, why: retired.why });
    say(`${short}: ${reason}, but ${retired.why}`);
    return;
  }
  report.duplicates.push(...retired.duplicates);
  const branches = await removeMerged(context, coordination, pulls, report);
  const swept = { sha, reason, ...(retired.board !== undefined && { board: retired.board }), refs: refs.length, branches };
  if (!context.dryRun) {
    // Another commit may share the seven digits.
    if (!shas.some((other) => other !== sha && other.startsWith(short)))
      await github.remove("DELETE /repos/{owner}/{repo}/labels/{name}", { name: commitLabel(sha) });
    const removal = await subject.remove();
    if (removal.result !== "removed") {
      const stranded = removal.result === "moved" && removal.stranded.length > 0;
      if (stranded) await putBack(store, sha, refs);
      const why = removal.result === "moved" ? "a flavor wrote a fact meanwhile" : `its refs were not removed: ${removal.why}`;
      report[removal.result === "moved" ? "open" : "failed"].push({ sha, why });
      say(`${short}: ${reason}, but ${why}`);
      return;
    }
  }
  report.swept.push(swept);
  say(
    `${short}: ${reason}${swept.board === undefined ? "" : `, board #${swept.board} closed`}, ${refs.length} refs${branches.length > 0 ? ` and ${branches.join(", ")}` : ""} removed`,
  );
}

type Observed = { readonly judgement: Judgement; readonly pulls: readonly SeenPull[] };

/** Looks at no more than the judgement asks for. */
async function observe(context: Pass, { sha, refs, newest }: Subject, coordination: Coordination): Promise<Observed> {
  const { github, leaseMs, retentionMs } = context;
  let runs: readonly FoundRun[] = [];
  let pulls: readonly SeenPull[] | undefined;
  const names = refs.map(({ name }) => name);
  let seen: Seen = { now: github.clock(), since: newest, retentionMs, leaseMs, names };
  for (let turn = 0; turn < 4; turn++) {
    const judgement = judge(coordination, seen);
    if (judgement.state === "over") return { judgement, pulls: pulls ?? (await pullsOf(context, coordination)) };
    if (judgement.state === "open") return { judgement, pulls: pulls ?? [] };
    if (judgement.what === "runs") {
      runs = (await runsOf(github, sha)).filter(({ id }) => id !== context.ownRun);
      seen = { ...seen, runs };
    } else if (judgement.what === "pulls") {
      pulls = await pullsOf(context, coordination);
      seen = { ...seen, pulls };
    } else seen = { ...seen, branch: await branchOf(context, sha, runs) };
  }
  throw new Error("a judgement asks for nothing twice");
}

/** The pull requests of a coordination's fixes. Those that are open were listed at once; the others are asked for. */
async function pullsOf({ github, openPulls }: SweepContext, { causes }: Coordination): Promise<readonly SeenPull[]> {
  const found: SeenPull[] = [];
  for (const { fix, pulls } of causes) {
    if (fix === undefined || !isFixBranch(fix.branch)) continue;
    const open = openPulls.filter(({ number, branch }) => branch === fix.branch || pulls.includes(number));
    const stated = pulls.filter((number) => !open.some((pull) => pull.number === number));
    found.push(...open);
    for (const number of stated) {
      const pull = await readPull(github, number);
      if (pull !== undefined) found.push(pull);
    }
    // Its fact was lost with a crash, or it was never opened.
    if (open.length + stated.length === 0) found.push(...(await listPulls(github, fix.branch)));
  }
  return found;
}

/** Where the branch that the commit was built for stands now. */
async function branchOf({ github, mirror, ample }: Pass, sha: string, runs: readonly FoundRun[]): Promise<Branch> {
  const branch = runs.find(({ own, branch }) => own && branch !== "")?.branch;
  const heads = branch === undefined ? [...mirror.branches.values()] : [mirror.branches.get(branch)];
  if (heads.includes(sha)) return "here";
  const head = branch === undefined ? undefined : heads[0];
  if (branch === undefined) return "unknown";
  if (head === undefined) return "left";
  if (!ample) return "unknown";
  const reply = await github.read("GET /repos/{owner}/{repo}/compare/{basehead}", { basehead: `${sha}...${head}`, per_page: 1 });
  const status = compareSchema.safeParse(reply?.data).data?.status;
  return status === "ahead" ? "ahead" : status === "identical" ? "here" : "left";
}

/** Deletes the branches of merged fixes. One that does not end at our commit has a person's on it, and stays. */
async function removeMerged(
  context: SweepContext,
  { causes }: Coordination,
  pulls: readonly SeenPull[],
  report: Mutable,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { fix } of causes) {
    const head = fix && context.mirror.branches.get(fix.branch);
    if (fix === undefined || head === undefined || !isFixBranch(fix.branch)) continue;
    const pull = pulls.find(({ branch }) => branch === fix.branch);
    const why =
      pull === undefined
        ? "it has no pull request"
        : pull.state !== "merged"
          ? `#${pull.number} is ${pull.state}`
          : head !== fix.sha
            ? "a person committed to it"
            : undefined;
    if (why !== undefined) report.kept.push({ branch: fix.branch, why });
    else if (context.dryRun) removed.push(fix.branch);
    else {
      const result = await context.mirror.removeBranch(fix.branch, head);
      if (result.removed) removed.push(fix.branch);
      else report.kept.push({ branch: fix.branch, why: result.why });
    }
  }
  return removed;
}
