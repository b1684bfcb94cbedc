/**
 * One failing flavor's way through the ledger: read, decide, then claim, close or join, until the answer stands.
 *
 * Losing a claim is not an error: somebody else wrote a fact that must be read before deciding again.
 *
 * @module
 */
import { pollDelay } from "./backoff.ts";
import { type Cause, type Coordination, coordinationOf, type Fix, waitingFlavors } from "./coordination.ts";
import { type Decision, decide, type Policy, type Question, type Reason } from "./decide.ts";
import { adds } from "./groups.ts";
import type { Known } from "./known.ts";
import { type Claim, type Ledger, Unavailable } from "./ledger.ts";

export type Context = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly nonce: () => string;
  /** Whoever would wait leaves (`wait: dispatch`), and says which run it was, so that one like it can test the fix. @default false */
  readonly leaves?: boolean;
  /** Looks for a pending fix of an ancestor, beside the requests of a claim for a new cause. It answers in bounded time and never throws. */
  readonly elsewhere?: (question: Question) => Promise<Known | undefined>;
};

export type Answer = {
  /** This flavor holds the claim and pays for the analysis. */
  readonly analyze: boolean;
  readonly reason: Reason;
  readonly similarity: number;
  /** The claim held, or the one joined. */
  readonly claim?: Claim;
  /** The fix to test. */
  readonly fix?: Fix;
  /** The fix is one of an ancestor's coordination; `claim` and `fix` are that one's. */
  readonly known?: Known;
  /** What was known when it was decided. */
  readonly coordination: Coordination;
};

/** Reports one failure and returns what its flavor does next; at most one claim is written. */
export async function coordinate(context: Context, question: Question): Promise<Answer> {
  const { ledger, policy } = context;
  let known: Known | undefined;
  let looking: Promise<Known | undefined> | undefined;
  // Every further turn means that somebody wrote a claim or an outcome, and a commit has at most so many of them.
  for (let turn = 0; turn < 2 * policy.maxClaims + 10; turn++) {
    let coordination = coordinationOf(await ledger.read());
    const decideOn = () => decide(coordination, { ...question, known: known !== undefined }, policy);
    let decision = decideOn();
    if (mayBeTold(decision, question, coordination, policy)) {
      coordination = coordinationOf(await ledger.read({ signatures: true }));
      decision = decideOn();
    }
    if (decision.action === "close") await ledger.close(decision.claim);
    else if (decision.action === "analyze") {
      const isNew = decision.reason === "first_flavor" || decision.reason === "different_error";
      looking ??= isNew ? context.elsewhere?.(question) : undefined;
      const looked = isNew ? looking : undefined;
      const claim = await claimFor(context, question, coordination, decision, async () => {
        known = await looked;
        return known === undefined;
      });
      if (claim !== undefined) {
        const { facts } = coordination;
        const claimed = coordinationOf({ ...facts, claims: [...facts.claims, claim], next: { n: claim.n + 1, parents: [claim.sha] } });
        return { analyze: true, reason: decision.reason, similarity: decision.similarity, claim, coordination: claimed };
      }
    } else {
      await join(context, question, decision, coordination);
      const { reason, similarity, cause, claim } = decision;
      if (reason === "known_failure" && known !== undefined) {
        const { claim, fix, similarity } = known;
        return { analyze: false, reason, similarity, claim, fix, known, coordination };
      }
      const fix = reason === "fix_available" ? cause?.fix : undefined;
      return { analyze: false, reason, similarity, ...(claim && { claim }), ...(fix && { fix }), coordination };
    }
  }
  throw new Unavailable("Cannot decide: the facts keep changing");
}

function claimFor(
  { ledger, nonce }: Context,
  { failure, identity }: Question,
  { facts }: Coordination,
  decision: Decision & { action: "analyze" },
  proceed: () => Promise<boolean>,
) {
  const { id, title, lines, facts: identifying } = failure;
  const { cause, attempt, reason } = decision;
  const signature = { id, title, lines: [...lines], facts: [...identifying] };
  return ledger.claim(
    { v: 1, n: facts.next.n, cause, attempt, reason, ...identity, signature, nonce: nonce() },
    facts.next.parents,
    proceed,
  );
}

