/**
 * Coordinations made by hand, for the tests of what is pure: decision and board.
 *
 * @module
 */
import { type Coordination, coordinationOf } from "../lib/coordination.ts";
import type { Claim, Facts, Outcome } from "../lib/ledger.ts";
import type { Failure, Signature } from "../lib/signature.ts";

export const sha = "5ca1ab1e".repeat(5);
/** When the first claim of {@link claimOf} was made. */
export const start = Date.UTC(2026, 2, 1, 12);
export const minute = 60_000;

export function hexOf(n: number): string {
  return n.toString(16).padStart(40, "0");
}

export function signatureOf(id: string): Signature {
  return { id, title: `error: ${id}`, lines: [`error: ${id}`], facts: [`undeclared:${id}`] };
}

export function failureOf(id: string, more: Partial<Failure> = {}): Failure {
  return { ...signatureOf(id), bytes: 100, unrecognized: false, infrastructure: false, ...more };
}

/** A claim of `flavor` whose run's number is its own: claim 2 is run 1002. */
export function claimOf(n: number, flavor: string, more: Partial<Claim> = {}): Claim {
  const { id, title, lines, facts } = signatureOf("list_size");
  return {
    ...{ v: 1, n, cause: 1, attempt: 1, reason: n === 1 ? "first_flavor" : "retry", flavor },
    ...{ runId: 1000 + n, runAttempt: 1, job: "build", nonce: `nonce-${n}-${flavor}` },
    ...{ signature: { id, title, lines: [...lines], facts: [...facts] }, sha: hexOf(n), date: start + (n - 1) * minute },
    ...more,
  };
}

export type Ended = "fixed" | "lost" | "gave-up" | "flaky" | "infra" | "needs-human";

export function outcomeOf(n: number, result: Ended, more: object = {}): Outcome {
  if (result === "lost") return { result, sha: hexOf(n) };
  const fix = result === "fixed" ? { fix: hexOf(100 + n), branch: "autonomous-fix-5ca1ab1" } : {};
  return {
    ...{
      v: 1,
      n,
      result,
      flavor: "linux",
      title: `Fix ${n}: declare list_size`,
      costUsd: 0.1,
      model: "claude-sonnet-5-5",
      nonce: `outcome-${n}`,
    },
    ...{ sha: hexOf(200 + n), date: start + n * minute, ...fix, ...more },
  };
}

export type World = Partial<Omit<Facts, "outcomes">> & { readonly outcomes?: Readonly<Record<number, Ended | Outcome>> };

export function factsOf({ outcomes = {}, ...world }: World = {}): Facts {
  const claims = world.claims ?? [];
  return {
    ...{ sha, now: start + 5 * minute, claims, next: { n: claims.length + 1, parents: claims.slice(-1).map((claim) => claim.sha) } },
    ...{ failures: [], signatures: [], verdicts: [], boards: [], pulls: [], apart: [], notices: [], problems: [] },
    ...world,
    outcomes: new Map(
      Object.entries(outcomes).map(([n, outcome]) => [Number(n), typeof outcome === "string" ? outcomeOf(Number(n), outcome) : outcome]),
    ),
  };
}

export function coordinationWith(world: World = {}): Coordination {
  return coordinationOf(factsOf(world));
}

/** What a flavor saw with the fix of claim `n`. */
export function verdictOf(n: number, flavor: string, verdict: "passed" | "failed" | "different") {
  return { n, flavor, verdict, sha: hexOf(100 + n) };
}
