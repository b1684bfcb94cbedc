import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Decision, decide, type Policy, type Question } from "../lib/decide.ts";
import type { Identity } from "../lib/payload.ts";
import { claimOf, coordinationWith, failureOf, minute, start, verdictOf, type World } from "./facts.ts";

const policy: Policy = { threshold: 0.7, leaseMs: 15 * minute, maxAttempts: 3, maxClaims: 20, maxWaiting: 0 };
const me: Identity = { flavor: "macos", runId: 7, runAttempt: 1, job: "build" };
/** The holder of claim 1, as `claimOf(1, "linux")` makes it. */
const holder: Identity = { flavor: "linux", runId: 1001, runAttempt: 1, job: "build" };

type Row = {
  readonly when: string;
  readonly world?: World;
  readonly question?: Partial<Question>;
  readonly policy?: Partial<Policy>;
  /** `action reason`, then the claim or the cause and attempt. */
  readonly decides: string;
};

function told(decision: Decision): string {
  const { action, reason } = decision;
  if (decision.action === "analyze") return `${action} ${reason}: cause ${decision.cause}, attempt ${decision.attempt}`;
  return `${action} ${reason}${decision.claim ? `: claim ${decision.claim.n}` : ""}`;
}

function decided(row: Omit<Row, "when" | "decides">): Decision {
  const question: Question = {
    failure: failureOf("list_size"),
    identity: me,
    similarity: (a, b) => (a.id === b.id ? 1 : 0),
    ...row.question,
  };
  return decide(coordinationWith(row.world), question, { ...policy, ...row.policy });
}

const one = [claimOf(1, "linux")];
const plainOf = (id: string) => ({ id, title: "", lines: [], facts: [] });
const added = (n: number, id?: string) => [{ n, flavor: "windows", ...(id !== undefined && { signature: plainOf(id) }) }];
const waiting = (...flavors: string[]) => flavors.map((flavor) => ({ n: 1, flavor }));
const late = start + 15 * minute;

