/**
 * The conversation of one analysis: ask once; give read-only tools when the model asks for files and on every retry; hand an answer
 * that does not fit back once; ask for the answer at 80% of the money or of the time. What was paid for is never thrown away and always
 * in the result.
 *
 * This is our own loop and not the SDK's tool runner: one function sends every turn, so the budget is checked before each of them, a
 * broken stream is billed and repeated in the same way everywhere, and the structured answer may come at any turn.
 *
 * @module
 */
import type Anthropic from "@anthropic-ai/sdk";
import { type BudgetAnswer, type Price, type Turn, totalUsd } from "../cost.ts";
import { type Answer, answerFormat, type PromptBlock, parseAnswer } from "../prompt.ts";
import { estimateTokens } from "../sources.ts";
import type { Journal } from "./journal.ts";
import { type Client, countTokens, type Failure, type Message, type Params, send } from "./messages.ts";

/** A read-only tool: its declaration, and what it answers. */
export type ReadTool = {
  readonly name: string;
  readonly description: string;
  readonly input: Anthropic.Tool.InputSchema;
  readonly run: (input: unknown) => Promise<string>;
};

/** What the caller thinks of an answer. `repair`: hand `problem` back, once. */
export type Judged<T> =
  | { readonly kind: "accepted"; readonly value: T }
  | { readonly kind: "repair"; readonly problem: string; readonly value: T };

export type InvestigateOptions<T> = {
  readonly client: Client;
  readonly model: string;
  readonly effort: "low" | "medium" | "high";
  readonly maxTokens: number;
  readonly system: string;
  readonly prompt: readonly PromptBlock[];
  readonly tools: readonly ReadTool[];
  /** From the start (retries), not only when the model asks. */
  readonly toolsAtOnce: boolean;
  readonly maxTurns: number;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly totalMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly checkBudget: (request: { readonly promptTokens: number; readonly maxTokens: number }, spentUsd: number) => BudgetAnswer;
  readonly day: string;
  readonly prices: readonly Price[];
  readonly analysisUsd: number | undefined;
  readonly judge: (answer: Answer) => Promise<Judged<T>>;
  readonly onTurn?: (line: string) => void;
  /** Remembers what was paid for, should this process die. */
  readonly journal?: Journal | undefined;
};

/** What one turn was, short enough to keep in the outcome. */
export type DigestEntry = { readonly turn: number; readonly what: string };

export type Investigated<T> = { readonly turns: readonly Turn[]; readonly digest: readonly DigestEntry[] } & (
  | { readonly kind: "answered"; readonly answer: Answer; readonly value: T }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "over_budget"; readonly detail: string }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "unusable"; readonly detail: string }
);

const TOOL_RESULT_CHARS = 30_000;
const TOOL_CALLS_PER_TURN = 8;

export async function investigate<T>(options: InvestigateOptions<T>): Promise<Investigated<T>> {
  const turns: Turn[] = [...(options.journal?.before ?? [])];
  const digest: DigestEntry[] = [];
  const note = (what: string): void => {
    digest.push({ turn: turns.length, what: what.slice(0, 600) });
    options.onTurn?.(what.slice(0, 200));
  };
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: options.prompt.map(textBlock) }];
  let withTools = options.toolsAtOnce;
  let maxTokens = options.maxTokens;
  let repairs = 0;
  let last: { readonly answer: Answer; readonly value: T } | null = null;
  let problem = "the turns were used up without an answer";

  for (let turn = 1; turn <= options.maxTurns; turn += 1) {
    const params = request(options, { messages, withTools, maxTokens, final: turn === options.maxTurns || mostlyUsed(options, turns) });
    const promptTokens = (await countTokens(options.client, params, options.signal)) ?? estimateTokens(JSON.stringify(params));
    const fits = options.checkBudget({ promptTokens, maxTokens }, totalUsd(turns, options.day, options.prices) ?? 0);
    if (fits.kind !== "fits") {
      const detail =
        fits.kind === "over"
          ? `the next request could cost more than is left of the ${fits.budget} budget`
          : `${fits.model} has no price, so no budget can be kept`;
      note(detail);
      return last === null ? { kind: "over_budget", detail, turns, digest } : { kind: "answered", ...last, turns, digest };
    }
    await options.journal?.begin(turns, { model: options.model, promptTokens, maxTokens });
    const sent = await send(options.client, params, options);
    turns.push(...sent.usages.map((usage) => ({ model: options.model, usage })));
    await options.journal?.end(turns);
    if (sent.kind === "failed") {
      note(`no answer: ${sent.failure.detail}`);
      return last === null ? { kind: "failed", failure: sent.failure, turns, digest } : { kind: "answered", ...last, turns, digest };
    }
    const { message } = sent;
    if (message.stop_reason === "refusal") {
      note("the model declined");
      return { kind: "refused", detail: "the model declined to answer", turns, digest };
    }
    const calls = message.content.filter((block) => block.type === "tool_use");
    if (message.stop_reason === "tool_use" && calls.length > 0) {
      note(`tools: ${calls.map((call) => `${call.name} ${JSON.stringify(call.input)}`).join("; ")}`);
      messages.push(said(message.content), {
        role: "user",
        content: await runTools(options, calls, mostlyUsed(options, turns) || turn === options.maxTurns - 1),
      });
      continue;
    }
    const cut = message.stop_reason === "max_tokens" || message.stop_reason === "model_context_window_exceeded";
    const parsed = cut ? { kind: "unreadable" as const, problem: "the answer was cut off; answer shorter" } : parseAnswer(textOf(message));
    if (parsed.kind === "unreadable") {
      problem = parsed.problem;
      note(`unreadable: ${problem}`);
      repairs += 1;
      if (repairs > 1) break;
      if (cut) maxTokens *= 2;
      messages.push(withoutCalls(message), {
        role: "user",
        content: `Your answer cannot be used: ${problem}. Answer again with the complete JSON object.`,
      });
      continue;
    }
    const { answer } = parsed;
    note(`${answer.verdict}: ${answer.root_cause}`);
    if (answer.verdict === "need_files") {
      if (turn > 1 && withTools) problem = "the model went on asking for files";
      withTools = true;
      const content = "You may look now: use the tools to read what you named, then answer with the JSON object.";
      messages.push(withoutCalls(message), { role: "user", content });
      continue;
    }
    const judged = await options.judge(answer);
    if (judged.kind === "accepted") return { kind: "answered", answer, value: judged.value, turns, digest };
    last = { answer, value: judged.value };
    note(`handed back: ${judged.problem}`);
    repairs += 1;
    if (repairs > 1) return { kind: "answered", ...last, turns, digest };
    messages.push(withoutCalls(message), {
      role: "user",
      content: `The answer cannot be used:\n${judged.problem}\nAnswer again with the complete JSON object: all edits, not only the corrected one.`,
    });
  }
  return last === null ? { kind: "unusable", detail: problem, turns, digest } : { kind: "answered", ...last, turns, digest };
}

