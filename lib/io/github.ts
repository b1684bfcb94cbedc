/**
 * GitHub over octokit: translates requests and answers, decides nothing.
 *
 * Reads are repeated on every passing fault. Writes are sent once: whether a write with an unclear answer was applied is for the caller to
 * read back. octokit's own retry and throttling stay off for that reason (its retry turns an applied create into "exists already").
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * @module
 */
import { Octokit } from "octokit";
import { backoff } from "../backoff.ts";
import { Denied, ReadOnly, Unavailable } from "../ledger.ts";
import { headersOf, isJson, limitOf, messageOf, responseOf, statusOf } from "./answers.ts";

export type GithubOptions = {
  readonly token: string;
  /** For example `https://api.github.com`, or `https://ghe.example/api/v3`. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly repo: string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** @default The global one */
  readonly fetch?: typeof fetch;
  /** Of one request, in milliseconds. @default 15_000 */
  readonly timeoutMs?: number;
  /** Tries of one read. @default 7 */
  readonly tries?: number;
  /** Longest wait for a rate limit, in milliseconds. @default 120_000 */
  readonly limitMs?: number;
};

export type Reply = {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
};

/** A write's answer: what GitHub said clearly, or nothing clear. */
export type Written =
  | { readonly clear: true; readonly reply: Reply }
  | { readonly clear: false; readonly status?: number; readonly why: string };

/** The rate limit is used up for longer than anybody should wait. */
export class Limited extends Unavailable {
  override name = "Limited";
}

export type Github = ReturnType<typeof openGithub>;

type Params = Readonly<Record<string, unknown>>;

