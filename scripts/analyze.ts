#!/usr/bin/env bun
/**
 * Analyse a failure: from its log and a checkout to a checked patch file and a report.
 *
 * Needs the model's API key and no GitHub token; never pushes. Writes `report.json`, and `fix.patch` when there is a fix, to `--out`.
 * The command after `--` is the failing one: it runs without credentials, must fail without the patch and pass with it.
 *
 * Exit 0: done, whatever the verdict. 2: called wrongly. 3: the model would not answer in the bound; `report.json` has the cost.
 *
 * @module
 */
import { formatUsd } from "../lib/cost.ts";
import type { Environment } from "../lib/io/actions.ts";
import type { Analysed } from "../lib/io/analysis.ts";
import { type AnalyzeFlags, analyzeFailure, say } from "../lib/io/analyze.ts";
import { NoCheckout } from "../lib/io/checkout.ts";
import { CallError, command, duration, main, numberIn } from "../lib/io/command.ts";
import { Unavailable } from "../lib/ledger.ts";
import { redactor, secretValues } from "../lib/redact.ts";

type Flags = AnalyzeFlags & { readonly json: boolean; readonly mockMode: boolean };

if (import.meta.main)
  await main(async (argv) => {
    const environment = { ...process.env };
    try {
      await run(argv, environment);
    } catch (error) {
      // An error may quote what git or the system said: nothing leaves unmasked.
      if (!(error instanceof Error)) throw error;
      error.message = await redactor(secretValues(environment))(error.message);
      throw error instanceof NoCheckout ? new CallError(error.message, { cause: error }) : error;
    }
  });

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const parsed = command(
    "analyze",
    "Analyse a failure: from its log and a checkout to a checked patch file and a report.",
    "bun run scripts/analyze.ts --log linux=build.log --claim claim.json --out fix -- make test",
  )
    .requiredOption("--log <file...>", "log of a failing flavor, as FILE or FLAVOR=FILE; several are allowed")
    .option("--checkout <dir>", "the repository", ".")
    .option("--claim <file>", "JSON of the claim that this analysis belongs to (sha, attempt, flavor)")
    .option("--context <file>", "JSON of earlier attempts, of the flavors that fail and pass, and of what was spent")
    .option("--attempt <n>", "number of this attempt (from the claim, else 1)", numberIn(1, 100))
    .option("--out <dir>", "where fix.patch and report.json go", "fixonce-analysis")
    .option("--config <file>", "configuration (.github/fixonce.yml); flags and environment win over it")
    .option("--model <name>", "model of the first attempt (FIXONCE_MODEL, else claude-sonnet-5-5)")
    .option("--retry-model <name>", "model from the second attempt on (FIXONCE_RETRY_MODEL, else the same)")
    .option("--effort <level>", "low, medium or high (FIXONCE_EFFORT, else medium)")
    .option("--max-tokens <n>", "bound of one answer", numberIn(500, 128_000), 16_000)
    .option("--budget <usd>", "bound of this analysis, checked before each request (FIXONCE_BUDGET_ANALYSIS)", numberIn(0.001, 1000))
    .option("--prices <file>", "JSON of prices, USD per million tokens, that override ours (FIXONCE_PRICES)")
    .option("--timeout <duration>", "bound of the whole analysis (FIXONCE_ANALYSIS_TIMEOUT, else 10m)", duration)
    .option("--command-timeout <duration>", "bound of one run of the command (FIXONCE_COMMAND_TIMEOUT, else 5m)", duration)
    .option("--protect <glob...>", "further paths that a fix may not touch")
    .option("--allow <glob...>", "paths that a fix may touch although they are protected; never git's own")
    .option("--mock-llm", "call no model: a prepared answer stands in", false)
    .option("--mock-mode", "the same here: nothing is pushed by this step", false)
    .option("--mock-answer <file>", "JSON of the answer that --mock-llm gives")
    .option("--json", "print the report on stdout as one JSON document", false)
    .argument("[command...]", "the failing command, after --")
    // Bun keeps the first `--` after the script to itself: what follows the command's name is the command's all the same.
    .passThroughOptions()
    .parse([...argv], { from: "user" });
  const flags = parsed.opts<Flags>();
  tell(await analyzeFailure({ ...flags, mockLlm: flags.mockLlm || flags.mockMode }, parsed.args, environment), flags.json);
}

function tell({ kind, report }: Analysed, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const why = report.reason === report.verdict ? "" : `: ${report.reason}`;
  say(`${report.verdict}${why} (${report.model}, ${report.usage.requests} requests, ${formatUsd(report.costUsd)})`);
  if (kind === "unanswered") throw new Unavailable(`The model would not answer: ${report.reason}`);
}
