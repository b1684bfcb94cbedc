/**
 * What stays of a coordination when its refs are gone: a summary in the board's hidden marker, for the history and its figures.
 *
 * Whoever may edit the issue may write anything there, so it is never parsed to decide anything.
 *
 * @module
 */
import { z } from "zod";
import { maxBody } from "./board.ts";
import { type Coordination, isGreen, lastVerdict } from "./coordination.ts";
import { moneyOf } from "./money.ts";
import type { OverReason } from "./over.ts";
import { verdicts } from "./refs.ts";

const archiveSchema = z.object({
  v: z.literal(1),
  sha: z.string(),
  over: z.string(),
  /** Dates of the first claim and of the newest fact, in milliseconds; null without one. */
  from: z.number().nullable(),
  to: z.number().nullable(),
  claims: z.number(),
  analyses: z.number(),
  costUsd: z.number().nullable(),
  savedUsd: z.number().nullable(),
  causes: z.array(
    z.object({
      cause: z.number(),
      id: z.string(),
      title: z.string(),
      attempts: z.number(),
      result: z.string(),
      green: z.boolean(),
      branch: z.string().optional(),
      fix: z.string().optional(),
      pulls: z.array(z.number()),
      /** Name and last verdict; a long list is cut. */
      flavors: z.array(z.object({ flavor: z.string(), verdict: z.enum(verdicts).optional() })),
      failing: z.number(),
    }),
  ),
  apart: z.number(),
});
export type Archive = z.infer<typeof archiveSchema>;

const marker = /<!-- fixonce:archive ([A-Za-z0-9+/=]+) -->/;
/** Room for the marker, in characters of base64. */
const maxMarker = 24_000;

export function archiveOf(coordination: Coordination, over: OverReason, runnerUsdPerMinute: number): Archive {
  const { facts, causes } = coordination;
  const dates = [...facts.claims, ...facts.outcomes.values()].flatMap((fact) => ("date" in fact ? [fact.date] : []));
  const make = (flavors: number): Archive => ({
    v: 1,
    sha: facts.sha,
    over,
    from: dates.length === 0 ? null : Math.min(...dates),
    to: dates.length === 0 ? null : Math.max(...dates),
    claims: facts.claims.length,
    ...moneyOf(coordination, runnerUsdPerMinute),
    causes: causes.map((cause) => {
      const { claims, fix } = cause;
      const first = claims[0]?.signature;
      return {
        cause: cause.cause,
        id: first?.id ?? "",
        title: (first?.title ?? "").slice(0, 120),
        attempts: cause.attempts,
        result: fix ? "fixed" : (claims.at(-1)?.outcome?.result ?? "open"),
        green: isGreen(cause),
        ...(fix && { branch: fix.branch, fix: fix.sha }),
        pulls: [...cause.pulls],
        flavors: cause.flavors.slice(0, flavors).map((flavor) => {
          const verdict = lastVerdict(cause, flavor)?.verdict;
          return { flavor: flavor.slice(0, 120), ...(verdict && { verdict }) };
        }),
        failing: cause.flavors.length,
      };
    }),
    apart: facts.apart.length,
  });
  // At most 100 claims, so at most 100 causes: without flavors they fit.
  return [1000, 50, 5].map(make).find((archive) => encode(archive).length <= maxMarker) ?? make(0);
}

const overText: Record<OverReason, string> = {
  green: "every run of the commit succeeded",
  merged: "the fix was merged",
  closed: "the pull request of the fix was closed",
  moved: "the branch has moved on",
  expired: "nothing has happened for a long time",
  leftover: "what was left of it could not be read any more",
};

/** The board's body as it stays: why it is over, the last state, and the archive at its end; within GitHub's limit. */
export function withArchive(body: string, archive: Archive, over: OverReason): string {
  const head = `**Over:** ${overText[over]}. What follows is the last state.\n\n`;
  const hidden = `\n<!-- fixonce:archive ${encode(archive)} -->\n`;
  return `${head}${body.slice(0, maxBody - head.length - hidden.length)}${hidden}`;
}

/** The archive in a body, for the history; undefined where there is none, or none that can be read. */
export function readArchive(body: string): Archive | undefined {
  const encoded = marker.exec(body)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return archiveSchema.safeParse(JSON.parse(Buffer.from(encoded, "base64").toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** In base64 nothing of it is markup, and no text in it can end the comment. */
function encode(archive: Archive): string {
  return Buffer.from(JSON.stringify(archive)).toString("base64");
}
