/**
 * One repository of the sandbox: its bare git repository and the records of issues, labels, pull requests and runs.
 *
 * Records are immutable values in histories; a write replaces one. Truth is read at {@link latest}, lists at an older moment.
 *
 * @module
 */
import { createHistory, type History, latest } from "./history.ts";
import { type ObjectStore, openObjects } from "./objects.ts";
import { openRefs, type RefStore } from "./refs.ts";

export type Label = { readonly id: number; readonly name: string; readonly color: string; readonly description: string | null };

export type Pull = {
  readonly head: string;
  /** Full name of the fork that the head is a branch of. */
  readonly headRepository?: string;
  readonly base: string;
  /** Where head and base stood when the pull request was closed; while it is open, the refs tell. */
  readonly headSha: string;
  readonly baseSha: string;
  readonly draft: boolean;
  readonly mergedAt: number | undefined;
  readonly mergedBy: string | undefined;
  readonly mergeSha: string | undefined;
};

export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly author: string;
  readonly state: "open" | "closed";
  readonly stateReason: "completed" | "not_planned" | "reopened" | "duplicate" | null;
  readonly labels: readonly number[];
  readonly assignees: readonly string[];
  readonly comments: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt: number | undefined;
  readonly closedBy: string | undefined;
  readonly pull: Pull | undefined;
};

export type Comment = {
  readonly id: number;
  readonly issue: number;
  readonly body: string;
  readonly author: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type Workflow = {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly dispatch: boolean;
  readonly createdAt: number;
};

export type Status = "queued" | "in_progress" | "completed";
export type Conclusion = "success" | "failure" | "cancelled" | "timed_out" | "skipped" | "neutral" | "action_required";

export type Run = {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly workflow: number;
  readonly event: string;
  readonly headSha: string;
  readonly headBranch: string;
  /** Full name of the fork that it comes from. */
  readonly headRepository?: string;
  readonly title: string;
  readonly actor: string;
  readonly status: Status;
  readonly conclusion: Conclusion | null;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type Job = {
  readonly id: number;
  readonly run: number;
  readonly attempt: number;
  readonly name: string;
  readonly labels: readonly string[];
  readonly status: Status;
  readonly conclusion: Conclusion | null;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly completedAt: number | undefined;
  /** Pieces of the log with the moment each became readable. */
  readonly log: readonly { readonly at: number; readonly text: string }[];
  /** Those that ended, in their order; none where the harness names none. */
  readonly steps: readonly JobStep[];
};

export type JobStep = { readonly name: string; readonly conclusion: "success" | "failure" | "skipped" | "cancelled" };

export type Artifact = {
  readonly id: number;
  readonly run: number;
  readonly name: string;
  /** The archive. */
  readonly zip: Uint8Array;
  readonly createdAt: number;
  readonly expired: boolean;
};

/** What the harness may set per repository. */
export type RepositorySettings = {
  /** Answer 422 to commits on the empty tree, which some servers do. */
  refuseEmptyTree: boolean;
  /** "Allow GitHub Actions to create and approve pull requests". */
  actionsMayOpenPulls: boolean;
  /**
   * What `filter=latest` lists after a re-run of some jobs: each job's newest run, or those of the last attempt alone. GitHub documents
   * "jobs from the most recent execution of the workflow run", and has done both: github.com/r-universe-org/help/issues/607.
   */
  latestJobs: "each" | "attempt";
  /** Branch patterns (globs) that refuse pushes and ref updates. */
  protectedBranches: readonly string[];
};

export type Repository = {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly gitDir: string;
  readonly defaultBranch: string;
  readonly createdAt: number;
  readonly objects: ObjectStore;
  readonly refs: RefStore;
  /** The refs that pushes on their way may have changed already. */
  readonly pushes: Set<readonly string[]>;
  /** When a commit was made through the API: a lagging read does not find it yet. */
  readonly commitBirths: History<string, true>;
  readonly issues: History<number, Issue>;
  readonly comments: History<number, Comment>;
  readonly labels: History<number, Label>;
  readonly workflows: History<number, Workflow>;
  readonly runs: History<number, Run>;
  readonly jobs: History<number, Job>;
  readonly artifacts: History<number, Artifact>;
  readonly settings: RepositorySettings;
  /** Ids of everything but issues, unique in the whole server. */
  readonly nextId: () => number;
  /** Issues and pull requests share their numbers. */
  readonly nextNumber: () => number;
};

export type RepositoryParts = {
  readonly owner: string;
  readonly name: string;
  readonly gitDir: string;
  readonly defaultBranch: string;
  readonly now: () => number;
  readonly keepMs: () => number;
  readonly nextId: () => number;
};

/** Opens the records over an existing bare repository. */
export function openRepository(parts: RepositoryParts): Repository {
  let number = 0;
  const objects = openObjects(parts.gitDir);
  objects.write("tree", "");
  const refs = openRefs(parts.gitDir, parts.now, parts.keepMs);
  refs.reconcile();
  return {
    id: parts.nextId(),
    owner: parts.owner,
    name: parts.name,
    fullName: `${parts.owner}/${parts.name}`,
    gitDir: parts.gitDir,
    defaultBranch: parts.defaultBranch,
    createdAt: parts.now(),
    objects,
    refs,
    pushes: new Set(),
    commitBirths: createHistory(parts.keepMs),
    issues: createHistory(parts.keepMs),
    comments: createHistory(parts.keepMs),
    labels: createHistory(parts.keepMs),
    workflows: createHistory(parts.keepMs),
    runs: createHistory(parts.keepMs),
    jobs: createHistory(parts.keepMs),
    artifacts: createHistory(parts.keepMs),
    settings: { refuseEmptyTree: false, actionsMayOpenPulls: true, latestJobs: "attempt", protectedBranches: [] },
    nextId: parts.nextId,
    nextNumber: () => ++number,
  };
}

/** The commit that a branch, tag, full ref name or SHA stands for, now. */
export function resolveCommit(repo: Repository, name: string): string | undefined {
  const ref =
    repo.refs.read(`refs/heads/${name}`) ??
    repo.refs.read(`refs/tags/${name}`) ??
    repo.refs.read(name.startsWith("refs/") ? name : `refs/${name}`);
  const sha = ref ?? (name === "HEAD" ? repo.refs.read(`refs/heads/${repo.defaultBranch}`) : name);
  return sha !== undefined && repo.objects.read(sha)?.type === "commit" ? sha : undefined;
}

/** The label of a name, whatever its case, as it was at a moment. */
export function findLabel(repo: Repository, name: string, moment = latest): Label | undefined {
  const wanted = name.toLowerCase();
  return repo.labels.entries(moment).find(([, label]) => label.name.toLowerCase() === wanted)?.[1];
}

/** Whether a branch is closed to pushes and ref updates. */
export function isProtected(repo: Repository, ref: string): boolean {
  const branch = ref.replace(/^refs\/heads\//, "");
  return ref.startsWith("refs/heads/") && repo.settings.protectedBranches.some((pattern) => new Bun.Glob(pattern).match(branch));
}
