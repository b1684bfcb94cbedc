/**
 * Is a coordination over? Judged from its facts and from as little else as will do: what was not looked at yet is asked for, cheapest first.
 *
 * While a job of the commit can still be at work nothing is over: a flavor between its read and its write would otherwise see its facts go.
 *
 * @module
 */
import type { Coordination } from "./coordination.ts";
import { isFixBranch } from "./occasion.ts";
import { parseRef } from "./refs.ts";

/** The newest attempt of a workflow run. */
export type Run = {
  readonly id: number;
  readonly workflow: number;
  readonly name: string;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly branch: string;
  /** Its code comes from this repository, not from a fork. */
  readonly own: boolean;
};

export type Pull = { readonly number: number; readonly branch: string; readonly state: "open" | "merged" | "closed" };

/** Where the branch of a commit stands: at it, past it, or without it (moved elsewhere, or deleted). */
export type Branch = "here" | "ahead" | "left" | "unknown";

export type Seen = {
  /** The server's clock, in milliseconds. */
  readonly now: number;
  /** Date of the newest fact, in milliseconds. */
  readonly since: number;
  readonly retentionMs: number;
  readonly leaseMs: number;
  /** Names of all refs of the commit. */
  readonly names: readonly string[];
  /** Runs of the commit; not our own. */
  readonly runs?: readonly Run[];
  /** Pull requests of the fixes. */
  readonly pulls?: readonly Pull[];
  readonly branch?: Branch;
};

export type OverReason = "green" | "merged" | "closed" | "moved" | "expired" | "leftover";

export type Judgement =
  | { readonly state: "over"; readonly reason: OverReason; readonly close: "completed" | "not_planned" }
  | { readonly state: "open"; readonly why: string }
  | { readonly state: "ask"; readonly what: "runs" | "pulls" | "branch" };

const passing = ["success", "skipped", "neutral"];

/** Ends of runs or of jobs: none of them failed, and one did something. */
export function areGreen(ends: readonly (string | null)[]): boolean {
  return ends.includes("success") && ends.every((end) => passing.includes(end ?? ""));
}

export function judge(coordination: Coordination, seen: Seen): Judgement {
  const { causes, facts } = coordination;
  const { now, since, runs, pulls, branch } = seen;
  // Dates have whole seconds, and clocks differ: with a retention of 0 everything is over, however young.
  if (seen.retentionMs === 0 || now > since + seen.retentionMs) return { state: "over", reason: "expired", close: "not_planned" };
  const atWork = causes.flatMap(({ live }) => live).find(({ date }) => now <= date + seen.leaseMs);
  if (atWork !== undefined) return { state: "open", why: `${atWork.flavor} analyses` };
  if (facts.claims.length === 0 && seen.names.some((name) => needsClaim(facts.sha, name))) {
    // Nobody can read these any more. A lagging view looks the same, for a short while.
    return now > since + seen.leaseMs
      ? { state: "over", reason: "leftover", close: "not_planned" }
      : { state: "open", why: "its claims are not to be seen yet" };
  }
  if (runs === undefined) return { state: "ask", what: "runs" };
  if (runs.some(({ status }) => status !== "completed")) return { state: "open", why: "a run of the commit is at work" };
  if (isGreenCommit(runs)) return { state: "over", reason: "green", close: "completed" };
  if (pulls === undefined) return { state: "ask", what: "pulls" };
  const waiting = pulls.filter(({ state }) => state === "open");
  // A fix on a branch that is not ours was there before us: nothing is to be merged.
  const merges = causes.filter(({ fix }) => fix === undefined || isFixBranch(fix.branch));
  const answered = causes.length > 0 && merges.every(({ fix }) => pulls.some((pull) => pull.branch === fix?.branch));
  if (answered && waiting.length === 0) {
    const merged = merges.length < causes.length || pulls.some(({ state }) => state === "merged");
    return { state: "over", reason: merged ? "merged" : "closed", close: merged ? "completed" : "not_planned" };
  }
  if (branch === undefined) return { state: "ask", what: "branch" };
  if (branch === "left") return { state: "over", reason: "moved", close: "not_planned" };
  // The commits after it fail in the same way until the fix is merged, and are told so by its open board.
  if (waiting.length > 0) return { state: "open", why: `its fix waits in #${waiting.map(({ number }) => number).join(", #")}` };
  if (branch === "ahead" && merges.every(({ fix }) => fix === undefined || pulls.some((pull) => pull.branch === fix.branch)))
    return { state: "over", reason: "moved", close: "not_planned" };
  return { state: "open", why: causes.some(({ fix }) => fix) ? "its fix is in no pull request" : "the commit still fails" };
}

/** Every workflow's newest run for every event: what counts of a commit's runs. */
export function newestRuns<R extends Run>(runs: readonly R[]): readonly R[] {
  const newest = new Map<string, R>();
  for (const run of runs) {
    const key = `${run.workflow} ${run.event}`;
    if (run.id > (newest.get(key)?.id ?? 0)) newest.set(key, run);
  }
  return [...newest.values()];
}

export function isGreenCommit(runs: readonly Run[]): boolean {
  return areGreen(newestRuns(runs).map(({ conclusion }) => conclusion));
}

/** Facts about a claim say nothing without it. */
function needsClaim(sha: string, name: string): boolean {
  const kind = parseRef(sha, name)?.kind;
  return kind !== undefined && kind !== "apart" && kind !== "notice";
}
