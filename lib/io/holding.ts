/**
 * A claim is never left behind: on Ctrl-C or SIGTERM it is ended as `gave-up` with what it cost so far, so that nobody waits for its lease.
 *
 * @module
 */
import { join } from "node:path";
import { logLine } from "../neutralize.ts";
import { onExit } from "./command.ts";
import { finish } from "./finish.ts";
import { paidFor } from "./handover.ts";
import { loadState, type Step } from "./step.ts";

export type Holding = {
  /** Aborts waiting when the job is interrupted. */
  readonly signal: AbortSignal;
  /** Work in which a claim may be won or ended: an interrupted process waits for its end. */
  during<T>(work: Promise<T>): Promise<T>;
  /** The claim that is held now, if any, has ended. */
  ended(): void;
  /** Ends the claim that is held, with a reason for people, and what its analysis has cost. */
  release(why: string): Promise<void>;
};

/** Where the analysis of a claim leaves what it comes to. */
export function analysisFolder(folder: string, n: number): string {
  return join(folder, `analysis-${n}`);
}

/** Watches over the claims of one flavor's job, whose state lies in `folder`. */
export function holdClaims(step: Step, folder: string): Holding {
  const stop = new AbortController();
  const over = new Set<number>();
  let busy: Promise<unknown> = Promise.resolve();

  const held = () => {
    try {
      const { held, claim } = loadState(folder);
      return held && claim !== undefined && !over.has(claim.n) ? claim : undefined;
    } catch {
      return undefined;
    }
  };

  async function release(why: string): Promise<void> {
    const claim = held();
    if (claim === undefined) return;
    over.add(claim.n);
    const { n, flavor, nonce } = claim;
    const costUsd = paidFor(analysisFolder(folder, n), claim, step.place.sha);
    const title = (await step.redact(why)).slice(0, 400);
    const ended = await step.ledger.conclude(claim, { v: 1, n, result: "gave-up", flavor, title, costUsd, nonce });
    process.stderr.write(`${logLine(`fixonce: claim ${n} ${ended ? "released" : "had ended"}: ${why}`)}\n`);
    await finish(step);
  }

  onExit(async (interrupted) => {
    stop.abort();
    await busy.catch(() => {});
    await release(interrupted ? "interrupted" : "the step broke off");
  });

  return {
    signal: stop.signal,
    release,
    async during(work) {
      busy = work;
      try {
        return await work;
      } finally {
        // Interrupted: what comes next is the cleanup's, and the process ends with it.
        if (stop.signal.aborted) await new Promise(() => {});
      }
    },
    ended() {
      const claim = held();
      if (claim !== undefined) over.add(claim.n);
    },
  };
}
