/**
 * From a failing log and a checkout to a patch that was checked, and a report; the one function behind `analyze.ts`.
 *
 * 1. Read the logs' ends and the commit's objects; mask secrets; choose sources; ask (investigate.ts).
 * 2. Judge the answer: edits must place (edits.ts), the guard must allow them (guard.ts), no secret may be in the patch, the patch must
 *    apply in a worktree, and the failing command, where given, must fail without it and pass with it. What an answer could mend goes
 *    back to the model once; what the guard refuses does not.
 * 3. Everything else is a verdict in the report: flaky, infra, needs_human, gave_up. The cost is in it whatever happened.
 *
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Anthropic from "@anthropic-ai/sdk";
import { type Budget, checkBudget, type Price, sumUsage, type Turn, totalUsd, type Usage } from "../cost.ts";
import { applyEdits, type Change, explainProblems } from "../edits.ts";
import { explainReasons, type GuardPolicy, guardChanges } from "../guard.ts";
import { type Answer, buildPrompt, type EarlierAttempt, SYSTEM } from "../prompt.ts";
import { chooseSources, estimateTokens, numbered } from "../sources.ts";
import { addWorktree, applyPatch, type Checkout, commitDiff, copyTree, makePatch, openCheckout, readBlob } from "./checkout.ts";
import { type DigestEntry, type Investigated, investigate, type Judged } from "./investigate.ts";
import { readLog } from "./log.ts";
import { runCommand } from "./process.ts";
import { readTools } from "./tools.ts";

export type AnalysisOptions = {
  readonly client: Anthropic;
  readonly model: string;
  readonly effort: "low" | "medium" | "high";
  readonly maxTokens: number;
  readonly maxTurns: number;
  readonly logs: readonly { readonly flavor: string; readonly path: string }[];
  readonly folder: string;
  readonly sha: string | null;
  readonly attempt: number;
  readonly earlier: readonly EarlierAttempt[];
  readonly failing: readonly string[];
  readonly passing: readonly string[];
  /** The failing command; empty: no proof. */
  readonly command: readonly string[];
  readonly commandTimeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly redact: (text: string) => Promise<string>;
  /** Masks the environment's own secrets only. */
  readonly redactKnown: (text: string) => string;
  readonly guard: GuardPolicy;
  readonly budget: Budget;
  readonly spent: { readonly commitUsd: number; readonly dayUsd: number };
  readonly prices: readonly Price[];
  readonly day: string;
  readonly sourceTokens: number;
  readonly delimiter: string;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly totalMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly progress: (line: string) => void;
};

type Tried = "passed" | "failed" | "skipped";

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
  readonly model: string;
  readonly usage: Usage;
  /** Null: the model has no price. */
  readonly costUsd: number | null;
  readonly turns: readonly Turn[];
  readonly conversation: readonly DigestEntry[];
  readonly proof: { readonly before: Tried; readonly after: Tried };
};

/** `answered`: the model told its verdict or what it told was judged; `unanswered`: it would not answer in the bound. */
export type Analysed = { readonly kind: "answered" | "unanswered"; readonly report: Report; readonly patch: string | null };

/** What became of the edits of an answer. */
type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "fix"; readonly patch: string; readonly proof: Report["proof"] }
  | { readonly kind: "human" | "flaky" | "gave_up"; readonly reason: string; readonly proof?: Report["proof"] };

const DIFF_CHARS = 40_000;
const TREE_PATHS = 3_000;

