/**
 * What came of a round, measured from outside: who asked the model, what each flavor decided, and whether its build passes with the fix.
 *
 * @module
 */
import { totalUsd } from "../cost.ts";
import type { MessageCall } from "./messages.ts";
import { type JobResult, keyOf, type Ran, type RoundOptions, type RoundResult } from "./racing.ts";
import { defectFor, isRecognizable } from "./scenarios.ts";

/** Reasons that make one more analysis of a cause right. */
const justified = ["fix_failed", "retry", "leader_lost", "timeout", "second_flavor"];
/** Reasons that need a leader's death. */
const succeeding = ["leader_lost", "timeout"];

/**
 * Judges a round that is over.
 *
 * @param ran Every job that ended, in the order of their ends; a flavor that was dispatched has several.
 * @param byFlavor Requests to the API by flavor.
 * @returns What was counted, and in `problems` a sentence for whatever must not be.
 */
export async function judge(options: RoundOptions, ran: readonly Ran[], byFlavor: Readonly<Record<string, number>>): Promise<RoundResult> {
  const { scenario, lock, flavors } = options;
  const results = ran.map(({ result }) => result);
  const problems: string[] = [];
  const trueCause = (flavor: string) => defectFor(scenario, flavor);
  const causes = [...new Set(results.map(({ flavor }) => trueCause(flavor)))].filter(isRecognizable);
  const paid = paidCalls(options, results);
  const payers = new Set(paid.map(({ key }) => key));
  let [analyses, duplicates, missed] = [0, 0, 0];
  for (const { cause } of causes) {
    const own = results.filter(({ flavor }) => trueCause(flavor).cause === cause);
    const found = analysesOf(own, (flavor) => payers.has(keyOf(options, flavor)));
    problems.push(...found.problems);
    analyses += found.reasons.length;
    const first = found.reasons.filter((reason) => reason !== unknown && !justified.includes(reason)).length;
    if (first > 1) problems.push(`${cause} was analysed ${first} times`);
    duplicates += Math.max(0, first - 1);
    if (found.reasons.length === 0 && !own.every(({ dead }) => dead)) {
      missed++;
      problems.push(`${cause} was never analysed`);
    }
  }
  const costUsd = paid.reduce((sum, call) => sum + costOf(call), 0);
  const waitUsd = (results.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / 60_000) * options.runnerUsdPerMinute;
  const alone = analyses === 0 ? 0 : (costUsd / analyses) * flavors.filter((flavor) => isRecognizable(trueCause(flavor))).length;

  const dead = results.filter((result) => result.dead).length;
  // Without a cause that can be recognised there is no leader to kill.
  if (causes.length > 0 && dead < options.kills) problems.push(`${dead} of the ${options.kills} that were to be killed died`);
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

/** What the flavors of a round paid the model for: its own log of calls, told apart by their keys. */
function paidCalls(options: RoundOptions, results: readonly JobResult[]): readonly MessageCall[] {
  const keys = new Set(results.map(({ flavor }) => keyOf(options, flavor)));
  return options.calls().filter(({ key, status, endpoint }) => endpoint === "messages" && status === 200 && keys.has(key));
}

/** The reason of an analysis whose payer died before it told any. */
const unknown = "unknown";

/**
 * The analyses of one cause, counted where the model was asked: whoever paid has analysed, whatever it reports.
 *
 * @param own What the cause's flavors report; the dead may have paid and reported nothing, the living may not.
 * @returns The reason of each analysis, and a sentence for each that its flavor keeps quiet about.
 */
function analysesOf(own: readonly JobResult[], hasPaid: (flavor: string) => boolean) {
  const reasons: string[] = [];
  const problems: string[] = [];
  for (const flavor of new Set(own.filter((result) => hasPaid(result.flavor)).map((result) => result.flavor))) {
    const jobs = own.filter((result) => result.flavor === flavor);
    const reported = jobs.flatMap((result) => result.analyses);
    const decided = jobs.flatMap(({ decisions }) => decisions.flatMap(({ analyze, reason }) => (analyze ? [reason] : [])));
    const killed = jobs.some(({ dead }) => dead);
    if (reported.length > 0) reasons.push(...reported);
    else if (killed) reasons.push(decided.at(-1) ?? unknown);
    else {
      reasons.push("unreported");
      problems.push(`${flavor} paid the model, and reports no analysis`);
    }
  }
  return { reasons, problems };
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
