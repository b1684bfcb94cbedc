/**
 * Trees, blobs and annotated tags: the endpoints, and the files of a commit.
 *
 * @module
 */
import { type Answer, created, type JsonObject, notFound, ok, refuse } from "./answer.ts";
import { type Call, iso, missingField, type Route, text } from "./call.ts";
import type { ObjectStore, ObjectType } from "./objects.ts";
import { nodeId, repositoryUrl } from "./shapes.ts";

export type TreeEntry = { readonly mode: string; readonly path: string; readonly sha: string };

export const blobRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/git/blobs", needs: ["contents:write"], creates: true, handle: createBlob },
  { method: "GET", path: "/repos/:owner/:repo/git/blobs/:sha", needs: ["contents:read"], handle: getBlob },
  { method: "POST", path: "/repos/:owner/:repo/git/trees", needs: ["contents:write"], creates: true, handle: createTree },
  { method: "GET", path: "/repos/:owner/:repo/git/trees/:sha", needs: ["contents:read"], handle: getTree },
  { method: "POST", path: "/repos/:owner/:repo/git/tags", needs: ["contents:write"], creates: true, handle: createTag },
  { method: "GET", path: "/repos/:owner/:repo/git/tags/:sha", needs: ["contents:read"], handle: getTag },
];

/** The entries of a tree object. */
export function readTree(objects: ObjectStore, sha: string): TreeEntry[] {
  const content = objects.read(sha)?.content ?? Buffer.alloc(0);
  const entries: TreeEntry[] = [];
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(32, start);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString("utf8", start, space),
      path: content.toString("utf8", space + 1, end),
      sha: content.toString("hex", end + 1, end + 21),
    });
    start = end + 21;
  }
  return entries;
}

/** Writes a tree of one folder, sorted as git sorts it (a folder as if its name ended with a slash). */
function writeTree(objects: ObjectStore, entries: readonly TreeEntry[]): string {
  const key = (entry: TreeEntry) => Buffer.from(entry.mode === "40000" ? `${entry.path}/` : entry.path);
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
  return objects.write(
    "tree",
    Buffer.concat(sorted.flatMap((entry) => [Buffer.from(`${entry.mode} ${entry.path}\0`), Buffer.from(entry.sha, "hex")])),
  );
}

/** Writes the tree of files given by path (`null` removes one), on top of a tree. */
export function writeFiles(
  objects: ObjectStore,
  base: string | undefined,
  files: ReadonlyMap<string, { readonly mode: string; readonly sha: string } | null>,
): string {
  const entries = new Map((base === undefined ? [] : readTree(objects, base)).map((entry) => [entry.path, entry]));
  const folders = new Map<string, Map<string, { readonly mode: string; readonly sha: string } | null>>();
  for (const [path, file] of files) {
    const slash = path.indexOf("/");
    const name = slash === -1 ? path : path.slice(0, slash);
    if (slash !== -1) folders.set(name, (folders.get(name) ?? new Map()).set(path.slice(slash + 1), file));
    else if (file === null) entries.delete(name);
    else entries.set(name, { mode: file.mode.replace(/^0/, ""), path: name, sha: file.sha });
  }
  for (const [name, inner] of folders) {
    const before = entries.get(name);
    const sha = writeFiles(objects, before?.mode === "40000" ? before.sha : undefined, inner);
    if (readTree(objects, sha).length === 0) entries.delete(name);
    else entries.set(name, { mode: "40000", path: name, sha });
  }
  return writeTree(objects, [...entries.values()]);
}

/** What stands at a path below a tree. */
export function findPath(objects: ObjectStore, tree: string, path: string): TreeEntry | undefined {
  let entry: TreeEntry | undefined = { mode: "40000", path: "", sha: tree };
  for (const part of path.split("/").filter((name) => name !== "")) {
    entry = entry?.mode === "40000" ? readTree(objects, entry.sha).find((inner) => inner.path === part) : undefined;
  }
  return entry;
}

export function entryType(entry: TreeEntry): ObjectType {
  return entry.mode === "40000" ? "tree" : entry.mode === "160000" ? "commit" : "blob";
}

function createBlob(call: Call): Answer {
  const content = text(call, "content");
  if (content === undefined) return missingField("content", "rest/git/blobs#create-a-blob");
  const sha = call.repo.objects.write("blob", Buffer.from(content, text(call, "encoding") === "base64" ? "base64" : "utf8"));
  return created({ sha, url: `${repositoryUrl(call.repo, call.url)}/git/blobs/${sha}` });
}

