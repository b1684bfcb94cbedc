#!/usr/bin/env bun
/**
 * bench.ts: every figure the README quotes, each measured in this run beside what a user would use instead.
 *
 *   bench.ts                       all groups
 *   bench.ts signature-quality     how often two logs of one commit are rightly called one cause or two
 *   bench.ts signature-speed       bytes per second beside grep and wc, memory, comparisons
 *   bench.ts requests              what coordination costs in requests, beside the prototype and GitHub's limits
 *   bench.ts start                 how long a bundled script takes to start, beside Bun alone and beside its source
 *
 * One file, since each row's measure is read beside the others; a group is a name and a function.
 *
 * --corpus DIR takes the logs from a folder with a manifest.tsv (columns: scenario, flavor, cause; logs in
 * scenario/flavor.log) instead of the ones that come with the tests; --sizes 1,100 the megabytes for speed.
 *
 * Example:
 *   bun run scripts/bench.ts signature-speed --sizes 1,100
 *
 * Longer than 250 lines, as it holds every measured row beside what it is compared with; the requests are measured in lib/sandbox.
 *
 * @module
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import * as levenshtein from "fast-levenshtein";
import { formatUsd, NO_USAGE, type Turn, usdOf } from "../lib/cost.ts";
import { group } from "../lib/groups.ts";
import { bytesOf } from "../lib/io/bytes.ts";
import { measureStart } from "../lib/io/startup.ts";
import { normalize } from "../lib/normalize.ts";
import { measureRequests } from "../lib/sandbox/budgets.ts";
import { passingOutput } from "../lib/sandbox/passing.ts";
import { type Failure, readFailure, type Signature } from "../lib/signature.ts";
import { SAME, similarity } from "../lib/similarity.ts";

/** One claim: what we measured, beside what a user would use instead. */
type Row = {
  readonly group: string;
  readonly claim: string;
  readonly ours: string;
  /** What else was measured in the same run, and how it did. */
  readonly beside: string;
  /** Ours as a multiple of the other, where more is better; null where there is no such thing. */
  readonly ratio: number | null;
};

type Settings = { readonly corpus: string; readonly sizes: readonly number[] };
type RowGroup = { readonly name: string; readonly measure: (settings: Settings) => Promise<readonly Row[]> };

/** In the order in which they are printed. */
const GROUPS: readonly RowGroup[] = [
  { name: "signature-quality", measure: measureQuality },
  { name: "signature-speed", measure: measureSpeed },
  { name: "requests", measure: async () => (await measureRequests()).map((row) => ({ group: "requests", ...row })) },
  { name: "start", measure: measureStart },
];

const OWN_CORPUS = join(import.meta.dir, "../tests/fixtures/logs");
const SIGNATURE = join(import.meta.dir, "signature.ts");
const MEGABYTE = 1_000_000;

