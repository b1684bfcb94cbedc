/**
 * The leader's fix goes public: patch file -> guard -> commit -> branch and outcome in one atomic push -> draft pull request -> board.
 *
 * Can be run again after a crash at any line: the commits it made are kept, and every write is found again by what it says.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { coordinationOf } from "../coordination.ts";
import type { Claim } from "../ledger.ts";
import { type OutcomePayload, outcomeSchema, parsePayload } from "../payload.ts";
import { type Prepared, type Push, publishFix } from "../publish.ts";
import { annotate } from "./actions.ts";
import { CallError } from "./command.ts";
import { finish, openPull } from "./finish.ts";
import { prepareFix } from "./prepare.ts";
import { startFailed } from "./restart.ts";
import { nonce, random, type State, saveState, sleep, type withGit } from "./step.ts";

const reportSchema = z.looseObject({
  verdict: z.enum(["fix", "flaky", "infra", "needs_human", "gave_up"]),
  reason: z.string().default(""),
  rootCause: z.string().default(""),
  title: z.string().default(""),
  body: z.string().default(""),
  edits: z.array(z.unknown()).default([]),
  model: z.string().optional(),
  costUsd: z.number().nullable().default(0),
});

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
  const report = readReport(options.from);
  const claim: Claim = state.claim;
  if (report.verdict !== "fix") {
    const result = ({ flaky: "flaky", infra: "infra", needs_human: "needs-human", gave_up: "gave-up" } as const)[report.verdict];
    const ended = await step.ledger.conclude(claim, payloadOf(claim, report, result));
    await finish(step);
    return { result: ended ? result : "overtaken" };
  }

  const cause = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
  const prepared = keptOrPrepared(folder, claim) ?? (await prepare());
  if ("refused" in prepared) {
    const payload = payloadOf(claim, report, "needs-human");
    await step.ledger.conclude(claim, { ...payload, title: `The guard refused the patch: ${prepared.refused}`.slice(0, 400) });
    await finish(step);
    return { result: "needs-human", why: prepared.refused };
  }
  async function prepare() {
    const base = cause?.fix?.sha ?? step.place.sha;
    const branch =
      claim.cause === 1 ? `autonomous-fix-${step.place.sha.slice(0, 7)}` : `autonomous-fix-${step.place.sha.slice(0, 7)}-${claim.cause}`;
    const title = report.title || report.rootCause || `Fix ${step.place.sha.slice(0, 7)}`;
    const message = { title, body: report.rootCause, coordination: step.place.sha, claim: claim.n };
    const made = await prepareFix(step.git, {
      patch: join(options.from, "fix.patch"),
      source: step.place.sha,
      base,
      branch,
      message,
      payload: { ...payloadOf(claim, report, "fixed"), branch },
    });
    if (!("refused" in made)) writeFileSync(join(folder, `prepared-${claim.n}.json`), JSON.stringify(made));
    return made;
  }
  if (options.mockGit) {
    annotate("warning", `--mock-git: nothing is pushed; ${prepared.branch} would be ${prepared.fix}`, step.environment);
    return { result: "mocked", branch: prepared.branch };
  }
  const publication = await publishFix(step.ledger, claim, prepared, pushOf(step), { sleep, random, nonce });
  if (!publication.published) {
    await finish(step);
    return { result: publication.reason, why: "why" in publication ? publication.why : "another flavor took over, its result counts" };
  }
  const kept = { n: claim.n, sha: prepared.fix, branch: prepared.branch, outcome: prepared.outcome };
  saveState(folder, { ...state, fix: kept });
  const fixed = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
  const pull = fixed && (await openPull(step, fixed));
  await finish(step);
  const started = step.config.wait === "dispatch" ? (await startFailed(step, kept)).length : 0;
  return { result: "fixed", branch: prepared.branch, fix: prepared.fix, started, ...(pull !== undefined && { pull }) };
}

/** The atomic push; with the issue lock the branch first and then the outcome, which is no fence, only a check. */
function pushOf({ git, lock, store }: ReturnType<typeof withGit>): Push {
  if (lock === undefined) return git.push;
  return async (prepared) => {
    const { payload, outcome, fix, ref } = prepared;
    const pushed = await git.pushBranch(prepared);
    if (pushed.result !== "pushed") return pushed;
    lock.adopt({ sha: outcome, message: JSON.stringify(payload), parents: [fix], date: 0 });
    return { result: (await store.createRef(ref, outcome)) ? "pushed" : "unknown" };
  };
}

function readReport(from: string): z.output<typeof reportSchema> {
  let text: string;
  try {
    text = readFileSync(join(from, "report.json"), "utf8");
  } catch {
    throw new CallError(`No report in ${from}: run analyze.ts with --out ${from} first`);
  }
  const parsed = parsePayload(reportSchema, text);
  if ("problem" in parsed) throw new CallError(`Cannot use ${join(from, "report.json")}: ${parsed.problem}`);
  return parsed.value;
}

function payloadOf(claim: Claim, report: z.output<typeof reportSchema>, result: OutcomePayload["result"]): OutcomePayload {
  const { costUsd, model, edits, rootCause, reason } = report;
  const title = (report.title || rootCause || reason || result).split("\n")[0]?.slice(0, 300) ?? result;
  return {
    v: 1,
    n: claim.n,
    result,
    flavor: claim.flavor,
    title,
    costUsd,
    ...(model && { model }),
    conversation: { edits, rootCause },
    nonce: nonce(),
  };
}

/** What an earlier run of this step prepared for the same claim: publishing it again is harmless, preparing anew is not. */
function keptOrPrepared(folder: string, claim: Claim): Prepared | undefined {
  const path = join(folder, `prepared-${claim.n}.json`);
  if (!existsSync(path)) return undefined;
  const prepared = JSON.parse(readFileSync(path, "utf8")) as Prepared;
  return outcomeSchema.safeParse(prepared.payload).success ? prepared : undefined;
}
