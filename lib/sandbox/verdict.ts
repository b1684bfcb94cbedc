/**
 * What a race came to, for people and as JSON.
 *
 * @module
 */
import { formatUsd } from "../cost.ts";
import type { Stagger } from "./duration.ts";
import type { Lock, RoundResult } from "./racing.ts";
import { isRecognizable, type Scenario } from "./scenarios.ts";

export type RaceResult = {
  readonly lock: Lock;
  readonly scenario: string;
  readonly flavors: readonly string[];
  readonly staggerMs: Stagger["ms"];
  readonly lagMs: number;
  readonly seed: number;
  readonly rounds: readonly RoundResult[];
  /** `green`: rounds in which every flavor that could be green is. */
  readonly totals: {
    readonly rounds: number;
    readonly causes: number;
    readonly analyses: number;
    readonly duplicates: number;
    readonly missed: number;
    readonly takeovers: number;
    readonly green: number;
    readonly problems: number;
  };
};

export function resultOf({ staggerMs, ...race }: Omit<RaceResult, "totals">): RaceResult {
  const { rounds } = race;
  const sum = (pick: (round: RoundResult) => number) => rounds.reduce((total, round) => total + pick(round), 0);
  return {
    ...race,
    staggerMs,
    totals: {
      rounds: rounds.length,
      causes: sum(({ causes }) => causes),
      analyses: sum(({ analyses }) => analyses),
      duplicates: sum(({ duplicates }) => duplicates),
      missed: sum(({ missed }) => missed),
      takeovers: sum(({ takeovers }) => takeovers),
      green: sum(({ green }) => Number(green)),
      problems: sum(({ problems }) => problems.length),
    },
  };
}

/** One round: who decided what, when, and what it took. */
export function roundText(round: RoundResult, flavors: readonly string[]): string {
  const width = Math.max(6, ...flavors.map((flavor) => flavor.length));
  const rows = round.decisions.map(
    ({ flavor, analyze, reason, cause, ms, requests }) =>
      `  ${flavor.padEnd(width)}  ${(analyze ? "analyses" : "").padEnd(8)}  ${reason.padEnd(24)}  ${String(cause).padEnd(5)}  ${`${(ms / 1000).toFixed(2)}s`.padStart(8)}  ${String(requests).padStart(8)}`,
  );
  const head = `  ${"flavor".padEnd(width)}  ${"".padEnd(8)}  ${"reason".padEnd(24)}  ${"cause".padEnd(5)}  ${"decided".padStart(8)}  ${"requests".padStart(8)}`;
  return ["", head, ...rows, "", ...round.problems.map((problem) => `  ✗ ${problem}`)].join("\n");
}

/** The whole race, in a few lines. */
export function verdictText(result: RaceResult, scenario: Scenario): string {
  const { totals, rounds, flavors } = result;
  const sum = (pick: (round: RoundResult) => number) => rounds.reduce((total, round) => total + pick(round), 0);
  const good = totals.duplicates === 0 && totals.missed === 0 && totals.problems === 0;
  const alone = scenario.defects.some(isRecognizable) ? flavors.length * totals.rounds : 0;
  const perRound = sum(({ requests }) => requests.total) / Math.max(1, rounds.length);
  return [
    `${good ? "✓" : "✗"} ${result.scenario}, lock ${result.lock}: ${totals.causes} ${totals.causes === 1 ? "cause" : "causes"} in ${totals.rounds} ${totals.rounds === 1 ? "round" : "rounds"}, ${totals.analyses} ${totals.analyses === 1 ? "analysis" : "analyses"} (${alone} without coordination), ${totals.duplicates} duplicate, ${totals.missed} missed${totals.takeovers > 0 ? `, ${totals.takeovers} taken over` : ""}`,
    `  ${scenario.hopeless ? "no fix is possible here" : `${totals.green} of ${totals.rounds} rounds all green`}; ${perRound.toFixed(0)} API requests a round; model ${formatUsd(sum(({ costUsd }) => costUsd))}, waiting ${formatUsd(sum(({ waitUsd }) => waitUsd))}, saved net ${formatUsd(sum(({ savedUsd }) => savedUsd))}`,
  ].join("\n");
}

/** The locks side by side. */
export function compareText(results: readonly RaceResult[]): string {
  const rows = results.map(
    ({ lock, scenario, staggerMs, lagMs, totals }) =>
      `  ${lock.padEnd(10)} ${scenario.padEnd(10)} ${String(staggerMs).replace(",", "..").padEnd(10)} ${`${lagMs / 1000}s`.padEnd(6)} ${String(totals.rounds).padStart(6)} ${String(totals.analyses).padStart(9)} ${String(totals.duplicates).padStart(11)} ${String(totals.missed).padStart(7)} ${String(totals.green).padStart(6)}`,
  );
  return [
    `  ${"lock".padEnd(10)} ${"scenario".padEnd(10)} ${"stagger ms".padEnd(10)} ${"lag".padEnd(6)} rounds  analyses  duplicates  missed  green`,
    ...rows,
  ].join("\n");
}
