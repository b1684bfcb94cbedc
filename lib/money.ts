/**
 * What the analyses of a coordination have cost and saved: one figure for the board, the pull requests, the summaries and the archive.
 *
 * @module
 */
import { type Cause, type Coordination, lastVerdict } from "./coordination.ts";
import { formatUsd, plus, savingsUsd } from "./cost.ts";

export type Money = { readonly analyses: number; readonly costUsd: number | null; readonly savedUsd: number | null };

/** What the analyses of a cause have cost: the same on the board, in its pull request and in a step's summary. */
export function costOf({ claims }: Pick<Cause, "claims">): { readonly analyses: number; readonly costUsd: number | null } {
  const ended = claims.flatMap(({ outcome }) => (outcome === undefined || outcome.result === "lost" ? [] : [outcome]));
  return { analyses: ended.length, costUsd: ended.reduce<number | null>((sum, one) => plus(sum, one.costUsd), 0) };
}

/** `$0.42 for 2 analyses`. */
export function costText({ analyses, costUsd }: { readonly analyses: number; readonly costUsd: number | null }): string {
  return `${formatUsd(costUsd)} for ${analyses} ${analyses === 1 ? "analysis" : "analyses"}`;
}

/** What all analyses cost, and what the flavors that are green did not have to pay, less what their waiting cost at most. */
export function moneyOf({ causes }: Coordination, runnerUsdPerMinute: number): Money {
  let costUsd: number | null = 0;
  let savedUsd: number | null = 0;
  let analyses = 0;
  for (const cause of causes) {
    const own = costOf(cause);
    analyses += own.analyses;
    costUsd = plus(costUsd, own.costUsd);
    const leader = cause.claims.find(({ n }) => n === cause.fix?.n);
    if (leader?.outcome === undefined || leader.outcome.result === "lost") continue;
    const followersPassed = cause.flavors.filter(
      (flavor) => flavor !== leader.flavor && lastVerdict(cause, flavor)?.verdict === "passed",
    ).length;
    const minutesWaited = (followersPassed * Math.max(0, leader.outcome.date - leader.date)) / 60_000;
    savedUsd = plus(savedUsd, savingsUsd({ leaderUsd: leader.outcome.costUsd, followersPassed, minutesWaited, runnerUsdPerMinute }));
  }
  return { analyses, costUsd, savedUsd };
}
