/**
 * From a failing log and a checkout to a patch that was checked, and a report; the one function behind `analyze.ts`.
 *
 * 1. Read the logs' ends and the commit's objects; mask secrets; choose sources; ask (investigate.ts).
 * 2. Judge the answer (judge.ts); what it could mend goes back to the model once.
 * 3. Everything else is a verdict in the report: flaky, infra, needs_human, gave_up. The cost is in it whatever happened.
 *
 * @module
 */
import { join } from "node:path";
import { type Budget, checkBudget, type Price, sumUsage, type Turn, totalUsd, type Usage } from "../cost.ts";
import { type Answer, buildPrompt, type EarlierAttempt, systemPrompt } from "../prompt.ts";
import { redactAll } from "../redact.ts";
import { chooseSources, estimateTokens, numbered } from "../sources.ts";
import { type Checkout, commitDiff, copyTree, openCheckout, readBlob } from "./checkout.ts";
import { type DigestEntry, type Investigated, investigate } from "./investigate.ts";
import type { Journal } from "./journal.ts";
import { type JudgeOptions, makeJudge, type Outcome, type Proof } from "./judge.ts";
import { readLog } from "./log.ts";
import type { Client } from "./messages.ts";
import { ownFolder } from "./temporary.ts";
import { readTools } from "./tools.ts";

/** Everything an analysis is told; what a judge needs is part of it. */
export type AnalysisOptions = Omit<JudgeOptions, "failures"> & {
  readonly client: Client;
  readonly model: string;
  readonly effort: "low" | "medium" | "high";
  readonly maxTokens: number;
  readonly maxTurns: number;
  readonly logs: readonly { readonly flavor: string; readonly path: string }[];
  readonly folder: string;
  readonly sha: string | null;
  /** Number of the claim that it belongs to. */
  readonly claim?: number | undefined;
  readonly attempt: number;
  readonly earlier: readonly EarlierAttempt[];
  readonly failing: readonly string[];
  readonly passing: readonly string[];
  readonly budget: Budget;
  readonly spent: { readonly commitUsd: number; readonly dayUsd: number };
  readonly prices: readonly Price[];
  readonly day: string;
  readonly sourceTokens: number;
  readonly delimiter: string;
  readonly totalMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly journal?: Journal | undefined;
};

export type Report = {
  readonly verdict: "fix" | "flaky" | "infra" | "needs_human" | "gave_up";
  /** One word or a short sentence for a machine and a person: why this verdict. */
  readonly reason: string;
  readonly rootCause: string;
  readonly confidence: number;
  readonly flavors: readonly string[];
  readonly title: string;
  readonly body: string;
  readonly edits: Answer["edits"];
  readonly newFiles: Answer["new_files"];
  readonly sha: string;
  readonly attempt: number;
  readonly claim?: number;
  readonly model: string;
  readonly usage: Usage;
  /** Null: the model has no price. */
  readonly costUsd: number | null;
  readonly turns: readonly Turn[];
  readonly conversation: readonly DigestEntry[];
  readonly proof: Proof;
};

/** `answered`: the model told its verdict or what it told was judged; `unanswered`: it would not answer in the bound. */
export type Analysed = { readonly kind: "answered" | "unanswered"; readonly report: Report; readonly patch: string | null };

const DIFF_CHARS = 40_000;
const TREE_PATHS = 3_000;

export async function analyse(options: AnalysisOptions): Promise<Analysed> {
  // After Ctrl-C it goes last: until then a command may run in it.
  await using scratch = await ownFolder();
  return await analyseIn(scratch.path, options);
}

async function analyseIn(scratch: string, options: AnalysisOptions): Promise<Analysed> {
  const { redact } = options;
  const checkout = await openCheckout(options.folder, options.sha);
  if (options.sha !== null && options.sha !== checkout.sha)
    options.progress(`${options.sha.slice(0, 7)} is not in this checkout; reading HEAD (${checkout.sha.slice(0, 7)})`);
  const logs = await Promise.all(
    options.logs.map(async ({ flavor, path }) => {
      const part = await readLog(path, options.redactKnown);
      return { flavor, ...part, title: part.title === undefined ? undefined : await redact(part.title) };
    }),
  );
  const diff = await commitDiff(checkout, DIFF_CHARS);
  const tree = [...checkout.modes.keys()];
  const sources = await pickSources(checkout, options, logs.map((log) => log.text).join("\n"), diff);
  const prompt = buildPrompt({
    delimiter: options.delimiter,
    sha: checkout.sha,
    diff,
    tree: tree.slice(0, TREE_PATHS),
    sources,
    logs,
    failing: options.failing,
    passing: options.passing,
    earlier: options.earlier,
    earlierApplied: await isApplied(checkout, options.earlier.at(-1)),
    testCommand: options.command.length > 0 ? options.command.join(" ") : undefined,
  });
  // Here and in the tools nothing reaches the model unmasked. What is cut or numbered was masked before: half a secret is still one.
  const masked = await Promise.all(prompt.map(async (block) => ({ ...block, text: await redact(block.text) })));
  const copy = join(scratch, "tree");
  let copied: Promise<void> | null = null;
  const tools = readTools(copy, new Map(logs.map((log) => [log.flavor, log.text])), redact).map((tool) => ({
    ...tool,
    run: async (input: unknown) => {
      copied ??= copyTree(checkout, copy);
      await copied;
      return tool.run(input);
    },
  }));
  const judge = makeJudge(scratch, checkout, { ...options, failures: logs.map((log) => log.failure) });
  const result = await investigate<Outcome>({
    ...options,
    system: systemPrompt(options.guard),
    prompt: masked,
    tools,
    toolsAtOnce: options.attempt > 1,
    analysisUsd: options.budget.perAnalysisUsd,
    judge,
    onTurn: options.progress,
    checkBudget: ({ promptTokens, maxTokens }, analysisUsd) =>
      checkBudget(
        { model: options.model, promptTokens, maxTokens },
        { analysisUsd, ...options.spent },
        { budget: options.budget, day: options.day, prices: options.prices },
      ),
  });
  return conclude(result, checkout, options);
}

