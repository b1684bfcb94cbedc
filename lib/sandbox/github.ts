/**
 * An embedded GitHub over real bare git repositories: REST, a little GraphQL, smart HTTP, Actions data, and everything that goes wrong.
 *
 * Lists and reads may lag behind writes, answers may be lost after the write was applied, limits are GitHub's own. Refs are the real
 * thing: an API request and a `git push` for one new name have one winner.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Hooks } from "./call.ts";
import { type Commit, readCommit } from "./commits.ts";
import { createFaults, type FaultRule } from "./faults.ts";
import { latest } from "./history.ts";
import { githubLimits, type Limits, type Meter, noLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { servePage } from "./page.ts";
import { openPull } from "./pulls.ts";
import { seededByName } from "./random.ts";
import { type Issue, openRepository, type Repository, type RepositorySettings } from "./repository.ts";
import { createRequestLog, type RequestLog } from "./requests.ts";
import { openRuns, type Runs } from "./runs.ts";
import { type SeedOptions, seedRepository } from "./seed.ts";
import { serve } from "./server.ts";
import { checkGit } from "./smart.ts";
import { makeToken, type Token, type TokenOptions } from "./tokens.ts";
import type { Tuning, World } from "./world.ts";

export type GithubOptions = Partial<Omit<Tuning, "limits">> & {
  /** Where the bare repositories live; it must exist. */
  readonly dir: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly hostname?: string;
  /** Of faults and lag. @default "1" */
  readonly seed?: string | number;
  readonly faults?: readonly FaultRule[];
  /** Range of a hang that a rule does not set, in ms. @default [1000, 3000] */
  readonly hangMs?: readonly [number, number];
  /** Changes to GitHub's limits, or false for none. @default GitHub's */
  readonly limits?: Partial<Limits> | false;
  /** @default Date.now */
  readonly now?: () => number;
  readonly hooks?: Hooks;
};

export type RepositoryOptions = SeedOptions & { readonly owner: string; readonly name: string };

/** A repository as the harness sees it: the truth, without lag, faults or limits. */
export type SandboxRepository = {
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly gitDir: string;
  readonly gitUrl: string;
  readonly defaultBranch: string;
  readonly runs: Runs;
  /** The commit of a ref, `refs/heads/main` by default. */
  head(ref?: string): string | undefined;
  /** Name and SHA of the refs that begin with a prefix. */
  refs(prefix: string): readonly (readonly [string, string])[];
  message(sha: string): string | undefined;
  commit(sha: string): Commit | undefined;
  /** Issues and pull requests, oldest first. */
  issues(): readonly Issue[];
  comments(issue: number): readonly string[];
  labels(issue: number): readonly string[];
  settings(changes: Partial<RepositorySettings>): void;
  /** A pull request of a fork's branch, into the default branch; its number. Of a fork only the commits are here, as on GitHub. */
  forkPull(fork: { readonly repository: string; readonly branch: string; readonly sha: string }): number;
  /** Takes in what somebody wrote into the bare repository without this server. */
  reconcile(): void;
};

export type GithubSandbox = AsyncDisposable & {
  /** Base of the REST API, of git and of the page, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly requests: RequestLog;
  createRepository(options: RepositoryOptions): Promise<SandboxRepository>;
  /** Makes a token; its sender stands in the request log. */
  issueToken(options: TokenOptions): string;
  addFault(rule: FaultRule): void;
  /** Drops all rules; the rate stays. */
  clearFaults(): void;
  /** Changes lag, latency, fault rate, limits or skew while it runs. */
  tune(changes: Partial<Omit<Tuning, "limits">> & { readonly limits?: Partial<Limits> | false }): void;
  stop(): Promise<void>;
};

/**
 * Starts the server.
 *
 * @throws GitMissingError without a git that can serve
 * @throws PortError where the port is taken
 */
