/**
 * Triage over GitHub: logs, decisions and verdicts for the failed flavors of a commit, and what the jobs that analyse need kept in a folder.
 *
 * @module
 */
import { join, relative } from "node:path";
import { causeOf } from "../coordinate.ts";
import { coordinationOf, type Fix } from "../coordination.ts";
import type { Question } from "../decide.ts";
import { signaturesOf } from "../groups.ts";
import { trailersOf } from "../occasion.ts";
import { type Failure, isVague } from "../signature.ts";
import { type FailedFlavor, failedFlavors, type Job, type LeftOut, onlyReports, passedFlavors, passingOf } from "../triage.ts";
import { verdictOn } from "../verdict.ts";
import { showKnown } from "./aside.ts";
import { decideOrExplain } from "./decide.ts";
import { escalate, finish } from "./finish.ts";
import type { Github } from "./github.ts";
import { downloadLog } from "./jobs.ts";
import { keep } from "./keep.ts";
import { githubRefs } from "./refs.ts";
import { openReports, type Reports } from "./reports.ts";
import { endedJobs, type FoundRun } from "./runs.ts";
import { type Decided, failureIn, openStep, outputsOf, type Step, type StepFlags, sleep, stateFolder } from "./step.ts";
import { recordVerdict } from "./verdict.ts";

/** What a job of the matrix takes: paths are relative to the folder. */
export type ToAnalyze = {
  readonly cause: number | "";
  readonly claim: number | "";
  readonly flavor: string;
  readonly reason: string;
  readonly title: string;
  readonly log: string;
  readonly state: string;
};
export type Told = Decided & { readonly flavor: string; readonly title: string };
export type Triaged = {
  /** The commit whose coordination this is: the failed one; for a run on a fix, the one that it fixes. */
  readonly sha: string;
  readonly folder: string;
  readonly causes: readonly ToAnalyze[];
  readonly decisions: readonly Told[];
  readonly left: readonly LeftOut[];
  readonly verdicts: readonly { readonly flavor: string; readonly verdict: string }[];
};
type Read = {
  readonly step: Step;
  readonly flavor: FailedFlavor;
  readonly failure: Failure;
  readonly log: string;
  /** The claim whose fix it failed with. */
  readonly joined?: number;
};

export type TriageInput = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: StepFlags;
  readonly runs: readonly FoundRun[];
  readonly jobs: readonly Job[];
};

/** Logs read at once. */
const downloads = 8;

/** Decides for every failed flavor of a commit. */
export async function triageCommit({ environment, flags, runs, jobs }: TriageInput, sha: string): Promise<Triaged> {
  const opened = openStep(environment, { ...flags, sha, flavor: "triage" });
  const { failed, left } = failedFlavors(runs, jobs, opened.config.flavor_names);
  const folder = folderOf(opened);
  const read = await readAll(opened, failed, jobs);
  const reporting = read.filter(({ flavor, failure }) => onlyReports(flavor, failed, failure));
  const decided = await decideAll(
    folder,
    read.filter((each) => !reporting.includes(each)),
    passingOf(runs, jobs, opened.config.flavor_names),
  );
  const why = "it only reports that another job failed";
  return { sha, folder, ...decided, left: [...left, ...reporting.map(({ flavor }) => ({ flavor: flavor.flavor, why }))], verdicts: [] };
}

/**
 * Records what a run on a fix says of it: who passed, who failed. Those that failed decide anew, and one of them tries again. What flavors
 * of other causes do there is no news.
 */
export async function triageFix({ environment, flags, runs, jobs }: TriageInput, { sha, cause, fix }: TestedFix): Promise<Triaged> {
  const opened = openStep(environment, { ...flags, sha, flavor: "triage" });
  const names = opened.config.flavor_names;
  const concerned = new Set(cause.flavors);
  const known = signaturesOf(cause);
  const verdicts: { flavor: string; verdict: string }[] = [];
  for (const flavor of passedFlavors(runs, jobs, names).filter((flavor) => concerned.has(flavor))) {
    await recordVerdict(opened.ledger, { fix, flavor, verdict: "passed" });
    verdicts.push({ flavor, verdict: "passed" });
  }
  const { failed, left } = failedFlavors(runs, jobs, names);
  const others = failed
    .filter(({ flavor }) => !concerned.has(flavor))
    .map(({ flavor }) => ({ flavor, why: "it did not fail with this cause" }));
  const all = await readAll(
    opened,
    failed.filter(({ flavor }) => concerned.has(flavor)),
    jobs,
  );
  // What the machine did says nothing about the fix: the flavor's next run does.
  const read = all.filter(({ failure }) => !failure.infrastructure);
  for (const { flavor } of all.filter(({ failure }) => failure.infrastructure))
    others.push({ flavor: flavor.flavor, why: "the machine failed, not the code: run its job again" });
  const tested: Read[] = [];
  for (const one of read) {
    const { failure } = one;
    const { flavor } = one.flavor;
    const verdict = verdictOn(failure, known, opened.policy.threshold);
    await recordVerdict(opened.ledger, { fix, flavor, verdict, failure });
    verdicts.push({ flavor, verdict });
    tested.push(verdict === "failed" ? { ...one, joined: fix.n } : one);
  }
  const folder = folderOf(opened);
  const decided = await decideAll(folder, tested, passingOf(runs, jobs, names));
  // The pull request is marked ready by a flavor of its cause.
  if (read.length === 0 && verdicts.length > 0) await finish(stepOf(opened, cause.flavors[0] ?? ""));
  return { sha, folder, ...decided, left: [...left, ...others], verdicts };
}

