/**
 * A flavor's steps one by one, as real processes against the embedded GitHub and model: for tests of what lies between two steps.
 *
 * @module
 */
import { afterAll, beforeAll } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GithubSandbox, type SandboxRepository, startGithub } from "../lib/sandbox/github.ts";
import type { MessageRequest } from "../lib/sandbox/messagerequest.ts";
import { type MessagesServer, type Reply, startMessages } from "../lib/sandbox/messages.ts";
import { modelReply } from "../lib/sandbox/model.ts";
import { brokenFiles, logOf, projectFiles, typescript } from "../lib/sandbox/projects.ts";
import { defectFor, type Scenario } from "../lib/sandbox/scenarios.ts";
import type { TokenOptions } from "../lib/sandbox/tokens.ts";
import { git, gitUrl } from "./sandbox.ts";
import { signalWhen, startScript, stepEnvironment } from "./script.ts";

export type Ran = {
  readonly code: number;
  /** By SIGKILL, as the system tells it. */
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: string;
};

export type StepOptions = {
  /** analyze.ts without the command, which would notice a wrong fix. */
  readonly unproven?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with a way to end the process and all its children at once. */
  readonly onStart?: (kill: () => void) => void;
  /** A signal to the process alone, as soon as something is so. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly when: () => boolean };
};

export type Flow = AsyncDisposable & {
  readonly github: GithubSandbox;
  readonly messages: MessagesServer;
  readonly folder: string;
  /** A repository whose newest commit a scenario broke. */
  project(name: string): Promise<Project>;
};

export type Project = {
  readonly repo: SandboxRepository;
  readonly sha: string;
  /** A job of one flavor that has failed: clone, log, token, run. */
  job(flavor: string, options?: { readonly sha?: string; readonly token?: Partial<TokenOptions>; readonly log?: string }): Promise<FlowJob>;
  /** Commits files on the default branch, as a person does. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
};

export type FlowJob = {
  readonly flavor: string;
  readonly sender: string;
  readonly folder: string;
  readonly clone: string;
  readonly log: string;
  readonly jobId: number;
  readonly runId: number;
  /** Runs a script to its end. */
  step(script: string, args: readonly string[], options?: StepOptions): Promise<Ran>;
  coordinate(options?: StepOptions): Promise<Ran>;
  analyze(options?: StepOptions): Promise<Ran>;
  publish(options?: StepOptions): Promise<Ran>;
  verify(options?: StepOptions): Promise<Ran>;
  /** What coordinate.ts left for the next steps, by the name of the file. */
  state(name: string): Promise<unknown>;
  /** Where analyze.ts leaves its report. */
  readonly out: string;
};

export async function openFlow(
  given: { readonly scenario?: string; readonly reply?: (request: MessageRequest) => Reply; readonly now?: () => number } = {},
): Promise<Flow> {
  const scenario = typescript.scenarios.find(({ name }) => name === (given.scenario ?? "same")) as Scenario;
  const folder = await mkdtemp(join(tmpdir(), "fixonce-flow-"));
  const github = await startGithub({ dir: folder, limits: false, ...(given.now && { now: given.now }) });
  const messages = startMessages({ reply: given.reply ?? ((request) => modelReply(scenario, request, 0)) });
  return {
    github,
    messages,
    folder,
    project: (name) => openProject({ github, messages, folder: join(folder, `work-${name}`), name, scenario }),
    async [Symbol.asyncDispose]() {
      await github.stop();
      await messages.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One flow for all tests of a file, on a clock that they can put forward. */
export function sharedFlow(): { readonly flow: Flow; readonly later: (ms: number) => void } {
  let opened: Flow | undefined;
  let offset = 0;
  beforeAll(async () => {
    opened = await openFlow({ now: () => Date.now() + offset });
  }, 120_000);
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]();
  });
  return {
    get flow() {
      if (opened === undefined) throw new Error("it is opened before the first test");
      return opened;
    },
    later: (ms) => {
      offset += ms;
    },
  };
}

type World = {
  readonly github: GithubSandbox;
  readonly messages: MessagesServer;
  readonly folder: string;
  readonly name: string;
  readonly scenario: Scenario;
};

