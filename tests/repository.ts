/**
 * A real repository on disk for the analysis tests, and a model that is scripted, over real HTTP.
 *
 * @module
 */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answer } from "../lib/prompt.ts";
import type { MessageRequest } from "../lib/sandbox/messagerequest.ts";
import { type MessagesServer, type Reply, startMessages, type Usage } from "../lib/sandbox/messages.ts";
import { signalWhen } from "./script.ts";

export type Repository = AsyncDisposable & { readonly root: string; readonly folder: string; readonly sha: string };

/** A committed repository of `files`, with a link out of the tree; everything lies under one folder that goes with it. */
export async function makeRepository(files: Readonly<Record<string, string>>): Promise<Repository> {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-test-"));
  const root = join(folder, "repository");
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await writeFile(join(folder, "outside.txt"), "outside of the tree\n");
  await symlink("../outside.txt", join(root, "link.txt"));
  await symlink("..", join(root, "linked"));
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "Add everything");
  return {
    root,
    folder,
    sha: git(root, "rev-parse", "HEAD"),
    [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, force: true }),
  };
}

export function git(cwd: string, ...args: readonly string[]): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync(["git", "-c", "core.autocrlf=false", ...args], { cwd });
  if (exitCode !== 0) throw new Error(`git ${args[0]}: ${stderr.toString()}`);
  return stdout.toString().trim();
}

/** A complete answer. */
export const answerOf = (part: Partial<Answer>): Answer => ({
  verdict: "fix",
  root_cause: "the loop starts at one",
  confidence: 0.9,
  flavors: ["linux"],
  edits: [],
  new_files: [],
  need_files: [],
  title: "Count the first value",
  body: "The loop left the first value out.",
  ...part,
});

export const USAGE: Usage = {
  input_tokens: 10_000,
  output_tokens: 1_000,
  cache_creation_input_tokens: 4_000,
  cache_read_input_tokens: 2_000,
};
/** What a request of that usage costs with claude-sonnet-5-5. */
export const USD = 0.02 + 0.01 + 0.01 + 0.0002;

export const says = (text: string, more: Partial<Extract<Reply, { kind: "message" }>> = {}): Reply => ({
  kind: "message",
  content: [{ type: "text", text }],
  usage: USAGE,
  ...more,
});

export const answers = (part: Partial<Answer>): Reply => says(JSON.stringify(answerOf(part)));

export const uses = (...tools: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[]): Reply => ({
  kind: "message",
  content: tools.map((tool) => ({ type: "tool_use", ...tool })),
  usage: USAGE,
});

/** A server that gives the replies in turn, the last one again and again. */
export function scripted(...replies: readonly Reply[]): MessagesServer {
  return startMessages({
    reply: (_request: MessageRequest, call: number) => replies[Math.min(call, replies.length - 1)] ?? { kind: "drop" },
  });
}

/** The requests for messages, as JSON text. */
export function asked(server: MessagesServer): readonly string[] {
  return server.calls.filter((call) => call.endpoint === "messages").map((call) => JSON.stringify(call.request));
}

export type Ran = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly patch: string | null;
  // The report is compared with whole and partial values.
  readonly report: Record<string, unknown> | null;
};

/** Run `analyze.ts` as a step does. */
export async function runAnalyze(
  repository: Repository,
  server: { readonly url: string } | null,
  options: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly log?: string;
    /** SIGINT to the process alone, as soon as this is so. */
    readonly interrupt?: () => boolean;
  } = {},
): Promise<Ran> {
  const out = join(repository.folder, "out");
  const log = join(repository.folder, "build.log");
  const scratch = join(repository.folder, "tmp");
  await mkdir(scratch, { recursive: true });
  await writeFile(
    log,
    options.log ?? "tests/sum.test.ts:5:\n(fail) sum() adds all values\nerror: expected 6, received 5 at src/sum.ts:4\n",
  );
  const child = Bun.spawn(
    [
      process.execPath,
      join(import.meta.dir, "../scripts/analyze.ts"),
      "--log",
      `linux=${log}`,
      "--checkout",
      repository.root,
      "--out",
      out,
      "--json",
      ...(options.args ?? []),
    ],
    {
      cwd: repository.folder,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: repository.folder,
        TMPDIR: scratch,
        ...(server === null ? {} : { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: "sk-test-key" }),
        ...options.env,
      },
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  if (options.interrupt !== undefined) void signalWhen(child, "SIGINT", options.interrupt);
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const report = await readFile(join(out, "report.json"), "utf8").catch(() => null);
  return {
    code,
    stdout,
    stderr,
    patch: await readFile(join(out, "fix.patch"), "utf8").catch(() => null),
    report: report === null ? null : JSON.parse(report),
  };
}

/** What an analysis may not leave behind: changed files, worktrees, scratch folders. */
export async function leftBehind(repository: Repository): Promise<readonly string[]> {
  const worktrees = git(repository.root, "worktree", "list", "--porcelain")
    .split("\n")
    .filter((line) => line.startsWith("worktree "))
    .slice(1);
  const status = git(repository.root, "status", "--porcelain")
    .split("\n")
    .filter((line) => line !== "");
  const scratch = (await readdir(join(repository.folder, "tmp")).catch(() => [])).filter((name) => name.startsWith("fixonce"));
  return [...worktrees, ...status, ...scratch];
}
