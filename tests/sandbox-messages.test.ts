import { describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic, { APIConnectionError, APIError } from "@anthropic-ai/sdk";
import { type MessagesServer, type Reply, startMessages } from "../lib/sandbox/messages.ts";

setDefaultTimeout(60_000);

const question = { model: "claude-sonnet-5-5", max_tokens: 1000, messages: [{ role: "user" as const, content: "Why does it fail?" }] };
const hello: Reply = {
  kind: "message",
  content: [{ type: "text", text: "Because of a long story that takes more than one piece to tell." }],
};

function client(server: MessagesServer, maxRetries = 0): Anthropic {
  return new Anthropic({ apiKey: "sk-linux", baseURL: server.url, maxRetries });
}

describe("startMessages()", () => {
  test("answers create with a whole message, a request id and its usage", async () => {
    await using server = startMessages({ reply: () => ({ ...hello, usage: { input_tokens: 12, output_tokens: 34 } }) });
    const message = await client(server).messages.create(question);
    expect(message.content).toEqual([
      { type: "text", text: hello.content[0]?.type === "text" ? hello.content[0].text : "", citations: null },
    ]);
    expect(message.stop_reason).toBe("end_turn");
    expect(message._request_id).toMatch(/^req_/);
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]).toMatchObject({
      endpoint: "messages",
      key: "sk-linux",
      status: 200,
      stream: false,
      usage: { input_tokens: 12, output_tokens: 34 },
    });
  });

  test("streams text, thinking and tool use to the SDK", async () => {
    const content = [
      { type: "thinking", thinking: "Let me see. ".repeat(10) },
      { type: "text", text: "I read the file. 🎉 ".repeat(10) },
      { type: "tool_use", name: "read", input: { path: "lib/über.ts", lines: [1, 2] }, id: "toolu_1" },
    ] as const;
    await using server = startMessages({ reply: () => ({ kind: "message", content, usage: { output_tokens: 99 } }) });
    const stream = client(server).messages.stream(question);
    let text = "";
    stream.on("text", (part) => {
      text += part;
    });
    const message = await stream.finalMessage();
    expect(text).toBe(content[1].text);
    expect(message.content).toMatchObject([{ ...content[0] }, { ...content[1] }, { ...content[2] }]);
    expect([message.stop_reason, message.usage.output_tokens]).toEqual(["tool_use", 99]);
  });

  test("counts tokens without counting a message", async () => {
    await using server = startMessages({ reply: () => hello });
    const { model, messages } = question;
    expect((await client(server).messages.countTokens({ model, messages })).input_tokens).toBeGreaterThan(5);
    expect(server.calls.map((call) => [call.endpoint, call.usage])).toEqual([["count_tokens", undefined]]);
  });

  test("drives the SDK's tool runner through a tool and back", async () => {
    const reply = (_: unknown, call: number): Reply =>
      call === 0
        ? { kind: "message", content: [{ type: "tool_use", name: "add", input: { a: 2, b: 3 } }] }
        : { kind: "message", content: [{ type: "text", text: "5" }] };
    await using server = startMessages({ reply });
    const seen: unknown[] = [];
    const add = {
      ...{ type: "custom" as const, name: "add", description: "adds", parse: (value: unknown) => value },
      input_schema: { type: "object" as const, properties: { a: { type: "number" }, b: { type: "number" } } },
      run: (value: unknown) => {
        seen.push(value);
        return "5";
      },
    };
    const final = await client(server).beta.messages.toolRunner({ ...question, tools: [add] });
    expect(seen).toEqual([{ a: 2, b: 3 }]);
    expect(final.content).toMatchObject([{ type: "text", text: "5" }]);
    expect(server.calls.map((call) => call.status)).toEqual([200, 200]);
  });

  test("fails with the status and type that the script says, and retry-after", async () => {
    await using server = startMessages({ reply: () => ({ kind: "error", status: 529, retryAfterSeconds: 7 }) });
    const error = await caught(client(server).messages.create(question));
    expect(error).toMatchObject({ status: 529, error: { type: "error", error: { type: "overloaded_error" } } });
    expect(error instanceof APIError ? error.headers?.get("retry-after") : undefined).toBe("7");
  });

  test("names a 402 as the API does", async () => {
    await using server = startMessages({ reply: () => ({ kind: "error", status: 402 }) });
    expect(await caught(client(server).messages.create(question))).toMatchObject({ status: 402, type: "billing_error" });
  });

  test("lets the SDK retry a 429", async () => {
    const replies: Reply[] = [{ kind: "error", status: 429, retryAfterSeconds: 0 }, hello];
    await using server = startMessages({ reply: (_, call) => replies[call] ?? hello });
    expect((await client(server, 2).messages.create(question)).stop_reason).toBe("end_turn");
    expect(server.calls.map((call) => call.status)).toEqual([429, 200]);
  });

  test("breaks a stream in its middle, by an error event or a dropped connection", async () => {
    const reply = (_: unknown, call: number): Reply => ({
      kind: "message",
      content: hello.content,
      broken: { by: call === 0 ? "error" : "drop" },
    });
    await using server = startMessages({ reply });
    const byError = await caught(client(server).messages.stream(question).finalMessage());
    expect(byError).toMatchObject({ error: { error: { type: "overloaded_error", message: "Overloaded" } } });
    expect(await caught(client(server).messages.stream(question).finalMessage())).toBeInstanceOf(Error);
  });

  test("drops the connection when the script says so", async () => {
    await using server = startMessages({ reply: () => ({ kind: "drop" }) });
    expect(await caught(client(server).messages.create(question))).toBeInstanceOf(APIConnectionError);
  });

  test("refuses malformed requests as the API does", async () => {
    await using server = startMessages({ reply: () => hello });
    const headers = { "x-api-key": "k", "anthropic-version": "2023-06-01" };
    const refused = async (body: unknown, sent: Record<string, string> = headers, path = "/v1/messages") => {
      const response = await fetch(`${server.url}${path}`, {
        method: "POST",
        headers: sent,
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const data = (await response.json()) as {
        readonly error: { readonly type: string; readonly message: string };
        readonly request_id: string;
      };
      expect(response.headers.get("request-id")).toBe(data.request_id);
      return [response.status, data.error.type, data.error.message];
    };
    const { model, messages } = question;
    const used = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "x", input: {} }] };
    expect(await refused(question, { "anthropic-version": "2023-06-01" })).toEqual([
      401,
      "authentication_error",
      "x-api-key header is required",
    ]);
    expect(await refused(question, { "x-api-key": "k" })).toEqual([400, "invalid_request_error", "anthropic-version: header is required"]);
    expect(await refused("{")).toEqual([400, "invalid_request_error", "The request body is not valid JSON"]);
    expect(await refused({ model, messages })).toEqual([400, "invalid_request_error", "max_tokens: Field required"]);
    expect(await refused({ max_tokens: 1, messages })).toEqual([400, "invalid_request_error", "model: Field required"]);
    expect((await refused({ ...question, messages: [] }))[1]).toBe("invalid_request_error");
    expect((await refused({ ...question, messages: [{ role: "assistant", content: "x" }] }))[1]).toBe("invalid_request_error");
    expect((await refused({ ...question, messages: [...messages, used, { role: "user", content: "no result" }] }))[2]).toContain(
      "without `tool_result`",
    );
    const said = async (...content: readonly unknown[]) =>
      (
        await refused({
          ...question,
          messages: [...messages, ...content.map((one, at) => ({ role: at % 2 ? "user" : "assistant", content: one }))],
        })
      )[2];
    expect(await said([{ type: "text", text: "" }], "and?")).toBe("messages: text content blocks must be non-empty");
    expect(await said([{ type: "text", text: "\n" }], "and?")).toBe("messages: text content blocks must contain non-whitespace text");
    expect(await said("well", [])).toStartWith("messages.2: all messages must have non-empty content");
    expect(await said([{ type: "text", text: "well", texd: 1 }])).toBe("messages.1.content.0.texd: Extra inputs are not permitted");
    expect(await said(used.content)).toStartWith("messages.1: `tool_use` ids were found without");
    expect(await said(used.content, [{ type: "tool_result", tool_use_id: "t2", content: "x" }])).toContain("without `tool_result`");
    for (const typo of ["max_tokenz", "temperatur"])
      expect((await refused({ ...question, [typo]: 1 }))[2]).toBe(`${typo}: Extra inputs are not permitted`);
    expect((await refused({ ...question, system: [{ type: "text", text: "" }] }))[2]).toBe("system: text content blocks must be non-empty");
    expect((await refused(question, headers, "/v1/complete"))[0]).toBe(404);
    expect(server.calls.every((call) => call.usage === undefined)).toBe(true);
  });
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
