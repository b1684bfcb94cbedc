/**
 * One round of the race: a repository with a broken commit, every flavor's job on it, and what came of it, measured from outside.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { totalUsd } from "../cost.ts";
import type { Jitter } from "./duration.ts";
import { type Job, type JobDecision, type JobResult, openJob } from "./job.ts";
import type { MessageCall } from "./messages.ts";
import { brokenFiles, defectFor, logOf, projectFiles, type Scenario, systemOf } from "./scenarios.ts";

export type Lock = "ref" | "issue" | "prototype";

export type RoundOptions = {
  readonly number: number;
  readonly flavors: readonly string[];
  readonly scenario: Scenario;
  readonly lock: Lock;
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

export type Opened = {
  readonly repository: string;
  readonly sha: string;
  readonly branch: string;
  readonly gitUrl: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Token and run of a flavor. */
  flavor(flavor: string): { readonly token: string; readonly runId: number; readonly jobId?: number; readonly end: (ok: boolean) => void };
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

/** Reasons that make one more analysis of a cause right. */
const justified = ["fix_failed", "retry", "leader_lost", "timeout", "second_flavor"];

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
  const opened = await options.place.open({ good: projectFiles(), broken: brokenFiles(scenario) }, options.number);
  const ends = new Map<string, (ok: boolean) => void>();
  const jobs = flavors.map((flavor) => openOne(options, opened, flavor, ends));
  for (let i = 0; i < jobs.length && !options.stop.aborted; i += 4) await Promise.all(jobs.slice(i, i + 4).map((job) => job.prepare()));

  let victims = options.kills;
  listeners.set(options, (flavor, state) => {
    if (state !== "leader" || victims === 0) return;
    victims--;
    setTimeout(() => jobs.find((job) => job.flavor === flavor)?.kill(), random() * 1200);
  });
  const start = async (job: Job, index: number): Promise<JobResult> => {
    await Bun.sleep(options.stagger(index));
    const result = await job.run();
    ends.get(job.flavor)?.(result.verdict === "passed");
    return result;
  };
  let results: readonly JobResult[] = [];
  let requests: Readonly<Record<string, number>> = {};

  return {
    opened,
    async race() {
      const kill = () => {
        for (const job of jobs) job.kill();
      };
      options.stop.addEventListener("abort", kill, { once: true });
      const early = jobs.length - (scenario.late ?? 0);
      const first = await Promise.all(jobs.slice(0, early).map(start));
      results = [...first, ...(await Promise.all(jobs.slice(early).map(start)))];
      options.stop.removeEventListener("abort", kill);
      requests = Object.fromEntries(flavors.map((flavor) => [flavor, opened.requests(flavor) ?? 0]));
    },
    async judge() {
      const result = await judge(options, jobs, results, requests);
      writeFileSync(join(folder, "result.json"), JSON.stringify({ result, results }, null, 1));
      await opened.close();
      return result;
    },
  };
}

/** Who hears of the steps of a round: the killer of leaders. */
const listeners = new WeakMap<RoundOptions, (flavor: string, state: string) => void>();

function openOne(options: RoundOptions, opened: Opened, flavor: string, ends: Map<string, (ok: boolean) => void>): Job {
  const { scenario } = options;
  const { token, runId, jobId, end } = opened.flavor(flavor);
  ends.set(flavor, end);
  const defect = defectFor(scenario, flavor);
  const folder = join(options.folder, `${flavor.replace(/[^A-Za-z0-9_-]/g, "_")}-${runId}`);
  return openJob({
    flavor,
    folder,
    gitUrl: opened.gitUrl,
    sha: opened.sha,
    branch: opened.branch,
    lock: options.lock,
    log: logOf(defect, flavor),
    module: defect.module,
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
      GITHUB_SHA: opened.sha,
      GITHUB_REF: `refs/heads/${opened.branch}`,
      GITHUB_REF_NAME: opened.branch,
      GITHUB_EVENT_NAME: "push",
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_WORKFLOW: `CI ${flavor}`,
      GITHUB_JOB: "build",
      GITHUB_RUN_ID: String(runId),
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_TOKEN: token,
      RUNNER_OS: systemOf(scenario, flavor),
      BUILD_FLAVOR: flavor,
      FIXONCE_LOCK: options.lock === "issue" ? "issue" : "ref",
      FIXONCE_FLAVORS: String(options.flavors.length),
      FIXONCE_POLL_SECONDS: "1",
      FIXONCE_SETTLE_SECONDS: String(options.settleSeconds),
      ...(jobId !== undefined && { FIXONCE_JOB_ID: String(jobId) }),
    },
    secrets: { ANTHROPIC_API_KEY: keyOf(options, flavor), ANTHROPIC_BASE_URL: options.messagesUrl },
  });
}

