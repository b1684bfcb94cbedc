/**
 * One more run of a job: of one that the machine failed, in place of a model call; and of a leader's that died, by the sweep.
 *
 * GitHub re-runs a job only when its run has ended, so a job cannot ask for itself while others of its run are at work, and never for its
 * own run: there the answer is `running`, and whoever sees the run end (`workflow_run`) asks again.
 *
 * @see https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-job-from-a-workflow-run
 * @module
 */
import { type Coordination, lostLeader } from "../coordination.ts";
import type { Ledger } from "../ledger.ts";
import type { Identity } from "../payload.ts";
import type { Github } from "./github.ts";

export type Rerun =
  | "started"
  /** The run has not ended. */
  | "running"
  /** The token may not (`actions: write`), or there is no such run. */
  | "denied"
  /** It was a re-run already, or nobody knows which run it is. */
  | "none";

/** Asks for one re-run of the job, of its run's failed jobs where its id is not known; never of what was re-run before. */
export async function rerunOnce(github: Github, { runId, jobId, runAttempt }: Identity): Promise<Rerun> {
  if (runAttempt !== 1 || runId === 0) return "none";
  try {
    const written =
      jobId === undefined
        ? await github.write("POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs", { run_id: runId })
        : await github.write("POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun", { job_id: jobId });
    return written.clear ? "started" : "none";
  } catch (error) {
    return error instanceof Error && /already running/i.test(error.message) ? "running" : "denied";
  }
}

/** Has the jobs of leaders that are gone run once more: each takes its cause over. In words for people. */
export async function rerunLeaders(github: Github, { causes, facts }: Coordination, ledger: Ledger, leaseMs: number): Promise<string[]> {
  const said: string[] = [];
  for (const cause of causes) {
    const claim = lostLeader(cause, facts.now, leaseMs);
    const notice = { kind: "notice", name: `rerun-${claim?.n}` } as const;
    if (claim === undefined || facts.notices.includes(notice.name)) continue;
    const rerun = await rerunOnce(github, claim);
    if (rerun === "denied")
      said.push(`the leader of cause ${cause.cause} is gone, and the token may not run its job again (actions: write)`);
    if (rerun !== "started") continue;
    // After the start, so that a crash in between costs a run and not the cause.
    await ledger.state(notice, claim.sha);
    said.push(`the leader of cause ${cause.cause} was gone, its job runs again`);
  }
  return said;
}
