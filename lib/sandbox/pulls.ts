/**
 * Pull requests: one per head branch, drafts, and merges that really happen in the bare repository.
 *
 * @module
 */
import { type Answer, created, invalid, type JsonObject, list, notFound, ok, refuse } from "./answer.ts";
import { type Call, iso, missingField, numberOf, type Route, text, tooLong } from "./call.ts";
import { compare, writeCommit } from "./commits.ts";
import { signerFor } from "./gitdata.ts";
import { latest } from "./history.ts";
import { issueOf, saveIssue, sorted, withState } from "./issues.ts";
import { type Issue, isProtected, type Pull, type Repository } from "./repository.ts";
import { associationOf, issueJson, labelsOf, repositoryJson, repositoryUrl, userJson } from "./shapes.ts";

const page = "rest/pulls/pulls";
const one = "/repos/:owner/:repo/pulls/:number";
type PullIssue = Issue & { readonly pull: Pull };

export const pullRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/pulls", needs: ["pull_requests:write"], creates: true, handle: createPull },
  { method: "GET", path: "/repos/:owner/:repo/pulls", needs: ["pull_requests:read"], lag: "list", handle: listPulls },
  { method: "GET", path: one, needs: ["pull_requests:read"], lag: "read", handle: getPull },
  { method: "PATCH", path: one, needs: ["pull_requests:write"], creates: true, handle: updatePull },
  { method: "PUT", path: `${one}/merge`, needs: ["contents:write"], creates: true, handle: mergePull },
];

const sharedFields = new Set(
  "node_id number state locked title user body created_at updated_at closed_at assignee assignees milestone".split(" "),
);