async function openProject(world: World): Promise<Project> {
  const { github, folder, name, scenario } = world;
  await mkdir(folder, { recursive: true });
  const repo = await github.createRepository({ owner: "acme", name, from: projectFiles() });
  const person = github.issueToken({ repo: repo.fullName, sender: `${name}/person`, kind: "user" });
  const desk = join(folder, "desk");
  await git(folder, "clone", "--quiet", gitUrl(repo, person), desk);
  const commit = async (files: Readonly<Record<string, string>>, message = "Tidy up") => {
    for (const [path, content] of Object.entries(files)) await writeFile(join(desk, path), content);
    await git(desk, "add", "--all");
    await git(desk, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--allow-empty", "-m", message);
    const pushed = await git(desk, "push", "--quiet", "origin", "HEAD");
    if (!pushed.ok) throw new Error(pushed.text);
    return (await git(desk, "rev-parse", "HEAD")).text;
  };
  const sha = await commit(brokenFiles(typescript, scenario));
  return { repo, sha, commit, job: (flavor, options = {}) => openJob(world, repo, { sha, ...options, flavor }) };
}

async function openJob(
  { github, messages, folder, name, scenario }: World,
  repo: SandboxRepository,
  given: { readonly flavor: string; readonly sha: string; readonly token?: Partial<TokenOptions>; readonly log?: string },
): Promise<FlowJob> {
  const { flavor, sha } = given;
  const base = join(folder, `${flavor}-${sha.slice(0, 7)}`);
  const sender = `${name}/${flavor}`;
  const token = github.issueToken({ repo: repo.fullName, sender, ...given.token });
  const run = repo.runs.createRun({
    workflow: repo.runs.createWorkflow(`.github/workflows/${flavor}.yml`, `CI ${flavor}`, true),
    headSha: sha,
    headBranch: repo.defaultBranch,
  });
  const { id: jobId } = repo.runs.createJob(run.id, "build");
  const [clone, temp, out, log] = [join(base, "work"), join(base, "temp"), join(base, "fix"), join(base, "build.log")];
  for (const path of [base, temp, join(base, "toolchain"), join(base, "home")]) await mkdir(path, { recursive: true });
  const defect = defectFor(scenario, flavor);
  await writeFile(join(base, "toolchain", `${defect.module}.log`), logOf(defect, flavor) ?? "");
  await writeFile(log, given.log ?? logOf(defect, flavor) ?? "");
  await git(base, "clone", "--quiet", gitUrl(repo, token), clone);
  await git(clone, "checkout", "--quiet", "--detach", sha);
  await git(clone, "remote", "set-url", "origin", repo.gitUrl);
  const ci = ["--", ...typescript.command];
  let count = 0;

  async function step(script: string, args: readonly string[], { env = {}, onStart, signal }: StepOptions = {}): Promise<Ran> {
    const output = join(base, `output-${count++}`);
    await writeFile(output, "");
    const environment: Record<string, string> = {
      ...{
        ...stepEnvironment({ repository: repo.fullName, url: github.url, token, home: join(base, "home") }),
        TMPDIR: temp,
        RUNNER_TEMP: temp,
        TOOLCHAIN_LOGS: join(base, "toolchain"),
      },
      ...{
        GITHUB_SHA: sha,
        GITHUB_REF_NAME: repo.defaultBranch,
        GITHUB_JOB: "build",
        GITHUB_RUN_ID: String(run.id),
        GITHUB_RUN_ATTEMPT: "1",
      },
      ...{ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(base, "summary.md"), FIXONCE_JOB_ID: String(jobId) },
      ...{ BUILD_FLAVOR: flavor, RUNNER_OS: "Linux", FIXONCE_POLL_SECONDS: "1" },
      ...env,
    };
    await writeFile(join(base, "summary.md"), "", { flag: "a" });
    const child = startScript(script, args, { cwd: clone, env: environment, detached: true });
    onStart?.(() => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    });
    if (signal !== undefined) void signalWhen(child, signal.name, signal.when);
    const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
    return { code, killed: child.signalCode === "SIGKILL", stdout, stderr, outputs: await readFile(output, "utf8") };
  }

  const stateFile = async (file: string) => {
    const root = join(temp, "fixonce", sha);
    const [own = ""] = await readdir(root);
    return join(root, own, file);
  };
  return {
    ...{ flavor, sender, folder: base, clone, log, jobId, runId: run.id, out, step },
    coordinate: (options) => step("coordinate", ["--log", log, "--json"], options),
    async analyze(options = {}) {
      const known = ["--claim", await stateFile("claim.json"), "--context", await stateFile("context.json")];
      const secrets = { ANTHROPIC_API_KEY: `sk-sandbox-${flavor}`, ANTHROPIC_BASE_URL: messages.url };
      const env = { ...secrets, ...options.env };
      return step("analyze", ["--log", `${flavor}=${log}`, "--out", out, ...known, ...(options.unproven ? [] : ci)], { ...options, env });
    },
    publish: (options) => step("publish", ["--from", out, "--json"], options),
    verify: (options) => step("verify", ["--json", ...ci], options),
    state: async (file) => JSON.parse(await readFile(await stateFile(file), "utf8")),
  };
}

