#!/usr/bin/env bun
/**
 * This flavor failed: report it, and decide whether it analyses, waits for a fix, tests one, or leaves.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { crowd, firstDelay } from "../lib/backoff.ts";
import type { Answer } from "../lib/coordinate.ts";
import { coordinate } from "../lib/coordinate.ts";
import { addSummary, annotate, checkOutputs, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { bytesOf } from "../lib/io/bytes.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { escalate, openBoard } from "../lib/io/finish.ts";
import {
  configOf,
  type Decided,
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
import { ReadOnly, Unavailable, Unknown } from "../lib/ledger.ts";
import { type Failure, readFailure } from "../lib/signature.ts";
import { similarity } from "../lib/similarity.ts";

type Flags = StepFlags & { readonly log?: string; readonly checkout: string; readonly json?: boolean };

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "coordinate",
    "Report a failed flavor and decide: analyse, wait for a fix, test one, or leave.",
    "bun run scripts/coordinate.ts --log build.log",
  )
    .option("--log <file>", "what the failed build printed")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full (from the event, else GITHUB_SHA)")
    .option("--checkout <dir>", "the repository, read from where there are more than 32 flavors", ".")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the decision as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const { log } = flags;
  if (log === undefined) throw new CallError("No log: pass --log <file>, with what the failed build printed");
  const config = configOf(environment, flags.config);
  checkOutputs(environment);
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
  const failure = await failureOf(log);
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
  let decided = leave(step, failure, answer, skewMs);
  if (answer.analyze && decided.issue_number === "")
    decided = { ...decided, issue_number: (await openBoard(step, answer.coordination)) ?? "" };
  if (answer.reason === "escalated") await escalate(step, answer);
  if (decided.issue_number !== "") setOutputs({ issue_number: decided.issue_number }, environment);
  await report(decided, failure, flags, environment);
}

async function failureOf(log: string): Promise<Failure> {
  try {
    if (!statSync(log).isFile()) throw new CallError(`Cannot read the log ${log}: not a file`);
  } catch (error) {
    throw error instanceof CallError ? error : new CallError(`Cannot read the log ${log}: there is no such file`);
  }
  return readFailure(bytesOf(log));
}

/** The answer; or, where GitHub does not let us have one, the outputs that say so. */
async function decideOrExplain(step: Step, failure: Failure): Promise<Answer | Decided> {
  const without = { cause: "", claim: "", wait_for_branch: "", issue_number: "", similarity: 0 } as const;
  try {
    const question = { failure, identity: step.place.identity, similarity };
    return await coordinate({ ledger: step.ledger, policy: step.policy, nonce }, question);
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

async function report(decided: Decided, failure: Failure | undefined, flags: Flags, environment: Environment): Promise<void> {
  if (flags.json) process.stdout.write(`${JSON.stringify(decided)}\n`);
  const what = decided.should_analyze ? "analyse" : "do not analyse";
  process.stderr.write(
    `${what}: ${decided.reason}${decided.cause === "" ? "" : ` (cause ${decided.cause}, claim ${decided.claim || "none"})`}\n`,
  );
  await addSummary(
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
