/**
 * What came of a round, measured from outside: who asked the model, what each flavor decided, and whether its build passes with the fix.
 *
 * @module
 */
import { totalUsd } from "../cost.ts";
import type { MessageCall } from "./messages.ts";
import { keyOf, type Ran, type RoundOptions, type RoundResult } from "./racing.ts";
import { defectFor, isRecognizable } from "./scenarios.ts";

/** Reasons that make one more analysis of a cause right. */
const justified = ["fix_failed", "retry", "leader_lost", "timeout", "second_flavor"];
/** Reasons that need a leader's death. */
const succeeding = ["leader_lost", "timeout"];

export async function judge(options: RoundOptions, ran: readonly Ran[], byFlavor: Readonly<Record<string, number>>): Promise<RoundResult> {
  const { scenario, lock, flavors } = options;
  const results = ran.map(({ result }) => result);
  const problems: string[] = [];
  const trueCause = (flavor: string) => defectFor(scenario, flavor);
  const causes = [...new Set(results.map(({ flavor }) => trueCause(flavor)))].filter(isRecognizable);
  let [analyses, duplicates, missed] = [0, 0, 0];
  for (const { cause } of causes) {
    const own = results.filter(({ flavor }) => trueCause(flavor).cause === cause);
    const reasons = own.flatMap((result) => result.analyses);
    analyses += reasons.length;
    const first = reasons.filter((reason) => !justified.includes(reason)).length;
    const killed = own.some(({ dead }) => dead);
    if (first > 1) problems.push(`${cause} was analysed ${first} times`);
    duplicates += Math.max(0, first - 1);
    if (reasons.length === 0 && !(killed && own.every(({ dead }) => dead))) {
      missed++;
      problems.push(`${cause} was never analysed`);
    }
  }
  const paid = options
    .calls()
    .filter(
      ({ key, status, endpoint }) =>
        endpoint === "messages" && status === 200 && results.some(({ flavor }) => key === keyOf(options, flavor)),
    );
  const costUsd = paid.reduce((sum, call) => sum + costOf(call), 0);
  const waitUsd = (results.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / 60_000) * options.runnerUsdPerMinute;
  const alone = analyses === 0 ? 0 : (costUsd / analyses) * flavors.filter((flavor) => isRecognizable(trueCause(flavor))).length;

  const dead = results.filter((result) => result.dead).length;
  const takeovers = results
    .flatMap(({ decisions }) => decisions)
    .filter(({ analyze, reason }) => analyze && succeeding.includes(reason)).length;
  if (takeovers > dead) problems.push(`${takeovers} takeovers of ${dead} dead: somebody who lived was overtaken`);

  let green = true;
  for (const { broken, flavor } of results) if (broken !== "") problems.push(`${flavor}: ${broken}`);
  for (const flavor of flavors) {
    // The last word of a flavor: that of the run on the fix, where it was dispatched.
    const { job, result } = ran.findLast((one) => one.job.flavor === flavor && (one.result.verdict !== "" || !one.result.dead)) ?? {};
    if (job === undefined || result === undefined || lock === "prototype") continue;
    const asExpected = scenario.hopeless ? true : result.verdict === "passed" && (await job.passesAt(result.branch));
    if (!asExpected) problems.push(`${flavor} is not green (${result.verdict || (result.decisions.at(-1)?.reason ?? "no decision")})`);
    green &&= asExpected;
  }
  return {
    causes: causes.length,
    analyses,
    duplicates,
    missed,
    takeovers,
    green: green && lock !== "prototype" && !scenario.hopeless,
    decisions: results.flatMap(({ flavor, decisions }) => decisions.map((decision) => ({ ...decision, requests: byFlavor[flavor] ?? 0 }))),
    requests: { total: Object.values(byFlavor).reduce((sum, count) => sum + count, 0), byFlavor },
    llmCalls: paid.length,
    costUsd,
    savedUsd: alone - costUsd - waitUsd,
    waitUsd,
    problems,
  };
}

function costOf({ at, model, usage }: MessageCall): number {
  if (usage === undefined) return 0;
  const plain = {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens,
    requests: 1,
    estimated: false,
  };
  return totalUsd([{ model, usage: plain }], new Date(at).toISOString().slice(0, 10)) ?? 0;
}
