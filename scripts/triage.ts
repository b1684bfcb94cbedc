#!/usr/bin/env bun
/**
 * A run failed: every failed job of its commit, over all its runs, is a flavor; one decision for each, and the causes to analyse as a job matrix.
 *
 * Reads logs and writes the ledger, runs nothing of the commit, and spends nothing: that is for the jobs that take a cause each. What they
 * need is kept in a folder to upload. A run on a fix is its flavors' verdicts. Runs of forks are left alone without a maintainer's label on
 * their pull request.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { addSummary, annotate, type Environment, homeOf, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main, numberIn } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { openGithub } from "../lib/io/github.ts";
import { jobsOf } from "../lib/io/jobs.ts";
import { labelledBase } from "../lib/io/pulls.ts";
import { runOf, runsOf } from "../lib/io/runs.ts";
import { random, sleep } from "../lib/io/step.ts";
import { fixOf, type Triaged, triageCommit, triageFix } from "../lib/io/triage.ts";
import { logLine } from "../lib/neutralize.ts";
import { isFixBranch } from "../lib/occasion.ts";
import type { Job } from "../lib/triage.ts";

type Flags = { readonly run?: number; readonly repo?: string; readonly config?: string; readonly json?: boolean };

type Result = Triaged & {
  readonly result: "triaged" | "fix_tested" | "nothing_failed" | "fork_without_label" | "person_took_over";
  /** What a fix goes into: the branch of the run; of a fork's run, where its pull request goes, as the fork's branch is none of ours. */
  readonly branch: string;
};

/** What the summary says where nothing was to decide. */
const words: Readonly<Record<Result["result"], string>> = {
  triaged: "every failed job was left out",
  fix_tested: "every flavor that was tested passed, or is of another cause",
  nothing_failed: "nothing failed",
  fork_without_label: "from a fork: nothing is spent until a maintainer labels its pull request",
  person_took_over: "a person goes on with this fix",
};

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
  const { sha } = found;
  const branch = found.own ? found.branch : ((await labelledBase(github, found, config.fork_label)) ?? "");
  const nothing = { sha, branch, folder: "", causes: [], decisions: [], left: [], verdicts: [] } as const;
  if (!found.own && branch === "") {
    annotate(
      "notice",
      `Run ${id} is a fork's: nothing is spent until a maintainer labels its pull request "${config.fork_label}"`,
      environment,
    );
    return report({ ...nothing, result: "fork_without_label" }, flags, environment);
  }
  const onFix = found.own && isFixBranch(branch);
  const fix = onFix ? await fixOf(github, { environment, flags: stepFlags(flags) }, sha) : undefined;
  if (onFix && fix === undefined) {
    annotate("notice", `${branch} ends at a commit that is no fix of ours: a person goes on there`, environment);
    return report({ ...nothing, result: "person_took_over" }, flags, environment);
  }
  // The list may lag behind the event. A fork's commit is triaged by the fork's runs alone, and ours by our own.
  const runs = [found, ...(await runsOf(github, sha)).filter((other) => other.id !== id && other.own === found.own)];
  const jobs: Job[] = [];
  for (const run of runs) if (onFix || run.conclusion !== "success") jobs.push(...(await jobsOf(github, run.id)));
  // A pull request of a fix goes where the failed run was.
  const base = fix === undefined ? branch : ((await runsOf(github, fix.sha)).find(({ own }) => own)?.branch ?? "");
  const input = { environment: { ...environment, GITHUB_HEAD_REF: base }, flags: stepFlags(flags), runs, jobs };
  if (fix !== undefined) return report({ ...(await triageFix(input, fix)), branch: base, result: "fix_tested" }, flags, environment);
  if (!jobs.some(({ conclusion }) => conclusion === "failure" || conclusion === "timed_out"))
    return report({ ...nothing, result: "nothing_failed" }, flags, environment);
  await report({ ...(await triageCommit(input, sha)), branch, result: "triaged" }, flags, environment);
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

async function report(triage: Result, { json }: Flags, environment: Environment): Promise<void> {
  const { sha, branch, result, folder, causes, decisions, left, verdicts } = triage;
  // A matrix needs at least one entry: jobs ask for the count first.
  await setOutputs({ sha, branch, result, folder, causes: JSON.stringify(causes), count: causes.length }, environment);
  if (json) process.stdout.write(`${JSON.stringify(triage)}\n`);
  for (const { flavor, verdict } of verdicts) say(`${flavor}: ${verdict} with the fix`);
  for (const { flavor, should_analyze, reason, cause } of decisions)
    say(`${flavor}: ${should_analyze ? "analyse" : "do not analyse"}, ${reason}${cause === "" ? "" : ` (cause ${cause})`}`);
  for (const { flavor, why } of left) say(`${flavor}: left out, ${why}`);
  say(`triage of ${sha.slice(0, 7)}: ${result.replaceAll("_", " ")}, ${causes.length} to analyse`);
  const told = decisions.map(({ flavor, reason, title }) => [flavor, `${reason}: ${title}`] as const);
  await addSummary("fixonce: triage", told.length > 0 ? told : [[sha.slice(0, 7), words[result]]], environment);
}

/** One line of the log: what a name or a server says is no command to the runner. */
function say(line: string): void {
  process.stderr.write(`${logLine(line)}\n`);
}