export async function startGithub(options: GithubOptions): Promise<GithubSandbox> {
  checkGit();
  const now = options.now ?? Date.now;
  const seed = String(options.seed ?? 1);
  let tuning: Tuning = {
    ...{
      listLagMs: options.listLagMs ?? 0,
      readLagMs: options.readLagMs ?? 0,
      gitLagMs: options.gitLagMs ?? 0,
      lagMode: options.lagMode ?? "uniform",
      listLagMode: options.listLagMode ?? options.lagMode ?? "uniform",
    },
    ...{
      latencyMs: options.latencyMs ?? 0,
      faultRate: options.faultRate ?? 0,
      skewMs: options.skewMs ?? 0,
      limits: limitsOf(options.limits),
    },
  };
  let keepMs = 0;
  let nextId = 1000;
  const keep = () => {
    keepMs = Math.max(keepMs, tuning.listLagMs, tuning.readLagMs, tuning.gitLagMs);
    return keepMs;
  };
  const repositories = new Map<string, Repository>();
  const tokens = new Map<string, Token>();
  const meters = new Map<string, Meter>();
  const faults = createFaults({
    rules: options.faults ?? [],
    rate: () => tuning.faultRate,
    hangMs: options.hangMs ?? [1000, 3000],
    random: seededByName(`${seed}/faults`),
  });
  const log = createRequestLog();
  const world: World = {
    ...{
      tuning: () => tuning,
      now,
      url: () => url,
      repositories,
      tokens,
      meters,
      faults,
      random: seededByName(`${seed}/lag`),
      log,
      hooks: options.hooks ?? {},
    },
  };
  const server = listen(
    options.port ?? 0,
    options.hostname ?? "127.0.0.1",
    (request) => servePage(world, request) ?? serve(world, request),
  );
  const { url } = server;

  async function createRepository(given: RepositoryOptions): Promise<SandboxRepository> {
    const fullName = `${given.owner}/${given.name}`;
    if (repositories.has(fullName.toLowerCase())) throw new Error(`Cannot create repository ${fullName}: it exists`);
    const gitDir = join(options.dir, given.owner, `${given.name}.git`);
    await seedRepository(gitDir, given);
    const parts = {
      owner: given.owner,
      name: given.name,
      gitDir,
      defaultBranch: given.defaultBranch ?? "main",
      now,
      keepMs: keep,
      nextId: () => nextId++,
    };
    const repo = openRepository(parts);
    repositories.set(fullName.toLowerCase(), repo);
    return handleOf(repo, url, () => now() + tuning.skewMs, now);
  }

  return {
    url,
    port: server.port,
    requests: log,
    createRepository,
    issueToken(given) {
      const token = makeToken(given, `ghs_${randomBytes(18).toString("hex")}`);
      if (!repositories.has(token.repo)) throw new Error(`Cannot issue a token for ${given.repo}: there is no such repository`);
      tokens.set(token.value, token);
      return token.value;
    },
    addFault: faults.add,
    clearFaults: faults.clear,
    tune({ limits, ...changes }) {
      tuning = { ...tuning, ...changes, limits: limits === undefined ? tuning.limits : limitsOf(limits) };
      keep();
    },
    stop: server.stop,
    [Symbol.asyncDispose]: server.stop,
  };
}

function limitsOf(given: Partial<Limits> | false | undefined): Limits {
  return given === false ? noLimits : { ...githubLimits, ...given };
}

function handleOf(repo: Repository, url: string, now: () => number, at: () => number): SandboxRepository {
  return {
    ...{
      owner: repo.owner,
      name: repo.name,
      fullName: repo.fullName,
      gitDir: repo.gitDir,
      gitUrl: `${url}/${repo.fullName}.git`,
      defaultBranch: repo.defaultBranch,
    },
    runs: openRuns(repo, now, at),
    head: (ref = `refs/heads/${repo.defaultBranch}`) => repo.refs.read(ref),
    refs: (prefix) => repo.refs.matching(prefix, latest),
    message: (sha) => readCommit(repo.objects, sha)?.message,
    commit: (sha) => readCommit(repo.objects, sha),
    issues: () => repo.issues.entries(latest).map(([, issue]) => issue),
    comments: (issue) => repo.comments.entries(latest).flatMap(([, comment]) => (comment.issue === issue ? [comment.body] : [])),
    labels: (issue) => (repo.issues.get(issue, latest)?.labels ?? []).map((id) => repo.labels.get(id, latest)?.name ?? ""),
    settings: (changes) => Object.assign(repo.settings, changes),
    forkPull({ repository, branch, sha }) {
      const [author = ""] = repository.split("/");
      const sides = { head: branch, headRepository: repository, headSha: sha, base: repo.defaultBranch };
      const baseSha = repo.refs.read(`refs/heads/${repo.defaultBranch}`) ?? "";
      return openPull(repo, { title: `From ${repository}`, body: null, author, draft: false, baseSha, ...sides }, { now: now(), at: at() })
        .number;
    },
    reconcile: () => repo.refs.reconcile(),
  };
}