export type TestedFix = { readonly sha: string; readonly cause: ReturnType<typeof coordinationOf>["causes"][number]; readonly fix: Fix };

/**
 * The fix that a commit is; undefined for any other commit. Its message says so, and the ledger must say the same: anybody can write a message.
 */
export async function fixOf(
  github: Github,
  { environment, flags }: Pick<TriageInput, "environment" | "flags">,
  head: string,
): Promise<TestedFix | undefined> {
  const { coordination: sha } = trailersOf((await githubRefs(github, head).commit(head))?.message ?? "") ?? {};
  if (sha === undefined) return undefined;
  const { ledger } = openStep(environment, { ...flags, sha, flavor: "triage" });
  const { causes } = coordinationOf(await ledger.read({ signatures: true }));
  for (const cause of causes) {
    for (const { n, outcome } of cause.claims) {
      if (outcome?.result === "fixed" && outcome.fix === head)
        return { sha, cause, fix: { n, sha: head, branch: outcome.branch ?? "", outcome: outcome.sha } };
    }
  }
  return undefined;
}

function folderOf(step: Step): string {
  return join(stateFolder(step.environment, step.place), "..");
}

async function readAll(first: Step, failed: readonly FailedFlavor[], jobs: readonly Job[]): Promise<readonly Read[]> {
  const reports = openReports(first.github, failed, jobs);
  const read: Read[] = [];
  for (let at = 0; at < failed.length; at += downloads)
    read.push(...(await Promise.all(failed.slice(at, at + downloads).map((flavor) => readOne(first, flavor, reports)))));
  return read;
}

/** Downloads a flavor's log to its folder, and reads what failed; where the log does not name it, what test reports say stands at its end. */
async function readOne(first: Step, flavor: FailedFlavor, reports: Reports): Promise<Read> {
  const step = stepOf(first, flavor.flavor);
  const log = join(stateFolder(step.environment, step.place), "build.log");
  const size = await downloadLog(flavor.job.id, log, { github: step.github, sleep });
  process.stderr.write(`${flavor.flavor}: ${size === undefined ? "GitHub has no log of it" : `${size} bytes of log`}\n`);
  if (size === undefined) await Bun.write(log, "");
  const failure = await failureIn(log, step.secrets);
  const added = isVague(failure) && (await reports.append(flavor, failure, log));
  return { step, flavor, log, failure: added ? await failureIn(log, step.secrets) : failure };
}

async function decideAll(
  folder: string,
  read: readonly Read[],
  passing: readonly string[],
): Promise<Pick<Triaged, "causes" | "decisions">> {
  const causes: ToAnalyze[] = [];
  const decisions: Told[] = [];
  const ended = read[0] === undefined ? new Set<number>() : await endedClaims(read[0].step);
  for (const { step, flavor, failure, log, joined } of read) {
    const [decided, state] = await decideOne(step, failure, { ended, ...(joined !== undefined && { joined }) }, passing);
    decisions.push({ ...decided, flavor: flavor.flavor, title: failure.title });
    const { cause, claim, reason } = decided;
    const paths = { log: relative(folder, log), state: relative(folder, state) };
    if (decided.should_analyze) causes.push({ cause, claim, flavor: flavor.flavor, reason, title: failure.title, ...paths });
  }
  // Once for all: the board, with every flavor that joined.
  const first = read[0]?.step;
  if (first?.config.enabled && (await first.ledger.read().catch(() => undefined))?.claims.length) await finish(first);
  return { causes, decisions };
}

/** The decision for one flavor, and the folder in which it is kept. */
async function decideOne(
  step: Step,
  failure: Failure,
  more: Pick<Question, "ended" | "joined">,
  passing: readonly string[],
): Promise<readonly [Decided, string]> {
  const folder = stateFolder(step.environment, step.place);
  const alone = { cause: 1, claim: "", wait_for_branch: "", issue_number: "", similarity: 0 } as const;
  if (!step.config.enabled) return [{ should_analyze: true, reason: "coordination_disabled", ...alone }, folder];
  const answer = await decideOrExplain(step, failure, more);
  if ("should_analyze" in answer) return [answer, folder];
  if (answer.reason === "escalated" && causeOf(answer) !== undefined) await escalate(step, answer);
  await showKnown(step, answer);
  await keep(step, failure, answer, answer.coordination.facts.now - Date.now(), passing);
  return [outputsOf(answer), folder];
}

/** Claims whose run has ended without an outcome; none where that cannot be seen. Those of this triage are at work: one look serves all. */
async function endedClaims(step: Step): Promise<ReadonlySet<number>> {
  if (!step.config.enabled) return new Set();
  try {
    const { causes } = coordinationOf(await step.ledger.read());
    return await endedJobs(
      step.github,
      causes.flatMap(({ live }) => live),
    );
  } catch {
    return new Set();
  }
}

/**
 * The same step for another flavor. A claim is held by this run, which lasts until its causes are analysed: neither by the failed run nor
 * by this job, which are over before.
 */
function stepOf(step: Step, flavor: string): Step {
  const { jobId: _jobId, ...identity } = step.place.identity;
  return { ...step, place: { ...step.place, identity: { ...identity, flavor } } };
}
