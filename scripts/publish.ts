#!/usr/bin/env bun
/**
 * The leader's fix goes public: patch file -> guard -> commit -> branch and outcome in one atomic push -> draft pull request -> board.
 *
 * Needs the write token and no API key. Run it whatever became of analyze.ts (`if: always()`): without a report the claim ends as
 * gave-up, or everybody waits for its lease. Can be run again after a crash at any line: the commits it made are kept, and every write
 * is found again by what it says.
 *
 * @module
 */
import { type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { command, main } from "../lib/io/command.ts";
import { publishReport } from "../lib/io/publish.ts";
import { loadState, openStep, type StepFlags, stateFolder, withGit } from "../lib/io/step.ts";
import { logLine } from "../lib/neutralize.ts";

type Flags = StepFlags & {
  readonly from: string;
  readonly checkout: string;
  readonly base?: string;
  readonly mockGit?: boolean;
  readonly mockMode?: boolean;
  readonly json?: boolean;
};

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "publish",
    "Publish a checked fix: branch, draft pull request, outcome, board.",
    "bun run scripts/publish.ts --from fixonce-analysis",
  )
    .option("--from <dir>", "where analyze.ts left report.json and fix.patch", "fixonce-analysis")
    .option("--checkout <dir>", "the repository", ".")
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full")
    .option("--base <branch>", "where the pull request goes (the branch of this run)")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--mock-git", "push nothing: say what would be pushed")
    .option("--mock-mode", "the same here: no model is called by this step")
    .option("--json", "print the result as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const folder = stateFolder(environment, placeOf(environment, flags));
  const state = loadState(folder);
  // A run that only reacts to another one is on the default branch, the failing commit need not be.
  const based = flags.base ? { ...environment, GITHUB_HEAD_REF: flags.base } : environment;
  const step = withGit(openStep(based, flags), flags.checkout, state.skewMs);
  const { result, why, branch, fix, pull, started } = await publishReport(step, {
    from: flags.from,
    folder,
    state,
    mockGit: flags.mockGit === true || flags.mockMode === true,
  });
  await setOutputs(
    { result, ...(result === "fixed" && { branch: branch ?? "", fix: fix ?? "", started: started ?? 0, pull: pull ?? "" }) },
    environment,
  );
  if (flags.json) process.stdout.write(`${JSON.stringify({ result, claim: state.claim?.n, why, branch, fix, pull })}\n`);
  process.stderr.write(`${logLine(`publish: ${result}${why ? `: ${why}` : ""}`)}\n`);
}
