#!/usr/bin/env bun
/**
 * The local race: N real flavors of a really broken project fail together, as real processes in real clones, against an embedded GitHub
 * with lag and faults. Exactly one analyses each cause, and all end green with its fix; or the exit code is 1.
 *
 * Longer than 250 lines, half of them flags and their checks; what a race does is in lib/sandbox.
 *
 * @module
 */
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnswerNo, CallError, command, duration, main, numberIn, onExit, wholeIn } from "../lib/io/command.ts";
import type { DispatchEvent } from "../lib/sandbox/call.ts";
import { parseStagger } from "../lib/sandbox/duration.ts";
import { type GithubSandbox, startGithub } from "../lib/sandbox/github.ts";
import type { MessageRequest } from "../lib/sandbox/messagerequest.ts";
import { startMessages } from "../lib/sandbox/messages.ts";
import { modelReply } from "../lib/sandbox/model.ts";
import { type Dispatches, realPlace, sandboxPlace } from "../lib/sandbox/places.ts";
import { missingTools, type Project, projectFiles, projects, typescript } from "../lib/sandbox/projects.ts";
import type { Lock, Place, RoundResult } from "../lib/sandbox/racing.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { openRound, type Round } from "../lib/sandbox/round.ts";
import { flavorNames, type Scenario } from "../lib/sandbox/scenarios.ts";
import { openTable } from "../lib/sandbox/table.ts";
import { compareText, type RaceResult, resultOf, roundText, verdictText } from "../lib/sandbox/verdict.ts";

type Flags = {
  readonly flavors: string;
  readonly stagger: string;
  readonly lag: number;
  readonly readLag: number;
  readonly latency: number;
  readonly faults: number;
  readonly lock: Lock;
  readonly compare?: boolean;
  readonly scenario: string;
  readonly project: string;
  readonly wait: "poll" | "dispatch";
  readonly respond?: boolean;
  readonly rounds: number;
  readonly seed?: number;
  readonly kill?: number;
  readonly think: number;
  readonly github?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly serve?: boolean;
  readonly port: number;
};

const names = typescript.scenarios.map(({ name }) => name);

if (import.meta.main) await main(run);

