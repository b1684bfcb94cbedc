/**
 * How alike two signatures are, 0 to 1.
 *
 * @module
 */
import type { Signature } from "./signature.ts";

export function similarity(a: Signature, b: Signature): number {
  return a.id === b.id ? 1 : 0;
}
