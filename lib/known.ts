/**
 * Is a failure known already? While a fix waits to be merged, the commits after it fail in the same way, and a lock for each commit would
 * pay for each. So whoever is about to claim a new cause looks whether an ancestor's coordination has a pending fix for it.
 *
 * Asked beside the claim's own requests: two lists while the claim's commit is made, and only where a pull request of ours is open two
 * more round trips. It may lag; a miss costs one analysis, never correctness.
 *
 * @module
 */
import { type Cause, type Coordination, coordinationOf, type Fix, lastVerdict } from "./coordination.ts";
import type { Question } from "./decide.ts";
import { closest } from "./groups.ts";
import { type Claim, type LedgerOptions, openLedger, type Ref, type RefStore } from "./ledger.ts";
import { parseRef } from "./refs.ts";
import { CERTAIN } from "./similarity.ts";

export type Known = {
  /** The commit whose coordination has the fix. */
  readonly sha: string;
  readonly coordination: Coordination;
  readonly cause: Cause;
  /** The claim that the fix came from. */
  readonly claim: Claim;
  readonly fix: Fix;
  readonly similarity: number;
};

/** What there is beside this commit's own coordination. */
export type Elsewhere = {
  readonly store: RefStore;
  /** The refs of all coordinations, as far as they are visible, and the server's clock. */
  readonly list: () => Promise<{ readonly refs: readonly Ref[]; readonly now: number }>;
  /** Numbers of the open pull requests. */
  readonly openPulls: () => Promise<ReadonlySet<number>>;
  /** Does `head` stand on `sha`? */
  readonly isAncestor: (sha: string, head: string) => Promise<boolean>;
  readonly options: LedgerOptions;
};

/** At most so many coordinations are read, those of the newest pull requests. */
const maxCandidates = 5;

/** The pending fix of an ancestor of `head` that covers the failure; where several do, the one most like it. */
export async function findKnown(elsewhere: Elsewhere, head: string, question: Question, threshold: number): Promise<Known | undefined> {
  // What is likely within one commit, two tests that hang for one reason, is a guess about two.
  const enough = Math.max(threshold, CERTAIN);
  const [{ refs, now }, open] = await Promise.all([elsewhere.list(), elsewhere.openPulls()]);
  const pending = new Map<string, Map<number, number>>();
  for (const { name } of refs) {
    const [, sha = ""] = /^refs\/coordination\/([0-9a-f]{40,64})\/pulls\//.exec(name) ?? [];
    const fact = parseRef(sha, name);
    if (sha === head || fact?.kind !== "pull" || !open.has(fact.pull)) continue;
    pending.set(sha, (pending.get(sha) ?? new Map()).set(fact.cause, fact.pull));
  }
  const newest = (pulls: ReadonlyMap<number, number>) => Math.max(...pulls.values());
  const candidates = [...pending].sort((a, b) => newest(b[1]) - newest(a[1])).slice(0, maxCandidates);
  const found = await Promise.all(
    candidates.map(async ([sha, causes]) => {
      const store = {
        ...elsewhere.store,
        list: async (prefix: string) => ({ refs: refs.filter(({ name }) => name.startsWith(prefix)), now }),
      };
      const [related, facts] = await Promise.all([
        elsewhere.isAncestor(sha, head),
        openLedger(store, sha, elsewhere.options).read({ signatures: true }),
      ]);
      return related ? covering(coordinationOf(facts), new Set(causes.keys()), question, enough) : [];
    }),
  );
  return found
    .flat()
    .reduce<Known | undefined>((best, one) => (best === undefined || one.similarity > best.similarity ? one : best), undefined);
}

/** Causes with a pending fix that are like the failure. A fix that this flavor has seen fail covers nothing. */
function covering(coordination: Coordination, causes: ReadonlySet<number>, question: Question, threshold: number): readonly Known[] {
  return coordination.causes.flatMap((cause) => {
    const claim = cause.claims.find(({ n }) => n === cause.fix?.n);
    if (cause.fix === undefined || claim === undefined || !causes.has(cause.cause)) return [];
    const similarity = closest([cause], question.failure, { alike: question.similarity, threshold })?.similarity ?? 0;
    const tested = lastVerdict(cause, question.identity.flavor);
    const refuted = tested?.n === cause.fix.n && tested.verdict !== "passed";
    if (similarity < threshold || refuted) return [];
    return [{ sha: coordination.facts.sha, coordination, cause, claim, fix: cause.fix, similarity }];
  });
}
