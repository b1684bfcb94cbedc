import { expect, test } from "bun:test";
import { checkBudget, formatUsd, NO_USAGE, priceOf, savingsUsd, sumUsage, totalUsd, usdOf } from "../lib/cost.ts";

const day = "2026-11-22";
const usage = { ...NO_USAGE, inputTokens: 10_000, outputTokens: 2_000, cacheReadTokens: 50_000, cacheWriteTokens: 20_000, requests: 1 };

test.each([
  ["claude-haiku-5-5", 0.001 + 0.001 + 0.0005 + 0.0025],
  ["claude-sonnet-5-5", 0.02 + 0.02 + 0.005 + 0.05],
  ["claude-opus-5-5", 0.04 + 0.04 + 0.01 + 0.1],
])("usdOf() bills %s with cache reads and writes", (model, usd) => {
  expect(usdOf({ model, usage }, day)).toBeCloseTo(usd, 10);
});

test("usdOf() multiplies the whole request when haiku's prompt passes 100,000 tokens, and not at 100,000", () => {
  const at = { ...NO_USAGE, inputTokens: 60_000, cacheReadTokens: 40_000, outputTokens: 1_000 };
  const usd = 0.006 + 0.0004 + 0.0005;
  expect(usdOf({ model: "claude-haiku-5-5", usage: at }, day)).toBeCloseTo(usd, 10);
  expect(usdOf({ model: "claude-haiku-5-5", usage: { ...at, inputTokens: 60_001 } }, day)).toBeCloseTo(5 * (usd + 1e-7), 10);
  expect(usdOf({ model: "claude-sonnet-5-5", usage: { ...at, inputTokens: 600_000 } }, day)).toBeCloseTo(1.2 + 0.004 + 0.01, 10);
});

test("totalUsd() judges the prompt's length for each request, not for their sum", () => {
  const turn = { model: "claude-haiku-5-5", usage: { ...NO_USAGE, inputTokens: 90_000 } };
  expect(totalUsd([turn, turn], day)).toBeCloseTo(0.018, 10);
});

test("totalUsd() is unpriced as soon as one request is, and never $0 for that", () => {
  expect(totalUsd([{ model: "some-other-model", usage }], day)).toBeNull();
  expect(
    totalUsd(
      [
        { model: "claude-opus-5-5", usage },
        { model: "x", usage },
      ],
      day,
    ),
  ).toBeNull();
  expect(formatUsd(null)).toBe("unpriced");
});

test("priceOf() takes the newest price that holds on the day, the configuration's before ours", () => {
  const old = { model: "m", from: "2026-01-01", input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
  const next = { ...old, from: "2026-12-01", input: 2 };
  expect(priceOf("m", day, [old, next])).toEqual(old);
  expect(priceOf("m", "2026-12-01", [old, next])).toEqual(next);
  expect(priceOf("m", "2025-12-31", [old, next])).toBeNull();
  expect(priceOf("m", day, [old, { ...old, input: 9 }])?.input).toBe(9);
  expect(priceOf("claude-opus-5-5-20260901", day)?.input).toBe(4);
  expect(priceOf("claude-opus-5-51", day)).toBeNull();
});

test("sumUsage() adds turns up and remembers that one of them was estimated", () => {
  expect(sumUsage([usage, { ...usage, estimated: true }])).toEqual({
    inputTokens: 20_000,
    outputTokens: 4_000,
    cacheReadTokens: 100_000,
    cacheWriteTokens: 40_000,
    requests: 2,
    estimated: true,
  });
});

test("checkBudget() refuses before the call what could pass any of the budgets", () => {
  const request = { model: "claude-sonnet-5-5", promptTokens: 40_000, maxTokens: 16_000 };
  const spent = { analysisUsd: 0, commitUsd: 0, dayUsd: 0 };
  const ask = (budget: object, already: object = {}, model = request.model) =>
    checkBudget({ ...request, model }, { ...spent, ...already }, { budget, day });
  expect(ask({})).toEqual({ kind: "fits", worstUsd: 0.26, leftUsd: null });
  expect(ask({ perAnalysisUsd: 0.26 }).kind).toBe("fits");
  expect(ask({ perAnalysisUsd: 0.25 })).toEqual({ kind: "over", budget: "analysis", worstUsd: 0.26, leftUsd: 0.25 });
  expect(ask({ perAnalysisUsd: 1, perCommitUsd: 1 }, { commitUsd: 0.9 })).toMatchObject({ kind: "over", budget: "commit" });
  expect(ask({ perDayUsd: 1 }, { dayUsd: 0.5, analysisUsd: 0.4 })).toMatchObject({ kind: "over", budget: "day" });
  expect(ask({ perAnalysisUsd: 1 }, {}, "unknown")).toEqual({ kind: "unpriced", model: "unknown" });
  expect(ask({}, {}, "unknown")).toEqual({ kind: "fits", worstUsd: null, leftUsd: null });
});

test("savingsUsd() takes the waiting off, and may be a loss", () => {
  expect(savingsUsd({ leaderUsd: 0.1, followersPassed: 3, minutesWaited: 0, runnerUsdPerMinute: 0.008 })).toBeCloseTo(0.3);
  expect(savingsUsd({ leaderUsd: 0.1, followersPassed: 1, minutesWaited: 15, runnerUsdPerMinute: 0.062 })).toBeCloseTo(-0.83);
  expect(savingsUsd({ leaderUsd: null, followersPassed: 1, minutesWaited: 15, runnerUsdPerMinute: 0.062 })).toBeNull();
});

test.each([
  [0, "$0.00"],
  [0.001, "<$0.01"],
  [0.005, "<$0.01"],
  [0.01, "$0.01"],
  [0.125, "$0.13"],
  [1.005, "$1.01"],
  [12.3, "$12.30"],
  [-0.83, "-$0.83"],
  [-0.001, "$0.00"],
])("formatUsd(%p) is %p", (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});
