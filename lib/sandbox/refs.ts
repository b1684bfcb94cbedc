/**
 * The refs of a bare repository: written through git's own lock files, read from their past.
 *
 * The truth is on the disk, where pushes write too. To create `refs/x`, take `refs/x.lock` with O_EXCL, check under the lock, write, and
 * rename the lock onto the ref: the same steps as git, so that a push and a request exclude each other. Each change that is seen (our
 * own, and after a push those it named) is appended to a history, from which lagging reads are answered.
 *
 * @module
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { createHistory, type History, latest } from "./history.ts";

/** What became of a write: done, or why not. `blocked`: a parent or child of the name is a ref. `busy`: its lock stayed taken. */
export type RefWrite = "done" | "exists" | "missing" | "changed" | "blocked" | "busy";

/** The refs of one repository; all of it is synchronous, so requests never interleave within a write. */
export type RefStore = {
  /** Creates a ref, or says why not. */
  create(name: string, sha: string): RefWrite;
  /** Moves a ref that still points where the caller thinks. */
  update(name: string, expected: string, sha: string): RefWrite;
  remove(name: string): RefWrite;
  /** The truth, from the disk. */
  read(name: string): string | undefined;
  /** A ref as it was at a moment. */
  at(name: string, moment: number): string | undefined;
  /** Refs that began with a prefix at a moment, sorted by name. */
  matching(prefix: string, moment: number): [string, string][];
  /** Takes changes into the history that came from elsewhere: those of the named refs, or all. */
  reconcile(names?: readonly string[]): void;
};

const lockAttempts = 200;

/**
 * Opens the refs of a bare repository.
 *
 * @param gitDir the bare repository's folder
 * @param now the clock of the history, in ms
 * @param keepMs how far back reads may go, in ms
 */
export function openRefs(gitDir: string, now: () => number, keepMs: () => number): RefStore {
  const past: History<string, string> = createHistory(keepMs);
  const packed = packedReader(gitDir);

  function read(name: string): string | undefined {
    if (!isValidRef(name)) return undefined;
    return readLoose(join(gitDir, name)) ?? packed().get(name);
  }

  function note(name: string): void {
    const sha = read(name);
    if (sha !== past.get(name, latest)) past.set(name, sha, now());
  }

  function blockedByPacked(name: string): boolean {
    for (const other of packed().keys()) {
      const [shorter, longer] = other.length < name.length ? [other, name] : [name, other];
      if (longer.startsWith(`${shorter}/`) && read(other) !== undefined) return true;
    }
    return false;
  }

  /** Checks under git's lock, then renames the lock onto the ref. */
  function write(name: string, sha: string, refused: (current: string | undefined) => RefWrite | undefined): RefWrite {
    if (!isValidRef(name)) return "blocked";
    const path = join(gitDir, name);
    const taken = takeLock(path);
    if (taken !== "done") return taken;
    const why = refused(read(name)) ?? (blockedByPacked(name) || !emptyFolder(path) ? "blocked" : undefined);
    if (why !== undefined) {
      unlinkSync(`${path}.lock`);
      return why;
    }
    const file = openSync(`${path}.lock`, "w");
    writeSync(file, `${sha}\n`);
    closeSync(file);
    renameSync(`${path}.lock`, path);
    past.set(name, sha, now());
    return "done";
  }

  return {
    create: (name, sha) => write(name, sha, (current) => (current === undefined ? undefined : "exists")),
    update: (name, expected, sha) =>
      write(name, sha, (current) => (current === undefined ? "missing" : current === expected ? undefined : "changed")),
    remove(name) {
      if (!isValidRef(name)) return "missing";
      const path = join(gitDir, name);
      if (packed().has(name)) {
        const { exitCode } = Bun.spawnSync(["git", "--git-dir", gitDir, "update-ref", "-d", name], { stderr: "ignore" });
        note(name);
        return exitCode === 0 ? "done" : "busy";
      }
      if (readLoose(path) === undefined) return "missing";
      const taken = takeLock(path);
      if (taken !== "done") return taken;
      const existed = readLoose(path) !== undefined;
      if (existed) unlinkSync(path);
      unlinkSync(`${path}.lock`);
      removeEmptyParents(path, join(gitDir, "refs"));
      note(name);
      return existed ? "done" : "missing";
    },
    read,
    at: (name, moment) => past.get(name, moment),
    matching(prefix, moment) {
      const found = past.entries(moment).filter(([name]) => name.startsWith(prefix));
      return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    },
    reconcile(names) {
      const all = names ?? [...past.entries(latest).map(([name]) => name), ...packed().keys(), ...looseNames(gitDir, "refs")];
      for (const name of new Set(all)) note(name);
    },
  };
}

/** Whether git accepts a full ref name (`git check-ref-format`); nothing else ever becomes a path. */
export function isValidRef(name: string): boolean {
  if (!name.startsWith("refs/") || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\//.test(name) || name.length > 1000) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock") && Buffer.byteLength(part) < 250);
}

function takeLock(path: string): RefWrite {
  for (let attempt = 0; attempt < lockAttempts; attempt++) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(`${path}.lock`, "wx"));
      return "done";
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOTDIR") return "blocked";
      if (code === "EEXIST" && !lockExists(path)) {
        if (parentIsFile(path)) return "blocked";
        continue;
      }
      if (code !== "EEXIST" && code !== "ENOENT") throw error;
      Bun.sleepSync(1);
    }
  }
  return "busy";
}

function lockExists(path: string): boolean {
  return kindOf(`${path}.lock`) !== "none";
}

function parentIsFile(path: string): boolean {
  for (let folder = dirname(path); folder.length > 1; folder = dirname(folder)) {
    const kind = kindOf(folder);
    if (kind !== "none") return kind === "file";
  }
  return false;
}

/** Whether nothing but empty folders stands where a ref is to be written; removes them, as git does. */
function emptyFolder(path: string): boolean {
  if (kindOf(path) !== "folder") return true;
  try {
    for (const name of readdirSync(path)) if (!emptyFolder(join(path, name)) || kindOf(join(path, name)) === "file") return false;
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function kindOf(path: string): "file" | "folder" | "none" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return "none";
  }
}

function removeEmptyParents(path: string, root: string): void {
  for (let folder = dirname(path); dirname(folder) !== root && folder.startsWith(root); folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

function readLoose(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR", "ENAMETOOLONG"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function looseNames(gitDir: string, name: string): string[] {
  const entries = readdirSync(join(gitDir, name), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const inner = `${name}/${entry.name}`;
    return entry.isDirectory() ? looseNames(gitDir, inner) : inner.endsWith(".lock") ? [] : [inner];
  });
}

/** Reads `packed-refs`, again whenever the file changed. */
function packedReader(gitDir: string): () => ReadonlyMap<string, string> {
  const path = join(gitDir, "packed-refs");
  let stamp = "";
  let refs = new Map<string, string>();
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const seen = stat === undefined ? "" : `${stat.mtimeMs}/${stat.size}/${stat.ino}`;
    if (seen === stamp) return refs;
    stamp = seen;
    const lines = stat === undefined ? [] : readFileSync(path, "utf8").split("\n");
    refs = new Map(lines.filter((line) => /^[0-9a-f]{40} /.test(line)).map((line) => [line.slice(41), line.slice(0, 40)]));
    return refs;
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
