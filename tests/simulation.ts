/**
 * A seeded world in virtual time: many flavors run the product's own coordination against a memory store, with lag, lost answers and crashes.
 *
 * What is checked is the store's true state and what the flavors did, never what they believe.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Answer, type Context, waitForFix } from "../lib/coordinate.ts";
import { coordinationOf } from "../lib/coordination.ts";
import type { Policy, Question } from "../lib/decide.ts";
import { type Claim, type Facts, type Ledger, openLedger, Unavailable } from "../lib/ledger.ts";
import type { Identity, OutcomePayload } from "../lib/payload.ts";
import { type Prepared, publishFix } from "../lib/publish.ts";
import { refName } from "../lib/refs.ts";
import { type Memory, memoryStore } from "../lib/sandbox/memory.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { virtualTime } from "../lib/sandbox/virtual.ts";
import type { Failure, Signature } from "../lib/signature.ts";

export const head = "a".repeat(40);
const minute = 60_000;
export const policy: Policy = { threshold: 0.7, leaseMs: 15 * minute, maxAttempts: 3, maxClaims: 12, maxWaiting: 0 };

export type Setup = {
  readonly seed: number;
  /** The true cause of each flavor's failure. */
  readonly causes: readonly string[];
  /** What each flavor's log shows of its cause; those are alike that show one thing of one cause. @default all show the same */
  readonly shown?: readonly (readonly string[])[];
  readonly lagMs?: number;
  readonly faultRate?: number;
  readonly staggerMs?: number;
  /** Chance that one request is the process's last. */
  readonly crashRate?: number;
  /** Chance that a crashed job is run again. */
  readonly restartRate?: number;
  /** Chance that a fix is wrong on one flavor. */
  readonly wrongRate?: number;
  /** Flavors that start twice under one and the same identity. */
  readonly twins?: boolean;
  readonly analysisMs?: number;
  /** Others that wait before one is asked for a second opinion; 0 asks nobody. @default 0 */
  readonly maxWaiting?: number;
  /** Replaces a part of the product by a broken one. */
  readonly mutate?: Mutant;
};

/** Breaks one part, to see that the checks notice. */
export type Mutant = {
  readonly store?: (store: Memory) => Memory;
  readonly ledger?: (ledger: Ledger) => Ledger;
  readonly nonce?: () => string;
  readonly coordinate?: (context: Context, question: Question, store: Memory, sleep: (ms: number) => Promise<void>) => Promise<Answer>;
};

export type Trace = {
  readonly ended: "quiet" | "late";
  readonly analyses: readonly { readonly cause: string; readonly n: number; readonly reason: string }[];
  readonly endings: readonly { readonly flavor: string; readonly cause: string; readonly how: string }[];
  readonly violations: readonly string[];
  readonly store: Memory;
};

