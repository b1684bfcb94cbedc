/**
 * A request on its way to an endpoint: who asks, for what, and which past a read may see.
 *
 * @module
 */
import { type Answer, invalid, type JsonObject, refuse } from "./answer.ts";
import type { Repository } from "./repository.ts";
import type { Need, Token } from "./tokens.ts";

/** What the harness hears of. */
export type Hooks = {
  readonly onDispatch?: (event: DispatchEvent) => void;
  readonly onRerun?: (event: RerunEvent) => void;
};

export type DispatchEvent = {
  readonly repo: string;
  readonly workflow: { readonly id: number; readonly name: string; readonly path: string };
  readonly ref: string;
  readonly sha: string;
  readonly inputs: JsonObject;
  readonly sender: string;
};

export type RerunEvent = {
  readonly repo: string;
  readonly run: number;
  readonly jobs: readonly number[];
  readonly attempt: number;
  readonly sender: string;
};

export type Call = {
  readonly repo: Repository;
  readonly token: Token;
  /** The parts of the path that the route names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** The server's own clock, which may be skewed, in ms: for whatever is shown. */
  readonly now: number;
  /** The clock of the histories, in ms: for writes. */
  readonly at: number;
  /** The moment that this read sees, of point reads and of lists. */
  readonly moment: number;
  /** Where the server is, without a slash at the end. */
  readonly url: string;
  readonly hooks: Hooks;
};

export type Route = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** `/repos/:owner/:repo/labels/:name`; `*ref` takes the rest of the path. */
  readonly path: string;
  /** Any one of them is enough. */
  readonly needs: readonly Need[];
  /** Which lag a read has. @default "none" */
  readonly lag?: "list" | "read" | "none";
  /** Whether it counts as creating content. */
  readonly creates?: boolean;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
};

/** A text of the body; undefined where there is none. */
export function text(call: Call, field: string): string | undefined {
  const value = call.body[field];
  return typeof value === "string" ? value : undefined;
}

/** The texts of a list in the body, or the names of objects in it; undefined where there is none. */
export function texts(call: Call, field: string): string[] | undefined {
  const value = call.body[field];
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry) => {
    if (typeof entry === "string") return [entry];
    return typeof entry === "object" && entry !== null && "name" in entry && typeof entry.name === "string" ? [entry.name] : [];
  });
}

/** 422 for a field that must be there. */
export function missingField(field: string, page: string): Answer {
  return refuse(422, `Invalid request.\n\n"${field}" wasn't supplied.`, page);
}

/** The longest body of an issue, a pull request or a comment, in characters. */
const bodyLimit = 65_536;
const titleLimit = 256;

/** 422 for a title or body that is too long; undefined where both fit. */
export function tooLong(call: Call, resource: string, page: string): Answer | undefined {
  for (const [field, limit] of [
    ["title", titleLimit],
    ["body", bodyLimit],
  ] as const) {
    if ((text(call, field)?.length ?? 0) > limit) {
      return invalid(page, { resource, code: "custom", field, message: `${field} is too long (maximum is ${limit} characters)` });
    }
  }
  return undefined;
}

/** A number in the path; NaN matches no record. */
export function numberOf(call: Call, name: string): number {
  const value = call.params[name] ?? "";
  return /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** A moment as the API prints it: ISO 8601 in UTC, whole seconds. */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
