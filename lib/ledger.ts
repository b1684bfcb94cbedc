/**
 * The ledger: write-once facts about one failing commit, kept as git refs.
 *
 * Creating a ref is atomic, so of any number of writers of one name exactly one wins, whatever the lag and whoever crashes.
 * Facts only accumulate: a stale read shows an older truth, and the write that follows it is refused.
 *
 * - Claims are one total order. `claims/<n>` is the first free number, and its commit's parent is the commit before it:
 *   nobody can write it who has not read all earlier ones.
 * - A claim ends once, by `outcomes/<n>`: its holder writes how it ended, or a successor closes it as lost. Both create the same ref, so
 *   that a holder that was overtaken cannot publish, and a holder that published cannot be overtaken. This is the fence.
 * - An answer other than 201 is unknown until read back. A 422 may be the echo of our own applied write, so only the SHA decides; repeating
 *   the same write is harmless, believing its second answer is not.
 *
 * Longer than most files here: reading and writing share what was seen, and the fence is clear only where both stand.
 *
 * @module
 */
import type { z } from "zod";
import { backoff } from "./backoff.ts";
import {
  type ClaimPayload,
  claimSchema,
  type FailurePayload,
  failureSchema,
  type OutcomePayload,
  outcomeSchema,
  parsePayload,
} from "./payload.ts";
import { type Apart, type Fact, parseRef, prefixOf, refName, type Verdict } from "./refs.ts";
import type { Signature } from "./signature.ts";

export type Ref = { readonly name: string; readonly sha: string; readonly type: string };

/** A commit as the ledger needs it; `date` is the committer's, in milliseconds, stamped by the server. */
export type Commit = { readonly sha: string; readonly message: string; readonly parents: readonly string[]; readonly date: number };

/**
 * Where refs live. Reads may be stale, writes are atomic.
 *
 * Every method may throw `Unavailable` (no answer within the bound) or `Denied` (the token may not).
 */
export type RefStore = {
  /** All refs whose names begin with `prefix`, and the server's clock in milliseconds. */
  list(prefix: string): Promise<{ readonly refs: readonly Ref[]; readonly now: number }>;
  /** The object that one ref points to; undefined when it is not visible. */
  read(name: string): Promise<string | undefined>;
  /** A commit; undefined when it is not visible or not a commit. */
  commit(sha: string): Promise<Commit | undefined>;
  /** A new commit without content of its own, dated by the server. Harmless to repeat. */
  createCommit(message: string, parents: readonly string[]): Promise<Commit>;
  /** True for a plain "created"; everything else is unknown until read back. */
  createRef(name: string, sha: string): Promise<boolean>;
};

/** GitHub did not answer, or not clearly, within the bound. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** A write was sent and nobody can tell whether it was applied: whoever gets this must not act as if it had won. */
export class Unknown extends Unavailable {
  override name = "Unknown";
}

/** The token may not do this. */
export class Denied extends Error {
  override name = "Denied";
}

/** The token may read and not write: a pull request from a fork. */
export class ReadOnly extends Denied {
  override name = "ReadOnly";
}

export type Claim = ClaimPayload & { readonly sha: string; readonly date: number };

export type Outcome =
  | (OutcomePayload & { readonly sha: string; readonly date: number })
  /** Closed by a successor, or by something that is not ours: there is no result, and there never will be. */
  | { readonly result: "lost"; readonly sha: string };

export type Facts = {
  readonly sha: string;
  /** The server's clock when this was read, in milliseconds. */
  readonly now: number;
  readonly claims: readonly Claim[];
  /** Where the next claim goes. */
  readonly next: { readonly n: number; readonly parents: readonly string[] };
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** The claim that was joined; where its job has left, a commit on it that says which run that was. */
  readonly failures: readonly { readonly n: number; readonly flavor: string; readonly sha?: string }[];
  /** What failures that joined had to add; the signature where it was read. */
  readonly signatures: readonly { readonly n: number; readonly flavor: string; readonly signature?: Signature }[];
  readonly verdicts: readonly { readonly n: number; readonly flavor: string; readonly verdict: Verdict; readonly sha: string }[];
  readonly boards: readonly number[];
  readonly pulls: readonly { readonly cause: number; readonly pull: number }[];
  /** Failures that belong to no cause. */
  readonly apart: readonly { readonly reason: Apart; readonly flavor: string }[];
  readonly notices: readonly string[];
  /** Refs and messages that are not ours: reported, never fatal. */
  readonly problems: readonly string[];
};

export type LedgerOptions = {
  readonly sleep: (ms: number) => Promise<void>;
  /** A number in 0..1, for jitter. */
  readonly random: () => number;
  /** Tries to learn what became of one write before it counts as unknown. @default 16 (about a minute) */
  readonly tries?: number;
};

export type Ledger = ReturnType<typeof openLedger>;

/** So many signatures of who joined are read at most: three are written a cause, more only by those who join at once. */
const maxSignatures = 16;

