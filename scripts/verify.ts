#!/usr/bin/env bun
/**
 * Test the fix on this flavor with its own command, and say so: passed, failed, or gone and failing at something else.
 *
 * The command after `--` runs in a worktree of its own, or with `--in-place` in the checkout, which keeps a warm build tree.
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { coordinationOf, type Fix } from "../lib/coordination.ts";
import { addSummary, type Environment, placeOf, setOutputs } from "../lib/io/actions.ts";
import { bytesOf } from "../lib/io/bytes.ts";
import { AnswerNo, CallError, command, duration, main, onExit } from "../lib/io/command.ts";
import { finish } from "../lib/io/finish.ts";
import type { Git } from "../lib/io/git.ts";
import { runLogged } from "../lib/io/logged.ts";
import { loadState, openStep, type StepFlags, sleep, stateFolder, withGit } from "../lib/io/step.ts";
import { Unavailable } from "../lib/ledger.ts";
import type { Verdict } from "../lib/refs.ts";
import { type Failure, readFailure, type Signature } from "../lib/signature.ts";
import { similarity } from "../lib/similarity.ts";

type Flags = StepFlags & {
  readonly checkout: string;
  readonly inPlace?: boolean;
  readonly timeout: number;
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
    .option("--in-place", "test in the checkout itself: keeps the build tree")
    .option("--timeout <duration>", "bound of the command", duration, 30 * 60_000)
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
  const cause = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === state.claim?.cause);
  const fix = (cause?.fix?.n ?? 0) >= (state.fix?.n ?? 0) ? cause?.fix : state.fix;
  if (fix === undefined) throw new CallError("Nothing to test: this flavor's failure has no fix yet (run wait.ts first)");
  const log = resolve(flags.log ?? join(folder, `verify-${fix.n}.log`));
  const code = await test(step.git, fix, parsed.args, { ...flags, log }, environment);
  const { verdict, failure } =
    code === 0
      ? { verdict: "passed" as const, failure: undefined }
      : await judge(log, [state.failure, ...(cause?.claims ?? []).map(({ signature }) => signature)], step.policy.threshold);
  const { flavor } = state.identity;
  const fact = { kind: "verdict", n: fix.n, flavor, verdict } as const;
  if (failure === undefined) await step.ledger.state(fact, fix.sha);
  else {
    const { id, title, lines, facts } = failure;
    await step.ledger.record(fact, { v: 1, flavor, signature: { id, title, lines, facts } }, [fix.sha]);
  }
  await finish(step);
  setOutputs({ verdict, log, branch: fix.branch }, environment);
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

/** Runs the command on the fix and returns its exit code. */
async function test(
  git: Git,
  fix: Fix,
  command: readonly string[],
  flags: Flags & { readonly log: string },
  environment: Environment,
): Promise<number> {
  await fetchFix(git, fix);
  const options = { log: flags.log, timeoutMs: flags.timeout, environment };
  if (flags.inPlace) {
    await git.must("checkout", "--quiet", "--detach", fix.sha);
    return runLogged(command, { ...options, folder: git.cwd });
  }
  const folder = mkdtempSync(join(tmpdir(), "fixonce-verify-"));
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    await git.run("worktree", "prune");
  };
  const forget = onExit(remove);
  try {
    await git.must("worktree", "add", "--quiet", "--detach", "--force", folder, fix.sha);
    return await runLogged(command, { ...options, folder });
  } finally {
    forget();
    await remove();
  }
}

/** The fix came with the ledger, unless its lock is the issue; GitHub's git may lag, too. */
async function fetchFix(git: Git, { sha, branch }: Fix): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt++) {
    if ((await git.run("cat-file", "-e", `${sha}^{commit}`)).code === 0) return;
    if (attempt > 0) await sleep(500 * attempt);
    await git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", git.url, `refs/heads/${branch}`);
  }
  throw new Unavailable(`Cannot fetch the fix ${sha.slice(0, 7)} of ${branch}`);
}

/** A log that fails for another cause is not a failed fix; one that says nothing clear is. */
async function judge(
  log: string,
  known: readonly Signature[],
  threshold: number,
): Promise<{ readonly verdict: Verdict; readonly failure: Failure }> {
  const failure = await readFailure(bytesOf(log));
  const same = failure.unrecognized || known.some((signature) => similarity(signature, failure) >= threshold);
  return { verdict: same ? "failed" : "different", failure };
}
