/**
 * The context of an analysis, gathered from the ledger before the step that has the API key and no token.
 *
 * @module
 */
import { type Answer, causeOf } from "../coordinate.ts";
import { attemptsOf, spentUsd, telling } from "../retry.ts";
import { annotate } from "./actions.ts";
import { dayUsd } from "./day.ts";
import type { Step } from "./step.ts";

/** What was tried, who fails, and what was spent; nothing in it is needed for a decision. */
export async function contextOf(step: Step, answer: Answer, passing: readonly string[]) {
  const { coordination } = answer;
  const cause = causeOf(answer);
  const titles = new Map<string, string>();
  if (cause !== undefined)
    await Promise.all(
      telling(cause, coordination).map(async (sha) => {
        const said = await step.ledger.verdict(sha).catch(() => undefined);
        if (said !== undefined) titles.set(sha, said.signature.title);
      }),
    );
  const assumedUsd = step.config.budget_analysis_usd ?? 0;
  const commitUsd = spentUsd(coordination, answer.claim?.n ?? 0, assumedUsd);
  return {
    attempts: cause === undefined ? [] : attemptsOf(cause, coordination, titles),
    flavors: { failing: cause?.flavors ?? [], passing },
    spent: { commitUsd, dayUsd: await spentToday(step, answer.coordination.facts.now, commitUsd) },
  };
}

/** Without a budget for the day nobody asks. With one that cannot be read nothing is left of it: an unknown sum is not a small one. */
async function spentToday(step: Step, now: number, commitUsd: number): Promise<number> {
  const { config, place, environment } = step;
  if (config.budget_day_usd === null) return commitUsd;
  try {
    const since = now - (now % 86_400_000);
    const options = { url: place.gitUrl, token: place.token, environment };
    return commitUsd + (await dayUsd(options, { since, except: place.sha, assumedUsd: config.budget_analysis_usd ?? 0 }));
  } catch (error) {
    annotate("warning", `${error instanceof Error ? error.message : error}; nothing is left of budget_day_usd`, environment);
    return config.budget_day_usd;
  }
}
