/**
 * A RefStore in memory: what GitHub's refs do, with lag, lost answers and refusals, in the time of whoever simulates.
 *
 * Passes the same contract as the store over GitHub's API, and shows its true state to the checks of a simulation.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Commit, type Ref, type RefStore, Unavailable } from "../ledger.ts";
import type { Prepared, Push } from "../publish.ts";

export type MemoryOptions = {
  /** The server's clock, in milliseconds. @default counts up by 1 */
  readonly now?: () => number;
  /** A number in 0..1. @default Always 0: no lag, no faults */
  readonly random?: () => number;
  /** Reads, of refs as of commits, show a state as old as up to this, in milliseconds, each read another. @default 0 */
  readonly lagMs?: number;
  /** Chance that one write is refused, lost before, or lost after being applied. @default 0 */
  readonly faultRate?: number;
  /** Awaited before and after each request is applied: latency, or a crash. @default Nothing */
  readonly pause?: () => Promise<void>;
};

export type Memory = RefStore & {
  readonly push: Push;
  /** The true state: every ref with its creation time, in the order of creation. */
  readonly refs: ReadonlyMap<string, { readonly sha: string; readonly at: number }>;
  readonly branches: ReadonlyMap<string, readonly string[]>;
  readonly commits: ReadonlyMap<string, Commit>;
  /** The same server seen by another client. */
  readonly client: (pause: () => Promise<void>) => Memory;
};

type State = {
  readonly refs: Map<string, { readonly sha: string; readonly at: number }>;
  readonly commits: Map<string, Commit>;
  /** When each commit came to be: a read that lags does not find it yet. */
  readonly births: Map<string, number>;
  readonly branches: Map<string, string[]>;
  clock: number;
};

/** A new, empty server. */
export function memoryStore(options: MemoryOptions = {}): Memory {
  return clientOf({ refs: new Map(), commits: new Map(), births: new Map(), branches: new Map(), clock: 0 }, options);
}

function clientOf(state: State, options: MemoryOptions): Memory {
  const { random = () => 0, lagMs = 0, faultRate = 0, pause = async () => {} } = options;
  const now = options.now ?? (() => ++state.clock);
  const faulty = () => faultRate > 0 && random() < faultRate;

  /** One read: travels, sees a state as old as the lag, travels back. */
  async function get<T>(see: (horizon: number) => T): Promise<T> {
    await pause();
    const seen = see(now() - random() * lagMs);
    await pause();
    return seen;
  }

  /** One write: may be lost before or after it is applied; `lost` is what its writer is left with. */
  async function post<T>(apply: () => T, lost: T): Promise<T> {
    await pause();
    if (faulty()) return lost;
    const applied = apply();
    await pause();
    return faulty() ? lost : applied;
  }

  function add(name: string, sha: string): boolean {
    if (state.refs.has(name)) return false;
    state.refs.set(name, { sha, at: now() });
    return true;
  }

  /** As git does it: the name is the content, and dates are whole seconds. Equal commits are one. */
  function make(message: string, parents: readonly string[]): Commit {
    const at = now();
    const date = Math.floor(at / 1000) * 1000;
    const sha = createHash("sha1")
      .update(JSON.stringify([message, parents, date]))
      .digest("hex");
    return keep(state, { sha, message, parents, date }, at);
  }

  return {
    refs: state.refs,
    commits: state.commits,
    branches: state.branches,
    client: (pause) => clientOf(state, { ...options, now, pause }),
    list: (prefix) =>
      get((horizon) => {
        const refs: Ref[] = [];
        for (const [name, { sha, at }] of state.refs) {
          if (at <= horizon && name.startsWith(prefix)) refs.push({ name, sha, type: state.commits.has(sha) ? "commit" : "blob" });
        }
        return { refs, now: now() };
      }),
    read: (name) =>
      get((horizon) => {
        const ref = state.refs.get(name);
        return ref !== undefined && ref.at <= horizon ? ref.sha : undefined;
      }),
    commit: (sha) => get((horizon) => ((state.births.get(sha) ?? horizon) <= horizon ? state.commits.get(sha) : undefined)),
    async createCommit(message, parents) {
      // Repeated like the client over HTTP, as harmless: what nobody was told of is garbage.
      for (let attempt = 0; attempt < createTries; attempt++) {
        const commit = await post<Commit | undefined>(() => make(message, parents), undefined);
        if (commit !== undefined) return commit;
      }
      throw new Unavailable(`No commit was created after ${createTries} tries`);
    },
    createRef: (name, sha) => post(() => add(name, sha), false),
    push: (prepared) => post(() => pushAll(state, prepared, add, now()), { result: "unknown" as const }),
  };
}

/** Tries to create one commit, as in `lib/io/refs.ts`. */
const createTries = 8;

/** The commit that is there already, or this one, born now. */
function keep(state: State, commit: Commit, at: number): Commit {
  const found = state.commits.get(commit.sha);
  if (found !== undefined) return found;
  state.commits.set(commit.sha, commit);
  state.births.set(commit.sha, at);
  return commit;
}

/** All or nothing, as `git push --atomic` does it. */
function pushAll(state: State, prepared: Prepared, add: (name: string, sha: string) => boolean, at: number): Awaited<ReturnType<Push>> {
  const { payload, outcome, ref, fix, base, branch } = prepared;
  const heads = state.branches.get(branch) ?? [];
  const tip = heads.at(-1);
  const forward = tip === undefined || tip === base || tip === fix;
  if (!forward || state.refs.has(ref)) return { result: "rejected", why: forward ? "the outcome exists" : "not a fast-forward" };
  keep(state, { sha: outcome, message: JSON.stringify(payload), parents: [fix], date: 0 }, at);
  add(ref, outcome);
  if (tip !== fix) state.branches.set(branch, [...heads, fix]);
  return { result: "pushed" };
}
