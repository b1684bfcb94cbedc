/**
 * Virtual time: whoever sleeps is woken when nobody else has anything to do, in the order of the clock.
 *
 * @module
 */

export type VirtualTime = {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Time stands still while one of these is on its way. */
  watch(fetch: typeof globalThis.fetch): typeof globalThis.fetch;
  /** Wakes the sleepers one by one until there is none left, or virtual time has come to `untilMs` after the start. */
  run(untilMs?: number): Promise<"quiet" | "late">;
};

type Sleeper = { readonly at: number; readonly order: number; readonly wake: () => void };

/** A clock that begins at `start`, in milliseconds. */
export function virtualTime(start: number): VirtualTime {
  const heap: Sleeper[] = [];
  let [now, order, busy] = [start, 0, 0];
  let idle = () => {};

  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => push(heap, { at: now + Math.max(0, ms), order: order++, wake })),
    watch(fetch) {
      const watched = async (...given: Parameters<typeof fetch>) => {
        busy++;
        try {
          const response = await fetch(...given);
          // The body is part of the answer: time goes on when it is there.
          return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
        } finally {
          busy--;
          if (busy === 0) setTimeout(() => idle(), 0);
        }
      };
      return Object.assign(watched, { preconnect: fetch.preconnect });
    },
    async run(untilMs = Number.POSITIVE_INFINITY) {
      for (;;) {
        await settled();
        while (busy > 0) {
          await new Promise<void>((resolve) => {
            idle = resolve;
          });
          await settled();
        }
        const next = heap[0];
        if (next === undefined) return "quiet";
        if (next.at > start + untilMs) return "late";
        pop(heap);
        now = next.at;
        next.wake();
      }
    },
  };
}

/** Every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const before = (a: Sleeper, b: Sleeper) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Sleeper[], added: Sleeper): void {
  let index = heap.push(added) - 1;
  for (let parent = (index - 1) >> 1; index > 0; index = parent, parent = (index - 1) >> 1) {
    const above = heap[parent];
    if (above === undefined || !before(added, above)) break;
    heap[parent] = added;
    heap[index] = above;
  }
}

function pop(heap: Sleeper[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let index = 0; ; ) {
    let least = index;
    for (const child of [2 * index + 1, 2 * index + 2]) {
      const [one, other] = [heap[child], heap[least]];
      if (one !== undefined && other !== undefined && before(one, other)) least = child;
    }
    const [moved, here] = [heap[least], heap[index]];
    if (least === index || moved === undefined || here === undefined) return;
    heap[index] = moved;
    heap[least] = here;
    index = least;
  }
}
