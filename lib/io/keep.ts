/**
 * What a decision leaves for the next steps of a flavor's job: outputs, state, and the claim with what its analysis must stand on.
 *
 * @module
 */
import { z } from "zod";
import type { Answer } from "../coordinate.ts";
import type { Claim } from "../ledger.ts";
import { claimSchema } from "../payload.ts";
import type { Failure } from "../signature.ts";
import { setOutputs } from "./actions.ts";
import { contextOf } from "./context.ts";
import { type Decided, outputsOf, type Step, saveState, stateFolder, writeJson } from "./step.ts";

/** Leaves an answer for the next steps, as outputs and files. */
export async function leave(step: Step, failure: Failure, answer: Answer, skewMs: number): Promise<Decided> {
  const outputs = outputsOf(answer);
  await setOutputs({ ...outputs, state: await keep(step, failure, answer, skewMs) }, step.environment);
  return outputs;
}

/**
 * Keeps an answer in the flavor's folder, and returns the folder.
 *
 * @param passing flavors of the commit that are known to pass
 */
export async function keep(step: Step, failure: Failure, answer: Answer, skewMs: number, passing: readonly string[] = []): Promise<string> {
  const { environment, place } = step;
  const folder = stateFolder(environment, place);
  const { id, title, lines, facts, bytes, unrecognized, infrastructure } = failure;
  const plain = { id, title, lines: [...lines], facts: [...facts], bytes, unrecognized, infrastructure };
  const claim = answer.claim && plainClaim(answer.claim);
  saveState(folder, {
    v: 1,
    sha: place.sha,
    identity: place.identity,
    failure: plain,
    skewMs,
    ...(claim && { claim }),
    ...(answer.known && { known: answer.known.sha }),
    held: answer.analyze,
    ...(answer.fix && { fix: { ...answer.fix } }),
  });
  if (answer.analyze && answer.claim) {
    const { n, cause, attempt, flavor, signature } = answer.claim;
    writeJson(folder, "claim.json", { sha: place.sha, n, cause, attempt, flavor, signature });
    writeJson(folder, "context.json", await contextOf(step, answer, passing));
  }
  return folder;
}

function plainClaim(claim: Claim) {
  return claimSchema.extend({ sha: z.string(), date: z.number() }).parse(claim);
}
