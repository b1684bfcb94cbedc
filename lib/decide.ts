/**
 * What one failing flavor does next: the whole decision table, pure.
 *
 * @module
 */
import { type Cause, type ClaimState, type Coordination, lastVerdict, waitingFlavors } from "./coordination.ts";
import { closest } from "./groups.ts";
import type { Identity } from "./payload.ts";
import type { Failure, Signature } from "./signature.ts";

export type Policy = {
  /** Similarity from which two failures are one cause, 0..1. */
  readonly threshold: number;
  /** How long a claim without an outcome is believed to be at work, in milliseconds. */
  readonly leaseMs: number;
  /** Analyses of one cause, retries included. */
  readonly maxAttempts: number;
  /** Claims of one commit, takeovers included: what a commit can cost at most. */
  readonly maxClaims: number;
  /** Waiting flavors from which one of them gives a second opinion; 0 is never. */
  readonly maxWaiting: number;
};

export type Reason =
  | "coordination_disabled"
  | "first_flavor"
  | "different_error"
  | "already_coordinated"
  | "fix_in_progress"
  | "multiple_flavors_waiting"
  | "second_flavor"
  | "fix_available"
  | "fix_failed"
  | "retry"
  | "timeout"
  | "leader_lost"
  | "escalated"
  | "infrastructure"
  | "known_failure"
  | "unrecognized_failure"
  | "read_only_token"
  | "coordination_unavailable";

export type Decision =
  /** Claim, then analyse. */
  | { readonly action: "analyze"; readonly reason: Reason; readonly cause: number; readonly attempt: number; readonly similarity: number }
  /** Close this claim as lost, then decide again. */
  | { readonly action: "close"; readonly reason: Reason; readonly claim: ClaimState }
  /** Join this claim; then wait for it, test its fix, or leave. */
  | {
      readonly action: "wait" | "test" | "leave";
      readonly reason: Reason;
      readonly cause?: Cause;
      readonly claim?: ClaimState;
      readonly similarity: number;
    };

export type Question = {
  readonly failure: Failure;
  readonly identity: Identity;
  readonly similarity: (a: Signature, b: Signature) => number;
  /** Claims whose job is known to have ended. */
  readonly ended?: ReadonlySet<number>;
  /** The claim that this failure held or joined before: it stays with its cause, whatever else is claimed meanwhile. */
  readonly joined?: number;
  /** A pending fix of an ancestor commit covers this failure. */
  readonly known?: boolean;
};

/** Decides for one flavor, from the facts and the server's clock. */
export function decide(coordination: Coordination, question: Question, policy: Policy): Decision {
  const { failure, similarity } = question;
  if (failure.unrecognized) return { action: "leave", reason: "unrecognized_failure", similarity: 0 };
  if (failure.infrastructure) return { action: "leave", reason: "infrastructure", similarity: 0 };
  const { causes, facts } = coordination;
  const { threshold } = policy;
  const joined = causes.filter(({ claims }) => claims.some(({ n }) => n === question.joined));
  const [cause] = joined;
  const found = closest(cause === undefined ? causes : joined, failure, { alike: similarity, threshold });
  // What it was told when it joined may not be known here.
  const best = cause === undefined || found === undefined ? found : { cause, similarity: Math.max(found.similarity, threshold) };
  if (best === undefined || best.similarity < threshold) {
    const score = best?.similarity ?? 0;
    if (question.known) return { action: "leave", reason: "known_failure", similarity: score };
    if (facts.claims.length >= policy.maxClaims) return { action: "leave", reason: "escalated", similarity: score };
    const cause = Math.max(0, ...causes.map(({ cause }) => cause)) + 1;
    return { action: "analyze", reason: causes.length === 0 ? "first_flavor" : "different_error", cause, attempt: 1, similarity: score };
  }
  return decideWithin({ ...best, claimed: facts.claims.length, now: facts.now, question, policy });
}

type Within = {
  readonly cause: Cause;
  readonly similarity: number;
  readonly claimed: number;
  readonly now: number;
  readonly question: Question;
  readonly policy: Policy;
};

function decideWithin(within: Within): Decision {
  const { cause, similarity } = within;
  const last = cause.claims.at(-1);
  const lastOf = last === undefined ? {} : { claim: last };
  if (cause.live.length > 0) return decideLive(within);
  if (cause.fix !== undefined) {
    const fixed = cause.claims.find((claim) => claim.n === cause.fix?.n);
    const tested = lastVerdict(cause, within.question.identity.flavor);
    if (tested?.n !== cause.fix.n || tested.verdict !== "failed") {
      return { action: "test", reason: "fix_available", cause, ...(fixed && { claim: fixed }), similarity };
    }
    if (last?.n === cause.fix.n) return again(within, "fix_failed", cause.attempts + 1);
  }
  switch (last?.outcome?.result) {
    case "gave-up":
      return again(within, "retry", cause.attempts + 1);
    case "flaky":
    case "infra":
      return { action: "leave", reason: "infrastructure", cause, ...lastOf, similarity };
    case "needs-human":
      return { action: "leave", reason: "escalated", cause, ...lastOf, similarity };
    default:
      // Closed by a successor: the same attempt once more. Why it was closed is seen from the clock.
      return again(
        within,
        last !== undefined && within.now > last.date + within.policy.leaseMs ? "timeout" : "leader_lost",
        cause.attempts,
      );
  }
}

function decideLive(within: Within): Decision {
  const { cause, similarity, now, question, policy } = within;
  const { identity } = question;
  const held = cause.live.find((claim) => sameJob(claim, identity) && claim.runAttempt === identity.runAttempt);
  if (held !== undefined) return { action: "leave", reason: "already_coordinated", cause, claim: held, similarity };
  for (const claim of cause.live) {
    // A later attempt of the holder's own job: the holder cannot be at work any more.
    const succeeded = sameJob(claim, identity) && claim.runAttempt < identity.runAttempt;
    if (succeeded || question.ended?.has(claim.n)) return { action: "close", reason: "leader_lost", claim };
    if (now > claim.date + policy.leaseMs) return { action: "close", reason: "timeout", claim };
  }
  const others = waitingFlavors(cause).filter((waiting) => waiting !== identity.flavor).length;
  const [first] = cause.live;
  // One a leader: a second opinion that found nothing is not followed by a third.
  const given = cause.claims.some(({ n, reason }) => reason === "second_flavor" && n >= (first?.n ?? 0));
  if (policy.maxWaiting > 0 && others >= policy.maxWaiting && !given) {
    const second = again(within, "second_flavor", first?.attempt ?? 1);
    if (second.action === "analyze") return second;
  }
  const reason = others > 0 ? "multiple_flavors_waiting" : "fix_in_progress";
  return { action: "wait", reason, cause, ...(first && { claim: first }), similarity };
}

/** One more claim for the cause, where attempts are left. */
function again({ cause, similarity, claimed, policy }: Within, reason: Reason, attempt: number): Decision {
  if (attempt <= policy.maxAttempts && claimed < policy.maxClaims)
    return { action: "analyze", reason, cause: cause.cause, attempt, similarity };
  const last = cause.claims.at(-1);
  return { action: "leave", reason: "escalated", cause, ...(last && { claim: last }), similarity };
}

/** Is the claim one of this very job, of whatever attempt? */
export function sameJob(claim: ClaimState, identity: Identity): boolean {
  return claim.flavor === identity.flavor && claim.runId === identity.runId && claim.job === identity.job;
}
