/**
 * How often two logs of one commit are rightly called one cause or two, beside naive comparisons: rows for the benchmark.
 *
 * @module
 */
import { formatUsd, NO_USAGE, type Turn, usdOf } from "../cost.ts";
import { group } from "../groups.ts";
import type { Signature } from "../signature.ts";
import { SAME, similarity } from "../similarity.ts";
import { type Log, ratioOf, readCorpus } from "./corpus.ts";
import type { Row } from "./rows.ts";

/** A usual analysis: 30,000 tokens of source and 8,000 of log, diff and rules; thinking and answer. */
const ANALYSIS: Turn = {
  model: "claude-sonnet-5-5",
  usage: { ...NO_USAGE, cacheWriteTokens: 38_000, outputTokens: 4_000, requests: 1 },
};
const PRICED_ON = "2026-11-01";
/** A flavor builds and tests a fix that is not its own: minutes of a runner, at the configuration's default price. */
const RETEST_MINUTES = 10;
const RUNNER_USD_PER_MINUTE = 0.008;
/** Orders in which the logs of a commit are grouped. */
const ORDERS = 200;

type Score = {
  readonly f1: number;
  readonly recall: number;
  readonly precision: number;
  readonly merged: number;
  readonly different: number;
  readonly missed: number;
  readonly same: number;
};

/** Scores every pair of logs within a commit, on all commits and on those kept back while the rules were written. */
export async function measureQuality(corpus: string): Promise<readonly Row[]> {
  const logs = await readCorpus(corpus);
  const rows: Row[] = [];
  for (const [part, keep] of [
    ["all commits", () => true],
    ["kept-back commits", keptBack],
  ] as const) {
    const kept = logs.filter(({ scenario }) => keep(scenario));
    if (kept.length === 0) continue;
    const ours = scoreOf(kept, (a, b) => !a.failure.unrecognized && !b.failure.unrecognized && similarity(a.failure, b.failure) >= SAME);
    const naive: readonly (readonly [string, Score])[] = [
      ["normalized end of log, Levenshtein ratio", scoreOf(kept, (a, b) => ratioOf(a.text, b.text) >= SAME)],
      ["normalized error lines, Levenshtein ratio", scoreOf(kept, (a, b) => ratioOf(a.errors, b.errors) >= SAME)],
    ];
    for (const [name, score] of naive)
      rows.push({
        claim: `${part}: one cause or two`,
        ours: describeScore(ours),
        beside: `${name}: ${describeScore(score)}`,
        ratio: ours.f1 / score.f1,
      });
    for (const [name, score] of naive)
      rows.push({
        claim: `${part}: what errors cost per 100 pairs`,
        ours: describeCost(ours),
        beside: `${name}: ${describeCost(score)}`,
        ratio: null,
      });
    const partition = partitionsOf(kept, similarity);
    const byLines = new Map<Signature, string>(kept.map(({ failure, errors }) => [failure, errors]));
    const naively = partitionsOf(
      kept,
      remembered((a, b) => ratioOf(byLines.get(a) ?? "", byLines.get(b) ?? "")),
    );
    rows.push({
      claim: `${part}: groups as the ledger forms them, worst of ${ORDERS} orders`,
      ours: describePartitions(partition),
      beside: `normalized error lines, Levenshtein ratio: ${describePartitions(naively)}`,
      ratio: partition.worst.f1 / naively.worst.f1,
    });
  }
  return rows;
}

/** Commits that were kept back while the rules were written: two fifths, by a hash of their name. */
function keptBack(scenario: string): boolean {
  const hash = new Bun.CryptoHasher("sha256").update(scenario).digest("hex");
  return Number.parseInt(hash.slice(0, 8), 16) % 5 < 2;
}

