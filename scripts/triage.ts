#!/usr/bin/env bun
/**
 * A run failed: every failed job of its commit, over all its runs, is a flavor; one decision for each, and the causes to analyse as a job matrix.
 *
 * Reads logs and writes the ledger, runs nothing of the commit, and spends nothing: that is for the jobs that take a cause each. What they
 * need is kept in a folder to upload. Runs of forks are left alone without a maintainer's label on their pull request.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { causeOf } from "../lib/coordinate.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { addSummary, annotate, type Environment, homeOf, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main, numberIn } from "../lib/io/command.ts";
import { decideOrExplain } from "../lib/io/decide.ts";
import { escalate, finish } from "../lib/io/finish.ts";
import { openGithub } from "../lib/io/github.ts";
import { downloadLog, jobsOf } from "../lib/io/jobs.ts";
import { labelledPull } from "../lib/io/pulls.ts";
import { endedJobs, type FoundRun, runOf, runsOf } from "../lib/io/runs.ts";
import { configOf, type Decided, keep, openStep, outputsOf, random, type Step, sleep, stateFolder } from "../lib/io/step.ts";
import { type Failure, readFailure } from "../lib/signature.ts";
import { type FailedFlavor, failedFlavors, type Job, type LeftOut, onlyReports } from "../lib/triage.ts";

type Flags = { readonly run?: number; readonly repo?: string; readonly config?: string; readonly json?: boolean };

/** What a job of the matrix takes: paths are relative to the folder. */
type Cause = {
  readonly cause: number | "";
  readonly claim: number | "";
  readonly flavor: string;
  readonly reason: string;
  readonly title: string;
  readonly log: string;
  readonly state: string;
};
type Told = Decided & { readonly flavor: string; readonly title: string };
type Read = { readonly step: Step; readonly flavor: FailedFlavor; readonly failure: Failure; readonly log: string };
type Triage = {
  readonly sha: string;
  /** Of the failed run: what a fix goes into. */
  readonly branch: string;
  readonly result: "triaged" | "nothing_failed" | "fork_without_label";
  readonly folder: string;
  readonly causes: readonly Cause[];
  readonly decisions: readonly Told[];
  readonly left: readonly LeftOut[];
};

/** Logs read at once. */
const downloads = 8;

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "triage",
    "Decide for every failed job of a run's commit, and name the causes to analyse.",
    "bun run scripts/triage.ts --run 16839201143 --json",
  )
    .option("--run <id>", "a run of the commit (from the workflow_run event)", numberIn(1, Number.MAX_SAFE_INTEGER))
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print all decisions as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const id = flags.run ?? eventRun(environment);
  if (id === undefined) throw new CallError("No run: pass --run ID, or start it on: workflow_run");
  const config = configOf(environment, flags.config);
  const github = openGithub({ ...homeOf(environment, flags), sleep, random });
  const found = await runOf(github, id);
  if (found === undefined) throw new CallError(`Cannot find run ${id} in ${github.owner}/${github.repo}`);
  const { sha, branch } = found;
  if (!found.own && !(await labelledPull(github, found, config.fork_label))) {
    annotate(
      "notice",
      `Run ${id} is a fork's: nothing is spent until a maintainer labels its pull request "${config.fork_label}"`,
      environment,
    );
    return report({ sha, branch, result: "fork_without_label", folder: "", causes: [], decisions: [], left: [] }, flags, environment);
  }
  // The list may lag behind the event. A fork's commit is triaged by the fork's runs alone, and ours by our own.
  const runs = [found, ...(await runsOf(github, sha)).filter((other) => other.id !== id && other.own === found.own)];
  const jobs: Job[] = [];
  for (const run of runs) if (run.conclusion !== "success") jobs.push(...(await jobsOf(github, run.id)));
  const { failed, left } = failedFlavors(runs, jobs, config.flavor_names);
  if (failed.length === 0)
    return report({ sha, branch, result: "nothing_failed", folder: "", causes: [], decisions: [], left }, flags, environment);
  report({ ...(await triage({ ...environment, GITHUB_HEAD_REF: branch }, flags, found, failed)), left: [...left] }, flags, environment);
}

