import { expect, test } from "bun:test";
import { judge } from "../lib/sandbox/judge.ts";
import type { MessageCall } from "../lib/sandbox/messages.ts";
import { typescript } from "../lib/sandbox/projects.ts";
import { type JobResult, keyOf, type Ran, type RoundOptions } from "../lib/sandbox/racing.ts";

const flavors = ["alpha", "beta", "gamma"];

function options(paid: readonly string[], given: Partial<RoundOptions> = {}): RoundOptions {
  const [scenario] = typescript.scenarios;
  if (scenario === undefined) throw new Error("no scenario");
  const shared = { number: 1, flavors, project: typescript, scenario, lock: "ref", kills: 0, runnerUsdPerMinute: 0 } as const;
  const call = (flavor: string): MessageCall => ({
    ...{ at: 0, endpoint: "messages", key: keyOf({ ...shared } as unknown as RoundOptions, flavor), requestId: "req", status: 200 },
    ...{ stream: false, model: "none", request: undefined, usage: undefined },
  });
  return { ...shared, calls: () => paid.map(call), ...given } as unknown as RoundOptions;
}

/** A flavor that ended green; `reasons` of the analyses that it reports. */
function ran(flavor: string, reasons: readonly string[], more: Partial<JobResult> = {}): Ran {
  const decisions = [...reasons.map((reason) => ({ flavor, analyze: true, reason, cause: "1", ms: 0 }))];
  const result = { flavor, dead: false, decisions, analyses: reasons, verdict: "passed", branch: "fix", waitedMs: 0, broken: "", ...more };
  return { result, job: { flavor, passesAt: async () => true } as unknown as Ran["job"] };
}

async function judged(paid: readonly string[], results: readonly Ran[], given: Partial<RoundOptions> = {}) {
  const { llmCalls, analyses, duplicates, missed, problems } = await judge(options(paid, given), results, {});
  return { llmCalls, analyses, duplicates, missed, problems };
}

const dies = { dead: true, analyses: [], verdict: "" };

test("judge() counts an analysis where the model was paid, whatever its flavor reports", async () => {
  expect(await judged(flavors, [ran("alpha", ["first_flavor"]), ran("beta", []), ran("gamma", [])])).toMatchObject({
    ...{ llmCalls: 3, analyses: 3, duplicates: 2, missed: 0 },
    problems: [
      "beta paid the model, and reports no analysis",
      "gamma paid the model, and reports no analysis",
      expect.stringContaining("was analysed 3 times"),
    ],
  });
});

test("judge() calls a cause missed when somebody says that he analysed it, and the model was never asked", async () => {
  expect(await judged([], [ran("alpha", ["first_flavor"]), ran("beta", []), ran("gamma", [])])).toMatchObject({
    ...{ llmCalls: 0, analyses: 0, duplicates: 0, missed: 1 },
    problems: [expect.stringContaining("was never analysed")],
  });
});

test("judge() tells what a killed leader paid apart from a duplicate", async () => {
  const dead = [ran("alpha", ["first_flavor"], dies), ran("beta", ["leader_lost"]), ran("gamma", [])];
  const right = { llmCalls: 2, analyses: 2, duplicates: 0, missed: 0, problems: [] };
  expect(await judged(["alpha", "beta"], dead, { kills: 1 })).toEqual(right);
  // Killed within respond.ts, which had no time to say why it analysed.
  expect(await judged(["alpha", "beta"], [ran("alpha", [], dies), ...dead.slice(1)], { kills: 1 })).toEqual(right);
  const twice = [ran("alpha", ["first_flavor"], dies), ran("beta", ["first_flavor"]), ran("gamma", [])];
  expect(await judged(["alpha", "beta"], twice, { kills: 1 })).toMatchObject({ analyses: 2, duplicates: 1 });
});

test("judge() says when fewer died than were to be killed", async () => {
  const { problems } = await judged(["alpha"], [ran("alpha", ["first_flavor"]), ran("beta", []), ran("gamma", [])], { kills: 1 });
  expect(problems).toEqual(["0 of the 1 that were to be killed died"]);
});
