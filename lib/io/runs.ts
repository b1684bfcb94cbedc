/**
 * Workflow runs and jobs: whether a claim's holder can still be at work, and what became of a commit.
 *
 * @see https://docs.github.com/en/rest/actions/workflow-jobs
 * @module
 */
import { z } from "zod";
import { type Claim, Denied, Unavailable } from "../ledger.ts";
import type { Run } from "../over.ts";
import type { Github } from "./github.ts";

const statusSchema = z.object({ status: z.string() });
const runSchema = z.object({
  id: z.number(),
  name: z.string().nullish(),
  workflow_id: z.number(),
  event: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  head_branch: z.string().nullable(),
  head_sha: z.string(),
  run_attempt: z.number().default(1),
  head_repository: z.object({ full_name: z.string() }).nullish(),
});
export type FoundRun = Run & {
  readonly attempt: number;
  readonly sha: string;
  /** Full name of the repository that its code is from; empty where that was deleted. */
  readonly from: string;
};

/** One run as it stands; undefined where there is none. */
export async function runOf(github: Github, id: number): Promise<FoundRun | undefined> {
  const reply = await github.read("GET /repos/{owner}/{repo}/actions/runs/{run_id}", { run_id: id });
  return foundRun(github, reply?.data);
}

/** The runs that built a commit, each with its newest attempt. Runs that only react to others' (ours among them) build nothing. */
export async function runsOf(github: Github, sha: string): Promise<readonly FoundRun[]> {
  const route = "GET /repos/{owner}/{repo}/actions/runs";
  const { items } = await github.list(route, { head_sha: sha, per_page: 100 }, { pages: 10, key: "workflow_runs" });
  return items.flatMap((item) => foundRun(github, item) ?? []).filter((run) => run.event !== "workflow_run" && run.sha === sha);
}

function foundRun({ owner, repo }: Github, item: unknown): FoundRun | undefined {
  const run = runSchema.safeParse(item).data;
  if (run === undefined) return undefined;
  const { id, name, workflow_id, event, status, conclusion, head_branch, head_sha, run_attempt, head_repository } = run;
  return {
    id,
    workflow: workflow_id,
    name: name ?? "",
    event,
    status: status ?? "",
    conclusion,
    branch: head_branch ?? "",
    own: head_repository?.full_name.toLowerCase() === `${owner}/${repo}`.toLowerCase(),
    attempt: run_attempt,
    sha: head_sha,
    from: head_repository?.full_name ?? "",
  };
}

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
