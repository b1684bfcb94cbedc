/**
 * The turns of a failing flavor: decide, then lead or wait, then test the fix; and on failure once more, with what was learnt.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isWaitingReason } from "../coordinate.ts";
import { Unavailable } from "../ledger.ts";
import { logLine } from "../neutralize.ts";
import type { Status } from "../occasion.ts";
import type { Verdict } from "../refs.ts";
import type { Failure } from "../signature.ts";
import { type Environment, setOutputs } from "./actions.ts";
import type { AnalyzeFlags } from "./analyze.ts";
import { reportFailure } from "./coordinate.ts";
import { analysisFolder, type Holding, holdClaims } from "./holding.ts";
import { publishReport } from "./publish.ts";
import { type Decided, loadState, type Step, type StepFlags, sleep, stateFolder, withGit } from "./step.ts";
import { testFix } from "./verify.ts";
import { awaitFix } from "./wait.ts";

export type RespondOptions = {
  readonly flags: StepFlags & { readonly checkout: string };
  /** Everything but the model's credentials. */
  readonly environment: Environment;
  /** The whole environment, for the analysis. */
  readonly secrets: Environment;
  readonly status: Status;
  /** What the failing command printed. */
  readonly log: string | undefined;
  readonly command: readonly string[];
  readonly inPlace: boolean;
  readonly timeoutMs: number;
  /** Push nothing. @default false */
  readonly mockGit?: boolean;
  readonly analysis: Omit<AnalyzeFlags, "log" | "checkout" | "claim" | "context" | "out" | "config">;
};

export type Responded = {
  readonly case: 1 | 2 | 3 | 4 | 5;
  /** In the order in which they were taken. */
  readonly decisions: readonly Decided[];
  /** What this flavor saw last, with a fix. */
  readonly verdict: Verdict | "";
  readonly branch: string;
  readonly pull: number | "";
  /** The model would not answer. */
  readonly unanswered: boolean;
};

export const nothing = { decisions: [], verdict: "", branch: "", pull: "", unanswered: false } as const;
/** At most this many turns: each is a decision, and attempts are capped. */
const maxTurns = 10;

/** Takes turns until there is nothing more that this flavor can do; `before` is what is known already. */
export async function takeTurns(
  opened: Step,
  occasion: 1 | 2,
  first: Failure,
  firstLog: string,
  options: RespondOptions,
  before: Partial<Responded> = {},
): Promise<Responded> {
  const { flags, environment } = options;
  // Here an analysis without a claim is for nothing: what GitHub does not coordinate it does not publish either.
  const step: Step = { ...opened, config: { ...opened.config, on_error: "skip" } };
  const folder = stateFolder(environment, step.place);
  const holding = holdClaims(step, folder);
  const decisions: Decided[] = [];
  let [failure, log] = [first, firstLog];
  let joined: number | undefined;
  let answer: Responded = { ...nothing, ...before, case: occasion };
  // Before anything is claimed: without the commit, and what it changed, nothing can be analysed here, nor published.
  if (!(await withGit(step, flags.checkout, 0).git.ensure(step.place.sha, { parent: true })))
    throw new Unavailable(`Cannot fetch the failing commit ${step.place.sha.slice(0, 7)}`);
  const done = () => ({ ...answer, decisions, case: decisions.at(-1)?.reason === "escalated" ? (5 as const) : occasion });
  for (let turn = 0; turn < maxTurns; turn++) {
    let decided = await holding.during(reportFailure(step, failure, flags.checkout, joined));
    decisions.push(decided);
    if (decided.dispatched) return done();
    // Without an answer of GitHub nothing is left to go on from.
    if (!existsSync(join(folder, "state.json")) || decided.reason === "coordination_unavailable") return done();
    const git = withGit(step, flags.checkout, loadState(folder).skewMs);
    if (isWaitingReason(decided.reason)) {
      ({ decided } = await holding.during(awaitFix(git, loadState(folder), { signal: holding.signal })));
      decisions.push(decided);
    }
    const { known, claim } = loadState(folder);
    joined = known === undefined ? claim?.n : undefined;
    if (decided.should_analyze) {
      const led = await lead(git, folder, log, holding, options);
      const { branch = "", pull = "", unanswered } = led;
      answer = { ...answer, branch, pull, unanswered, case: occasion };
      if (led.unanswered || led.mocked) return done();
      if (!led.fixed) continue;
    } else if (decided.reason !== "fix_available" && decided.reason !== "known_failure") return done();
    const { verdict, fix, ...tested } = await testFix(git, folder, loadState(folder), {
      command: options.command,
      inPlace: options.inPlace,
      timeoutMs: options.timeoutMs,
    });
    answer = { ...answer, verdict, branch: fix.branch };
    await setOutputs({ verdict, branch: fix.branch }, environment);
    if (tested.failure === undefined) return done();
    ({ failure, log } = { failure: tested.failure, log: tested.log });
    // What is left after a fix that helped is another cause.
    if (verdict === "different") joined = undefined;
  }
  return done();
}

/** What was paid for is not thrown away because GitHub is gone for a minute; publishing may be repeated. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of [5_000, 25_000]) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      process.stderr.write(`${error.message}: trying again in ${pauseMs / 1000} s\n`);
      await sleep(pauseMs);
    }
  }
  return work();
}

/** The leader's part: analyse, then end the claim with what came of it. */
async function lead(step: ReturnType<typeof withGit>, folder: string, log: string, holding: Holding, options: RespondOptions) {
  const { flags, secrets, command, environment } = options;
  const { claim } = loadState(folder);
  const from = analysisFolder(folder, claim?.n ?? 0);
  const files = {
    log: [log],
    checkout: flags.checkout,
    claim: join(folder, "claim.json"),
    context: join(folder, "context.json"),
    out: from,
    ...(flags.config !== undefined && { config: flags.config }),
  };
  const work = async () => {
    try {
      // Loaded by the leader alone: followers start without the model's client.
      const { analyzeFailure } = await import("./analyze.ts");
      const { kind } = await analyzeFailure({ ...options.analysis, ...files }, command, secrets);
      const publication = () => publishReport(step, { from, folder, state: loadState(folder), mockGit: options.mockGit === true });
      const published = await patiently(publication);
      holding.ended();
      process.stderr.write(`${logLine(`publish: ${published.result}${published.why ? `: ${published.why}` : ""}`)}\n`);
      return { published, unanswered: kind === "unanswered" };
    } catch (error) {
      await holding.release(error instanceof Error ? error.message : "the analysis broke off");
      throw error;
    }
  };
  const { published, unanswered } = await holding.during(work());
  const mocked = published.result === "mocked";
  if (published.result !== "fixed") return { unanswered, mocked, fixed: false };
  const [branch, pull] = [published.branch ?? "", published.pull ?? ("" as const)];
  await setOutputs({ branch, pull }, environment);
  return { unanswered, mocked, fixed: true, branch, pull };
}
