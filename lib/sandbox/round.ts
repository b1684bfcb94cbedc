/**
 * One round of the race: a repository with a broken commit, every flavor's job on it, and what came of it, measured from outside.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJob } from "./job.ts";
import { judge } from "./judge.ts";
import { brokenFiles, logOf, projectFiles } from "./projects.ts";
import { type Head, type Job, keyOf, type Opened, type Ran, type RoundOptions, type RoundResult } from "./racing.ts";
import { defectFor, systemOf } from "./scenarios.ts";

/** A round that is set up: its flavors have failed, and wait for the start. */
export type Round = {
  readonly opened: Opened;
  /** Runs every flavor's job to its end. */
  race(): Promise<void>;
  /** Measures what came of it, without lag and faults. */
  judge(): Promise<RoundResult>;
};

/** Makes the repository, breaks it, clones it for every flavor and lets every build fail. */
export async function openRound(options: RoundOptions): Promise<Round> {
  const { scenario, flavors, random, folder } = options;
  mkdirSync(folder, { recursive: true });
  const files = { good: projectFiles(options.project), broken: brokenFiles(options.project, scenario) };
  const opened = await options.place.open(files, options.number);
  const jobs: Started[] = flavors.map((flavor) => openOne(options, opened, flavor));
  const prepare = async ({ job }: Started) => {
    if ((await job.prepare()) && !options.stop.aborted) throw new Error(`The build of ${job.flavor} passes: there is nothing to race for`);
  };
  for (let i = 0; i < jobs.length && !options.stop.aborted; i += 4) await Promise.all(jobs.slice(i, i + 4).map(prepare));

  let victims = options.kills;
  const doomed = new Set<string>();
  // Only a leader asks the model, however its job is cut into steps. It dies in its analysis, or within the writes that follow.
  const doom = (flavor: string) => {
    if (victims <= 0 || doomed.has(flavor)) return;
    victims--;
    doomed.add(flavor);
    setTimeout(() => jobs.findLast(({ job }) => job.flavor === flavor)?.job.kill(), random() * killWithinMs);
  };
  for (const flavor of flavors) options.asked.set(keyOf(options, flavor), () => doom(flavor));
  const run = async ({ job, end }: Started): Promise<void> => {
    const result = await job.run();
    end(result.verdict === "passed");
    ran.push({ job, result });
  };
  const start = async (started: Started, index: number): Promise<void> => {
    await Bun.sleep(options.stagger(index));
    await run(started);
  };
  const ran: Ran[] = [];
  const dispatched = new Set<Promise<void>>();
  opened.onDispatch((flavor, on) => {
    // Whoever stops has killed what ran, and hears of nothing new.
    if (options.stop.aborted) return;
    const started = openOne(options, opened, flavor, on);
    jobs.push(started);
    options.onStep(flavor, "dispatched");
    const running = started.job.prepare().then(() => run(started));
    // Awaited at the end of the race; that it failed before then is not lost, and not unhandled.
    running.catch(() => {});
    dispatched.add(running);
  });
  let requests: Readonly<Record<string, number>> = {};

  return {
    opened,
    async race() {
      const kill = () => {
        for (const { job } of jobs) job.kill();
      };
      options.stop.addEventListener("abort", kill, { once: true });
      if (options.stop.aborted) kill();
      try {
        const early = flavors.length - (scenario.late ?? 0);
        await Promise.all(jobs.slice(0, early).map(start));
        await Promise.all(jobs.slice(early, flavors.length).map(start));
        // Each may start others: a fix that failed there is followed by the next.
        for (const one of dispatched) await one;
      } catch (error) {
        // What was killed could not go on.
        if (!options.stop.aborted) throw error;
      } finally {
        options.stop.removeEventListener("abort", kill);
      }
      requests = Object.fromEntries(flavors.map((flavor) => [flavor, opened.requests(flavor) ?? 0]));
    },
    async judge() {
      const result = await judge(options, ran, requests);
      writeFileSync(join(folder, "result.json"), JSON.stringify({ result, results: ran.map(({ result }) => result) }, null, 1));
      await opened.close();
      return result;
    },
  };
}

/** A job, and how its run ends. */
type Started = { readonly job: Job; readonly end: (ok: boolean) => void };
/** A leader that is to die dies so long after its question at most, in ms: it must not have ended by then. */
const killWithinMs = 800;

function openOne(options: RoundOptions, opened: Opened, flavor: string, on?: Head): Started {
  const { scenario, project } = options;
  const { token, runId, jobId, end } = opened.flavor(flavor, on);
  const { sha, branch } = on ?? opened;
  const defect = defectFor(scenario, flavor);
  const folder = join(options.folder, `${flavor.replace(/[^A-Za-z0-9_-]/g, "_")}-${runId}`);
  const log = logOf(defect, flavor);
  const job = openJob({
    flavor,
    folder,
    gitUrl: opened.gitUrl,
    sha,
    branch,
    defaultBranch: opened.branch,
    lock: options.lock,
    command: project.command,
    ...(log !== undefined && { toolchain: { module: defect.module, log } }),
    whole: options.whole === true || on !== undefined,
    now: () => Date.now(),
    onStep: options.onStep,
    environment: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: opened.repository,
      GITHUB_API_URL: opened.apiUrl,
      GITHUB_SERVER_URL: opened.serverUrl,
      GITHUB_SHA: sha,
      GITHUB_REF: `refs/heads/${branch}`,
      GITHUB_REF_NAME: branch,
      GITHUB_EVENT_NAME: on === undefined ? "push" : "workflow_dispatch",
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_WORKFLOW: `CI ${flavor}`,
      GITHUB_JOB: "build",
      GITHUB_RUN_ID: String(runId),
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_TOKEN: token,
      RUNNER_OS: systemOf(scenario, flavor),
      BUILD_FLAVOR: flavor,
      FIXONCE_LOCK: options.lock === "issue" ? "issue" : "ref",
      FIXONCE_WAIT: options.wait ?? "poll",
      FIXONCE_FLAVORS: String(options.flavors.length),
      FIXONCE_POLL_SECONDS: "1",
      FIXONCE_SETTLE_SECONDS: String(options.settleSeconds),
      ...(jobId !== undefined && { FIXONCE_JOB_ID: String(jobId) }),
    },
    secrets: { ANTHROPIC_API_KEY: keyOf(options, flavor), ANTHROPIC_BASE_URL: options.messagesUrl },
  });
  return { job, end };
}