const rows: Readonly<Record<string, readonly Row[]>> = {
  "nobody else": [
    { when: "no claim for the commit", decides: "analyze first_flavor: cause 1, attempt 1" },
    {
      when: "only failures without a cause are known",
      world: { apart: [{ reason: "unrecognized", flavor: "linux" }] },
      decides: "analyze first_flavor: cause 1, attempt 1",
    },
    {
      when: "no claim is similar",
      world: { claims: one },
      question: { failure: failureOf("other") },
      decides: "analyze different_error: cause 2, attempt 1",
    },
    {
      when: "no claim is similar, causes 1 and 3 are known",
      world: { claims: [...one, claimOf(2, "a", { cause: 3 })] },
      question: { failure: failureOf("other") },
      decides: "analyze different_error: cause 4, attempt 1",
    },
    {
      when: "no claim is similar and the claims of the commit are used up",
      world: { claims: one },
      question: { failure: failureOf("other") },
      policy: { maxClaims: 1 },
      decides: "leave escalated",
    },
    {
      when: "a pending fix of an ancestor covers it",
      question: { known: true },
      decides: "leave known_failure",
    },
    {
      when: "a pending fix of an ancestor covers it, but this commit has a claim for it already",
      world: { claims: one },
      question: { known: true },
      decides: "wait fix_in_progress: claim 1",
    },
  ],
  "what others added who joined": [
    {
      when: "it is like that, and like no claim",
      world: { claims: one, signatures: added(1, "other") },
      question: { failure: failureOf("other") },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "it was not read",
      world: { claims: one, signatures: added(1) },
      question: { failure: failureOf("other") },
      decides: "analyze different_error: cause 2, attempt 1",
    },
    {
      when: "it is like that, and like the claim of another cause",
      world: { claims: [...one, claimOf(2, "a", { cause: 2, signature: plainOf("other") })], signatures: added(1, "other") },
      question: { failure: failureOf("other") },
      decides: "wait fix_in_progress: claim 2",
    },
  ],
  "a claim that it joined before": [
    {
      when: "it is like no claim, and what it was told is not seen",
      world: { claims: one },
      question: { failure: failureOf("other"), joined: 1 },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "another was claimed meanwhile that is more like it",
      world: { claims: [claimOf(1, "linux", { signature: plainOf("other") }), claimOf(2, "a", { cause: 2 })] },
      question: { joined: 1 },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "the claim is not visible",
      world: { claims: one },
      question: { failure: failureOf("other"), joined: 2 },
      decides: "analyze different_error: cause 2, attempt 1",
    },
  ],
  "no cause": [
    {
      when: "no error is recognised in the log",
      world: { claims: one },
      question: { failure: failureOf("list_size", { unrecognized: true }) },
      decides: "leave unrecognized_failure",
    },
    {
      when: "the machine failed",
      question: { failure: failureOf("disk", { infrastructure: true }) },
      decides: "leave infrastructure",
    },
    {
      when: "nothing is recognised, and so no machine either",
      question: { failure: failureOf("x", { infrastructure: true, unrecognized: true }) },
      decides: "leave unrecognized_failure",
    },
  ],
  "a live claim": [
    {
      when: "held by this run and job",
      world: { claims: one },
      question: { identity: holder },
      decides: "leave already_coordinated: claim 1",
    },
    {
      when: "held by this run and job, its lease over",
      world: { claims: one, now: late + 1 },
      question: { identity: holder },
      decides: "leave already_coordinated: claim 1",
    },
    { when: "nobody else waits", world: { claims: one }, decides: "wait fix_in_progress: claim 1" },
    {
      when: "this flavor waits already",
      world: { claims: one, failures: waiting("macos") },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "others wait",
      world: { claims: one, failures: waiting("windows") },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "held by the same flavor of another run",
      world: { claims: one },
      question: { identity: { ...holder, runId: 9 } },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "held by another job of this run and flavor",
      world: { claims: one },
      question: { identity: { ...holder, job: "test" } },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "held by another flavor of this run and job",
      world: { claims: one },
      question: { identity: { ...holder, flavor: "macos" } },
      decides: "wait fix_in_progress: claim 1",
    },
  ],
  "a second opinion": [
    {
      when: "too few wait",
      world: { claims: one, failures: waiting("a") },
      policy: { maxWaiting: 2 },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "enough others wait",
      world: { claims: one, failures: waiting("a", "b") },
      policy: { maxWaiting: 2 },
      decides: "analyze second_flavor: cause 1, attempt 1",
    },
    {
      when: "this flavor is one of the two that wait",
      world: { claims: one, failures: waiting("a", "macos") },
      policy: { maxWaiting: 2 },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "somebody gives one already",
      world: { claims: [...one, claimOf(2, "a", { reason: "second_flavor" })], failures: waiting("b", "c") },
      policy: { maxWaiting: 2 },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "somebody gave one and found nothing, while the first is still at work",
      world: { claims: [...one, claimOf(2, "a", { reason: "second_flavor" })], failures: waiting("b", "c"), outcomes: { 2: "gave-up" } },
      policy: { maxWaiting: 2 },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "the claims of the commit are used up",
      world: { claims: one, failures: waiting("a", "b") },
      policy: { maxWaiting: 2, maxClaims: 1 },
      decides: "wait multiple_flavors_waiting: claim 1",
    },
    {
      when: "the one at work is a retry, which may have a second opinion of its own",
      world: {
        claims: [...one, claimOf(2, "a", { reason: "second_flavor" }), claimOf(3, "b", { attempt: 2 })],
        failures: waiting("c", "d"),
        outcomes: { 1: "gave-up", 2: "gave-up" },
      },
      policy: { maxWaiting: 2 },
      decides: "analyze second_flavor: cause 1, attempt 2",
    },
  ],
  "a lost leader": [
    { when: "the lease ends this very millisecond", world: { claims: one, now: late }, decides: "wait fix_in_progress: claim 1" },
    { when: "the lease is over", world: { claims: one, now: late + 1 }, decides: "close timeout: claim 1" },
    {
      when: "the lease is over by our clock but not by the server's",
      world: { claims: [claimOf(1, "linux", { date: start + 10 * minute })], now: late + 1 },
      decides: "wait fix_in_progress: claim 1",
    },
    { when: "its job ended", world: { claims: one }, question: { ended: new Set([1]) }, decides: "close leader_lost: claim 1" },
    { when: "another job ended", world: { claims: one }, question: { ended: new Set([2]) }, decides: "wait fix_in_progress: claim 1" },
    {
      when: "this is a later attempt of its own run",
      world: { claims: one },
      question: { identity: { ...holder, runAttempt: 2 } },
      decides: "close leader_lost: claim 1",
    },
    {
      when: "this is an earlier attempt of its own run",
      world: { claims: [claimOf(1, "linux", { runAttempt: 2 })] },
      question: { identity: holder },
      decides: "wait fix_in_progress: claim 1",
    },
    {
      when: "the second opinion is lost and the first is at work",
      world: { claims: [...one, claimOf(2, "a", { reason: "second_flavor" })] },
      question: { ended: new Set([2]) },
      decides: "close leader_lost: claim 2",
    },
    {
      when: "it was closed in time",
      world: { claims: one, outcomes: { 1: "lost" } },
      decides: "analyze leader_lost: cause 1, attempt 1",
    },
    {
      when: "it was closed after its lease",
      world: { claims: one, outcomes: { 1: "lost" }, now: late + 1 },
      decides: "analyze timeout: cause 1, attempt 1",
    },
    {
      when: "it was closed, and the claims of the commit are used up",
      world: { claims: one, outcomes: { 1: "lost" } },
      policy: { maxClaims: 1 },
      decides: "leave escalated: claim 1",
    },
    {
      when: "a retry was closed: the same attempt once more",
      world: { claims: [...one, claimOf(2, "a", { attempt: 2 })], outcomes: { 1: "gave-up", 2: "lost" } },
      decides: "analyze leader_lost: cause 1, attempt 2",
    },
    {
      when: "the retry of a failed fix was closed, and this flavor failed with that fix",
      world: {
        claims: [...one, claimOf(2, "a", { attempt: 2, reason: "fix_failed" })],
        outcomes: { 1: "fixed", 2: "lost" },
        verdicts: [verdictOf(1, "macos", "failed")],
      },
      decides: "analyze leader_lost: cause 1, attempt 2",
    },
  ],
  "a fix": [
    { when: "not tested here", world: { claims: one, outcomes: { 1: "fixed" } }, decides: "test fix_available: claim 1" },
    {
      when: "three hours later",
      world: { claims: one, outcomes: { 1: "fixed" }, now: start + 180 * minute },
      decides: "test fix_available: claim 1",
    },
    {
      when: "tested elsewhere and failed",
      world: { claims: one, outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "linux", "failed")] },
      decides: "test fix_available: claim 1",
    },
    {
      when: "passed here before",
      world: { claims: one, outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "macos", "passed")] },
      decides: "test fix_available: claim 1",
    },
    {
      when: "failed here",
      world: { claims: one, outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "macos", "failed")] },
      decides: "analyze fix_failed: cause 1, attempt 2",
    },
    {
      when: "failed and passed here: a failure outweighs",
      world: {
        claims: one,
        outcomes: { 1: "fixed" },
        verdicts: [verdictOf(1, "macos", "failed"), verdictOf(1, "macos", "passed")],
      },
      decides: "analyze fix_failed: cause 1, attempt 2",
    },
    {
      when: "failed here with the first, and the second is not tested",
      world: {
        claims: [...one, claimOf(2, "macos", { attempt: 2 })],
        outcomes: { 1: "fixed", 2: "fixed" },
        verdicts: [verdictOf(1, "macos", "failed")],
      },
      decides: "test fix_available: claim 2",
    },
    {
      when: "failed here, attempts used up",
      world: {
        claims: [claimOf(1, "linux", { attempt: 3 })],
        outcomes: { 1: "fixed" },
        verdicts: [verdictOf(1, "macos", "failed")],
      },
      decides: "leave escalated: claim 1",
    },
    {
      when: "failed here, and a retry is at work",
      world: {
        claims: [...one, claimOf(2, "a", { attempt: 2, reason: "fix_failed" })],
        outcomes: { 1: "fixed" },
        verdicts: [verdictOf(1, "macos", "failed"), verdictOf(1, "a", "failed")],
      },
      decides: "wait multiple_flavors_waiting: claim 2",
    },
    {
      when: "of an older claim than a lost one",
      world: { claims: [...one, claimOf(2, "a")], outcomes: { 1: "lost", 2: "fixed" } },
      decides: "test fix_available: claim 2",
    },
    {
      when: "of the second opinion, while the first is still at work",
      world: { claims: [...one, claimOf(2, "a", { reason: "second_flavor" })], outcomes: { 2: "fixed" } },
      decides: "test fix_available: claim 2",
    },
    {
      when: "the retry gave up, and this flavor has not tested the fix before it",
      world: { claims: [...one, claimOf(2, "a", { attempt: 2 })], outcomes: { 1: "fixed", 2: "gave-up" } },
      decides: "test fix_available: claim 1",
    },
  ],
  "no fix": [
    { when: "it gave up", world: { claims: one, outcomes: { 1: "gave-up" } }, decides: "analyze retry: cause 1, attempt 2" },
    {
      when: "it gave up at the last attempt",
      world: { claims: one, outcomes: { 1: "gave-up" } },
      policy: { maxAttempts: 1 },
      decides: "leave escalated: claim 1",
    },
    {
      when: "it gave up at the last claim",
      world: { claims: one, outcomes: { 1: "gave-up" } },
      policy: { maxClaims: 1 },
      decides: "leave escalated: claim 1",
    },
    {
      when: "another cause's claims use the commit's up",
      world: { claims: [...one, claimOf(2, "a", { cause: 2 })], outcomes: { 1: "gave-up" } },
      policy: { maxClaims: 2 },
      decides: "leave escalated: claim 1",
    },
    { when: "it was flaky", world: { claims: one, outcomes: { 1: "flaky" } }, decides: "leave infrastructure: claim 1" },
    { when: "it was the machine", world: { claims: one, outcomes: { 1: "infra" } }, decides: "leave infrastructure: claim 1" },
    { when: "it needs a person", world: { claims: one, outcomes: { 1: "needs-human" } }, decides: "leave escalated: claim 1" },
    {
      when: "a retry of a fix that failed here gave up",
      world: {
        claims: [...one, claimOf(2, "macos", { attempt: 2 })],
        outcomes: { 1: "fixed", 2: "gave-up" },
        verdicts: [verdictOf(1, "macos", "failed")],
      },
      decides: "analyze retry: cause 1, attempt 3",
    },
  ],
};

