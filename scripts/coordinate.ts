#!/usr/bin/env bun
/**
 * This flavor failed: report it, and decide whether it analyses, waits for a fix, tests one, or leaves.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { crowd, firstDelay } from "../lib/backoff.ts";
import { type Answer, type Context, coordinate } from "../lib/coordinate.ts";
import { addSummary, annotate, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { joinKnown, lookElsewhere } from "../lib/io/elsewhere.ts";
import { escalate, finish, openBoard } from "../lib/io/finish.ts";
import { type Rerun, rerunOnce } from "../lib/io/rerun.ts";
import {
  type Decided,
  failureIn,
  leave,
  nonce,
  openStep,
  random,
  type Step,
  type StepFlags,
  sleep,
  stateFolder,
  withGit,
} from "../lib/io/step.ts";
import { openLedger, ReadOnly, Unavailable, Unknown } from "../lib/ledger.ts";
import type { Failure } from "../lib/signature.ts";
import { similarity } from "../lib/similarity.ts";

type Flags = StepFlags & { readonly log: string; readonly checkout: string; readonly json?: boolean };

const rerunText: Readonly<Record<Rerun, string>> = {
  started: "its job runs once more",
  running: "its job can run once more when the whole run has ended",
  denied: "the token may not run it once more (actions: write)",
  none: "it is not run once more",
};

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "coordinate",
    "Report a failed flavor and decide: analyse, wait for a fix, test one, or leave.",
    "bun run scripts/coordinate.ts --log build.log",
  )
    .requiredOption("--log <file>", "what the failed build printed")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full (from the event, else GITHUB_SHA)")
    .option("--checkout <dir>", "the repository, read from where there are more than 32 flavors", ".")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the decision as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const config = configOf(environment, flags.config);
  if (!config.enabled) {
    const answer = {
      should_analyze: true,
      reason: "coordination_disabled",
      cause: 1,
      claim: "",
      wait_for_branch: "",
      issue_number: "",
      similarity: 0,
    } as const;
    setOutputs(answer, environment);
    return report(answer, undefined, flags, environment);
  }
  const place = placeOf(environment, flags);
  const failure = await failureOf(flags.log, environment);
  const opened = openStep(environment, flags);
  // A crowd reads over git, which costs nothing of the hourly limit; the server's clock is then taken to be ours.
  const step = config.flavors > crowd && existsSync(join(flags.checkout, ".git")) ? withGit(opened, flags.checkout, 0) : opened;
  await sleep(firstDelay(config.flavors, random()));
  const answer = await decideOrExplain(step, failure);
  if ("should_analyze" in answer) {
    setOutputs(answer, environment);
    stateFolder(environment, place);
    return report(answer, failure, flags, environment);
  }
  // The server's clock, for the steps that read over git.
  const skewMs = answer.coordination.facts.now - Date.now();
  let decided = await leave(step, failure, answer, skewMs);
  if (answer.analyze && decided.issue_number === "")
    decided = { ...decided, issue_number: (await openBoard(step, answer.coordination)) ?? "" };
  if (!answer.analyze) await follow(step, answer);
  if (decided.issue_number !== "") setOutputs({ issue_number: decided.issue_number }, environment);
  report(decided, failure, flags, environment);
}

async function failureOf(log: string, environment: Environment): Promise<Failure> {
  try {
    if (!statSync(log).isFile()) throw new CallError(`Cannot read the log ${log}: not a file`);
  } catch (error) {
    throw error instanceof CallError ? error : new CallError(`Cannot read the log ${log}: there is no such file`);
  }
  return failureIn(log, environment);
}

/** Other commits' coordinations are seen as refs: not with the issue lock. */
function elsewhereOf({ github, ledger, policy, lock }: Step): Partial<Context> {
  if (lock !== undefined) return {};
  return { elsewhere: (question) => lookElsewhere({ github, head: ledger.sha, threshold: policy.threshold, sleep, random }, question) };
}

/** What is said and done for who does not analyse; its failure is a warning. */
async function follow(step: Step, answer: Answer): Promise<void> {
  const { environment, store, place } = step;
  if (answer.reason === "escalated") await escalate(step, answer);
  else if (answer.known !== undefined) {
    const { known } = answer;
    try {
      await joinKnown(store, known, place.identity.flavor, { sleep, random });
      await finish({ ...step, place: { ...place, sha: known.sha }, ledger: openLedger(store, known.sha, { sleep, random }) });
    } catch (error) {
      annotate("warning", `Cannot show this flavor on the board of ${known.sha.slice(0, 7)}: ${error}`, environment);
    }
  } else if (answer.reason === "infrastructure" && answer.claim === undefined) {
    const rerun = await rerunOnce(step.github, place.identity);
    setOutputs({ rerun }, environment);
    annotate("notice", `The machine failed, not the code: ${rerunText[rerun]}`, environment);
    if (answer.coordination.facts.boards.length > 0) await finish(step);
  }
}

/** The answer; or, where GitHub does not let us have one, the outputs that say so. */
async function decideOrExplain(step: Step, failure: Failure): Promise<Answer | Decided> {
  const without = { cause: "", claim: "", wait_for_branch: "", issue_number: "", similarity: 0 } as const;
  try {
    const question = { failure, identity: step.place.identity, similarity };
    return await coordinate({ ledger: step.ledger, policy: step.policy, nonce, ...elsewhereOf(step) }, question);
  } catch (error) {
    if (error instanceof ReadOnly) {
      annotate("notice", `${error.message}. Pull requests from forks are not coordinated.`, step.environment);
      return { should_analyze: false, reason: "read_only_token", ...without };
    }
    if (!(error instanceof Unavailable)) throw error;
    // An unknown claim may be ours: analysing without knowing could pay twice.
    const analyze = step.config.on_error === "analyze" && !(error instanceof Unknown);
    annotate("warning", `${error.message} (on_error: ${step.config.on_error})`, step.environment);
    return { should_analyze: analyze, reason: "coordination_unavailable", ...without };
  }
}

function report(decided: Decided, failure: Failure | undefined, flags: Flags, environment: Environment): void {
  if (flags.json) process.stdout.write(`${JSON.stringify(decided)}\n`);
  const what = decided.should_analyze ? "analyse" : "do not analyse";
  process.stderr.write(
    `${what}: ${decided.reason}${decided.cause === "" ? "" : ` (cause ${decided.cause}, claim ${decided.claim || "none"})`}\n`,
  );
  void addSummary(
    "fixonce",
    [
      ["Decision", what],
      ["Reason", decided.reason],
      ["Failure", failure?.title ?? ""],
      ["Cause", String(decided.cause)],
    ],
    environment,
  );
}
