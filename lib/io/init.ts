/**
 * The files that `init` looks at and writes, and nothing else of a repository.
 *
 * @module
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Change } from "../init/plan.ts";
import { CallError } from "./command.ts";

const folders = [".github/workflows", ".github/fixonce"];

/** Workflows, settings and scripts by path, sorted. A link is refused: writing through it would change a file elsewhere. */
export function readFiles(root: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const folder of [".github", ...folders])
    if (lstatSync(join(root, folder), { throwIfNoEntry: false })?.isSymbolicLink())
      throw new CallError(`Cannot use ${folder}: it is a link`);
  const inFolders = folders.flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [],
  );
  for (const path of [".github/fixonce.yml", ...inFolders].toSorted()) {
    const found = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && /fixonce/.test(path)) throw new CallError(`Cannot use ${path}: it is a link`);
    if (found?.isFile()) files.set(path, readFileSync(join(root, path), "utf8"));
  }
  return files;
}

/** Writes and removes; a folder of ours that is empty afterwards goes as well. */
export function applyChanges(root: string, changes: readonly Change[]): void {
  for (const { path, after } of changes) {
    const target = join(root, path);
    if (after === undefined) rmSync(target);
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, after);
    }
  }
  for (const folder of [".github/fixonce", ".github/workflows", ".github"]) {
    const removed = changes.some(({ path, after }) => after === undefined && path.startsWith(`${folder}/`));
    if (removed && existsSync(join(root, folder)) && readdirSync(join(root, folder)).length === 0) rmdirSync(join(root, folder));
  }
}

/** The bundles of a folder by file name; none where there is no such folder. */
export function readBundles(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** The branch that the remote calls its default, else the one that is checked out. */
export function branchOf(root: string): string {
  const remote = git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").replace(/^origin\//, "");
  return remote || git(root, "symbolic-ref", "--quiet", "--short", "HEAD") || "main";
}

/** Whether the remote is a server of its own: neither github.com, also by an alias of SSH, nor one that GitHub runs for an enterprise. */
export function isEnterprise(root: string): boolean {
  const url = git(root, "remote", "get-url", "origin");
  const host = /^(?:(?:https?|ssh|git):\/\/)?(?:[^@/]*@)?([\w-]+(?:\.[\w-]+)+)(?::|\/)/.exec(url)?.[1]?.toLowerCase();
  return host !== undefined && !/^(?:ssh\.)?github\.com(?:$|-)|\.ghe\.com$/.test(host);
}

function git(root: string, ...command: readonly string[]): string {
  const { exitCode, stdout } = Bun.spawnSync(["git", ...command], { cwd: root, stdout: "pipe", stderr: "ignore" });
  return exitCode === 0 ? stdout.toString().trim() : "";
}

/** What builds and tests a repository, by the files that it has. */
export function commandOf(root: string): string {
  const guesses: readonly (readonly [string, string])[] = [
    ["CMakeLists.txt", "cmake -B build && cmake --build build && ctest --test-dir build --output-on-failure"],
    ["meson.build", "meson setup build && meson test -C build"],
    ["Cargo.toml", "cargo test"],
    ["bun.lock", "bun install --frozen-lockfile && bun test"],
    ["package.json", "npm ci && npm test"],
    ["pyproject.toml", "python -m pytest"],
    ["go.mod", "go test ./..."],
  ];
  return guesses.find(([file]) => existsSync(join(root, file)))?.[1] ?? "make test";
}
