/**
 * What the harness does to workflow runs from inside the process: make them, write their logs, end them.
 *
 * @module
 */
import { latest } from "./history.ts";
import type { Artifact, Conclusion, Job, JobStep, Repository, Run, Workflow } from "./repository.ts";

export type RunOptions = {
  readonly workflow: Workflow;
  readonly headSha: string;
  readonly headBranch: string;
  /** Full name of the fork that it comes from. @default the repository itself */
  readonly headRepository?: string;
  /** @default "push" */
  readonly event?: string;
  /** @default "octocat" */
  readonly actor?: string;
  readonly title?: string;
};

/** The runs of one repository. */
export type Runs = {
  /** @param dispatch whether it has a `workflow_dispatch` trigger */
  createWorkflow(path: string, name: string, dispatch: boolean): Workflow;
  /** A run that is in progress. */
  createRun(options: RunOptions): Run;
  /** A job that is in progress. */
  createJob(runId: number, name: string, labels?: readonly string[]): Job;
  startJob(jobId: number): void;
  /** Appends to a job's log, readable after a while: a log can still be incomplete when the job has ended. */
  appendLog(jobId: number, text: string, readableInMs?: number): void;
  completeJob(jobId: number, conclusion: Conclusion, steps?: readonly JobStep[]): void;
  /** What a job of the run uploads; expired it is listed, and cannot be downloaded. */
  addArtifact(runId: number, name: string, zip: Uint8Array, expired?: boolean): Artifact;
  /** Ends a run; without a conclusion it follows from its jobs. */
  completeRun(runId: number, conclusion?: Conclusion): void;
  run(runId: number): Run | undefined;
  jobs(runId: number): readonly Job[];
};

/** Each job's newest attempt: what was not run again still counts, with its end of before. Jobs of one name and attempt are several. */
export function newestJobs(jobs: readonly Job[]): readonly Job[] {
  return jobs.filter((job) => !jobs.some((other) => other.name === job.name && other.attempt > job.attempt));
}

/**
 * Opens the harness's side of runs and jobs.
 *
 * @param now the server's own clock, which may be skewed
 * @param at the clock of the histories
 */
export function openRuns(repo: Repository, now: () => number, at: () => number): Runs {
  const jobs = (runId: number) =>
    repo.jobs
      .entries(latest)
      .map(([, job]) => job)
      .filter((job) => job.run === runId);

  function change(jobId: number, update: (job: Job) => Job): void {
    const job = repo.jobs.get(jobId, latest);
    if (job === undefined) throw new Error(`Cannot change job ${jobId}: there is none`);
    repo.jobs.set(jobId, update(job), at());
  }

  return {
    createWorkflow(path, name, dispatch) {
      const workflow: Workflow = { id: repo.nextId(), name, path, dispatch, createdAt: now() };
      repo.workflows.set(workflow.id, workflow, at());
      return workflow;
    },
    createRun(options) {
      const number = repo.runs.entries(latest).filter(([, run]) => run.workflow === options.workflow.id).length + 1;
      const run: Run = {
        ...{ id: repo.nextId(), number, attempt: 1, workflow: options.workflow.id, event: options.event ?? "push" },
        ...{
          headSha: options.headSha,
          headBranch: options.headBranch,
          ...(options.headRepository && { headRepository: options.headRepository }),
          title: options.title ?? options.workflow.name,
          actor: options.actor ?? "octocat",
        },
        ...{ status: "in_progress", conclusion: null, createdAt: now(), updatedAt: now() },
      };
      repo.runs.set(run.id, run, at());
      return run;
    },
    createJob(runId, name, labels = ["ubuntu-latest"]) {
      const attempt = repo.runs.get(runId, latest)?.attempt ?? 1;
      const job: Job = {
        ...{ id: repo.nextId(), run: runId, attempt, name, labels, status: "in_progress", conclusion: null },
        ...{ createdAt: now(), startedAt: now(), completedAt: undefined, log: [], steps: [] },
      };
      repo.jobs.set(job.id, job, at());
      return job;
    },
    startJob: (jobId) => change(jobId, (job) => ({ ...job, status: "in_progress", startedAt: now() })),
    appendLog: (jobId, text, readableInMs = 0) =>
      change(jobId, (job) => ({ ...job, log: [...job.log, { at: at() + readableInMs, text }] })),
    completeJob: (jobId, conclusion, steps = []) =>
      change(jobId, (job) => ({ ...job, status: "completed", conclusion, steps, completedAt: now() })),
    addArtifact(runId, name, zip, expired = false) {
      const artifact: Artifact = { id: repo.nextId(), run: runId, name, zip, expired, createdAt: now() };
      repo.artifacts.set(artifact.id, artifact, at());
      return artifact;
    },
    completeRun(runId, conclusion) {
      const run = repo.runs.get(runId, latest);
      if (run === undefined) throw new Error(`Cannot complete run ${runId}: there is none`);
      const ends = newestJobs(jobs(runId)).map((job) => job.conclusion);
      const derived = ends.every((end) => end === "success" || end === "skipped")
        ? "success"
        : ends.includes("cancelled")
          ? "cancelled"
          : "failure";
      repo.runs.set(runId, { ...run, status: "completed", conclusion: conclusion ?? derived, updatedAt: now() }, at());
    },
    run: (runId) => repo.runs.get(runId, latest),
    jobs,
  };
}
