/**
 * How fast a log is read, beside grep and wc, with what memory, and how fast signatures are compared: rows for the benchmark.
 *
 * @module
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf } from "../io/bytes.ts";
import { type Failure, readFailure } from "../signature.ts";
import { similarity } from "../similarity.ts";
import { logsOf, ratioOf, readCorpus } from "./corpus.ts";
import { passingOutput } from "./passing.ts";
import type { Row } from "./rows.ts";

const SIGNATURE = join(import.meta.dir, "../../scripts/signature.ts");
const MEGABYTE = 1_000_000;

/** @param sizes of the files, in megabytes */
export async function measureSpeed(corpus: string, sizes: readonly number[]): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-bench-"));
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      const file = join(folder, `${size}.log`);
      await writeJob(file, corpus, size * MEGABYTE);
      rows.push(...(await measureReading(file, size, "one failure in a passing job's output")));
      const memory = await peakMemory([process.execPath, SIGNATURE, "--json", file]);
      rows.push({
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
  const runs = size >= 1000 ? 2 : size >= 100 ? 7 : 60;
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
