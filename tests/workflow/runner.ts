/**
 * Runs a workflow file against the sandbox, as Actions would: jobs by their `needs`, each with a token that may do what the job asked for.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import type { GithubSandbox, SandboxRepository } from "../../lib/sandbox/github.ts";
import type { JobStep } from "../../lib/sandbox/repository.ts";
import type { Level, Scope } from "../../lib/sandbox/tokens.ts";
import { allows, type Contexts, type Json, resolve, type Status, textOf } from "./expressions.ts";
import { combinations, type Job, type Permissions, readWorkflow, type Workflow } from "./plan.ts";
import { type Outcome, runSteps } from "./steps.ts";

export type RunOptions = {
  readonly sandbox: GithubSandbox;
  readonly repo: SandboxRepository;
  /** Path in the repository, for example `.github/workflows/ci.yml`. */
  readonly path: string;
  readonly content: string;
  readonly sha: string;
  readonly branch: string;
  /** @default "push" */
  readonly event?: string;
  readonly payload?: Json;
  /** Full name of the fork that the commit is from; its jobs may only read, and know no secret. */
  readonly fork?: string;
  /** Of a `workflow_dispatch`. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  /** What the machine of a job has in its environment. */
  readonly machine?: (job: string) => Readonly<Record<string, string>>;
  readonly folder: string;
  /** Changes a workflow before it runs: how a test gives a template its own matrix. */
  readonly change?: (workflow: Workflow) => void;
};

export type JobResult = {
  readonly id: string;
  readonly name: string;
  readonly result: "success" | "failure" | "skipped" | "cancelled";
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, Outcome>>;
  readonly ran: readonly string[];
  readonly log: string;
  /** Its step summary. */
  readonly summary: string;
};
export type RunResult = { readonly runId: number; readonly conclusion: "success" | "failure"; readonly jobs: readonly JobResult[] };

const scopes: Readonly<Record<string, Scope>> = {
  contents: "contents",
  issues: "issues",
  "pull-requests": "pull_requests",
  actions: "actions",
};
/** Its requests have a limit of their own, and what it pushes starts workflows. */
const app = { sender: "the App", kind: "user", login: "fixonce-app[bot]" } as const;
let runs = 0;
/** A file is one workflow, however often it runs. */
const workflows = new Map<string, ReturnType<SandboxRepository["runs"]["createWorkflow"]>>();