for (const [situation, cases] of Object.entries(rows)) {
  describe(`decide() with ${situation}`, () => {
    test.each(cases.map((row) => [row.when, row.decides, row] as const))("%s: %s", (_when, decides, row) => {
      expect(told(decided(row))).toBe(decides);
    });
  });
}

describe("decide() by similarity", () => {
  const causes = [claimOf(1, "a", { signature: { id: "x", title: "", lines: [], facts: [] } }), claimOf(2, "b", { cause: 2 })];
  const scored = (scores: readonly number[], more: Partial<Policy> = {}) =>
    decided({ world: { claims: causes }, question: { similarity: (claim) => scores[claim.id === "x" ? 0 : 1] ?? 0 }, policy: more });

  test.each([
    ["just below the threshold is another cause", [0.699, 0.2], "analyze different_error: cause 3, attempt 1"],
    ["the threshold itself is the same cause", [0.7, 0.2], "wait fix_in_progress: claim 1"],
    ["the more similar cause is joined", [0.7, 0.8], "wait fix_in_progress: claim 2"],
    ["of two equally similar causes the older is joined", [0.8, 0.8], "wait fix_in_progress: claim 1"],
  ] as const)("%s", (_name, scores, decides) => {
    expect(told(scored(scores))).toBe(decides);
  });

  test("decide() tells the best similarity, also when it is not enough", () => {
    expect(scored([0.3, 0.55])).toEqual({ action: "analyze", reason: "different_error", cause: 3, attempt: 1, similarity: 0.55 });
  });

  test("decide() compares with every claim of a cause, as a retry may have seen another side of it", () => {
    const claims = [claimOf(1, "a", { signature: { id: "x", title: "", lines: [], facts: [] } }), claimOf(2, "b")];
    const decision = decided({ world: { claims, outcomes: { 1: "lost" } } });
    expect(told(decision)).toBe("wait multiple_flavors_waiting: claim 2");
  });
});

