/**
 * Real failing logs with their true causes, as the benchmark reads them: a folder with a manifest.tsv (columns: scenario,
 * flavor, cause) and the logs in scenario/flavor.log.
 *
 * @module
 */
import { join } from "node:path";
import * as levenshtein from "fast-levenshtein";
import { normalize } from "../normalize.ts";
import { type Failure, readFailure } from "../signature.ts";

/** A log of a commit: its true cause, what we read in it, and what a naive comparison would look at. */
export type Log = {
  readonly scenario: string;
  readonly cause: string;
  readonly failure: Failure;
  /** The normalized end. */
  readonly text: string;
  /** Normalized lines with "error" or "fail", the last ones. */
  readonly errors: string;
};

/** Every log of a corpus, read. */
export async function readCorpus(corpus: string): Promise<readonly Log[]> {
  const manifest = await Bun.file(join(corpus, "manifest.tsv")).text();
  const logs: Log[] = [];
  for (const row of manifest.trim().split("\n").slice(1)) {
    const [scenario = "", flavor = "", cause = ""] = row.split("\t");
    const file = Bun.file(join(corpus, scenario, `${flavor}.log`));
    const lines = (await file.text()).split("\n").map(normalize);
    logs.push({
      scenario,
      cause,
      failure: await readFailure(file.stream()),
      text: lines.slice(-60).join("\n"),
      errors: lines
        .filter((line) => /error|fail/i.test(line))
        .slice(-20)
        .join("\n"),
    });
  }
  return logs;
}

/** Every log of a corpus as its bytes. */
export async function logsOf(corpus: string): Promise<readonly Uint8Array[]> {
  const rows = (await Bun.file(join(corpus, "manifest.tsv")).text()).trim().split("\n").slice(1);
  return await Promise.all(
    rows.map((row) => {
      const [scenario = "", flavor = ""] = row.split("\t");
      return Bun.file(join(corpus, scenario, `${flavor}.log`)).bytes();
    }),
  );
}

/** The naive comparison: Levenshtein's ratio of two texts, 0..1. */
export function ratioOf(a: string, b: string): number {
  return a === b ? 1 : 1 - levenshtein.get(a, b) / Math.max(a.length, b.length);
}
