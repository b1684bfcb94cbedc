/**
 * From an answer to bytes: pages, `ETag`, rate-limit headers, and answers that break on their way.
 *
 * @module
 */
import type { Answer, Json } from "./answer.ts";
import type { Fault } from "./faults.ts";

export type RateState = { readonly limit: number; readonly used: number; readonly remaining: number; readonly reset: number };

/** What is sent, before a fault strikes it. */
export type Reply = { readonly status: number; readonly body: string; readonly headers: Headers };

const perPageDefault = 30;
const perPageMax = 100;

/**
 * Finishes an answer: cuts the page, computes the `ETag`, answers 304 where the client has it already.
 *
 * @param url the whole URL of the request, for `Link`
 * @param secret of the token: an ETag is good for one token only
 */
export function finish(answer: Answer, url: URL, secret: string, ifNoneMatch: string | null): Reply {
  const headers = new Headers(answer.headers);
  const body = answer.items === undefined ? answer.body : pageOf(answer, url, headers);
  const text = body === undefined ? "" : JSON.stringify(body);
  if (body !== undefined) headers.set("content-type", "application/json; charset=utf-8");
  if (answer.status !== 200) return { status: answer.status, body: text, headers };
  const etag = `W/"${new Bun.CryptoHasher("sha256").update(`${secret}\n${headers.get("link") ?? ""}\n${text}`).digest("hex")}"`;
  headers.set("etag", etag);
  headers.set("cache-control", "private, max-age=60, s-maxage=60");
  headers.set("vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With");
  const known = (ifNoneMatch ?? "").split(",").map((value) => value.trim().replace(/^W\//, ""));
  if (!known.includes(etag.slice(2))) return { status: 200, body: text, headers };
  headers.delete("content-type");
  return { status: 304, body: "", headers };
}

/** The headers that every answer has. */
export function stamp(headers: Headers, now: number, rate: RateState | undefined): void {
  headers.set("date", new Date(now).toUTCString());
  headers.set("server", "github.com");
  headers.set("x-github-request-id", crypto.randomUUID().toUpperCase().replaceAll("-", ":").slice(0, 24));
  headers.set("x-github-api-version-selected", "2022-11-28");
  headers.set("x-github-media-type", "github.v3; format=json");
  if (rate === undefined) return;
  for (const [name, value] of Object.entries(rate)) headers.set(`x-ratelimit-${name}`, String(value));
  headers.set("x-ratelimit-resource", "core");
}

/** The response, broken as the fault says. */
export function send(reply: Reply, fault: Fault | undefined): Response {
  const { status, headers, body } = reply;
  if (fault?.kind === "drop") return dropped("", status, headers);
  if (fault?.kind === "truncate") return dropped(body.slice(0, Math.ceil(body.length / 2)), status, headers);
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

/** So long a part that was sent has to arrive before its connection is cut. */
const SEEN_MS = 100;

/** A response whose connection closes: before its head where there is nothing to send, else in the middle of the body. */
export function dropped(part: string, status: number, headers: Headers): Response {
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (part !== "" && !sent) {
        sent = true;
        controller.enqueue(new TextEncoder().encode(part));
        // A connection that is reset takes with it what was not read yet: the reader may be slow.
        await Bun.sleep(SEEN_MS);
        return;
      }
      controller.error(undefined); // Bun prints any other reason
    },
  });
  return new Response(stream, { status: status === 204 || status === 304 ? 200 : status, headers });
}

/** The error page of GitHub's front, or of a proxy: HTML where JSON was expected. */
export const htmlPage =
  "<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head><body><h1>This page is taking too long to load.</h1></body></html>\n";

function pageOf(answer: Answer, url: URL, headers: Headers): Json {
  const items = answer.items ?? [];
  const size = Math.min(perPageMax, Math.max(1, Number.parseInt(url.searchParams.get("per_page") ?? "", 10) || perPageDefault));
  const page = Math.max(1, Number.parseInt(url.searchParams.get("page") ?? "", 10) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (number: number, relation: string) => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    return `<${target.href}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), "prev")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
    ...(page > 1 ? [link(1, "first")] : []),
  ];
  if (links.length > 0) headers.set("link", links.join(", "));
  const cut = items.slice((page - 1) * size, page * size);
  return answer.wrap === undefined ? cut : answer.wrap(cut, items.length);
}
