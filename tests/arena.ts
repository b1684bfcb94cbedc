/**
 * A round of the race as a test has it: three flavors, a project, and the sandbox to look into afterwards.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GithubSandbox, startGithub } from "../lib/sandbox/github.ts";
import { type MessagesServer, startMessages } from "../lib/sandbox/messages.ts";
import { modelReply } from "../lib/sandbox/model.ts";
import { type Dispatches, sandboxPlace } from "../lib/sandbox/places.ts";
import { projects } from "../lib/sandbox/projects.ts";
import type { Opened, RoundOptions, RoundResult } from "../lib/sandbox/racing.ts";
import { openRound } from "../lib/sandbox/round.ts";

export type Arena = {
  readonly result: RoundResult;
  readonly opened: Opened;
  readonly sandbox: GithubSandbox;
  readonly messages: MessagesServer;
};

/** Runs one round without lag, and hands it over before everything goes. */
export async function runRound<T>(
  given: { readonly project?: string; readonly scenario: string } & Partial<Pick<RoundOptions, "wait" | "whole" | "flavors" | "kills">>,
  look: (arena: Arena) => T | Promise<T>,
): Promise<T> {
  const project = projects.find(({ name }) => name === (given.project ?? "ts"));
  const scenario = project?.scenarios.find(({ name }) => name === given.scenario);
  if (project === undefined || scenario === undefined) throw new Error(`no ${given.project} ${given.scenario}`);
  const folder = await mkdtemp(join(tmpdir(), "fixonce-arena-"));
  const dispatches: Dispatches = new Map();
  const sandbox = await startGithub({ dir: folder, hooks: { onDispatch: (event) => dispatches.get(event.repo)?.(event) } });
  const asked = new Map<string, () => void>();
  const messages = startMessages({
    reply: (request, _, key) => {
      asked.get(key)?.();
      return modelReply(scenario, request, 100);
    },
  });
  try {
    const weather = { listLagMs: 0, readLagMs: 0, latencyMs: 0, faultRate: 0 };
    const round = await openRound({
      ...{ number: 1, flavors: given.flavors ?? ["linux-x64", "windows", "macos"], project, scenario, lock: "ref" },
      ...(given.wait && { wait: given.wait }),
      ...(given.whole && { whole: true }),
      ...{
        stagger: () => 0,
        kills: given.kills ?? 0,
        folder: join(folder, "round"),
        random: () => 0.5,
        place: sandboxPlace(sandbox, weather, "arena", dispatches),
      },
      ...{ asked, calls: () => messages.calls, messagesUrl: messages.url, settleSeconds: 1, runnerUsdPerMinute: 0, onStep: () => {} },
      stop: new AbortController().signal,
    });
    await round.race();
    return await look({ result: await round.judge(), opened: round.opened, sandbox, messages });
  } finally {
    await messages.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
