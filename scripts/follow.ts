#!/usr/bin/env bun
/**
 * The builds of a fix have been started: wait until they have ended, and have them triaged.
 *
 * A run that `GITHUB_TOKEN` started causes no `workflow_run` when it ends, so nobody would hear of its verdicts. What that token may cause is
 * `workflow_dispatch`: this starts the triage itself, with the run to look at. Not needed with the token of an App.
 *
 * @module
 */
import { annotate, type Environment, homeOf } from "../lib/io/actions.ts";
import { CallError, command, duration, main, numberIn } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { startWorkflow } from "../lib/io/dispatch.ts";
import { openGithub } from "../lib/io/github.ts";
import { type FoundRun, runsOf } from "../lib/io/runs.ts";
import { random, sleep } from "../lib/io/step.ts";
import { Unavailable } from "../lib/ledger.ts";

type Flags = {
  readonly sha: string;
  readonly started: number;
  readonly timeout: number;
  readonly poll?: number;
  readonly repo?: string;
  readonly config?: string;
};

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "follow",
    "Wait for the builds of a fix, and start this workflow for them.",
    "bun run scripts/follow.ts --sha 0123456789012345678901234567890123456789 --started 2",
  )
    .requiredOption("--sha <sha>", "the commit of the fix, in full", fullSha)
    .requiredOption("--started <n>", "how many workflows were started on it", numberIn(0, 1000))
    .option("--timeout <duration>", "when to leave the rest to the sweep", duration, duration("5h"))
    .option("--poll <duration>", "time between two looks (three times poll_seconds)", duration)
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const { GITHUB_WORKFLOW_REF: place = "", GITHUB_REF_NAME: ref = "" } = environment;
  const file = /\/([^/@]+\.ya?ml)@/.exec(place)?.[1];
  if (file === undefined || ref === "") throw new CallError("No workflow to start: follow.ts runs in a job of GitHub Actions");
  const github = openGithub({ ...homeOf(environment, flags), sleep, random });
  const pollMs = flags.poll ?? configOf(environment, flags.config).poll_seconds * 3000;
  if (flags.started === 0)
    return annotate("notice", `No build was started on ${flags.sha.slice(0, 7)}: there is nothing to follow`, environment);
  const last = await ended(() => runsOf(github, flags.sha), { ...flags, pollMs });
  if (last === undefined)
    return annotate("warning", `The builds of ${flags.sha.slice(0, 7)} have not ended: the sweep will see to them`, environment);
  const { started, why, final } = await startWorkflow(github, { workflow_id: file, ref, inputs: { run: String(last.id) } });
  const problem = `Cannot start ${file} for run ${last.id}, nobody will hear of its verdicts: ${why}`;
  if (!started) throw final ? new CallError(problem) : new Unavailable(problem);
  process.stderr.write(`follow: run ${last.id} ended, ${file} looks at it\n`);
}

function fullSha(value: string): string {
  if (!/^[0-9a-f]{40}$/.test(value)) throw new CallError(`Not a full commit SHA: "${value}"`);
  return value;
}

type Patience = { readonly started: number; readonly timeout: number; readonly pollMs: number };

/** The newest run of a commit, once all that were started are there and have ended; undefined at the deadline. */
async function ended(look: () => Promise<readonly FoundRun[]>, { started, timeout, pollMs }: Patience): Promise<FoundRun | undefined> {
  const deadline = performance.now() + timeout;
  while (performance.now() < deadline) {
    // Hours of waiting outlast an outage: no answer is no end.
    const runs = await look().catch((error: unknown) => {
      if (error instanceof Unavailable) return [];
      throw error;
    });
    const [newest] = runs.toSorted((a, b) => b.id - a.id);
    if (newest !== undefined && runs.length >= started && runs.every(({ status }) => status === "completed")) return newest;
    await sleep(pollMs * (0.75 + random() / 2));
  }
  return undefined;
}
