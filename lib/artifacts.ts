/**
 * Which artifact of a run holds the test reports of a job. GitHub does not say which job uploaded one, so names decide.
 *
 * @module
 */
import type { Job } from "./triage.ts";

type Named = Pick<Job, "id" | "name">;
export type Artifact = { readonly id: number; readonly name: string; readonly bytes: number; readonly expired: boolean };

/** Zipped, in bytes: reports are text, and small. */
export const MAX_ARTIFACT = 50 * 2 ** 20;
/** Names under which reports are uploaded, the clearest first. */
const REPORTS = [/junit|xunit|surefire|trx/i, /tests?[-_. ]?(?:results?|reports?)/i, /results?|reports?/i];

/**
 * The artifact to read for a job. One of reports, whose name shares words with the job's that not every job of the run has, and more than with
 * any other job's. Else the only one of reports, where no name says whose it is, unless the job may just report the failure of others. Else
 * any that is named after the job.
 *
 * @param jobs All of the run.
 */
export function artifactOf(
  job: Named,
  jobs: readonly Named[],
  { artifacts, reporter }: { readonly artifacts: readonly Artifact[]; readonly reporter: boolean },
): Artifact | undefined {
  const there = artifacts
    .filter(({ name, bytes, expired }) => !expired && bytes <= MAX_ARTIFACT && !name.startsWith("fixonce-"))
    .toSorted((a, b) => clarity(a) - clarity(b) || b.id - a.id);
  const named = there.find((artifact) => ownerOf(artifact, jobs) === job.id);
  const reports = there.filter((artifact) => clarity(artifact) < REPORTS.length);
  const [only] = reports;
  if (reporter || only === undefined || (named !== undefined && clarity(named) < REPORTS.length)) return named;
  // The same name once more is of an earlier attempt.
  return reports.every(({ name }) => name === only.name) && ownerOf(only, jobs) === undefined ? only : named;
}

function clarity({ name }: Artifact): number {
  const index = REPORTS.findIndex((pattern) => pattern.test(name));
  return index < 0 ? REPORTS.length : index;
}

/** The job whose name shares the most telling words with an artifact's; undefined where none does, or several do alike. */
function ownerOf({ name }: Artifact, jobs: readonly Named[]): number | undefined {
  const told = wordsOf(name);
  const words = jobs.map((job) => ({ id: job.id, words: wordsOf(job.name) }));
  const scores = words.map(({ id, words: own }) => ({
    id,
    score: [...own].filter((word) => told.has(word) && (jobs.length === 1 || words.some((other) => !other.words.has(word)))).length,
  }));
  const best = Math.max(...scores.map(({ score }) => score));
  const [first, second] = scores.filter(({ score }) => score === best);
  return best > 0 && second === undefined ? first?.id : undefined;
}

function wordsOf(name: string): ReadonlySet<string> {
  const words = name.toLowerCase().match(/[a-z]+\d*|\d+/g) ?? [];
  // A job that is called "report" is not the one whose reports they are.
  return new Set(words.filter((word) => !/^(?:results?|reports?|artifacts?)$/.test(word)));
}
