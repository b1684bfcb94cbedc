/**
 * A fix tested by a flavor's own command, and the verdict in the ledger: passed, failed, or gone and failing at something else.
 *
 * Where the machine failed and not the code, the command runs once more; if it fails again, nothing is said about the fix.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { coordinationOf, type Fix } from "../coordination.ts";
import { signaturesOf } from "../groups.ts";
import { Unavailable } from "../ledger.ts";
import { neutralizeLine } from "../neutralize.ts";
import { prefixOf, type Verdict } from "../refs.ts";
import type { Failure } from "../signature.ts";
import { verdictOn } from "../verdict.ts";
import { annotate, type Environment } from "./actions.ts";
import { CallError, onExit } from "./command.ts";
import { finish } from "./finish.ts";
import type { Git } from "./git.ts";
import { runLogged } from "./logged.ts";
import { inScratch } from "./scratch.ts";
import { failureIn, type State, type Step, stepAt } from "./step.ts";
import { temporaryFolder } from "./temporary.ts";
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
  const cause = coordinationOf(await step.ledger.read({ signatures: true })).causes.find(({ cause }) => cause === state.claim?.cause);
  const fix = (cause?.fix?.n ?? 0) >= (state.fix?.n ?? 0) ? cause?.fix : state.fix;
  if (fix === undefined) throw new CallError("Nothing to test: this flavor's failure has no fix yet (run wait.ts first)");
  const log = resolve(options.log ?? join(folder, `verify-${fix.n}.log`));
  // It came with the ledger, unless the lock is the issue; and GitHub's git may lag, too.
  if (!(await step.git.ensure(fix.sha))) throw new Unavailable(`Cannot fetch the fix ${fix.sha.slice(0, 7)} of ${fix.branch}`);
  const commit = state.known === undefined ? fix.sha : await onHead(step.git, fix, state.known, state.sha);
  const test = async () => resultOf(await runOn(step.git, commit, { ...options, log }, step.environment), log, step.secrets);
  let result = await test();
  if (result.machine) {
    process.stderr.write(`The machine failed, not the code (${neutralizeLine(result.failure.title)}): tested once more\n`);
    result = await test();
  }
  if (result.machine)
    throw new Unavailable(`Cannot test the fix: the machine failed twice, not the code (${result.failure.title}); no verdict is recorded`);
  const { failure } = result;
  const known = [state.failure, ...(cause ? signaturesOf(cause) : [])];
  const verdict = failure === undefined ? "passed" : verdictOn(failure, known, step.policy.threshold);
  await stateVerdict(step, { fix, verdict, failure });
  return { verdict, fix, log, failure };
}

type Result = { readonly machine: true; readonly failure: Failure } | { readonly machine: false; readonly failure: Failure | undefined };

/** What an exit code and a log say: of the code, or of the machine alone. */
async function resultOf(code: number, log: string, secrets: readonly string[]): Promise<Result> {
  if (code === 0) return { machine: false, failure: undefined };
  const failure = await failureIn(log, secrets);
  // Killed by a hand that is not ours, and the log does not say what failed.
  const killed = failure.unrecognized && (code === 137 || code === 143);
  if (failure.infrastructure) return { machine: true, failure };
  return killed ? { machine: true, failure: { ...failure, title: `killed, exit code ${code}` } } : { machine: false, failure };
}

/** States a verdict of this step's flavor, and brings board and pull request in line; where the coordination is over, it is nobody's any more. */
export async function stateVerdict(step: Step, tested: Omit<Tested, "log">): Promise<void> {
  if (!(await isThere(step)))
    return annotate("notice", `The coordination of ${step.place.sha.slice(0, 7)} is over: this verdict is not kept`, step.environment);
  await recordVerdict(step.ledger, { ...tested, flavor: step.place.identity.flavor });
  await finish(step);
}

/** Whether a coordination has its claims, as GitHub has them now: a test takes as long as a build, and the sweep removes all refs at once. */
async function isThere({ store, place, github }: Step): Promise<boolean> {
  for (let attempt = 0; attempt < 6; attempt++) {
    if ((await store.list(`${prefixOf(place.sha)}claims/`)).refs.length > 0) return true;
    // What was there when the fix was found may lag once.
    await github.pause(attempt);
  }
  return false;
}

/** The fix of an ancestor on top of this flavor's own commit, as a merge will have it; the fix as it is, where it does not apply there. */
async function onHead(git: Git, fix: Fix, base: string, head: string): Promise<string> {
  const names = `${fix.branch} on ${head.slice(0, 7)}`;
  if ((await git.ensure(base)) && (await git.ensure(head))) {
    const merged = await inScratch(git, head, async (indexed, folder) => {
      const patch = join(folder, "fix.patch");
      const plain = ["--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
      await git.must("diff", ...plain, "--src-prefix=a/", "--dst-prefix=b/", `--output=${patch}`, base, fix.sha);
      if ((await indexed.run("apply", "--cached", "--whitespace=nowarn", patch)).code !== 0) return undefined;
      return git.commitTree(await indexed.must("write-tree"), [head, fix.sha], `Test ${names}`);
    });
    if (merged !== undefined) return merged;
  }
  process.stderr.write(`Cannot apply ${names}: the branch is tested as it is\n`);
  return fix.sha;
}

/** Runs the command on a commit and returns its exit code. */
async function runOn(
  git: Git,
  commit: string,
  { command, inPlace, timeoutMs, log }: TestOptions & { readonly log: string },
  environment: Environment,
): Promise<number> {
  const options = { log, timeoutMs, environment };
  if (inPlace) {
    const { code, stderr } = await git.run("checkout", "--quiet", "--detach", commit);
    if (code !== 0) {
      const files = stderr.split("\n").flatMap((line) => (line.startsWith("\t") ? [line.trim()] : []));
      const why = files.length > 0 ? `the build, or you, changed what the fix changes (${files.slice(0, 3).join(", ")})` : stderr.trim();
      throw new CallError(`Cannot test in place: ${why}; take it back, or test without --in-place`);
    }
    return runLogged(command, { ...options, folder: git.cwd });
  }
  // What a killed process left goes, too. After Ctrl-C the last comes first: the folder, then git's record of it.
  const prune = async () => void (await git.run("worktree", "prune"));
  const forget = onExit(prune);
  try {
    await using scratch = await temporaryFolder();
    const folder = join(scratch.path, "worktree");
    await git.must("worktree", "add", "--quiet", "--detach", "--force", folder, commit);
    return await runLogged(command, { ...options, folder });
  } finally {
    forget();
    await prune();
  }
}
