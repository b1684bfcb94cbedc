/**
 * Comments on issues and pull requests.
 *
 * @module
 */
import { type Answer, created, list, noContent, notFound, ok } from "./answer.ts";
import { type Call, missingField, numberOf, type Route, text, tooLong } from "./call.ts";
import { latest } from "./history.ts";
import { issueOf, saveIssue } from "./issues.ts";
import type { Comment } from "./repository.ts";
import { commentJson } from "./shapes.ts";

const page = "rest/issues/comments";
const ofIssue = "/repos/:owner/:repo/issues/:number/comments";
const one = "/repos/:owner/:repo/issues/comments/:comment";
const read = ["issues:read", "pull_requests:read"] as const;
const write = ["issues:write", "pull_requests:write"] as const;

export const commentRoutes: readonly Route[] = [
  { method: "POST", path: ofIssue, needs: write, creates: true, handle: createComment },
  { method: "GET", path: ofIssue, needs: read, lag: "list", handle: listComments },
  { method: "GET", path: one, needs: read, lag: "read", handle: getComment },
  { method: "PATCH", path: one, needs: write, creates: true, handle: updateComment },
  { method: "DELETE", path: one, needs: write, handle: deleteComment },
];

function createComment(call: Call): Answer {
  const here = `${page}#create-an-issue-comment`;
  const issue = issueOf(call);
  if (issue === undefined) return notFound(here);
  const body = text(call, "body");
  if (body === undefined) return missingField("body", here);
  const refused = tooLong(call, "IssueComment", here);
  if (refused !== undefined) return refused;
  const comment: Comment = {
    id: call.repo.nextId(),
    issue: issue.number,
    body,
    author: call.token.login,
    createdAt: call.now,
    updatedAt: call.now,
  };
  call.repo.comments.set(comment.id, comment, call.at);
  saveIssue(call, { ...issue, comments: issue.comments + 1 });
  return created(commentJson(comment, call.repo, call.url));
}

function listComments(call: Call): Answer {
  const number = numberOf(call, "number");
  if (call.repo.issues.get(number, call.moment) === undefined) return notFound(`${page}#list-issue-comments`);
  const since = call.query.get("since");
  const found = call.repo.comments
    .entries(call.moment)
    .map(([, comment]) => comment)
    .filter((comment) => comment.issue === number && (since === null || comment.updatedAt >= Date.parse(since)));
  return list(found.map((comment) => commentJson(comment, call.repo, call.url)));
}

function getComment(call: Call): Answer {
  const comment = call.repo.comments.get(numberOf(call, "comment"), call.moment);
  return comment === undefined ? notFound(`${page}#get-an-issue-comment`) : ok(commentJson(comment, call.repo, call.url));
}

function updateComment(call: Call): Answer {
  const here = `${page}#update-an-issue-comment`;
  const comment = call.repo.comments.get(numberOf(call, "comment"), latest);
  if (comment === undefined) return notFound(here);
  const body = text(call, "body");
  if (body === undefined) return missingField("body", here);
  const refused = tooLong(call, "IssueComment", here);
  if (refused !== undefined) return refused;
  const saved = { ...comment, body, updatedAt: call.now };
  call.repo.comments.set(comment.id, saved, call.at);
  return ok(commentJson(saved, call.repo, call.url));
}

function deleteComment(call: Call): Answer {
  const comment = call.repo.comments.get(numberOf(call, "comment"), latest);
  if (comment === undefined) return notFound(`${page}#delete-an-issue-comment`);
  call.repo.comments.set(comment.id, undefined, call.at);
  const issue = call.repo.issues.get(comment.issue, latest);
  if (issue !== undefined) saveIssue(call, { ...issue, comments: issue.comments - 1 });
  return noContent;
}
