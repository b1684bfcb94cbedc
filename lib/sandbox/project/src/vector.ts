import { grow } from "./small_vec.ts";

/** A list with room for `n` more. */
export function vector(n: number): number[] {
  return Array.from({ length: grow(n) }, () => 0);
}
