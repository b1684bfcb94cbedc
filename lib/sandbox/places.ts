/**
 * Where a round's repository lives: in the embedded GitHub, or as a scratch branch of a real repository.
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGit } from "../io/git.ts";
import { openGithub } from "../io/github.ts";
import type { DispatchEvent } from "./call.ts";
import type { GithubSandbox } from "./github.ts";
import type { Opened, Place } from "./racing.ts";
import type { Workflow } from "./repository.ts";
import type { Files } from "./seed.ts";

export type Weather = { readonly listLagMs: number; readonly readLagMs: number; readonly latencyMs: number; readonly faultRate: number };

/** Who hears of dispatched workflows, by repository: the server has one hook for all. */
export type Dispatches = Map<string, (event: DispatchEvent) => void>;

/** Each round a repository of its own, so that each has its own 1,000 requests an hour. */
export function sandboxPlace(sandbox: GithubSandbox, weather: Weather, prefix: string, dispatches: Dispatches = new Map()): Place {
  return {
    async open({ good, broken }, round): Promise<Opened> {
      const [owner, name] = ["acme", `${prefix}-${round}`];
      const repo = await sandbox.createRepository({ owner, name, from: good });
      const person = sandbox.issueToken({ repo: repo.fullName, sender: "maintainer", kind: "user" });
      const sha = await pushCommit(
        { url: repo.gitUrl, token: person, branch: repo.defaultBranch, from: repo.defaultBranch },
        broken,
        "Tidy up",
      );
      repo.reconcile();
      const workflows = new Map<string, Workflow>();
      const senders = (flavor: string) => `${prefix}-${round}/${flavor}`;
      return {
        repository: repo.fullName,
        sha,
        branch: repo.defaultBranch,
        gitUrl: repo.gitUrl,
        apiUrl: sandbox.url,
        serverUrl: sandbox.url,
        flavor(flavor, on) {
          const token = sandbox.issueToken({ repo: repo.fullName, sender: senders(flavor) });
          const path = `.github/workflows/${encodeURIComponent(flavor)}.yml`;
          const workflow = workflows.get(flavor) ?? repo.runs.createWorkflow(path, `CI ${flavor}`, true);
          workflows.set(flavor, workflow);
          const event = on === undefined ? "push" : "workflow_dispatch";
          const run = repo.runs.createRun({ workflow, headSha: on?.sha ?? sha, headBranch: on?.branch ?? repo.defaultBranch, event });
          const job = repo.runs.createJob(run.id, "build");
          repo.runs.startJob(job.id);
          const end = (ok: boolean) => {
            repo.runs.completeJob(job.id, ok ? "success" : "failure");
            repo.runs.completeRun(run.id);
          };
          return { token, runId: run.id, jobId: job.id, end };
        },
        onDispatch: (start) =>
          void dispatches.set(repo.fullName, ({ workflow, ref, sha }) => {
            const flavor = [...workflows].find(([, { id }]) => id === workflow.id)?.[0];
            if (flavor !== undefined) start(flavor, { sha, branch: ref });
          }),
        requests: (flavor) => sandbox.requests.bySender.get(senders(flavor))?.api ?? 0,
        begin: () => sandbox.tune(weather),
        end: () => sandbox.tune({ listLagMs: 0, readLagMs: 0, latencyMs: 0, faultRate: 0 }),
        close: async () => void dispatches.delete(repo.fullName),
      };
    },
  };
}

export type RealOptions = {
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly keep: boolean;
};

/** Each round an orphan branch of a real repository; branches, refs, pull requests and boards are removed afterwards. */
export function realPlace(options: RealOptions): Place {
  const { owner, repo, token, apiUrl, serverUrl } = options;
  const gitUrl = `${serverUrl}/${owner}/${repo}.git`;
  const github = openGithub({ ...options, sleep: Bun.sleep, random: Math.random });
  return {
    async open({ good, broken }, round): Promise<Opened> {
      const branch = `fixonce-race-${Date.now().toString(36)}-${round}`;
      await pushCommit({ url: gitUrl, token, branch }, good, "A project to race on");
      const sha = await pushCommit({ url: gitUrl, token, branch, from: branch }, broken, "Tidy up");
      let runs = Date.now();
      return {
        repository: `${owner}/${repo}`,
        sha,
        branch,
        gitUrl,
        apiUrl,
        serverUrl,
        flavor: () => ({ token, runId: runs++, end: () => {} }),
        // There the workflows are real ones, and not of this project.
        onDispatch: () => {},
        requests: () => undefined,
        begin: () => {},
        end: () => {},
        close: async () => {
          if (!options.keep) await cleanUp(github, sha, branch);
        },
      };
    },
  };
}

async function cleanUp(github: ReturnType<typeof openGithub>, sha: string, branch: string): Promise<void> {
  const label = `commit-${sha.slice(0, 7)}`;
  const remove = (ref: string) => github.write("DELETE /repos/{owner}/{repo}/git/refs/{+ref}", { ref: ref.slice("refs/".length) });
  const names = async (ref: string) =>
    (await github.list("GET /repos/{owner}/{repo}/git/matching-refs/{+ref}", { ref })).items.flatMap(
      (item) => (item as { ref?: string }).ref ?? [],
    );
  for (const issue of (await github.list("GET /repos/{owner}/{repo}/issues", { labels: label, state: "all" })).items) {
    await github.write("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
      issue_number: (issue as { number: number }).number,
      state: "closed",
      labels: [],
    });
  }
  await github.write("DELETE /repos/{owner}/{repo}/labels/{name}", { name: label });
  // Deleting a branch closes its pull request.
  for (const ref of [
    ...(await names(`coordination/${sha}/`)),
    ...(await names(`heads/autonomous-fix-${sha.slice(0, 7)}`)),
    `refs/heads/${branch}`,
  ])
    await remove(ref);
}

type Target = { readonly url: string; readonly token: string; readonly branch: string; readonly from?: string };

/** Commits files on a branch over real git, as a person does, and returns the SHA. Without `from` the branch begins here. */
async function pushCommit({ url, token, branch, from }: Target, files: Files, message: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "fixonce-commit-"));
  try {
    const git = openGit({ cwd: folder, url, token, environment: process.env });
    await git.must("init", "--quiet", `--initial-branch=${branch}`);
    if (from !== undefined) {
      await git.must("fetch", "--quiet", url, from);
      await git.must("checkout", "--quiet", "-B", branch, "FETCH_HEAD");
    }
    for (const [path, content] of Object.entries(files)) await Bun.write(join(folder, path), content as string);
    await git.must("add", "--all");
    await git.must("commit", "--quiet", "-m", message);
    await git.must("push", "--quiet", url, `HEAD:refs/heads/${branch}`);
    return await git.must("rev-parse", "HEAD");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