/** Runs one race to its end and reports every invariant that did not hold. */
export async function simulate(setup: Setup): Promise<Trace> {
  const {
    seed,
    causes,
    lagMs = 0,
    faultRate = 0,
    staggerMs = 0,
    crashRate = 0,
    restartRate = 0,
    wrongRate = 0,
    analysisMs = 60_000,
    maxWaiting = 0,
  } = setup;
  const random = seeded(`race-${seed}`);
  const { now, sleep, run } = virtualTime(1_700_000_000_000);
  const server = memoryStore({ now, random, lagMs, faultRate });
  const analyses: { cause: string; n: number; reason: string }[] = [];
  const endings: { flavor: string; cause: string; how: string }[] = [];
  const violations: string[] = [];
  const dead = new Set<string>();
  const lived = new Set<string>();
  const wrong = new Map<string, number>();

  async function start(index: number, cause: string, runAttempt: number, delay: number): Promise<void> {
    const flavor = `flavor-${index}`;
    const identity: Identity = { flavor, runId: 1000 + index, runAttempt, job: "build" };
    await sleep(delay);
    let crashed = false;
    const pause = async () => {
      await sleep(random() * 300);
      // The dead die once, with all that they have on its way.
      if (crashed) await new Promise(() => {});
      if (random() >= crashRate) return;
      crashed = true;
      dead.add(`${identity.runId}/${runAttempt}`);
      endings.push({ flavor, cause, how: "crashed" });
      if (random() < restartRate) void start(index, cause, runAttempt + 1, random() * 5 * minute);
      await new Promise(() => {});
    };
    const client = server.client(pause);
    const store = setup.mutate?.store?.(client) ?? client;
    const opened = openLedger(store, head, { sleep, random });
    const ledger = setup.mutate?.ledger?.(opened) ?? opened;
    const context: Context = { ledger, policy: { ...policy, maxWaiting }, nonce: setup.mutate?.nonce ?? (() => `nonce-${random()}`) };
    const question: Question = { failure: failureOf(cause, setup.shown?.[index]), identity, similarity: alike };
    const how = await live(context, question, store, cause).catch((error) =>
      error instanceof Unavailable ? "unavailable" : `error: ${error}`,
    );
    if (how !== "unavailable") lived.add(`${identity.runId}/${runAttempt}`);
    endings.push({ flavor, cause, how });
  }

  async function live(context: Context, question: Question, store: Memory, cause: string): Promise<string> {
    const { flavor } = question.identity;
    const ended = async (claims: readonly Claim[]) =>
      new Set(claims.filter((c) => dead.has(`${c.runId}/${c.runAttempt}`) && random() < 0.5).map(({ n }) => n));
    const waiting = { pollMs: 20_000, waitMs: 40 * minute, sleep, random, ended };
    // As in a flavor's job: whoever held or joined a claim stays with its cause.
    let joined: number | undefined;
    for (let turn = 0; turn < 12; turn++) {
      const asked = joined === undefined ? question : { ...question, joined };
      const answer = setup.mutate?.coordinate
        ? await setup.mutate.coordinate(context, asked, store, sleep)
        : await waitForFix(context, asked, waiting);
      joined = answer.claim?.n;
      if (answer.analyze && answer.claim) {
        analyses.push({ cause, n: answer.claim.n, reason: answer.reason });
        await sleep(analysisMs * (0.5 + random()));
        await publish(context, answer.claim, answer, store);
        continue;
      }
      if (answer.fix === undefined) return answer.reason;
      await sleep(random() * minute);
      const passed = wrong.get(answer.fix.sha) !== Number(flavor.slice(7));
      await context.ledger.state({ kind: "verdict", n: answer.fix.n, flavor, verdict: passed ? "passed" : "failed" }, answer.fix.sha);
      if (passed) return "green";
    }
    return "gave up turning";
  }

  async function publish({ ledger, nonce }: Context, claim: Claim, { coordination }: Answer, store: Memory): Promise<void> {
    const base = coordination.causes.find(({ cause }) => cause === claim.cause)?.fix?.sha ?? head;
    const fix = createHash("sha1").update(`${base} ${claim.nonce} ${claim.n}`).digest("hex");
    if (random() < wrongRate) wrong.set(fix, Math.floor(random() * causes.length));
    const branch = `autonomous-fix-${head.slice(0, 7)}-${claim.cause}`;
    const payload: OutcomePayload = {
      v: 1,
      n: claim.n,
      result: "fixed",
      flavor: claim.flavor,
      title: "fix",
      branch,
      fix,
      costUsd: 0.1,
      nonce: nonce(),
    };
    const outcome = createHash("sha1").update(JSON.stringify(payload)).digest("hex");
    const prepared: Prepared = {
      payload,
      outcome,
      ref: refName(head, { kind: "outcome", n: claim.n }),
      fix,
      base,
      branch,
    };
    await publishFix(ledger, claim, prepared, store.push, { sleep, random });
  }

  causes.forEach((cause, index) => {
    void start(index, cause, 1, random() * staggerMs);
    if (setup.twins) void start(index, cause, 1, random() * staggerMs);
  });
  const ended = await run(24 * 60 * minute);
  const truth = await openLedger({ ...server, ...truthOf(server) }, head, { sleep: async () => {}, random }).read();
  violations.push(...check(setup, server, truth, analyses, endings, ended));
  // A claim belongs to somebody: who wrote it and lived knows that it is his, and analyses.
  for (const { n, runId, runAttempt } of truth.claims) {
    const holder = `${runId}/${runAttempt}`;
    if (lived.has(holder) && !dead.has(holder) && !analyses.some((analysis) => analysis.n === n))
      violations.push(`claim ${n} was won by nobody`);
  }
  return { ended, analyses, endings, violations, store: server };
}

/** Reads without lag: the truth, for the checks. */
function truthOf(server: Memory): Pick<Memory, "list" | "commit"> {
  return {
    list: async (prefix) => ({
      now: 0,
      refs: [...server.refs].filter(([name]) => name.startsWith(prefix)).map(([name, { sha }]) => ({ name, sha, type: "commit" })),
    }),
    commit: async (sha) => server.commits.get(sha),
  };
}

