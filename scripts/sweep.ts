#!/usr/bin/env bun
/**
 * Close what is over: archive the state into the board, close it, remove refs, label and merged fix branches; mend what crashes left.
 *
 * A coordination is over when its commit is green, its pull requests are merged or closed, its branch moved on, or nothing happened for the
 * retention time. Reads over git, so that hundreds cost few of the API's requests, and stops before it takes those of the flavors.
 *
 * @module
 */
import { addSummary, type Environment, homeOf } from "../lib/io/actions.ts";
import { commitLabels, openBoards } from "../lib/io/boards.ts";
import { command, main, numberIn } from "../lib/io/command.ts";
import { configOf } from "../lib/io/configure.ts";
import { openGit } from "../lib/io/git.ts";
import { openGithub } from "../lib/io/github.ts";
import { openMirror } from "../lib/io/mirror.ts";
import type { Report } from "../lib/io/pass.ts";
import { listPulls } from "../lib/io/pulls.ts";
import { random, sleep } from "../lib/io/step.ts";
import { sweep } from "../lib/io/sweep.ts";
import { temporaryFolder } from "../lib/io/temporary.ts";
import { logLine } from "../lib/neutralize.ts";
import { redactor, secretValues } from "../lib/redact.ts";

type Flags = {
  readonly repo?: string;
  readonly config?: string;
  readonly retention?: number;
  readonly reserve: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

const dayMs = 86_400_000;

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "sweep",
    "Close every coordination that is over, and remove its refs, label and merged branches.",
    "bun run scripts/sweep.ts --dry-run",
  )
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--retention <days>", "when a coordination without news is over (FIXONCE_RETENTION_DAYS)", numberIn(0, 3650))
    .option("--reserve <n>", "stop when so many requests of the hour are left: they are the flavors'", numberIn(0, 5000), 200)
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print what was done as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const config = configOf(environment, flags.config);
  const home = homeOf(environment, flags);
  const github = openGithub({ ...home, sleep, random });
  await using folder = await temporaryFolder();
  const git = openGit({ cwd: folder.path, url: home.gitUrl, token: home.token, environment });
  const say = (line: string) => void process.stderr.write(`${logLine(line)}\n`);
  // Boards and labels first: what they are about is in the mirror then, which is read last.
  const [labels, issues, openPulls] = [await commitLabels(github), await openBoards(github), await listPulls(github)];
  const mirror = await openMirror(git, github.pause);
  const report = await sweep({
    ...{ github, mirror, issues, labels, openPulls, say, random, sleep },
    ownRun: Number(environment.GITHUB_RUN_ID ?? 0),
    lock: config.lock,
    leaseMs: config.max_wait_minutes * 60_000,
    assignees: config.assignees,
    retentionMs: (flags.retention ?? config.retention_days) * dayMs,
    reserve: flags.reserve,
    repositoryUrl: `${home.serverUrl}/${home.owner}/${home.repo}`,
    runnerUsdPerMinute: config.runner_usd_per_minute,
    dryRun: flags.dryRun === true,
    redact: redactor(secretValues(environment)),
  });
  if (flags.json) process.stdout.write(`${JSON.stringify({ dryRun: flags.dryRun === true, requests: github.requests(), ...report })}\n`);
  linesOf(report, flags.dryRun === true).forEach(say);
  await addSummary("fixonce: sweep", rowsOf(report), environment);
}

function linesOf(report: Report, dryRun: boolean): readonly string[] {
  const { swept, open, mended, duplicates, orphans, kept, failed, left, stopped } = report;
  const counts = [
    `${swept.length} ${dryRun ? "to sweep" : "swept"}`,
    `${open.length} open`,
    ...(mended.length > 0 ? [`${mended.length} mended`] : []),
    ...(duplicates.length > 0 ? [`${duplicates.length} duplicate boards closed`] : []),
    ...(orphans.length > 0 ? [`${orphans.length} orphans removed`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(left.length > 0 ? [`${left.length} not looked at`] : []),
  ];
  const branches = kept.map(({ branch, why }) => `${branch} stays: ${why}`);
  return [`sweep: ${counts.join(", ")}${stopped === undefined ? "" : `; stopped: ${stopped}`}`, ...branches];
}

function rowsOf({ swept, open, failed, left }: Report): readonly (readonly [string, string])[] {
  const line = (items: readonly { readonly sha: string }[]) =>
    `${items.length}${
      items.length > 0
        ? `: ${items
            .slice(0, 20)
            .map(({ sha }) => sha.slice(0, 7))
            .join(", ")}`
        : ""
    }`;
  return [
    ["Swept", line(swept)],
    ["Open", line(open)],
    ["Failed", line(failed)],
    ["Not looked at", String(left.length)],
  ];
}
