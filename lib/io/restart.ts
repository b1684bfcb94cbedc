/**
 * Starts the workflows that failed at a commit on the branch of its fix: the one event that `GITHUB_TOKEN` may cause.
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
 * @module
 */
import type { Fix } from "../coordination.ts";
import { startOnce } from "./dispatch.ts";
import { runsOf } from "./runs.ts";
import type { Step } from "./step.ts";

/** Conclusions of runs that a fix may turn. */
const red: readonly (string | null)[] = ["failure", "timed_out"];

/** Names of the workflows that were started; what cannot be started is a warning that says what to do. */
export async function startFailed(step: Step, fix: Fix): Promise<readonly string[]> {
  const { github, place, environment } = step;
  // The run that we are part of failed as well: its builds have ended, it has not.
  const ours = Number(environment.GITHUB_RUN_ID ?? 0);
  const runs = (await runsOf(github, place.sha)).filter(({ id, own, conclusion }) => own && (id === ours || red.includes(conclusion)));
  const { notices } = await step.ledger.read();
  const started: string[] = [];
  for (const [id, name] of new Map(runs.map((run) => [run.workflow, run.name])))
    if (await startOnce(step, fix, { id, name }, notices)) started.push(name);
  return started;
}
