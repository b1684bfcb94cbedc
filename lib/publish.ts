/**
 * Publishing a fix under the fence: the outcome and the branch are one atomic push, so a leader that was overtaken changes neither.
 *
 * @module
 */
import { backoff } from "./backoff.ts";
import { branchHead, coordinationOf } from "./coordination.ts";
import { type Claim, type Ledger, Unavailable } from "./ledger.ts";
import type { OutcomePayload } from "./payload.ts";

/** The fix and its outcome, committed locally: the outcome stands on the fix. */
export type Prepared = {
  readonly payload: OutcomePayload;
  /** Commits, in full: the outcome, its parent the fix, and what the fix stands on (the failing commit, or an earlier fix). */
  readonly outcome: string;
  /** Name of the outcome's ref. */
  readonly ref: string;
  readonly fix: string;
  readonly base: string;
  readonly branch: string;
};

/**
 * Pushes all or nothing: the outcome's ref must not exist yet, the branch is created or fast-forwarded.
 * `rejected` says that the server refused; `unknown` that nobody knows.
 */
export type Push = (prepared: Prepared) => Promise<{ readonly result: "pushed" | "rejected" | "unknown"; readonly why?: string }>;

export type Publication =
  | { readonly published: true; readonly outcome: string }
  /** Somebody closed the claim, or fixed its cause, before. */
  | { readonly published: false; readonly reason: "overtaken" }
  /** The branch would not take the fix: a person committed there, or a rule forbids it. The claim ended without a fix. */
  | { readonly published: false; readonly reason: "rejected"; readonly why: string };

export type PublishOptions = {
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** @default 8 */
  readonly tries?: number;
};

/** Publishes a prepared fix for `claim`, once. Safe to repeat with the same prepared commits. */
export async function publishFix(
  ledger: Ledger,
  claim: Claim,
  prepared: Prepared,
  push: Push,
  options: PublishOptions,
): Promise<Publication> {
  const { sleep, random, tries = 8 } = options;
  const fact = { kind: "outcome", n: claim.n } as const;
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = await ledger.find(fact);
    if (before !== undefined) return verdictOn(before, prepared);
    const { result, why = "the push was refused" } = await push(prepared);
    if (result === "pushed") {
      ledger.learn(fact, prepared.outcome);
      return { published: true, outcome: prepared.outcome };
    }
    const after = await ledger.find(fact);
    if (after !== undefined) return verdictOn(after, prepared);
    if (result === "rejected") {
      // Refused for the branch's sake, or for an outcome that this read does not show yet: the same write-once ref tells which.
      const { fix: _fix, branch: _branch, ...rest } = prepared.payload;
      const cause = coordinationOf(await ledger.read()).causes.find(({ cause }) => cause === claim.cause);
      // Another claim's fix came first, or a person, or a rule, holds the branch: then only a person can go on.
      const result = (branchHead(cause) ?? ledger.sha) === prepared.base ? "needs-human" : "gave-up";
      const title = `Cannot push ${prepared.branch}: ${why}`.slice(0, 400);
      if (await ledger.conclude(claim, { ...rest, result, title })) return { published: false, reason: "rejected", why };
      return verdictOn((await ledger.find(fact)) ?? "", prepared);
    }
    await sleep(backoff(attempt, random()));
  }
  throw new Unavailable(`Cannot tell whether ${prepared.branch} was pushed after ${tries} tries`);
}

function verdictOn(outcome: string, prepared: Prepared): Publication {
  return outcome === prepared.outcome ? { published: true, outcome } : { published: false, reason: "overtaken" };
}
