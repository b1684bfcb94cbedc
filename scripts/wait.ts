#!/usr/bin/env bun
/**
 * A follower waits: until there is a fix to test, nothing more to wait for, an analysis to take over, or the deadline.
 *
 * Reads over git, which costs nothing of GitHub's hourly limit. Its outputs are those of coordinate.ts, decided anew: when the leader was
 * lost, `should_analyze` becomes true for exactly one follower.
 *
 * @module
 */
import { causeOf, isWaiting, waitForFix } from "../lib/coordinate.ts";
import { waitingFlavors } from "../lib/coordination.ts";
import { addSummary, type Environment, placeOf } from "../lib/io/actions.ts";
import { command, duration, main } from "../lib/io/command.ts";
import { escalate } from "../lib/io/finish.ts";
import { endedJobs } from "../lib/io/runs.ts";
import { leave, loadState, nonce, openStep, random, type StepFlags, sleep, stateFolder, withGit } from "../lib/io/step.ts";
import { similarity } from "../lib/similarity.ts";

type Flags = StepFlags & { readonly checkout: string; readonly poll?: number; readonly json?: boolean };

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command("wait", "Wait for the fix of another flavor, or take its analysis over.", "bun run scripts/wait.ts")
    .option("--checkout <dir>", "the repository", ".")
    .option("--poll <duration>", "shortest time between two looks, for example 10s (FIXONCE_POLL_SECONDS)", duration)
    .option("--flavor <name>", "name of this flavor (BUILD_FLAVOR)")
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--sha <sha>", "failing head commit, in full")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the decision as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const state = loadState(stateFolder(environment, placeOf(environment, flags)));
  const step = withGit(openStep(environment, flags), flags.checkout, state.skewMs);
  const question = { failure: state.failure, identity: state.identity, similarity };
  const answer = await waitForFix({ ledger: step.ledger, policy: step.policy, nonce }, question, {
    pollMs: flags.poll ?? step.config.poll_seconds * 1000,
    // A little longer than the lease, so that whoever waits from the start sees it end.
    waitMs: step.policy.leaseMs * 1.1 + 5000,
    sleep,
    random,
    ended: (claims) => endedJobs(step.github, claims),
    onPoll: (now) => {
      const cause = causeOf(now);
      const live = cause?.live[0];
      process.stderr.write(
        `waiting for ${live?.flavor ?? "the fix"} (claim ${live?.n ?? "?"}), ${cause ? waitingFlavors(cause).length : 1} waiting\n`,
      );
    },
  });
  const decided = await leave(step, state.failure, answer, state.skewMs);
  if (answer.reason === "escalated") await escalate(step, answer);
  if (flags.json) process.stdout.write(`${JSON.stringify(decided)}\n`);
  process.stderr.write(`${isWaiting(answer) ? "stopped waiting" : decided.should_analyze ? "take over" : "go on"}: ${decided.reason}\n`);
  await addSummary(
    "fixonce: wait",
    [
      ["Reason", decided.reason],
      ["Fix", decided.wait_for_branch || "none"],
    ],
    environment,
  );
}
