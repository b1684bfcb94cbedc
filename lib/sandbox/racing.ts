/**
 * What a race is made of: jobs of flavors, rounds of jobs, and the place that they happen in.
 *
 * @module
 */
import type { Jitter } from "./duration.ts";
import type { MessageCall } from "./messages.ts";
import type { Project, projectFiles } from "./projects.ts";
import type { Scenario } from "./scenarios.ts";

export type JobOptions = {
  readonly flavor: string;
  /** Folder of its own: clone, logs, state. */
  readonly folder: string;
  readonly gitUrl: string;
  readonly sha: string;
  readonly branch: string;
  /** Of the repository. */
  readonly defaultBranch: string;
  readonly lock: "ref" | "issue" | "prototype";
  /** Variables of the job: what Actions sets, and the token. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of the analyze step alone. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The flavor's own build command. */
  readonly command: readonly string[];
  /** What stands in for a toolchain that is not on this machine: its words about a module's failure. */
  readonly toolchain?: { readonly module: string; readonly log: string };
  /** All in one step (`respond.ts`), not one by one. */
  readonly whole: boolean;
  readonly onStep: (flavor: string, state: string) => void;
  readonly now: () => number;
};

export type JobDecision = {
  readonly flavor: string;
  readonly analyze: boolean;
  readonly reason: string;
  readonly cause: string;
  readonly ms: number;
};

export type JobResult = {
  readonly flavor: string;
  readonly dead: boolean;
  readonly decisions: readonly JobDecision[];
  /** Reasons of the analyses that it ran. */
  readonly analyses: readonly string[];
  readonly verdict: string;
  readonly branch: string;
  readonly waitedMs: number;
  /** A step that failed for another reason than its answer. */
  readonly broken: string;
};

export type Job = {
  readonly flavor: string;
  /** Clones the repository and builds it once: what happened before fixonce is called. Returns whether the build passed. */
  prepare(): Promise<boolean>;
  run(): Promise<JobResult>;
  /** kill -9: the process that runs now dies, and no further step starts. */
  kill(): void;
  /** Builds a commit in the clone and returns whether it passed. */
  passesAt(branch: string): Promise<boolean>;
};

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
  /** Who is told when an API key asks the model: the round enters its flavors. */
  readonly asked: Map<string, () => void>;
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

export type Ran = { readonly job: Job; readonly result: JobResult };

/** The API key of a flavor in a round: it tells who asked the model. */
export function keyOf({ number, lock, scenario }: RoundOptions, flavor: string): string {
  return `sk-sandbox-${scenario.name}-${lock}-${number}-${Buffer.from(flavor).toString("hex")}`;
}
