#!/usr/bin/env bun
/**
 * The whole flow in one step, for trusted jobs: decide; as leader analyse and publish; as follower wait; test the fix; on failure once more.
 *
 * On an ordinary commit it runs where the build failed. On a fix branch it also records a pass: run it always there, with `--status`.
 * The job's own failure stays visible, this step never turns a red job green.
 *
 * Exit 0: did its job, also when it found a fix that passes here, or left it to others. 1: a fix was tested here and does not help.
 * 2: called wrongly, before anything was claimed. 3: GitHub or the model would not answer, or the machine failed while a fix was tested.
 * 130: interrupted, the claim was released.
 *
 * @module
 */
import { addSummary, setOutputs } from "../lib/io/actions.ts";
import { AnswerNo, CallError, command, duration, main, numberIn } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { disabled } from "../lib/io/coordinate.ts";
import { needModel, withoutModel } from "../lib/io/credentials.ts";
import { respond } from "../lib/io/respond.ts";
import type { StepFlags } from "../lib/io/step.ts";
import type { Responded } from "../lib/io/turns.ts";
import { Unavailable } from "../lib/ledger.ts";
import { statusOf } from "../lib/occasion.ts";
import { redactor, secretValues } from "../lib/redact.ts";

type Flags = StepFlags & {
  readonly log?: string;
  readonly status?: string;
  readonly checkout: string;
  readonly inPlace?: boolean;
  readonly timeout?: number;
  readonly budget?: number;
  readonly mockLlm: boolean;
  readonly mockGit: boolean;
  readonly mockMode: boolean;
  readonly mockAnswer?: string;
  readonly json?: boolean;
};

if (import.meta.main)
  await main(async (argv) => {
    const secrets = { ...process.env };
    try {
      await run(argv, secrets);
    } catch (error) {
      // An error may quote what git or the system said: nothing leaves unmasked.
      if (error instanceof Error) error.message = await redactor(secretValues(secrets))(error.message);
      throw error;
    }
  });

async function run(argv: readonly string[], secrets: Readonly<Record<string, string | undefined>>): Promise<void> {
  const parsed = command(
    "respond",
    "The whole flow in one step: decide, analyse or wait, publish, test the fix.",
    "bun run scripts/respond.ts --log build.log -- make test",
  )
    .argument("<command...>", "the flavor's own command, after --")
    // Bun keeps the first `--` after the script to itself: what follows the command's name is the command's all the same.
    .passThroughOptions()
    .option("--log <file>", "what the build printed; needed where it failed")
    .option("--status <word>", "passed or failed, or what job.status says (failed where there is a log, else passed)")
    .option("--in-place", "test fixes in the checkout itself: keeps the build tree")
    .option("--timeout <duration>", "bound of one test of a fix (FIXONCE_VERIFY_TIMEOUT, else 30m)", duration)
    .option("--budget <usd>", "bound of an analysis, checked before each request (FIXONCE_BUDGET_ANALYSIS)", numberIn(0.001, 1000))
    .option("--checkout <dir>", "the repository", ".")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "head commit, in full (from the event, else GITHUB_SHA)")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--mock-llm", "call no model: a prepared answer stands in", false)
    .option("--mock-git", "push nothing: say what would be pushed", false)
    .option("--mock-mode", "both of these", false)
    .option("--mock-answer <file>", "JSON of the answer that --mock-llm gives")
    .option("--json", "print what came of it as one JSON document")
    .parse([...argv], { from: "user" });
  const flags = parsed.opts<Flags>();
  const status = statusOf(flags.status ?? (flags.log === undefined ? "passed" : "failed"));
  if (status === undefined) throw new CallError(`"${flags.status}" is not a status: passed or failed, or what job.status says`);
  const environment = withoutModel(secrets);
  if (status === "cancelled") return void process.stderr.write("respond: the job was cancelled, nothing is said about the code\n");
  const config = configOf(environment, flags.config);
  if (!config.enabled) {
    await setOutputs({ ...disabled, should_analyze: false }, environment);
    return void process.stderr.write("respond: coordination is switched off (enabled: false), nothing is done\n");
  }
  const [mockLlm, mockGit] = [flags.mockLlm || flags.mockMode, flags.mockGit || flags.mockMode];
  if (status === "failed") needModel(mockLlm, secrets);
  const { mockAnswer, budget } = flags;
  const more = { ...(mockAnswer !== undefined && { mockAnswer }), ...(budget !== undefined && { budget }) };
  const responded = await respond({
    flags,
    environment,
    secrets,
    status,
    log: flags.log,
    command: parsed.args,
    inPlace: flags.inPlace === true,
    timeoutMs: flags.timeout ?? config.verify_timeout * 1000,
    mockGit,
    analysis: { maxTokens: 16_000, mockLlm, ...more },
  });
  if (flags.json) process.stdout.write(`${JSON.stringify(responded)}\n`);
  await tell(responded, secrets);
}

async function tell(responded: Responded, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { decisions, verdict, branch, unanswered } = responded;
  const reason = decisions.at(-1)?.reason ?? "";
  const left = decisions.at(-1)?.dispatched ? ", left: a run on the fix branch will test it" : "";
  process.stderr.write(`respond: case ${responded.case}${reason && `, ${reason}`}${left}${verdict && `, ${verdict} with ${branch}`}\n`);
  await addSummary(
    "fixonce",
    [
      ["Case", `${responded.case}`],
      ["Decisions", decisions.map(({ reason }) => reason).join(", ") || "none"],
      ["Fix", branch || "none"],
      ["Verdict", verdict || "none"],
    ],
    environment,
  );
  if (unanswered) throw new Unavailable("The model would not answer; the claim was given up, with its cost");
  if (reason === "coordination_unavailable") throw new Unavailable("GitHub would not answer: nothing was claimed that is known of");
  if (verdict !== "" && verdict !== "passed")
    throw new AnswerNo(
      `The fix ${verdict === "failed" ? "does not help here" : "removes this cause, another is left"}: ${reason || "left"}`,
    );
}
