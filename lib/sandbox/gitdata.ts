/**
 * The git database endpoints: commits, refs, tags, trees and blobs.
 *
 * @module
 */
import { type Answer, created, type JsonObject, list, noContent, notFound, ok, refuse } from "./answer.ts";
import { type Call, iso, missingField, type Route, text, texts } from "./call.ts";
import { type Commit, isAncestor, parseDate, readCommit, type Signer, writeCommit } from "./commits.ts";
import { followPulls } from "./follow.ts";
import { emptyTree } from "./objects.ts";
import { isValidRef } from "./refs.ts";
import { isProtected, type Repository } from "./repository.ts";
import { nodeId, repositoryUrl } from "./shapes.ts";
import { blobRoutes } from "./trees.ts";

const pages = { refs: "rest/git/refs", commits: "rest/git/commits" } as const;

export const gitRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/git/commits", needs: ["contents:write"], creates: true, handle: createCommit },
  { method: "GET", path: "/repos/:owner/:repo/git/commits/:sha", needs: ["contents:read"], lag: "read", handle: getCommit },
  { method: "POST", path: "/repos/:owner/:repo/git/refs", needs: ["contents:write"], creates: true, handle: createRef },
  { method: "GET", path: "/repos/:owner/:repo/git/ref/*ref", needs: ["contents:read"], lag: "read", handle: getRef },
  { method: "GET", path: "/repos/:owner/:repo/git/matching-refs/*ref", needs: ["contents:read"], lag: "read", handle: matchingRefs },
  { method: "GET", path: "/repos/:owner/:repo/git/matching-refs/", needs: ["contents:read"], lag: "read", handle: matchingRefs },
  { method: "PATCH", path: "/repos/:owner/:repo/git/refs/*ref", needs: ["contents:write"], creates: true, handle: updateRef },
  { method: "DELETE", path: "/repos/:owner/:repo/git/refs/*ref", needs: ["contents:write"], handle: deleteRef },
  ...blobRoutes,
];

/** A commit as the git database shows it; `commit_sha` endpoints and the answer to a creation alike. */
function gitCommitJson(commit: Commit, repo: Repository, url: string): JsonObject {
  const api = repositoryUrl(repo, url);
  return {
    sha: commit.sha,
    node_id: nodeId("C", commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${url}/${repo.fullName}/commit/${commit.sha}`,
    author: signerJson(commit.author),
    committer: signerJson(commit.committer),
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/git/commits/${sha}`, html_url: `${url}/${repo.fullName}/commit/${sha}` })),
    verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
  };
}

export function signerJson(signer: Signer): JsonObject {
  return { name: signer.name, email: signer.email, date: iso(signer.seconds * 1000) };
}

/** The signer that stands in a body, completed by whoever asks and the server's clock; undefined where it is malformed. */
function signerOf(value: unknown, fallback: Signer): Signer | undefined {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== "object") return undefined;
  const { name, email, date } = value as { readonly name?: unknown; readonly email?: unknown; readonly date?: unknown };
  if (typeof name !== "string" || typeof email !== "string" || name === "" || email === "") return undefined;
  if (date === undefined) return { ...fallback, name, email };
  const parsed = typeof date === "string" ? parseDate(date) : undefined;
  return parsed === undefined ? undefined : { name, email, ...parsed };
}

/** Who signs commits of a token, by the server's clock. */
export function signerFor(call: Call): Signer {
  const { login } = call.token;
  const email = login === "github-actions[bot]" ? `41898282+${login}` : login;
  return { name: login, email: `${email}@users.noreply.github.com`, seconds: Math.floor(call.now / 1000), offset: "+0000" };
}

function createCommit(call: Call): Answer {
  const { repo } = call;
  const page = `${pages.commits}#create-a-commit`;
  const [message, tree] = [text(call, "message"), text(call, "tree")];
  if (message === undefined) return missingField("message", page);
  if (tree === undefined) return missingField("tree", page);
  if (repo.objects.read(tree)?.type !== "tree" || (repo.settings.refuseEmptyTree && tree === emptyTree))
    return refuse(422, "Tree SHA does not exist", page);
  const parents = texts(call, "parents") ?? [];
  if (parents.some((parent) => repo.objects.read(parent)?.type !== "commit"))
    return refuse(422, "Parent SHA does not exist or is not a commit object", page);
  const author = signerOf(call.body.author, signerFor(call));
  const committer = author === undefined ? undefined : signerOf(call.body.committer, author);
  if (author === undefined || committer === undefined) return refuse(422, "Invalid request.\n\nInvalid author or committer.", page);
  const sha = writeCommit(repo.objects, { tree, parents, author, committer, message });
  if (repo.commitBirths.get(sha, call.at) === undefined) repo.commitBirths.set(sha, true, call.at);
  const json = gitCommitJson({ sha, tree, parents, author, committer, message }, repo, call.url);
  return created(json, `${repositoryUrl(repo, call.url)}/git/commits/${sha}`);
}

