/**
 * A flavor failed: its failure told to the ledger, the decision left for the next steps, and the board opened by whoever is first.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { crowd, firstDelay } from "../backoff.ts";
import { isWaitingReason } from "../coordinate.ts";
import type { Failure } from "../signature.ts";
import { setOutputs } from "./actions.ts";
import { stepAside } from "./aside.ts";
import { CallError } from "./command.ts";
import { decideOrExplain } from "./decide.ts";
import { openBoard } from "./finish.ts";
import { leave } from "./keep.ts";
import { type Decided, failureIn, random, type Step, sleep, stateFolder, withGit } from "./step.ts";

/** What is said where coordination is switched off. */
export const disabled: Decided = {
  should_analyze: true,
  reason: "coordination_disabled",
  cause: 1,
  claim: "",
  wait_for_branch: "",
  issue_number: "",
  similarity: 0,
};

/** What a log failed with, without `secrets`; a log that is not there is a `CallError`. */
export async function failureOf(log: string, secrets: readonly string[]): Promise<Failure> {
  try {
    if (!statSync(log).isFile()) throw new CallError(`Cannot read the log ${log}: not a file`);
  } catch (error) {
    throw error instanceof CallError ? error : new CallError(`Cannot read the log ${log}: there is no such file`);
  }
  return failureIn(log, secrets);
}

/**
 * Reports a failure and decides; outputs and state are left, and where GitHub gives no answer the outputs say so.
 *
 * @param joined The claim that this failure held or joined before.
 */
export async function reportFailure(opened: Step, failure: Failure, checkout: string, joined?: number): Promise<Decided> {
  const { config, environment, place } = opened;
  // A crowd reads over git, which costs nothing of the hourly limit; the server's clock is then taken to be ours.
  const step = config.flavors > crowd && existsSync(join(checkout, ".git")) ? withGit(opened, checkout, 0) : opened;
  await sleep(firstDelay(config.flavors, random()));
  const more = joined === undefined ? {} : { joined };
  let answer = await decideOrExplain(step, failure, more);
  const leaves = config.wait === "dispatch";
  // The fix may have come between reading and joining: whoever published it then may not have seen us.
  if (leaves && isWaitingReason(answer.reason)) answer = await decideOrExplain(step, failure, more);
  if ("should_analyze" in answer) {
    await setOutputs(answer, environment);
    stateFolder(environment, place);
    return answer;
  }
  // The server's clock, for the steps that read over git.
  const skewMs = answer.coordination.facts.now - Date.now();
  let decided = await leave(step, failure, answer, skewMs);
  if (leaves && isWaitingReason(answer.reason)) decided = { ...decided, dispatched: true };
  if (answer.analyze && decided.issue_number === "")
    decided = { ...decided, issue_number: (await openBoard(step, answer.coordination)) ?? "" };
  if (!answer.analyze) await stepAside(step, answer);
  await setOutputs({ dispatched: decided.dispatched === true }, environment);
  if (decided.issue_number !== "") await setOutputs({ issue_number: decided.issue_number }, environment);
  return decided;
}
