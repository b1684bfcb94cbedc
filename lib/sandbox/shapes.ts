/**
 * How GitHub's API shows users, repositories, labels, issues and comments.
 *
 * @module
 */
import type { Json, JsonObject } from "./answer.ts";
import { iso } from "./call.ts";
import { latest } from "./history.ts";
import type { Comment, Issue, Label, Repository } from "./repository.ts";

/** An opaque id for GraphQL: the type and the number, in base64. */
export function nodeId(type: string, id: number | string): string {
  return Buffer.from(`${type}:${id}`).toString("base64url");
}

export function repositoryUrl(repo: Repository, url: string): string {
  return `${url}/repos/${repo.fullName}`;
}

export function userJson(login: string, url: string): JsonObject {
  const bot = login.endsWith("[bot]");
  const api = `${url}/users/${encodeURIComponent(login)}`;
  const name = bot ? `apps/${login.slice(0, -5)}` : login;
  return {
    login,
    id: bot ? 41_898_282 : idOf(login),
    node_id: nodeId(bot ? "BOT" : "U", login),
    avatar_url: `${url}/avatars/${encodeURIComponent(login)}`,
    gravatar_id: "",
    url: api,
    html_url: `${url}/${name}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: bot ? "Bot" : "User",
    site_admin: false,
  };
}

const repositoryLinks = [
  "archive:{archive_format}{/ref}",
  "assignees{/user}",
  "blobs:git/blobs{/sha}",
  "branches{/branch}",
  "collaborators{/collaborator}",
  "comments{/number}",
  "commits{/sha}",
  "compare/{base}...{head}",
  "contents/{+path}",
  "contributors",
  "deployments",
  "downloads",
  "events",
  "forks",
  "git_commits:git/commits{/sha}",
  "git_refs:git/refs{/sha}",
  "git_tags:git/tags{/sha}",
  "hooks",
  "issue_comment:issues/comments{/number}",
  "issue_events:issues/events{/number}",
  "issues{/number}",
  "keys{/key_id}",
  "labels{/name}",
  "languages",
  "merges",
  "milestones{/number}",
  "notifications{?since,all,participating}",
  "pulls{/number}",
  "releases{/id}",
  "stargazers",
  "statuses/{sha}",
  "subscribers",
  "subscription",
  "tags",
  "teams",
  "trees:git/trees{/sha}",
] as const;

export function repositoryJson(repo: Repository, url: string): JsonObject {
  const api = repositoryUrl(repo, url);
  const html = `${url}/${repo.fullName}`;
  const links: Record<string, Json> = {};
  for (const link of repositoryLinks) {
    const name = /^\w+/.exec(link)?.[0] ?? "";
    const rest = link.slice(name.length);
    links[`${name}_url`] = rest.startsWith(":") ? `${api}/${rest.slice(1)}` : `${api}/${name}${rest}`;
  }
  const open = repo.issues.entries(latest).filter(([, issue]) => issue.state === "open").length;
  const zeros = ["forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count", "network_count", "subscribers_count"];
  return {
    ...links,
    id: repo.id,
    node_id: nodeId("R", repo.id),
    name: repo.name,
    full_name: repo.fullName,
    owner: userJson(repo.owner, url),
    private: false,
    html_url: html,
    description: null,
    fork: false,
    url: api,
    clone_url: `${html}.git`,
    git_url: `${html}.git`,
    ssh_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: repo.defaultBranch,
    archived: false,
    disabled: false,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    has_downloads: false,
    ...Object.fromEntries(zeros.map((name) => [name, 0])),
    open_issues: open,
    open_issues_count: open,
    pushed_at: iso(repo.createdAt),
    created_at: iso(repo.createdAt),
    updated_at: iso(repo.createdAt),
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
  };
}

export function labelJson(label: Label, repo: Repository, url: string): JsonObject {
  const link = `${repositoryUrl(repo, url)}/labels/${encodeURIComponent(label.name)}`;
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: link,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

/** The labels of an issue; one that was deleted since is left out. */
export function labelsOf(issue: Issue, repo: Repository, url: string): JsonObject[] {
  const labels = issue.labels.map((id) => repo.labels.get(id, latest)).filter((label) => label !== undefined);
  return labels.map((label) => labelJson(label, repo, url));
}

export function issueJson(issue: Issue, repo: Repository, url: string): JsonObject {
  const api = `${repositoryUrl(repo, url)}/issues/${issue.number}`;
  const kind = issue.pull === undefined ? "issues" : "pull";
  const html = `${url}/${repo.fullName}/${kind}/${issue.number}`;
  const pull = issue.pull === undefined ? {} : { draft: issue.pull.draft, pull_request: pullLinks(issue, repo, url) };
  return {
    id: repo.id * 100_000 + issue.number,
    node_id: nodeId(issue.pull === undefined ? "I" : "PR", `${repo.fullName}#${issue.number}`),
    url: api,
    repository_url: repositoryUrl(repo, url),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    html_url: html,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: userJson(issue.author, url),
    labels: labelsOf(issue, repo, url),
    assignee: issue.assignees[0] === undefined ? null : userJson(issue.assignees[0], url),
    assignees: issue.assignees.map((login) => userJson(login, url)),
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: issue.comments,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: issue.closedAt === undefined ? null : iso(issue.closedAt),
    closed_by: issue.closedBy === undefined ? null : userJson(issue.closedBy, url),
    author_association: associationOf(issue.author),
    performed_via_github_app: null,
    ...pull,
  };
}

export function commentJson(comment: Comment, repo: Repository, url: string): JsonObject {
  const api = repositoryUrl(repo, url);
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `${url}/${repo.fullName}/issues/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issue}`,
    user: userJson(comment.author, url),
    body: comment.body,
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt),
    author_association: associationOf(comment.author),
    performed_via_github_app: null,
  };
}

export function associationOf(login: string): string {
  return login.endsWith("[bot]") ? "NONE" : "MEMBER";
}

function pullLinks(issue: Issue, repo: Repository, url: string): JsonObject {
  const html = `${url}/${repo.fullName}/pull/${issue.number}`;
  const merged = issue.pull?.mergedAt;
  return {
    url: `${repositoryUrl(repo, url)}/pulls/${issue.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: merged === undefined ? null : iso(merged),
  };
}

function idOf(login: string): number {
  let id = 7;
  for (const character of login) id = (id * 31 + (character.codePointAt(0) ?? 0)) % 90_000_000;
  return id + 1;
}
