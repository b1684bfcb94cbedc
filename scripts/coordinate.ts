#!/usr/bin/env bun
/**
 * This flavor failed: report it, and decide whether it analyses, waits for a fix, tests one, or leaves.
 *
 * @module
 */
import { addSummary, checkOutputs, type Environment, setOutputs } from "../lib/io/actions.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { disabled, failureOf, reportFailure } from "../lib/io/coordinate.ts";
import { type Decided, openStep, type StepFlags } from "../lib/io/step.ts";
import { secretValues } from "../lib/redact.ts";
import type { Failure } from "../lib/signature.ts";

type Flags = StepFlags & { readonly log?: string; readonly checkout: string; readonly json?: boolean };

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "coordinate",
    "Report a failed flavor and decide: analyse, wait for a fix, test one, or leave.",
    "bun run scripts/coordinate.ts --log build.log",
  )
    .option("--log <file>", "what the failed build printed")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full (from the event, else GITHUB_SHA)")
    .option("--checkout <dir>", "the repository, read from where there are more than 32 flavors", ".")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the decision as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const { log } = flags;
  if (log === undefined) throw new CallError("No log: pass --log <file>, with what the failed build printed");
  checkOutputs(environment);
  if (!configOf(environment, flags.config).enabled) {
    await setOutputs(disabled, environment);
    return report(disabled, undefined, flags, environment);
  }
  const failure = await failureOf(log, secretValues(environment));
  await report(await reportFailure(openStep(environment, flags), failure, flags.checkout), failure, flags, environment);
}

async function report(decided: Decided, failure: Failure | undefined, flags: Flags, environment: Environment): Promise<void> {
  if (flags.json) process.stdout.write(`${JSON.stringify(decided)}\n`);
  const what = decided.should_analyze ? "analyse" : "do not analyse";
  process.stderr.write(
    `${what}: ${decided.reason}${decided.cause === "" ? "" : ` (cause ${decided.cause}, claim ${decided.claim || "none"})`}\n`,
  );
  await addSummary(
    "fixonce",
    [
      ["Decision", what],
      ["Reason", decided.reason],
      ["Failure", failure?.title ?? ""],
      ["Cause", String(decided.cause)],
    ],
    environment,
  );
}
