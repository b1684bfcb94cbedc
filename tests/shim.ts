/**
 * A git that counts how often it is started, and ends everything around it at one of these: for tests of what a crash between two commands
 * leaves. The n-th start ends the whole process group of the step, before or after the real git has run.
 *
 * @module
 */
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Shim = {
  /** For the environment of the step: ends at start `at`, or never. */
  env(at?: number, when?: "before" | "after"): Promise<Readonly<Record<string, string>>>;
  /** The commands since the last `env()`. */
  started(): Promise<readonly string[]>;
};

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
 * Where to strike: a start and a moment. A strike takes one to two seconds of test, so `sample` of the starts are taken, evenly, the first by
 * chance; with `CRASH_ALL=1` every one, before and after.
 */
export function strikes(count: number, random: () => number, sample = 7): readonly (readonly [number, "before" | "after"])[] {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  if (process.env.CRASH_ALL) return all.flatMap((k) => [[k, "before"] as const, [k, "after"] as const]);
  const every = Math.max(1, Math.ceil(count / sample));
  const first = Math.floor(random() * every);
  return all.filter((k) => (k - 1) % every === first).map((k) => [k, random() < 0.5 ? "before" : "after"] as const);
}