/** A person's edit of a pull request, on GitHub's page. */
export async function editPull(
  { github }: Flow,
  { fullName: repo }: SandboxRepository,
  number: number,
  change: Readonly<Record<string, string>>,
): Promise<void> {
  const token = github.issueToken({ repo, sender: "ada", kind: "user" });
  const headers = { authorization: `token ${token}` };
  const answer = await fetch(`${github.url}/repos/${repo}/pulls/${number}`, { method: "PATCH", headers, body: JSON.stringify(change) });
  if (!answer.ok) throw new Error(`Cannot edit pull request ${number}: ${answer.status}`);
}

/** A job whose analysis serves many tests: what it found is copied to where theirs would be. */
export async function analysedIn(flow: Flow): Promise<FlowJob> {
  const job = await (await flow.project("analysed")).job("linux-x64");
  await job.coordinate();
  await job.analyze();
  return job;
}

/** What one job's analysis has found, as that of another claim: one analysis serves many tests. */
export async function copyAnalysis(
  from: FlowJob,
  to: FlowJob,
  of: { readonly sha: string; readonly claim?: number; readonly attempt?: number; readonly costUsd?: number; readonly verdict?: string },
) {
  await cp(from.out, to.out, { recursive: true });
  const report = join(to.out, "report.json");
  await writeFile(report, JSON.stringify({ ...JSON.parse(await readFile(report, "utf8")), ...of }));
}

/** What GitHub holds in the end, told without what differs from run to run. */
export function endOf(repo: SandboxRepository, sha: string) {
  repo.reconcile();
  const issues = repo.issues();
  const names = repo.refs("refs/").map(([ref]) => ref);
  const outcome = (n: number) => {
    const at = repo.head(`refs/coordination/${sha}/outcomes/${n}`);
    const message = at === undefined ? undefined : repo.message(at);
    return message?.startsWith("{") ? (JSON.parse(message) as { readonly result: string; readonly costUsd: number | null }) : undefined;
  };
  return {
    coordination: names
      .filter((ref) => ref.startsWith("refs/coordination/"))
      .map((ref) => ref.slice(`refs/coordination/${sha}/`.length))
      .sort(),
    branches: names.filter((ref) => ref.startsWith("refs/heads/autonomous")).map((ref) => ref.replace(sha.slice(0, 7), "SHA")),
    fixes: branchCommits(repo),
    pulls: issues.filter((issue) => issue.pull !== undefined).map((issue) => ({ draft: issue.pull?.draft, state: issue.state })),
    boards: issues
      .filter((issue) => issue.pull === undefined)
      .map((issue) => ({ title: issue.title.replace(sha.slice(0, 7), "SHA"), state: issue.state })),
    outcome: outcome(1)?.result,
    costUsd: outcome(1)?.costUsd,
  };
}

/** How many commits of ours each fix branch has. */
function branchCommits(repo: SandboxRepository): readonly number[] {
  return repo.refs("refs/heads/autonomous").map(([, sha]) => {
    let count = 0;
    for (let at: string | undefined = sha; at !== undefined && repo.message(at)?.includes("Fixonce-Claim:"); count++)
      at = repo.commit(at)?.parents[0];
    return count;
  });
}
