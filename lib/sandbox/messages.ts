/**
 * The Anthropic Messages API over HTTP, answered by a script: messages, streams, token counts, and what goes wrong with them.
 *
 * Requests are checked as the API does (`messagerequest.ts`), because a fake that takes anything proves nothing about the client.
 * Errors: platform.claude.com/docs/en/api/errors. Streams: platform.claude.com/docs/en/build-with-claude/streaming.
 *
 * @module
 */
import { listen } from "./listen.ts";
import { type MessageRequest, problemOf } from "./messagerequest.ts";
import { dropped } from "./respond.ts";
import { createThreads } from "./threads.ts";

export type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string }
  | { readonly type: "tool_use"; readonly name: string; readonly input: Readonly<Record<string, unknown>>; readonly id?: string };

export type Usage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
};

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** What the model answers, or how it fails. */
export type Reply =
  | {
      readonly kind: "message";
      readonly content: readonly Block[];
      /** @default tool_use where a tool is used, else end_turn */
      readonly stopReason?: StopReason;
      /** @default a quarter of the characters */
      readonly usage?: Partial<Usage>;
      readonly delayMs?: number;
      /** Breaks a stream in its middle: an `error` event, or a dropped connection. */
      readonly broken?: { readonly by: "error" | "drop"; readonly type?: string; readonly message?: string };
    }
  | {
      readonly kind: "error";
      readonly status: number;
      readonly type?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: "drop" };

/** A request as the log keeps it. */
export type MessageCall = {
  readonly at: number;
  readonly endpoint: "messages" | "count_tokens";
  /** The API key that was sent: give each sender its own to tell them apart. */
  readonly key: string;
  readonly requestId: string;
  readonly status: number;
  readonly stream: boolean;
  readonly model: string;
  readonly request: MessageRequest | undefined;
  /** Tokens that were paid: none for counts and errors. */
  readonly usage: Usage | undefined;
};

export type MessagesOptions = {
  /** @default 0, any free port */
  readonly port?: number;
  readonly hostname?: string;
  /** @param call how many messages were asked for before this one */
  readonly reply: (request: MessageRequest, call: number, key: string) => Reply | Promise<Reply>;
  /** @default Date.now */
  readonly now?: () => number;
};

export type MessagesServer = AsyncDisposable & {
  readonly url: string;
  readonly calls: readonly MessageCall[];
  stop(): Promise<void>;
};

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/**
 * Starts the server; the script decides every answer.
 *
 * @throws PortError where the port is taken
 */
