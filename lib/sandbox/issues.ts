/**
 * Issues: create, read, list, change, label and assign. Pull requests are issues too and share their numbers.
 *
 * @module
 */
import { type Answer, created, list, notFound, ok, refuse } from "./answer.ts";
import { type Call, missingField, numberOf, type Route, text, texts, tooLong } from "./call.ts";
import { latest } from "./history.ts";
import { checkLabelName, ensureLabels } from "./labels.ts";
import { findLabel, type Issue } from "./repository.ts";
import { issueJson, labelsOf, repositoryUrl } from "./shapes.ts";

const page = "rest/issues/issues";
const read = ["issues:read", "pull_requests:read"] as const;
const write = ["issues:write", "pull_requests:write"] as const;
const one = "/repos/:owner/:repo/issues/:number";

export const issueRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/issues", needs: ["issues:write"], creates: true, handle: createIssue },
  { method: "GET", path: "/repos/:owner/:repo/issues", needs: read, lag: "list", handle: listIssues },
  { method: "GET", path: one, needs: read, lag: "read", handle: getIssue },
  { method: "PATCH", path: one, needs: write, creates: true, handle: updateIssue },
  { method: "GET", path: `${one}/labels`, needs: read, lag: "list", handle: listLabelsOfIssue },
  { method: "POST", path: `${one}/labels`, needs: write, creates: true, handle: addLabels },
  { method: "DELETE", path: `${one}/labels/:name`, needs: write, handle: removeLabel },
  { method: "POST", path: `${one}/assignees`, needs: write, creates: true, handle: (call) => assign(call, true) },
  { method: "DELETE", path: `${one}/assignees`, needs: write, handle: (call) => assign(call, false) },
];

/** The issue in the path as it is now, for writes. */
export function issueOf(call: Call): Issue | undefined {
  return call.repo.issues.get(numberOf(call, "number"), latest);
}

/** Replaces an issue and stamps it. */
export function saveIssue(call: Call, issue: Issue): Issue {
  const saved = { ...issue, updatedAt: call.now };
  call.repo.issues.set(issue.number, saved, call.at);
  return saved;
}

/** The new state of an issue as a body asks for it. */
export function withState(call: Call, issue: Issue): Issue {
  const state = text(call, "state") ?? issue.state;
  const reason = text(call, "state_reason");
  if (state === "closed" && issue.state === "closed") return isReason(reason) ? { ...issue, stateReason: reason } : issue;
  if (state === "closed")
    return { ...issue, state, stateReason: isReason(reason) ? reason : "completed", closedAt: call.now, closedBy: call.token.login };
  if (issue.state === "open") return issue;
  return { ...issue, state: "open", stateReason: "reopened", closedAt: undefined, closedBy: undefined };
}

function createIssue(call: Call): Answer {
  const title = call.body.title;
  const here = `${page}#create-an-issue`;
  if (typeof title !== "string" && typeof title !== "number") return missingField("title", here);
  const refused = tooLong(call, "Issue", here) ?? checkNames(call, here);
  if (refused !== undefined) return refused;
  const number = call.repo.nextNumber();
  const issue: Issue = {
    number,
    title: String(title),
    body: text(call, "body") ?? null,
    author: call.token.login,
    state: "open",
    stateReason: null,
    labels: ensureLabels(call, texts(call, "labels") ?? []),
    assignees: texts(call, "assignees") ?? [],
    comments: 0,
    createdAt: call.now,
    updatedAt: call.now,
    closedAt: undefined,
    closedBy: undefined,
    pull: undefined,
  };
  call.repo.issues.set(number, issue, call.at);
  return created(issueJson(issue, call.repo, call.url), `${repositoryUrl(call.repo, call.url)}/issues/${number}`);
}

function getIssue(call: Call): Answer {
  const issue = call.repo.issues.get(numberOf(call, "number"), call.moment);
  return issue === undefined ? notFound(`${page}#get-an-issue`) : ok(issueJson(issue, call.repo, call.url));
}