async function run(argv: readonly string[]): Promise<void> {
  const parsed = command(
    "race",
    "Race N flavors that fail together: exactly one may analyse each cause.",
    "bun run scripts/race.ts --stagger 0s --lag 30s --faults 0.05 --rounds 10",
  )
    .option("--flavors <n|names>", "how many, or their names separated by commas", "7")
    .option("--stagger <duration|range>", "time between two failures: 0s, 1s, or at random in 0s..30s", "0s")
    .option("--lag <duration>", "lists show a state this old", duration, 5000)
    .option("--read-lag <duration>", "point reads, refs among them, show a state up to this old", duration, 0)
    .option("--latency <duration>", "of every request", duration, 0)
    .option("--faults <rate>", "share of requests that go wrong, 0 to 1", numberIn(0, 0.9), 0)
    .option("--lock <kind>", "ref, issue, or prototype (the algorithm that races)", "ref")
    .option("--compare", "all three locks side by side, the prototype as it was run (stagger 1s, lag 5s)")
    .option("--scenario <name>", `${names.join(", ")}, or all`, "same")
    .option("--project <name>", `what is broken: ${projects.map(({ name }) => name).join(", ")}`, "ts")
    .option("--wait <how>", "followers poll, or leave and are tested by dispatched runs on the fix branch (dispatch)", "poll")
    .option("--respond", "each job runs respond.ts alone, not one script a step")
    .option("--rounds <n>", "how often", wholeIn(1, 100_000), 1)
    .option("--seed <n>", "replays lag, faults and kills (a new one each time)", wholeIn(0, 2 ** 31))
    .option("--kill <n>", "kill -9 so many leaders at random moments", wholeIn(0, 100))
    .option("--think <duration>", "how long the model thinks", duration, 500)
    .option("--github <owner/repo>", "a real repository (GITHUB_TOKEN) in place of the sandbox")
    .option("--keep", "keep clones, logs and, on a real repository, branches and boards")
    .option("--json", "print one JSON document and nothing else on standard output")
    .option("--serve", "start only the sandbox and print where it is")
    .option("--port <n>", "port of the sandbox", wholeIn(0, 65_535), 0)
    .parse([...argv], { from: "user" });
  const flags = parsed.opts<Flags>();
  const locks: readonly Lock[] = ["ref", "issue", "prototype"];
  if (!locks.includes(flags.lock)) throw new CallError(`Unknown lock "${flags.lock}" (one of ${locks.join(", ")})`);
  if (!["poll", "dispatch"].includes(flags.wait)) throw new CallError(`Unknown --wait "${flags.wait}" (poll or dispatch)`);
  const project = projectOf(flags.project);
  const { scenarios } = project;
  const leaves = flags.wait === "dispatch";
  const chosen = scenarios.filter(({ name, kills }) => (flags.scenario === "all" ? !(leaves && kills) : name === flags.scenario));
  if (chosen.length === 0)
    throw new CallError(`Unknown scenario "${flags.scenario}" (one of ${scenarios.map(({ name }) => name).join(", ")}, all)`);
  if (leaves && (flags.kill ?? chosen[0]?.kills ?? 0) > 0)
    throw new CallError("--wait dispatch kills no leader: all others have left, and it is the sweep that goes on (see ARCHITECTURE.md)");
  const missing = missingTools(project);
  if (missing.length > 0) return void process.stdout.write(`skipped: project ${project.name} needs ${missing.join(" and ")}\n`);
  const flavors = flavorsOf(flags.flavors);
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 31);
  const random = seeded(`race-${seed}`);
  if (parseStagger(flags.stagger, random) === undefined)
    throw new CallError(`"${flags.stagger}" is not a stagger (for example 0s, 1s, 0s..30s)`);

  const elsewhere = flags.github === undefined ? undefined : realPlaceOf(flags);

  const folder = mkdtempSync(join(tmpdir(), "fixonce-race-"));
  onExit(() => (flags.keep ? undefined : removeFolder(folder)));
  const dispatches: Dispatches = new Map();
  const sandbox = await startSandbox(folder, { seed, port: flags.port, dispatches });
  onExit(() => sandbox.stop());
  let scenario = chosen[0] as Scenario;
  const asked = new Map<string, () => void>();
  const reply = (request: MessageRequest, _: number, key: string) => {
    asked.get(key)?.();
    return modelReply(scenario, request, flags.think);
  };
  const messages = startMessages({ reply });
  onExit(() => messages.stop());
  if (flags.serve) return serve(sandbox, messages.url);

  const stop = new AbortController();
  onExit(() => stop.abort());
  process.once("SIGINT", () => stop.abort());
  await fetchDependencies();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const tell = flags.json ? say : (text: string) => process.stdout.write(`${text}\n`);
  const results: RaceResult[] = [];
  const legs = legsOf(flags, chosen);
  say(
    `${legs.length > 1 ? `${legs.length} races` : `lock ${flags.lock}, scenario ${chosen[0]?.name}`}: ${flavors.length} flavors, ${flags.rounds} ${flags.rounds === 1 ? "round" : "rounds"}, seed ${seed}; watch it at ${sandbox.url}`,
  );
  for (const leg of legs) {
    scenario = leg.scenario;
    const weather = { listLagMs: leg.lagMs, readLagMs: flags.readLag, latencyMs: flags.latency, faultRate: flags.faults };
    const place = elsewhere ?? sandboxPlace(sandbox, weather, `${scenario.name}-${leg.lock}`, dispatches);
    const rounds: RoundResult[] = [];
    const started = performance.now();
    // The locks that wait for things to settle mostly sleep: several rounds fit side by side.
    const abreast = leg.lock === "ref" ? 1 : 5;
    const stagger = parseStagger(leg.stagger, random);
    const shared = {
      flavors,
      project,
      scenario,
      lock: leg.lock,
      wait: flags.wait,
      whole: flags.respond === true,
      stagger: stagger?.delay ?? (() => 0),
      kills: flags.kill ?? scenario.kills ?? 0,
      random,
      place,
      asked,
      calls: () => messages.calls,
      messagesUrl: messages.url,
      settleSeconds: Math.max(1, (leg.lagMs / 1000) * 1.2),
      runnerUsdPerMinute: 0.008,
      stop: stop.signal,
    };
    for (let round = 1; round <= flags.rounds && !stop.signal.aborted; round += abreast) {
      const numbers = Array.from({ length: Math.min(abreast, flags.rounds - round + 1) }, (_, index) => round + index);
      const titleOf = (number: number) =>
        `${legs.length > 1 ? `race ${leg.number} of ${legs.length}, ` : ""}${scenario.name}, lock ${leg.lock}, round ${number} of ${flags.rounds}`;
      const table = openTable(titleOf(round), flavors, { quiet: flags.rounds > 1 });
      const folderOf = (number: number) => join(folder, `${scenario.name}-${leg.lock}-${number}`);
      const opened: Round[] = [];
      for (const number of numbers) opened.push(await openRound({ ...shared, number, folder: folderOf(number), onStep: table.step }));
      opened[0]?.opened.begin();
      await Promise.all(opened.map((one) => one.race()));
      opened[0]?.opened.end();
      for (const [index, one] of opened.entries()) {
        const number = round + index;
        const result = await one.judge();
        rounds.push(result);
        if (!flags.keep) await rm(folderOf(number), { recursive: true, force: true });
        if (index === 0) table.close();
        const each = `${((performance.now() - started) / 1000 / number).toFixed(1)} s a round`;
        if (flags.rounds === 1) tell(roundText(result, flavors));
        else say(`${titleOf(number)}: ${lineOf(result, scenario)}, ${each}`);
      }
    }
    const result = resultOf({
      lock: leg.lock,
      scenario: scenario.name,
      flavors,
      staggerMs: stagger?.ms ?? 0,
      lagMs: leg.lagMs,
      seed,
      rounds,
    });
    results.push(result);
    tell(verdictText(result, scenario));
  }
  if (stop.signal.aborted) return;
  if (results.length > 1) tell(compareText(results));
  if (flags.keep) say(`kept: ${folder}`);
  if (flags.json) process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results)}\n`);
  const wrong = results.filter(
    (result) =>
      !isRight(
        result,
        scenarios.find(({ name }) => name === result.scenario),
        flags,
      ),
  );
  if (wrong.length > 0)
    throw new AnswerNo(`${wrong.map(({ lock, scenario }) => `${scenario} with lock ${lock}`).join(", ")}: not as it should be`);
}

type Leg = { readonly number: number; readonly lock: Lock; readonly scenario: Scenario; readonly stagger: string; readonly lagMs: number };

/** The races of one run. The prototype is compared under the conditions under which it was seen to fail. */
function legsOf(flags: Flags, chosen: readonly Scenario[]): readonly Leg[] {
  const numbered = (legs: readonly Omit<Leg, "number">[]) => legs.map((leg, index) => ({ ...leg, number: index + 1 }));
  if (!flags.compare) return numbered(chosen.map((scenario) => ({ lock: flags.lock, scenario, stagger: flags.stagger, lagMs: flags.lag })));
  return numbered(
    chosen.flatMap((scenario) => [
      { lock: "ref" as const, scenario, stagger: flags.stagger, lagMs: flags.lag },
      { lock: "issue" as const, scenario, stagger: flags.stagger, lagMs: Math.min(flags.lag, 5000) },
      { lock: "prototype" as const, scenario, stagger: "1s", lagMs: Math.min(flags.lag, 5000) },
    ]),
  );
}

function lineOf(result: RoundResult, { hopeless }: Scenario): string {
  const { analyses, duplicates, missed, green, problems } = result;
  const colour = green ? "green" : hopeless ? "not fixed, as it should be" : "not green";
  return `${analyses} ${analyses === 1 ? "analysis" : "analyses"}, ${duplicates} duplicate, ${missed} missed, ${colour}${problems.length > 0 ? ` (${problems.join("; ")})` : ""}`;
}

/** What a killed process still wrote a moment ago may be in the way of the first tries. */
async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    if (!existsSync(folder)) return;
    await Bun.sleep(100 * attempt);
  }
}

/** Only our own locks are held to the promise; in a comparison the prototype may fail, that is what it is shown for. */
function isRight({ lock, totals }: RaceResult, scenario: Scenario | undefined, flags: Flags): boolean {
  if (lock === "prototype" && flags.compare) return true;
  const fixed = scenario?.hopeless || lock === "prototype" || totals.green === totals.rounds;
  return totals.duplicates === 0 && totals.missed === 0 && fixed && totals.problems === 0;
}

function flavorsOf(text: string): readonly string[] {
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    if (count < 1 || count > 512) throw new CallError(`${text} flavors: choose 1 to 512`);
    return flavorNames(count);
  }
  const named = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (named.length === 0 || new Set(named).size !== named.length) throw new CallError(`Not a list of different flavors: "${text}"`);
  return named;
}

function projectOf(name: string): Project {
  const project = projects.find((known) => known.name === name);
  if (project === undefined) throw new CallError(`Unknown project "${name}" (one of ${projects.map(({ name }) => name).join(", ")})`);
  return project;
}

type Start = { readonly seed: number; readonly port: number; readonly dispatches: Dispatches };

async function startSandbox(folder: string, { seed, port, dispatches }: Start): Promise<GithubSandbox> {
  const hooks = { onDispatch: (event: DispatchEvent) => dispatches.get(event.repo)?.(event) };
  try {
    return await startGithub({ dir: folder, seed, port, listLagMode: "fixed", hooks });
  } catch (error) {
    if (error instanceof Error && /EADDRINUSE|in use/i.test(error.message))
      throw new CallError(`Port ${port} is in use: choose another with --port`);
    throw error;
  }
}

function realPlaceOf(flags: Flags): Place {
  const [owner = "", repo = ""] = (flags.github ?? "").split("/");
  if (!/^[\w-]+$/.test(owner) || !/^[\w.-]+$/.test(repo)) throw new CallError(`Not a repository: "${flags.github}" (expected owner/name)`);
  const token = process.env.GITHUB_TOKEN ?? "";
  if (token === "") throw new CallError("No token: set GITHUB_TOKEN to one that may write contents, issues and pull requests");
  const [apiUrl, serverUrl] = [
    process.env.GITHUB_API_URL ?? "https://api.github.com",
    process.env.GITHUB_SERVER_URL ?? "https://github.com",
  ];
  return realPlace({ owner, repo, token, apiUrl, serverUrl, keep: flags.keep === true });
}

/** Without an install step the first process fetches what the scripts import; seven at once need not do it seven times. */
async function fetchDependencies(): Promise<void> {
  const scripts = ["coordinate", "analyze", "publish", "wait", "verify", "respond"].map((name) => join(import.meta.dir, `${name}.ts`));
  for (const script of scripts) {
    const child = Bun.spawn([process.execPath, "run", script, "--help"], { stdout: "ignore", stderr: "pipe", stdin: "ignore" });
    const [code, text] = [await child.exited, await new Response(child.stderr).text()];
    if (code !== 0) throw new CallError(`Cannot start ${script}: ${text.trim().split("\n").at(-1)}`);
  }
}

/** Only the sandbox, for any client, until Ctrl-C. */
async function serve(sandbox: GithubSandbox, anthropicUrl: string): Promise<void> {
  const [owner, name] = ["acme", "pebble"];
  const repo = await sandbox.createRepository({ owner, name, from: projectFiles() });
  const token = sandbox.issueToken({ repo: repo.fullName, sender: "visitor" });
  const place = { apiUrl: sandbox.url, gitUrl: repo.gitUrl, pageUrl: `${sandbox.url}/`, anthropicUrl, owner, repo: name, token };
  process.stdout.write(`${JSON.stringify(place)}\n`);
  await new Promise(() => {});
}
