/**
 * The request log: who sent what, what came back and what it cost, with counters per sender and per repository.
 *
 * @module
 */

export type LogEntry = {
  readonly id: number;
  /** The server's time when the request came, in ms since 1970. */
  readonly at: number;
  readonly ms: number;
  readonly sender: string;
  readonly repo: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** What was sent; 0 where the connection was dropped. */
  readonly status: number;
  readonly fault?: string;
  /** The rate limit that refused it. */
  readonly limit?: "primary" | "secondary";
  /** Requests of the primary limit: 0 for a 304 and for git. */
  readonly primaryCost: 0 | 1;
  /** Points of the secondary limit. */
  readonly points: number;
  readonly git: boolean;
  readonly etag304: boolean;
};

export type Counters = {
  readonly requests: number;
  readonly api: number;
  readonly git: number;
  readonly writes: number;
  readonly primary: number;
  readonly points: number;
  readonly notModified: number;
  readonly faults: number;
  /** Refused by a rate limit. */
  readonly limited: number;
};

export type RequestLog = {
  readonly entries: readonly LogEntry[];
  readonly bySender: ReadonlyMap<string, Counters>;
  readonly byRepository: ReadonlyMap<string, Counters>;
  add(entry: Omit<LogEntry, "id">): void;
  /** Entries with an id above the given one. */
  after(id: number): readonly LogEntry[];
  clear(): void;
};

const zero: Counters = { requests: 0, api: 0, git: 0, writes: 0, primary: 0, points: 0, notModified: 0, faults: 0, limited: 0 };

/**
 * Makes an empty log.
 *
 * @param limit entries kept; the counters count all
 */
export function createRequestLog(limit = 200_000): RequestLog {
  const entries: LogEntry[] = [];
  const bySender = new Map<string, Counters>();
  const byRepository = new Map<string, Counters>();
  let next = 1;
  return {
    entries,
    bySender,
    byRepository,
    add(entry) {
      entries.push({ id: next++, ...entry });
      if (entries.length > limit) entries.splice(0, Math.ceil(limit / 10));
      bySender.set(entry.sender, count(bySender.get(entry.sender) ?? zero, entry));
      byRepository.set(entry.repo, count(byRepository.get(entry.repo) ?? zero, entry));
    },
    after(id) {
      const first = entries[0]?.id ?? 0;
      return entries.slice(Math.max(0, id - first + 1));
    },
    clear() {
      entries.length = 0;
      bySender.clear();
      byRepository.clear();
    },
  };
}

function count(counters: Counters, entry: Omit<LogEntry, "id">): Counters {
  return {
    requests: counters.requests + 1,
    api: counters.api + (entry.git ? 0 : 1),
    git: counters.git + (entry.git ? 1 : 0),
    writes: counters.writes + (entry.method === "GET" || entry.git ? 0 : 1),
    primary: counters.primary + entry.primaryCost,
    points: counters.points + entry.points,
    notModified: counters.notModified + (entry.etag304 ? 1 : 0),
    faults: counters.faults + (entry.fault === undefined ? 0 : 1),
    limited: counters.limited + (entry.limit === undefined ? 0 : 1),
  };
}
