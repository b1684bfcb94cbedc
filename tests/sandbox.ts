/**
 * What the tests of the sandbox share: a server in a temporary folder with one repository, and clients for it.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Octokit } from "octokit";
import { type GithubOptions, type GithubSandbox, type SandboxRepository, startGithub } from "../lib/sandbox/github.ts";
import { emptyTree } from "../lib/sandbox/objects.ts";
import type { TokenOptions } from "../lib/sandbox/tokens.ts";

export const here = { owner: "acme", repo: "app" } as const;

/** A sandbox with the repository `acme/app`, removed at the end of its scope. */
export type Scene = AsyncDisposable & {
  readonly github: GithubSandbox;
  readonly repo: SandboxRepository;
  readonly token: string;
  readonly folder: string;
  issue(options?: Partial<TokenOptions>): string;
  octokit(token?: string): Octokit;
  /** Sends JSON and reads JSON, with nothing in between. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Asked>;
  /** Makes a commit on the empty tree. */
  commit(message: string, parents?: readonly string[]): Promise<string>;
  createRef(ref: string, sha: string): Promise<Asked>;
  /** A real clone, with a name and an address for commits. */
  clone(name: string): Promise<string>;
};

export type Asked = {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown> & { readonly [index: number]: Record<string, unknown> };
};

export async function scene(options: Partial<GithubOptions> = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-sandbox-"));
  const github = await startGithub({ dir: folder, limits: false, ...options });
  const repo = await github.createRepository({ owner: here.owner, name: here.repo, from: { "a.txt": "one\n", "lib/b.txt": "two\n" } });
  const issue = (given: Partial<TokenOptions> = {}) => github.issueToken({ repo: "acme/app", sender: "linux", ...given });
  const token = issue();

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Asked> {
    const url =
      path.startsWith("/repos") || path.startsWith("/_") || !path.startsWith("~")
        ? `${github.url}${path}`
        : `${github.url}/repos/acme/app${path.slice(1)}`;
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await fetch(url, { method, redirect: "manual", headers: { authorization: `token ${token}`, ...headers }, ...sent });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      data: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : { text },
    };
  }

  return {
    github,
    repo,
    token,
    folder,
    issue,
    octokit: (auth = token) =>
      new Octokit({ auth, baseUrl: github.url, retry: { enabled: false }, throttle: { enabled: false }, log: silent }),
    ask,
    async commit(message, parents = []) {
      const { data } = await ask("POST", "~/git/commits", { message, tree: emptyTree, parents });
      return String(data.sha);
    },
    createRef: (ref, sha) => ask("POST", "~/git/refs", { ref, sha }),
    async clone(name) {
      const path = join(folder, name);
      await git(folder, "clone", "--quiet", gitUrl(repo, token), path);
      await git(path, "config", "user.name", name);
      await git(path, "config", "user.email", `${name}@example.com`);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await github.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function gitUrl(repo: Pick<SandboxRepository, "gitUrl">, token: string): string {
  return repo.gitUrl.replace("//", `//x-access-token:${token}@`);
}

/** Runs git in a folder; its output, both streams, and whether it went well. */
export async function git(folder: string, ...args: readonly string[]): Promise<{ readonly ok: boolean; readonly text: string }> {
  const env = { ...Bun.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" };
  const child = Bun.spawn(["git", ...args], { cwd: folder, env, stdout: "pipe", stderr: "pipe" });
  const [out, problems, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { ok: code === 0, text: `${out}${problems}`.trim() };
}

/** How often each value occurs. */
export function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
