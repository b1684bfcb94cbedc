/**
 * What the Messages API demands of a request, in its words: its fields and no others, text in every text block, something in every
 * message, and that every tool use is followed by its result.
 *
 * Fields are those of `MessageCreateParams` in the SDK; of blocks those that our client sends. The words are those of public reports.
 *
 * @module
 */
import { z } from "zod";

const cache = { cache_control: z.strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() }).nullish() };
const text = z.strictObject({ type: z.literal("text"), text: z.string(), citations: z.array(z.unknown()).nullish(), ...cache });
const toolUse = { id: z.string().min(1), name: z.string().min(1), input: z.record(z.string(), z.unknown()), ...cache };
const result = {
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(text)]).optional(),
  is_error: z.boolean().optional(),
};
const block = z.discriminatedUnion("type", [
  text,
  z.strictObject({ type: z.literal("tool_use"), ...toolUse }),
  z.strictObject({ type: z.literal("tool_result"), ...result, ...cache }),
  z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() }),
]);
const message = z.strictObject({ role: z.enum(["user", "assistant"]), content: z.union([z.string(), z.array(block)]) });
const tool = z.strictObject({
  type: z.literal("custom").optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().optional(),
  ...cache,
});
const format = z.strictObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) });
const shared = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z.looseObject({ type: z.enum(["auto", "any", "tool", "none"]) }).optional(),
  output_config: z.strictObject({ effort: z.string().optional(), format: format.nullish() }).optional(),
  thinking: z.looseObject({ type: z.string() }).optional(),
  thread: z.looseObject({ type: z.string() }).nullish(),
  ...cache,
};
const messagesSchema = z.strictObject({
  ...shared,
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  metadata: z.looseObject({}).optional(),
  stop_sequences: z.array(z.string()).optional(),
  service_tier: z.enum(["auto", "standard_only"]).optional(),
});
const countSchema = z.strictObject(shared);

/** A request that was checked. */
export type MessageRequest = z.infer<typeof countSchema> & Partial<Omit<z.infer<typeof messagesSchema>, keyof typeof shared>>;
type Block = z.infer<typeof block>;

/** What is wrong with a body, as the API words it; undefined for a good one. */
export function problemOf(body: unknown, endpoint: "messages" | "count_tokens"): string | undefined {
  if (typeof body !== "object" || body === null) return "The request body is not valid JSON";
  const parsed = (endpoint === "messages" ? messagesSchema : countSchema).safeParse(body);
  if (!parsed.success) return wordsOf(parsed.error.issues[0], body);
  const { messages, system } = parsed.data;
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  return emptyProblem("system", typeof system === "string" ? [] : (system ?? [])) ?? contentProblem(messages) ?? toolProblem(messages);
}

function wordsOf(issue: z.core.$ZodIssue | undefined, body: object): string {
  if (issue?.code === "unrecognized_keys") return `${[...issue.path, issue.keys[0]].join(".")}: Extra inputs are not permitted`;
  if (issue?.code === "invalid_union" && issue.errors.length > 0) {
    // A string or a list: what is wrong with the list says more than that it is no string.
    const inner = issue.errors.at(-1)?.[0];
    return wordsOf(inner === undefined ? undefined : { ...inner, path: [...issue.path, ...inner.path] }, body);
  }
  const path = issue?.path ?? [];
  const missing = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], body) === undefined;
  return `${path.join(".")}: ${missing ? "Field required" : (issue?.message ?? "Invalid")}`;
}

function contentProblem(messages: MessageRequest["messages"]): string | undefined {
  for (const [index, { role, content }] of messages.entries()) {
    const prefill = role === "assistant" && index === messages.length - 1;
    if (content.length === 0 && !prefill)
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    const problem = emptyProblem("messages", blocksOf(content));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function emptyProblem(where: string, blocks: readonly Block[]): string | undefined {
  const texts = blocks.flatMap((one) => (one.type === "text" ? [one.text] : one.type === "tool_result" ? textsOf(one.content) : []));
  if (texts.includes("")) return `${where}: text content blocks must be non-empty`;
  return texts.some((one) => one.trim() === "") ? `${where}: text content blocks must contain non-whitespace text` : undefined;
}

function textsOf(content: string | readonly { readonly text: string }[] | undefined): readonly string[] {
  return typeof content === "object" ? content.map((one) => one.text) : [];
}

function blocksOf(content: string | readonly Block[] | undefined): readonly Block[] {
  return typeof content === "object" ? content : [];
}

function toolProblem(messages: MessageRequest["messages"]): string | undefined {
  const uses = (index: number) => blocksOf(messages[index]?.content).flatMap((one) => (one.type === "tool_use" ? [one.id] : []));
  const results = (index: number) =>
    blocksOf(messages[index]?.content).flatMap((one) => (one.type === "tool_result" ? [one.tool_use_id] : []));
  for (const [index, { role }] of messages.entries()) {
    const lost = role === "assistant" ? uses(index).filter((id) => !results(index + 1).includes(id)) : [];
    if (lost.length > 0)
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${lost.join(", ")}.`;
    const stray = role === "user" ? results(index).filter((id) => !uses(index - 1).includes(id)) : [];
    if (stray.length > 0) return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.join(", ")}.`;
  }
  return undefined;
}
