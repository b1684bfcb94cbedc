#!/usr/bin/env bun
/**
 * The leader's fix goes public: patch file -> guard -> commit -> branch and outcome in one atomic push -> draft pull request -> board.
 *
 * Needs the write token and no API key. Run it whatever became of analyze.ts (`if: always()`): without a report the claim ends as
 * gave-up, or everybody waits for its lease. Can be run again after a crash at any line: the commits it made are kept, and every write
 * is found again by what it says.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { guardOf } from "../lib/config.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { annotate, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { finish, openPull } from "../lib/io/finish.ts";
import { prepareFix } from "../lib/io/prepare.ts";
import {
  loadState,
  openStep,
  random,
  type Step,
  type StepFlags,
  saveState,
  sleep,
  stateFolder,
  withGit,
  writeJson,
} from "../lib/io/step.ts";
import type { Claim } from "../lib/ledger.ts";
import { type OutcomePayload, outcomeSchema, parsePayload } from "../lib/payload.ts";
import { type Prepared, type Push, publishFix } from "../lib/publish.ts";
import { redactAll } from "../lib/redact.ts";
import { isOf, noReport, outcomeFor, type Report, reportSchema, resultOf } from "../lib/report.ts";

type Flags = StepFlags & { readonly from: string; readonly checkout: string; readonly mockGit?: boolean; readonly json?: boolean };

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
  const claim: Claim = state.claim;
  const report = await redactAll(readReport(flags.from, claim, environment), step.redact);
  const say = (result: string, more: Record<string, unknown> = {}) => {
    if (flags.json) process.stdout.write(`${JSON.stringify({ result, claim: claim.n, ...more })}\n`);
    process.stderr.write(`publish: ${result}${more.why ? `: ${more.why}` : ""}\n`);
    setOutputs({ result }, environment);
  };

  if (report.verdict !== "fix") {
    const result = await conclude(step, claim, outcomeFor(claim, report, resultOf[report.verdict]));
    await finish(step);
    return say(result, { why: report.reason === report.verdict ? "" : report.reason });
  }

  const cause = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === claim.cause);
  const prepared = kept(folder, claim) ?? (await prepare());
  if ("refused" in prepared) {
    const payload = outcomeFor(claim, report, "needs-human");
    const title = `The guard refused the patch: ${prepared.refused}`.slice(0, 400);
    const result = await conclude(step, claim, { ...payload, title });
    await finish(step);
    return say(result, { why: prepared.refused });
  }
  async function prepare() {
    const base = cause?.fix?.sha ?? place.sha;
    const branch = claim.cause === 1 ? `autonomous-fix-${place.sha.slice(0, 7)}` : `autonomous-fix-${place.sha.slice(0, 7)}-${claim.cause}`;
    const message = { title: report.title || report.rootCause, body: report.rootCause, coordination: place.sha, claim: claim.n };
    const made = await prepareFix(step.git, {
      patch: join(flags.from, "fix.patch"),
      source: place.sha,
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
  if (flags.mockGit) {
    annotate("warning", `--mock-git: nothing is pushed; ${prepared.branch} would be ${prepared.fix}`, environment);
    return say("mocked", { branch: prepared.branch });
  }
  const publication = await publishFix(step.ledger, claim, prepared, pushOf(step), { sleep, random, nonce: () => claim.nonce });
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
    if (pushed.result !== "pushed") return pushed;
    lock.adopt({ sha: outcome, message: JSON.stringify(payload), parents: [fix], date: 0 });
    return { result: (await store.createRef(ref, outcome)) ? "pushed" : "unknown" };
  };
}

/** The report of this claim. Where analyze.ts left none the claim must end all the same, or everybody waits for its lease. */
function readReport(from: string, claim: Claim, environment: Environment): Report {
  const path = join(from, "report.json");
  const without = (why: string): Report => {
    annotate("warning", `${why}: claim ${claim.n} ends as gave-up, its cost unknown`, environment);
    return noReport;
  };
  if (!existsSync(path)) return without(`No report in ${from}, so the analysis did not end`);
  const parsed = parsePayload(reportSchema, readFileSync(path, "utf8"));
  if ("problem" in parsed) return without(`Cannot use ${path} (${parsed.problem})`);
  return isOf(parsed.value, claim) ? parsed.value : without(`The report in ${from} is of another attempt`);
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