/** Nothing that was claimed is like the failure, and what others added who joined was not read yet. */
function mayBeTold(decision: Decision, { failure }: Question, { causes }: Coordination, { threshold }: Policy): boolean {
  if (failure.unrecognized || failure.infrastructure || decision.action === "close" || decision.similarity >= threshold) return false;
  return causes.some(({ told }) => told.some(({ signature }) => signature === undefined));
}

async function join(
  { ledger, leaves }: Context,
  { identity, failure }: Question,
  decision: Decision & { action: "wait" | "test" | "leave" },
  { facts }: Coordination,
): Promise<void> {
  const { reason, cause, claim } = decision;
  const { flavor } = identity;
  const joins = cause !== undefined && claim !== undefined && !cause.flavors.includes(flavor);
  const tells = joins && adds(cause, failure);
  if (reason === "unrecognized_failure") await ledger.state({ kind: "apart", reason: "unrecognized", flavor }, ledger.sha);
  else if (reason === "infrastructure" && cause === undefined)
    await ledger.state({ kind: "apart", reason: "infrastructure", flavor }, ledger.sha);
  else if (leaves && decision.action === "wait" && claim !== undefined) {
    const left = facts.failures.some((one) => one.flavor === flavor && cause?.claims.some(({ n, sha }) => n === one.n && sha !== one.sha));
    if (!left) await ledger.record({ kind: "failure", n: claim.n, flavor }, { v: 1, ...identity }, [claim.sha]);
  } else if (joins && !tells) await ledger.state({ kind: "failure", n: claim.n, flavor }, claim.sha);
  // Last: who dies before it has said that it leaves has joined nothing.
  if (tells) {
    const { id, title, lines, facts: named } = failure;
    const said = { v: 1, flavor, signature: { id, title, lines, facts: named } };
    await ledger.record({ kind: "signature", n: claim.n, flavor }, said, [claim.sha]);
  }
}

export type WaitOptions = {
  /** Shortest time between two polls, in milliseconds; many waiters poll more slowly. */
  readonly pollMs: number;
  /** How long to wait at most, in milliseconds of the server's clock. */
  readonly waitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Which of these claims' jobs are known to have ended: asked in turns. */
  readonly ended?: (claims: readonly Claim[]) => Promise<ReadonlySet<number>>;
  readonly onPoll?: (answer: Answer) => void;
};

/**
 * Waits until there is something to do: a fix to test, an analysis to take over, or nothing any more.
 * At the deadline the answer still says "in progress".
 */
export async function waitForFix(context: Context, question: Question, options: WaitOptions): Promise<Answer> {
  let answer = await coordinate(context, question);
  const start = answer.coordination.facts.now;
  const polls = Math.ceil(options.waitMs / (options.pollMs * 0.9)) + 2;
  for (
    let poll = 0;
    poll < polls && options.waitMs > 0 && isWaiting(answer) && answer.coordination.facts.now - start <= options.waitMs;
    poll++
  ) {
    options.onPoll?.(answer);
    const cause = causeOf(answer);
    const waiting = cause ? waitingFlavors(cause) : [];
    await options.sleep(pollDelay(waiting.length, options.random(), options.pollMs));
    // The waiting take turns in asking, so that their number does not multiply the requests.
    const turns = Math.max(2, waiting.length);
    const mine = (waiting.indexOf(question.identity.flavor) + 1) % turns === poll % turns;
    const ended = cause && options.ended && mine ? await options.ended(cause.live) : new Set<number>();
    const joined = answer.claim === undefined ? {} : { joined: answer.claim.n };
    answer = await coordinate(context, { ...question, ended, ...joined });
  }
  return answer;
}

export function isWaiting({ reason }: Answer): boolean {
  return isWaitingReason(reason);
}

/** Another flavor is at work on this failure. */
export function isWaitingReason(reason: string): boolean {
  return reason === "fix_in_progress" || reason === "multiple_flavors_waiting";
}

export function causeOf({ coordination, claim, known }: Answer): Cause | undefined {
  if (known !== undefined) return known.cause;
  return coordination.causes.find(({ cause }) => cause === claim?.cause);
}
