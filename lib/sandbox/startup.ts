/**
 * How long a bundled script takes to start, beside Bun with nothing to do and beside the script as it stands: rows for the benchmark.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "../io/bundle.ts";
import type { Row } from "./rows.ts";

const root = resolve(import.meta.dir, "../..");
/** The smallest, two of every job, and the largest. */
const names = ["signature", "coordinate", "triage", "respond"];
const rounds = 15;

/** Each starts with `--help`. The shortest of several starts counts, as a busy machine only adds; they take turns, as it is not always as busy. */
export async function measureStart(): Promise<readonly Row[]> {
  const out = await mkdtemp(join(tmpdir(), "fixonce-start-"));
  try {
    const { files } = await bundle({ root, names, out });
    const rows: Row[] = [];
    for (const { name, bytes } of files) {
      const [ms, bare, source] = await shortestMs(out, [
        [join(out, `${name}.js`), "--help"],
        ["-e", "0"],
        [join(root, "scripts", `${name}.ts`), "--help"],
      ]);
      if (ms === undefined || bare === undefined || source === undefined) throw new Error("Cannot measure a start: none was made");
      const ours = `${Math.round(ms)} ms, ${(bytes / 1e6).toFixed(2)} MB`;
      rows.push({ claim: `${name}.js starts`, ours, beside: `bun -e 0: ${Math.round(bare)} ms`, ratio: bare / ms });
      rows.push({ claim: `${name}.js starts`, ours, beside: `${name}.ts: ${Math.round(source)} ms`, ratio: source / ms });
    }
    return rows;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** The shortest start of each command, in milliseconds. */
async function shortestMs(cwd: string, commands: readonly (readonly string[])[]): Promise<readonly number[]> {
  const shortest = commands.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++)
    for (const [index, args] of commands.entries()) {
      const started = performance.now();
      const child = Bun.spawn([process.execPath, ...args], { cwd, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      if ((await child.exited) !== 0) throw new Error(`Cannot measure ${args.join(" ")}: it failed`);
      shortest[index] = Math.min(shortest[index] ?? 0, performance.now() - started);
    }
  return shortest;
}
