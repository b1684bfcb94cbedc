/**
 * What the Messages API demands of a request: its fields, and that every tool use is followed by its result.
 *
 * @module
 */
import { z } from "zod";

const block = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  tool_use_id: z.string().optional(),
  text: z.string().optional(),
});
const message = z.object({ role: z.enum(["user", "assistant"]), content: z.union([z.string().min(1), z.array(block)]) });
const shared = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(block)]).optional(),
  tools: z.array(z.looseObject({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/) })).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
};
const messagesSchema = z.looseObject({ ...shared, max_tokens: z.int().min(1) });
const countSchema = z.looseObject(shared);

/** A request that was checked. */
export type MessageRequest = z.infer<typeof countSchema> & { readonly max_tokens?: number };

/** What is wrong with a body, as the API words it; undefined for a good one. */
export function problemOf(body: unknown, endpoint: "messages" | "count_tokens"): string | undefined {
  if (typeof body !== "object" || body === null) return "The request body is not valid JSON";
  const parsed = (endpoint === "messages" ? messagesSchema : countSchema).safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join(".") ?? "";
    const missing =
      issue?.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], body) === undefined;
    return `${path}: ${missing ? "Field required" : (issue?.message ?? "Invalid")}`;
  }
  const { messages } = parsed.data;
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  return toolProblem(messages);
}

function toolProblem(messages: MessageRequest["messages"]): string | undefined {
  for (const [index, { role, content }] of messages.entries()) {
    if (typeof content === "string") continue;
    const following = messages[index + 1]?.content ?? [];
    const previous = messages[index - 1]?.content ?? [];
    const ids = (blocks: typeof content | string, type: string) => {
      return typeof blocks === "string"
        ? []
        : blocks.filter((inner) => inner.type === type).map((inner) => (type === "tool_use" ? inner.id : inner.tool_use_id));
    };
    const results = ids(following, "tool_result");
    const lost = role === "assistant" ? ids(content, "tool_use").filter((id) => !results.includes(id)) : [];
    if (lost.length > 0)
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${lost.join(", ")}.`;
    const uses = ids(previous, "tool_use");
    const stray = role === "user" ? ids(content, "tool_result").filter((id) => !uses.includes(id)) : [];
    if (stray.length > 0) return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.join(", ")}.`;
  }
  return undefined;
}
