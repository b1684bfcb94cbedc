/**
 * What analyze.ts reports, as publish.ts reads it, and the outcome that it becomes.
 *
 * @module
 */
import { z } from "zod";
import type { Claim } from "./ledger.ts";
import type { OutcomePayload } from "./payload.ts";

const text = z.string();

export const reportSchema = z.looseObject({
  verdict: z.enum(["fix", "flaky", "infra", "needs_human", "gave_up"]),
  reason: text.default(""),
  rootCause: text.default(""),
  title: text.default(""),
  body: text.default(""),
  edits: z.array(z.object({ path: text, search: text, replace: text })).default([]),
  newFiles: z.array(z.object({ path: text, content: text })).default([]),
  model: text.optional(),
  costUsd: z.number().nullable().default(null),
  /** What the failing command did without the change, and with it. */
  proof: z.object({ before: text, after: text }).optional(),
  /** The claim that it was made for, where analyze.ts was told. */
  sha: text.optional(),
  attempt: z.number().optional(),
  claim: z.number().optional(),
});
export type Report = z.output<typeof reportSchema>;

/** A commit message holds much, but a ledger is read by everybody: beyond this the texts of new files go, then all edits. */
const MAX_CONVERSATION = 120_000;

/** Stands in for a report that was never written: the analysis died, and what it cost nobody knows. */
export const noReport: Report = {
  verdict: "gave_up",
  reason: "the analysis ended without a report; what it cost is unknown",
  rootCause: "",
  title: "",
  body: "",
  edits: [],
  newFiles: [],
  costUsd: null,
};

/** Does the report belong to this claim on `sha`? One that an earlier attempt, or another commit, left in the same folder does not. */
export function isOf({ attempt, claim: n, sha: of }: Report, claim: Claim, sha: string): boolean {
  const is = (said: number | string | undefined, own: number | string) => said === undefined || said === own;
  return is(n, claim.n) && is(attempt, claim.attempt) && is(of, sha);
}

export const resultOf = { flaky: "flaky", infra: "infra", needs_human: "needs-human", gave_up: "gave-up", fix: "fixed" } as const;

/** The outcome of a claim. The nonce is the claim's own: only its holder writes an outcome, however often it starts again. */
export function outcomeFor(claim: Claim, report: Report, result: OutcomePayload["result"]): OutcomePayload {
  const { costUsd, model, rootCause, reason } = report;
  const why = reason === report.verdict ? "" : reason;
  const said = result === "fixed" ? report.title || rootCause || reason : why || rootCause || report.title;
  return {
    v: 1,
    n: claim.n,
    result,
    flavor: claim.flavor,
    title: (said.split("\n")[0] || result).slice(0, 300),
    costUsd,
    ...(model && { model: model.slice(0, 128) }),
    ...(result === "fixed" && { proven: report.proof?.before === "failed" && report.proof.after === "passed" }),
    conversation: conversationOf(report),
    nonce: claim.nonce,
  };
}

/** What a retry on another runner must know, bounded. */
function conversationOf({ edits, newFiles, rootCause }: Report) {
  const whole = { edits, newFiles, rootCause: rootCause.slice(0, 4_000) };
  const size = (value: unknown) => JSON.stringify(value).length;
  if (size(whole) <= MAX_CONVERSATION) return whole;
  const named = { ...whole, newFiles: newFiles.map(({ path }) => ({ path, content: "(too long to keep)" })) };
  return size(named) <= MAX_CONVERSATION ? named : { edits: [], newFiles: [], rootCause: whole.rootCause };
}
