/**
 * The Messages API through `@anthropic-ai/sdk`: one request, its bill whatever happens, and what its failure means.
 *
 * The SDK's own retries are off. They honour `retry-after` without a cap, repeat a 429 for a spend limit, and do not see an overload
 * in mid-stream; here every retry is bounded by the one signal. The bill is read from the stream's events as they come: a stream that
 * ends without `message_stop` leaves `currentMessage` empty, and the output tokens so far are then estimated from the text.
 *
 * @module
 */
import type Anthropic from "@anthropic-ai/sdk";
import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { APIConnectionError, APIError } from "@anthropic-ai/sdk/core/error";
import { Messages } from "@anthropic-ai/sdk/resources/messages";
import type { Usage } from "../cost.ts";
import { estimateTokens } from "../sources.ts";

export type Params = Anthropic.MessageCreateParamsNonStreaming;
export type Message = Anthropic.Message;

/** Why there is no message. */
export type Failure = {
  readonly kind: "rejected" | "spend_limit" | "rate_limited" | "overloaded" | "unavailable" | "dropped" | "deadline";
  /** One line, without anything of the request. */
  readonly detail: string;
  readonly retryAfterMs: number | null;
};

export type Sent =
  | { readonly kind: "message"; readonly message: Message; readonly usages: readonly Usage[] }
  | { readonly kind: "failed"; readonly failure: Failure; readonly usages: readonly Usage[] };

/** The SDK's client with the one resource that is used: all of them would be a third of a bundle, and of its start. */
export class Client extends BaseAnthropic {
  readonly messages = new Messages(this);
}

/** A client that reads its credentials and base URL from `environment` names the SDK knows; no retries, no logging of its own. */
export function makeClient(options: { readonly apiKey?: string; readonly baseURL?: string } = {}): Client {
  return new Client({ maxRetries: 0, logLevel: "off", ...options });
}

/** Waits before the one retry where the answer names none. */
const RETRY_MS = 1_000;

/**
 * Send one request; repeat it once where that can help and the time allows.
 *
 * @param sleep resolves after so many ms, or rejects when the signal fires
 */
export async function send(
  client: Client,
  params: Params,
  options: { readonly signal: AbortSignal; readonly remainingMs: () => number; readonly sleep: (ms: number) => Promise<void> },
): Promise<Sent> {
  const first = await sendOnce(client, params, options.signal);
  if (first.kind === "message") return first;
  const waitMs = waitBeforeRetry(first.failure);
  // A tenth of a minute at least must be left for the answer itself.
  if (waitMs === null || waitMs + 6_000 > options.remainingMs()) return first;
  try {
    await options.sleep(waitMs);
  } catch {
    return first;
  }
  const second = await sendOnce(client, params, options.signal);
  return { ...second, usages: [...first.usages, ...second.usages] };
}

/** Milliseconds to wait before a retry; null: a retry would be answered in the same way. */
export function waitBeforeRetry(failure: Failure): number | null {
  switch (failure.kind) {
    case "rejected":
    case "spend_limit":
    case "deadline":
      return null;
    case "rate_limited":
    case "overloaded":
    case "unavailable":
    case "dropped":
      return failure.retryAfterMs ?? RETRY_MS;
    default:
      return failure.kind satisfies never;
  }
}

async function sendOnce(client: Client, params: Params, signal: AbortSignal): Promise<Sent> {
  const stream = client.messages.stream(params, { signal });
  let seen: Message | null = null;
  let counted = false;
  stream.on("streamEvent", (event, snapshot) => {
    seen = snapshot;
    if (event.type === "message_delta") counted = true;
  });
  try {
    const message = await stream.finalMessage();
    return { kind: "message", message, usages: [usageOf(message, true)] };
  } catch (error) {
    const partial = seen as Message | null;
    return { kind: "failed", failure: failureOf(error, signal), usages: partial === null ? [] : [usageOf(partial, counted)] };
  }
}

/** Tokens of a request by the API's own count, or null where the endpoint is missing (gateways). */
export async function countTokens(client: Client, params: Params, signal: AbortSignal): Promise<number | null> {
  const { model, messages, system, tools, tool_choice, output_config } = params;
  const optional = {
    ...(system === undefined ? {} : { system }),
    ...(tools === undefined ? {} : { tools: tools as Anthropic.MessageCountTokensTool[] }),
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(output_config === undefined ? {} : { output_config }),
  };
  try {
    return (await client.messages.countTokens({ model, messages, ...optional }, { signal, timeout: 20_000 })).input_tokens;
  } catch {
    return null;
  }
}

function usageOf(message: Message, counted: boolean): Usage {
  const { usage } = message;
  const text = message.content
    .map((block) => (block.type === "text" ? block.text : block.type === "thinking" ? block.thinking : ""))
    .join("");
  return {
    inputTokens: usage.input_tokens ?? 0,
    outputTokens: counted ? usage.output_tokens : Math.max(usage.output_tokens, estimateTokens(text)),
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    requests: 1,
    estimated: !counted,
  };
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: "deadline", detail: "the time for the analysis is over", retryAfterMs: null };
  if (error instanceof APIConnectionError) return { kind: "dropped", detail: "the connection failed", retryAfterMs: null };
  if (error instanceof APIError) {
    const { status, type, errorCode } = error as { status?: number; type: string | null; errorCode: string | null };
    const detail = [status, type, errorCode].filter((part) => part !== undefined && part !== null).join(" ");
    const retryAfterMs = retryAfter(error.headers);
    if (errorCode === "enforced_spend_limit_reached") return { kind: "spend_limit", detail, retryAfterMs: null };
    if (status === 529 || type === "overloaded_error") return { kind: "overloaded", detail, retryAfterMs };
    if (status === 429 || type === "rate_limit_error") return { kind: "rate_limited", detail, retryAfterMs };
    if (status === undefined || status >= 500 || status === 408 || status === 409) return { kind: "unavailable", detail, retryAfterMs };
    return { kind: "rejected", detail, retryAfterMs: null };
  }
  return { kind: "dropped", detail: "the answer broke off", retryAfterMs: null };
}

function retryAfter(headers: Headers | undefined): number | null {
  const ms = Number(headers?.get("retry-after-ms") ?? "none");
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const seconds = Number(headers?.get("retry-after") ?? "none");
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}
