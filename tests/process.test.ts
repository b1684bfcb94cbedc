import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLogged } from "../lib/io/logged.ts";
import { runCommand } from "../lib/io/process.ts";

const folder = tmpdir();
const environment = { PATH: process.env.PATH };

/** Does a process with this word in its arguments go on for a second? What was killed may take a moment. */
async function alive(word: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (!Bun.spawnSync(["ps", "-eo", "args"]).stdout.toString().includes(word)) return false;
    await Bun.sleep(50);
  }
  return true;
}

/** Seconds to sleep that no other process sleeps: how a child of a test is found. */
let seconds = 0;
function own(): string {
  seconds += 1;
  return `3${seconds}.${process.pid}`;
}

async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const started = performance.now();
  const value = await work;
  return { value, ms: performance.now() - started };
}

const run = (script: string, timeoutMs = 20_000) =>
  runCommand(["bash", "-c", script], { folder, environment, timeoutMs, signal: new AbortController().signal });

describe("runCommand() leaves nothing running", () => {
  test.each([
    ["that holds its output", (sleep: string) => `sleep ${sleep} & echo done`],
    ["that writes elsewhere", (sleep: string) => `sleep ${sleep} >/dev/null 2>&1 & echo done`],
    ["that writes on and on", (sleep: string) => `while sleep 0.1; do : ${sleep}; echo; done & echo done`],
  ])("of a command that passed: a child %s", async (_name, script) => {
    const sleep = own();
    const { value, ms } = await timed(run(script(sleep)));
    expect([value.kind, value.output.trim()]).toEqual(["passed", "done"]);
    expect(ms).toBeLessThan(5_000);
    expect(await alive(sleep)).toBe(false);
  });

  test("at the deadline", async () => {
    const sleep = own();
    const { value, ms } = await timed(run(`sleep ${sleep} & sleep ${sleep}`, 300));
    expect([value.kind, ms < 5_000]).toEqual(["timeout", true]);
    expect(await alive(sleep)).toBe(false);
  });
});

describe("runCommand()", () => {
  const strays: string[] = [];
  afterEach(() => {
    for (const pid of strays.splice(0)) process.kill(Number(pid), "SIGKILL");
  });

  test("does not wait for a child that left its group with the output", async () => {
    const { value, ms } = await timed(run("setsid sleep 30 & echo $!; exit 3"));
    strays.push(value.output.trim());
    expect([value.kind, value.output]).toEqual(["failed", expect.stringMatching(/^\d+\n$/)]);
    expect(ms).toBeLessThan(5_000);
  });

  test("reads what a child writes that is through a moment later, and all that was written before", async () => {
    expect((await run("echo first > >(sleep 0.3; cat)")).output).toBe("first\n");
    expect((await run("head -c 150000 /dev/zero | tr '\\0' x")).output).toHaveLength(150_000);
  });
});

test("runLogged() ends what a command left running, and logs all that it said", async () => {
  const [sleep, scratch] = [own(), await mkdtemp(join(folder, "logged-"))];
  const options = { folder, log: join(scratch, "log.txt"), timeoutMs: 20_000, environment };
  const { value, ms } = await timed(runLogged(["bash", "-c", `sleep ${sleep} & echo out; echo err >&2; exit 4`], options));
  expect([value, ms < 5_000]).toEqual([4, true]);
  expect((await readFile(options.log, "utf8")).split("\n").toSorted()).toEqual(["", "err", "out"]);
  expect(await alive(sleep)).toBe(false);
  await rm(scratch, { recursive: true });
});
