/**
 * Fills a new bare repository: from files, or with a copy of another repository.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeCommit } from "./commits.ts";
import { openObjects } from "./objects.ts";
import { configEnvironment, gitConfig } from "./smart.ts";
import { writeFiles } from "./trees.ts";

/** Files by path; `{ content, executable }` for a script. */
export type Files = Readonly<Record<string, string | Uint8Array | { readonly content: string | Uint8Array; readonly executable: boolean }>>;

export type SeedOptions = {
  /** A git repository to copy, or a plain folder or files for a first commit. @default a README */
  readonly from?: string | Files;
  /** @default "main" */
  readonly defaultBranch?: string;
  /** Of the first commit. @default "Initial commit" */
  readonly message?: string;
  /** Moment of the first commit in ms, so that equal files give an equal SHA. @default 2026-01-01 */
  readonly date?: number;
};

/** The hook that refuses pushes to protected branches with GitHub's words. */
const updateHook = `#!/bin/sh
printf '%s\\n' "$SANDBOX_PROTECTED" | grep -Fqx "$1" || exit 0
echo "error: GH006: Protected branch update failed for $1." >&2
exit 1
`;

/**
 * Makes a bare repository at a folder.
 *
 * @param gitDir the folder, which must not exist yet
 */
export async function seedRepository(gitDir: string, options: SeedOptions): Promise<void> {
  const branch = options.defaultBranch ?? "main";
  await mkdir(gitDir, { recursive: true });
  await git(["init", "--quiet", "--bare", "--template=", `--initial-branch=${branch}`, gitDir]);
  await Bun.write(`${gitDir}/hooks/update`, updateHook);
  await Bun.$`chmod +x ${`${gitDir}/hooks/update`}`.quiet();
  const given = typeof options.from === "string" && !isRepository(options.from) ? await filesOf(options.from) : options.from;
  if (typeof given === "string") {
    const refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    await git(["--git-dir", gitDir, "-c", "fetch.unpackLimit=1000000", "fetch", "--quiet", "--update-head-ok", given, ...refs]);
    return;
  }
  const objects = openObjects(gitDir);
  const files = Object.entries(given ?? { "README.md": "# A repository of the sandbox\n" }).map(([path, file]) => {
    const plain = typeof file === "string" || file instanceof Uint8Array;
    const sha = objects.write("blob", plain ? file : file.content);
    return [path, { mode: !plain && file.executable ? "100755" : "100644", sha }] as const;
  });
  const seconds = Math.floor((options.date ?? Date.UTC(2026, 0, 1)) / 1000);
  const signer = { name: "octocat", email: "octocat@users.noreply.github.com", seconds, offset: "+0000" };
  const tree = writeFiles(objects, undefined, new Map(files));
  const sha = writeCommit(objects, {
    tree,
    parents: [],
    author: signer,
    committer: signer,
    message: `${options.message ?? "Initial commit"}\n`,
  });
  await Bun.write(`${gitDir}/refs/heads/${branch}`, `${sha}\n`);
}

function isRepository(folder: string): boolean {
  return existsSync(join(folder, ".git")) || existsSync(join(folder, "HEAD"));
}

async function filesOf(folder: string): Promise<Files> {
  const files: Record<string, { readonly content: Uint8Array; readonly executable: boolean }> = {};
  for (const path of [...new Bun.Glob("**/*").scanSync({ cwd: folder, dot: true })].sort()) {
    const full = join(folder, path);
    files[path] = { content: await Bun.file(full).bytes(), executable: (statSync(full).mode & 0o100) !== 0 };
  }
  return files;
}

async function git(args: readonly string[]): Promise<void> {
  const child = Bun.spawn(["git", ...args], { env: { ...Bun.env, ...configEnvironment(gitConfig) }, stdout: "ignore", stderr: "pipe" });
  const message = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`Cannot run git ${args.join(" ")}: ${message.trim()}`);
}
