/**
 * Starts the workflows that failed at a commit on the branch of its fix: the one event that `GITHUB_TOKEN` may cause.
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
 * @module
 */
import type { Fix } from "../coordination.ts";
import { Denied } from "../ledger.ts";
import { annotate } from "./actions.ts";
import { runsOf } from "./runs.ts";
import type { Step } from "./step.ts";

/** Conclusions of runs that a fix may turn. */
const red: readonly (string | null)[] = ["failure", "timed_out"];

/** Names of the workflows that were started; what cannot be started is a warning that says what to do. */
export async function startFailed(step: Step, { n, sha, branch }: Fix): Promise<readonly string[]> {
  const { github, place, environment } = step;
  // The run that we are part of failed as well: its builds have ended, it has not.
  const ours = Number(environment.GITHUB_RUN_ID ?? 0);
  const runs = (await runsOf(github, place.sha)).filter(({ id, own, conclusion }) => own && (id === ours || red.includes(conclusion)));
  const { notices } = await step.ledger.read();
  const started: string[] = [];
  for (const [workflow, name] of new Map(runs.map((run) => [run.workflow, run.name]))) {
    const notice = { kind: "notice", name: `dispatched-${n}-${workflow}` } as const;
    // Started already for a flavor that left its job.
    if (notices.includes(notice.name)) continue;
    const route = "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches";
    const why = await github.write(route, { workflow_id: workflow, ref: branch }).then(
      (written) => (written.clear ? undefined : `${written.why} (its trigger must be there on this branch: workflow_dispatch)`),
      (error: unknown) => (error instanceof Denied ? "the token needs actions: write" : messageOf(error)),
    );
    await step.ledger.state(notice, sha);
    if (why === undefined) started.push(name);
    else annotate("warning", `Cannot start "${name}" on ${branch}: ${why}`, environment);
  }
  return started;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
