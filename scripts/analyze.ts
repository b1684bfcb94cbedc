#!/usr/bin/env bun
/**
 * Analyse a failure: from its log and a checkout to a checked patch file and a report.
 *
 * Needs the model's API key and no GitHub token; never pushes. Writes `report.json`, and `fix.patch` when there is a fix, to `--out`.
 * The command after `--` is the failing one: it must fail without the patch and pass with it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { formatUsd, PRICES } from "../lib/cost.ts";
import { analyse, writeAnalysis } from "../lib/io/analysis.ts";
import { makeClient } from "../lib/io/messages.ts";
import { MOCK_ANSWER, startMock } from "../lib/io/mock.ts";
import { redactor, secretValues } from "../lib/redact.ts";

const CLAIM = z.object({
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  n: z.number().int().optional(),
  cause: z.number().int().optional(),
  attempt: z.number().int().min(1).optional(),
  flavor: z.string().optional(),
  signature: z.unknown().optional(),
});

const CONTEXT = z.object({
  attempts: z
    .array(
      z.object({
        n: z.number().int(),
        edits: z.array(z.object({ path: z.string(), search: z.string(), replace: z.string() })).default([]),
        rootCause: z.string().default(""),
        verdicts: z.array(z.object({ flavor: z.string(), verdict: z.string(), title: z.string().optional() })).default([]),
      }),
    )
    .default([]),
  flavors: z
    .object({ failing: z.array(z.string()).default([]), passing: z.array(z.string()).default([]) })
    .default({ failing: [], passing: [] }),
});

type Flags = {
  readonly log: readonly string[];
  readonly checkout: string;
  readonly claim?: string;
  readonly context?: string;
  readonly attempt?: number;
  readonly out: string;
  readonly model?: string;
  readonly retryModel?: string;
  readonly effort: "low" | "medium" | "high";
  readonly maxTokens: number;
  readonly budget?: number;
  readonly timeout: number;
  readonly commandTimeout: number;
  readonly mockLlm: boolean;
  readonly mockAnswer?: string;
  readonly json: boolean;
};

/** A call that cannot be right: one line, exit 2. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

const program = new Command("analyze")
  .description("Analyse a failure: from its log and a checkout to a checked patch file and a report.")
  .requiredOption("--log <file...>", "log of a failing flavor, as FILE or FLAVOR=FILE; several are allowed")
  .option("--checkout <dir>", "the repository", ".")
  .option("--claim <file>", "JSON of the claim that this analysis belongs to (sha, n, cause, attempt, flavor)")
  .option("--context <file>", "JSON of earlier attempts and of the flavors that fail and pass")
  .option("--attempt <n>", "number of this attempt (from the claim, else 1)", positive)
  .option("--out <dir>", "where fix.patch and report.json go", "fixonce-analysis")
  .option("--model <name>", "model of the first attempt (FIXONCE_MODEL, else claude-sonnet-5-5)")
  .option("--retry-model <name>", "model from the second attempt on (FIXONCE_RETRY_MODEL, else the same)")
  .option("--effort <level>", "low, medium or high", "medium")
  .option("--max-tokens <n>", "bound of one answer", positive, 16_000)
  .option("--budget <usd>", "bound of this analysis in USD, checked before each request (FIXONCE_BUDGET_ANALYSIS)", positive)
  .option("--timeout <minutes>", "bound of the whole analysis", positive, 10)
  .option("--command-timeout <minutes>", "bound of one run of the command", positive, 5)
  .option("--mock-llm", "call no model: a prepared answer stands in", false)
  .option("--mock-answer <file>", "JSON of the answer that --mock-llm gives")
  .option("--json", "print the report on stdout as one JSON document", false)
  .argument("[command...]", "the failing command, after --")
  .addHelpText(
    "after",
    "\nExample:\n  bun run scripts/analyze.ts --log linux=build.log --claim claim.json --out fix -- make test\n\nExit: 0 done, whatever the verdict; 2 called wrongly; 3 the model would not answer in the bound (report.json has the cost).",
  )
  .showSuggestionAfterError(true)
  .exitOverride();

async function main(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  let parsed: Command;
  try {
    parsed = program
      .configureOutput({ outputError: (text, write) => write(text.trim().replace(/\n+/g, " ").concat("\n")) })
      .parse([...argv], { from: "user" });
  } catch (error) {
    return error instanceof Error && "exitCode" in error && error.exitCode === 0 ? 0 : 2;
  }
  const flags = parsed.opts<Flags>();
  const say = (line: string): void => void process.stderr.write(`${line.replaceAll(/[\r\n]+/g, " ")}\n`);
  if (!flags.mockLlm && !hasCredentials(environment))
    throw new UsageError("Cannot analyse without a model: set ANTHROPIC_API_KEY, or try the flow with --mock-llm.");
  const claim = flags.claim === undefined ? null : await readJson(flags.claim, CLAIM, "--claim");
  const context = flags.context === undefined ? CONTEXT.parse({}) : await readJson(flags.context, CONTEXT, "--context");
  const logs = await Promise.all(flags.log.map((one, index) => namedLog(one, index === 0 ? claim?.flavor : undefined)));
  const attempt = flags.attempt ?? claim?.attempt ?? 1;
  const first = flags.model ?? environment.FIXONCE_MODEL ?? "claude-sonnet-5-5";
  const model = attempt > 1 ? (flags.retryModel ?? environment.FIXONCE_RETRY_MODEL ?? first) : first;
  const perAnalysisUsd =
    flags.budget ?? (environment.FIXONCE_BUDGET_ANALYSIS === undefined ? undefined : positive(environment.FIXONCE_BUDGET_ANALYSIS));
  const redact = redactor(secretValues(environment));

  using mock = flags.mockLlm
    ? startMock(flags.mockAnswer === undefined ? MOCK_ANSWER : await readJson(flags.mockAnswer, z.unknown(), "--mock-answer"))
    : null;
  if (mock !== null) say("warning: --mock-llm: no model is called, the answer is prepared");
  const stop = new AbortController();
  const totalMs = flags.timeout * 60_000;
  const started = performance.now();
  const timer = setTimeout(() => stop.abort(), totalMs);
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    stop.abort();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const analysed = await analyse({
      client: makeClient(mock === null ? {} : { baseURL: mock.baseURL, apiKey: "mock" }),
      model,
      effort: flags.effort,
      maxTokens: flags.maxTokens,
      maxTurns: 12,
      logs,
      folder: flags.checkout,
      sha: claim?.sha ?? null,
      attempt,
      earlier: context.attempts,
      failing: context.flavors.failing.length > 0 ? context.flavors.failing : logs.map((log) => log.flavor),
      passing: context.flavors.passing,
      command: parsed.args,
      commandTimeoutMs: flags.commandTimeout * 60_000,
      environment,
      redact,
      guard: {},
      budget: perAnalysisUsd === undefined ? {} : { perAnalysisUsd },
      spent: { commitUsd: 0, dayUsd: 0 },
      prices: PRICES,
      day: new Date().toISOString().slice(0, 10),
      sourceTokens: 30_000,
      delimiter: crypto.randomUUID().slice(0, 8),
      signal: stop.signal,
      remainingMs: () => Math.max(0, totalMs - (performance.now() - started)),
      totalMs,
      sleep: async (ms) => sleep(ms, undefined, { signal: stop.signal }),
      progress: (line) => void redact(line).then(say),
    });
    await writeAnalysis(flags.out, analysed);
    const { report } = analysed;
    say(`${report.verdict}: ${report.reason} (${report.model}, ${report.usage.requests} requests, ${formatUsd(report.costUsd)})`);
    if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (interrupted) return 130;
    return analysed.kind === "unanswered" ? 3 : 0;
  } finally {
    clearTimeout(timer);
  }
}

/** A key, or the workload identity that the SDK reads by itself. */
function hasCredentials(environment: Readonly<Record<string, string | undefined>>): boolean {
  const set = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  return (
    set("ANTHROPIC_API_KEY") ||
    set("ANTHROPIC_AUTH_TOKEN") ||
    (set("ANTHROPIC_FEDERATION_RULE_ID") && (set("ANTHROPIC_IDENTITY_TOKEN_FILE") || set("ANTHROPIC_IDENTITY_TOKEN")))
  );
}

