/**
 * Pull requests: one per head branch, drafts, and merges that really happen in the bare repository.
 *
 * @module
 */
import { type Answer, created, invalid, list, notFound, ok, refuse } from "./answer.ts";
import { type Call, missingField, numberOf, type Route, text, tooLong } from "./call.ts";
import { compare, writeCommit } from "./commits.ts";
import { followPulls } from "./follow.ts";
import { signerFor } from "./gitdata.ts";
import { latest } from "./history.ts";
import { issueOf, saveIssue, sorted, withState } from "./issues.ts";
import { isPull, type PullIssue, pullJson, sidesOf } from "./pullshape.ts";
import { isProtected, type Pull, type Repository } from "./repository.ts";
import { repositoryUrl } from "./shapes.ts";

const page = "rest/pulls/pulls";
const one = "/repos/:owner/:repo/pulls/:number";

export const pullRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/pulls", needs: ["pull_requests:write"], creates: true, handle: createPull },
  { method: "GET", path: "/repos/:owner/:repo/pulls", needs: ["pull_requests:read"], lag: "list", handle: listPulls },
  { method: "GET", path: one, needs: ["pull_requests:read"], lag: "read", handle: getPull },
  { method: "PATCH", path: one, needs: ["pull_requests:write"], creates: true, handle: updatePull },
  { method: "PUT", path: `${one}/merge`, needs: ["contents:write"], creates: true, handle: mergePull },
];

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
    .some(([, { state, pull }]) => state === "open" && pull?.headRepository === undefined && pull?.head === head && pull.base === base);
  if (existing) {
    return invalid(here, { resource: "PullRequest", code: "custom", message: `A pull request already exists for ${repo.owner}:${head}.` });
  }
  if (compare(repo.objects, baseSha, headSha).ahead.length === 0) {
    return invalid(here, { resource: "PullRequest", code: "custom", message: `No commits between ${base} and ${head}` });
  }
  const draft = call.body.draft === true;
  const opened = { title, body: text(call, "body") ?? null, author: call.token.login, head, base, headSha, baseSha, draft };
  const issue = openPull(repo, opened, call);
  return created(pullJson(issue, repo, call.url, true), `${repositoryUrl(repo, call.url)}/pulls/${issue.number}`);
}

type Opened = Pick<PullIssue, "title" | "body" | "author"> &
  Pick<Pull, "head" | "base" | "headSha" | "baseSha" | "draft" | "headRepository">;

/** Makes a pull request; the harness makes those of forks, which have no repository here. */
export function openPull(repo: Repository, opened: Opened, { now, at }: Pick<Call, "now" | "at">): PullIssue {
  const { title, body, author, ...sides } = opened;
  const number = repo.nextNumber();
  const issue: PullIssue = {
    ...{ number, title, body, author, state: "open", stateReason: null, labels: [], assignees: [], comments: 0 },
    ...{ createdAt: now, updatedAt: now, closedAt: undefined, closedBy: undefined },
    pull: { ...sides, mergedAt: undefined, mergedBy: undefined, mergeSha: undefined },
  };
  repo.issues.set(number, issue, at);
  repo.refs.create(`refs/pull/${number}/head`, sides.headSha);
  return issue;
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
    .filter((issue) => head === null || head === "" || head.toLowerCase() === headLabel(call.repo, issue.pull))
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
  if (state === "open" && issue.state === "closed" && issue.pull.headRepository === undefined) {
    const message = `state cannot be changed. The ${issue.pull.head} branch has been deleted.`;
    const gone = call.repo.refs.read(`refs/heads/${issue.pull.head}`) === undefined;
    if (gone) return invalid(here, { resource: "PullRequest", code: "invalid", field: "state", message });
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
  followPulls(repo, [baseRef], { ...call, login: call.token.login });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

function headLabel({ fullName }: Repository, { head, headRepository = fullName }: Pull): string {
  return `${headRepository.split("/")[0]}:${head}`.toLowerCase();
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
