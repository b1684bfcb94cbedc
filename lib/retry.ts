/**
 * What an analysis must know of those before it: what was tried and what came of it, and what was spent.
 *
 * @module
 */
import type { Cause, Coordination } from "./coordination.ts";

export type Tried = {
  readonly n: number;
  readonly edits: unknown;
  readonly newFiles: unknown;
  readonly rootCause: unknown;
  readonly verdicts: readonly { readonly flavor: string; readonly verdict: string; readonly title?: string }[];
};

/**
 * Every ended attempt of a cause with each flavor's verdict.
 *
 * @param titles what a failed test said, by the SHA of its verdict
 */
export function attemptsOf(cause: Cause, { facts }: Coordination, titles: ReadonlyMap<string, string> = new Map()): readonly Tried[] {
  return cause.claims.flatMap(({ n, outcome }) => {
    if (outcome === undefined || outcome.result === "lost") return [];
    const { edits, newFiles, rootCause } = (outcome.conversation ?? {}) as Readonly<Record<string, unknown>>;
    const verdicts = facts.verdicts
      .filter((verdict) => verdict.n === n)
      .map(({ flavor, verdict, sha }) => {
        const title = titles.get(sha);
        return { flavor, verdict, ...(title !== undefined && { title }) };
      });
    return [{ n, edits: edits ?? [], newFiles: newFiles ?? [], rootCause: rootCause ?? "", verdicts }];
  });
}

/** The verdicts on a cause's fixes whose commit says more than their name. */
export function telling(cause: Cause, { facts }: Coordination): readonly string[] {
  const own = new Set(cause.claims.map(({ n }) => n));
  return facts.verdicts.filter(({ n, verdict }) => own.has(n) && verdict !== "passed").map(({ sha }) => sha);
}

/**
 * What the other claims of a commit have cost, in USD. A claim at work, one whose holder was lost, and one without a price count as
 * `assumedUsd`: they may have paid, and a budget that takes the unknown for nothing does not hold.
 */
export function spentUsd({ causes }: Coordination, own: number, assumedUsd: number): number {
  const claims = causes.flatMap((cause) => cause.claims).filter(({ n }) => n !== own);
  return claims.reduce((sum, { outcome }) => {
    const known = outcome !== undefined && outcome.result !== "lost" ? outcome.costUsd : null;
    return sum + (known ?? assumedUsd);
  }, 0);
}
