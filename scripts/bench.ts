#!/usr/bin/env bun
/**
 * bench.ts: every figure the README quotes, each measured in this run beside what a user would use instead.
 *
 *   bench.ts                       all groups
 *   bench.ts signature-quality     how often two logs of one commit are rightly called one cause or two
 *   bench.ts signature-speed       bytes per second beside grep and wc, memory, comparisons
 *   bench.ts requests              what coordination costs in requests, beside the prototype and GitHub's limits
 *
 * One file, since each row's measure is read beside the others; a group is a name and a function.
 *
 * --corpus DIR takes the logs from a folder with a manifest.tsv (columns: scenario, flavor, cause; logs in
 * scenario/flavor.log) instead of the ones that come with the tests; --sizes 1,100 the megabytes for speed.
 *
 * Example:
 *   bun run scripts/bench.ts signature-speed --sizes 1,100
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import * as levenshtein from "fast-levenshtein";
import { group } from "../lib/groups.ts";
import { normalize } from "../lib/normalize.ts";
import { measureRequests } from "../lib/sandbox/budgets.ts";
import { type Failure, readFailure } from "../lib/signature.ts";
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
];

const OWN_CORPUS = join(import.meta.dir, "../tests/fixtures/logs");
const SIGNATURE = join(import.meta.dir, "signature.ts");
const MEGABYTE = 1_000_000;

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
    rows.push({
      group: "signature-quality",
      claim: `${part}: what errors cost`,
      ours: `${ours.missed} of ${ours.same} pairs pay an analysis twice, ${ours.merged} of ${ours.different} wait for a fix that is not theirs`,
      beside: `${naive[1]?.[1].missed} and ${naive[1]?.[1].merged} by error lines`,
      ratio: null,
    });
    rows.push({
      group: "signature-quality",
      claim: `${part}: groups do not depend on order`,
      ours: `${stableScenarios(kept)} of ${new Set(kept.map(({ scenario }) => scenario)).size} commits`,
      beside: "20 orders each",
      ratio: null,
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

/** In how many commits every order of the logs gives the same groups. */
function stableScenarios(logs: readonly Log[]): number {
  const scenarios = Map.groupBy(logs, ({ scenario }) => scenario);
  return [...scenarios.values()].filter(
    (members) => new Set(Array.from({ length: 20 }, (_, seed) => partitionOf(shuffled(members, seed)))).size === 1,
  ).length;
}

function partitionOf(logs: readonly Log[]): string {
  const { groups } = group(logs.map(({ failure }) => failure));
  return groups
    .map((indices) =>
      indices
        .map((index) => logs[index])
        .map((log) => `${log?.failure.id}${log?.failure.bytes}`)
        .sort()
        .join(),
    )
    .sort()
    .join("\n");
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
      await writeLog(file, corpus, size * MEGABYTE);
      const runs = size >= 1000 ? 3 : 9;
      await readFailure(createReadStream(file, { highWaterMark: 1 << 20 }));
      const ours = await fastest(runs, () => readFailure(createReadStream(file, { highWaterMark: 1 << 20 })));
      const grep = await fastest(runs, () => run(["grep", "-ciE", "error|fail", file]));
      const wc = await fastest(runs, () => run(["wc", "-l", file]));
      const speed = (seconds: number): string => `${Math.round(size / seconds)} MB/s`;
      rows.push({
        group: "signature-speed",
        claim: `reads ${size} MB`,
        ours: speed(ours),
        beside: `grep -ciE 'error|fail': ${speed(grep)}`,
        ratio: grep / ours,
      });
      rows.push({
        group: "signature-speed",
        claim: `reads ${size} MB`,
        ours: speed(ours),
        beside: `wc -l: ${speed(wc)}`,
        ratio: wc / ours,
      });
      const memory = await peakMemory([process.execPath, SIGNATURE, "--json", file]);
      rows.push({
        group: "signature-speed",
        claim: `peak memory at ${size} MB, whole process`,
        ours: `${Math.round(memory / MEGABYTE)} MB`,
        beside: `an empty script: ${Math.round((await peakMemory([process.execPath, "-e", "await Bun.sleep(200)"])) / MEGABYTE)} MB`,
        ratio: null,
      });
      await rm(file);
    }
    rows.push(await measureComparisons(corpus));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

/** Real logs, one after another, until the file is as large as asked. */
async function writeLog(path: string, corpus: string, size: number): Promise<void> {
  const rows = (await Bun.file(join(corpus, "manifest.tsv")).text()).trim().split("\n").slice(1);
  const parts = await Promise.all(
    rows.map((row) => {
      const [scenario = "", flavor = ""] = row.split("\t");
      return Bun.file(join(corpus, scenario, `${flavor}.log`)).bytes();
    }),
  );
  const block = Buffer.concat(parts);
  const file = await open(path, "w");
  for (let left = size; left > 0; left -= block.length) await file.write(block.subarray(0, Math.min(block.length, left)));
  await file.close();
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
