/**
 * Which cause a failure belongs to: the one place where that is asked, by the ledger and by `signature.ts group` alike.
 *
 * A cause speaks through the signatures of its claims, as the ledger stores them: a failure that joined left its name
 * there, and nothing to compare with. So one failure stands for a cause, and the partition is the same in every order
 * only as far as similarity is an equivalence: what decides has to be what all tellings of a cause name.
 *
 * @module
 */
import type { Failure, Signature } from "./signature.ts";
import { SAME, similarity } from "./similarity.ts";

/** What a cause is known by. */
export type Claimed = { readonly claims: readonly { readonly signature: Signature }[] };

/** The cause most like a failure, and how much; the older one where two are equally like it. */
export function closest<Cause extends Claimed>(
  causes: readonly Cause[],
  failure: Signature,
  alike: (a: Signature, b: Signature) => number = similarity,
): { readonly cause: Cause; readonly similarity: number } | undefined {
  let best: { readonly cause: Cause; readonly similarity: number } | undefined;
  for (const cause of causes) {
    const score = Math.max(...cause.claims.map(({ signature }) => alike(signature, failure)));
    if (best === undefined || score > best.similarity) best = { cause, similarity: score };
  }
  return best;
}

/** Failures of one cause, the one that opened it first; as indices into what was given. */
export type Group = readonly number[];

/** A partition of failures. */
export type Grouping = {
  readonly groups: readonly Group[];
  /** Indices of failures that say nothing of their cause. */
  readonly unrecognized: readonly number[];
};

/** Groups failures in the order in which they come: each joins the cause most like it, or opens one by claiming it. */
export function group(failures: readonly Failure[], alike: (a: Signature, b: Signature) => number = similarity): Grouping {
  const causes: (Claimed & { readonly members: number[] })[] = [];
  const unrecognized: number[] = [];
  for (const [index, failure] of failures.entries()) {
    if (failure.unrecognized) {
      unrecognized.push(index);
      continue;
    }
    const best = closest(causes, failure, alike);
    if (best === undefined || best.similarity < SAME) causes.push({ claims: [{ signature: failure }], members: [index] });
    else best.cause.members.push(index);
  }
  return { groups: causes.map(({ members }) => members), unrecognized };
}