function listIssues(call: Call): Answer {
  const state = call.query.get("state") ?? "open";
  const names = (call.query.get("labels") ?? "").split(",").filter((name) => name !== "");
  const labels = names.map((name) => findLabel(call.repo, name.trim())?.id);
  const creator = call.query.get("creator");
  const since = call.query.get("since");
  const assignee = call.query.get("assignee");
  if (since !== null && Number.isNaN(Date.parse(since)))
    return refuse(422, "Invalid request.\n\nInvalid 'since'.", `${page}#list-repository-issues`);
  const found = call.repo.issues
    .entries(call.moment)
    .map(([, issue]) => issue)
    .filter((issue) => state === "all" || issue.state === state)
    .filter((issue) => labels.every((label) => label !== undefined && issue.labels.includes(label)))
    .filter((issue) => creator === null || issue.author.toLowerCase() === creator.toLowerCase())
    .filter((issue) => assignee === null || assignee === "*" || issue.assignees.includes(assignee))
    .filter((issue) => since === null || issue.updatedAt >= Date.parse(since));
  return list(sorted(found, call).map((issue) => issueJson(issue, call.repo, call.url)));
}

/** In the order that the query asks for; newest first by default. */
export function sorted(issues: readonly Issue[], call: Call): Issue[] {
  const key = call.query.get("sort") ?? "created";
  const sign = call.query.get("direction") === "asc" ? 1 : -1;
  const value = (issue: Issue) => (key === "updated" ? issue.updatedAt : key === "comments" ? issue.comments : issue.number);
  return [...issues].sort((a, b) => sign * (value(a) - value(b) || a.number - b.number));
}

function updateIssue(call: Call): Answer {
  const issue = issueOf(call);
  const here = `${page}#update-an-issue`;
  if (issue === undefined) return notFound(here);
  const refused = tooLong(call, "Issue", here) ?? checkNames(call, here);
  if (refused !== undefined) return refused;
  const names = texts(call, "labels");
  const saved = saveIssue(call, {
    ...withState(call, issue),
    title: text(call, "title") ?? issue.title,
    body: call.body.body === null ? null : (text(call, "body") ?? issue.body),
    labels: names === undefined ? issue.labels : ensureLabels(call, names),
    assignees: texts(call, "assignees") ?? issue.assignees,
  });
  return ok(issueJson(saved, call.repo, call.url));
}

function listLabelsOfIssue(call: Call): Answer {
  const issue = call.repo.issues.get(numberOf(call, "number"), call.moment);
  return issue === undefined ? notFound("rest/issues/labels") : list(labelsOf(issue, call.repo, call.url));
}

function addLabels(call: Call): Answer {
  const issue = issueOf(call);
  if (issue === undefined) return notFound("rest/issues/labels#add-labels-to-an-issue");
  const refused = checkNames(call, "rest/issues/labels#add-labels-to-an-issue");
  if (refused !== undefined) return refused;
  const labels = [...new Set([...issue.labels, ...ensureLabels(call, texts(call, "labels") ?? [])])];
  return ok(labelsOf(saveIssue(call, { ...issue, labels }), call.repo, call.url));
}

function removeLabel(call: Call): Answer {
  const issue = issueOf(call);
  const label = findLabel(call.repo, call.params.name ?? "");
  const here = "rest/issues/labels#remove-a-label-from-an-issue";
  if (issue === undefined) return notFound(here);
  if (label === undefined || !issue.labels.includes(label.id)) return refuse(404, "Label does not exist", here);
  return ok(labelsOf(saveIssue(call, { ...issue, labels: issue.labels.filter((id) => id !== label.id) }), call.repo, call.url));
}

function assign(call: Call, add: boolean): Answer {
  const issue = issueOf(call);
  if (issue === undefined) return notFound("rest/issues/assignees");
  const logins = texts(call, "assignees") ?? [];
  const assignees = add ? [...new Set([...issue.assignees, ...logins])] : issue.assignees.filter((login) => !logins.includes(login));
  const saved = issueJson(saveIssue(call, { ...issue, assignees }), call.repo, call.url);
  return add ? created(saved) : ok(saved);
}

function checkNames(call: Call, here: string): Answer | undefined {
  for (const name of texts(call, "labels") ?? []) {
    const refused = checkLabelName(name, here);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function isReason(reason: string | undefined): reason is "completed" | "not_planned" | "duplicate" {
  return reason === "completed" || reason === "not_planned" || reason === "duplicate";
}
