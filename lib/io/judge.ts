/**
 * Is an answer's fix to be believed? Edits must place, the guard must allow them, no secret may leave with them, the patch must apply
 * in a worktree, and the failing command, where there is one, must fail without the patch, as it did in the log, and pass with it.
 *
 * What the model could mend (an edit that misses, a change that does not help) is a `repair`; what the guard refuses is not.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyEdits, type Change, explainProblems } from "../edits.ts";
import { explainReasons, type GuardPolicy, guardChanges } from "../guard.ts";
import type { Answer } from "../prompt.ts";
import { addsSecret } from "../redact.ts";
import { type Failure, readFailure } from "../signature.ts";
import { similarity } from "../similarity.ts";
import { addWorktree, applyPatch, type Checkout, makePatch, readBlob } from "./checkout.ts";
import type { Judged } from "./investigate.ts";
import { runCommand } from "./process.ts";

export type Tried = "passed" | "failed" | "skipped";
export type Proof = { readonly before: Tried; readonly after: Tried };

/** What became of an answer's edits; `none`: its verdict has none. */
export type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "fix"; readonly patch: string; readonly proof: Proof }
  | { readonly kind: "needs_human" | "flaky" | "gave_up"; readonly reason: string; readonly proof?: Proof };

export type JudgeOptions = {
  /** The failing command; empty: no proof. */
  readonly command: readonly string[];
  readonly commandTimeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Masks the environment's secrets and whatever looks like a token. */
  readonly redact: (text: string) => Promise<string>;
  /** Masks the environment's secrets only. */
  readonly redactKnown: (text: string) => string;
  readonly guard: GuardPolicy;
  /** What the logs say failed: the command must fail in the same way, or it reproduces nothing. */
  readonly failures: readonly Failure[];
  /** From this similarity on two failures are one, 0 to 1: the configured threshold, as everywhere. */
  readonly threshold: number;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly progress: (line: string) => void;
};

/** The reason of an abort by a person: what is unproven then is not written. A deadline keeps what was paid for. */
export const INTERRUPTED = "interrupted";

const OUTPUT_CHARS = 6_000;

/** A judge of answers for one commit; it remembers whether the failure could be reproduced. */
export function makeJudge(scratch: string, checkout: Checkout, options: JudgeOptions): (answer: Answer) => Promise<Judged<Outcome>> {
  let before: Tried | null = null;
  return async (answer) => {
    if (answer.verdict !== "fix") return accept({ kind: "none" });
    const examined = await examine(checkout, answer, options);
    if (examined.kind !== "changes") return examined;
    const patch = await makePatch(checkout, examined.changes, scratch);
    // Token shapes that stood in the file before may stand beside a change; this environment's secrets may not leave at all.
    if (options.redactKnown(patch) !== patch) return accept({ kind: "needs_human", reason: "guard: a secret stands beside the change" });
    const file = join(scratch, "fix.patch");
    await writeFile(file, patch);
    await using worktree = await addWorktree(checkout, join(scratch, `worktree-${crypto.randomUUID().slice(0, 8)}`));
    const folder = join(worktree.folder, checkout.prefix);
    if (before === null) {
      before = await reproduce(folder, options);
    }
    if (before === "passed")
      return accept({ kind: "flaky", reason: "the command passes without any change", proof: { before, after: "skipped" } });
    const refusal = await applyPatch(worktree.folder, file);
    if (refusal !== null) return accept({ kind: "gave_up", reason: `the patch does not apply: ${refusal}` });
    if (before === "failed") options.progress("running the command with the change");
    const after = before === "failed" ? await attempt(folder, options) : ({ tried: "skipped", output: "" } as const);
    const proof = { before, after: after.tried };
    if (options.signal.aborted && options.signal.reason === INTERRUPTED) return accept({ kind: "gave_up", reason: INTERRUPTED, proof });
    if (after.tried !== "failed") return accept({ kind: "fix", patch, proof });
    const problem = `With these edits the command still fails. The end of its output:\n${await options.redact(after.output.slice(-OUTPUT_CHARS))}`;
    return { kind: "repair", problem, value: { kind: "gave_up", reason: "the command still fails with the change", proof } };
  };
}

async function examine(
  checkout: Checkout,
  answer: Answer,
  options: JudgeOptions,
): Promise<Judged<Outcome> | { readonly kind: "changes"; readonly changes: readonly Change[] }> {
  const policy = { ...options.guard, isLink: (path: string) => /^1[26]0000$/.test(checkout.modes.get(path) ?? "") };
  const paths = [...new Set([...answer.edits, ...answer.new_files].map((one) => one.path))];
  // Names are judged first and alone: what an edit would have met in a forbidden file is nobody's business.
  const named = guardChanges(
    paths.map((path) => ({ path, before: null, after: "" })),
    policy,
  );
  const forbidden = named.kind === "refused" ? named.reasons.filter((reason) => reason.rule !== "too_large") : [];
  if (forbidden.length > 0) return accept({ kind: "gave_up", reason: `guard: ${explainReasons(forbidden)}` });
  const texts = new Map(await Promise.all(paths.map(async (path) => [path, await readBlob(checkout, path)] as const)));
  const edited = applyEdits({ edits: answer.edits, newFiles: answer.new_files }, (path) => texts.get(path) ?? null);
  if (edited.kind === "rejected") {
    const problem = await options.redact(explainProblems(edited.problems));
    return { kind: "repair", problem, value: { kind: "gave_up", reason: `edits: ${problem}` } };
  }
  const guarded = guardChanges(edited.changes, policy);
  if (guarded.kind !== "allowed")
    return accept({ kind: guarded.kind === "refused" ? "gave_up" : "needs_human", reason: `guard: ${explainReasons(guarded.reasons)}` });
  if (await addsSecret(edited.changes, options.redact))
    return accept({ kind: "needs_human", reason: "guard: the change carries what looks like a secret" });
  return { kind: "changes", changes: edited.changes };
}

/** Does the command fail here as it failed there? A fresh worktree may lack what the job had: then nothing can be said. */
async function reproduce(folder: string, options: JudgeOptions): Promise<Tried> {
  if (options.command.length === 0) return "skipped";
  options.progress("running the command without the change");
  const { tried, output } = await attempt(folder, options);
  if (tried !== "failed") return tried;
  const failure = await readFailure(bytesOf(output));
  const told = options.failures.filter((one) => !one.unrecognized);
  const alike = failure.unrecognized || told.length === 0 || told.some((one) => similarity(one, failure) >= options.threshold);
  if (!alike) options.progress(`the command fails in another way here, so it proves nothing: ${failure.title}`);
  return alike ? "failed" : "skipped";
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

async function attempt(folder: string, options: JudgeOptions): Promise<{ readonly tried: Tried; readonly output: string }> {
  if (options.command.length === 0) return { tried: "skipped", output: "" };
  const { environment, signal } = options;
  const timeoutMs = Math.min(options.commandTimeoutMs, options.remainingMs());
  const ran = await runCommand(options.command, { folder, environment, timeoutMs, signal });
  // Out of time proves nothing, and every flavor runs the command on the fix later anyway.
  return { tried: ran.kind === "timeout" ? "skipped" : ran.kind, output: ran.output };
}

function accept(value: Outcome): Judged<Outcome> {
  return { kind: "accepted", value };
}
