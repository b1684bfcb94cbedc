/**
 * An analysis as a step: from flags, claim and environment to `report.json` and, where there is a fix, `fix.patch`.
 *
 * @module
 */
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { budgetOf, type Config, guardOf, modelOf } from "../config.ts";
import type { Price } from "../cost.ts";
import { logLine } from "../neutralize.ts";
import { knownRedactor, redactor, secretValues } from "../redact.ts";
import type { Environment } from "./actions.ts";
import { type Analysed, type AnalysisOptions, analyse } from "./analysis.ts";
import { CallError, onExit } from "./command.ts";
import { configOf, pricesFor } from "./configure.ts";
import { delimiterOf, keyOf, NO_MODEL, needModel } from "./credentials.ts";
import { clearAnalysis, standingAnalysis, writeAnalysis, writeReport } from "./handover.ts";
import { closeJournal, openJournal } from "./journal.ts";
import { INTERRUPTED } from "./judge.ts";
import { makeClient } from "./messages.ts";
import { MOCK_ANSWER, startMock } from "./mock.ts";

const text = z.string();
const CLAIM = z.object({
  sha: text.regex(/^[0-9a-f]{40,64}$/),
  n: z.number().int().min(1).optional(),
  attempt: z.number().int().min(1).optional(),
  flavor: text.optional(),
});

const CONTEXT = z.object({
  attempts: z
    .array(
      z.object({
        n: z.number().int(),
        edits: z.array(z.object({ path: text, search: text, replace: text })).catch([]),
        newFiles: z.array(z.object({ path: text, content: text })).catch([]),
        rootCause: text.catch(""),
        verdicts: z.array(z.object({ flavor: text, verdict: text, title: text.optional() })).default([]),
      }),
    )
    .default([]),
  flavors: z.object({ failing: z.array(text).default([]), passing: z.array(text).default([]) }).default({ failing: [], passing: [] }),
  /** What earlier analyses of this commit and of this day have cost, for the budgets. */
  spent: z.object({ commitUsd: z.number().default(0), dayUsd: z.number().default(0) }).default({ commitUsd: 0, dayUsd: 0 }),
});

/** What an analysis is told on the command line; the rest comes from configuration and environment. */
export type AnalyzeFlags = {
  readonly log: readonly string[];
  readonly checkout: string;
  readonly claim?: string;
  readonly context?: string;
  readonly attempt?: number;
  readonly out: string;
  readonly model?: string;
  readonly retryModel?: string;
  readonly effort?: string;
  readonly config?: string;
  readonly maxTokens: number;
  readonly budget?: number;
  readonly prices?: string;
  readonly timeout?: number;
  readonly commandTimeout?: number;
  readonly protect?: readonly string[];
  readonly allow?: readonly string[];
  readonly mockLlm: boolean;
  readonly mockAnswer?: string;
};

