/**
 * What is said and done for a flavor that does not analyse: a person called, a pending fix of an ancestor joined, the machine tried again.
 *
 * @module
 */
import type { Answer } from "../coordinate.ts";
import { annotate, setOutputs } from "./actions.ts";
import { joinKnown } from "./elsewhere.ts";
import { escalate, finish } from "./finish.ts";
import { type Rerun, rerunOnce } from "./rerun.ts";
import { random, type Step, sleep, stepAt } from "./step.ts";

const rerunText: Readonly<Record<Rerun, string>> = {
  started: "its job runs once more",
  running: "its job can run once more when the whole run has ended",
  denied: "the token may not run it once more (actions: write)",
  none: "it is not run once more",
};

/** Follows an answer of this very job up; a failure in it is a warning. */
export async function stepAside(step: Step, answer: Answer): Promise<void> {
  if (answer.reason === "escalated") await escalate(step, answer);
  else if (answer.known !== undefined) await showKnown(step, answer);
  else if (answer.reason === "infrastructure" && answer.claim === undefined) {
    const rerun = await rerunOnce(step.github, step.place.identity);
    await setOutputs({ rerun }, step.environment);
    annotate("notice", `The machine failed, not the code: ${rerunText[rerun]}`, step.environment);
    if (answer.coordination.facts.boards.length > 0) await finish(step);
  }
}

/** Shows the flavor on the board of the coordination that has its fix. */
export async function showKnown(step: Step, { known }: Answer): Promise<void> {
  if (known === undefined) return;
  try {
    await joinKnown(step.store, known, step.place.identity.flavor, { sleep, random });
    await finish(stepAt(step, known.sha));
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    annotate("warning", `Cannot show this flavor on the board of ${known.sha.slice(0, 7)}: ${why}`, step.environment);
  }
}
