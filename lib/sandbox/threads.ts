/**
 * Conversations that the Messages server holds between turns, so that a request sends its new messages only.
 *
 * The SDK's tool runner talks like this: `thread: { type: "create" }`, then `{ type: "continue", previous_message_id }`.
 *
 * @module
 */
import type { MessageRequest } from "./messagerequest.ts";

export type Threads = {
  /** The whole conversation that a request continues, or itself; undefined where the message it names is not known. */
  expand(body: unknown): unknown;
  /** Keeps a conversation under the id of its newest message. */
  keep(request: MessageRequest, id: string, content: MessageRequest["messages"][number]["content"]): void;
};

const kept = 1000;

/** Starts without any conversation. */
export function createThreads(): Threads {
  const held = new Map<string, MessageRequest>();
  return {
    expand(body) {
      const thread = threadOf(body);
      if (thread?.type !== "continue") return body;
      const before = held.get(String(thread.previous_message_id));
      if (before === undefined) return undefined;
      const now = body as MessageRequest;
      return { ...before, ...now, messages: [...before.messages, ...(Array.isArray(now.messages) ? now.messages : [])] };
    },
    keep(request, id, content) {
      if (threadOf(request) === undefined) return;
      if (held.size >= kept) for (const oldest of held.keys().take(1)) held.delete(oldest);
      held.set(id, { ...request, messages: [...request.messages, { role: "assistant", content }] });
    },
  };
}

function threadOf(body: unknown): { readonly type?: unknown; readonly previous_message_id?: unknown } | undefined {
  if (typeof body !== "object" || body === null || !("thread" in body)) return undefined;
  return typeof body.thread === "object" && body.thread !== null ? body.thread : undefined;
}
