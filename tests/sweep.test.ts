import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveOf, readArchive, withArchive } from "../lib/archive.ts";
import { commitLabel, coordinationLabel, maxBody } from "../lib/board.ts";
import { coordinate } from "../lib/coordinate.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { commitLabels, openBoards } from "../lib/io/boards.ts";
import { openGit } from "../lib/io/git.ts";
import { issueLock } from "../lib/io/issuelock.ts";
import { openMirror } from "../lib/io/mirror.ts";
import type { Report, SweepContext } from "../lib/io/pass.ts";
import { listPulls } from "../lib/io/pulls.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { sweep } from "../lib/io/sweep.ts";
import { openLedger } from "../lib/ledger.ts";
import { prefixOf } from "../lib/refs.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { day, type Made, type Maker, makeCommit, options, quick, quickGithub, type State, states } from "./coordinations.ts";
import { openFlow } from "./flow.ts";
import { type Scene, scene } from "./sandbox.ts";
import { runScript } from "./script.ts";

const leaseMs = 15 * 60_000;

type World = Maker & AsyncDisposable;

async function world(seed = 1): Promise<World> {
  let offset = 0;
  const opened = await scene({ seed, hangMs: [1, 20], now: () => Date.now() + offset });
  return {
    scene: opened,
    clock: (ms) => {
      offset = ms;
    },
    storm: (on) => opened.github.tune({ faultRate: on ? 0.05 : 0 }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** One sweep, in this process; `change` breaks something on the way. */
async function sweepOnce(
  at: Scene,
  change: Partial<SweepContext> | ((context: SweepContext) => Partial<SweepContext>) = {},
): Promise<Report> {
  const github = quickGithub(at, "sweep");
  const folder = await mkdtemp(join(tmpdir(), "fixonce-sweep-"));
  try {
    const git = openGit({ cwd: folder, url: at.repo.gitUrl, token: at.issue({ sender: "sweep" }), environment: process.env });
    const [labels, issues, openPulls] = [await commitLabels(github), await openBoards(github), await listPulls(github)];
    const mirror = await openMirror(git, quick);
    const context: SweepContext = {
      ...{ github, mirror, labels, issues, openPulls, leaseMs, ...options },
      ...{
        ownRun: 0,
        lock: "ref",
        assignees: [],
        redact: async (text: string) => text,
        retentionMs: 30 * day,
        reserve: 0,
        dryRun: false,
        say: () => {},
        sleep: quick,
        random: Math.random,
      },
    };
    return await sweep({ ...context, ...(typeof change === "function" ? change(context) : change) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function stateOf(name: string): State {
  const found = states.find((state) => state.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
}

function openBoardsOf({ repo }: Scene, { boards }: Made): readonly number[] {
  return repo.issues().flatMap(({ number, state }) => (boards.includes(number) && state === "open" ? [number] : []));
}

async function labelsOf({ ask }: Scene): Promise<ReadonlySet<string>> {
  const names: string[] = [];
  for (let page = 1; page < 5; page++)
    names.push(
      ...Object.values((await ask("GET", `~/labels?per_page=100&page=${page}`)).data).map((label) =>
        String((label as { name?: string }).name),
      ),
    );
  return new Set(names);
}

/** What is wrong with a commit after a sweep, in words. */
async function wrongWith(at: Scene, made: Made, labels: ReadonlySet<string>, before: readonly string[]): Promise<readonly string[]> {
  const { state, sha, fixBranch } = made;
  const [refs, boards] = [at.repo.refs(prefixOf(sha)).map(([name]) => name), openBoardsOf(at, made)];
  const fixed = at.repo.head(`refs/heads/${fixBranch}`) !== undefined;
  const wrong: string[] = [];
  if (state.over === undefined) {
    if (before.some((name) => !refs.includes(name))) wrong.push("lost refs");
    // All its flavors are green with the fix: then its board is closed.
    if (boards.length > 1) wrong.push(`open boards ${boards}`);
    if (made.boards[0] !== undefined && !at.repo.labels(made.boards[0]).includes(coordinationLabel)) wrong.push("board without its label");
    if (made.boards[0] !== undefined && !at.repo.labels(made.boards[0]).includes(commitLabel(sha)))
      wrong.push("board without its commit's label");
  } else {
    if (refs.length > 0) wrong.push(`orphaned ${refs}`);
    if (boards.length > 0) wrong.push(`open boards ${boards}`);
    if (labels.has(commitLabel(sha))) wrong.push("orphaned label");
    const merged = state.over === "merged" && !state.keepsBranch;
    if (merged && fixed) wrong.push("orphaned branch");
    if (state.keepsBranch && !fixed) wrong.push("a branch that is not ours to delete is gone");
  }
  return wrong.map((what) => `${state.name}: ${what}`);
}

describe("sweep", () => {
  test("sweep() leaves nothing of what is over and all of what is open, over 50 commits in every state with faults; a second one does nothing", async () => {
    const seed = Number(process.env.SWEEP_SEED ?? 7);
    await using one = await world(seed);
    const random = seeded(`sweep-${seed}`);
    const made: Made[] = [];
    for (let index = 0; index < 50; index++) {
      const state = states[index] ?? states[Math.floor(random() * states.length)];
      if (state !== undefined) made.push(await makeCommit(one, state, index));
    }
    const before = new Map(made.map(({ sha }) => [sha, one.scene.repo.refs(prefixOf(sha)).map(([name]) => name)]));
    one.storm(true);
    const report = await sweepOnce(one.scene);
    one.storm(false);
    const labels = await labelsOf(one.scene);
    const wrong: string[] = [];
    for (const each of made) wrong.push(...(await wrongWith(one.scene, each, labels, before.get(each.sha) ?? [])));
    const reasons = Object.fromEntries(report.swept.map(({ sha, reason }) => [sha, reason]));
    expect({ wrong, failed: report.failed, left: report.left, reasons }).toEqual({
      ...{ wrong: [], failed: [], left: [] },
      reasons: Object.fromEntries(made.flatMap(({ sha, state }) => (state.over ? [[sha, state.over]] : []))),
    });
    const { swept, mended, duplicates, orphans } = await sweepWithoutWrites(one.scene);
    expect({ swept, mended, duplicates, orphans }).toEqual({ swept: [], mended: [], duplicates: [], orphans: [] });
  }, 240_000);
});

describe("a late flavor", () => {
  /** What a flavor that fails with the same error is told. */
  async function late(at: Scene, sha: string) {
    const github = quickGithub(at, "late");
    const ledger = openLedger(githubRefs(github, sha), sha, { sleep: quick, random: Math.random });
    const policy = { threshold: 0.7, leaseMs, maxAttempts: 3, maxClaims: 20, maxWaiting: 0 };
    const failure = { id: "x", title: "x", lines: ["error"], facts: ["x"], bytes: 1, unrecognized: false, infrastructure: false };
    const identity = { flavor: "late", runId: 9, runAttempt: 1, job: "build" };
    const { analyze, reason } = await coordinate(
      { ledger, policy, nonce: () => crypto.randomUUID() },
      { failure, identity, similarity: () => 1 },
    );
    return { analyze, reason };
  }

  test("a fix that a branch of people had already is over, and their merged branch is theirs to delete", async () => {
    await using one = await world();
    const there: State = {
      name: "there already",
      make: async (c) => {
        await c.fix(await c.claim(), c.branch);
        await c.board();
        c.runs("failure");
        const pull = (await c.ask("POST", "~/pulls", { title: "Theirs", head: c.branch, base: "main" })).data.number;
        await c.ask("PUT", `~/pulls/${pull}/merge`, {});
      },
    };
    const made = await makeCommit(one, there, 0);
    const { swept } = await sweepOnce(one.scene);
    expect(swept).toMatchObject([{ sha: made.sha, reason: "merged", branches: [] }]);
    expect(one.scene.repo.head(`refs/heads/${made.branch}`)).toBeDefined();
  });

  test("is told of the fix at every request of a sweep until all refs are gone at once, and is first only then", async () => {
    await using one = await world();
    const made = await makeCommit(one, stateOf("merged"), 0);
    const told: string[] = [];
    // Looks on, writing nothing: a fact of its own would stop the sweep.
    const look = () => {
      const seen = one.scene.repo.refs(prefixOf(made.sha)).map(([name]) => name.slice(prefixOf(made.sha).length));
      told.push(
        seen.length === 0
          ? "nothing"
          : ["claims/1", "outcomes/1", "failures/1/mac=20os=20=28arm64=29"].every((name) => seen.includes(name))
            ? "everything"
            : `a part: ${seen}`,
      );
    };
    // Every answer hangs for no time at all, and every request is seen as it comes.
    one.scene.github.addFault({ kind: "hang", delayMs: 0, sender: "sweep", strike: look });
    const last = one.scene.github.requests.entries.at(-1)?.id ?? 0;
    const report = await sweepOnce(one.scene);
    const requests = one.scene.github.requests.after(last).length;
    one.scene.github.clearFaults();
    expect([told.length, requests > 10]).toEqual([requests, true]);
    look();
    expect(report.swept.map(({ reason }) => reason)).toEqual(["merged"]);
    expect([...new Set(told)]).toEqual(["everything", "nothing"]);
    expect(await late(one.scene, made.sha)).toEqual({ analyze: true, reason: "first_flavor" });
  });

  test("is told of the fix where a sweep died before the removal; the next sweep waits for it, and the one after its run finishes", async () => {
    await using one = await world();
    const made = await makeCommit(one, stateOf("merged"), 0);
    const died = sweepOnce(one.scene, ({ mirror }) => ({ mirror: { ...mirror, remove: () => Promise.reject(new Error("killed")) } }));
    expect(await died.catch((error: Error) => error.message)).toBe("killed");
    expect(openBoardsOf(one.scene, made)).toEqual([]);
    expect(await late(one.scene, made.sha)).toEqual({ analyze: false, reason: "fix_available" });
    const workflow = one.scene.repo.runs.createWorkflow(".github/workflows/late.yml", "Late", true);
    const run = one.scene.repo.runs.createRun({ workflow, headSha: made.sha, headBranch: made.branch });
    expect((await sweepOnce(one.scene)).open).toEqual([{ sha: made.sha, why: "a run of the commit is at work" }]);
    one.scene.repo.runs.completeRun(run.id, "failure");
    expect((await sweepOnce(one.scene)).swept.map(({ sha }) => sha)).toEqual([made.sha]);
    expect(one.scene.repo.refs(prefixOf(made.sha))).toEqual([]);
  });

  test("that joins between the look and the removal stops the removal", async () => {
    await using one = await world();
    const made = await makeCommit(one, stateOf("merged"), 0);
    const report = await sweepOnce(one.scene, ({ mirror }) => ({
      mirror: {
        ...mirror,
        async remove(sha) {
          await late(one.scene, sha);
          return mirror.remove(sha);
        },
      },
    }));
    expect([report.swept, report.open.map(({ why }) => why)]).toEqual([[], ["a flavor wrote a fact meanwhile"]]);
    expect(await late(one.scene, made.sha)).toEqual({ analyze: false, reason: "fix_available" });
  });

  test("that writes across the removal gets back what its fact stands on", async () => {
    await using one = await world();
    const made = await makeCommit(one, stateOf("merged"), 0);
    const before = one.scene.repo.refs(prefixOf(made.sha)).map(([name]) => name);
    const github = quickGithub(one.scene, "crossing");
    const ledger = openLedger(githubRefs(github, made.sha), made.sha, { sleep: quick, random: Math.random });
    const claim = (await ledger.read()).claims[0];
    const report = await sweepOnce(one.scene, ({ mirror }) => ({
      mirror: {
        ...mirror,
        async remove(sha) {
          const { result } = await mirror.remove(sha);
          await ledger.state({ kind: "failure", n: 1, flavor: "crossing" }, claim?.sha ?? "");
          return { result: "moved", stranded: [result] };
        },
      },
    }));
    expect(report.open.map(({ why }) => why)).toEqual(["a flavor wrote a fact meanwhile"]);
    const after = one.scene.repo.refs(prefixOf(made.sha)).map(([name]) => name);
    expect(after.filter((name) => !name.endsWith("/crossing"))).toEqual(before);
    expect(await late(one.scene, made.sha)).toEqual({ analyze: false, reason: "fix_available" });
  });
});

describe("sweep", () => {
  test("closes what no coordination knows: boards, labels, and branches of fixes that were merged later", async () => {
    await using one = await world();
    const { ask, repo } = one.scene;
    const made = await makeCommit(one, stateOf("merged"), 0);
    for (const [name] of repo.refs(prefixOf(made.sha))) await ask("DELETE", `~/git/${name}`);
    await ask("POST", "~/labels", { name: "commit-0123456" });
    const young = Number(
      (await ask("POST", "~/issues", { title: "Build Coordination: abcdef0", labels: [coordinationLabel, "commit-abcdef0"] })).data.number,
    );
    const report = await sweepOnce(one.scene);
    expect(report.orphans.toSorted()).toEqual(
      [`board #${made.boards[0]}`, `branch ${made.fixBranch}`, "label commit-0123456", `label ${commitLabel(made.sha)}`].toSorted(),
    );
    expect(repo.issues().find(({ number }) => number === young)?.state).toBe("open");
    expect((await sweepOnce(one.scene)).orphans).toEqual([]);
  });

  test("archives what was, closes for the right reason, and keeps the lowest of several boards", async () => {
    await using one = await world();
    const merged = await makeCommit(one, stateOf("merged"), 0);
    const closed = await makeCommit(one, stateOf("closed"), 1);
    const twice = await makeCommit(one, stateOf("duplicate boards, green"), 2);
    await sweepOnce(one.scene);
    const issue = (number = 0) => one.scene.repo.issues().find((found) => found.number === number);
    expect([merged, closed, twice].map(({ boards }) => issue(boards[0])?.stateReason)).toEqual(["completed", "not_planned", "completed"]);
    expect(twice.boards.slice(1).map((number) => issue(number)?.stateReason)).toEqual(["duplicate", "duplicate"]);
    expect(issue(merged.boards[0])?.body).toStartWith("**Over:** the fix was merged. ");
    const archive = readArchive(issue(merged.boards[0])?.body ?? "");
    expect({ sha: archive?.sha, over: archive?.over, claims: archive?.claims, costUsd: archive?.costUsd }).toEqual({
      sha: merged.sha,
      over: "merged",
      claims: 1,
      costUsd: 0.1,
    });
    expect(archive?.causes[0]).toMatchObject({
      result: "fixed",
      branch: merged.fixBranch,
      flavors: [{ flavor: "linux" }, { flavor: "mac os (arm64)", verdict: "passed" }],
    });
  });

  test("lets no secret that it knows into a board: neither into the one it mends nor into the one it archives", async () => {
    await using one = await world();
    const open = await makeCommit(one, stateOf("body lost"), 0);
    const over = await makeCommit(one, stateOf("merged"), 1);
    // Names of flavors are facts that nobody masked.
    const redact = async (text: string) => text.replaceAll("linux", "[redacted]");
    await sweepOnce(one.scene, { redact });
    const body = ({ boards }: Made) => one.scene.repo.issues().find(({ number }) => number === boards[0])?.body ?? "";
    expect([body(open), body(over)].map((text) => [text.includes("[redacted]"), text.includes("linux")])).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(JSON.stringify(readArchive(body(over)))).not.toContain("linux");
  });

  for (const when of ["before its command", "while its command runs"])
    test(`a verify that is overtaken by a sweep ${when} gives its verdict, and leaves no board, no ref and the archive as it is`, async () => {
      await using flow = await openFlow();
      const { repo, sha, job } = await flow.project("late");
      const [leader, follower] = [await job("linux-x64"), await job("windows")];
      await leader.coordinate();
      await follower.coordinate();
      await leader.analyze();
      await leader.publish();
      await follower.step("wait", []);
      const end = async () => {
        const { code, stderr } = await leader.step("sweep", ["--retention", "0", "--json"]);
        expect([code, stderr]).toEqual([0, expect.stringContaining("1 swept")]);
        return repo.issues().map(({ title, state, body }) => ({ title, state, body }));
      };
      for (const { jobId, runId } of [leader, follower]) {
        repo.runs.completeJob(jobId, "failure");
        repo.runs.completeRun(runId);
      }
      const [begun, go] = ["begun", "go"].map((name) => join(flow.folder, name)) as [string, string];
      let swept = when === "before its command" ? await end() : [];
      const wait = `touch ${begun}; until [ -e ${go} ]; do sleep 0.1; done`;
      const verifying = follower.step("verify", ["--json", "--", "sh", "-c", wait]);
      for (let i = 0; i < 600 && !existsSync(begun); i++) await Bun.sleep(50);
      expect(existsSync(begun)).toBe(true);
      if (swept.length === 0) swept = await end();
      writeFileSync(go, "");
      const { code, stdout, stderr } = await verifying;
      expect([code, JSON.parse(stdout).verdict]).toEqual([0, "passed"]);
      expect(stderr).toContain(`The coordination of ${sha.slice(0, 7)} is over: this verdict is not kept`);
      expect(repo.refs("refs/coordination/")).toEqual([]);
      expect(repo.issues().map(({ title, state, body }) => ({ title, state, body }))).toEqual(swept);
    }, 60_000);

  test("closes a coordination whose facts are in its issue", async () => {
    await using one = await world();
    const { repo, ask } = one.scene;
    const sha = await one.scene.commit("With the issue lock", [repo.head() ?? ""]);
    const github = quickGithub(one.scene, "linux");
    const ledger = openLedger(issueLock({ github, sha, settleMs: 1, sleep: quick }), sha, { sleep: quick, random: Math.random });
    one.clock(-3_600_000);
    const identity = { flavor: "linux", runId: 1, runAttempt: 1, job: "build" };
    const signature = { id: "id", title: "x", lines: [], facts: [] };
    await ledger.claim({ v: 1, n: 1, cause: 1, attempt: 1, reason: "first_flavor", ...identity, signature, nonce: "12345678" }, []);
    const run = repo.runs.createRun({
      workflow: repo.runs.createWorkflow(".github/workflows/a.yml", "A", true),
      headSha: sha,
      headBranch: "main",
    });
    repo.runs.completeJob(repo.runs.createJob(run.id, "build").id, "success");
    one.clock(0);
    expect((await sweepOnce(one.scene, { lock: "issue" })).open).toEqual([{ sha, why: "a run of the commit is at work" }]);
    repo.runs.completeRun(run.id);
    expect((await sweepOnce(one.scene, { lock: "issue" })).swept).toMatchObject([{ sha, reason: "green", board: 1, branches: [] }]);
    expect([repo.issues()[0]?.state, (await ask("GET", `~/labels/${commitLabel(sha)}`)).status]).toEqual(["closed", 404]);
    expect(readArchive(repo.issues()[0]?.body ?? "")).toMatchObject({ sha, claims: 1 });
    const again = openLedger(issueLock({ github, sha, settleMs: 1, sleep: quick }), sha, { sleep: quick, random: Math.random });
    expect((await again.read()).claims).toEqual([]);
  });

  test("--dry-run says the same and writes nothing", async () => {
    await using one = await world();
    for (const [index, state] of states.entries()) if (index % 3 === 0) await makeCommit(one, state, index);
    const last = one.scene.github.requests.entries.at(-1)?.id ?? 0;
    const planned = await sweepOnce(one.scene, { dryRun: true });
    const writes = one.scene.github.requests
      .after(last)
      .filter(({ method, path }) => method !== "GET" && !path.endsWith("git-upload-pack"));
    expect(writes).toEqual([]);
    const done = await sweepOnce(one.scene);
    expect({ swept: planned.swept, mended: planned.mended.length, duplicates: planned.duplicates }).toEqual({
      swept: done.swept,
      mended: done.mended.length,
      duplicates: done.duplicates,
    });
  }, 30_000);

  test("stops before it takes the flavors' requests, says what is left oldest first, and goes on another time", async () => {
    await using one = await world();
    const made: Made[] = [];
    for (let index = 0; index < 12; index++) made.push(await makeCommit(one, { ...stateOf("green"), at: (index - 20) * 3_600_000 }, index));
    one.scene.github.tune({ limits: { actionsPerHour: 1000, pointsPerMinute: 100_000, contentPerMinute: 1000, contentPerHour: 1000 } });
    const { rate } = (await one.scene.ask("GET", "/rate_limit")).data as unknown as { readonly rate: { readonly remaining: number } };
    const report = await sweepOnce(one.scene, { reserve: rate.remaining - 24 });
    expect(report.stopped).toMatch(/requests are left this hour/);
    expect(report.swept.length).toBeGreaterThan(2);
    expect(report.left).toEqual(made.slice(report.swept.length).map(({ sha }) => sha));
    expect((await sweepOnce(one.scene)).swept.map(({ sha }) => sha)).toEqual([...report.left]);
  });

  test("looks at every open coordination where the hour has 1.6 requests for each, as it has for 500", async () => {
    await using one = await world();
    const count = 20;
    for (let index = 0; index < count; index++) await makeCommit(one, stateOf("fix waits, branch ahead"), index);
    one.scene.github.tune({ limits: { actionsPerHour: 1000, pointsPerMinute: 100_000, contentPerMinute: 1000, contentPerHour: 1000 } });
    const { rate } = (await one.scene.ask("GET", "/rate_limit")).data as unknown as { readonly rate: { readonly remaining: number } };
    // The three lists that begin a sweep are paid for as well.
    const report = await sweepOnce(one.scene, { reserve: rate.remaining - 3 - 1.6 * count });
    expect([report.open.length, report.left, report.failed]).toEqual([count, [], []]);
  });

  test("is a script: one JSON document, a line for each commit on standard error, exit 0", async () => {
    await using one = await world();
    const made = await makeCommit(one, stateOf("green"), 0);
    const { code, out, said } = await runScript(one.scene, "sweep", ["--json"]);
    expect([code, said]).toEqual([
      0,
      `${made.sha.slice(0, 7)}: green, board #${made.boards[0]} closed, 5 refs removed\nsweep: 1 swept, 0 open\n${made.fixBranch} stays: it has no pull request\n`,
    ]);
    expect(JSON.parse(out)).toMatchObject({
      dryRun: false,
      swept: [{ sha: made.sha, reason: "green", board: made.boards[0], refs: 5 }],
      left: [],
    });
  });
});

describe("archive", () => {
  const signature = { id: "x", title: "--> <!-- @everyone ".repeat(20), lines: [], facts: [] };
  const claim = (n: number) =>
    ({
      v: 1,
      n,
      cause: n,
      attempt: 1,
      reason: "first_flavor",
      flavor: `flavor ${n}`,
      runId: 1,
      runAttempt: 1,
      job: "b",
      signature,
      nonce: "12345678",
      sha: "a".repeat(40),
      date: n,
    }) as const;
  const claims = Array.from({ length: 100 }, (_, index) => claim(index + 1));
  const failures = Array.from({ length: 512 }, (_, index) => ({
    n: 1 + (index % 100),
    flavor: `a flavor with a long name, number ${index}`,
  }));
  const facts = {
    sha: "b".repeat(40),
    now: 0,
    claims,
    next: { n: 101, parents: [] },
    outcomes: new Map(),
    failures,
    signatures: [],
    verdicts: [],
    boards: [],
    pulls: [],
    apart: [],
    notices: [],
    problems: [],
  };

  test("withArchive() keeps within GitHub's limit, and readArchive() reads it back, whatever the coordination", () => {
    const archive = archiveOf(coordinationOf(facts), "expired", 0.008);
    const body = withArchive("x".repeat(maxBody), archive, "expired");
    expect([body.length <= maxBody, body.match(/-->/g)?.length]).toEqual([true, 1]);
    expect(readArchive(body)).toEqual(archive);
    expect(archive.causes.map(({ failing }) => failing).reduce((a, b) => a + b)).toBe(612);
  });

  test("readArchive() reads nothing else", () => {
    expect(["", "<!-- fixonce:archive e30= -->", "<!-- fixonce:archive ### -->"].map(readArchive)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

/** A sweep, and the names of the requests by which it wrote: none are expected. */
async function sweepWithoutWrites(at: Scene): Promise<Report> {
  const last = at.github.requests.entries.at(-1)?.id ?? 0;
  const report = await sweepOnce(at);
  const writes = at.github.requests
    .after(last)
    .filter(({ method, path, git }) => method !== "GET" && !(git && path.endsWith("git-upload-pack")));
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  return report;
}