test("decide() never claims above the caps, whatever the world", () => {
  const ends = fc.constantFrom("fixed", "lost", "gave-up", "flaky", "infra", "needs-human", undefined);
  const claim = fc.record({
    cause: fc.integer({ min: 1, max: 3 }),
    attempt: fc.integer({ min: 1, max: 4 }),
    end: ends,
    failed: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(claim, { maxLength: 8 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 3 }),
      (drawn, late, maxWaiting) => {
        const claims = drawn.map(({ cause, attempt }, index) =>
          claimOf(index + 1, `flavor-${index}`, { cause, attempt, signature: { id: `cause-${cause}`, title: "", lines: [], facts: [] } }),
        );
        const outcomes = Object.fromEntries(drawn.flatMap(({ end }, index) => (end === undefined ? [] : [[index + 1, end]])));
        const verdicts = drawn.flatMap(({ end, failed }, index) =>
          end === "fixed" && failed ? [verdictOf(index + 1, "macos", "failed")] : [],
        );
        const decision = decided({
          world: { claims, outcomes, verdicts, now: start + late * minute },
          question: { failure: failureOf("cause-1") },
          policy: { maxClaims: 6, maxWaiting },
        });
        if (decision.action === "analyze") {
          expect(claims.length).toBeLessThan(6);
          expect(decision.attempt).toBeLessThanOrEqual(3);
        }
        // What is closed has not ended, and what is waited for is at work.
        if (decision.action === "close" || decision.action === "wait") expect(decision.claim?.outcome).toBeUndefined();
      },
    ),
    { numRuns: 500 },
  );
});