/** Opens the ledger of the commit `sha` (in full) in `store`. */
export function openLedger(store: RefStore, sha: string, options: LedgerOptions) {
  const { sleep, random, tries = 16 } = options;
  const known = new Map<string, Ref>();
  const commits = new Map<string, Commit>();

  /** Creates `name` pointing to `target` and reads back until it is known whose it is; returns the object it points to. */
  async function put(name: string, target: string): Promise<string> {
    const before = known.get(name);
    if (before !== undefined) return before.sha;
    for (let attempt = 0; attempt < tries; attempt++) {
      const found = (await store.createRef(name, target)) ? target : await store.read(name);
      if (found !== undefined) {
        known.set(name, { name, sha: found, type: "commit" });
        return found;
      }
      await sleep(backoff(attempt, random()));
    }
    throw new Unknown(`Cannot tell whether ${name} was written: it stays invisible after ${tries} tries`);
  }

  /** Writes a payload as a commit under a write-once name; undefined when somebody else was first. */
  async function write(fact: Fact, message: string, parents: readonly string[], proceed = async () => true): Promise<Commit | undefined> {
    const commit = await store.createCommit(message, parents);
    commits.set(commit.sha, commit);
    if (!(await proceed())) return undefined;
    return (await put(refName(sha, fact), commit.sha)) === commit.sha ? commit : undefined;
  }

  async function commitOf(ref: Ref): Promise<Commit | undefined> {
    const cached = commits.get(ref.sha);
    if (cached !== undefined) return cached;
    for (let attempt = 0; attempt < tries; attempt++) {
      const commit = ref.type === "commit" ? await store.commit(ref.sha) : undefined;
      if (commit !== undefined || ref.type !== "commit") {
        if (commit !== undefined) commits.set(ref.sha, commit);
        return commit;
      }
      await sleep(backoff(attempt, random()));
    }
    // A ref points to it, so it exists: a view without it would be older than the refs.
    throw new Unavailable(`Cannot read commit ${ref.sha} of ${ref.name}`);
  }

  async function payloadOf<T>(ref: Ref, schema: z.ZodType<T>) {
    const commit = await commitOf(ref);
    if (commit === undefined) return { problem: `points to a ${ref.type}` };
    const parsed = parsePayload(schema, commit.message);
    return "problem" in parsed ? parsed : { value: parsed.value, commit };
  }

  /** Payloads that are not known yet, all at once: however many there are, reading takes two round trips. */
  async function fetchPayloads(signatures: boolean): Promise<void> {
    const wanted = new Map<string, Ref>();
    for (const ref of known.values()) if (/\/(claims|outcomes)\//.test(ref.name)) wanted.set(ref.sha, ref);
    const told = [...known.values()].filter(({ name }) => /\/signatures\//.test(name));
    if (signatures) for (const ref of told.slice(0, maxSignatures)) wanted.set(ref.sha, ref);
    await Promise.all([...wanted.values()].map(commitOf));
  }

  /**
   * Reads all facts. Whatever was seen or written before stays seen, even where this read is older.
   *
   * @param options.signatures With what failures that joined had to add: a request each, and only who matches no claim needs them.
   */
  async function read({ signatures = false } = {}): Promise<Facts> {
    const listed = await store.list(prefixOf(sha));
    for (const ref of listed.refs) {
      // A point read says which object, and only the list says of what type: what took our name may be no commit.
      if ((known.get(ref.name)?.sha ?? ref.sha) === ref.sha) known.set(ref.name, ref);
    }
    await fetchPayloads(signatures);
    const claims: Claim[] = [];
    const outcomes = new Map<number, Outcome>();
    const facts = { failures: [], signatures: [], verdicts: [], boards: [], pulls: [], apart: [], notices: [], problems: [] } as Mutable;

    let n = 1;
    let parents: readonly string[] = [];
    for (let ref = known.get(refName(sha, { kind: "claim", n })); ref !== undefined; ref = known.get(refName(sha, { kind: "claim", n }))) {
      const payload = await payloadOf(ref, claimSchema);
      const problem = "problem" in payload ? payload.problem : chainProblem(payload.value.n, n, payload.commit.parents, parents);
      if (problem !== undefined) facts.problems.push(`${ref.name}: ${problem}`);
      else if ("value" in payload) claims.push({ ...payload.value, sha: ref.sha, date: payload.commit.date });
      if (ref.type === "commit") parents = [ref.sha];
      n++;
    }
    for (const ref of known.values()) {
      const fact = parseRef(sha, ref.name);
      if (fact === undefined || (fact.kind === "claim" && fact.n >= n)) facts.problems.push(`${ref.name}: not a name of ours`);
      else if (fact.kind === "outcome") {
        const claim = claims.find((known) => known.n === fact.n);
        if (claim === undefined) continue;
        const outcome = ref.sha === claim.sha ? ({ result: "lost", sha: ref.sha } as const) : await outcomeOf(ref, fact.n);
        if ("problem" in outcome) facts.problems.push(`${ref.name}: ${outcome.problem}`);
        outcomes.set(fact.n, "problem" in outcome ? { result: "lost", sha: ref.sha } : outcome);
      } else if (fact.kind === "signature") {
        const commit = commits.get(ref.sha);
        const parsed = commit && parsePayload(failureSchema, commit.message);
        if (parsed && "problem" in parsed) facts.problems.push(`${ref.name}: ${parsed.problem}`);
        const { n, flavor } = fact;
        facts.signatures.push({ n, flavor, ...(parsed && "value" in parsed && { signature: parsed.value.signature }) });
      } else collect(facts, fact, ref.sha);
    }
    return { sha, now: listed.now, claims, outcomes, next: { n, parents }, ...facts };
  }

  async function outcomeOf(ref: Ref, n: number): Promise<Outcome | { readonly problem: string }> {
    const payload = await payloadOf(ref, outcomeSchema);
    if ("problem" in payload) return payload;
    const { value, commit } = payload;
    if (value.n !== n) return { problem: `says it ends claim ${value.n}` };
    if (value.result === "fixed" && (value.fix === undefined || commit.parents[0] !== value.fix))
      return { problem: "does not stand on its fix" };
    return { ...value, sha: ref.sha, date: commit.date };
  }

  return {
    sha,
    read,

    /**
     * Claims number `payload.n` on top of `parents`; undefined when somebody else has that number.
     * `proceed` is asked when only the ref is missing: false leaves a commit that nothing points to.
     */
    async claim(payload: ClaimPayload, parents: readonly string[], proceed?: () => Promise<boolean>): Promise<Claim | undefined> {
      const commit = await write({ kind: "claim", n: payload.n }, JSON.stringify(payload), parents, proceed);
      return commit && { ...payload, sha: commit.sha, date: commit.date };
    },

    /** Closes claim `claim` as lost. True when it is closed without a result, false when its holder ended it first. */
    async close(claim: Claim): Promise<boolean> {
      return (await put(refName(sha, { kind: "outcome", n: claim.n }), claim.sha)) === claim.sha;
    },

    /** Ends a claim without a fix. False when it had been closed before. */
    async conclude(claim: Claim, payload: OutcomePayload): Promise<boolean> {
      return (await write({ kind: "outcome", n: claim.n }, JSON.stringify(payload), [claim.sha])) !== undefined;
    },

    /** The object behind one fact by a point read, remembered; undefined when it is not visible. */
    async find(fact: Fact): Promise<string | undefined> {
      const name = refName(sha, fact);
      const found = known.get(name)?.sha ?? (await store.read(name));
      if (found !== undefined) known.set(name, { name, sha: found, type: "commit" });
      return found;
    },

    /** What a test of a fix said; undefined where its commit says nothing. */
    async verdict(target: string): Promise<FailurePayload | undefined> {
      const commit = commits.get(target) ?? (await store.commit(target));
      const parsed = commit && parsePayload(failureSchema, commit.message);
      return parsed && "value" in parsed ? parsed.value : undefined;
    },

    /** Remembers a fact that was written by other means. */
    learn: (fact: Fact, target: string): void =>
      void known.set(refName(sha, fact), { name: refName(sha, fact), sha: target, type: "commit" }),

    /** States a fact by a ref to an object that is there already. True when it was not yet stated with another object. */
    async state(fact: Fact, target: string): Promise<boolean> {
      return (await put(refName(sha, fact), target)) === target;
    },

    /** States a fact by a ref to an object that is there already. True for at most one caller, for none where the answer is lost. */
    first: (fact: Fact, target: string): Promise<boolean> => store.createRef(refName(sha, fact), target),

    /** States a fact with a payload on top of `parents`. True for exactly one caller. */
    async record(fact: Fact, payload: unknown, parents: readonly string[]): Promise<boolean> {
      return (await write(fact, JSON.stringify(payload), parents)) !== undefined;
    },
  };
}

type Mutable = {
  -readonly [Key in "failures" | "signatures" | "verdicts" | "boards" | "pulls" | "apart" | "notices" | "problems"]: Facts[Key][number][];
};

function collect(facts: Mutable, fact: Fact, sha: string): void {
  if (fact.kind === "failure") facts.failures.push({ n: fact.n, flavor: fact.flavor, sha });
  else if (fact.kind === "verdict") facts.verdicts.push({ n: fact.n, flavor: fact.flavor, verdict: fact.verdict, sha });
  else if (fact.kind === "board") facts.boards.push(fact.issue);
  else if (fact.kind === "pull") facts.pulls.push({ cause: fact.cause, pull: fact.pull });
  else if (fact.kind === "apart") facts.apart.push({ reason: fact.reason, flavor: fact.flavor });
  else if (fact.kind === "notice") facts.notices.push(fact.name);
}

function chainProblem(says: number, n: number, parents: readonly string[], expected: readonly string[]): string | undefined {
  if (says !== n) return `says it is claim ${says}`;
  return parents[0] === expected[0] ? undefined : "does not stand on the claim before it";
}
