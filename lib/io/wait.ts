/**
 * A follower's wait, over git: it costs nothing of GitHub's hourly limit. When the leader was lost, exactly one follower takes over.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { causeOf, isWaiting, waitForFix } from "../coordinate.ts";
import { waitingFlavors } from "../coordination.ts";
import { similarity } from "../similarity.ts";
import { escalate, showBoard } from "./finish.ts";
import { leave } from "./keep.ts";
import { endedJobs } from "./runs.ts";
import { type Decided, nonce, random, type State, type Step } from "./step.ts";

export type WaitOptions = {
  /** Shortest time between two looks. @default That of the configuration */
  readonly pollMs?: number;
  /** Ends the wait by throwing. */
  readonly signal?: AbortSignal;
};

export type Waited = { readonly decided: Decided; readonly waiting: boolean };

/** Waits until there is something to do, or the deadline; the new decision is left for the next steps. */
export async function awaitFix(step: Step, state: State, options: WaitOptions = {}): Promise<Waited> {
  const { pollMs = step.config.poll_seconds * 1000, signal } = options;
  const { failure, identity, claim } = state;
  const question = { failure, identity, similarity, ...(claim !== undefined && state.known === undefined && { joined: claim.n }) };
  let polls = 0;
  const answer = await waitForFix({ ledger: step.ledger, policy: step.policy, nonce }, question, {
    pollMs,
    // A little longer than the lease, so that whoever waits from the start sees it end; who is dispatched does not wait.
    waitMs: step.config.wait === "dispatch" ? 0 : step.policy.leaseMs * 1.1 + 5000,
    sleep: async (ms) => void (await sleep(ms, undefined, signal && { signal })),
    random,
    ended: (claims) => endedJobs(step.github, claims),
    onPoll: (now) => {
      const cause = causeOf(now);
      // The leader is busy and may not write: the first of the waiting shows once who waits.
      if (++polls === 2 && cause !== undefined && waitingFlavors(cause)[0] === state.identity.flavor) void showBoard(step);
      const live = cause?.live[0];
      process.stderr.write(
        `waiting for ${live?.flavor ?? "the fix"} (claim ${live?.n ?? "?"}), ${cause ? waitingFlavors(cause).length : 1} waiting\n`,
      );
    },
  });
  const decided = await leave(step, state.failure, answer, state.skewMs);
  if (answer.reason === "escalated") await escalate(step, answer);
  return { decided, waiting: isWaiting(answer) };
}