/** Is what an attempt wrote in the commit? The ledger hands a retry the fix commit, a person may hand over any. */
async function isApplied(checkout: Checkout, attempt: EarlierAttempt | undefined): Promise<boolean> {
  const made = attempt?.newFiles ?? [];
  if (attempt === undefined || attempt.edits.length + made.length === 0) return false;
  const texts = await Promise.all(
    [...attempt.edits, ...made.map(({ path, content }) => ({ path, replace: content }))].map(async ({ path, replace }) =>
      ((await readBlob(checkout, path)) ?? "").replaceAll("\r\n", "\n").includes(replace.replaceAll("\r\n", "\n")),
    ),
  );
  return texts.every(Boolean);
}

async function pickSources(
  checkout: Checkout,
  options: AnalysisOptions,
  named: string,
  diff: string,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const sources: { readonly path: string; readonly text: string }[] = [];
  let left = options.sourceTokens;
  for (const chosen of chooseSources([...checkout.modes.keys()], named, diff).slice(0, 30)) {
    const text = await readBlob(checkout, chosen.path);
    if (text === null || text.includes("\0")) continue;
    const shown = numbered(await options.redact(text), chosen.lines);
    if (estimateTokens(shown) > left) continue;
    left -= estimateTokens(shown);
    sources.push({ path: chosen.path, text: shown });
  }
  return sources;
}

async function conclude(result: Investigated<Outcome>, checkout: Checkout, options: AnalysisOptions): Promise<Analysed> {
  const { turns, digest } = result;
  const answer = result.kind === "answered" ? result.answer : null;
  const base = {
    rootCause: answer?.root_cause ?? "",
    confidence: answer?.confidence ?? 0,
    flavors: answer?.flavors ?? [],
    title: answer?.title ?? "",
    body: answer?.body ?? "",
    edits: answer?.edits ?? [],
    newFiles: answer?.new_files ?? [],
    // The commit that it is for, also where another stood in for it.
    sha: options.sha ?? checkout.sha,
    attempt: options.attempt,
    ...(options.claim !== undefined && { claim: options.claim }),
    model: options.model,
    usage: sumUsage(turns.map((turn) => turn.usage)),
    costUsd: totalUsd(turns, options.day, options.prices),
    turns,
    conversation: digest,
    proof: { before: "skipped", after: "skipped" },
  } as const;
  const told = verdictOf(result);
  const report = await redactAll({ ...base, ...told.report }, options.redact);
  return { kind: told.kind, report, patch: told.patch };
}

function verdictOf(result: Investigated<Outcome>): {
  readonly kind: Analysed["kind"];
  readonly patch: string | null;
  readonly report: Pick<Report, "verdict" | "reason"> & Partial<Report>;
} {
  const gaveUp = (kind: Analysed["kind"], reason: string) => ({ kind, patch: null, report: { verdict: "gave_up", reason } }) as const;
  switch (result.kind) {
    case "failed":
      return gaveUp("unanswered", `${result.failure.kind}: ${result.failure.detail}`);
    case "over_budget":
      return gaveUp("answered", `over_budget: ${result.detail}`);
    case "refused":
      return gaveUp("answered", `refused: ${result.detail}`);
    case "unusable":
      return gaveUp("answered", `unusable: ${result.detail}`);
    case "answered": {
      const { value, answer } = result;
      if (value.kind === "fix")
        return { kind: "answered", patch: value.patch, report: { verdict: "fix", reason: "fix", proof: value.proof } };
      if (value.kind !== "none") {
        const proof = value.proof === undefined ? {} : { proof: value.proof };
        return { kind: "answered", patch: null, report: { verdict: value.kind, reason: value.reason, ...proof } };
      }
      const verdict = answer.verdict === "fix" || answer.verdict === "need_files" ? "gave_up" : answer.verdict;
      return { kind: "answered", patch: null, report: { verdict, reason: answer.verdict } };
    }
    default:
      return result satisfies never;
  }
}