/** A pull request as the API shows it, alone (`full`) or in a list. */
export function pullJson(issue: PullIssue, repo: Repository, url: string, full: boolean): JsonObject {
  const api = `${repositoryUrl(repo, url)}/pulls/${issue.number}`;
  const shared = issueJson(issue, repo, url);
  const sides = sidesOf(issue, repo);
  const side = (ref: string, sha: string) => {
    return { label: `${repo.owner}:${ref}`, ref, sha, user: userJson(repo.owner, url), repo: repositoryJson(repo, url) };
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
    head: side(issue.pull.head, sides.head),
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
function sidesOf(issue: PullIssue, repo: Repository): { readonly head: string; readonly base: string } {
  const { pull } = issue;
  if (issue.state === "closed") return { head: pull.headSha, base: pull.baseSha };
  return {
    head: repo.refs.read(`refs/heads/${pull.head}`) ?? pull.headSha,
    base: repo.refs.read(`refs/heads/${pull.base}`) ?? pull.baseSha,
  };
}

function createPull(call: Call): Answer {
  const { repo } = call;
  const here = `${page}#create-a-pull-request`;
  const [title, given, base] = [text(call, "title"), text(call, "head"), text(call, "base")];
  if (given === undefined) return missingField("head", here);
  if (base === undefined) return missingField("base", here);
  if (title === undefined) return missingField("title", here);
  const refused = tooLong(call, "PullRequest", here);
  if (refused !== undefined) return refused;
  if (call.token.kind === "actions" && !repo.settings.actionsMayOpenPulls) {
    return refuse(403, "GitHub Actions is not permitted to create or approve pull requests.", here);
  }
  const head = given.startsWith(`${repo.owner}:`) ? given.slice(repo.owner.length + 1) : given;
  const [headSha, baseSha] = [repo.refs.read(`refs/heads/${head}`), repo.refs.read(`refs/heads/${base}`)];
  if (headSha === undefined) return invalid(here, { resource: "PullRequest", field: "head", code: "invalid" });
  if (baseSha === undefined) return invalid(here, { resource: "PullRequest", field: "base", code: "invalid" });
  const existing = repo.issues
    .entries(latest)
    .some(([, issue]) => issue.state === "open" && issue.pull?.head === head && issue.pull.base === base);
  if (existing) {
    return invalid(here, { resource: "PullRequest", code: "custom", message: `A pull request already exists for ${repo.owner}:${head}.` });
  }
  if (compare(repo.objects, baseSha, headSha).ahead.length === 0) {
    return invalid(here, { resource: "PullRequest", code: "custom", message: `No commits between ${base} and ${head}` });
  }
  const number = repo.nextNumber();
  const draft = call.body.draft === true;
  const issue: PullIssue = {
    ...{
      number,
      title,
      body: text(call, "body") ?? null,
      author: call.token.login,
      state: "open",
      stateReason: null,
      labels: [],
      assignees: [],
      comments: 0,
    },
    ...{ createdAt: call.now, updatedAt: call.now, closedAt: undefined, closedBy: undefined },
    pull: { head, base, headSha, baseSha, draft, mergedAt: undefined, mergedBy: undefined, mergeSha: undefined },
  };
  repo.issues.set(number, issue, call.at);
  repo.refs.create(`refs/pull/${number}/head`, headSha);
  return created(pullJson(issue, repo, call.url, true), `${repositoryUrl(repo, call.url)}/pulls/${number}`);
}

function getPull(call: Call): Answer {
  const issue = call.repo.issues.get(numberOf(call, "number"), call.moment);
  return isPull(issue) ? ok(pullJson(issue, call.repo, call.url, true)) : notFound(`${page}#get-a-pull-request`);
}

function listPulls(call: Call): Answer {
  const state = call.query.get("state") ?? "open";
  const [head, base] = [call.query.get("head"), call.query.get("base")];
  const found = call.repo.issues
    .entries(call.moment)
    .map(([, issue]) => issue)
    .filter(isPull)
    .filter((issue) => state === "all" || issue.state === state)
    .filter((issue) => head === null || head === "" || head.toLowerCase() === `${call.repo.owner}:${issue.pull.head}`.toLowerCase())
    .filter((issue) => base === null || base === issue.pull.base);
  return list(
    sorted(found, call)
      .filter(isPull)
      .map((issue) => pullJson(issue, call.repo, call.url, false)),
  );
}

function updatePull(call: Call): Answer {
  const issue = issueOf(call);
  const here = `${page}#update-a-pull-request`;
  if (!isPull(issue)) return notFound(here);
  const refused = tooLong(call, "PullRequest", here);
  if (refused !== undefined) return refused;
  const state = text(call, "state");
  if (state === "open" && issue.pull.mergedAt !== undefined) {
    return invalid(here, {
      resource: "PullRequest",
      code: "invalid",
      field: "state",
      message: "state cannot be changed. The pull request was merged.",
    });
  }
  const sides = sidesOf(issue, call.repo);
  const saved = saveIssue(call, {
    ...withState(call, issue),
    title: text(call, "title") ?? issue.title,
    body: call.body.body === null ? null : (text(call, "body") ?? issue.body),
    pull: { ...issue.pull, base: text(call, "base") ?? issue.pull.base, headSha: sides.head, baseSha: sides.base },
  });
  return isPull(saved) ? ok(pullJson(saved, call.repo, call.url, true)) : notFound(here);
}

async function mergePull(call: Call): Promise<Answer> {
  const { repo } = call;
  const here = `${page}#merge-a-pull-request`;
  const issue = issueOf(call);
  if (!isPull(issue)) return notFound(here);
  if (issue.state === "closed") return refuse(405, "Pull Request is not mergeable", here);
  if (issue.pull.draft) return refuse(405, "Pull Request is still a draft", here);
  const method = text(call, "merge_method") ?? "merge";
  if (method !== "merge" && method !== "squash") return refuse(405, "Rebase merges are not allowed on this repository.", here);
  const { head, base } = sidesOf(issue, repo);
  const expected = text(call, "sha");
  if (expected !== undefined && expected !== head) return refuse(409, "Head branch was modified. Review and try the merge again.", here);
  const baseRef = `refs/heads/${issue.pull.base}`;
  if (isProtected(repo, baseRef)) return refuse(405, "Repository rule violations found", here);
  const tree = await mergedTree(repo, base, head);
  if (tree === undefined) return refuse(405, "Pull Request is not mergeable", here);
  const title =
    text(call, "commit_title") ??
    (method === "merge"
      ? `Merge pull request #${issue.number} from ${repo.owner}/${issue.pull.head}`
      : `${issue.title} (#${issue.number})`);
  const message = `${title}\n\n${text(call, "commit_message") ?? (method === "merge" ? issue.title : (issue.body ?? ""))}`;
  const signer = signerFor(call);
  const sha = writeCommit(repo.objects, {
    tree,
    parents: method === "merge" ? [base, head] : [base],
    author: signer,
    committer: signer,
    message,
  });
  if (repo.refs.update(baseRef, base, sha) !== "done")
    return refuse(409, "Base branch was modified. Review and try the merge again.", here);
  saveIssue(call, {
    ...issue,
    ...{ state: "closed", closedAt: call.now, closedBy: call.token.login },
    pull: { ...issue.pull, headSha: head, baseSha: base, mergedAt: call.now, mergedBy: call.token.login, mergeSha: sha },
  });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

/** The tree of both sides together; undefined where they conflict. */
async function mergedTree(repo: Repository, base: string, head: string): Promise<string | undefined> {
  const merge = Bun.spawn(["git", "--git-dir", repo.gitDir, "merge-tree", "--write-tree", base, head], {
    stdout: "pipe",
    stderr: "ignore",
  });
  const output = await new Response(merge.stdout).text();
  return (await merge.exited) === 0 ? output.split("\n")[0] : undefined;
}