async function namedLog(text: string, flavor: string | undefined): Promise<{ readonly flavor: string; readonly path: string }> {
  const at = text.indexOf("=");
  const whole = await Bun.file(text).exists();
  const path = whole || at === -1 ? text : text.slice(at + 1);
  if (!whole && !(await Bun.file(path).exists())) throw new UsageError(`Cannot read the log ${path}: there is no such file.`);
  return {
    flavor: whole || at === -1 ? (flavor ?? (path.split("/").at(-1) ?? path).replace(/\.(log|txt)$/, "")) : text.slice(0, at),
    path,
  };
}

async function readJson<S extends z.ZodType>(path: string, schema: S, flag: string): Promise<z.infer<S>> {
  const text = await Bun.file(path)
    .text()
    .catch(() => {
      throw new UsageError(`Cannot read ${flag} ${path}: there is no such file.`);
    });
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? `${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}` : "it is not JSON";
    throw new UsageError(`Cannot use ${flag} ${path}: ${issue}.`);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

if (import.meta.main) {
  const environment = { ...process.env };
  const redact = redactor(secretValues(environment));
  try {
    process.exitCode = await main(process.argv.slice(2), environment);
  } catch (error) {
    process.stderr.write(`${await redact(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError || error instanceof InvalidArgumentError ? 2 : 1;
  }
  // A kept-alive connection to the model must not hold the step open.
  process.exit();
}
