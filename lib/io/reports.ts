/**
 * Test reports in place of a console that only counts: appended to a flavor's log, where the rules that read it and the model find them.
 *
 * @module
 */
import { appendFile } from "node:fs/promises";
import { type Artifact, artifactOf } from "../artifacts.ts";
import { linesOf } from "../junit.ts";
import { logLine } from "../neutralize.ts";
import type { Failure } from "../signature.ts";
import { type FailedFlavor, type Job, onlyReports } from "../triage.ts";
import { artifactsOf, failedCases } from "./artifacts.ts";
import type { Github } from "./github.ts";

export type Reports = {
  /** Appends what a flavor's artifact reports to its log; false where there is nothing. Never fails: a log without it is what there was. */
  append(flavor: FailedFlavor, failure: Failure, log: string): Promise<boolean>;
};

/** The artifacts of each run are listed once, when the first of its flavors asks. */
export function openReports(github: Github, failed: readonly FailedFlavor[], jobs: readonly Job[]): Reports {
  const listed = new Map<number, Promise<readonly Artifact[]>>();
  return {
    async append(flavor, failure, log) {
      const { job } = flavor;
      try {
        const list = listed.get(job.run) ?? artifactsOf(github, job.run);
        listed.set(job.run, list);
        const siblings = jobs.filter(({ run }) => run === job.run);
        const reporter = onlyReports(flavor, failed, failure);
        const artifact = artifactOf(job, siblings, { artifacts: await list, reporter });
        if (artifact === undefined) return false;
        const cases = await failedCases(github, artifact, `${log}.zip`);
        process.stderr.write(`${logLine(`${flavor.flavor}: its log names no failure, artifact ${artifact.name} names ${cases.length}`)}\n`);
        if (cases.length > 0) await appendFile(log, `\nTest reports in artifact ${artifact.name}:\n${linesOf(cases).join("\n")}\n`);
        return cases.length > 0;
      } catch (error) {
        const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
        process.stderr.write(`${logLine(`${flavor.flavor}: its log names no failure, and its artifacts cannot be read: ${why}`)}\n`);
        return false;
      }
    },
  };
}