/** The API key of a flavor in a round: it tells who asked the model. */
function keyOf({ number, lock }: RoundOptions, flavor: string): string {
  return `sk-sandbox-${lock}-${number}-${Buffer.from(flavor).toString("hex")}`;
}

async function judge(
  options: RoundOptions,
  jobs: readonly Job[],
  results: readonly JobResult[],
  byFlavor: Readonly<Record<string, number>>,
): Promise<RoundResult> {
  const { scenario, lock } = options;
  const problems: string[] = [];
  const trueCause = (flavor: string) => defectFor(scenario, flavor);
  const causes = [...new Set(results.map(({ flavor }) => trueCause(flavor)))].filter(({ mark }) => mark !== "");
  let [analyses, duplicates, missed] = [0, 0, 0];
  for (const { cause } of causes) {
    const own = results.filter(({ flavor }) => trueCause(flavor).cause === cause);
    const reasons = own.flatMap((result) => result.analyses);
    analyses += reasons.length;
    const first = reasons.filter((reason) => !justified.includes(reason)).length;
    const killed = own.some(({ dead }) => dead);
    if (first > 1) problems.push(`${cause} was analysed ${first} times`);
    duplicates += Math.max(0, first - 1);
    if (reasons.length === 0 && !(killed && own.every(({ dead }) => dead))) {
      missed++;
      problems.push(`${cause} was never analysed`);
    }
  }
  const paid = options
    .calls()
    .filter(
      ({ key, status, endpoint }) =>
        endpoint === "messages" && status === 200 && results.some(({ flavor }) => key === keyOf(options, flavor)),
    );
  const costUsd = paid.reduce((sum, call) => sum + costOf(call), 0);
  const waitUsd = (results.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / 60_000) * options.runnerUsdPerMinute;
  const alone = analyses === 0 ? 0 : (costUsd / analyses) * results.filter(({ flavor }) => trueCause(flavor).mark !== "").length;

  let green = true;
  for (const [index, result] of results.entries()) {
    if (result.broken !== "") problems.push(`${result.flavor}: ${result.broken}`);
    if (result.dead || lock === "prototype") continue;
    const asExpected = scenario.hopeless ? true : result.verdict === "passed" && (await jobs[index]?.passesAt(result.branch)) === true;
    if (!asExpected)
      problems.push(`${result.flavor} is not green (${result.verdict || (result.decisions.at(-1)?.reason ?? "no decision")})`);
    green &&= asExpected;
  }
  return {
    causes: causes.length,
    analyses,
    duplicates,
    missed,
    green: green && lock !== "prototype" && !scenario.hopeless,
    decisions: results.flatMap(({ flavor, decisions }) => decisions.map((decision) => ({ ...decision, requests: byFlavor[flavor] ?? 0 }))),
    requests: { total: Object.values(byFlavor).reduce((sum, count) => sum + count, 0), byFlavor },
    llmCalls: paid.length,
    costUsd,
    savedUsd: alone - costUsd - waitUsd,
    waitUsd,
    problems,
  };
}

function costOf({ at, model, usage }: MessageCall): number {
  if (usage === undefined) return 0;
  const plain = {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens,
    requests: 1,
    estimated: false,
  };
  return totalUsd([{ model, usage: plain }], new Date(at).toISOString().slice(0, 10)) ?? 0;
}
