import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seeded } from "../lib/sandbox/random.ts";
import { analysedIn, copyAnalysis, endOf, type Flow, type FlowJob, openFlow, type Project } from "./flow.ts";
import { git, gitUrl } from "./sandbox.ts";
import { fileShim, gitShim, strikes, type When } from "./shim.ts";

/** Which of two moments of a request the process dies in: replay with `CRASH_SEED=n`. */
const seed = process.env.CRASH_SEED ?? "1";

let flow: Flow;
let analysed: FlowJob;
beforeAll(async () => {
  flow = await openFlow();
  analysed = await analysedIn(flow);
}, 120_000);
afterAll(async () => {
  await flow[Symbol.asyncDispose]();
});

async function ready(name: string): Promise<{ readonly project: Project; readonly job: FlowJob }> {
  const project = await flow.project(name);
  const job = await project.job("linux-x64");
  const ran = await job.coordinate();
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("first_flavor")]);
  await copyAnalysis(analysed, job, { sha: project.sha });
  return { project, job };
}

type Step = "publish" | "verify";

/** Runs a step to its end, killing it at its k-th request on the way, and once more. */
async function struck(job: FlowJob, step: Step, k: number, when: "before" | "after"): Promise<void> {
  let kill = () => {};
  let hit = false;
  flow.github.addFault({
    ...{ kind: "drop", when, sender: job.sender, skip: k - 1, times: 1 },
    strike: () => {
      hit = true;
      kill();
    },
  });
  const first = await job[step]({ onStart: (end) => (kill = end) });
  flow.github.clearFaults();
  expect({ k, when, hit, killed: first.killed }).toEqual({ k, when, hit: true, killed: true });
  const second = await job[step]();
  expect({ k, when, code: second.code, stderr: second.code === 0 ? "" : second.stderr }).toEqual({ k, when, code: 0, stderr: "" });
}

/** @param every one request in so many is the one to die at, the first by the seed. */
async function everyRequest(
  step: Step,
  prepare: (name: string) => Promise<{ readonly project: Project; readonly job: FlowJob }>,
  { name = step as string, every = 1 } = {},
) {
  const random = seeded(`${name}-${seed}`);
  const calm = await prepare(`${name}-calm`);
  const before = flow.github.requests.bySender.get(calm.job.sender)?.requests ?? 0;
  expect((await calm.job[step]()).code).toBe(0);
  const requests = (flow.github.requests.bySender.get(calm.job.sender)?.requests ?? 0) - before;
  const expected = endOf(calm.project.repo, calm.project.sha);
  for (let k = 1 + Math.floor(random() * every); k <= requests; k += every) {
    const when = random() < 0.5 ? "before" : "after";
    const { project, job } = await prepare(`${name}-${k}`);
    await struck(job, step, k, when);
    expect({ k, when, ...endOf(project.repo, project.sha) }).toEqual({ k, when, ...expected });
  }
  return { requests, expected };
}

describe("killed and started again", () => {
  test("publish.ts ends as if undisturbed, whichever request it dies at", async () => {
    const { requests, expected } = await everyRequest("publish", ready);
    expect(requests).toBeGreaterThan(8);
    expect(expected).toMatchObject({ boards: [{}], pulls: [{ draft: true }], fixes: [1], outcome: "fixed" });
  }, 300_000);

  test("verify.ts ends as if undisturbed, whichever request it dies at", async () => {
    const { requests, expected } = await everyRequest("verify", async (name) => {
      const made = await ready(name);
      expect((await made.job.publish()).code).toBe(0);
      return made;
    });
    expect(requests).toBeGreaterThan(4);
    expect(expected).toMatchObject({ boards: [{ state: "closed" }], pulls: [{ draft: false }], outcome: "fixed" });
  }, 300_000);
});

describe.each([
  ["a git command", gitShim, ["before", "after"]],
  ["a write to the disk", fileShim, ["before", "midst", "after"]],
] as const)("killed at %s and started again", (what, shimOf, ways) => {
  async function everyMoment(step: Step, prepare: (name: string) => Promise<{ readonly project: Project; readonly job: FlowJob }>) {
    const name = `${step}-${what.replace(/\W/g, "-")}`;
    const random = seeded(`${name}-${seed}`);
    const shim = await shimOf(join(flow.folder, name));
    const calm = await prepare(`${name}-calm`);
    expect((await calm.job[step]({ env: await shim.env() })).code).toBe(0);
    const moments = await shim.started();
    const expected = endOf(calm.project.repo, calm.project.sha);
    for (const [k, when] of strikes<When>(moments.length, random, { ways })) {
      const { project, job } = await prepare(`${name}-${k}-${when}`);
      const at = { k, when, moment: moments[k - 1] };
      expect({ ...at, code: (await job[step]({ env: await shim.env(k, when) })).code }).toEqual({ ...at, code: 137 });
      const again = await job[step]();
      expect({ ...at, code: again.code, stderr: again.code === 0 ? "" : again.stderr }).toEqual({ ...at, code: 0, stderr: "" });
      expect({ ...at, ...endOf(project.repo, project.sha) }).toEqual({ ...at, ...expected });
    }
    return moments;
  }

  test("publish.ts ends as if undisturbed", async () => {
    const moments = await everyMoment("publish", ready);
    const telling = what === "a git command" ? /^push/ : /prepared-1\.json/;
    expect(moments.some((moment) => telling.test(moment))).toBe(true);
  }, 600_000);

  test("verify.ts ends as if undisturbed", async () => {
    const moments = await everyMoment("verify", async (name) => {
      const made = await ready(name);
      expect((await made.job.publish()).code).toBe(0);
      return made;
    });
    const telling = what === "a git command" ? /^worktree add/ : /mkdtemp/;
    expect(moments.some((moment) => telling.test(moment))).toBe(true);
  }, 600_000);
});

