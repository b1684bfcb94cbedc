/**
 * Which failures are one cause, as the ledger finds out: each in turn joins the cause most like it, or opens one.
 *
 * A cause is all failures that joined it, so that a failure that names little still finds its kin through another that
 * names more. A failure that says nothing joins none.
 *
 * @module
 */
import type { Failure, Signature } from "./signature.ts";
import { SAME, similarity } from "./similarity.ts";

/** Failures of one cause, the one that opened it first; as indices into what was given. */
export type Group = readonly number[];

/** A partition of failures. */
export type Grouping = {
  readonly groups: readonly Group[];
  /** Indices of failures that say nothing of their cause. */
  readonly unrecognized: readonly number[];
};

/** The index of the cause most like a failure, or -1 when none is alike enough. */
export function nearest(failure: Signature, causes: readonly (readonly Signature[])[], threshold: number = SAME): number {
  let best = -1;
  let most = 0;
  causes.forEach((members, index) => {
    const alike = Math.max(0, ...members.map((member) => similarity(failure, member)));
    if (alike >= threshold && alike > most) {
      best = index;
      most = alike;
    }
  });
  return best;
}

/** Groups failures in the order in which they come. */
export function group(failures: readonly Failure[], threshold: number = SAME): Grouping {
  const groups: number[][] = [];
  const unrecognized: number[] = [];
  failures.forEach((failure, index) => {
    if (failure.unrecognized) {
      unrecognized.push(index);
      return;
    }
    const members = groups.map((indices) => indices.map((member) => failures[member]).filter((member) => member !== undefined));
    const found = nearest(failure, members, threshold);
    if (found < 0) groups.push([index]);
    else groups[found]?.push(index);
  });
  return { groups, unrecognized };
}
