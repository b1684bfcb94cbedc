/**
 * Just enough GraphQL: the two mutations that REST lacks, a draft made ready and back.
 *
 * @module
 */
import { type Answer, type JsonObject, ok } from "./answer.ts";
import { latest } from "./history.ts";
import { isPull } from "./pullshape.ts";
import type { Repository } from "./repository.ts";
import { nodeId } from "./shapes.ts";
import { allowed, type Token } from "./tokens.ts";

const mutation = /\b(markPullRequestReadyForReview|convertPullRequestToDraft)\s*\(\s*input\s*:\s*(\{[^}]*\}|\$\w+)/;

/** Answers a GraphQL body for the repository of a token; errors come with status 200, as GitHub's do. */
export function answerGraphql(repo: Repository, token: Token, body: JsonObject, now: number, at: number): Answer {
  const query = typeof body.query === "string" ? body.query : "";
  const match = mutation.exec(query);
  const name = match?.[1];
  if (match === null || name === undefined)
    return failed("NOT_IMPLEMENTED", "The sandbox knows markPullRequestReadyForReview and convertPullRequestToDraft only");
  const id = pullRequestId(match[2] ?? "", body.variables);
  const found = repo.issues
    .entries(latest)
    .map(([, issue]) => issue)
    .find((issue) => nodeId("PR", `${repo.fullName}#${issue.number}`) === id);
  if (!isPull(found)) return failed("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`, name);
  if (!allowed(token, ["pull_requests:write"])) return failed("FORBIDDEN", "Resource not accessible by integration", name);
  if (found.state === "closed") return failed("UNPROCESSABLE", "Pull request is closed", name);
  const draft = name === "convertPullRequestToDraft";
  repo.issues.set(found.number, { ...found, updatedAt: now, pull: { ...found.pull, draft } }, at);
  return ok({
    data: {
      [name]: { clientMutationId: null, pullRequest: { id, number: found.number, isDraft: draft, state: "OPEN", title: found.title } },
    },
  });
}

/** The id in the input: written out, or through a variable, of the id or of the whole input. */
function pullRequestId(input: string, variables: unknown): string {
  const values = typeof variables === "object" && variables !== null ? (variables as Readonly<Record<string, unknown>>) : {};
  const literal = /pullRequestId\s*:\s*"([^"]*)"/.exec(input)?.[1];
  if (literal !== undefined) return literal;
  const variable = /\$(\w+)/.exec(input)?.[1] ?? "";
  const value = values[variable];
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null && "pullRequestId" in value ? String(value.pullRequestId) : "";
}

function failed(type: string, message: string, name?: string): Answer {
  const path = name === undefined ? [] : [name];
  return ok({ data: name === undefined ? null : { [name]: null }, errors: [{ type, path, locations: [{ line: 1, column: 1 }], message }] });
}