describe("a fix that the base branch has already", () => {
  /** A person has repaired it, with one more commit, while the model thought. */
  async function repaired(name: string) {
    const made = await ready(name);
    const there = (await readFile(join(made.job.clone, "src/vector.ts"), "utf8")).replace("./smallvec.ts", "./small_vec.ts");
    return { ...made, head: await made.project.commit({ "src/vector.ts": there, "README.md": "Repaired.\n" }, "Repair it") };
  }

  test("publish.ts makes no branch and no pull request, and every flavor tests the commit that has it; nobody pays again", async () => {
    const { project, job, head } = await repaired("there");
    const ran = await job.publish();
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ result: "fixed", branch: "main", fix: head })]);
    expect(ran.stderr).toBe(`publish: fixed: main has this fix already, at ${head.slice(0, 7)}\n`);
    const board = project.repo.issues()[0]?.body;
    expect(board).toContain(`Fix: \` main \` at ${head.slice(0, 7)} has it already, there is nothing to merge. Attempts: 1, `);
    const other = await project.job("mac");
    const asked = flow.messages.calls.length;
    expect(JSON.parse((await other.coordinate()).stdout)).toMatchObject({ should_analyze: false, reason: "fix_available" });
    for (const one of [job, other]) {
      const verified = await one.verify();
      expect([verified.code, JSON.parse(verified.stdout)]).toEqual([0, expect.objectContaining({ verdict: "passed", fix: head })]);
    }
    expect(flow.messages.calls.length).toBe(asked);
    expect(endOf(project.repo, project.sha)).toMatchObject({ branches: [], pulls: [], boards: [{ state: "closed" }], outcome: "fixed" });
    expect((await job.publish()).stderr).toBe(ran.stderr);
  });

  test("publish.ts sees it from a shallow checkout, and on a retry", async () => {
    const project = await flow.project("there-late");
    const job = await project.job("linux-x64");
    const { repo, sha } = project;
    await rm(job.clone, { recursive: true });
    const token = flow.github.issueToken({ repo: repo.fullName, sender: "shallow" });
    await git(job.folder, "clone", "--quiet", "--depth", "1", gitUrl(repo, token), job.clone);
    // The first attempt repairs nothing; the second is what the base branch has by then.
    await job.coordinate();
    await copyAnalysis(analysed, job, { sha: project.sha });
    const patch = await readFile(join(job.out, "fix.patch"), "utf8");
    await writeFile(join(job.out, "fix.patch"), patch.replace("small_vec.ts", "smaller_vec.ts").replace(/^index .*\n/m, ""));
    expect(JSON.parse((await job.publish()).stdout)).toMatchObject({ result: "fixed", pull: 2 });
    expect(JSON.parse((await job.verify()).stdout)).toMatchObject({ verdict: "failed" });
    expect(JSON.parse((await job.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "fix_failed", claim: 2 });
    const there = (await readFile(join(job.clone, "src/vector.ts"), "utf8")).replace("./smallvec.ts", "./small_vec.ts");
    const repaired = await project.commit({ "src/vector.ts": there }, "Repair it");
    await copyAnalysis(analysed, job, { sha: project.sha, claim: 2, attempt: 2 });
    expect(JSON.parse((await job.publish()).stdout)).toMatchObject({ result: "fixed", branch: "main", fix: repaired });
    expect(endOf(repo, sha)).toMatchObject({ fixes: [1], pulls: [{ draft: true }] });
    expect(JSON.parse((await job.verify()).stdout)).toMatchObject({ verdict: "passed", fix: repaired });
  });

  test("publish.ts ends as if undisturbed, whichever request it dies at", async () => {
    const { expected } = await everyRequest("publish", repaired, { name: "there", every: 3 });
    expect(expected).toMatchObject({ boards: [{ state: "open" }], branches: [], pulls: [], outcome: "fixed" });
  }, 300_000);
});

test("the analysis that the others share is a fix", async () => {
  expect(JSON.parse(await readFile(join(analysed.out, "report.json"), "utf8"))).toMatchObject({ verdict: "fix", claim: 1 });
});

