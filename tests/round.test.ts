import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typescript } from "../lib/sandbox/projects.ts";
import type { Head, Opened, RoundOptions } from "../lib/sandbox/racing.ts";
import { openRound } from "../lib/sandbox/round.ts";

setDefaultTimeout(60_000);

/** A round without flavors in a place where nothing can be cloned, and a way to dispatch there. */
async function nowhere(stop: AbortController) {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-round-"));
  const opened: string[] = [];
  let start = (_flavor: string, _on: Head) => {};
  const place = {
    ...{ repository: "acme/none", sha: "0".repeat(40), branch: "main", gitUrl: join(folder, "none.git"), apiUrl: "", serverUrl: "" },
    flavor: (flavor: string) => {
      opened.push(flavor);
      return { token: "none", runId: 1, end: () => {} };
    },
    onDispatch: (given: typeof start) => {
      start = given;
    },
    ...{ requests: () => 0, begin: () => {}, end: () => {}, close: async () => {} },
  } satisfies Opened;
  const [scenario] = typescript.scenarios;
  const round = await openRound({
    ...{ number: 1, flavors: [], project: typescript, scenario, lock: "ref", stagger: () => 0, kills: 0, folder: join(folder, "round") },
    ...{ random: () => 0, place: { open: async () => place }, asked: new Map(), calls: () => [], messagesUrl: "", settleSeconds: 1 },
    ...{ runnerUsdPerMinute: 0, onStep: () => {}, stop: stop.signal },
  } as unknown as RoundOptions);
  const dispatch = (flavor: string) => start(flavor, { sha: "0".repeat(40), branch: "fix" });
  return { round, opened, dispatch, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test("race() fails with what a dispatched job failed with, even where that was long before its end", async () => {
  await using one = await nowhere(new AbortController());
  one.dispatch("linux");
  // Its clone is tried for about eight seconds.
  await Bun.sleep(10_000);
  await expect(one.round.race()).rejects.toThrow("Cannot clone");
});

test("a job that is dispatched after the race was stopped is not started, and what was killed is no error", async () => {
  const stop = new AbortController();
  await using one = await nowhere(stop);
  one.dispatch("linux");
  stop.abort();
  one.dispatch("windows");
  expect(one.opened).toEqual(["linux"]);
  await one.round.race();
});