/** One repository seen through one token. */
export function openGithub(options: GithubOptions) {
  const { token, apiUrl, owner, repo, sleep, random, timeoutMs = 15_000, tries = 7, limitMs = 120_000 } = options;
  const octokit = new Octokit({
    auth: token,
    baseUrl: apiUrl,
    retry: { enabled: false },
    throttle: { enabled: false },
    log: quiet,
    userAgent: "fixonce",
  });
  const etags = new Map<string, { readonly etag: string; readonly reply: Reply }>();
  let requests = 0;
  /** The server's clock in its last answer, in milliseconds. */
  let clock = 0;
  /** Requests left of the hourly limit, as the last answer has it. */
  let remaining = Number.POSITIVE_INFINITY;

  async function send(route: string, params: Params, redirect: "follow" | "manual" = "follow"): Promise<Reply> {
    requests++;
    const { status, data, headers } = await octokit.request(route, {
      owner,
      repo,
      ...params,
      request: { signal: AbortSignal.timeout(timeoutMs), redirect, ...(options.fetch && { fetch: options.fetch }) },
    });
    clock = Date.parse(headers.date ?? "") || clock;
    remaining = Number(headers["x-ratelimit-remaining"] ?? remaining);
    return { status, data, headers };
  }

  /** A read, repeated while GitHub or the network is out of order; undefined for 404. `etag` makes an unchanged answer free. */
  async function read(route: string, params: Params = {}, { etag = false, missing = true } = {}): Promise<Reply | undefined> {
    const key = `${route} ${JSON.stringify(params)}`;
    let last: unknown;
    for (let attempt = 0; attempt < tries; attempt++) {
      const cached = etag ? etags.get(key) : undefined;
      try {
        const reply = await send(route, cached ? { ...params, headers: { "if-none-match": cached.etag } } : params);
        // A truncated answer resolves with "", an HTML page with a string.
        if (typeof reply.data === "object" && reply.data !== null) {
          if (etag && typeof reply.headers.etag === "string") etags.set(key, { etag: reply.headers.etag, reply });
          return reply;
        }
        last = new Error("the answer was cut off");
      } catch (error) {
        last = error;
        const status = statusOf(error);
        if (status === 304 && cached) return { ...cached.reply, headers: { ...cached.reply.headers, ...headersOf(error) } };
        if ((status === 404 || status === 410) && missing && isJson(error)) return undefined;
        const wait = limitOf(error);
        if (wait !== undefined) {
          await waitFor(wait, error);
          continue;
        }
        denied(error);
        // A refusal without JSON was cut off on its way: what it refused is not known.
        if (status !== undefined && status < 500 && status !== 408 && isJson(error))
          throw new Unavailable(`GitHub answered ${status} to ${route}: ${messageOf(error)}`, { cause: error });
      }
      await sleep(backoff(attempt, random()));
    }
    throw new Unavailable(`GitHub did not answer ${route} after ${tries} tries: ${messageOf(last)}`, { cause: last });
  }

  /** A write, sent once. Clear is 2xx alone; what was refused has its status; who may not write at all is an error. */
  async function write(route: string, params: Params): Promise<Written> {
    try {
      const reply = await send(route, params);
      const whole = reply.status === 204 || (typeof reply.data === "object" && reply.data !== null);
      return whole ? { clear: true, reply } : { clear: false, why: "the answer was cut off" };
    } catch (error) {
      const wait = limitOf(error);
      if (wait !== undefined) {
        await waitFor(wait, error);
        return { clear: false, why: "rate limit" };
      }
      const status = statusOf(error);
      // Reading came first and worked, so what is missing is the right to write.
      if ((status === 403 || status === 404) && isJson(error))
        throw new ReadOnly(`The token may not write to ${owner}/${repo}: ${messageOf(error)}`, { cause: error });
      denied(error);
      return { clear: false, ...(status !== undefined && { status }), why: messageOf(error) };
    }
  }

  /** Deletes; what is gone already is gone. False when nobody can tell. */
  async function remove(route: string, params: Params): Promise<boolean> {
    for (let attempt = 0; attempt < 4; attempt++) {
      try {
        await send(route, params);
        return true;
      } catch (error) {
        const [status, wait] = [statusOf(error), limitOf(error)];
        if (wait !== undefined) await waitFor(wait, error);
        else if (isJson(error) && (status === 404 || status === 410)) return true;
        else denied(error);
      }
      await sleep(backoff(attempt, random()));
    }
    return false;
  }

  /** What GitHub answers to a request that cannot succeed: who may not make it is told so first. Status 0 is no answer. */
  async function probe(
    route: string,
    params: Params = {},
  ): Promise<{ readonly status: number; readonly message: string; readonly data: unknown }> {
    for (let attempt = 0; ; attempt++) {
      try {
        const { status, data } = await send(route, params);
        return { status, message: "", data };
      } catch (error) {
        const status = isJson(error) ? (statusOf(error) ?? 0) : 0;
        if ((status !== 0 && status < 500) || attempt === 3) return { status, message: messageOf(error), data: responseOf(error)?.data };
      }
      await sleep(backoff(attempt, random()));
    }
  }

  /** Where a download is: GitHub answers with an address for a minute, which wants no token. Undefined while there is none. */
  async function locate(route: string, params: Params): Promise<string | undefined> {
    for (let attempt = 0; attempt < tries; attempt++) {
      try {
        const { location } = (await send(route, params, "manual")).headers;
        if (typeof location === "string") return location;
      } catch (error) {
        const [status, wait] = [statusOf(error), limitOf(error)];
        if (wait !== undefined) await waitFor(wait, error);
        else if ((status === 404 || status === 410) && isJson(error)) return undefined;
        else denied(error);
      }
      await sleep(backoff(attempt, random()));
    }
    throw new Unavailable(`GitHub did not answer ${route} after ${tries} tries`);
  }

  async function waitFor(ms: number, error: unknown): Promise<void> {
    if (ms > limitMs) throw new Limited(`GitHub's rate limit is used up for another ${Math.ceil(ms / 60_000)} min`, { cause: error });
    await sleep(ms + random() * 1000);
  }

  return {
    owner,
    repo,
    read,
    write,
    remove,
    probe,
    locate,
    /** All pages of a list, at most `pages`, beyond which a `whole` one cannot be had; `key` where the list is a field of the answer. */
    async list(
      route: string,
      params: Params = {},
      { pages = 50, whole = true, etag = false, missing = false, key = "" } = {},
    ): Promise<{ readonly items: readonly unknown[]; readonly date: number }> {
      const items: unknown[] = [];
      let date = 0;
      for (let page = 1; page <= pages; page++) {
        const reply = await read(route, { per_page: 100, ...params, ...(page > 1 && { page }) }, { etag, missing });
        // A lagging parent: nothing below it is to be seen yet.
        if (reply === undefined && missing) return { items, date: clock };
        const found: unknown = key === "" ? reply?.data : (reply?.data as Record<string, unknown> | undefined)?.[key];
        if (reply === undefined || !Array.isArray(found)) throw new Unavailable(`GitHub's answer to ${route} is not a list`);
        items.push(...found);
        date = Date.parse(String(reply.headers.date ?? "")) || clock;
        if (!String(reply.headers.link ?? "").includes('rel="next"')) return { items, date };
      }
      if (!whole) return { items, date };
      throw new Unavailable(`GitHub's list ${route} has more than ${pages} pages`);
    },
    graphql: (query: string, variables: Params) =>
      octokit.graphql(query, { ...variables, request: { signal: AbortSignal.timeout(timeoutMs) } }),
    /** The pause before try `attempt` of a write that may be repeated. */
    pause: (attempt: number) => sleep(backoff(attempt, random())),
    requests: () => requests,
    remaining: () => remaining,
    /** The server's clock in its last answer, in milliseconds. */
    clock: () => clock,
  };

  function denied(error: unknown): void {
    const status = isJson(error) ? statusOf(error) : undefined;
    if (status === 401) throw new Denied("GitHub refuses the token (401): it is wrong, expired or revoked", { cause: error });
    if (status === 403) throw new Denied(`The token may not do this in ${owner}/${repo}: ${messageOf(error)}`, { cause: error });
    if (status === 404 && isJson(error))
      throw new Denied(`Cannot find ${owner}/${repo}: the name is wrong, or the token has no access to it`, { cause: error });
  }
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