export async function analyse(options: AnalysisOptions): Promise<Analysed> {
  const scratch = await mkdtemp(join(tmpdir(), "fixonce-"));
  try {
    return await analyseIn(scratch, options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function analyseIn(scratch: string, options: AnalysisOptions): Promise<Analysed> {
  const { redact } = options;
  const checkout = await openCheckout(options.folder, options.sha);
  if (options.sha !== null && options.sha !== checkout.sha)
    options.progress(`${options.sha.slice(0, 7)} is not in this checkout; reading HEAD (${checkout.sha.slice(0, 7)})`);
  const logs = await Promise.all(
    options.logs.map(async ({ flavor, path }) => {
      const part = await readLog(path);
      return { flavor, title: part.title === undefined ? undefined : await redact(part.title), text: await redact(part.text) };
    }),
  );
  const diff = await redact(await commitDiff(checkout, DIFF_CHARS));
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
    testCommand: options.command.length > 0 ? await redact(options.command.join(" ")) : undefined,
  });
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
  const judge = makeJudge(scratch, checkout, options);
  const result = await investigate<Outcome>({
    ...options,
    system: SYSTEM,
    prompt: masked,
    tools,
    toolsAtOnce: options.attempt > 1,
    analysisUsd: options.budget.perAnalysisUsd,
    judge,
    onTurn: options.progress,
    checkBudget: (promptTokens, analysisUsd) =>
      checkBudget(
        { model: options.model, promptTokens, maxTokens: options.maxTokens },
        { analysisUsd, ...options.spent },
        { budget: options.budget, day: options.day, prices: options.prices },
      ),
  });
  return conclude(result, checkout, options);
}

/** Is what an attempt wrote in the commit? The ledger hands a retry the fix commit, a person may hand over any. */
async function isApplied(checkout: Checkout, attempt: EarlierAttempt | undefined): Promise<boolean> {
  if (attempt === undefined || attempt.edits.length === 0) return false;
  const texts = await Promise.all(
    attempt.edits.map(async ({ path, replace }) =>
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
    const shown = await options.redact(numbered(text, chosen.lines));
    if (estimateTokens(shown) > left) continue;
    left -= estimateTokens(shown);
    sources.push({ path: chosen.path, text: shown });
  }
  return sources;
}

function makeJudge(scratch: string, checkout: Checkout, options: AnalysisOptions): (answer: Answer) => Promise<Judged<Outcome>> {
  let before: Tried | null = null;
  return async (answer) => {
    if (answer.verdict !== "fix") return { kind: "accepted", value: { kind: "none" } };
    const paths = new Set([...answer.edits, ...answer.new_files].map((one) => one.path));
    const texts = new Map(
      await Promise.all([...paths].map(async (path) => [path, await readBlob(checkout, path).catch(() => null)] as const)),
    );
    const edited = applyEdits({ edits: answer.edits, newFiles: answer.new_files }, (path) => texts.get(path) ?? null);
    // Names are judged first and alone: what an edit of a forbidden file would have met is nobody's business.
    const named = guardChanges(
      [...paths].map((path) => ({ path, before: null, after: "" })),
      guardOf(checkout, options),
    );
    const forbidden = named.kind === "refused" ? named.reasons.filter((reason) => reason.rule !== "too_large") : [];
    if (forbidden.length > 0) return { kind: "accepted", value: { kind: "gave_up", reason: `guard: ${explainReasons(forbidden)}` } };
    if (edited.kind === "rejected") {
      const problem = explainProblems(edited.problems);
      return { kind: "repair", problem: await options.redact(problem), value: { kind: "gave_up", reason: `edits: ${problem}` } };
    }
    const guarded = guardChanges(edited.changes, guardOf(checkout, options));
    if (guarded.kind === "refused")
      return { kind: "accepted", value: { kind: "gave_up", reason: `guard: ${explainReasons(guarded.reasons)}` } };
    if (guarded.kind === "needs_human")
      return { kind: "accepted", value: { kind: "human", reason: `guard: ${explainReasons(guarded.reasons)}` } };
    if (await carriesSecret(edited.changes, options))
      return { kind: "accepted", value: { kind: "human", reason: "guard: the change carries what looks like a secret" } };
    const patch = await makePatch(checkout, edited.changes, scratch);
    // Token shapes that stood in the file before may stand beside a change; this environment's secrets may not leave at all.
    if (options.redactKnown(patch) !== patch)
      return { kind: "accepted", value: { kind: "human", reason: "guard: a secret stands beside the change" } };
    const file = join(scratch, "fix.patch");
    await writeFile(file, patch);
    await using worktree = await addWorktree(checkout, join(scratch, `worktree-${crypto.randomUUID().slice(0, 8)}`));
    const attempt = async (): Promise<{ readonly tried: Tried; readonly output: string }> => {
      if (options.command.length === 0) return { tried: "skipped", output: "" };
      const { folder } = worktree;
      const timeoutMs = Math.min(options.commandTimeoutMs, options.remainingMs());
      const ran = await runCommand(options.command, { folder, environment: options.environment, timeoutMs, signal: options.signal });
      // Out of time proves nothing, and every flavor runs the command on the fix later anyway.
      return { tried: ran.kind === "timeout" ? "skipped" : ran.kind, output: ran.output };
    };
    if (before === null) {
      if (options.command.length > 0) options.progress("running the command without the change");
      before = (await attempt()).tried;
    }
    if (before === "passed") {
      const reason = "the command passes without any change";
      return { kind: "accepted", value: { kind: "flaky", reason, proof: { before, after: "skipped" } } };
    }
    const refusal = await applyPatch(worktree.folder, file);
    if (refusal !== null) return { kind: "accepted", value: { kind: "gave_up", reason: `the patch does not apply: ${refusal}` } };
    if (before === "failed") options.progress("running the command with the change");
    const after = before === "failed" ? await attempt() : ({ tried: "skipped", output: "" } as const);
    const proof = { before, after: after.tried };
    if (after.tried === "failed") {
      const problem = `With these edits the command still fails. The end of its output:\n${await options.redact(after.output.slice(-6_000))}`;
      return { kind: "repair", problem, value: { kind: "gave_up", reason: "the command still fails with the change", proof } };
    }
    return { kind: "accepted", value: { kind: "fix", patch, proof } };
  };
}

function guardOf(checkout: Checkout, options: AnalysisOptions): GuardPolicy {
  const links = new Set([...checkout.modes].flatMap(([path, mode]) => (mode === "120000" || mode === "160000" ? [path] : [])));
  return { ...options.guard, isLink: (path) => links.has(path) };
}

/** Does the change bring a secret into the repository that was not there? */
async function carriesSecret(changes: readonly Change[], options: AnalysisOptions): Promise<boolean> {
  for (const { before, after } of changes) {
    const old = new Set((before ?? "").split("\n"));
    const added = (after ?? "")
      .split("\n")
      .filter((line) => !old.has(line))
      .join("\n");
    if ((await options.redact(added)) !== added) return true;
  }
  return false;
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
    sha: checkout.sha,
    attempt: options.attempt,
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
        const verdict = value.kind === "human" ? "needs_human" : value.kind;
        const proof = value.proof === undefined ? {} : { proof: value.proof };
        return { kind: "answered", patch: null, report: { verdict, reason: value.reason, ...proof } };
      }
      const verdict = answer.verdict === "fix" || answer.verdict === "need_files" ? "gave_up" : answer.verdict;
      return { kind: "answered", patch: null, report: { verdict, reason: answer.verdict } };
    }
    default:
      return result satisfies never;
  }
}

/** Every string of a JSON value through the redactor. */
async function redactAll<T>(value: T, redact: (text: string) => Promise<string>): Promise<T> {
  if (typeof value === "string") return (await redact(value)) as T;
  if (Array.isArray(value)) return (await Promise.all(value.map((one) => redactAll(one, redact)))) as T;
  if (value !== null && typeof value === "object")
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await redactAll(one, redact)]))) as T;
  return value;
}

/** Write what an analysis came to: `report.json` always, `fix.patch` only for a fix. */
export async function writeAnalysis(folder: string, analysed: Analysed): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, "fix.patch"), { force: true });
  if (analysed.patch !== null) await writeFile(join(folder, "fix.patch"), analysed.patch);
  await writeFile(join(folder, "report.json"), `${JSON.stringify(analysed.report, null, 2)}\n`);
}
