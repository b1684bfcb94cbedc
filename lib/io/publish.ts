/**
 * The leader's fix goes public: patch file -> guard -> commit -> branch and outcome in one atomic push -> draft pull request -> board.
 *
 * Can be run again after a crash at any line: the commits it made are kept, and every write is found again by what it says.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { guardOf } from "../config.ts";
import { branchHead, type Cause, coordinationOf } from "../coordination.ts";
import { formatUsd, plus } from "../cost.ts";
import { type Claim, Unavailable } from "../ledger.ts";
import { costOf, costText } from "../money.ts";
import { fixBranchOf, isFixBranch } from "../occasion.ts";
import { type OutcomePayload, outcomeSchema } from "../payload.ts";
import { type Prepared, type Push, publishFix } from "../publish.ts";
import { redactAll } from "../redact.ts";
import { outcomeFor, resultOf } from "../report.ts";
import { addSummary, annotate } from "./actions.ts";
import { commitWith } from "./already.ts";
import { CallError } from "./command.ts";
import { baseOf, finish, tellOfFix } from "./finish.ts";
import { readReport } from "./handover.ts";
import { prepareFix } from "./prepare.ts";
import { startFailed } from "./restart.ts";
import { random, type State, type Step, saveState, sleep, type withGit, writeJson } from "./step.ts";

export type PublishOptions = {
  /** Where analyze.ts left its report and patch. */
  readonly from: string;
  /** The state's folder. */
  readonly folder: string;
  readonly state: State;
  /** Push nothing. @default false */
  readonly mockGit?: boolean;
};

export type Published = {
  readonly result: OutcomePayload["result"] | "overtaken" | "rejected" | "mocked";
  readonly why?: string;
  readonly branch?: string;
  readonly fix?: string;
  readonly pull?: number;
  /** Workflows started on the branch of the fix. */
  readonly started?: number;
};

/** Ends the held claim with what its analysis came to. */
export async function publishReport(step: ReturnType<typeof withGit>, options: PublishOptions): Promise<Published> {
  const { folder, state } = options;
  if (!state.held || state.claim === undefined)
    throw new CallError("This flavor holds no claim: nothing to publish (coordinate.ts said should_analyze=false)");
  const claim: Claim = state.claim;
  const report = await redactAll(readReport(options.from, claim, step.place.sha, step.environment), step.redact);
  const { causes } = coordinationOf(await step.ledger.read());
  const cause = causes.find(({ cause }) => cause === claim.cause);
  const before = costOf({ claims: cause?.claims.filter(({ n }) => n !== claim.n) ?? [] });
  // As the board tells it: what an overtaken claim has cost, nobody else can know.
  const overtaken = cause?.claims.find(({ n }) => n === claim.n)?.outcome?.result === "lost";
  const total = overtaken ? before : { analyses: before.analyses + 1, costUsd: plus(before.costUsd, report.costUsd) };
  const money = [
    ["Model", report.model ?? "unknown"],
    ["Cost", formatUsd(report.costUsd)],
    ["Cost of the cause", `${costText(total)}${overtaken ? ", without this one: another flavor took over" : ""}`],
  ] as const;
  await addSummary(`fixonce: analysis of cause ${claim.cause}`, money, step.environment);
  if (report.verdict !== "fix") {
    const result = await conclude(step, claim, outcomeFor(claim, report, resultOf[report.verdict]));
    await finish(step);
    return { result, ...(report.reason !== report.verdict && { why: report.reason }) };
  }

  const ended = standing(claim, cause) ?? (await hadAlready());
  if (ended !== undefined) {
    const { result, branch, fix, title: why, sha: outcome } = ended;
    if (fix !== undefined && branch !== undefined) saveState(folder, { ...state, fix: { n: claim.n, sha: fix, branch, outcome } });
    await finish(step);
    return { result, why, ...(branch && { branch }), ...(fix && { fix }) };
  }
  /** The fix that the branch of this run has already ends the claim: the flavors test it there, and nobody pays again. */
  async function hadAlready() {
    const branch = baseOf(step.environment);
    if (options.mockGit || cause?.claims.find(({ n }) => n === claim.n)?.outcome !== undefined) return undefined;
    const fix = await commitWith(step.git, join(options.from, "fix.patch"), branch, step.place.sha);
    if (fix === undefined) return undefined;
    const title = `${branch} has this fix already, at ${fix.slice(0, 7)}`;
    await step.ledger.record({ kind: "outcome", n: claim.n }, { ...outcomeFor(claim, report, "fixed"), title, branch, fix }, [fix]);
    const after = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
    return standing(claim, after);
  }
  if (!(await step.git.ensure(step.place.sha))) throw new Unavailable(`Cannot fetch the failing commit ${step.place.sha.slice(0, 7)}`);
  const prepared = kept(folder, claim) ?? (await prepare());
  if ("refused" in prepared) {
    const title = `The guard refused the patch: ${prepared.refused}`.slice(0, 400);
    const result = await conclude(step, claim, { ...outcomeFor(claim, report, "needs-human"), title });
    await finish(step);
    return { result, why: prepared.refused };
  }
  async function prepare() {
    const base = branchHead(cause) ?? step.place.sha;
    const branch = fixBranchOf(step.place.sha, claim.cause);
    const message = { title: report.title || report.rootCause, body: report.rootCause, coordination: step.place.sha, claim: claim.n };
    const made = await prepareFix(step.git, {
      patch: join(options.from, "fix.patch"),
      source: step.place.sha,
      base,
      branch,
      message,
      guard: guardOf(step.config),
      redact: step.redact,
      payload: { ...outcomeFor(claim, report, "fixed"), branch },
    });
    // Before anything is pushed: whoever starts again pushes the same commits, and finds them pushed.
    if (!("refused" in made)) writeJson(folder, preparedName(claim), made);
    return made;
  }
  if (options.mockGit) {
    annotate("warning", `--mock-git: nothing is pushed; ${prepared.branch} would be ${prepared.fix}`, step.environment);
    // The others must not wait for what never comes.
    await conclude(step, claim, { ...outcomeFor(claim, report, "gave-up"), title: "--mock-git: nothing was pushed" });
    return { result: "mocked", branch: prepared.branch };
  }
  const publication = await publishFix(step.ledger, claim, prepared, pushOf(step), { sleep, random });
  if (!publication.published) {
    await finish(step);
    return { result: publication.reason, why: "why" in publication ? publication.why : "another flavor took over, its result counts" };
  }
  const fix = { n: claim.n, sha: prepared.fix, branch: prepared.branch, outcome: prepared.outcome };
  saveState(folder, { ...state, fix });
  const after = coordinationOf(await step.ledger.read());
  const fixed = after.causes.find(({ cause }) => cause === claim.cause);
  const pull = fixed && (await tellOfFix(step, fixed, after));
  await finish(step);
  const started = step.config.wait === "dispatch" ? (await startFailed(step, fix)).length : 0;
  return { result: "fixed", branch: prepared.branch, fix: prepared.fix, started, ...(pull !== undefined && { pull }) };
}

