import { describe, expect, test } from "bun:test";
import { outcomeSchema } from "../lib/payload.ts";
import { isOf, noReport, outcomeFor, type Report, reportSchema } from "../lib/report.ts";
import { attemptsOf, spentUsd, telling } from "../lib/retry.ts";
import { claimOf, coordinationWith, hexOf, outcomeOf, verdictOf } from "./facts.ts";

const report: Report = reportSchema.parse({
  verdict: "fix",
  reason: "fix",
  rootCause: "A name is wrong.",
  title: "Repair the name",
  edits: [{ path: "a.ts", search: "x", replace: "y" }],
  newFiles: [{ path: "b.ts", content: "z" }],
  model: "claude-sonnet-5-5",
  costUsd: 0.1,
});
const claim = claimOf(2, "linux", { attempt: 2 });

describe("outcomeFor()", () => {
  test("outcomeFor() keeps edits, new files and the root cause for a retry", () => {
    expect(outcomeFor(claim, report, "fixed")).toEqual({
      ...{ v: 1, n: 2, result: "fixed", flavor: "linux", title: "Repair the name", costUsd: 0.1, model: "claude-sonnet-5-5" },
      conversation: { edits: report.edits, newFiles: report.newFiles, rootCause: "A name is wrong." },
      proven: false,
      nonce: claim.nonce,
    });
  });

  test("outcomeFor() says that a fix is proven, where the command failed without it and passed with it", () => {
    const proven = (before: string, after: string) => outcomeFor(claim, { ...report, proof: { before, after } }, "fixed").proven;
    expect([proven("failed", "passed"), proven("failed", "skipped"), proven("skipped", "skipped")]).toEqual([true, false, false]);
  });

  test("outcomeFor() says why there is no fix, and that its cost is unknown where nobody knows", () => {
    const outcome = outcomeFor(claim, noReport, "gave-up");
    expect([outcome.title, outcome.costUsd]).toEqual(["the analysis ended without a report; what it cost is unknown", null]);
    expect(outcomeFor(claim, { ...report, verdict: "needs_human", reason: "needs_human" }, "needs-human").title).toBe("A name is wrong.");
  });

  test("outcomeFor() fits its schema however much there is to keep", () => {
    const large = { ...report, newFiles: [{ path: "b.ts", content: "z".repeat(500_000) }], rootCause: "r".repeat(9_000) };
    const outcome = outcomeFor(claim, large, "fixed");
    expect(outcomeSchema.safeParse(outcome).success).toBe(true);
    expect(JSON.stringify(outcome).length).toBeLessThan(130_000);
    expect(outcome.conversation).toMatchObject({ edits: report.edits, newFiles: [{ path: "b.ts", content: "(too long to keep)" }] });
  });
});

test.each([
  [{}, true],
  [{ claim: 2, attempt: 2 }, true],
  [{ claim: 1, attempt: 2 }, false],
  [{ attempt: 1 }, false],
  [{ claim: 2, attempt: 2, sha: "a".repeat(40) }, true],
  // Another commit has claims and attempts of the same numbers.
  [{ claim: 2, attempt: 2, sha: "b".repeat(40) }, false],
])("isOf() takes a report with %p for the claim's: %p", (more, is) => {
  expect(isOf({ ...report, ...more }, claim, "a".repeat(40))).toBe(is);
});

const conversation = { edits: [1], newFiles: [2], rootCause: "why" };
const retried = coordinationWith({
  claims: [claimOf(1, "linux"), claimOf(2, "mac", { attempt: 2 }), claimOf(3, "win", { cause: 2 }), claimOf(4, "mac", { attempt: 3 })],
  outcomes: { 1: outcomeOf(1, "fixed", { conversation, costUsd: 0.25 }), 2: outcomeOf(2, "gave-up", { costUsd: null }), 3: "lost" },
  verdicts: [verdictOf(1, "linux", "passed"), { ...verdictOf(1, "mac", "failed"), sha: hexOf(900) }, verdictOf(3, "win", "failed")],
});

test("attemptsOf() tells each attempt with what every flavor saw, and what a failed test said", () => {
  const [cause] = retried.causes;
  if (cause === undefined) throw new Error("no cause");
  expect(telling(cause, retried)).toEqual([hexOf(900)]);
  expect(attemptsOf(cause, retried, new Map([[hexOf(900), "error: left"]]))).toEqual([
    {
      n: 1,
      ...conversation,
      verdicts: [
        { flavor: "linux", verdict: "passed" },
        { flavor: "mac", verdict: "failed", title: "error: left" },
      ],
    },
    { n: 2, edits: [], newFiles: [], rootCause: "", verdicts: [] },
  ]);
});

test("spentUsd() counts the lost, the running and the unpriced as what they may have cost", () => {
  expect(spentUsd(retried, 4, 0)).toBe(0.25);
  expect(spentUsd(retried, 4, 1)).toBe(2.25);
  expect(spentUsd(retried, 0, 1)).toBe(3.25);
});
