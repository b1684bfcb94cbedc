/**
 * Workflow runs and jobs: whether a claim's holder can still be at work.
 *
 * @see https://docs.github.com/en/rest/actions/workflow-jobs
 * @module
 */
import { z } from "zod";
import { type Claim, Denied, Unavailable } from "../ledger.ts";
import type { Github } from "./github.ts";

const statusSchema = z.object({ status: z.string() });

/**
 * The claims whose job has completed; where the job's id is not known, whose run attempt has. What cannot be seen (no permission, no answer)
 * counts as at work: then the lease decides. Unchanged answers cost nothing of the hourly limit.
 */
export async function endedJobs(github: Github, claims: readonly Claim[]): Promise<ReadonlySet<number>> {
  const ended = new Set<number>();
  for (const { n, jobId, runId, runAttempt } of claims) {
    if (runId === 0) continue;
    try {
      const reply =
        jobId === undefined
          ? await github.read(
              "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
              { run_id: runId, attempt_number: runAttempt },
              { etag: true },
            )
          : await github.read("GET /repos/{owner}/{repo}/actions/jobs/{job_id}", { job_id: jobId }, { etag: true });
      if (statusSchema.safeParse(reply?.data).data?.status === "completed") ended.add(n);
    } catch (error) {
      if (!(error instanceof Denied || error instanceof Unavailable)) throw error;
    }
  }
  return ended;
}
