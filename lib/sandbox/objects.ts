/**
 * Git objects of a bare repository, read and written without starting git.
 *
 * An object is `<type> <length>\0<content>`, deflated, in a file named by its SHA-1; writing it is a temporary file and a rename, as git
 * does. Objects in packs (a repository that somebody else packed) are read through `git cat-file`.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";

/** The tree without files, which every git knows. */
export const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

export type ObjectType = "blob" | "tree" | "commit" | "tag";
export type GitObject = { readonly type: ObjectType; readonly content: Buffer };

/** The objects of one repository; all of it is synchronous, so that a check and the write after it are one step. */
export type ObjectStore = {
  write(type: ObjectType, content: string | Uint8Array): string;
  read(sha: string): GitObject | undefined;
};

const cachedObjects = 20_000;
const cachedBytes = 65_536;

/**
 * Opens the objects of a bare repository.
 *
 * @param gitDir the bare repository's folder
 */
export function openObjects(gitDir: string): ObjectStore {
  const cache = new Map<string, GitObject>();

  function remember(sha: string, object: GitObject): GitObject {
    if (object.content.length > cachedBytes) return object;
    if (cache.size >= cachedObjects) for (const oldest of cache.keys().take(1000)) cache.delete(oldest);
    cache.set(sha, object);
    return object;
  }

  return {
    write(type, content) {
      const bytes = Buffer.from(content);
      const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
      const sha = createHash("sha1").update(whole).digest("hex");
      if (cache.has(sha)) return sha;
      const folder = join(gitDir, "objects", sha.slice(0, 2));
      const path = join(folder, sha.slice(2));
      if (!existsSync(path)) {
        mkdirSync(folder, { recursive: true });
        const temporary = join(folder, `tmp_obj_${randomBytes(6).toString("hex")}`);
        writeFileSync(temporary, deflateSync(whole, { level: 1 }), { mode: 0o444 });
        renameSync(temporary, path);
      }
      remember(sha, { type, content: bytes });
      return sha;
    },
    read(sha) {
      if (!/^[0-9a-f]{40}$/.test(sha)) return undefined;
      const known = cache.get(sha);
      if (known !== undefined) return known;
      const found =
        readLoose(gitDir, sha) ?? readPacked(gitDir, sha) ?? (sha === emptyTree ? { type: "tree", content: Buffer.alloc(0) } : undefined);
      return found === undefined ? undefined : remember(sha, found);
    },
  };
}

function readLoose(gitDir: string, sha: string): GitObject | undefined {
  const path = join(gitDir, "objects", sha.slice(0, 2), sha.slice(2));
  try {
    const whole = inflateSync(readFileSync(path));
    const end = whole.indexOf(0);
    const type = objectType(whole.toString("utf8", 0, whole.indexOf(32)));
    return type === undefined ? undefined : { type, content: whole.subarray(end + 1) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function readPacked(gitDir: string, sha: string): GitObject | undefined {
  if (![...new Bun.Glob("*.pack").scanSync({ cwd: join(gitDir, "objects", "pack") })].length) return undefined;
  const { stdout } = Bun.spawnSync(["git", "--git-dir", gitDir, "cat-file", "--batch"], {
    stdin: Buffer.from(`${sha}\n`),
    stderr: "ignore",
  });
  const end = stdout.indexOf(10);
  const [, name = "", length = ""] = stdout.toString("utf8", 0, end).split(" ");
  const type = objectType(name);
  return type === undefined ? undefined : { type, content: Buffer.from(stdout.subarray(end + 1, end + 1 + Number(length))) };
}

function objectType(name: string): ObjectType | undefined {
  return name === "blob" || name === "tree" || name === "commit" || name === "tag" ? name : undefined;
}
