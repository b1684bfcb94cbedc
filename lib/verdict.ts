/**
 * What a failure with a fix says about the fix.
 *
 * @module
 */
import type { Verdict } from "./refs.ts";
import type { Failure, Signature } from "./signature.ts";
import { similarity } from "./similarity.ts";

/** A log that fails for another cause is not a failed fix; one that says nothing clear is. */
export function verdictOn(failure: Failure, known: readonly Signature[], threshold: number): Verdict {
  const same = failure.unrecognized || known.some((signature) => similarity(signature, failure) >= threshold);
  return same ? "failed" : "different";
}
