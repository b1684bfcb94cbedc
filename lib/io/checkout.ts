/**
 * The commit under analysis, through git: its tree and blobs, its diff, a copy without `.git` to look into, the patch of a change, and a
 * worktree to try it in. Reads objects, never the working tree: what a build left behind or a person has not committed plays no part.
 *
 * No string reaches a shell; hooks, external diffs, text conversions and prompts are off. New objects go to a folder of their own, so
 * the checkout is left as it was.
 *
 * @module
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Change } from "../edits.ts";
import { withoutModel } from "./credentials.ts";

/** A command that did not do what was asked; its message never holds a URL's credentials, as it names the subcommand only. */
export class GitError extends Error {
  override readonly name = "GitError";
}

/** The folder is no repository, or has no commit: the caller named the wrong one. */
export class NoCheckout extends Error {
  override readonly name = "NoCheckout";
}

export type Checkout = {
  readonly root: string;
  /** The caller's folder within it (`packages/a/`), where commands run; empty at the root. */
  readonly prefix: string;
  /** The commit that is read, in full. */
  readonly sha: string;
  /** Every path with its mode (`100644`, `120000` link, `160000` submodule). */
  readonly modes: ReadonlyMap<string, string>;
};

const QUIET = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"];
const MAX_OUTPUT = 64 * 1024 * 1024;
/** No git command of ours takes longer, unless a server does not answer. */
const TIMEOUT_MS = 120_000;

/** Open the commit `sha` in the repository around `folder`, or its HEAD where that commit is not there. */
export async function openCheckout(folder: string, sha: string | null): Promise<Checkout> {
  const root = await git(folder, ["rev-parse", "--show-toplevel"]).then(
    (path) => path.trim(),
    (cause: unknown) => {
      throw new NoCheckout(`Cannot read the checkout ${folder}: it is not a git repository`, { cause });
    },
  );
  const prefix = (await git(folder, ["rev-parse", "--show-prefix"])).trim();
  const find = async (): Promise<string | null> =>
    git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${sha}^{commit}`]).catch(() => null);
  // A retry stands on the fix before it, which a shallow checkout of the failing commit does not have.
  const fetched = async (): Promise<string | null> => {
    const shallow = (await git(root, ["rev-parse", "--is-shallow-repository"])).trim() === "true";
    const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", ...(shallow ? ["--depth=2"] : [])];
    await git(root, ["fetch", ...how, "origin", `${sha}`]).catch(() => "");
    return find();
  };
  const found = sha === null ? null : ((await find()) ?? (await fetched()));
  const commit = (found ?? (await git(root, ["rev-parse", "--verify", "HEAD^{commit}"]))).trim();
  const listing = await git(root, ["ls-tree", "-r", "-z", "--full-tree", commit]);
  const modes = new Map(
    listing
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => [line.slice(line.indexOf("\t") + 1), line.slice(0, 6)] as const),
  );
  return { root, prefix, sha: commit, modes };
}

/** Text of a file of the commit; null when it is no plain file, or larger than `maxBytes`. */
export async function readBlob(checkout: Checkout, path: string, maxBytes = 2_000_000): Promise<string | null> {
  const mode = checkout.modes.get(path);
  if (mode !== "100644" && mode !== "100755") return null;
  const size = Number(await git(checkout.root, ["cat-file", "-s", `${checkout.sha}:${path}`]));
  return size > maxBytes ? null : git(checkout.root, ["cat-file", "blob", `${checkout.sha}:${path}`]);
}

/** The diff of the commit against its first parent (all of it when there is none), at most `maxChars`. */
export async function commitDiff(checkout: Checkout, maxChars: number): Promise<string> {
  const diff = await git(checkout.root, [
    "show",
    "--format=%s",
    "--first-parent",
    "-m",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--unified=5",
    checkout.sha,
  ]).catch(() => "");
  return diff.length > maxChars ? `${diff.slice(0, diff.lastIndexOf("\n", maxChars))}\n[cut]` : diff;
}

/** A copy of the commit's files in `folder`, without `.git`. */
export async function copyTree(checkout: Checkout, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = join(folder, "..", `tree-${crypto.randomUUID()}.tar`);
  await git(checkout.root, ["archive", "--format=tar", `--output=${tar}`, checkout.sha]);
  await run(["tar", "-xf", tar, "-C", folder], folder);
  await rm(tar, { force: true });
}

/** The change as a patch for `git apply`, made from objects alone, so that no filter or line-ending setting touches it. */
export async function makePatch(checkout: Checkout, changes: readonly Change[], scratch: string): Promise<string> {
  const objects = (await git(checkout.root, ["rev-parse", "--path-format=absolute", "--git-path", "objects"])).trim();
  const own = join(scratch, `objects-${crypto.randomUUID()}`);
  await mkdir(own, { recursive: true });
  const env = { GIT_INDEX_FILE: join(own, "index"), GIT_OBJECT_DIRECTORY: own, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
  await git(checkout.root, ["read-tree", checkout.sha], { env });
  for (const change of changes) {
    const after = change.after ?? "";
    const blob = (await git(checkout.root, ["hash-object", "-w", "--stdin", "--no-filters"], { env, input: after })).trim();
    const mode = checkout.modes.get(change.path) ?? "100644";
    await git(checkout.root, ["update-index", "--add", "-z", "--index-info"], { env, input: `${mode} ${blob}\t${change.path}\0` });
  }
  return git(
    checkout.root,
    [
      "diff",
      "--cached",
      "--binary",
      "--full-index",
      "--no-renames",
      "--no-ext-diff",
      "--no-textconv",
      "--no-color",
      "--src-prefix=a/",
      "--dst-prefix=b/",
      checkout.sha,
    ],
    { env },
  );
}

/** A detached worktree of the commit, removed when it is disposed of. */
export async function addWorktree(checkout: Checkout, folder: string): Promise<AsyncDisposable & { readonly folder: string }> {
  await git(checkout.root, ["worktree", "add", "--detach", "--force", folder, checkout.sha], { env: { GIT_LFS_SKIP_SMUDGE: "1" } });
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
      await git(checkout.root, ["worktree", "prune"]).catch(() => "");
    },
  };
}

/** Apply a patch file in a folder; what git says when it does not apply, or null. */
export async function applyPatch(folder: string, patchFile: string): Promise<string | null> {
  return git(folder, ["apply", "--binary", "--whitespace=nowarn", patchFile]).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : "git apply failed"),
  );
}

async function git(
  cwd: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<string> {
  return run(["git", ...QUIET, ...args], cwd, options);
}

async function run(
  command: readonly string[],
  cwd: string,
  options: { readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<string> {
  const child = Bun.spawn([...command], {
    cwd,
    // Git needs the token to fetch, never the model's key.
    env: { ...withoutModel(process.env), GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C", ...options.env },
    stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
    stdout: "pipe",
    stderr: "pipe",
    maxBuffer: MAX_OUTPUT,
    timeout: TIMEOUT_MS,
  });
  const [out, err, code] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited]);
  const what = command.find((word, at) => at > 0 && !word.startsWith("-") && !word.includes("=")) ?? "";
  if (code !== 0) throw new GitError(`Cannot ${command[0]} ${what}: ${withoutCredentials(err).trim().slice(0, 300) || `exit ${code}`}`);
  // A byte order mark is part of the file: `text()` would drop it, and the patch would too.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(out);
}

function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@/g, "://");
}
