/**
 * One round of the race: a repository with a broken commit, every flavor's job on it, and what came of it, measured from outside.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Jitter } from "./duration.ts";
import { type Job, type JobDecision, type JobResult, openJob } from "./job.ts";
import { judge } from "./judge.ts";
import type { MessageCall } from "./messages.ts";
import { brokenFiles, logOf, type Project, projectFiles } from "./projects.ts";
import { defectFor, type Scenario, systemOf } from "./scenarios.ts";

export type Lock = "ref" | "issue" | "prototype";

export type RoundOptions = {
  readonly number: number;
  readonly flavors: readonly string[];
  readonly project: Project;
  readonly scenario: Scenario;
  readonly lock: Lock;
  /** Followers wait in their jobs, or leave and are dispatched. @default "poll" */
  readonly wait?: "poll" | "dispatch";
  /** Jobs run `respond.ts` alone. @default false */
  readonly whole?: boolean;
  readonly stagger: Jitter;
  /** Leaders to kill at random moments. */
  readonly kills: number;
  readonly folder: string;
  readonly random: () => number;
  readonly place: Place;
  /** What the model was asked so far. */
  readonly calls: () => readonly MessageCall[];
  readonly messagesUrl: string;
  readonly settleSeconds: number;
  readonly runnerUsdPerMinute: number;
  readonly onStep: (flavor: string, state: string) => void;
  readonly stop: AbortSignal;
};

/** Where the repository of a round lives: the sandbox, or a real GitHub. */
export type Place = {
  /** Makes the repository or branch with the broken commit. */
  open(
    files: { readonly good: ReturnType<typeof projectFiles>; readonly broken: Readonly<Record<string, string>> },
    round: number,
  ): Promise<Opened>;
};

export type Head = { readonly sha: string; readonly branch: string };

export type Opened = {
  readonly repository: string;
  readonly sha: string;
  readonly branch: string;
  readonly gitUrl: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Token and a new run of a flavor, on the broken commit or on another head. */
  flavor(
    flavor: string,
    on?: Head,
  ): { readonly token: string; readonly runId: number; readonly jobId?: number; readonly end: (ok: boolean) => void };
  /** Calls `start` for every workflow that is dispatched. */
  onDispatch(start: (flavor: string, on: Head) => void): void;
  /** Requests to the API that a flavor has sent; undefined where nobody counts. */
  requests(flavor: string): number | undefined;
  /** Lag and faults begin: everything before was set-up. */
  begin(): void;
  /** Lag and faults end: what follows is measuring. */
  end(): void;
  close(): Promise<void>;
};

export type RoundResult = {
  readonly causes: number;
  readonly analyses: number;
  readonly duplicates: number;
  readonly missed: number;
  /** Analyses that followed a leader's death. */
  readonly takeovers: number;
  readonly green: boolean;
  readonly decisions: readonly (JobDecision & { readonly requests: number })[];
  readonly requests: { readonly total: number; readonly byFlavor: Readonly<Record<string, number>> };
  readonly llmCalls: number;
  readonly costUsd: number;
  readonly savedUsd: number;
  readonly waitUsd: number;
  /** What went wrong, in words. */
  readonly problems: readonly string[];
};

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
  listeners.set(options, (flavor, state) => {
    // In an analysis, or between and within the writes of its publication.
    if ((state !== "analyze" && state !== "publish") || victims === 0 || random() < 0.4) return;
    victims--;
    setTimeout(() => jobs.findLast(({ job }) => job.flavor === flavor)?.job.kill(), random() * (state === "analyze" ? 1200 : 800));
  });
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
    const started = openOne(options, opened, flavor, on);
    jobs.push(started);
    options.onStep(flavor, "dispatched");
    dispatched.add(started.job.prepare().then(() => run(started)));
  });
  let requests: Readonly<Record<string, number>> = {};

  return {
    opened,
    async race() {
      const kill = () => {
        for (const { job } of jobs) job.kill();
      };
      options.stop.addEventListener("abort", kill, { once: true });
      const early = flavors.length - (scenario.late ?? 0);
      await Promise.all(jobs.slice(0, early).map(start));
      await Promise.all(jobs.slice(early, flavors.length).map(start));
      // Each may start others: a fix that failed there is followed by the next.
      for (const one of dispatched) await one;
      options.stop.removeEventListener("abort", kill);
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
/** A job that has ended. */
export type Ran = { readonly job: Job; readonly result: JobResult };

/** Who hears of the steps of a round: the killer of leaders. */
const listeners = new WeakMap<RoundOptions, (flavor: string, state: string) => void>();

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
    onStep: (name, state) => {
      options.onStep(name, state);
      listeners.get(options)?.(name, state);
    },
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

/** The API key of a flavor in a round: it tells who asked the model. */
export function keyOf({ number, lock }: RoundOptions, flavor: string): string {
  return `sk-sandbox-${lock}-${number}-${Buffer.from(flavor).toString("hex")}`;
}