function request<T>(
  options: InvestigateOptions<T>,
  state: { readonly messages: Anthropic.MessageParam[]; readonly withTools: boolean; readonly maxTokens: number; readonly final: boolean },
): Params {
  const tools = options.tools.map((tool) => ({ name: tool.name, description: tool.description, input_schema: tool.input }));
  return {
    model: options.model,
    max_tokens: state.maxTokens,
    system: [{ type: "text", text: options.system, cache_control: { type: "ephemeral" } }],
    messages: [...state.messages],
    output_config: { effort: options.effort, format: answerFormat() },
    ...(state.withTools ? { tools, tool_choice: { type: state.final ? "none" : "auto" } } : {}),
  };
}

/** Is it time to ask for the answer? 80% of the money or of the time is gone. */
function mostlyUsed<T>(options: InvestigateOptions<T>, turns: readonly Turn[]): boolean {
  const spent = totalUsd(turns, options.day, options.prices);
  const money = options.analysisUsd !== undefined && spent !== null && spent >= 0.8 * options.analysisUsd;
  return money || options.remainingMs() < 0.2 * options.totalMs;
}

async function runTools<T>(
  options: InvestigateOptions<T>,
  calls: readonly Anthropic.ToolUseBlock[],
  last: boolean,
): Promise<Anthropic.ContentBlockParam[]> {
  const results: Anthropic.ContentBlockParam[] = [];
  for (const [index, call] of calls.entries()) {
    const tool = options.tools.find((one) => one.name === call.name);
    const text =
      tool === undefined
        ? `There is no tool ${call.name.slice(0, 50)}.`
        : index >= TOOL_CALLS_PER_TURN
          ? "Too many calls in one turn; ask again."
          : await tool.run(call.input);
    results.push({ type: "tool_result", tool_use_id: call.id, content: text.slice(0, TOOL_RESULT_CHARS) });
  }
  if (last) results.push({ type: "text", text: "The budget is nearly used up: answer now with the JSON object, from what you know." });
  return results;
}

/** A turn that is answered with words: a call of a tool in it (the turn was cut, or may call none) gets no result, and may not be sent. */
function withoutCalls(message: Message): Anthropic.MessageParam {
  return said(message.content.filter((block) => block.type !== "tool_use"));
}

/** What the model said, as it may be sent back: the API refuses the empty texts that it answers with. */
function said(blocks: Message["content"]): Anthropic.MessageParam {
  const content = blocks.filter((block) => block.type !== "text" || block.text.trim() !== "") as Anthropic.ContentBlockParam[];
  return { role: "assistant", content: content.length > 0 ? content : [{ type: "text", text: "(nothing)" }] };
}

function textBlock(block: PromptBlock): Anthropic.TextBlockParam {
  return { type: "text", text: block.text, ...(block.cache ? { cache_control: { type: "ephemeral" as const } } : {}) };
}

function textOf(message: Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}