export function startMessages(options: MessagesOptions): MessagesServer {
  const now = options.now ?? Date.now;
  const calls: MessageCall[] = [];
  const threads = createThreads();
  let asked = 0;

  async function answer(request: Request): Promise<Response> {
    const requestId = `req_sandbox${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
    const endpoint = endpointOf(request);
    const key = request.headers.get("x-api-key") ?? (request.headers.get("authorization") ?? "").replace(/^Bearer /i, "");
    const note = (status: number, known: MessageRequest | undefined, usage: Usage | undefined) => {
      const told = { stream: known?.stream === true, model: known?.model ?? "", request: known, usage };
      calls.push({ at: now(), endpoint: endpoint ?? "messages", key, requestId, status, ...told });
    };
    const fail = (status: number, message: string, known?: MessageRequest, type = errorTypes[status] ?? "api_error", headers = {}) => {
      note(status, known, undefined);
      return errorResponse(status, type, message, requestId, headers);
    };
    if (endpoint === undefined) return fail(404, "Not found");
    if (key === "") return fail(401, "x-api-key header is required");
    if (request.headers.get("anthropic-version") === null) return fail(400, "anthropic-version: header is required");
    const sent: unknown = await request.json().catch(() => null);
    const body = threads.expand(sent);
    if (body === undefined) return fail(404, "thread.previous_message_id: no such message");
    const problem = problemOf(body, endpoint);
    if (problem !== undefined) return fail(400, problem);
    const message = body as MessageRequest;
    if (endpoint === "count_tokens") {
      note(200, message, undefined);
      return Response.json({ input_tokens: inputTokens(message) }, { headers: { "request-id": requestId } });
    }
    const reply = await options.reply(message, asked++, key);
    if (reply.kind === "drop") {
      note(0, message, undefined);
      return dropped("", 200, new Headers());
    }
    if (reply.kind === "error") {
      const retry = reply.retryAfterSeconds === undefined ? {} : { "retry-after": String(reply.retryAfterSeconds) };
      return fail(reply.status, reply.message ?? errorTypes[reply.status] ?? "error", message, reply.type, retry);
    }
    if (reply.delayMs !== undefined) await Bun.sleep(reply.delayMs);
    const whole = messageOf(reply, message, requestId);
    note(200, message, whole.usage);
    threads.keep(message, whole.id, [...whole.content]);
    const headers = new Headers({ "request-id": requestId, "anthropic-organization-id": "sandbox" });
    if (message.stream !== true) return reply.broken === undefined ? Response.json(whole, { headers }) : dropped("", 200, headers);
    return streamOf(whole, reply.broken, requestId, headers);
  }

  const { url, stop } = listen(options.port ?? 0, options.hostname ?? "127.0.0.1", answer);
  return { url, calls, stop, [Symbol.asyncDispose]: stop };
}

type Message = ReturnType<typeof messageOf>;

function messageOf(reply: Extract<Reply, { kind: "message" }>, request: MessageRequest, requestId: string) {
  const content = reply.content.map((block, index) => {
    if (block.type === "text") return { ...block, citations: null };
    if (block.type === "thinking") return { ...block, signature: "c2FuZGJveA==" };
    return { type: block.type, id: block.id ?? `toolu_${requestId.slice(4)}${index}`, name: block.name, input: block.input };
  });
  const usage: Usage = {
    ...{ input_tokens: inputTokens(request), output_tokens: tokensOf(JSON.stringify(reply.content)) },
    ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0, ...reply.usage },
  };
  const stop: StopReason = reply.stopReason ?? (content.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn");
  const shape = { id: `msg_${requestId.slice(4)}`, type: "message", role: "assistant", model: request.model } as const;
  return { ...shape, content, stop_reason: stop, stop_sequence: null, usage };
}

/** A message as server-sent events, in pieces; broken in its middle where the script says so. */
function streamOf(message: Message, broken: Extract<Reply, { kind: "message" }>["broken"], requestId: string, headers: Headers): Response {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = message.usage;
  const began = { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens: 1 };
  const events: string[] = [
    sse("message_start", { message: { ...message, content: [], stop_reason: null, usage: began } }),
    sse("ping", {}),
  ];
  for (const [index, block] of message.content.entries()) {
    const [start, deltas] = deltasOf(block);
    events.push(sse("content_block_start", { index, content_block: start }));
    for (const delta of deltas) events.push(sse("content_block_delta", { index, delta }));
    events.push(sse("content_block_stop", { index }));
  }
  headers.set("content-type", "text/event-stream; charset=utf-8");
  headers.set("cache-control", "no-cache");
  if (broken !== undefined) {
    const half = events.slice(0, Math.max(3, Math.floor(events.length / 2)));
    if (broken.by === "drop") return dropped(half.join(""), 200, headers);
    const type = broken.type ?? "overloaded_error";
    const error = sse("error", { error: { type, message: broken.message ?? "Overloaded" }, request_id: requestId });
    return new Response([...half, error].join(""), { headers });
  }
  events.push(
    sse("message_delta", { delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: { ...began, output_tokens } }),
  );
  events.push(sse("message_stop", {}));
  return new Response([...events].join(""), { headers });
}

function deltasOf(block: Message["content"][number]): [object, object[]] {
  if (block.type === "text") return [{ ...block, text: "" }, pieces(block.text).map((text) => ({ type: "text_delta", text }))];
  if (block.type === "thinking") {
    const signature = { type: "signature_delta", signature: block.signature };
    return [
      { ...block, thinking: "", signature: "" },
      [...pieces(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })), signature],
    ];
  }
  const json = pieces(JSON.stringify(block.input)).map((partial) => ({ type: "input_json_delta", partial_json: partial }));
  return [{ ...block, input: {} }, json];
}

function sse(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,40}/gu) ?? [];
}

function errorResponse(
  status: number,
  type: string,
  message: string,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Response {
  const envelope = { type: "error", error: { type, message }, request_id: requestId };
  return Response.json(envelope, { status, headers: { "request-id": requestId, ...headers } });
}

function endpointOf(request: Request): "messages" | "count_tokens" | undefined {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST") return undefined;
  return pathname === "/v1/messages" ? "messages" : pathname === "/v1/messages/count_tokens" ? "count_tokens" : undefined;
}

function inputTokens(request: MessageRequest): number {
  return tokensOf(JSON.stringify([request.system ?? "", request.messages, request.tools ?? []]));
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
