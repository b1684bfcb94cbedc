/**
 * What an endpoint answers, and GitHub's ways to refuse.
 *
 * Wordings and where they come from:
 *
 * | answer | source |
 * |---|---|
 * | 401 `Requires authentication`, `Bad credentials` | docs.github.com/rest/authentication/authenticating-to-the-rest-api |
 * | 403 `Resource not accessible by integration` | docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api |
 * | 403 or 429, primary limit, `x-ratelimit-remaining: 0` | docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api |
 * | 403 or 429, secondary limit, `retry-after` | the same page, "About secondary rate limits" |
 * | 422 `Reference already exists` | docs.github.com/rest/git/refs, branch-deploy's lock relies on it |
 * | 422 `Reference update failed`, for a parent or child of a ref | microsoft/vscode-remote-repositories-github#122 |
 * | 422 `Reference update failed`, now and then, for no reason | github/rest-api-description#4887, renovatebot/renovate#11481 |
 * | 422 `Object does not exist` | octokit/octokit.js#562 |
 * | 422 `… is not a valid ref name.`, `… at least three slash-separated components` | octokit/octokit.rb#675 |
 * | 422 `Reference does not exist` on update and delete | github/rest-api-description#2746 |
 * | 422 `Update is not a fast forward` | docs.github.com/rest/git/refs#update-a-reference |
 * | 422 `Validation Failed` with `errors[].code` | docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed |
 *
 * @module
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** An answer before headers that every answer has; `items` are cut to the page that was asked for. */
export type Answer = {
  readonly status: number;
  readonly body?: Json;
  readonly items?: readonly Json[];
  /** Wraps a page of items, where the list is not the whole body. */
  readonly wrap?: (page: readonly Json[], total: number) => Json;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One entry of `errors` in a 422. */
export type FieldError = { readonly resource: string; readonly field?: string; readonly code: string; readonly message?: string };

export function ok(body: Json): Answer {
  return { status: 200, body };
}

export function created(body: Json, location?: string): Answer {
  return location === undefined ? { status: 201, body } : { status: 201, body, headers: { location } };
}

export const noContent: Answer = { status: 204 };

/** A list, which the server pages. */
export function list(items: readonly Json[], wrap?: (page: readonly Json[], total: number) => Json): Answer {
  return wrap === undefined ? { status: 200, items } : { status: 200, items, wrap };
}

/** An error in GitHub's form. */
export function refuse(status: number, message: string, page = "rest", errors?: readonly FieldError[]): Answer {
  const documentation = `https://docs.github.com/${page}`;
  const body = { message, documentation_url: documentation, status: String(status) };
  return { status, body: errors === undefined ? body : { ...body, errors: errors.map((error) => ({ ...error })) } };
}

export function invalid(page: string, ...errors: readonly FieldError[]): Answer {
  return refuse(422, "Validation Failed", page, errors);
}

export function notFound(page = "rest"): Answer {
  return refuse(404, "Not Found", page);
}
