/**
 * Money: prices by model and date, usage -> USD, budgets before the call, savings net of waiting, one format.
 *
 * A model without a price is *unpriced* (null), never $0: a wrong zero looks like a saving. Sums over unpriced parts are
 * unpriced. Everything that shows money goes through `formatUsd`, so the board, the PR and the summary agree to the cent.
 *
 * @module
 */

/** Tokens of one or more requests, as the Messages API bills them. `estimated`: a broken stream never told its output. */
export type Usage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly requests: number;
  readonly estimated: boolean;
};

/** One request's usage and the model that ran it: prices depend on the size of each request. */
export type Turn = { readonly model: string; readonly usage: Usage };

/** USD per million tokens from a day on. */
export type Price = {
  readonly model: string;
  /** First day the price holds, `YYYY-MM-DD`. */
  readonly from: string;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** A prompt (input, cache reads and writes) over `tokens` multiplies the whole request. */
  readonly long?: { readonly tokens: number; readonly factor: number };
};

/** List prices, published at https://platform.claude.com/docs/en/about-claude/pricing; the configuration may override them. */
export const PRICES: readonly Price[] = [
  {
    model: "claude-haiku-5-5",
    from: "2026-01-01",
    input: 0.1,
    output: 0.5,
    cacheRead: 0.01,
    cacheWrite: 0.125,
    long: { tokens: 100_000, factor: 5 },
  },
  { model: "claude-sonnet-5-5", from: "2026-01-01", input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  { model: "claude-opus-5-5", from: "2026-01-01", input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
];

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, requests: 0, estimated: false };

/** Add usages up. */
export function sumUsage(usages: readonly Usage[]): Usage {
  return usages.reduce(
    (sum, usage) => ({
      inputTokens: sum.inputTokens + usage.inputTokens,
      outputTokens: sum.outputTokens + usage.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + usage.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + usage.cacheWriteTokens,
      requests: sum.requests + usage.requests,
      estimated: sum.estimated || usage.estimated,
    }),
    NO_USAGE,
  );
}

/** The newest price of `model` that holds on `day` (`YYYY-MM-DD`); later entries win over earlier ones of the same day. */
export function priceOf(model: string, day: string, prices: readonly Price[] = PRICES): Price | null {
  const known = prices.filter((price) => price.from <= day && (model === price.model || datedVersion(model, price.model)));
  return known.reduce<Price | null>((best, price) => (best === null || price.from >= best.from ? price : best), null);
}

/** USD of one request, or null where the model has no price. */
export function usdOf(turn: Turn, day: string, prices: readonly Price[] = PRICES): number | null {
  const price = priceOf(turn.model, day, prices);
  if (price === null) return null;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = turn.usage;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  const factor = price.long !== undefined && prompt > price.long.tokens ? price.long.factor : 1;
  const perMillion =
    inputTokens * price.input + outputTokens * price.output + cacheReadTokens * price.cacheRead + cacheWriteTokens * price.cacheWrite;
  return (factor * perMillion) / 1e6;
}

/** USD of all requests of an analysis; null as soon as one of them is unpriced. */
export function totalUsd(turns: readonly Turn[], day: string, prices: readonly Price[] = PRICES): number | null {
  return turns.reduce<number | null>((sum, turn) => plus(sum, usdOf(turn, day, prices)), 0);
}

/** What has been spent and what may be, in USD. Undefined budgets do not bound. */
export type Budget = {
  readonly perAnalysisUsd?: number;
  readonly perCommitUsd?: number;
  readonly perDayUsd?: number;
};

export type BudgetAnswer =
  | { readonly kind: "fits"; readonly worstUsd: number | null; readonly leftUsd: number | null }
  | { readonly kind: "over"; readonly budget: "analysis" | "commit" | "day"; readonly worstUsd: number; readonly leftUsd: number }
  | { readonly kind: "unpriced"; readonly model: string };

/**
 * May this request be made? Its worst case (every prompt token written to the cache, every output token used) must fit
 * what is left of each budget. A budget cannot be kept for a model without a price, so that is refused too.
 */
export function checkBudget(
  request: { readonly model: string; readonly promptTokens: number; readonly maxTokens: number },
  spent: { readonly analysisUsd: number; readonly commitUsd: number; readonly dayUsd: number },
  options: { readonly budget: Budget; readonly day: string; readonly prices?: readonly Price[] },
): BudgetAnswer {
  const worst = usdOf(
    { model: request.model, usage: { ...NO_USAGE, cacheWriteTokens: request.promptTokens, outputTokens: request.maxTokens } },
    options.day,
    options.prices ?? PRICES,
  );
  const left = [
    { budget: "analysis", limit: options.budget.perAnalysisUsd, used: spent.analysisUsd },
    { budget: "commit", limit: options.budget.perCommitUsd, used: spent.commitUsd + spent.analysisUsd },
    { budget: "day", limit: options.budget.perDayUsd, used: spent.dayUsd + spent.analysisUsd },
  ] as const;
  const bounded = left.flatMap(({ budget, limit, used }) => (limit === undefined ? [] : [{ budget, leftUsd: limit - used }]));
  const tightest = bounded.reduce<(typeof bounded)[number] | null>(
    (best, one) => (best === null || one.leftUsd < best.leftUsd ? one : best),
    null,
  );
  if (tightest === null) return { kind: "fits", worstUsd: worst, leftUsd: null };
  if (worst === null) return { kind: "unpriced", model: request.model };
  if (worst > tightest.leftUsd) return { kind: "over", budget: tightest.budget, worstUsd: worst, leftUsd: Math.max(0, tightest.leftUsd) };
  return { kind: "fits", worstUsd: worst, leftUsd: tightest.leftUsd };
}

/**
 * What one shared analysis saved, an estimate: each follower whose re-test passed would have paid the leader's cost;
 * the runner minutes that followers waited are taken off. Null when the analysis is unpriced. May be negative.
 */
export function savingsUsd(shared: {
  readonly leaderUsd: number | null;
  readonly followersPassed: number;
  readonly minutesWaited: number;
  readonly runnerUsdPerMinute: number;
}): number | null {
  if (shared.leaderUsd === null) return null;
  return shared.leaderUsd * shared.followersPassed - shared.minutesWaited * shared.runnerUsdPerMinute;
}

/** `$0.12`; `<$0.01` for more than nothing and less than a cent; `-$1.50`; `unpriced` for null. */
export function formatUsd(usd: number | null): string {
  if (usd === null) return "unpriced";
  if (usd > 0 && usd < 0.01) return "<$0.01";
  const cents = Math.round(Math.abs(usd) * 100 + 1e-7);
  return `${usd < 0 && cents > 0 ? "-" : ""}$${(cents / 100).toFixed(2)}`;
}

export function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** `claude-opus-5-5-20260901` is a snapshot of `claude-opus-5-5` and has its price. */
function datedVersion(model: string, base: string): boolean {
  return model.startsWith(`${base}-`) && /^\d{8}$/.test(model.slice(base.length + 1));
}
