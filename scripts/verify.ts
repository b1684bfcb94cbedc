#!/usr/bin/env bun
/**
 * Test the fix on this flavor with its own command, and say so: passed, failed, or gone and failing at something else.
 *
 * The command after `--` runs in a worktree of its own, or with `--in-place` in the checkout, which keeps a warm build tree. Where the
 * machine failed (network, disk, killed) it runs once more.
 *
 * Exit 0: passed. 1: it did not. 2: called wrongly. 3: no verdict, as the machine failed twice or GitHub would not answer: run it again.
 *
 * @module
 */
import { addSummary, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { AnswerNo, command, duration, main } from "../lib/io/command.ts";
import { loadState, openStep, type StepFlags, stateFolder, withGit } from "../lib/io/step.ts";
import { testFix } from "../lib/io/verify.ts";

type Flags = StepFlags & {
  readonly checkout: string;
  readonly inPlace?: boolean;
  readonly timeout?: number;
  readonly log?: string;
  readonly json?: boolean;
};

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const parsed = command(
    "verify",
    "Test the fix with this flavor's own command and record the verdict.",
    "bun run scripts/verify.ts -- make test",
  )
    .argument("<command...>", "the flavor's own command, after --")
    // Bun keeps the first `--` after the script to itself: what follows the command's name is the command's all the same.
    .passThroughOptions()
    .option("--in-place", "test in the checkout itself: keeps the build tree")
    .option("--timeout <duration>", "bound of the command (FIXONCE_VERIFY_TIMEOUT, else 30m)", duration)
    .option("--log <file>", "where its output goes as well")
    .option("--checkout <dir>", "the repository", ".")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the verdict as one JSON document")
    .parse([...argv], { from: "user" });
  const flags = parsed.opts<Flags>();
  const folder = stateFolder(environment, placeOf(environment, flags));
  const state = loadState(folder);
  const step = withGit(openStep(environment, flags), flags.checkout, state.skewMs);
  const { verdict, fix, log, failure } = await testFix(step, folder, state, {
    command: parsed.args,
    inPlace: flags.inPlace === true,
    timeoutMs: flags.timeout ?? step.config.verify_timeout * 1000,
    ...(flags.log !== undefined && { log: flags.log }),
  });
  await setOutputs({ verdict, log, branch: fix.branch }, environment);
  if (flags.json) process.stdout.write(`${JSON.stringify({ verdict, fix: fix.sha, branch: fix.branch, claim: fix.n, log })}\n`);
  process.stderr.write(`verify: ${verdict} with ${fix.branch} at ${fix.sha.slice(0, 7)}\n`);
  await addSummary(
    "fixonce: verify",
    [
      ["Verdict", verdict],
      ["Fix", `${fix.branch} at ${fix.sha.slice(0, 7)}`],
    ],
    environment,
  );
  if (verdict !== "passed")
    throw new AnswerNo(
      `The fix ${verdict === "failed" ? "does not help here" : "removes this cause, another is left"}: ${failure?.title || "see the log"}`,
    );
}