/** A usual analysis: 30,000 tokens of source and 8,000 of log, diff and rules; thinking and answer. */
const ANALYSIS: Turn = {
  model: "claude-sonnet-5-5",
  usage: { ...NO_USAGE, cacheWriteTokens: 38_000, outputTokens: 4_000, requests: 1 },
};
const PRICED_ON = "2026-11-01";
/** A flavor builds and tests a fix that is not its own: minutes of a runner, at the configuration's default price. */
const RETEST_MINUTES = 10;
const RUNNER_USD_PER_MINUTE = 0.008;
/** Orders in which the logs of a commit are grouped. */
const ORDERS = 200;

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("bench.ts");
  program
    .description("Every figure the README quotes, measured beside what a user would use instead")
    .argument("[group...]", `row groups: ${GROUPS.map(({ name }) => name).join(", ")}`)
    .option("--corpus <folder>", "logs and their manifest.tsv", OWN_CORPUS)
    .option("--sizes <megabytes>", "file sizes for speed", "1,100,1000")
    .option("--json", "print one JSON document and nothing else")
    .addHelpText("after", "\nExample:\n  bun run scripts/bench.ts signature-speed --sizes 1,100")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    console.error(`bench.ts: ${error.message.replace(/^error: /, "")}`);
    return 2;
  }
  const options = program.opts<{ corpus: string; sizes: string; json?: boolean }>();
  const sizes = options.sizes.split(",").map(Number);
  const unknown = program.args.find((name) => !GROUPS.some((known) => known.name === name));
  if (unknown !== undefined || sizes.some((size) => !(size > 0))) {
    console.error(
      unknown === undefined
        ? `bench.ts: --sizes must be numbers of megabytes, not "${options.sizes}"`
        : `bench.ts: no group "${unknown}": there are ${GROUPS.map(({ name }) => name).join(", ")}`,
    );
    return 2;
  }
  if (!(await Bun.file(join(options.corpus, "manifest.tsv")).exists())) {
    console.error(`bench.ts: cannot read ${join(options.corpus, "manifest.tsv")}: no such file`);
    return 2;
  }
  const rows: Row[] = [];
  for (const { name, measure } of GROUPS)
    if (program.args.length === 0 || program.args.includes(name)) rows.push(...(await measure({ corpus: options.corpus, sizes })));
  console.log(options.json === true ? JSON.stringify(rows, null, 2) : tableOf(rows));
  return 0;
}

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.claim, row.ours, row.beside, row.ratio === null ? "" : `${row.ratio.toFixed(2)}x`]);
  const all = [["claim", "ours", "beside it", "ratio"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

// Quality

type Log = { readonly scenario: string; readonly cause: string; readonly failure: Failure; readonly text: string; readonly errors: string };
type Score = {
  readonly f1: number;
  readonly recall: number;
  readonly precision: number;
  readonly merged: number;
  readonly different: number;
  readonly missed: number;
  readonly same: number;
};

async function measureQuality({ corpus }: Settings): Promise<readonly Row[]> {
  const logs = await readCorpus(corpus);
  const rows: Row[] = [];
  for (const [part, keep] of [
    ["all commits", () => true],
    ["kept-back commits", keptBack],
  ] as const) {
    const kept = logs.filter(({ scenario }) => keep(scenario));
    if (kept.length === 0) continue;
    const ours = scoreOf(kept, (a, b) => !a.failure.unrecognized && !b.failure.unrecognized && similarity(a.failure, b.failure) >= SAME);
    const naive: readonly (readonly [string, Score])[] = [
      ["normalized end of log, Levenshtein ratio", scoreOf(kept, (a, b) => ratioOf(a.text, b.text) >= SAME)],
      ["normalized error lines, Levenshtein ratio", scoreOf(kept, (a, b) => ratioOf(a.errors, b.errors) >= SAME)],
    ];
    for (const [name, score] of naive)
      rows.push({
        group: "signature-quality",
        claim: `${part}: one cause or two`,
        ours: describeScore(ours),
        beside: `${name}: ${describeScore(score)}`,
        ratio: ours.f1 / score.f1,
      });
    for (const [name, score] of naive)
      rows.push({
        group: "signature-quality",
        claim: `${part}: what errors cost per 100 pairs`,
        ours: describeCost(ours),
        beside: `${name}: ${describeCost(score)}`,
        ratio: null,
      });
    const partition = partitionsOf(kept, similarity);
    const byLines = new Map<Signature, string>(kept.map(({ failure, errors }) => [failure, errors]));
    const naively = partitionsOf(
      kept,
      remembered((a, b) => ratioOf(byLines.get(a) ?? "", byLines.get(b) ?? "")),
    );
    rows.push({
      group: "signature-quality",
      claim: `${part}: groups as the ledger forms them, worst of ${ORDERS} orders`,
      ours: describePartitions(partition),
      beside: `normalized error lines, Levenshtein ratio: ${describePartitions(naively)}`,
      ratio: partition.worst.f1 / naively.worst.f1,
    });
  }
  return rows;
}

async function readCorpus(corpus: string): Promise<readonly Log[]> {
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

/** Commits that were kept back while the rules were written: two fifths, by a hash of their name. */
function keptBack(scenario: string): boolean {
  const hash = new Bun.CryptoHasher("sha256").update(scenario).digest("hex");
  return Number.parseInt(hash.slice(0, 8), 16) % 5 < 2;
}

/** Counts pairs of logs within a commit. */
function scoreOf(logs: readonly Log[], same: (a: Log, b: Log) => boolean): Score {
  let found = 0;
  let missed = 0;
  let merged = 0;
  let apart = 0;
  for (const [a, b] of pairsOf(logs)) {
    const says = same(a, b);
    if (a.cause === b.cause && says) found++;
    else if (a.cause === b.cause) missed++;
    else if (says) merged++;
    else apart++;
  }
  const recall = found / (found + missed);
  const precision = found + merged === 0 ? 0 : found / (found + merged);
  return {
    f1: (2 * precision * recall) / (precision + recall),
    recall,
    precision,
    merged,
    different: merged + apart,
    missed,
    same: found + missed,
  };
}

function* pairsOf(logs: readonly Log[]): Generator<readonly [Log, Log]> {
  for (const [index, a] of logs.entries()) for (const b of logs.slice(index + 1)) if (a.scenario === b.scenario) yield [a, b];
}

function describeScore(score: Score): string {
  return `F1 ${score.f1.toFixed(3)}, recall ${score.recall.toFixed(3)}, precision ${score.precision.toFixed(3)}, merges ${((100 * score.merged) / Math.max(1, score.different)).toFixed(1)}% of different pairs`;
}

function ratioOf(a: string, b: string): number {
  return a === b ? 1 : 1 - levenshtein.get(a, b) / Math.max(a.length, b.length);
}

/** USD of what goes wrong in a hundred pairs: a missed pair pays for an analysis, a merged one for a run of tests. */
function describeCost({ missed, merged, same, different }: Score): string {
  const pairs = (same + different) / 100;
  const analyses = missed * (usdOf(ANALYSIS, PRICED_ON) ?? 0);
  const retests = merged * RETEST_MINUTES * RUNNER_USD_PER_MINUTE;
  return `${formatUsd((analyses + retests) / pairs)} (${missed} missed of ${same}: ${formatUsd(analyses / pairs)}, ${merged} merged of ${different}: ${formatUsd(retests / pairs)})`;
}

type Partitions = { readonly stable: number; readonly commits: number; readonly worst: Score };

/** Groups the logs of each commit in many orders, and scores each order by the pairs that share a group. */
function partitionsOf(logs: readonly Log[], alike: (a: Signature, b: Signature) => number): Partitions {
  const commits = [...Map.groupBy(logs, ({ scenario }) => scenario).values()];
  const seen = commits.map(() => new Set<string>());
  let worst: Score | undefined;
  for (let seed = 0; seed < ORDERS; seed++) {
    const causes = new Map<Log, string>();
    for (const [index, members] of commits.entries()) {
      const order = shuffled(members, seed);
      const { groups } = group(
        order.map(({ failure }) => failure),
        alike,
      );
      for (const [number, indices] of groups.entries())
        for (const at of indices) if (order[at] !== undefined) causes.set(order[at], `${index} ${number}`);
      seen[index]?.add(partitionKey(members, causes));
    }
    const score = scoreOf(logs, (a, b) => causes.has(a) && causes.get(a) === causes.get(b));
    if (worst === undefined || score.f1 < worst.f1) worst = score;
  }
  if (worst === undefined) throw new Error("Cannot score partitions: no orders");
  return { stable: seen.filter((partitions) => partitions.size === 1).length, commits: commits.length, worst };
}

/** The same text for the same partition, whatever its groups are called: for each member the first that shares its group. */
function partitionKey(members: readonly Log[], causes: ReadonlyMap<Log, string>): string {
  return members.map((member) => members.findIndex((other) => causes.get(other) === causes.get(member))).join();
}

function describePartitions({ stable, commits, worst }: Partitions): string {
  return `${describeScore(worst)}; the same in every order for ${stable} of ${commits} commits`;
}

/** A comparison that asks for each pair once: the orders ask again and again. */
function remembered(compare: (a: Signature, b: Signature) => number): (a: Signature, b: Signature) => number {
  const known = new Map<Signature, Map<Signature, number>>();
  return (a, b) => {
    const row = known.get(a) ?? new Map<Signature, number>();
    known.set(a, row);
    const score = row.get(b) ?? compare(a, b);
    row.set(b, score);
    return score;
  };
}

/** A fixed order for every seed: the figures must be the same each time. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  return items
    .map((item, index) => ({ item, key: Bun.hash(`${seed} ${index}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

// Speed

async function measureSpeed({ corpus, sizes }: Settings): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-bench-"));
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      const file = join(folder, `${size}.log`);
      await writeJob(file, corpus, size * MEGABYTE);
      rows.push(...(await measureReading(file, size, "one failure in a passing job's output")));
      const memory = await peakMemory([process.execPath, SIGNATURE, "--json", file]);
      rows.push({
        group: "signature-speed",
        claim: `peak memory at ${size} MB, whole process`,
        ours: `${Math.round(memory / MEGABYTE)} MB`,
        beside: `an empty script: ${Math.round((await peakMemory([process.execPath, "-e", "await Bun.sleep(200)"])) / MEGABYTE)} MB`,
        ratio: null,
      });
      await writeFailures(file, corpus, size * MEGABYTE);
      rows.push(...(await measureReading(file, size, "worst case: nothing but failing logs")).slice(0, 3));
      await rm(file);
    }
    rows.push(await measureComparisons(corpus));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

/** How fast a file is read: by the warm function, and by a process that starts, reads, prints and ends, as grep does. */
async function measureReading(file: string, size: number, what: string): Promise<readonly Row[]> {
  const runs = size >= 1000 ? 2 : size >= 100 ? 5 : 20;
  const read = (): Promise<Failure> => readFailure(bytesOf(file));
  for (let round = 0; round < 3; round++) await read();
  const ours = await fastest(runs, read);
  const whole = await fastest(runs, () => run([process.execPath, SIGNATURE, "--json", file]));
  const grep = await fastest(runs, () => run(["grep", "-ciE", "error|fail", file]));
  const wc = await fastest(runs, () => run(["wc", "-l", file]));
  const ownSeconds = await leastProcessor(runs, [process.execPath, SIGNATURE, "--json", file]);
  const grepSeconds = await leastProcessor(runs, ["grep", "-ciE", "error|fail", file]);
  const speed = (seconds: number): string => `${Math.round(size / seconds)} MB/s (${(1000 * seconds).toFixed(0)} ms)`;
  const besides = [
    [`reads ${size} MB, ${what}: warm function`, ours, "grep -ciE 'error|fail'", grep],
    [`reads ${size} MB, ${what}: process with its start`, whole, "grep -ciE 'error|fail'", grep],
    [`reads ${size} MB, ${what}: processor time of the process`, ownSeconds, "grep -ciE 'error|fail'", grepSeconds],
    [`reads ${size} MB, ${what}: warm function`, ours, "wc -l", wc],
  ] as const;
  return besides.map(([claim, seconds, name, theirs]) => ({
    group: "signature-speed",
    claim,
    ours: speed(seconds),
    beside: `${name}: ${speed(theirs)}`,
    ratio: theirs / seconds,
  }));
}

/** What users have: a job's passing output with a real failing log in its middle. Beyond 200 MB the passing output repeats. */
async function writeJob(path: string, corpus: string, size: number): Promise<void> {
  const failing = (await logsOf(corpus))[0] ?? new Uint8Array(0);
  const blocks = Array.from({ length: Math.min(20, Math.ceil(size / BLOCK)) }, (_, seed) =>
    Buffer.from(passingOutput(Math.min(BLOCK, size), seed + 1)),
  );
  const file = await open(path, "w");
  let left = size - failing.length;
  for (let index = 0; left > 0; index++) {
    const block = blocks[index % blocks.length] ?? Buffer.alloc(0);
    const part = block.subarray(0, left);
    const middle = left > size / 2 && left - part.length <= size / 2 ? part.indexOf(10, Math.max(0, left - size / 2)) + 1 : -1;
    if (middle >= 0) {
      await file.write(part.subarray(0, middle));
      await file.write(failing);
      await file.write(part.subarray(middle));
    } else await file.write(part);
    left -= part.length;
  }
  await file.close();
}
const BLOCK = 10 * MEGABYTE;

/** Real failing logs, one after another. */
async function writeFailures(path: string, corpus: string, size: number): Promise<void> {
  const block = Buffer.concat(await logsOf(corpus));
  const file = await open(path, "w");
  for (let left = size; left > 0; left -= block.length) await file.write(block.subarray(0, Math.min(block.length, left)));
  await file.close();
}

async function logsOf(corpus: string): Promise<readonly Uint8Array[]> {
  const rows = (await Bun.file(join(corpus, "manifest.tsv")).text()).trim().split("\n").slice(1);
  return await Promise.all(
    rows.map((row) => {
      const [scenario = "", flavor = ""] = row.split("\t");
      return Bun.file(join(corpus, scenario, `${flavor}.log`)).bytes();
    }),
  );
}

async function measureComparisons(corpus: string): Promise<Row> {
  const logs = await readCorpus(corpus);
  const failures = Array.from({ length: 256 }, (_, index) => logs[index % logs.length]?.failure).filter((failure) => failure !== undefined);
  const fresh = (): Failure[] => failures.map((failure) => structuredClone(failure));
  const compareAll = (signatures: readonly Failure[]): void => {
    for (const a of signatures) for (const b of signatures) similarity(a, b);
  };
  compareAll(fresh());
  const ours = await fastest(5, async () => compareAll(fresh()));
  const naive = await fastest(1, async () => {
    for (const a of failures) for (const b of failures) ratioOf(a.lines.join("\n"), b.lines.join("\n"));
  });
  return {
    group: "signature-speed",
    claim: "compares 256 x 256 signatures",
    ours: `${(ours * 1000).toFixed(1)} ms`,
    beside: `Levenshtein ratio of their lines: ${(naive * 1000).toFixed(0)} ms`,
    ratio: naive / ours,
  };
}

/** Seconds of the fastest of some runs: the least disturbed one. */
async function fastest(runs: number, work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

async function run(command: readonly string[]): Promise<void> {
  // Into a pipe: grep stops at its first match when it sees that nobody reads.
  await new Response(Bun.spawn([...command], { stdout: "pipe", stderr: "ignore" }).stdout).text();
}

/** Seconds that all processors spent on a command, of the run with fewest: a busy machine changes them little. */
async function leastProcessor(runs: number, command: readonly string[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count++) {
    const child = Bun.spawn([...command], { stdout: "pipe", stderr: "ignore" });
    await new Response(child.stdout).text();
    await child.exited;
    least = Math.min(least, Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6);
  }
  return least;
}

/** Bytes of the largest resident set, asked of the kernel while the process runs: wait4's figure includes its parent's. */
async function peakMemory(command: readonly string[]): Promise<number> {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "ignore" });
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await Bun.file(`/proc/${child.pid}/status`)
      .text()
      .catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    await Bun.sleep(2);
  }
  return peak;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