function getCommit(call: Call): Answer {
  const sha = call.params.sha ?? "";
  const commit = isVisible(call, sha) ? readCommit(call.repo.objects, sha) : undefined;
  return commit === undefined ? notFound(`${pages.commits}#get-a-commit-object`) : ok(gitCommitJson(commit, call.repo, call.url));
}

/** A commit made through the API is not there yet for a read that lags behind its birth. */
export function isVisible(call: Call, sha: string): boolean {
  const born = call.repo.commitBirths.get(sha, Number.POSITIVE_INFINITY);
  return born === undefined || call.repo.commitBirths.get(sha, call.moment) !== undefined;
}

function createRef(call: Call): Answer {
  const { repo } = call;
  const page = `${pages.refs}#create-a-reference`;
  const [name, sha] = [text(call, "ref"), text(call, "sha")];
  if (name === undefined) return missingField("ref", page);
  if (sha === undefined) return missingField("sha", page);
  if (name.split("/").length < 3) return refuse(422, "Reference name must contain at least three slash-separated components.", page);
  if (!name.startsWith("refs/") || !isValidRef(name)) return refuse(422, `${name} is not a valid ref name.`, page);
  const type = repo.objects.read(sha)?.type;
  if (type === undefined) return refuse(422, "Object does not exist", page);
  if (name.startsWith("refs/heads/") && type !== "commit") return refuse(422, "Reference update failed", page);
  if (isProtected(repo, name)) return refuse(422, "Repository rule violations found", page);
  const outcome = repo.refs.create(name, sha);
  if (outcome === "exists") return refuse(422, "Reference already exists", page);
  if (outcome !== "done") return refuse(422, "Reference update failed", page);
  return created(refJson(name, sha, call), refUrl(name, call));
}

function getRef(call: Call): Answer {
  const name = `refs/${call.params.ref}`;
  const sha = call.repo.refs.at(name, call.moment);
  return sha === undefined ? notFound(`${pages.refs}#get-a-reference`) : ok(refJson(name, sha, call));
}

function matchingRefs(call: Call): Answer {
  const found = call.repo.refs.matching(`refs/${call.params.ref ?? ""}`, call.moment);
  return list(found.map(([name, sha]) => refJson(name, sha, call)));
}

function updateRef(call: Call): Answer {
  const { repo } = call;
  const page = `${pages.refs}#update-a-reference`;
  const name = `refs/${call.params.ref}`;
  const sha = text(call, "sha");
  if (sha === undefined) return missingField("sha", page);
  const before = repo.refs.read(name);
  if (before === undefined) return refuse(422, "Reference does not exist", page);
  const object = repo.objects.read(sha);
  if (object === undefined) return refuse(422, "Object does not exist", page);
  if (name.startsWith("refs/heads/") && object.type !== "commit") return refuse(422, "Reference update failed", page);
  if (isProtected(repo, name)) return refuse(422, "Repository rule violations found", page);
  if (call.body.force !== true && !isAncestor(repo.objects, before, sha)) return refuse(422, "Update is not a fast forward", page);
  const outcome = repo.refs.update(name, before, sha);
  if (outcome === "missing") return refuse(422, "Reference does not exist", page);
  if (outcome === "changed") return refuse(422, "Update is not a fast forward", page);
  if (outcome !== "done") return refuse(422, "Reference cannot be updated", page);
  followPulls(repo, [name], { ...call, login: call.token.login });
  return ok(refJson(name, sha, call));
}

function deleteRef(call: Call): Answer {
  const name = `refs/${call.params.ref}`;
  const page = `${pages.refs}#delete-a-reference`;
  if (name === `refs/heads/${call.repo.defaultBranch}` || isProtected(call.repo, name))
    return refuse(422, "Cannot delete the default branch", page);
  const outcome = call.repo.refs.remove(name);
  if (outcome === "missing") return refuse(422, "Reference does not exist", page);
  if (outcome !== "done") return refuse(422, "Reference cannot be updated", page);
  followPulls(call.repo, [name], { ...call, login: call.token.login });
  return noContent;
}

function refJson(name: string, sha: string, call: Call): JsonObject {
  const type = call.repo.objects.read(sha)?.type ?? "commit";
  const api = repositoryUrl(call.repo, call.url);
  return { ref: name, node_id: nodeId("REF", name), url: refUrl(name, call), object: { sha, type, url: `${api}/git/${type}s/${sha}` } };
}

function refUrl(name: string, call: Call): string {
  return `${repositoryUrl(call.repo, call.url)}/git/${name.split("/").map(encodeURIComponent).join("/")}`;
}
