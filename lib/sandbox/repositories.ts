/**
 * The repository itself: what it is, its branches, commits and files, and how two of its commits compare.
 *
 * @module
 */
import { type Answer, type JsonObject, notFound, ok, refuse } from "./answer.ts";
import type { Call, Route } from "./call.ts";
import { type Commit, compare, readCommit } from "./commits.ts";
import { isVisible, signerJson } from "./gitdata.ts";
import { isProtected, resolveCommit } from "./repository.ts";
import { nodeId, repositoryJson, repositoryUrl, userJson } from "./shapes.ts";
import { entryType, findPath, readTree, type TreeEntry } from "./trees.ts";

const base = "/repos/:owner/:repo";

export const repositoryRoutes: readonly Route[] = [
  { method: "GET", path: base, needs: [], handle: (call) => ok({ ...repositoryJson(call.repo, call.url), network_count: 0 }) },
  { method: "GET", path: `${base}/branches/*branch/protection`, needs: ["administration:read"], lag: "read", handle: getProtection },
  { method: "GET", path: `${base}/branches/*branch`, needs: ["contents:read"], lag: "read", handle: getBranch },
  { method: "GET", path: `${base}/commits/*ref`, needs: ["contents:read"], lag: "read", handle: getCommit },
  { method: "GET", path: `${base}/compare/*basehead`, needs: ["contents:read"], lag: "read", handle: compareCommits },
  { method: "GET", path: `${base}/contents/*path`, needs: ["contents:read"], lag: "read", handle: getContents },
  { method: "GET", path: `${base}/contents`, needs: ["contents:read"], lag: "read", handle: getContents },
];

/** The commit that a name stood for at the moment that a read sees. */
function commitAt(call: Call, name: string): Commit | undefined {
  const { refs, objects, defaultBranch } = call.repo;
  const branch = name === "HEAD" ? defaultBranch : name;
  const sha =
    refs.at(`refs/heads/${branch}`, call.moment) ?? refs.at(`refs/tags/${branch}`, call.moment) ?? refs.at(`refs/${branch}`, call.moment);
  const found = sha ?? (/^[0-9a-f]{40}$/.test(name) && isVisible(call, name) ? name : undefined);
  return found === undefined ? undefined : readCommit(objects, found);
}

function commitJson(commit: Commit, call: Call): JsonObject {
  const api = repositoryUrl(call.repo, call.url);
  const html = `${call.url}/${call.repo.fullName}/commit/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId("C", commit.sha),
    url: `${api}/commits/${commit.sha}`,
    html_url: html,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: signerJson(commit.author),
      committer: signerJson(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${call.url}/${call.repo.fullName}/commit/${sha}`,
    })),
  };
}

function getCommit(call: Call): Answer {
  const name = call.params.ref ?? "";
  const commit = commitAt(call, name);
  if (commit === undefined) return refuse(422, `No commit found for SHA: ${name}`, "rest/commits/commits#get-a-commit");
  return ok({ ...commitJson(commit, call), stats: { total: 0, additions: 0, deletions: 0 }, files: [] });
}

function getBranch(call: Call): Answer {
  const name = call.params.branch ?? "";
  const sha = call.repo.refs.at(`refs/heads/${name}`, call.moment);
  const commit = sha === undefined ? undefined : readCommit(call.repo.objects, sha);
  if (commit === undefined) return refuse(404, "Branch not found", "rest/branches/branches#get-a-branch");
  const api = `${repositoryUrl(call.repo, call.url)}/branches/${name}`;
  const closed = isProtected(call.repo, `refs/heads/${name}`);
  const protection = { enabled: closed, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } };
  const links = { self: api, html: `${call.url}/${call.repo.fullName}/tree/${name}` };
  return ok({ name, commit: commitJson(commit, call), _links: links, protected: closed, protection, protection_url: `${api}/protection` });
}

function getProtection(call: Call): Answer {
  const name = call.params.branch ?? "";
  const page = "rest/branches/branch-protection#get-branch-protection";
  if (call.repo.refs.at(`refs/heads/${name}`, call.moment) === undefined) return refuse(404, "Branch not found", page);
  if (!isProtected(call.repo, `refs/heads/${name}`)) return refuse(404, "Branch not protected", page);
  const url = `${repositoryUrl(call.repo, call.url)}/branches/${name}/protection`;
  return ok({ url, enforce_admins: { url: `${url}/enforce_admins`, enabled: true }, allow_force_pushes: { enabled: false } });
}

