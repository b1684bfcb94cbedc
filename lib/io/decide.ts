/**
 * One flavor's decision over GitHub; or, where GitHub does not let us have one, what that comes to.
 *
 * @module
 */
import { type Answer, type Context, coordinate } from "../coordinate.ts";
import type { Question } from "../decide.ts";
import { ReadOnly, Unavailable, Unknown } from "../ledger.ts";
import type { Failure } from "../signature.ts";
import { similarity } from "../similarity.ts";
import { annotate } from "./actions.ts";
import { lookElsewhere } from "./elsewhere.ts";
import { type Decided, nonce, random, type Step, sleep } from "./step.ts";

/** The answer for the step's flavor; or the outputs that say why there is none. `more` is what is known beside its failure. */
export async function decideOrExplain(
  step: Step,
  failure: Failure,
  more: Pick<Question, "ended" | "joined"> = {},
): Promise<Answer | Decided> {
  const without = { cause: "", claim: "", wait_for_branch: "", issue_number: "", similarity: 0 } as const;
  try {
    const question = { failure, identity: step.place.identity, similarity, ...more };
    const leaves = step.config.wait === "dispatch";
    return await coordinate({ ledger: step.ledger, policy: step.policy, nonce, leaves, ...elsewhereOf(step) }, question);
  } catch (error) {
    if (error instanceof ReadOnly) {
      annotate("notice", `${error.message}. Pull requests from forks are not coordinated.`, step.environment);
      return { should_analyze: false, reason: "read_only_token", ...without };
    }
    if (!(error instanceof Unavailable)) throw error;
    // An unknown claim may be ours: analysing without knowing could pay twice.
    const analyze = step.config.on_error === "analyze" && !(error instanceof Unknown);
    annotate("warning", `${error.message} (on_error: ${step.config.on_error})`, step.environment);
    return { should_analyze: analyze, reason: "coordination_unavailable", ...without };
  }
}

/** Other commits' coordinations are seen as refs. With the issue lock each is in an issue of its own, and would cost requests: a miss. */
function elsewhereOf({ github, ledger, policy, lock }: Step): Pick<Context, "elsewhere"> {
  if (lock !== undefined) return {};
  return { elsewhere: (question) => lookElsewhere({ github, head: ledger.sha, threshold: policy.threshold, sleep, random }, question) };
}
