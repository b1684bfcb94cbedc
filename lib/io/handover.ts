/**
 * What an analysis hands over to the publication, in a folder: `report.json` always, `fix.patch` for a fix.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Claim } from "../ledger.ts";
import { parsePayload } from "../payload.ts";
import { isOf, noReport, type Report, reportSchema } from "../report.ts";
import { annotate, type Environment } from "./actions.ts";
import type { Analysed, AnalysisOptions } from "./analysis.ts";

/** Makes the folder, without a report or a patch. */
export async function clearAnalysis(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ["report.json", "fix.patch"]) await rm(join(folder, name), { force: true });
}

/** Write what an analysis came to: `report.json` always and last, `fix.patch` only for a fix. A crash leaves no report, never a wrong one. */
export async function writeAnalysis(folder: string, analysed: Analysed): Promise<void> {
  await clearAnalysis(folder);
  if (analysed.patch !== null) await writeFile(join(folder, "fix.patch"), analysed.patch);
  await writeReport(folder, analysed.report);
}

/** Write `report.json` whole, or not at all. */
export async function writeReport(folder: string, report: unknown): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "report.json.tmp"), `${JSON.stringify(report, null, 2)}\n`);
  await rename(join(folder, "report.json.tmp"), join(folder, "report.json"));
}

/** The report of this very claim, where an earlier process has written it: a claim pays for one analysis. */
export async function standingAnalysis(
  out: string,
  { sha, claim, attempt }: Pick<AnalysisOptions, "sha" | "claim" | "attempt">,
): Promise<Analysed | undefined> {
  if (claim === undefined) return undefined;
  const own = z.looseObject({ sha: z.literal(sha ?? ""), claim: z.literal(claim), attempt: z.literal(attempt) });
  try {
    const report: unknown = JSON.parse(await Bun.file(join(out, "report.json")).text());
    return own.safeParse(report).success ? { kind: "answered", report: report as Analysed["report"], patch: null } : undefined;
  } catch {
    return undefined;
  }
}

/** The report of this claim. Where analyze.ts left none the claim must end all the same, or everybody waits for its lease. */
export function readReport(from: string, claim: Claim, sha: string, environment: Environment): Report {
  const found = findReport(from, claim, sha);
  if (typeof found !== "string") return found;
  annotate("warning", `${found}: claim ${claim.n} ends as gave-up, its cost unknown`, environment);
  return noReport;
}

/** USD that the analysis of a claim has cost: nothing where it never began, null where it began and did not say. */
export function paidFor(from: string, claim: Claim, sha: string): number | null {
  const found = findReport(from, claim, sha);
  return typeof found === "string" ? (existsSync(from) ? null : 0) : found.costUsd;
}

/** The report of this claim of this commit, or why there is none. */
function findReport(from: string, claim: Claim, sha: string): Report | string {
  const path = join(from, "report.json");
  if (!existsSync(path)) return `No report in ${from}, so the analysis did not end`;
  const parsed = parsePayload(reportSchema, readFileSync(path, "utf8"));
  if ("problem" in parsed) return `Cannot use ${path} (${parsed.problem})`;
  return isOf(parsed.value, claim, sha) ? parsed.value : `The report in ${from} is of another attempt, or of another commit`;
}