/** How this step ended the claim in an earlier run, unless by a branch of ours: that one is pushed again, and found. */
function standing(claim: Claim, cause: Cause | undefined) {
  const outcome = cause?.claims.find(({ n }) => n === claim.n)?.outcome;
  if (outcome === undefined || outcome.result === "lost" || outcome.nonce !== claim.nonce) return undefined;
  return outcome.result === "fixed" && isFixBranch(outcome.branch ?? "") ? undefined : outcome;
}

/** Ends the claim without a fix. Where an earlier run of this step ended it, that result stands; where a successor did, it was overtaken. */
async function conclude({ ledger }: Step, claim: Claim, payload: OutcomePayload): Promise<OutcomePayload["result"] | "overtaken"> {
  if (await ledger.conclude(claim, payload)) return payload.result;
  const outcome = (await ledger.read()).outcomes.get(claim.n);
  return outcome === undefined || outcome.result === "lost" ? "overtaken" : outcome.result;
}

/** The atomic push; with the issue lock the branch first and then the outcome, which is no fence, only a check. */
function pushOf({ git, lock, store, redact }: ReturnType<typeof withGit>): Push {
  const masked: typeof git.push = async (prepared) => {
    const { why, ...rest } = await git.push(prepared);
    // Why the server refused is what some hook of it said.
    return why === undefined ? rest : { ...rest, why: await redact(why) };
  };
  if (lock === undefined) return masked;
  return async (prepared) => {
    const { payload, outcome, fix, ref } = prepared;
    const pushed = await git.pushBranch(prepared);
    if (pushed.result !== "pushed") return pushed.why === undefined ? pushed : { ...pushed, why: await redact(pushed.why) };
    lock.adopt({ sha: outcome, message: JSON.stringify(payload), parents: [fix], date: 0 });
    return { result: (await store.createRef(ref, outcome)) ? "pushed" : "unknown" };
  };
}

function preparedName({ n }: Claim): string {
  return `prepared-${n}.json`;
}

/** What an earlier run of this step prepared for the same claim: publishing it again is harmless, preparing anew is not. */
function kept(folder: string, claim: Claim): Prepared | undefined {
  const path = join(folder, preparedName(claim));
  if (!existsSync(path)) return undefined;
  const prepared = JSON.parse(readFileSync(path, "utf8")) as Prepared;
  return outcomeSchema.safeParse(prepared.payload).success ? prepared : undefined;
}
