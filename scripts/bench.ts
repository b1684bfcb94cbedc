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
import { join } from "node:path";
import { Command, CommanderError } from "commander";
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
  const rows: (Row & { readonly group: string })[] = [];
  for (const { name, measure } of GROUPS)
    if (program.args.length === 0 || program.args.includes(name))
      rows.push(...(await measure({ corpus: options.corpus, sizes })).map((row) => ({ group: name, ...row })));
  console.log(options.json === true ? JSON.stringify(rows, null, 2) : tableOf(rows));
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
