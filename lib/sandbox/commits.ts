/**
 * Commit objects as values: their exact bytes, what is in them, and how two of them are related.
 *
 * @module
 */
import type { ObjectStore } from "./objects.ts";

/** A person and a moment, as git keeps them. */
export type Signer = {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly seconds: number;
  /** Offset as git writes it, `+0000`. */
  readonly offset: string;
};

export type Commit = {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signer;
  readonly committer: Signer;
  /** Verbatim, with or without a newline at its end. */
  readonly message: string;
};

/** The most commits that a walk through history visits. */
const walkLimit = 20_000;

/** Writes a commit as `git commit-tree` would, the message verbatim, and returns its SHA. */
export function writeCommit(objects: ObjectStore, commit: Omit<Commit, "sha">): string {
  const parents = commit.parents.map((parent) => `parent ${parent}\n`).join("");
  const signers = `author ${signerLine(commit.author)}\ncommitter ${signerLine(commit.committer)}\n`;
  return objects.write("commit", `tree ${commit.tree}\n${parents}${signers}\n${commit.message}`);
}

/** Reads a commit; undefined where there is no such object, or another kind of object. */
export function readCommit(objects: ObjectStore, sha: string): Commit | undefined {
  const object = objects.read(sha);
  if (object?.type !== "commit") return undefined;
  const text = object.content.toString("utf8");
  const end = text.indexOf("\n\n");
  const headers = text.slice(0, end).split("\n");
  const values = (name: string) => headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha,
    tree: values("tree")[0] ?? "",
    parents: values("parent"),
    author: parseSigner(values("author")[0] ?? ""),
    committer: parseSigner(values("committer")[0] ?? ""),
    message: text.slice(end + 2),
  };
}

/** The commits that can be reached from one, itself first, newest first by breadth; at most `limit` of them. */
export function history(objects: ObjectStore, sha: string, limit = walkLimit): Commit[] {
  const seen = new Set([sha]);
  const queue = [sha];
  const found: Commit[] = [];
  for (let next = queue.shift(); next !== undefined && found.length < limit; next = queue.shift()) {
    const commit = readCommit(objects, next);
    if (commit === undefined) continue;
    found.push(commit);
    for (const parent of commit.parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      queue.push(parent);
    }
  }
  return found;
}

/** How a head stands to a base: what each has that the other has not, and where they parted. */
export type Comparison = { readonly ahead: readonly Commit[]; readonly behind: readonly Commit[]; readonly mergeBase: string | undefined };

/** Compares two commits, as `GET /compare/base...head` does; `ahead` is oldest first. */
export function compare(objects: ObjectStore, base: string, head: string): Comparison {
  const ofBase = history(objects, base);
  const ofHead = history(objects, head);
  const inBase = new Set(ofBase.map((commit) => commit.sha));
  const inHead = new Set(ofHead.map((commit) => commit.sha));
  return {
    ahead: ofHead.filter((commit) => !inBase.has(commit.sha)).reverse(),
    behind: ofBase.filter((commit) => !inHead.has(commit.sha)).reverse(),
    mergeBase: ofHead.find((commit) => inBase.has(commit.sha))?.sha,
  };
}

/** Whether a commit can be reached from another (a commit from itself too). */
export function isAncestor(objects: ObjectStore, ancestor: string, descendant: string): boolean {
  return ancestor === descendant || history(objects, descendant).some((commit) => commit.sha === ancestor);
}

/** Reads an ISO 8601 moment and its offset; undefined where it is none. */
export function parseDate(text: string): Pick<Signer, "seconds" | "offset"> | undefined {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  const offset = /([+-]\d\d):?(\d\d)$/.exec(text);
  return { seconds: Math.floor(milliseconds / 1000), offset: offset === null ? "+0000" : `${offset[1]}${offset[2]}` };
}

function signerLine(signer: Signer): string {
  const clean = (text: string) => text.replace(/[<>\n]/g, "").trim();
  return `${clean(signer.name)} <${clean(signer.email)}> ${signer.seconds} ${signer.offset}`;
}

function parseSigner(line: string): Signer {
  const match = /^(.*?) ?<(.*)> (\d+) ([+-]\d{4})$/.exec(line);
  return { name: match?.[1] ?? "", email: match?.[2] ?? "", seconds: Number(match?.[3] ?? 0), offset: match?.[4] ?? "+0000" };
}
