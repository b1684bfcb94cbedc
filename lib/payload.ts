/**
 * What stands in the commit messages of the ledger, checked on reading.
 *
 * Whoever can write a ref can write anything: a message that does not fit its schema is a foreign commit, reported and skipped.
 *
 * @module
 */
import { z } from "zod";

const text = (max: number) => z.string().max(max);

export const signatureSchema = z.object({
  id: text(64),
  title: text(400),
  lines: z.array(text(400)).max(64),
  facts: z.array(text(400)).max(128),
});

/** Who writes: one job of one attempt of one run. Never the actor: every CI job has the same. */
export const identitySchema = z.object({
  flavor: text(400).min(1),
  runId: z.number(),
  runAttempt: z.number(),
  job: text(400),
  /** Numeric id of the job, where the template passes it: lets others see that it ended. */
  jobId: z.number().optional(),
});
export type Identity = z.infer<typeof identitySchema>;

export const claimSchema = identitySchema.extend({
  v: z.literal(1),
  n: z.number().int().positive(),
  /** Root cause, from 1; several claims of one cause are its takeovers and retries. */
  cause: z.number().int().positive(),
  attempt: z.number().int().positive(),
  reason: text(64),
  signature: signatureSchema,
  /** Two equal commits of one second have one SHA; the nonce keeps two writers apart. */
  nonce: text(64).min(8),
});
export type ClaimPayload = z.infer<typeof claimSchema>;

export const results = ["fixed", "gave-up", "flaky", "infra", "needs-human"] as const;

export const outcomeSchema = z.object({
  v: z.literal(1),
  n: z.number().int().positive(),
  result: z.enum(results),
  flavor: text(400),
  /** One line for people: what was wrong, or why there is no fix. */
  title: text(400),
  branch: text(256).optional(),
  /** Commit of the fix: the outcome's parent, so that whoever fetches the outcome has the fix. */
  fix: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
  costUsd: z.number().nullable().default(0),
  model: text(128).optional(),
  /** Before the fix was pushed, the failing command failed without it and passed with it. */
  proven: z.boolean().optional(),
  /** What a retry on another runner must know: edits, root cause, usage. */
  conversation: z.unknown().optional(),
  nonce: text(64),
});
export type OutcomePayload = z.infer<typeof outcomeSchema>;

/** What a flavor failed with: when it joined, or when it tested a fix. */
export const failureSchema = z.object({
  v: z.literal(1),
  flavor: text(400),
  signature: signatureSchema,
});
export type FailurePayload = z.infer<typeof failureSchema>;

/** The value in a commit message, or a line that says why it is none. */
export function parsePayload<T>(schema: z.ZodType<T>, message: string): { readonly value: T } | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return { problem: "message is not JSON" };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  return { problem: `${issue?.path.join(".") || "message"}: ${issue?.message ?? "invalid"}` };
}