function check(
  setup: Setup,
  server: Memory,
  truth: Awaited<ReturnType<Ledger["read"]>>,
  analyses: Trace["analyses"],
  endings: Trace["endings"],
  ended: string,
): string[] {
  const violations: string[] = [];
  const { causes } = coordinationOf(truth);
  if (ended === "late") violations.push("something never ended");
  const expected = setup.causes.length * (setup.twins ? 2 : 1);
  if (endings.length < expected) violations.push("a flavor never ended");
  for (const problem of truth.problems) violations.push(`foreign fact: ${problem}`);

  violations.push(...liveTogether(setup, server, truth));
  // One analysis a claim, and every analysis under a claim of its own.
  const paid = analyses.map(({ n }) => n);
  for (const n of new Set(paid)) if (paid.filter((other) => other === n).length > 1) violations.push(`claim ${n} was analysed twice`);
  for (const { n, cause } of analyses) {
    if (truth.claims.find((claim) => claim.n === n)?.signature.title !== cause)
      violations.push(`analysis of ${cause} under claim ${n}, which is not its own`);
  }
  // Each failure in exactly one cause.
  for (const { flavor, how } of endings) {
    if (how === "crashed" || how === "unavailable") continue;
    const joined = causes.filter((cause) => cause.flavors.includes(flavor)).length;
    if (joined !== 1) violations.push(`${flavor} (${how}) is in ${joined} causes`);
    if (how.startsWith("error") || how === "gave up turning") violations.push(`${flavor}: ${how}`);
  }
  // Nothing missed: where somebody lived to the end, somebody analysed.
  for (const cause of new Set(setup.causes)) {
    const survivors = endings.filter(
      (ending) => ending.cause === cause && !["crashed", "unavailable", "already_coordinated"].includes(ending.how),
    );
    if (survivors.length > 0 && !analyses.some((analysis) => analysis.cause === cause)) violations.push(`${cause} was never analysed`);
  }
  // Branches move only together with an outcome, and only forward.
  const fixes = new Set([...truth.outcomes.values()].flatMap((outcome) => (outcome.result === "fixed" ? [outcome.fix] : [])));
  for (const [branch, heads] of server.branches) {
    for (const fix of heads) if (!fixes.has(fix)) violations.push(`${branch} holds a fix of an overtaken claim`);
  }
  return violations;
}

/**
 * No two live claims for one cause: a claim is written only after every earlier one of its true cause had ended. Where second opinions are
 * asked for, one may stand beside each leader; where it has a fix, the leader's own is not waited for any more.
 */
function liveTogether({ maxWaiting = 0, shown }: Setup, server: Memory, { claims, outcomes }: Facts): string[] {
  const violations: string[] = [];
  const endedAt = (n: number) => server.refs.get(refName(head, { kind: "outcome", n }))?.at ?? Number.POSITIVE_INFINITY;
  const fixedAt = (n: number) => (outcomes.get(n)?.result === "fixed" ? endedAt(n) : Number.POSITIVE_INFINITY);
  for (const claim of claims) {
    const at = server.refs.get(refName(head, { kind: "claim", n: claim.n }))?.at ?? 0;
    const before = claims.filter(
      (earlier) =>
        earlier.n < claim.n && (shown === undefined ? earlier.signature.id === claim.signature.id : earlier.cause === claim.cause),
    );
    for (const { n, cause } of before) if (cause !== claim.cause) violations.push(`claims ${n} and ${claim.n} call one failure two causes`);
    const live = before.filter(({ n }) => endedAt(n) > at && !before.some((later) => later.n > n && fixedAt(later.n) <= at));
    const [leader] = live;
    const isSecond = maxWaiting > 0 && claim.reason === "second_flavor" && leader !== undefined && live.length === 1;
    if (isSecond && !before.some(({ n, reason }) => reason === "second_flavor" && n >= leader.n)) continue;
    violations.push(...live.map(({ n }) => `claim ${claim.n} was written while claim ${n} was live`));
  }
  return violations;
}

/** As the product's: nothing is as like a failure as itself. */
function alike(a: Signature, b: Signature): number {
  if (a.id === b.id) return 1;
  return a.facts.some((fact) => b.facts.includes(fact)) ? 0.8 : 0;
}

function failureOf(cause: string, shown: readonly string[] = [""]): Failure {
  const facts = shown.map((one) => `${cause}:${one}`);
  const signature: Signature = { id: facts.join(" "), title: cause, lines: [cause], facts };
  return { ...signature, bytes: 1, unrecognized: false, infrastructure: false };
}
