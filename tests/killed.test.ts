import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MessageRequest } from "../lib/sandbox/messagerequest.ts";
import type { Reply } from "../lib/sandbox/messages.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { type Flow, type FlowJob, openFlow, type Ran } from "./flow.ts";
import { answers, uses } from "./repository.ts";
import { git } from "./sandbox.ts";
import { fileShim, gitShim, strikes, type When } from "./shim.ts";

/** Which moments analyze.ts dies in: replay with `CRASH_SEED=n`. */
const seed = process.env.CRASH_SEED ?? "1";
const edit = (search: string) => ({ path: "src/vector.ts", search, replace: 'from "./small_vec.ts"' });

let flow: Flow;
let job: FlowJob;
let model: ReturnType<typeof gate>;
let calm: Awaited<ReturnType<typeof analysed>>;
beforeAll(async () => {
  flow = await openFlow({ reply: longWay() });
  model = gate(flow.messages.url);
  job = await (await flow.project("killed")).job("linux-x64");
  await job.coordinate();
  calm = await analysed(() => job.analyze({ env: { ANTHROPIC_BASE_URL: model.url } }));
}, 120_000);
afterAll(async () => {
  await model.stop();
  await flow[Symbol.asyncDispose]();
});

/** Asks for files, reads one, misses with its edit, is overloaded, and is right at last. */
function longWay(): (request: MessageRequest) => Reply {
  let overloaded = false;
  return ({ messages }) => {
    const turn = messages.filter(({ role }) => role === "assistant").length;
    if (turn === 0) {
      overloaded = false;
      return answers({ verdict: "need_files", need_files: ["src/vector.ts"] });
    }
    if (turn === 1) return uses({ name: "read", input: { path: "src/vector.ts" } });
    if (turn === 2) return answers({ edits: [edit("there is no such line")] });
    if (overloaded) return answers({ edits: [edit('from "./smallvec.ts"')] });
    overloaded = true;
    return { kind: "error", status: 529, retryAfterSeconds: 0 };
  };
}

/** In front of the model: may end the process that asks, before its request arrives or after it was answered. */
function gate(target: string) {
  let strike = { at: 0, when: "before", kill: () => {} };
  let count = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const struck = ++count === strike.at;
      if (struck && strike.when === "before") strike.kill();
      const { pathname, search } = new URL(request.url);
      const body = await request.arrayBuffer();
      if (struck && strike.when === "before") return new Response(null, { status: 500 });
      const { status, headers, ...answer } = await fetch(`${target}${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        body,
      }).then(async (response) => ({ status: response.status, headers: response.headers, body: await response.arrayBuffer() }));
      if (struck) strike.kill();
      return new Response(answer.body, { status, headers });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    requests: () => count,
    set(at: number, when: string, kill: () => void) {
      count = 0;
      strike = { at, when, kill };
    },
    stop: () => server.stop(true),
  };
}

/** What an analysis left, without what may differ; and what the model was paid for meanwhile, by its own count. */
async function analysed(run: () => Promise<Ran>) {
  await rm(job.out, { recursive: true, force: true });
  const before = flow.messages.calls.length;
  const ran = await run();
  expect([ran.code, ran.code === 0 ? "" : ran.stderr]).toEqual([0, ""]);
  const report = JSON.parse(await readFile(join(job.out, "report.json"), "utf8"));
  const { usage, costUsd, turns: _turns, conversation: _conversation, ...rest } = report;
  const paid = flow.messages.calls.slice(before).flatMap((call) => call.usage ?? []);
  const files = (await readdir(job.out)).toSorted();
  return { files, patch: await readFile(join(job.out, "fix.patch"), "utf8"), rest, usage, costUsd, paid };
}

function expectWhole(at: unknown, end: typeof calm) {
  const { files, patch, rest } = end;
  expect({ at, files, patch, rest }).toEqual({ at, files: calm.files, patch: calm.patch, rest: calm.rest });
  const paid = { requests: end.paid.length, output: end.paid.reduce((sum, { output_tokens }) => sum + output_tokens, 0) };
  // One more where the request that was under way never arrived: nobody can know, so it counts.
  expect({ at, covered: end.usage.requests >= paid.requests && end.usage.outputTokens >= paid.output }).toEqual({ at, covered: true });
  expect(end.usage.requests).toBeLessThanOrEqual(paid.requests + 1);
  expect(end.costUsd).toBeGreaterThanOrEqual(calm.costUsd - 1e-9);
}

describe("analyze.ts killed and started again reports the same, and its whole bill", () => {
  test("at every request to the model: counts, tools, a repair, a repeated one", async () => {
    expect(calm).toMatchObject({ rest: { verdict: "fix", proof: { before: "failed", after: "passed" } }, usage: { requests: 4 } });
    const requests = model.requests();
    expect(requests).toBe(9);
    const random = seeded(`model-${seed}`);
    for (const [k, when] of strikes(requests, random, { sample: requests })) {
      const end = await analysed(async () => {
        let kill = () => {};
        model.set(k, when, () => kill());
        const first = await job.analyze({ env: { ANTHROPIC_BASE_URL: model.url }, onStart: (end) => (kill = end) });
        expect({ k, when, killed: first.killed }).toEqual({ k, when, killed: true });
        model.set(0, when, () => {});
        return job.analyze({ env: { ANTHROPIC_BASE_URL: model.url } });
      });
      expectWhole({ k, when }, end);
    }
  }, 300_000);

  test.each([
    ["at the git commands it starts", gitShim, ["before", "after"], "worktree add"],
    ["at its writes to the disk", fileShim, ["before", "midst", "after"], "rename"],
  ] as const)(
    "%s",
    async (name, shimOf, ways, telling) => {
      const random = seeded(`analyze-${name}-${seed}`);
      const shim = await shimOf(join(flow.folder, name));
      model.set(0, "", () => {});
      await analysed(async () => job.analyze({ env: await shim.env() }));
      const commands = await shim.started();
      expect(commands.some((command) => command.includes(telling))).toBe(true);
      for (const [k, when] of strikes<When>(commands.length, random, { ways })) {
        const at = { k, when, command: commands[k - 1] };
        const end = await analysed(async () => {
          expect({ ...at, code: (await job.analyze({ env: await shim.env(k, when) })).code }).toEqual({ ...at, code: 137 });
          return job.analyze();
        });
        expectWhole(at, end);
      }
      expect((await git(job.clone, "status", "--porcelain")).text).toBe("");
    },
    600_000,
  );
});
