/**
 * From the runs and jobs of a commit to its failed flavors.
 *
 * A flavor is a workflow and a job with its matrix, however many runs built it: a push and its pull request run the same flavors twice.
 *
 * @module
 */
import { flavorName } from "./flavor.ts";
import { areGreen, newestRuns, type Run } from "./over.ts";
import type { Failure } from "./signature.ts";

export type Job = {
  readonly id: number;
  readonly run: number;
  readonly attempt: number;
  /** With its matrix, and the caller of a reusable workflow: `ci / build (arm64)`. */
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  /** In milliseconds; 0 where it did not happen. */
  readonly started: number;
  readonly completed: number;
  /** Conclusions of its steps; none where GitHub does not tell. */
  readonly steps: readonly string[];
};

export type FailedFlavor = { readonly flavor: string; readonly job: Job; readonly run: Run };
export type LeftOut = { readonly flavor: string; readonly why: string };

/** The flavors that failed by themselves, in the order of their jobs, and the jobs that are none. */
export function failedFlavors(
  runs: readonly Run[],
  jobs: readonly Job[],
  names: Readonly<Record<string, string>>,
): { readonly failed: readonly FailedFlavor[]; readonly left: readonly LeftOut[] } {
  const counted = new Map(newestRuns(runs).map((run) => [run.id, run]));
  const failed = new Map<string, FailedFlavor>();
  const left: LeftOut[] = [];
  for (const job of [...jobs].sort((a, b) => b.run - a.run || b.attempt - a.attempt || a.id - b.id)) {
    const run = counted.get(job.run);
    if (run === undefined || job.status !== "completed") continue;
    const flavor = flavorOf(run, job, names);
    const why = notItsOwn(job);
    if (job.conclusion === "success" || failed.has(flavor)) continue;
    if (why === undefined) failed.set(flavor, { flavor, job, run });
    else left.push({ flavor, why });
  }
  const byJob = [...failed.values()].sort((a, b) => a.job.started - b.job.started || a.job.id - b.job.id);
  return { failed: byJob, left: left.filter(({ flavor }) => !failed.has(flavor)) };
}

/** The flavors that passed: none of their counted jobs failed, and one succeeded. */
export function passedFlavors(runs: readonly Run[], jobs: readonly Job[], names: Readonly<Record<string, string>>): readonly string[] {
  const counted = new Map(newestRuns(runs).map((run) => [run.id, run]));
  const ends = new Map<string, (string | null)[]>();
  for (const job of jobs) {
    const run = counted.get(job.run);
    const flavor = run && flavorOf(run, job, names);
    if (flavor !== undefined) ends.set(flavor, [...(ends.get(flavor) ?? []), job.conclusion]);
  }
  return [...ends].flatMap(([flavor, all]) => (areGreen(all) ? [flavor] : []));
}

/** What passes at the commit, for the model: flavors, and of runs that succeeded as a whole, whose jobs nobody reads, the workflows. */
export function passingOf(runs: readonly Run[], jobs: readonly Job[], names: Readonly<Record<string, string>>): readonly string[] {
  const whole = newestRuns(runs).filter(({ id, conclusion }) => conclusion === "success" && !jobs.some(({ run }) => run === id));
  return [...passedFlavors(runs, jobs, names), ...whole.map(({ name }) => flavorName(name))];
}

/** The name of a job's flavor: what the configuration calls it, else workflow and job. */
export function flavorOf(run: Run, job: Pick<Job, "name">, names: Readonly<Record<string, string>>): string {
  const full = `${run.name} / ${job.name}`;
  return flavorName(names[full] ?? names[job.name] ?? full);
}

/** Why a job that did not succeed is no failed flavor; undefined when it is one. */
function notItsOwn({ conclusion, steps }: Job): string | undefined {
  if (conclusion === "timed_out") return undefined;
  if (conclusion !== "failure") return conclusion ?? "unfinished";
  return steps.length > 0 && !steps.some((step) => step === "failure" || step === "timed_out") ? "none of its own steps failed" : undefined;
}

/**
 * A job that began after another of its run had failed, and whose log says nothing of its own, only reports that failure: "all green?"
 * jobs, notifiers, uploads of results.
 */
export function onlyReports(flavor: FailedFlavor, all: readonly FailedFlavor[], failure: Failure): boolean {
  return (
    failure.unrecognized &&
    all.some(
      ({ job }) => job.id !== flavor.job.id && job.run === flavor.job.run && job.completed > 0 && job.completed <= flavor.job.started,
    )
  );
}
