#!/usr/bin/env bun
/**
 * The leader's fix goes public: patch file -> guard -> commit -> branch and outcome in one atomic push -> draft pull request -> board.
 *
 * Needs the write token and no API key. Can be run again after a crash at any line: the commits it made are kept, and every write is
 * found again by what it says.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { guardOf } from "../lib/config.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { annotate, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { finish, openPull } from "../lib/io/finish.ts";
import { prepareFix } from "../lib/io/prepare.ts";
import { loadState, nonce, openStep, random, type StepFlags, saveState, sleep, stateFolder, withGit } from "../lib/io/step.ts";
import type { Claim } from "../lib/ledger.ts";
import { type OutcomePayload, outcomeSchema, parsePayload } from "../lib/payload.ts";
import { type Prepared, type Push, publishFix } from "../lib/publish.ts";
import { redactAll } from "../lib/redact.ts";

type Flags = StepFlags & { readonly from: string; readonly checkout: string; readonly mockGit?: boolean; readonly json?: boolean };

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

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "publish",
    "Publish a checked fix: branch, draft pull request, outcome, board.",
    "bun run scripts/publish.ts --from fixonce-analysis",
  )
    .option("--from <dir>", "where analyze.ts left report.json and fix.patch", "fixonce-analysis")
    .option("--checkout <dir>", "the repository", ".")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--mock-git", "push nothing: say what would be pushed")
    .option("--json", "print the result as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const place = placeOf(environment, flags);
  const folder = stateFolder(environment, place);
  const state = loadState(folder);
  if (!state.held || state.claim === undefined)
    throw new CallError("This flavor holds no claim: nothing to publish (coordinate.ts said should_analyze=false)");
  const step = withGit(openStep(environment, flags), flags.checkout, state.skewMs);
  const report = await redactAll(readReport(flags.from), step.redact);
  const claim: Claim = state.claim;
  const say = (result: string, more: Record<string, unknown> = {}) => {
    if (flags.json) process.stdout.write(`${JSON.stringify({ result, claim: claim.n, ...more })}\n`);
    process.stderr.write(`publish: ${result}${more.why ? `: ${more.why}` : ""}\n`);
    setOutputs({ result }, environment);
  };

  if (report.verdict !== "fix") {
    const result = ({ flaky: "flaky", infra: "infra", needs_human: "needs-human", gave_up: "gave-up" } as const)[report.verdict];
    const ended = await step.ledger.conclude(claim, payloadOf(claim, report, result));
    await finish(step);
    return say(ended ? result : "overtaken");
  }

  const cause = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
  const prepared = keptOrPrepared(folder, claim) ?? (await prepare());
  if ("refused" in prepared) {
    const payload = payloadOf(claim, report, "needs-human");
    await step.ledger.conclude(claim, { ...payload, title: `The guard refused the patch: ${prepared.refused}`.slice(0, 400) });
    await finish(step);
    return say("needs-human", { why: prepared.refused });
  }
  async function prepare() {
    const base = cause?.fix?.sha ?? place.sha;
    const branch = claim.cause === 1 ? `autonomous-fix-${place.sha.slice(0, 7)}` : `autonomous-fix-${place.sha.slice(0, 7)}-${claim.cause}`;
    const title = report.title || report.rootCause || `Fix ${place.sha.slice(0, 7)}`;
    const message = { title, body: report.rootCause, coordination: place.sha, claim: claim.n };
    const made = await prepareFix(step.git, {
      patch: join(flags.from, "fix.patch"),
      source: place.sha,
      base,
      branch,
      message,
      guard: guardOf(step.config),
      redact: step.redact,
      payload: { ...payloadOf(claim, report, "fixed"), branch },
    });
    if (!("refused" in made)) writeFileSync(join(folder, `prepared-${claim.n}.json`), JSON.stringify(made));
    return made;
  }
  if (flags.mockGit) {
    annotate("warning", `--mock-git: nothing is pushed; ${prepared.branch} would be ${prepared.fix}`, environment);
    return say("mocked", { branch: prepared.branch });
  }
  const publication = await publishFix(step.ledger, claim, prepared, pushOf(step), { sleep, random, nonce });
  if (!publication.published) {
    await finish(step);
    return say(publication.reason, { why: "why" in publication ? publication.why : "another flavor took over, its result counts" });
  }
  saveState(folder, { ...state, fix: { n: claim.n, sha: prepared.fix, branch: prepared.branch, outcome: prepared.outcome } });
  const fixed = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
  const pull = fixed && (await openPull(step, fixed));
  await finish(step);
  setOutputs({ branch: prepared.branch, pull: pull ?? "" }, environment);
  say("fixed", { branch: prepared.branch, fix: prepared.fix, pull });
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
