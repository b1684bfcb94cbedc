/**
 * Git over smart HTTP: clones, fetches and pushes of the bare repositories, by `git http-backend`.
 *
 * A push names its refs in pkt-lines before the pack, so the server knows which refs to take into their history before it passes the
 * answer on: who pushed sees the push in the next API read. Protected branches are refused by an `update` hook.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { followPulls } from "./follow.ts";
import { latest } from "./history.ts";
import { isProtected, type Repository } from "./repository.ts";
import { allowed, type Token } from "./tokens.ts";

/** Git itself is missing, or has no `http-backend`. */
export class GitMissingError extends Error {
  override readonly name = "GitMissingError";
}

export type GitRequest = {
  readonly repo: Repository;
  readonly token: Token;
  /** What follows `owner/name.git`: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
  readonly path: string;
  readonly url: URL;
  readonly request: Request;
  /** Branches younger than this are not advertised yet, in ms; 0 shows all. */
  readonly lagMs: number;
  /** The clock of the histories, in ms, and how far the server's own is off from it. */
  readonly now: number;
  readonly skewMs: number;
};

/** The service that a git request wants, and whether the token may use it. */
export function serviceOf(request: Pick<GitRequest, "path" | "url" | "token">): { readonly push: boolean; readonly allowed: boolean } {
  const push = request.path === "/git-receive-pack" || request.url.searchParams.get("service") === "git-receive-pack";
  return { push, allowed: allowed(request.token, [push ? "contents:write" : "contents:read"]) };
}

/** Runs a git request; the answer's body streams except for pushes, which are short. */
export async function serveGit(git: GitRequest): Promise<Response> {
  const { repo, request, path } = git;
  const push = path === "/git-receive-pack";
  const body = request.method === "POST" ? new Uint8Array(await request.arrayBuffer()) : new Uint8Array();
  const names = push ? pushedRefs(request.headers.get("content-encoding") === "gzip" ? gunzipSync(body) : body) : [];
  const child = Bun.spawn(["git", "http-backend"], {
    env: { ...backendEnvironment(git, names), CONTENT_LENGTH: request.method === "POST" ? String(body.length) : "" },
    stdin: body,
    stdout: "pipe",
    stderr: "ignore",
  });
  if (!push) return parseCgi(child.stdout);
  repo.pushes.add(names);
  const output = new Response(child.stdout).arrayBuffer();
  await child.exited;
  repo.pushes.delete(names);
  repo.refs.reconcile(names);
  followPulls(repo, names, { login: git.token.login, now: git.now + git.skewMs, at: git.now });
  return parseCgi(new Blob([await output]).stream());
}

/** Fails with {@link GitMissingError} where git cannot serve. */
export function checkGit(): void {
  const path = Bun.which("git");
  if (path === null) throw new GitMissingError("Cannot start the sandbox: git is not on the PATH");
  const { exitCode } = Bun.spawnSync(["sh", "-c", 'test -x "$(git --exec-path)/git-http-backend"'], { stderr: "ignore" });
  if (exitCode !== 0) throw new GitMissingError("Cannot start the sandbox: this git has no http-backend");
}

/** Configuration that holds for every git command on a bare repository of the sandbox. */
export const gitConfig: readonly (readonly [string, string])[] = [
  ["http.receivepack", "true"],
  ["http.uploadpack", "true"],
  ["uploadpack.allowAnySHA1InWant", "true"],
  ["uploadpack.allowReachableSHA1InWant", "true"],
  ["receive.unpackLimit", "100000"],
  ["transfer.unpackLimit", "100000"],
  ["receive.autogc", "false"],
  ["receive.advertiseAtomic", "true"],
  ["gc.auto", "0"],
  ["safe.directory", "*"],
];

/** `GIT_CONFIG_*` variables for pairs of name and value. */
export function configEnvironment(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const entries = pairs.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(pairs.length), ...Object.fromEntries(entries) };
}

function backendEnvironment(git: GitRequest, pushed: readonly string[]): Record<string, string> {
  const { request, repo, token, url, path } = git;
  const closed = pushed.filter((name) => isProtected(repo, name));
  const hooks = [["core.hooksPath", closed.length > 0 ? `${repo.gitDir}/hooks` : "/dev/null"]] as const;
  const hidden = git.lagMs > 0 ? youngRefs(repo, git.now - git.lagMs).map((name) => ["uploadpack.hideRefs", name] as const) : [];
  return {
    PATH: Bun.env.PATH ?? "",
    HOME: repo.gitDir,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_PROJECT_ROOT: repo.gitDir,
    GIT_HTTP_EXPORT_ALL: "1",
    REQUEST_METHOD: request.method,
    PATH_INFO: path,
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers.get("content-type") ?? "",
    HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
    GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
    REMOTE_USER: token.login,
    REMOTE_ADDR: "127.0.0.1",
    GIT_COMMITTER_NAME: token.login,
    GIT_COMMITTER_EMAIL: `${token.login}@users.noreply.github.com`,
    SANDBOX_PROTECTED: closed.join("\n"),
    ...configEnvironment([...gitConfig, ...hooks, ...hidden]),
  };
}

function youngRefs(repo: Repository, moment: number): string[] {
  return repo.refs
    .matching("refs/", latest)
    .map(([name]) => name)
    .filter((name) => repo.refs.at(name, moment) === undefined);
}

/** The refs that a push asks to change: `<old> <new> <ref>` in pkt-lines, up to the first flush. */
function pushedRefs(body: Uint8Array): string[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const names: string[] = [];
  for (let start = 0; start + 4 <= bytes.length; ) {
    const length = Number.parseInt(bytes.toString("latin1", start, start + 4), 16);
    if (!(length > 4)) break;
    const match = /^[0-9a-f]{40} [0-9a-f]{40} ([^\0\n]+)/.exec(bytes.toString("utf8", start + 4, start + length));
    if (match?.[1] !== undefined) names.push(match[1]);
    start += length;
  }
  return names;
}

/** Reads the header of a CGI answer and passes the rest on. */
async function parseCgi(stream: ReadableStream<Uint8Array>): Promise<Response> {
  const reader = stream.getReader();
  let head = Buffer.alloc(0);
  let end = -1;
  while (end === -1) {
    const { done, value } = await reader.read();
    if (done) break;
    head = Buffer.concat([head, value]);
    end = head.indexOf("\r\n\r\n");
  }
  if (end === -1) return new Response("git http-backend gave no answer\n", { status: 500 });
  const headers = new Headers({ "cache-control": "no-cache" });
  let status = 200;
  for (const line of head.toString("latin1", 0, end).split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else headers.set(name, value);
  }
  const rest = new Uint8Array(head.subarray(end + 4));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (rest.length > 0) controller.enqueue(rest);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
  return new Response(body, { status, headers });
}