const MAX_TURNS = 12;
const SOURCE_TOKENS = 30_000;
/** A mock costs nothing, and that is a price. */
const FREE: Price = { model: "mock", from: "2000-01-01", input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** Analyses, and leaves report and patch in `flags.out`; after Ctrl-C the report of what was paid for. */
export async function analyzeFailure(flags: AnalyzeFlags, command: readonly string[], environment: Environment): Promise<Analysed> {
  await orTellClaim(flags, () => needModel(flags.mockLlm, environment));
  const config = configured(flags, environment);
  const fixed = await optionsOf(flags, config, command, environment);
  const answer = flags.mockAnswer === undefined ? MOCK_ANSWER : await readJson(flags.mockAnswer, z.unknown(), "--mock-answer");
  using mock = flags.mockLlm ? startMock(answer) : null;
  if (mock !== null) say("warning: --mock-llm: no model is called, the answer is prepared");
  // The answer that is built in repairs nothing, and running the command would only say so.
  const unproven = flags.mockLlm && flags.mockAnswer === undefined ? { command: [] } : {};

  const done = await standingAnalysis(flags.out, fixed);
  if (done !== undefined) {
    say(`the analysis of claim ${fixed.claim} is done: its report stands`);
    await closeJournal(flags.out);
    return done;
  }
  // What an earlier attempt left there must not be taken for this one's, should this one die.
  await clearAnalysis(flags.out);
  const journal = await openJournal(flags.out, `${fixed.sha} ${fixed.claim} ${fixed.attempt}`);
  if (journal.before.length > 0) say(`an earlier process died in this analysis: its ${journal.before.length} requests count`);
  const stop = new AbortController();
  const totalMs = flags.timeout ?? config.analysis_timeout * 1000;
  const timer = setTimeout(() => stop.abort(), totalMs);
  const started = performance.now();
  const working = analyse({
    ...fixed,
    ...unproven,
    client: makeClient(mock === null ? keyOf(environment) : { baseURL: mock.baseURL, apiKey: "mock" }),
    signal: stop.signal,
    totalMs,
    remainingMs: () => Math.max(0, totalMs - (performance.now() - started)),
    sleep: async (ms) => sleep(ms, undefined, { signal: stop.signal }),
    day: new Date().toISOString().slice(0, 10),
    delimiter: delimiterOf(fixed.sha ?? "", environment),
    journal,
    progress: (line) => void fixed.redact(line).then(say),
  }).then(async (analysed) => {
    await writeAnalysis(flags.out, analysed);
    await closeJournal(flags.out);
    return analysed;
  });
  // Ctrl-C: what was paid for is still reported, and worktree and copies go.
  const forget = onExit(async () => {
    stop.abort(INTERRUPTED);
    await working.catch(() => {});
  });
  try {
    return await working;
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/**
 * Where another job has claimed already (the triage, which must not see the key), the claim has to end, and its board to say what is
 * missing: a report of nothing asked and nothing paid, for a person.
 */
async function orTellClaim({ claim, out }: AnalyzeFlags, need: () => void): Promise<void> {
  try {
    need();
  } catch (error) {
    if (claim !== undefined) {
      const { n, ...named } = await readJson(claim, CLAIM, "--claim");
      await writeReport(out, { verdict: "needs_human", reason: NO_MODEL, costUsd: 0, ...named, claim: n });
    }
    throw error;
  }
}

type Fixed = Omit<
  AnalysisOptions,
  "client" | "signal" | "totalMs" | "remainingMs" | "sleep" | "day" | "delimiter" | "progress" | "journal"
>;

/** The configuration with the flags over it. A flag may be a little more than the configuration knows: it is typed by who pays. */
function configured(flags: AnalyzeFlags, environment: Environment): Config {
  const { effort } = flags;
  if (effort !== undefined && effort !== "low" && effort !== "medium" && effort !== "high")
    throw new CallError(`"${effort}" is not an effort: low, medium or high`);
  const config = configOf(environment, flags.config);
  return {
    ...config,
    ...(effort && { effort }),
    ...(flags.model !== undefined && { model: flags.model }),
    ...(flags.retryModel !== undefined && { retry_model: flags.retryModel }),
    ...(flags.budget !== undefined && { budget_analysis_usd: flags.budget }),
    ...(flags.prices !== undefined && { prices: flags.prices }),
    protect: [...config.protect, ...(flags.protect ?? [])],
    allow: [...config.allow, ...(flags.allow ?? [])],
  };
}

async function optionsOf(flags: AnalyzeFlags, config: Config, command: readonly string[], environment: Environment): Promise<Fixed> {
  const claim = flags.claim === undefined ? null : await readJson(flags.claim, CLAIM, "--claim");
  const context = flags.context === undefined ? CONTEXT.parse({}) : await readJson(flags.context, CONTEXT, "--context");
  const logs = await Promise.all(flags.log.map((one, index) => namedLog(one, index === 0 ? claim?.flavor : undefined)));
  const attempt = flags.attempt ?? claim?.attempt ?? 1;
  const secrets = secretValues(environment);
  return {
    model: flags.mockLlm ? "mock" : modelOf(config, attempt),
    effort: config.effort,
    maxTokens: flags.maxTokens,
    maxTurns: MAX_TURNS,
    logs,
    folder: flags.checkout,
    sha: claim?.sha ?? null,
    claim: claim?.n,
    attempt,
    earlier: context.attempts,
    failing: context.flavors.failing.length > 0 ? context.flavors.failing : logs.map((log) => log.flavor),
    passing: context.flavors.passing,
    command,
    commandTimeoutMs: flags.commandTimeout ?? config.command_timeout * 1000,
    environment,
    redact: redactor(secrets),
    redactKnown: knownRedactor(secrets),
    guard: guardOf(config),
    threshold: config.similarity_threshold,
    budget: budgetOf(config),
    spent: context.spent,
    prices: [...pricesFor(config.prices), ...(flags.mockLlm ? [FREE] : [])],
    sourceTokens: SOURCE_TOKENS,
  };
}

async function namedLog(argument: string, flavor: string | undefined): Promise<{ readonly flavor: string; readonly path: string }> {
  const at = argument.indexOf("=");
  const named = at > 0 && !(await Bun.file(argument).exists());
  const path = named ? argument.slice(at + 1) : argument;
  if (!(await Bun.file(path).exists())) throw new CallError(`Cannot read the log ${path}: there is no such file`);
  return { flavor: named ? argument.slice(0, at) : (flavor ?? basename(path).replace(/\.(log|txt)$/, "")), path };
}

async function readJson<S extends z.ZodType>(path: string, schema: S, flag: string): Promise<z.output<S>> {
  const file = Bun.file(path);
  if (!(await file.exists())) throw new CallError(`Cannot read ${flag} ${path}: there is no such file`);
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    throw new CallError(`Cannot use ${flag} ${path}: it is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new CallError(`Cannot use ${flag} ${path}: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** One line for people. */
export function say(line: string): void {
  process.stderr.write(`${logLine(line)}\n`);
}