/** Counts pairs of logs within a commit. */
function scoreOf(logs: readonly Log[], same: (a: Log, b: Log) => boolean): Score {
  let found = 0;
  let missed = 0;
  let merged = 0;
  let apart = 0;
  for (const [a, b] of pairsOf(logs)) {
    const says = same(a, b);
    if (a.cause === b.cause && says) found++;
    else if (a.cause === b.cause) missed++;
    else if (says) merged++;
    else apart++;
  }
  const recall = found / (found + missed);
  const precision = found + merged === 0 ? 0 : found / (found + merged);
  return {
    f1: (2 * precision * recall) / (precision + recall),
    recall,
    precision,
    merged,
    different: merged + apart,
    missed,
    same: found + missed,
  };
}

function* pairsOf(logs: readonly Log[]): Generator<readonly [Log, Log]> {
  for (const [index, a] of logs.entries()) for (const b of logs.slice(index + 1)) if (a.scenario === b.scenario) yield [a, b];
}

function describeScore(score: Score): string {
  return `F1 ${score.f1.toFixed(3)}, recall ${score.recall.toFixed(3)}, precision ${score.precision.toFixed(3)}, merges ${((100 * score.merged) / Math.max(1, score.different)).toFixed(1)}% of different pairs`;
}

/** USD of what goes wrong in a hundred pairs: a missed pair pays for an analysis, a merged one for a run of tests. */
function describeCost({ missed, merged, same, different }: Score): string {
  const pairs = (same + different) / 100;
  const analyses = missed * (usdOf(ANALYSIS, PRICED_ON) ?? 0);
  const retests = merged * RETEST_MINUTES * RUNNER_USD_PER_MINUTE;
  return `${formatUsd((analyses + retests) / pairs)} (${missed} missed of ${same}: ${formatUsd(analyses / pairs)}, ${merged} merged of ${different}: ${formatUsd(retests / pairs)})`;
}

type Partitions = { readonly stable: number; readonly commits: number; readonly worst: Score };

/** Groups the logs of each commit in many orders, and scores each order by the pairs that share a group. */
function partitionsOf(logs: readonly Log[], alike: (a: Signature, b: Signature) => number): Partitions {
  const commits = [...Map.groupBy(logs, ({ scenario }) => scenario).values()];
  const seen = commits.map(() => new Set<string>());
  let worst: Score | undefined;
  for (let seed = 0; seed < ORDERS; seed++) {
    const causes = new Map<Log, string>();
    for (const [index, members] of commits.entries()) {
      const order = shuffled(members, seed);
      const { groups } = group(
        order.map(({ failure }) => failure),
        alike,
      );
      for (const [number, indices] of groups.entries())
        for (const at of indices) if (order[at] !== undefined) causes.set(order[at], `${index} ${number}`);
      seen[index]?.add(partitionKey(members, causes));
    }
    const score = scoreOf(logs, (a, b) => causes.has(a) && causes.get(a) === causes.get(b));
    if (worst === undefined || score.f1 < worst.f1) worst = score;
  }
  if (worst === undefined) throw new Error("Cannot score partitions: no orders");
  return { stable: seen.filter((partitions) => partitions.size === 1).length, commits: commits.length, worst };
}

/** The same text for the same partition, whatever its groups are called: for each member the first that shares its group. */
function partitionKey(members: readonly Log[], causes: ReadonlyMap<Log, string>): string {
  return members.map((member) => members.findIndex((other) => causes.get(other) === causes.get(member))).join();
}

function describePartitions({ stable, commits, worst }: Partitions): string {
  return `${describeScore(worst)}; the same in every order for ${stable} of ${commits} commits`;
}

/** A comparison that asks for each pair once: the orders ask again and again. */
function remembered(compare: (a: Signature, b: Signature) => number): (a: Signature, b: Signature) => number {
  const known = new Map<Signature, Map<Signature, number>>();
  return (a, b) => {
    const row = known.get(a) ?? new Map<Signature, number>();
    known.set(a, row);
    const score = row.get(b) ?? compare(a, b);
    row.set(b, score);
    return score;
  };
}

/** A fixed order for every seed: the figures must be the same each time. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  return items
    .map((item, index) => ({ item, key: Bun.hash(`${seed} ${index}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
