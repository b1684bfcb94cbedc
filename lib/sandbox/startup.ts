/**
 * How long a bundled script takes to start, beside Bun with nothing to do: rows for the benchmark.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../io/bundle.ts";
import type { Row } from "./rows.ts";

const rounds = 15;

/** Bundles scripts of the package at `root` and measures each: the shortest of several starts with `--help`, as a busy machine only adds. */
export async function measureStart(root: string, names: readonly string[]): Promise<readonly Row[]> {
  const out = await mkdtemp(join(tmpdir(), "fixonce-start-"));
  try {
    const { files } = await bundle({ root, names, out });
    const bare = await shortestMs(["-e", "0"], out);
    const rows: Row[] = [];
    for (const { name, bytes } of files) {
      const ms = await shortestMs([join(out, `${name}.js`), "--help"], out);
      const ours = `${Math.round(ms)} ms, ${(bytes / 1e6).toFixed(2)} MB`;
      rows.push({ claim: `${name}.js starts`, ours, beside: `${Math.round(bare)} ms: bun -e 0`, ratio: bare / ms });
    }
    return rows;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function shortestMs(args: readonly string[], cwd: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const child = Bun.spawn([process.execPath, ...args], { cwd, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    if ((await child.exited) !== 0) throw new Error(`Cannot measure ${args.join(" ")}: it failed`);
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}
