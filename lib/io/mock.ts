/**
 * A model that is none: a Messages API on loopback that gives one prepared answer, for trying the flow where no model may be paid.
 *
 * The real SDK talks to it, so everything but the thinking is the real thing.
 *
 * @module
 */
import type { Answer } from "../prompt.ts";

/** Harmless by intent: it adds a file that says what it is. */
export const MOCK_ANSWER: Answer = {
  verdict: "fix",
  root_cause: "No model was called (--mock-llm): this change only shows the flow.",
  confidence: 0,
  flavors: [],
  edits: [],
  new_files: [
    { path: "fixonce-mock-fix.md", content: "Written by `--mock-llm` to try the flow. No model was called; delete this file.\n" },
  ],
  need_files: [],
  title: "Mock fix: no model was called",
  body: "This pull request comes from `--mock-llm` and repairs nothing.",
};

/** Serve `answer` to every request until disposed of. */
export function startMock(answer: unknown): Disposable & { readonly baseURL: string } {
  const text = JSON.stringify(answer);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      if (new URL(request.url).pathname.endsWith("/count_tokens")) return Response.json({ input_tokens: 1000 });
      const { model } = (await request.json()) as { model: string };
      const message = {
        id: "msg_mock",
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, output_tokens: 0 },
      };
      const events = [
        { type: "message_start", message },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 0 } },
        { type: "message_stop" },
      ];
      return new Response(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  return { baseURL: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}
