/**
 * A fix tested by a flavor's own command, and the verdict in the ledger: passed, failed, or gone and failing at something else.
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Cause, coordinationOf, type Fix } from "../coordination.ts";
import { Unavailable } from "../ledger.ts";
import type { Verdict } from "../refs.ts";
import type { Failure, Signature } from "../signature.ts";
import { verdictOn } from "../verdict.ts";
import type { Environment } from "./actions.ts";
import { CallError, onExit } from "./command.ts";
import { finish } from "./finish.ts";
import type { Git } from "./git.ts";
import { runLogged } from "./logged.ts";
import { failureIn, type State, type Step, stepAt } from "./step.ts";
import { recordVerdict } from "./verdict.ts";

export type TestOptions = {
  readonly command: readonly string[];
  readonly inPlace: boolean;
  readonly timeoutMs: number;
  /** Where the command's output goes. @default In the state's folder */
  readonly log?: string;
};

export type Tested = {
  readonly verdict: Verdict;
  readonly fix: Fix;
  readonly log: string;
  /** What the log failed with; undefined where it passed. */
  readonly failure: Failure | undefined;
};

/** Tests the newest fix of the flavor's cause and records what came of it. */
export async function testFix(opened: Step & { readonly git: Git }, folder: string, state: State, options: TestOptions): Promise<Tested> {
  // A fix of an ancestor's coordination is tested for that one.
  const step = state.known === undefined ? opened : stepAt(opened, state.known);
  const cause = coordinationOf(await step.ledger.read()).causes.find(({ cause }) => cause === state.claim?.cause);
  const fix = (cause?.fix?.n ?? 0) >= (state.fix?.n ?? 0) ? cause?.fix : state.fix;
  if (fix === undefined) throw new CallError("Nothing to test: this flavor's failure has no fix yet (run wait.ts first)");
  const log = resolve(options.log ?? join(folder, `verify-${fix.n}.log`));
  const code = await runOn(step.git, fix, { ...options, log }, step.environment);
  const { verdict, failure } =
    code === 0
      ? { verdict: "passed" as const, failure: undefined }
      : await judgeLog(log, [state.failure, ...signaturesOf(cause)], step.policy.threshold, step.secrets);
  await stateVerdict(step, { fix, verdict, failure });
  return { verdict, fix, log, failure };
}

/** States a verdict of this step's flavor, and brings board and pull request in line. */
export async function stateVerdict(step: Step, tested: Omit<Tested, "log">): Promise<void> {
  await recordVerdict(step.ledger, { ...tested, flavor: step.place.identity.flavor });
  await finish(step);
}

/** What the claims of a cause failed with. */
export function signaturesOf(cause: Cause | undefined): readonly Signature[] {
  return (cause?.claims ?? []).map(({ signature }) => signature);
}

/** Runs the command on the fix and returns its exit code. */
async function runOn(
  git: Git,
  fix: Fix,
  { command, inPlace, timeoutMs, log }: TestOptions & { readonly log: string },
  environment: Environment,
): Promise<number> {
  // It came with the ledger, unless the lock is the issue; and GitHub's git may lag, too.
  if (!(await git.ensure(fix.sha))) throw new Unavailable(`Cannot fetch the fix ${fix.sha.slice(0, 7)} of ${fix.branch}`);
  const options = { log, timeoutMs, environment };
  if (inPlace) {
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

/** A log that fails for another cause is not a failed fix; one that says nothing clear is. */
async function judgeLog(
  log: string,
  known: readonly Signature[],
  threshold: number,
  secrets: readonly string[],
): Promise<{ readonly verdict: Verdict; readonly failure: Failure }> {
  const failure = await failureIn(log, secrets);
  return { verdict: verdictOn(failure, known, threshold), failure };
}
