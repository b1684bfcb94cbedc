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
import { type Branch, type Judgement, judge, type OverReason, type Seen } from "../over.ts";
import { writeIssue } from "./board.ts";
import { type Issue, mendBoard, retire, shortOf } from "./boards.ts";
import { type Github, Limited } from "./github.ts";
import { type Mirror, putBack } from "./mirror.ts";
import { listPulls, readPull, type SeenPull } from "./pulls.ts";
import { githubRefs } from "./refs.ts";
import { type FoundRun, runsOf } from "./runs.ts";

export type SweepContext = {
  readonly github: Github;
  readonly mirror: Mirror;
  /** Open boards and `commit-` labels, listed before the mirror was read: what they are about is in it. */
  readonly issues: readonly Issue[];
  readonly labels: readonly string[];
  readonly openPulls: readonly SeenPull[];
  /** Our own run, which is no build. */
  readonly ownRun: number;
  readonly lock: "ref" | "issue";
  readonly leaseMs: number;
  readonly retentionMs: number;
  /** Requests that are left to the flavors. */
  readonly reserve: number;
  readonly repositoryUrl: string;
  readonly runnerUsdPerMinute: number;
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

export type Swept = {
  readonly sha: string;
  readonly reason: OverReason;
  readonly board?: number;
  readonly refs: number;
  readonly branches: readonly string[];
};

export type Report = {
  readonly swept: readonly Swept[];
  readonly open: readonly { readonly sha: string; readonly why: string }[];
  readonly mended: readonly { readonly board: number; readonly what: string }[];
  readonly duplicates: readonly number[];
  /** Boards, labels and branches without a coordination, removed. */
  readonly orphans: readonly string[];
  /** Fix branches that stay, and why. */
  readonly kept: readonly { readonly branch: string; readonly why: string }[];
  readonly failed: readonly { readonly sha: string; readonly why: string }[];
  /** Commits that were not looked at, oldest first. */
  readonly left: readonly string[];
  readonly stopped?: string;
};

const compareSchema = z.object({ status: z.string() });

type Mutable = { -readonly [Key in keyof Report]: Report[Key] extends readonly (infer Item)[] | undefined ? Item[] : Report[Key] };

/** One pass over everything, oldest first. */
export async function sweep(context: SweepContext): Promise<Report> {
  const { github, mirror, reserve, say } = context;
  const report: Mutable = { swept: [], open: [], mended: [], duplicates: [], orphans: [], kept: [], failed: [], left: [] };
  const shas = [...mirror.shas].sort((a, b) => mirror.dates(a).oldest - mirror.dates(b).oldest || (a < b ? -1 : 1));
  const enough = () => github.remaining() > reserve;
  const limit = () => `${github.remaining()} requests are left this hour, ${reserve} of them are the flavors'`;
  let at = 0;
  try {
    for (; at < shas.length && enough(); at++) await sweepOne(context, shas[at] ?? "", report);
    if (at === shas.length && enough()) await sweepOrphans(context, report);
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

async function sweepOne(context: SweepContext, sha: string, report: Mutable): Promise<void> {
  const { github, mirror, say } = context;
  const short = sha.slice(0, 7);
  const { coordination, ledger, store } = await readOne(context, sha);
  const { judgement, pulls } = await observe(context, sha, coordination);
  if (judgement.state !== "over") {
    const why = judgement.state === "open" ? judgement.why : "it is not known";
    report.open.push({ sha, why });
    const mended = await mendBoard(context, coordination, ledger);
    report.duplicates.push(...mended.duplicates);
    if (mended.what !== undefined) report.mended.push(mended.what);
    say(`${short}: stays open, ${why}${mended.what ? `; ${mended.what.what}` : ""}`);
    return;
  }
  const { reason } = judgement;
  const refs = mirror.refs(sha);
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
    if (!mirror.shas.some((other) => other !== sha && other.startsWith(short)))
      await github.remove("DELETE /repos/{owner}/{repo}/labels/{name}", { name: commitLabel(sha) });
    const removal = await mirror.remove(sha);
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

async function readOne({ github, mirror, sleep, random }: SweepContext, sha: string) {
  const writes = githubRefs(github, sha);
  const store = mirror.store(writes, github.clock);
  const ledger = openLedger(store, sha, { sleep, random });
  return { coordination: coordinationOf(await ledger.read()), ledger, store };
}

type Observed = { readonly judgement: Judgement; readonly pulls: readonly SeenPull[] };

/** Looks at no more than the judgement asks for. */
async function observe(context: SweepContext, sha: string, coordination: Coordination): Promise<Observed> {
  const { github, mirror, leaseMs, retentionMs } = context;
  let runs: readonly FoundRun[] = [];
  let pulls: readonly SeenPull[] | undefined;
  const names = mirror.refs(sha).map(({ name }) => name);
  let seen: Seen = { now: github.clock(), since: mirror.dates(sha).newest, retentionMs, leaseMs, names };
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
    if (fix === undefined) continue;
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
async function branchOf({ github, mirror }: SweepContext, sha: string, runs: readonly FoundRun[]): Promise<Branch> {
  const branch = runs.find(({ own, branch }) => own && branch !== "")?.branch;
  const heads = branch === undefined ? [...mirror.branches.values()] : [mirror.branches.get(branch)];
  if (heads.includes(sha)) return "here";
  const head = branch === undefined ? undefined : heads[0];
  if (branch === undefined) return "unknown";
  if (head === undefined) return "left";
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
    if (fix === undefined || head === undefined) continue;
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

/** What no coordination knows any more: boards, labels and merged branches that an earlier version, a crash or a late merge left. */
async function sweepOrphans(context: SweepContext, report: Mutable): Promise<void> {
  const { github, mirror, issues, labels, lock, dryRun, say } = context;
  const known = new Set(mirror.shas.map((sha) => sha.slice(0, 7)));
  const stated = new Set(
    mirror.shas.flatMap((sha) => mirror.refs(sha).flatMap(({ name }) => Number(/\/board\/(\d+)$/.exec(name)?.[1]) || [])),
  );
  const note = (what: string) => {
    report.orphans.push(what);
    say(`${what}: without a coordination, ${dryRun ? "to be removed" : "removed"}`);
  };
  // With the issue lock a board without refs is the coordination itself.
  if (lock === "ref") {
    for (const issue of issues) {
      const short = shortOf(issue.title);
      const young = github.clock() <= issue.created + context.leaseMs;
      if (short === undefined || known.has(short) || stated.has(issue.number) || young) continue;
      if (!dryRun && !(await writeIssue(github, issue.number, { state: "closed", state_reason: "not_planned" }))) continue;
      note(`board #${issue.number}`);
    }
    for (const label of labels) {
      const closed = issues.every((issue) => !issue.labels.includes(label) || report.orphans.includes(`board #${issue.number}`));
      if (known.has(label.slice("commit-".length)) || !closed) continue;
      if (dryRun || (await github.remove("DELETE /repos/{owner}/{repo}/labels/{name}", { name: label }))) note(`label ${label}`);
    }
  }
  for (const [branch, head] of mirror.branches) {
    const short = /^autonomous-fix-([0-9a-f]{7})(?:-\d+)?$/.exec(branch)?.[1];
    if (short === undefined || known.has(short) || context.openPulls.some((pull) => pull.branch === branch)) continue;
    const merged = (await listPulls(github, branch)).find(({ state }) => state === "merged");
    if (merged?.head !== head || !(await isOurs(context, head))) continue;
    if (dryRun || (await mirror.removeBranch(branch, head)).removed) note(`branch ${branch}`);
  }
}

/** A fix of ours says so, and nothing of a person's stands on it. */
async function isOurs({ github }: SweepContext, sha: string): Promise<boolean> {
  const commit = await githubRefs(github, sha).commit(sha);
  return /^Fixonce-Coordination: [0-9a-f]{40}$/m.test(commit?.message ?? "");
}
