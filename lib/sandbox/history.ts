/**
 * Values with their past, so that a read can be answered by a replica that lags behind.
 *
 * Every write appends a version; a read names a moment and sees the version that was current then. What is older than the greatest
 * lag can never be read again and is dropped, so memory stays bounded by the number of living keys and the writes within one lag.
 *
 * @module
 */

/** Reads the newest version, without any lag. */
export const latest = Number.POSITIVE_INFINITY;

type Version<Value> = { readonly at: number; readonly value: Value | undefined };

/** Keyed values, each with the versions that a lagging read may still see. */
export type History<Key, Value> = {
  /** Makes a value current from a moment on; `undefined` removes it. */
  set(key: Key, value: Value | undefined, at: number): void;
  /** The value as it was at a moment, in ms; {@link latest} for the truth. */
  get(key: Key, at: number): Value | undefined;
  /** Keys and values that existed at a moment, oldest key first. */
  entries(at: number): [Key, Value][];
};

/**
 * Makes an empty history.
 *
 * @param keepMs how far back reads may go, in ms; asked at every write
 */
export function createHistory<Key, Value>(keepMs: () => number): History<Key, Value> {
  const versions = new Map<Key, Version<Value>[]>();
  let writes = 0;

  function prune(key: Key, past: Version<Value>[], horizon: number): void {
    let first = past.length - 1;
    while (first > 0 && (past[first]?.at ?? 0) > horizon) first--;
    past.splice(0, first);
    const only = past.length === 1 ? past[0] : undefined;
    if (only !== undefined && only.value === undefined && only.at <= horizon) versions.delete(key);
  }

  return {
    set(key, value, at) {
      const past = versions.get(key) ?? [];
      const before = past.at(-1)?.at ?? at;
      past.push({ at: Math.max(before, at), value });
      versions.set(key, past);
      prune(key, past, at - keepMs());
      writes++;
      if (writes % 1000 === 0) for (const [other, versionsOfOther] of versions) prune(other, versionsOfOther, at - keepMs());
    },
    get: (key, at) => current(versions.get(key), at),
    entries(at) {
      const found: [Key, Value][] = [];
      for (const [key, past] of versions) {
        const value = current(past, at);
        if (value !== undefined) found.push([key, value]);
      }
      return found;
    },
  };
}

function current<Value>(past: readonly Version<Value>[] | undefined, at: number): Value | undefined {
  if (past === undefined) return undefined;
  for (let index = past.length - 1; index >= 0; index--) {
    const version = past[index];
    if (version !== undefined && version.at <= at) return version.value;
  }
  return undefined;
}
