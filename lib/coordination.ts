/**
 * The state of a coordination, folded from its facts: causes, who analyses, who waits, who is green.
 *
 * @module
 */
import type { Claim, Facts, Outcome } from "./ledger.ts";
import { isFixBranch } from "./occasion.ts";
import type { Verdict } from "./refs.ts";

export type ClaimState = Claim & {
  /** How it ended; undefined while its holder may still publish. */
  readonly outcome: Outcome | undefined;
  /** What each flavor saw when it tested this claim's fix. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
};

export type Fix = { readonly n: number; readonly sha: string; readonly branch: string; readonly outcome: string };

export type Cause = {
  readonly cause: number;
  /** In the order of their numbers; at least one. */
  readonly claims: readonly ClaimState[];
  /** What failures that joined had to add to what the claims failed with; the signature where it was read. */
  readonly told: Facts["signatures"];
  /** Every flavor that failed with this cause, in the order in which it is known. */
  readonly flavors: readonly string[];
  /** The newest fix. */
  readonly fix: Fix | undefined;
  /** Claims newer than the fix that have not ended. */
  readonly live: readonly ClaimState[];
  /** Analyses tried, the running one included. */
  readonly attempts: number;
  readonly pulls: readonly number[];
  /** Workflows were started for the newest fix, so its flavors test that one, whatever they said of one before. */
  readonly retested: boolean;
};

export type Coordination = {
  readonly facts: Facts;
  readonly causes: readonly Cause[];
};

export function coordinationOf(facts: Facts): Coordination {
  const numbers = [...new Set(facts.claims.map((claim) => claim.cause))].sort((a, b) => a - b);
  return { facts, causes: numbers.map((cause) => causeOf(facts, cause)) };
}

function causeOf(facts: Facts, cause: number): Cause {
  const claims = facts.claims
    .filter((claim) => claim.cause === cause)
    .map((claim) => {
      const verdicts = new Map<string, Verdict>();
      // A flavor may test one fix twice; a failure outweighs, wherever it stands.
      for (const { n, flavor, verdict } of facts.verdicts) {
        if (n === claim.n && verdicts.get(flavor) !== "failed") verdicts.set(flavor, verdict);
      }
      return { ...claim, outcome: facts.outcomes.get(claim.n), verdicts };
    });
  const fixed = claims.findLast((claim) => claim.outcome?.result === "fixed");
  const flavors = new Set(claims.map((claim) => claim.flavor));
  const told = facts.signatures.filter(({ n }) => claims.some((claim) => claim.n === n));
  for (const { n, flavor } of [...facts.failures, ...told, ...facts.verdicts])
    if (claims.some((claim) => claim.n === n)) flavors.add(flavor);
  return {
    cause,
    claims,
    told,
    flavors: [...flavors],
    fix: fixed && fixOf(fixed),
    live: claims.filter((claim) => claim.outcome === undefined && claim.n > (fixed?.n ?? 0)),
    attempts: Math.max(...claims.map((claim) => claim.attempt)),
    pulls: facts.pulls.filter((pull) => pull.cause === cause).map(({ pull }) => pull),
    retested: fixed !== undefined && facts.notices.some((name) => name.startsWith(`dispatched-${fixed.n}-`)),
  };
}

function fixOf(claim: ClaimState): Fix | undefined {
  const { outcome } = claim;
  if (outcome?.result !== "fixed" || outcome.fix === undefined) return undefined;
  return { n: claim.n, sha: outcome.fix, branch: outcome.branch ?? "", outcome: outcome.sha };
}

/** The newest fix on the cause's own branch, on which the next one stands. */
export function branchHead(cause: Cause | undefined): string | undefined {
  return cause?.claims.map(fixOf).findLast((fix) => fix !== undefined && isFixBranch(fix.branch))?.sha;
}

/** The last verdict of a flavor on any fix of the cause, and the claim whose fix it tested. */
export function lastVerdict(cause: Pick<Cause, "claims">, flavor: string): { readonly n: number; readonly verdict: Verdict } | undefined {
  const claim = cause.claims.findLast((claim) => claim.verdicts.has(flavor));
  const verdict = claim?.verdicts.get(flavor);
  return claim && verdict && { n: claim.n, verdict };
}

/** True when the cause is gone on every flavor that failed with it. A pass of an earlier fix counts where nobody will test the newest. */
export function isGreen({ fix, ...cause }: Cause): boolean {
  return (
    fix !== undefined &&
    cause.flavors.every((flavor) => {
      const last = lastVerdict(cause, flavor);
      return last !== undefined && last.verdict !== "failed" && (!cause.retested || last.n === fix.n);
    })
  );
}

/** The claim of a leader that is gone, where others joined it and its cause has no newer fix: those who left wait for nobody. */
export function lostLeader(cause: Cause, now: number, leaseMs: number): ClaimState | undefined {
  const last = cause.claims.at(-1);
  if (last === undefined || last.n === cause.fix?.n || waitingFlavors(cause).every((flavor) => flavor === last.flavor)) return undefined;
  const gone = last.outcome === undefined ? now > last.date + leaseMs : last.outcome.result === "lost";
  return gone ? last : undefined;
}

/** Flavors of a cause that neither analyse nor have a verdict on its newest fix: they wait. */
export function waitingFlavors(cause: Cause): readonly string[] {
  return cause.flavors.filter(
    (flavor) =>
      !cause.live.some((claim) => claim.flavor === flavor) && (cause.fix === undefined || lastVerdict(cause, flavor)?.n !== cause.fix.n),
  );
}
