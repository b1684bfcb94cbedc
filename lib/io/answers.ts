/**
 * What an octokit error says: a status, a refusal in JSON, a rate limit; or nothing that counts.
 *
 * @module
 */

export function statusOf(error: unknown): number | undefined {
  // A dropped connection is an HttpError with status 500 and no response.
  return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" ? error.status : undefined;
}

export function responseOf(error: unknown): { readonly headers: Readonly<Record<string, string>>; readonly data: unknown } | undefined {
  if (typeof error !== "object" || error === null || !("response" in error)) return undefined;
  return error.response as { headers: Record<string, string>; data: unknown } | undefined;
}

export function headersOf(error: unknown): Readonly<Record<string, string>> {
  return responseOf(error)?.headers ?? {};
}

export function isJson(error: unknown): boolean {
  return typeof responseOf(error)?.data === "object";
}

/** How long to wait when this is a rate limit, in milliseconds. */
export function limitOf(error: unknown): number | undefined {
  const status = statusOf(error);
  if (status !== 403 && status !== 429) return undefined;
  const headers = headersOf(error);
  if (headers["retry-after"] !== undefined) return Number(headers["retry-after"]) * 1000;
  if (headers["x-ratelimit-remaining"] === "0" && headers.date !== undefined) {
    return Math.max(1000, Number(headers["x-ratelimit-reset"]) * 1000 - Date.parse(headers.date));
  }
  // GitHub asks to wait at least a minute after a secondary limit without a header.
  return status === 429 || messageOf(error).includes("secondary rate limit") ? 60_000 : undefined;
}

export function messageOf(error: unknown): string {
  const data = responseOf(error)?.data;
  if (typeof data === "object" && data !== null && "message" in data) return String(data.message);
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]?.slice(0, 200) ?? "";
}
