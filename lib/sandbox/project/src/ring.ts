/** Slots of the ring on this system. */
export function capacity(system: string): number {
  return system === "Windows" ? 6 : 8;
}

/** The slot of the n-th element. */
export function slot(n: number, capacity: number): number {
  return n % capacity;
}