export async function runWorkflow(options: RunOptions): Promise<RunResult> {
  const { repo, path } = options;
  const workflow = await readWorkflow(path, options.content);
  options.change?.(workflow);
  const name = workflow.name ?? path;
  const dispatch = /workflow_dispatch/.test(JSON.stringify(workflow.on));
  const known = workflows.get(`${repo.gitDir} ${path}`) ?? repo.runs.createWorkflow(path, name, dispatch);
  workflows.set(`${repo.gitDir} ${path}`, known);
  const run = repo.runs.createRun({
    ...{ workflow: known, headSha: options.sha, headBranch: options.branch, event: options.event ?? "push" },
    ...(options.fork && { headRepository: options.fork }),
  });
  const folder = join(options.folder, `run-${++runs}-${run.id}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "event.json"), JSON.stringify(options.payload ?? {}));
  const results: JobResult[] = [];
  const waiting = new Map(Object.entries(workflow.jobs));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, job]) => job.needs.every((need) => !waiting.has(need)));
    if (ready.length === 0) throw new Error(`Cannot run ${path}: its jobs need each other`);
    const done = await Promise.all(
      ready.map(([id, job]) => runJob(id, job, results, { ...options, workflow, name, runId: run.id, runFolder: folder })),
    );
    for (const [id] of ready) waiting.delete(id);
    results.push(...done.flat());
  }
  repo.runs.completeRun(run.id);
  return { runId: run.id, conclusion: results.some(({ result }) => result === "failure") ? "failure" : "success", jobs: results };
}

type Known = RunOptions & { readonly workflow: Workflow; readonly name: string; readonly runId: number; readonly runFolder: string };

async function runJob(id: string, job: Job, before: readonly JobResult[], known: Known): Promise<readonly JobResult[]> {
  const needs = Object.fromEntries(job.needs.map((need) => [need, together(before.filter((one) => one.id === need))]));
  const ancestors = ancestorsOf(id, known.workflow).flatMap((name) => before.filter((one) => one.id === name));
  const failed = ancestors.some(({ result }) => result === "failure");
  const status: Status = failed ? "failure" : "success";
  // A job behind a skipped one is skipped as well, unless it asks for a status.
  const github = githubContext(known, id, "");
  const contexts: Contexts = { github, needs, vars: known.vars ?? {}, inputs: known.inputs ?? {} };
  const asks = /\b(success|failure|always|cancelled)\s*\(/i.test(String(job.if ?? ""));
  const skipped = { id, name: id, result: "skipped", outputs: {}, steps: {}, ran: [], log: "", summary: "" } as const;
  if ((!asks && ancestors.some(({ result }) => result === "skipped")) || !allows(job.if, contexts, status)) return [skipped];
  const rows = combinations(job, contexts);
  if (rows.length === 0) throw new Error(`Cannot run job ${id}: its matrix is empty`);
  return Promise.all(rows.map((matrix, index) => runLeg({ id, job, needs, matrix, index, total: rows.length }, known)));
}

type Leg = {
  readonly id: string;
  readonly job: Job;
  readonly needs: Json;
  readonly matrix: Readonly<Record<string, Json>>;
  readonly index: number;
  readonly total: number;
};

async function runLeg({ id, job, needs, matrix, index, total }: Leg, known: Known): Promise<JobResult> {
  const { repo, sandbox, runId } = known;
  const strategy = { "job-total": total, "job-index": index, "fail-fast": true, "max-parallel": total };
  const early: Contexts = {
    github: githubContext(known, id, ""),
    needs,
    matrix,
    strategy,
    vars: known.vars ?? {},
    inputs: known.inputs ?? {},
  };
  const title = job.name === undefined ? defaultName(id, matrix) : textOf(resolve(job.name, early));
  const entry = repo.runs.createJob(runId, title, [textOf(resolve(job["runs-on"], early))].flat());
  repo.runs.startJob(entry.id);
  const folder = join(known.runFolder, `${id}-${index}`);
  const [workspace, temp] = [join(folder, "workspace"), join(folder, "temp")];
  for (const path of [workspace, temp]) mkdirSync(path, { recursive: true });
  const sender = `${title} of ${known.name}`;
  const asked = allowed(job.permissions ?? known.workflow.permissions);
  const readable = (given: typeof asked) => Object.fromEntries(Object.keys(given).map((scope) => [scope, "read" as const]));
  const permissions = known.fork === undefined ? asked : readable(asked);
  const token = sandbox.issueToken({ repo: repo.fullName, sender, permissions });
  const github = { ...githubContext(known, id, token), workspace, event_path: join(known.runFolder, "event.json") };
  const os = /windows/i.test(textOf(resolve(job["runs-on"], early))) ? "Windows" : "Linux";
  const contexts: Contexts = {
    ...early,
    github,
    runner: { os, arch: "X64", temp, name: "sandbox", environment: "github-hosted" },
    secrets: { GITHUB_TOKEN: token, ...(known.fork === undefined && known.secrets) },
    job: { status: "success", check_run_id: entry.id },
  };
  const env = {
    ...systemEnvironment(),
    ...known.machine?.(title),
    ...defaultVariables(github as unknown as Record<string, Json>, os, temp),
    ...texts(known.workflow.env, contexts),
    ...texts(job.env, contexts),
  };
  let log = "";
  const { status, steps, ran, told } = await runSteps({
    steps: job.steps,
    contexts,
    place: {
      ...{ workspace, artifacts: join(known.runFolder, "artifacts"), gitUrl: repo.gitUrl, sha: known.sha, token, environment: env },
      mint: (asked) => sandbox.issueToken({ ...app, repo: repo.fullName, permissions: allowed(asked as Permissions) }),
    },
    folder,
    env,
    log: (text) => {
      log += text;
    },
    ours: resolvePath(import.meta.dir, "../.."),
  });
  const stamp = new Date().toISOString().replace("Z", "0000Z");
  repo.runs.appendLog(entry.id, log.replace(/^/gm, `${stamp} `));
  const around = (name: string): JobStep => ({ name, conclusion: "success" });
  repo.runs.completeJob(entry.id, status, [around("Set up job"), ...told, around("Complete job")]);
  writeFileSync(join(folder, "log.txt"), log);
  const outputs = Object.fromEntries(
    Object.entries(job.outputs).map(([name, value]) => [name, textOf(resolve(value, { ...contexts, steps }))]),
  );
  const summary = readFileSync(join(temp, "summary.md"), "utf8");
  return { id, name: title, result: status, outputs, steps, ran, log, summary };
}

/** What the jobs behind a matrix see of it. */
function together(legs: readonly JobResult[]): Json {
  const results = legs.map(({ result }) => result);
  const result = (["failure", "cancelled", "success"] as const).find((one) => results.includes(one)) ?? "skipped";
  return { result, outputs: Object.assign({}, ...legs.map(({ outputs }) => outputs)) as Record<string, string> };
}

function ancestorsOf(id: string, workflow: Workflow): readonly string[] {
  const needs = workflow.jobs[id]?.needs ?? [];
  return [...new Set(needs.flatMap((need) => [need, ...ancestorsOf(need, workflow)]))];
}

/** Exactly what the job asked for; without `permissions:` a restricted repository's default. */
function allowed(permissions: Permissions | undefined): Partial<Record<Scope, Level>> {
  if (permissions === undefined) return { contents: "read" };
  const all = (level: Level) => Object.fromEntries(Object.values(scopes).map((scope) => [scope, level]));
  if (typeof permissions === "string") return all(permissions === "write-all" ? "write" : "read");
  return Object.fromEntries(
    Object.entries(permissions).flatMap(([name, level]) => (scopes[name] === undefined ? [] : [[scopes[name], level]])),
  );
}

function githubContext(known: Known, job: string, token: string) {
  const { repo, sandbox, sha, branch, event = "push", payload = {}, name, runId } = known;
  return {
    ...{ token, job, sha, repository: repo.fullName, repository_owner: repo.owner, actor: "octocat", workflow: name },
    ...{ ref: `refs/heads/${branch}`, ref_name: branch, event_name: event, event: payload },
    workflow_ref: `${repo.fullName}/${known.path}@refs/heads/${branch}`,
    ...{ run_id: String(runId), run_attempt: "1", api_url: sandbox.url, server_url: sandbox.url },
  };
}

function defaultVariables(github: Readonly<Record<string, Json>>, os: string, temp: string): Record<string, string> {
  const { token: _, event: __, ...plain } = github;
  const variables = Object.fromEntries(Object.entries(plain).map(([key, value]) => [`GITHUB_${key.toUpperCase()}`, textOf(value)]));
  const summary = join(temp, "summary.md");
  writeFileSync(summary, "");
  return { ...variables, CI: "true", GITHUB_ACTIONS: "true", RUNNER_OS: os, RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: summary };
}

function texts(values: Readonly<Record<string, Json>>, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, textOf(resolve(value, contexts))]));
}

function defaultName(id: string, matrix: Readonly<Record<string, Json>>): string {
  const values = Object.values(matrix).map(textOf);
  return values.length === 0 ? id : `${id} (${values.join(", ")})`;
}

/** What a runner's machine has of its own: never our caller's credentials. */
function systemEnvironment(): Record<string, string> {
  const kept = /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|BUN_.*|SSL_CERT_.*)$/;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && kept.test(entry[0])),
  );
}

/** A template of ours, with its placeholders filled in. */
export function template(name: string): string {
  return readFileSync(resolvePath(import.meta.dir, "../../workflow-templates", `${name}.yml`), "utf8").replaceAll(
    "$default-branch",
    "main",
  );
}
