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
 * --corpus DIR takes the logs from a folder with a manifest.tsv (columns: scenario, flavor, cause; logs in
 * scenario/flavor.log) instead of the ones that come with the tests; --sizes 1,100 the megabytes for speed.
 *
 * Example:
 *   bun run scripts/bench.ts signature-speed --sizes 1,100
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CallError, command, main } from "../lib/io/command.ts";
import { measureRequests } from "../lib/sandbox/budgets.ts";
import { measureQuality } from "../lib/sandbox/quality.ts";
import { type Row, tableOf } from "../lib/sandbox/rows.ts";
import { measureSpeed } from "../lib/sandbox/speed.ts";
import { measureStart } from "../lib/sandbox/startup.ts";

type Settings = { readonly corpus: string; readonly sizes: readonly number[] };
type RowGroup = { readonly name: string; readonly measure: (settings: Settings) => Promise<readonly Row[]> };

/** In the order in which they are printed. */
const GROUPS: readonly RowGroup[] = [
  { name: "signature-quality", measure: ({ corpus }) => measureQuality(corpus) },
  { name: "signature-speed", measure: ({ corpus, sizes }) => measureSpeed(corpus, sizes) },
  { name: "requests", measure: measureRequests },
  { name: "start", measure: measureStart },
];

const OWN_CORPUS = join(import.meta.dir, "../tests/fixtures/logs");

async function run(argv: readonly string[]): Promise<void> {
  const program = command(
    "bench",
    "Every figure the README quotes, measured beside what a user would use instead",
    "bun run scripts/bench.ts signature-speed --sizes 1,100",
  )
    .argument("[group...]", `row groups: ${GROUPS.map(({ name }) => name).join(", ")}`)
    .option("--corpus <folder>", "logs and their manifest.tsv", OWN_CORPUS)
    .option("--sizes <megabytes>", "file sizes for speed", "1,100,1000")
    .option("--json", "print one JSON document and nothing else")
    .parse([...argv], { from: "user" });
  const { corpus, sizes: given, json } = program.opts<{ corpus: string; sizes: string; json?: boolean }>();
  const sizes = given.split(",").map(Number);
  if (sizes.some((size) => !(size > 0))) throw new CallError(`--sizes must be numbers of megabytes, not "${given}"`);
  const unknown = program.args.find((name) => !GROUPS.some((known) => known.name === name));
  if (unknown !== undefined) throw new CallError(`No group "${unknown}": there are ${GROUPS.map(({ name }) => name).join(", ")}`);
  if (!existsSync(join(corpus, "manifest.tsv"))) throw new CallError(`Cannot read ${join(corpus, "manifest.tsv")}: no such file`);
  const rows: (Row & { readonly group: string })[] = [];
  for (const { name, measure } of GROUPS)
    if (program.args.length === 0 || program.args.includes(name))
      rows.push(...(await measure({ corpus, sizes })).map((row) => ({ group: name, ...row })));
  process.stdout.write(`${json === true ? JSON.stringify(rows, null, 2) : tableOf(rows)}\n`);
}

if (import.meta.main) await main(run);
