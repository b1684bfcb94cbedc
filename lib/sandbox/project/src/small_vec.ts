/** Capacity for `n` elements: small ones stay small. */
export function grow(n: number): number {
  return n < 4 ? 4 : n * 2;
}
