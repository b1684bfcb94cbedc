/**
 * Steps that die: at one of the git commands that they start, or at one of their writes to the disk. For tests of what a crash leaves. Between
 * two such moments, and the requests over the network, a process changes nothing that outlives it.
 *
 * @module
 */
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Shim = {
  /** For the environment of the step: ends at moment `at`, or never. */
  env(at?: number, when?: When): Promise<Readonly<Record<string, string>>>;
  /** The commands, or the writes, since the last `env()`. */
  started(): Promise<readonly string[]>;
};
export type When = "before" | "midst" | "after";

/** The n-th write of the step ends its whole process group: before it, after it, or in its midst, with half of a text on the disk. */
export async function fileShim(folder: string): Promise<Shim> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, "writes");
  return {
    async env(at = 0, when = "before") {
      await writeFile(log, "");
      const preload = `--preload=${join(import.meta.dir, "mortal/preload.ts")}`;
      return { BUN_OPTIONS: preload, SHIM_FILES: log, SHIM_AT: String(at), SHIM_WHEN: when };
    },
    started: async () => (await readFile(log, "utf8")).trim().split("\n"),
  };
}

/** A git that counts how often it is started; the n-th start ends the whole process group of the step, before or after git has run. */
export async function gitShim(folder: string): Promise<Shim> {
  const bin = join(folder, "shim");
  const starts = join(folder, "starts");
  await mkdir(bin, { recursive: true });
  // Some are started side by side: whoever makes the folder has the number.
  const script = `#!/bin/sh
n=1
until mkdir "$SHIM_STARTS/$n" 2>/dev/null; do n=$((n+1)); done
echo "$*" > "$SHIM_STARTS/$n/command"
if [ "$SHIM_WHEN" = before ] && [ "$n" -eq "$SHIM_AT" ]; then kill -9 0; fi
"${Bun.which("git")}" "$@"
code=$?
if [ "$SHIM_WHEN" = after ] && [ "$n" -eq "$SHIM_AT" ]; then kill -9 0; fi
exit $code
`;
  await writeFile(join(bin, "git"), script);
  await chmod(join(bin, "git"), 0o755);
  return {
    async env(at = 0, when = "before") {
      await rm(starts, { recursive: true, force: true });
      await mkdir(starts);
      return { PATH: `${bin}:${process.env.PATH}`, SHIM_STARTS: starts, SHIM_AT: String(at), SHIM_WHEN: when };
    },
    async started() {
      const numbers = (await readdir(starts)).map(Number).sort((a, b) => a - b);
      return Promise.all(numbers.map((n) => readFile(join(starts, String(n), "command"), "utf8")));
    },
  };
}

/**
 * Where to strike: a moment, and how. A strike takes one to two seconds of test, so `sample` of the moments are taken, evenly, the first by
 * chance; with `CRASH_ALL=1` every one in every way.
 */
export function strikes<W extends When = "before" | "after">(
  count: number,
  random: () => number,
  { sample = 7, ways = ["before", "after"] as readonly When[] as readonly W[] } = {},
): readonly (readonly [number, W])[] {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  if (process.env.CRASH_ALL) return all.flatMap((k) => ways.map((way) => [k, way] as const));
  const every = Math.max(1, Math.ceil(count / sample));
  const first = Math.floor(random() * every);
  return all.filter((k) => (k - 1) % every === first).map((k) => [k, ways[Math.floor(random() * ways.length)] as W] as const);
}
