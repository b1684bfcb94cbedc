/**
 * How GitHub's API shows pull requests: two sides on their branches, and an issue beneath.
 *
 * @module
 */
import type { JsonObject } from "./answer.ts";
import { iso } from "./call.ts";
import { compare } from "./commits.ts";
import type { Issue, Pull, Repository } from "./repository.ts";
import { associationOf, issueJson, labelsOf, repositoryJson, repositoryUrl, userJson } from "./shapes.ts";

export type PullIssue = Issue & { readonly pull: Pull };

const sharedFields = new Set(
  "node_id number state locked title user body created_at updated_at closed_at assignee assignees milestone".split(" "),
);

/** A pull request as the API shows it, alone (`full`) or in a list. */
export function pullJson(issue: PullIssue, repo: Repository, url: string, full: boolean): JsonObject {
  const api = `${repositoryUrl(repo, url)}/pulls/${issue.number}`;
  const shared = issueJson(issue, repo, url);
  const sides = sidesOf(issue, repo);
  const side = (ref: string, sha: string, name = repo.fullName) => {
    const [owner = ""] = name.split("/");
    const shown = { ...repositoryJson(repo, url), full_name: name, fork: name !== repo.fullName };
    return { label: `${owner}:${ref}`, ref, sha, user: userJson(owner, url), repo: shown };
  };
  const links = {
    comments: `${repositoryUrl(repo, url)}/issues/${issue.number}/comments`,
    commits: `${api}/commits`,
    statuses: `${repositoryUrl(repo, url)}/statuses/${sides.head}`,
    issue: `${repositoryUrl(repo, url)}/issues/${issue.number}`,
    review_comments: `${api}/comments`,
    review_comment: `${repositoryUrl(repo, url)}/pulls/comments{/number}`,
    html: String(shared.html_url),
    self: api,
  };
  const copied = Object.entries(shared).filter(([name]) => sharedFields.has(name));
  const simple = {
    ...Object.fromEntries(copied),
    url: api,
    id: Number(shared.id) + 50_000,
    html_url: links.html,
    diff_url: `${links.html}.diff`,
    patch_url: `${links.html}.patch`,
    issue_url: links.issue,
    commits_url: links.commits,
    comments_url: links.comments,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    statuses_url: links.statuses,
    merged_at: issue.pull.mergedAt === undefined ? null : iso(issue.pull.mergedAt),
    merge_commit_sha: issue.pull.mergeSha ?? null,
    requested_reviewers: [],
    requested_teams: [],
    labels: labelsOf(issue, repo, url),
    draft: issue.pull.draft,
    head: side(issue.pull.head, sides.head, issue.pull.headRepository),
    base: side(issue.pull.base, sides.base),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: associationOf(issue.author),
    auto_merge: null,
    active_lock_reason: null,
  };
  if (!full) return simple;
  const { ahead } = compare(repo.objects, sides.base, sides.head);
  const open = issue.state === "open";
  return {
    ...simple,
    merged: issue.pull.mergedAt !== undefined,
    merged_by: issue.pull.mergedBy === undefined ? null : userJson(issue.pull.mergedBy, url),
    mergeable: open ? true : null,
    rebaseable: open ? true : null,
    mergeable_state: open ? (issue.pull.draft ? "draft" : "clean") : "unknown",
    comments: issue.comments,
    review_comments: 0,
    commits: ahead.length,
    additions: 0,
    deletions: 0,
    changed_files: 0,
    maintainer_can_modify: false,
  };
}

export function isPull(issue: Issue | undefined): issue is PullIssue {
  return issue?.pull !== undefined;
}

/** Where the two sides of a pull request stand: on their refs while it is open, where they were when it was closed. */
export function sidesOf(issue: PullIssue, repo: Repository): { readonly head: string; readonly base: string } {
  const { pull } = issue;
  if (issue.state === "closed") return { head: pull.headSha, base: pull.baseSha };
  return {
    head: (pull.headRepository === undefined ? repo.refs.read(`refs/heads/${pull.head}`) : undefined) ?? pull.headSha,
    base: repo.refs.read(`refs/heads/${pull.base}`) ?? pull.baseSha,
  };
}
