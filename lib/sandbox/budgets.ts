/**
 * What coordination costs in requests, counted by the embedded GitHub: rows for the benchmark.
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCrowd } from "./crowd.ts";
import { startGithub } from "./github.ts";
import { startMessages } from "./messages.ts";
import { modelReply } from "./model.ts";
import { sandboxPlace } from "./places.ts";
import { typescript } from "./projects.ts";
import type { Lock } from "./racing.ts";
import type { LogEntry } from "./requests.ts";
import { openRound } from "./round.ts";
import type { Row } from "./rows.ts";
import { flavorNames } from "./scenarios.ts";

/** One race of real processes, and every request to the API that its flavors sent. */
async function requestsOf(name: string, lock: Lock): Promise<readonly LogEntry[]> {
  const folder = mkdtempSync(join(tmpdir(), "fixonce-budget-"));
  const sandbox = await startGithub({ dir: folder });
  const scenario = typescript.scenarios.find((known) => known.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const messages = startMessages({ reply: (request) => modelReply(scenario, request, 300) });
  try {
    const place = sandboxPlace(sandbox, { listLagMs: 0, readLagMs: 0, latencyMs: 0, faultRate: 0 }, "budget");
    const round = await openRound({
      number: 1,
      flavors: flavorNames(7),
      project: typescript,
      scenario,
      lock,
      // One after the other, so that followers find a live claim: what they need is counted, not what they lose.
      stagger: (index) => index * 400,
      kills: 0,
      folder: join(folder, "round"),
      random: () => 0.5,
      place,
      asked: new Map(),
      calls: () => messages.calls,
      messagesUrl: messages.url,
      settleSeconds: 1,
      runnerUsdPerMinute: 0,
      onStep: () => {},
      stop: new AbortController().signal,
    });
    await round.race();
    const { problems } = await round.judge();
    if (lock === "ref" && problems.length > 0) throw new Error(problems.join("; "));
    return sandbox.requests.entries.filter(({ git, sender }) => !git && sender.includes("/"));
  } finally {
    await messages.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Requests of each sender, from the first up to and with the one that matches. */
function upTo(entries: readonly LogEntry[], method: string, path: RegExp): readonly number[] {
  const counts: number[] = [];
  for (const sender of new Set(entries.map((entry) => entry.sender))) {
    const own = entries.filter((entry) => entry.sender === sender).sort((a, b) => a.id - b.id);
    const index = own.findIndex((entry) => entry.method === method && path.test(entry.path) && entry.status < 300);
    if (index >= 0) counts.push(index + 1);
  }
  return counts;
}

/** The budgets of the protocol, counted. */
export async function measureRequests(): Promise<readonly Row[]> {
  const same = await requestsOf("same", "ref");
  const late = await requestsOf("straggler", "ref");
  const prototype = await requestsOf("same", "prototype");
  const perSender = (entries: readonly LogEntry[]) =>
    [...Map.groupBy(entries, ({ sender }) => sender).values()].map(({ length }) => length);
  // Each flavor's own stream: a leader's third request creates the claim; a follower's third creates its join.
  // The look at other commits' coordinations goes beside the claim's commit, and nobody waits for it where no fix is pending.
  const beside = ({ method, path }: LogEntry) => method === "GET" && /\/(matching-refs\/coordination\/?|pulls)$/.test(path);
  const streams = [...Map.groupBy(same, ({ sender }) => sender).values()].map((own) =>
    own.filter((entry) => !beside(entry)).toSorted((a, b) => a.id - b.id),
  );
  const posts = (own: readonly LogEntry[], path: RegExp) => own.findIndex((entry) => entry.method === "POST" && path.test(entry.path)) + 1;
  const leaders = streams.filter((own) => posts(own, /\/git\/commits$/) === 2).map((own) => posts(own, /\/git\/refs$/));
  const followers = streams.filter((own) => own[1]?.method === "GET").map((own) => posts(own, /\/git\/refs$/));
  const last = [...Map.groupBy(late, ({ sender }) => sender).values()].at(-1) ?? [];
  const [rest, git] = [await runCrowd(256, false), await runCrowd(256, true)];
  const created = upTo(prototype, "POST", /\/issues$/);
  const range = (numbers: readonly number[]) =>
    Math.min(...numbers) === Math.max(...numbers) ? `${numbers[0]}` : `${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  return [
    {
      claim: "leader: requests in sequence before its decision",
      ours: `${range(leaders)}, and 2 beside them`,
      beside: `${Math.max(...created) + 1} and 2.5 s of sleep (prototype)`,
      ratio: (Math.max(...created) + 1) / Math.max(...leaders),
    },
    { claim: "follower of a live claim: requests to know, and to have joined", ours: `2, ${range(followers)}`, beside: "", ratio: null },
    { claim: "straggler after the fix: requests until it tests", ours: `${posts(last, /\/git\/refs$/)}`, beside: "", ratio: null },
    {
      claim: "7 flavors from failure to green and closed: requests",
      ours: `${same.length}`,
      beside: `${prototype.length} (prototype, which tests and closes nothing; most in one flavor ${Math.max(...perSender(prototype))})`,
      ratio: null,
    },
    {
      claim: "256 flavors fail in 1 s and wait 15 min, without a checkout: requests (limit 1,000 an hour)",
      ours: `${rest.requests}, at most ${rest.pointsPerMinute} points and ${rest.contentPerMinute} writes a minute, ${rest.analyses} analysis`,
      beside: "1,000; 900; 80",
      ratio: 1000 / rest.requests,
    },
    {
      claim: "the same with a checkout, reading over git",
      ours: `${git.requests}, at most ${git.pointsPerMinute} points and ${git.contentPerMinute} writes a minute, ${git.analyses} analysis`,
      beside: "1,000; 900; 80",
      ratio: 1000 / git.requests,
    },
  ];
}
