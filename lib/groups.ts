/**
 * Which cause a failure belongs to: the one place where that is asked, by the ledger and by `signature.ts group` alike.
 *
 * A cause speaks through the signatures of its claims, and through three more: the first failures that join and name more say
 * so. A flavor that stops at its first failing test and one that stops at another have nothing in common but a third that
 * ran them all. Only a failure that is like no claim is compared with these, and has to name the same: no guess is passed on,
 * and no claim is contradicted.
 *
 * @module
 */
import type { Failure, Signature } from "./signature.ts";
import { CERTAIN, isApart, SAME, similarity } from "./similarity.ts";

/** What a cause is known by. */
export type Described = {
  readonly claims: readonly { readonly signature: Signature }[];
  /** What failures that joined had to add, as far as it was read. */
  readonly told: readonly { readonly signature?: Signature }[];
};

export type Likeness = {
  /** @default similarity */
  readonly alike?: (a: Signature, b: Signature) => number;
  /** Similarity from which two failures are one cause, 0..1. @default SAME */
  readonly threshold?: number;
};

/** The cause most like a failure, and how much; the older one where two are equally like it. */
export function closest<Cause extends Described>(
  causes: readonly Cause[],
  failure: Signature,
  { alike = similarity, threshold = SAME }: Likeness = {},
): { readonly cause: Cause; readonly similarity: number } | undefined {
  const by = (among: readonly Cause[], signaturesOf: (cause: Cause) => readonly Signature[]) => {
    let best: { readonly cause: Cause; readonly similarity: number } | undefined;
    for (const cause of among) {
      const score = Math.max(...signaturesOf(cause).map((signature) => alike(signature, failure)));
      if (best === undefined || score > best.similarity) best = { cause, similarity: score };
    }
    return best;
  };
  const claimed = by(causes, ({ claims }) => claims.map(({ signature }) => signature));
  if (claimed === undefined || claimed.similarity >= threshold) return claimed;
  // What contradicts a claim is not joined to it through another.
  const others = causes.filter(({ claims }) => !claims.some(({ signature }) => isApart(alike(signature, failure))));
  const told = by(others, signaturesOf);
  return told !== undefined && told.similarity >= Math.max(threshold, CERTAIN) ? told : claimed;
}

/** What the failures of a cause are known to have said. */
export function signaturesOf({ claims, told }: Described): readonly Signature[] {
  return [...claims, ...told].flatMap(({ signature }) => signature ?? []);
}

/** So many a cause tell all that more of them would; each costs a request to write and, who matches no claim, one to read. */
const maxTold = 3;

/** Does a failure that joins name what is not known of its cause, as one of the first that do? Of equal ids only the wording differs. */
export function adds(cause: Described, failure: Signature): boolean {
  const known = signaturesOf(cause);
  if (cause.told.length >= maxTold || known.some(({ id }) => id === failure.id)) return false;
  return failure.facts.some((fact) => !known.some(({ facts }) => facts.includes(fact)));
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
  const causes: (Described & { readonly told: { signature: Signature }[]; readonly members: number[] })[] = [];
  const unrecognized: number[] = [];
  for (const [index, failure] of failures.entries()) {
    if (failure.unrecognized) {
      unrecognized.push(index);
      continue;
    }
    const best = closest(causes, failure, { alike });
    if (best === undefined || best.similarity < SAME) {
      causes.push({ claims: [{ signature: failure }], told: [], members: [index] });
      continue;
    }
    if (adds(best.cause, failure)) best.cause.told.push({ signature: failure });
    best.cause.members.push(index);
  }
  return { groups: causes.map(({ members }) => members), unrecognized };
}
