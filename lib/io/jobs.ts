/**
 * Jobs of runs, and their logs: streamed to a file, whatever their size, and asked for again while their end is missing.
 *
 * @see https://docs.github.com/en/rest/actions/workflow-jobs
 * @module
 */
import { z } from "zod";
import type { Job } from "../triage.ts";
import { download } from "./download.ts";
import type { Github } from "./github.ts";

const jobSchema = z.object({
  id: z.number(),
  run_id: z.number(),
  run_attempt: z.number().default(1),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  steps: z.array(z.object({ conclusion: z.string().nullish() })).nullish(),
});

/**
 * The newest attempt of every job of a run. All attempts are asked for: after a re-run of some jobs GitHub's `latest` has been seen to list
 * those alone (github.com/r-universe-org/help/issues/607), and what was not run again still counts.
 */
export async function jobsOf(github: Github, run: number): Promise<readonly Job[]> {
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs";
  const { items } = await github.list(route, { run_id: run, filter: "all", per_page: 100 }, { key: "jobs" });
  const jobs = items.flatMap((item) => jobOf(item) ?? []);
  const newest = new Map<string, number>();
  for (const { name, attempt } of jobs) newest.set(name, Math.max(attempt, newest.get(name) ?? 0));
  return jobs.filter(({ name, attempt }) => attempt === newest.get(name));
}

function jobOf(item: unknown): Job | undefined {
  const job = jobSchema.safeParse(item).data;
  if (job === undefined) return undefined;
  const { id, run_id, run_attempt, name, status, conclusion, started_at, completed_at, steps } = job;
  return {
    ...{ id, run: run_id, attempt: run_attempt, name, status, conclusion },
    started: Date.parse(started_at ?? "") || 0,
    completed: Date.parse(completed_at ?? "") || 0,
    steps: (steps ?? []).map(({ conclusion }) => conclusion ?? ""),
  };
}

export type LogOptions = {
  readonly github: Github;
  readonly sleep: (ms: number) => Promise<void>;
  /** First pause before a log is asked for again, in milliseconds. @default 1500 */
  readonly pauseMs?: number;
  /** What is beyond is cut off, in bytes. @default 1 GiB */
  readonly maxBytes?: number;
};

/** Times that one log is asked for. */
const tries = 4;
/** What stands at the end of a log that is whole; a runner's own words. */
const ending = /##\[error\]|Cleaning up orphan processes|Post job cleanup/;

/**
 * Downloads a job's log to a file, and returns its size in bytes; undefined where GitHub has none (a runner that was lost leaves none).
 *
 * Right after a job its log can lack its end, or be missing: it is asked for again until it ends as a log does, or grows no more over two pauses.
 */
export async function downloadLog(job: number, path: string, options: LogOptions): Promise<number | undefined> {
  const { github, sleep, pauseMs = 1500, maxBytes = 2 ** 30 } = options;
  let before: number | undefined;
  let still = 0;
  for (let attempt = 0; attempt < tries; attempt++) {
    const location = await github.locate("GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs", { job_id: job });
    const size = location === undefined ? undefined : await download(location, path, maxBytes);
    still = size !== undefined && size === before ? still + 1 : 0;
    if (size !== undefined && (still === 2 || ending.test(await tailOf(path)))) return size;
    before = size ?? before;
    if (attempt < tries - 1) await sleep(pauseMs * 2 ** attempt);
  }
  return before;
}

function tailOf(path: string): Promise<string> {
  return Bun.file(path).slice(-65_536).text();
}