async function triage(environment: Environment, flags: Flags, found: FoundRun, failed: readonly FailedFlavor[]): Promise<Triage> {
  const opened = openStep(environment, { ...stepFlags(flags), sha: found.sha, flavor: failed[0]?.flavor ?? "" });
  const first = stepOf(opened, opened.place.identity.flavor);
  const folder = join(stateFolder(environment, first.place), "..");
  const read: Read[] = [];
  for (let at = 0; at < failed.length; at += downloads)
    read.push(...(await Promise.all(failed.slice(at, at + downloads).map((flavor) => readOne(first, flavor)))));
  const reporting = read.filter(({ flavor, failure }) => onlyReports(flavor, failed, failure));
  const causes: Cause[] = [];
  const decisions: Told[] = [];
  for (const {
    step,
    flavor: { flavor },
    failure,
    log,
  } of read.filter((each) => !reporting.includes(each))) {
    const [decided, state] = await decideOne(step, failure);
    decisions.push({ ...decided, flavor, title: failure.title });
    const { cause, claim, reason } = decided;
    if (decided.should_analyze)
      causes.push({ cause, claim, flavor, reason, title: failure.title, log: relative(folder, log), state: relative(folder, state) });
  }
  // Once for all: the board, with every flavor that joined.
  const { facts } = coordinationOf(await first.ledger.read());
  if (facts.claims.length > 0) await finish(first);
  const left = reporting.map(({ flavor }) => ({ flavor: flavor.flavor, why: "it only reports that another job failed" }));
  return { sha: found.sha, branch: found.branch, result: "triaged", folder, causes, decisions, left };
}

/** Downloads a flavor's log to its folder, and reads what failed. */
async function readOne(first: Step, flavor: FailedFlavor): Promise<Read> {
  const step = stepOf(first, flavor.flavor);
  const log = join(stateFolder(step.environment, step.place), "build.log");
  const size = await downloadLog(flavor.job.id, log, { github: step.github, sleep });
  process.stderr.write(`${flavor.flavor}: ${size === undefined ? "GitHub has no log of it" : `${size} bytes of log`}\n`);
  if (size === undefined) await Bun.write(log, "");
  return { step, flavor, log, failure: await readFailure(Bun.file(log).stream()) };
}

/** The decision for one flavor, and the folder in which it is kept. */
async function decideOne(step: Step, failure: Failure): Promise<readonly [Decided, string]> {
  const folder = stateFolder(step.environment, step.place);
  if (!step.config.enabled)
    return [
      { should_analyze: true, reason: "coordination_disabled", cause: 1, claim: "", wait_for_branch: "", issue_number: "", similarity: 0 },
      folder,
    ];
  const { causes } = coordinationOf(await step.ledger.read());
  const answer = await decideOrExplain(
    step,
    failure,
    await endedJobs(
      step.github,
      causes.flatMap(({ live }) => live),
    ),
  );
  if ("should_analyze" in answer) return [answer, folder];
  if (answer.reason === "escalated" && causeOf(answer) !== undefined) await escalate(step, answer);
  keep(step, failure, answer, answer.coordination.facts.now - Date.now());
  return [outputsOf(answer), folder];
}

/**
 * The same step for another flavor. A claim is held by this run, which lasts until its causes are analysed: neither by the failed run nor
 * by this job, which are over before.
 */
function stepOf(step: Step, flavor: string): Step {
  const { jobId: _jobId, ...identity } = step.place.identity;
  return { ...step, place: { ...step.place, identity: { ...identity, flavor } } };
}

function stepFlags({ repo, config }: Flags) {
  return { ...(repo !== undefined && { repo }), ...(config !== undefined && { config }) };
}

function eventRun({ GITHUB_EVENT_PATH: path }: Environment): number | undefined {
  if (path === undefined || !existsSync(path)) return undefined;
  try {
    const schema = z.object({ workflow_run: z.object({ id: z.number() }) });
    return schema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data?.workflow_run.id;
  } catch {
    return undefined;
  }
}

function report(triage: Triage, { json }: Flags, environment: Environment): void {
  const { sha, branch, result, folder, causes, decisions, left } = triage;
  // A matrix needs at least one entry: jobs ask for the count first.
  setOutputs({ sha, branch, result, folder, causes: JSON.stringify(causes), count: causes.length }, environment);
  if (json) process.stdout.write(`${JSON.stringify(triage)}\n`);
  for (const { flavor, should_analyze, reason, cause } of decisions)
    process.stderr.write(
      `${flavor}: ${should_analyze ? "analyse" : "do not analyse"}, ${reason}${cause === "" ? "" : ` (cause ${cause})`}\n`,
    );
  for (const { flavor, why } of left) process.stderr.write(`${flavor}: left out, ${why}\n`);
  process.stderr.write(`triage of ${sha.slice(0, 7)}: ${result.replaceAll("_", " ")}, ${causes.length} to analyse\n`);
  void addSummary(
    "fixonce: triage",
    decisions.map(({ flavor, reason, title }) => [flavor, `${reason}: ${title}`]),
    environment,
  );
}