function compareCommits(call: Call): Answer {
  const page = "rest/commits/commits#compare-two-commits";
  const [left = "", right = ""] = (call.params.basehead ?? "").split("...");
  const [from, to] = [commitAt(call, left.replace(/^[^:]*:/, "")), commitAt(call, right.replace(/^[^:]*:/, ""))];
  if (from === undefined || to === undefined) return notFound(page);
  const { ahead, behind, mergeBase } = compare(call.repo.objects, from.sha, to.sha);
  const mergeCommit = mergeBase === undefined ? undefined : readCommit(call.repo.objects, mergeBase);
  if (mergeCommit === undefined) return refuse(404, `No common ancestor between ${left} and ${right}.`, page);
  const url = `${repositoryUrl(call.repo, call.url)}/compare/${left}...${right}`;
  const html = `${call.url}/${call.repo.fullName}/compare/${left}...${right}`;
  const status = ahead.length === 0 ? (behind.length === 0 ? "identical" : "behind") : behind.length === 0 ? "ahead" : "diverged";
  return ok({
    ...{ url, html_url: html, permalink_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`, status },
    base_commit: commitJson(from, call),
    merge_base_commit: commitJson(mergeCommit, call),
    ...{ ahead_by: ahead.length, behind_by: behind.length, total_commits: ahead.length },
    commits: ahead.slice(0, 250).map((commit) => commitJson(commit, call)),
    files: [],
  });
}

function getContents(call: Call): Answer {
  const path = (call.params.path ?? "").replace(/\/$/, "");
  const page = "rest/repos/contents#get-repository-content";
  const name = call.query.get("ref") ?? call.repo.defaultBranch;
  const sha = commitAt(call, name)?.sha ?? resolveCommit(call.repo, name);
  const commit = sha === undefined ? undefined : readCommit(call.repo.objects, sha);
  if (commit === undefined) return refuse(404, `No commit found for the ref ${name}`, page);
  const entry = findPath(call.repo.objects, commit.tree, path);
  if (entry === undefined) return notFound(page);
  if (entryType(entry) === "blob") {
    const content = call.repo.objects.read(entry.sha)?.content ?? Buffer.alloc(0);
    return ok({ ...entryJson(call, entry, path, name), encoding: "base64", content: content.toString("base64") });
  }
  const inner = readTree(call.repo.objects, entry.sha);
  return ok(inner.map((child) => entryJson(call, child, path === "" ? child.path : `${path}/${child.path}`, name)));
}

function entryJson(call: Call, entry: TreeEntry, path: string, ref: string): JsonObject {
  const api = repositoryUrl(call.repo, call.url);
  const type = entryType(entry);
  const [self, git, html] = [
    `${api}/contents/${path}?ref=${ref}`,
    `${api}/git/${type}s/${entry.sha}`,
    `${call.url}/${call.repo.fullName}/blob/${ref}/${path}`,
  ];
  return {
    ...{ name: path.split("/").at(-1) ?? "", path, sha: entry.sha, type: type === "tree" ? "dir" : "file" },
    size: type === "blob" ? (call.repo.objects.read(entry.sha)?.content.length ?? 0) : 0,
    ...{ url: self, git_url: git, html_url: html, download_url: null, _links: { self, git, html } },
  };
}

/** `GET /user`, which an installation may not ask. */
export function currentUser(login: string, kind: "actions" | "user", url: string): Answer {
  if (kind === "actions") return refuse(403, "Resource not accessible by integration", "rest/users/users#get-the-authenticated-user");
  const counts = { public_repos: 1, public_gists: 0, followers: 0, following: 0 };
  const profile = { name: login, company: null, blog: null, location: null, email: null, hireable: null, bio: null };
  return ok({ ...userJson(login, url), ...profile, ...counts, created_at: "2020-01-01T00:00:00Z", updated_at: "2020-01-01T00:00:00Z" });
}