for (const [costUsd, shown] of [
  [1.2349, "$1.23"],
  [null, "unpriced"],
] as const)
  test(`board, pull request and step summary show one cost: ${shown}`, async () => {
    const { project, job } = await ready(`money-${shown.replace(/\W/g, "")}`);
    const path = join(job.out, "report.json");
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), costUsd }));
    expect((await job.publish()).code).toBe(0);
    const bodies = project.repo.issues().map(({ body }) => body);
    expect(bodies.join("\n")).toContain(
      `passed with it, before it was pushed. Every failing flavor tests it: see #${project.repo.issues()[0]?.number}.`,
    );
    const summary = await readFile(join(job.folder, "summary.md"), "utf8");
    const money = /\$\d+\.\d\d|unpriced/;
    const costs = [
      ...bodies.map((body) => money.exec((body ?? "").split("\n").find((line) => /for 1 analysis|\*\*Analysis:/.test(line)) ?? "")?.[0]),
      money.exec(summary)?.[0],
    ];
    expect(costs).toEqual([shown, shown, shown]);
  });

test("a board that coordinate.ts opened and could not tell of is found again", async () => {
  const project = await flow.project("board-lost");
  const job = await project.job("linux-x64");
  let kill = () => {};
  flow.github.addFault({
    ...{ kind: "drop", when: "after", method: "POST", path: /\/issues$/, sender: job.sender, times: 1 },
    strike: () => kill(),
  });
  expect((await job.coordinate({ onStart: (end) => (kill = end) })).killed).toBe(true);
  flow.github.clearFaults();
  await copyAnalysis(analysed, job, { sha: project.sha });
  // The claim is held by a process that is dead, and its state was left before the board was opened.
  expect((await job.publish()).code).toBe(0);
  expect(endOf(project.repo, project.sha)).toMatchObject({ boards: [{}], outcome: "fixed", pulls: [{}] });
  expect(endOf(project.repo, project.sha).coordination).toContain("board/1");
});

describe("publish.ts without a fix", () => {
  test("publish.ts releases the claim when the analysis left no report, and says so", async () => {
    const project = await flow.project("no-report");
    const job = await project.job("linux-x64");
    await job.coordinate();
    const ran = await job.publish();
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ result: "gave-up" })]);
    expect(ran.stderr).toContain("claim 1 ends as gave-up, its cost unknown");
    expect(endOf(project.repo, project.sha)).toMatchObject({ outcome: "gave-up", costUsd: null, branches: [], boards: [{}] });
    const again = await job.publish();
    expect([again.code, JSON.parse(again.stdout).result]).toEqual([0, "gave-up"]);
    const other = await (await project.job("mac")).coordinate();
    expect(other.stderr).toContain("analyse: retry");
  });

  test("publish.ts takes no report of another attempt", async () => {
    const project = await flow.project("stale-report");
    const job = await project.job("linux-x64");
    await job.coordinate();
    await copyAnalysis(analysed, job, { sha: project.sha, claim: 2, attempt: 2 });
    expect((await job.publish()).stderr).toContain("is of another attempt");
    expect(endOf(project.repo, project.sha)).toMatchObject({ outcome: "gave-up", branches: [] });
  });
});

describe("analyze.ts killed and started again", () => {
  test("in the model call, there is one report, and the call that was lost is paid for", async () => {
    let kill = () => {};
    let calls = 0;
    const repair = { path: "src/vector.ts", search: 'from "./smallvec.ts"', replace: 'from "./small_vec.ts"' };
    const answer = { verdict: "fix", root_cause: "a name", confidence: 1, edits: [repair], title: "Repair vector", body: "" };
    await using own = await openFlow({
      reply: () => {
        calls++;
        if (calls === 1) kill();
        return { kind: "message", content: [{ type: "text", text: JSON.stringify(answer) }], delayMs: calls === 1 ? 500 : 0 };
      },
    });
    const job = await (await own.project("analyze")).job("linux-x64");
    await job.coordinate();
    const first = await job.analyze({ onStart: (end) => (kill = end) });
    expect(first.killed).toBe(true);
    expect(await readdir(job.out)).toEqual(["spent.json"]);
    const second = await job.analyze();
    expect([second.code, second.stderr.includes("its 1 requests count")]).toEqual([0, true]);
    const report = JSON.parse(await readFile(join(job.out, "report.json"), "utf8"));
    expect(report).toMatchObject({ verdict: "fix", usage: { requests: 2, estimated: true } });
    // The worst case of the lost call: every token of the answer at $10 a million.
    expect(report.costUsd).toBeGreaterThan(0.16);
    expect((await readdir(job.out)).toSorted()).toEqual(["fix.patch", "report.json"]);
    const third = await job.analyze();
    expect([third.code, calls]).toEqual([0, 2]);
    expect(third.stderr).toContain("its report stands");
    const published = await job.publish();
    expect([published.code, JSON.parse(published.stdout).result]).toEqual([0, "fixed"]);
  });
});