function getBlob(call: Call): Answer {
  const sha = call.params.sha ?? "";
  const object = call.repo.objects.read(sha);
  if (object?.type !== "blob") return notFound("rest/git/blobs#get-a-blob");
  const url = `${repositoryUrl(call.repo, call.url)}/git/blobs/${sha}`;
  return ok({
    sha,
    node_id: nodeId("B", sha),
    size: object.content.length,
    url,
    content: object.content.toString("base64"),
    encoding: "base64",
  });
}

function createTree(call: Call): Answer {
  const page = "rest/git/trees#create-a-tree";
  const { objects } = call.repo;
  const given = call.body.tree;
  if (!Array.isArray(given)) return missingField("tree", page);
  const files = new Map<string, { readonly mode: string; readonly sha: string } | null>();
  for (const entry of given as readonly JsonObject[]) {
    const sha = typeof entry.content === "string" ? objects.write("blob", entry.content) : entry.sha;
    if (typeof entry.path !== "string" || entry.path === "") return refuse(422, "tree.path contains a malformed path component", page);
    if (typeof sha === "string" && objects.read(sha) === undefined) return refuse(422, `tree.sha ${sha} is not a valid object`, page);
    files.set(entry.path, typeof sha === "string" ? { mode: typeof entry.mode === "string" ? entry.mode : "100644", sha } : null);
  }
  const base = text(call, "base_tree");
  const root = base === undefined ? undefined : treeOf(call, base);
  if (base !== undefined && root === undefined) return refuse(422, "base_tree is not a valid tree oid", page);
  return created(treeJson(call, writeFiles(objects, root, files)));
}

function getTree(call: Call): Answer {
  const tree = treeOf(call, call.params.sha ?? "");
  return tree === undefined ? notFound("rest/git/trees#get-a-tree") : ok(treeJson(call, tree, call.query.has("recursive")));
}

function treeOf(call: Call, sha: string): string | undefined {
  const object = call.repo.objects.read(sha);
  if (object?.type === "tree") return sha;
  return object?.type === "commit" ? object.content.toString("utf8", 5, 45) : undefined;
}

function treeJson(call: Call, sha: string, recursive = false): JsonObject {
  const api = repositoryUrl(call.repo, call.url);
  const walk = (tree: string, prefix: string): JsonObject[] =>
    readTree(call.repo.objects, tree).flatMap((entry) => {
      const type = entryType(entry);
      const size = type === "blob" ? { size: call.repo.objects.read(entry.sha)?.content.length ?? 0 } : {};
      const path = `${prefix}${entry.path}`;
      const json = { path, mode: entry.mode.padStart(6, "0"), type, sha: entry.sha, ...size, url: `${api}/git/${type}s/${entry.sha}` };
      return recursive && type === "tree" ? [json, ...walk(entry.sha, `${path}/`)] : [json];
    });
  return { sha, url: `${api}/git/trees/${sha}`, tree: walk(sha, ""), truncated: false };
}

function createTag(call: Call): Answer {
  const page = "rest/git/tags#create-a-tag-object";
  const [tag, message, object] = [text(call, "tag"), text(call, "message"), text(call, "object")];
  if (tag === undefined || message === undefined || object === undefined) return missingField("tag", page);
  const target = call.repo.objects.read(object);
  if (target === undefined) return refuse(422, "Object does not exist", page);
  const seconds = Math.floor(call.now / 1000);
  const tagger = `${call.token.login} <${call.token.login}@users.noreply.github.com> ${seconds} +0000`;
  const sha = call.repo.objects.write("tag", `object ${object}\ntype ${target.type}\ntag ${tag}\ntagger ${tagger}\n\n${message}`);
  return created(tagJson(call, sha));
}

function getTag(call: Call): Answer {
  const sha = call.params.sha ?? "";
  return call.repo.objects.read(sha)?.type === "tag" ? ok(tagJson(call, sha)) : notFound("rest/git/tags#get-a-tag");
}

function tagJson(call: Call, sha: string): JsonObject {
  const api = repositoryUrl(call.repo, call.url);
  const content = call.repo.objects.read(sha)?.content.toString("utf8") ?? "";
  const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(content)?.[1] ?? "";
  const tagger = /^(.*) <(.*)> (\d+)/.exec(field("tagger"));
  return {
    node_id: nodeId("TA", sha),
    tag: field("tag"),
    sha,
    url: `${api}/git/tags/${sha}`,
    message: content.slice(content.indexOf("\n\n") + 2),
    tagger: {
      name: tagger?.[1] ?? "",
      email: tagger?.[2] ?? "",
      date: iso(Number(tagger?.[3] ?? 0) * 1000),
    },
    object: { sha: field("object"), type: field("type"), url: `${api}/git/${field("type")}s/${field("object")}` },
    verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
  };
}
