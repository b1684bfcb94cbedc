import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadLog } from "../lib/io/jobs.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { openLedger } from "../lib/ledger.ts";
import type { Run } from "../lib/over.ts";
import { prefixOf } from "../lib/refs.ts";
import type { Conclusion, JobStep } from "../lib/sandbox/repository.ts";
import { failedFlavors, flavorOf, type Job, onlyReports, passedFlavors, passingOf } from "../lib/triage.ts";
import { quick, quickGithub } from "./coordinations.ts";
import { type Scene, scene } from "./sandbox.ts";
import { runScript } from "./script.ts";
import { zip } from "./zip.ts";

setDefaultTimeout(60_000);

const logs = join(import.meta.dir, "../lib/sandbox/logs");
const reports = join(import.meta.dir, "fixtures/reports");
const end = "\n##[error]Process completed with exit code 1.\n";

/** A log of a folder: real output of a compiler or test runner. */
function log(folder: string, index = 0): string {
  const files = readdirSync(join(logs, folder))
    .filter((file) => file.endsWith(".log"))
    .sort();
  return readFileSync(join(logs, folder, files[index % files.length] ?? ""), "utf8") + end;
}

type Given = { readonly job: string; readonly log?: string; readonly end?: Conclusion; readonly steps?: readonly JobStep[] };

/** A run with its jobs, over; returns its id. */
function addRun(
  at: Scene,
  workflow: string,
  given: readonly Given[],
  more: { readonly event?: string; readonly headSha?: string; readonly headBranch?: string; readonly headRepository?: string } = {},
): number {
  const { runs } = at.repo;
  const path = `.github/workflows/${workflow.toLowerCase()}.yml`;
  const known = workflows.get(at) ?? new Map<string, ReturnType<typeof runs.createWorkflow>>();
  workflows.set(at, known);
  const made = known.get(path) ?? runs.createWorkflow(path, workflow, true);
  known.set(path, made);
  const run = runs.createRun({ workflow: made, headSha: at.repo.head() ?? "", headBranch: "main", ...more });
  for (const { job, log = "", end = "failure", steps } of given) {
    const { id } = runs.createJob(run.id, job);
    runs.appendLog(id, log);
    runs.completeJob(id, end, steps);
  }
  runs.completeRun(run.id);
  return run.id;
}
const workflows = new WeakMap<Scene, Map<string, ReturnType<Scene["repo"]["runs"]["createWorkflow"]>>>();

type Told = { readonly flavor: string; readonly reason: string; readonly should_analyze: boolean };
type Triage = {
  readonly result: string;
  readonly folder: string;
  readonly causes: readonly { readonly flavor: string; readonly log: string; readonly state: string; readonly claim: number }[];
  readonly decisions: readonly Told[];
  readonly verdicts: readonly unknown[];
  readonly left: readonly { readonly flavor: string; readonly why: string }[];
};

async function triage(at: Scene, run: number, more: Readonly<Record<string, string>> = {}): Promise<Triage> {
  const ran = await runScript(at, "triage", ["--run", String(run), "--json"], { RUNNER_TEMP: join(at.folder, "temp"), ...more });
  if (ran.code !== 0) throw new Error(ran.said);
  return ran.json() as unknown as Triage;
}

const told = ({ decisions }: Triage) => decisions.map(({ flavor, reason }) => `${flavor}: ${reason}`);

describe("triage", () => {
  test("takes all failed jobs of a commit over four workflows, pays for one analysis a cause, and keeps what it needs", async () => {
    await using at = await scene();
    addRun(at, "CI-Linux", [
      { job: "ci / build", log: log("vector", 0) },
      { job: "ci / report", end: "skipped" },
    ]);
    addRun(at, "CI-Windows", [
      { job: "ci / build (x64)", log: log("vector", 1) },
      { job: "ci / build (arm64)", end: "success" },
    ]);
    addRun(at, "CI-Windows", [{ job: "ci / build (x64)", log: log("vector", 1) }], { event: "pull_request" });
    addRun(at, "CI-MacOSX", [{ job: "ci / build", log: log("ring", 0) }]);
    const last = addRun(at, "CI-ARM", [
      { job: "ci / build", log: end },
      { job: "ci / lint", end: "cancelled" },
    ]);
    const output = join(at.folder, "output");
    writeFileSync(output, "");
    const result = await triage(at, last, { GITHUB_OUTPUT: output, FIXONCE_FLAVOR_NAMES: '{"CI-Linux / ci / build":"linux"}' });
    expect(told(result)).toEqual([
      "linux: first_flavor",
      "CI-Windows / ci / build (x64): fix_in_progress",
      "CI-MacOSX / ci / build: different_error",
      "CI-ARM / ci / build: unrecognized_failure",
    ]);
    expect(result.causes.map(({ flavor, claim }) => [flavor, claim])).toEqual([
      ["linux", 1],
      ["CI-MacOSX / ci / build", 2],
    ]);
    expect(result.left.toReversed()).toEqual([
      { flavor: "CI-Linux / ci / report", why: "skipped" },
      { flavor: "CI-ARM / ci / lint", why: "cancelled" },
    ]);
    for (const { log, state } of result.causes)
      expect(
        [log, `${state}/claim.json`, `${state}/state.json`, `${state}/context.json`].filter(
          (path) => !existsSync(join(result.folder, path)),
        ),
      ).toEqual([]);
    const contexts = result.causes.map(({ state }) => JSON.parse(readFileSync(join(result.folder, state, "context.json"), "utf8")));
    expect(contexts.map(({ flavors }) => flavors.passing)).toEqual([
      ["CI-Windows / ci / build (arm64)"],
      ["CI-Windows / ci / build (arm64)"],
    ]);
    expect(readFileSync(output, "utf8")).toContain(JSON.stringify(result.causes));
    const sha = at.repo.head() ?? "";
    expect(at.repo.refs(prefixOf(sha)).flatMap(([name]) => name.match(/(?:failures|signatures).1.(.*)/)?.[1] ?? [])).toEqual([
      "CI-Windows=20=2F=20ci=20=2F=20build=20=28x64=29",
    ]);
    const boards = at.repo.issues();
    expect([boards.length, boards[0]?.body?.includes("CI-Windows")]).toEqual([1, true]);

    // The next workflow of the commit ends, and triage runs once more: nothing is paid twice.
    const again = await triage(at, addRun(at, "CI-Docker", [{ job: "ci / build", log: log("vector", 2) }]), {
      FIXONCE_FLAVOR_NAMES: '{"CI-Linux / ci / build":"linux"}',
    });
    expect([again.causes, told(again).at(-1), at.repo.issues().length]).toEqual([
      [],
      "CI-Docker / ci / build: multiple_flavors_waiting",
      1,
    ]);
  });

  test("counts the newest attempt of every job of a run, also of those that were not run again, and reads its log", async () => {
    await using at = await scene();
    const { runs } = at.repo;
    const run = addRun(at, "CI", [
      { job: "flaky", log: log("vector", 0) },
      { job: "broken", log: log("vector", 1) },
    ]);
    const again = async (path: string) => {
      expect((await at.ask("POST", `~/actions/${path}`)).status).toBe(201);
      for (const { id, name, status } of runs.jobs(run)) {
        if (status === "completed") continue;
        if (name === "broken") runs.appendLog(id, log("ring"));
        runs.completeJob(id, name === "broken" ? "failure" : "success");
      }
      runs.completeRun(run, "failure");
    };
    await again(`jobs/${runs.jobs(run).find(({ name }) => name === "broken")?.id}/rerun`);
    expect(told(await triage(at, run))).toEqual(["CI / flaky: first_flavor", "CI / broken: different_error"]);
    await again(`jobs/${runs.jobs(run).find(({ name }) => name === "flaky")?.id}/rerun`);
    const result = await triage(at, run, { RUNNER_TEMP: join(at.folder, "second") });
    expect([result.decisions.map(({ flavor }) => flavor), result.left]).toEqual([["CI / broken"], []]);
    expect(readFileSync(join(at.folder, "second/fixonce", at.repo.head() ?? "", "CI=20=2F=20broken/build.log"), "utf8")).toBe(log("ring"));
  });

  test("reads test reports where a console only counts, asks for nothing elsewhere, and lets nobody fail with another's", async () => {
    await using at = await scene();
    const report = (name: string) => zip([{ name: "out/TEST-1.xml", data: readFileSync(join(reports, name), "utf8") }]);
    const counts = "2 tests ran, 1 failed\n";
    const linux = addRun(at, "CI-Linux", [
      { job: "test (x64)", log: readFileSync(join(reports, "surefire.log"), "utf8") + end },
      { job: "test (arm64)", end: "success" },
    ]);
    at.repo.runs.addArtifact(linux, "junit-x64", report("googletest.xml"));
    const windows = addRun(at, "CI-Windows", [
      { job: "test (x64)", log: counts + end },
      { job: "test (arm64)", log: counts + end },
      { job: "test (x86)", log: counts + end },
      { job: "summary", log: end },
    ]);
    at.repo.runs.addArtifact(windows, "junit-x64", report("surefire.xml"));
    at.repo.runs.addArtifact(windows, "junit-arm64", report("googletest.xml"));
    at.repo.runs.addArtifact(windows, "junit-x86", report("surefire.xml"), true);
    at.github.requests.clear();
    const result = await triage(at, windows);
    expect(told(result)).toEqual([
      "CI-Linux / test (x64): first_flavor",
      "CI-Windows / test (x64): fix_in_progress",
      "CI-Windows / test (arm64): different_error",
    ]);
    expect(result.left.map(({ flavor }) => flavor)).toEqual(["CI-Windows / test (x86)", "CI-Windows / summary"]);
    // What is analysed has it too.
    const { log: kept = "" } = result.causes.find(({ flavor }) => flavor === "CI-Windows / test (arm64)") ?? {};
    expect(readFileSync(join(result.folder, kept), "utf8")).toContain("not ok 1 - Ring.Wraps");
    expect(readdirSync(join(result.folder, kept, "..")).filter((name) => name.endsWith(".zip"))).toEqual([]);
    const asked = at.github.requests.entries.map(({ path }) => path.replace(/\d+/g, "N"));
    const paths = asked.filter((path) => path.includes("artifacts"));
    expect(paths.toSorted()).toEqual([
      ...Array(2).fill("/_artifacts/acme/app/N"),
      ...Array(2).fill("/repos/acme/app/actions/artifacts/N/zip"),
      "/repos/acme/app/actions/runs/N/artifacts",
    ]);
  });

  test("goes on with the log alone where artifacts cannot be had", async () => {
    await using at = await scene();
    const run = addRun(at, "CI", [{ job: "test", log: end }]);
    at.repo.runs.addArtifact(run, "junit", new TextEncoder().encode("no archive"));
    expect(told(await triage(at, run))).toEqual(["CI / test: unrecognized_failure"]);
    at.github.addFault({ kind: "status", status: 403, path: /artifacts/ });
    expect(told(await triage(at, run))).toEqual(["CI / test: unrecognized_failure"]);
  });

  test("takes a job whose own steps all passed for no failed flavor", async () => {
    await using at = await scene();
    const setUp = { name: "Set up job", conclusion: "success" } as const;
    const run = addRun(at, "CI", [
      { job: "build", log: log("vector"), steps: [setUp, { name: "make test", conclusion: "failure" }] },
      { job: "lost runner", log: log("ring"), steps: [setUp, { name: "make test", conclusion: "success" }] },
    ]);
    const result = await triage(at, run);
    expect(told(result)).toEqual(["CI / build: first_flavor"]);
    expect(result.left).toEqual([{ flavor: "CI / lost runner", why: "none of its own steps failed" }]);
  });

  for (const latestJobs of ["each", "attempt"] as const)
    test(`counts a job that was not run again with its end of before, where GitHub's latest jobs are ${latestJobs === "each" ? "each job's newest" : "those of the last attempt"}`, async () => {
      await using at = await scene();
      at.repo.settings({ latestJobs });
      const run = addRun(at, "CI", [
        { job: "build (x64)", log: log("vector") },
        { job: "build (arm64)", log: log("ring") },
        { job: "docs", end: "success" },
      ]);
      const arm = at.repo.runs.jobs(run).find(({ name }) => name === "build (arm64)");
      expect((await at.ask("POST", `~/actions/jobs/${arm?.id}/rerun`)).status).toBe(201);
      const again = at.repo.runs.jobs(run).filter(({ attempt }) => attempt === 2);
      expect(again.map(({ name }) => name)).toEqual(["build (arm64)"]);
      at.repo.runs.completeJob(again[0]?.id ?? 0, "success");
      at.repo.runs.completeRun(run);
      const listed = (await at.ask("GET", `~/actions/runs/${run}/jobs`)).data.jobs as unknown as readonly { readonly name: string }[];
      expect(listed.length).toBe(latestJobs === "each" ? 3 : 1);
      const result = await triage(at, run);
      expect([told(result), result.left]).toEqual([["CI / build (x64): first_flavor"], []]);
      const context = JSON.parse(readFileSync(join(result.folder, result.causes[0]?.state ?? "", "context.json"), "utf8"));
      expect(context.flavors.passing.toSorted()).toEqual(["CI / build (arm64)", "CI / docs"]);
    });

  test("several triage runs at once elect one flavor a cause", async () => {
    await using at = await scene({ faultRate: 0.03, hangMs: [1, 50] });
    const ids = [0, 1, 2].map((index) => addRun(at, `CI-${index}`, [{ job: "build", log: log("vector", index) }]));
    const results = await Promise.all(
      ids.map((id, index) => triage(at, id, { RUNNER_TEMP: join(at.folder, `temp-${index}`), GITHUB_RUN_ID: String(900 + index) })),
    );
    at.github.tune({ faultRate: 0 });
    expect(results.flatMap(({ causes }) => causes).length).toBe(1);
    expect(at.repo.refs(`${prefixOf(at.repo.head() ?? "")}claims/`).length).toBe(1);
  });

  test("takes a run on a fix for its flavors' verdicts, lets one of those that failed try again, and leaves a person's commit alone", async () => {
    await using at = await scene();
    const sha = at.repo.head() ?? "";
    addRun(at, "CI-A", [{ job: "build", log: log("vector", 0) }]);
    expect(told(await triage(at, addRun(at, "CI-B", [{ job: "build", log: log("vector", 1) }])))).toEqual([
      "CI-A / build: first_flavor",
      "CI-B / build: fix_in_progress",
    ]);

    const ledger = openLedger(githubRefs(quickGithub(at, "publish"), sha), sha, { sleep: quick, random: Math.random });
    const branch = `autonomous-fix-${sha.slice(0, 7)}`;
    const fixed = async (n: number, parent: string) => {
      const fix = await at.commit(`A fix\n\nFixonce-Coordination: ${sha}\nFixonce-Claim: ${n}\n`, [parent]);
      await ledger.record(
        { kind: "outcome", n },
        { v: 1, n, result: "fixed", flavor: "CI-A / build", title: "A fix", branch, fix, costUsd: 0.1, nonce: "n".repeat(8) },
        [fix],
      );
      if (parent === sha) await at.createRef(`refs/heads/${branch}`, fix);
      else await at.ask("PATCH", `~/git/refs/heads/${branch}`, { sha: fix });
      return fix;
    };
    const on = (headSha: string) => ({ headSha, headBranch: branch, event: "workflow_dispatch" });
    const fix = await fixed(1, sha);
    const offline = await triage(
      at,
      addRun(at, "CI-B", [{ job: "build", log: `curl: (6) Could not resolve host: example.org${end}` }], on(fix)),
    );
    expect(offline).toMatchObject({
      ...{ result: "fix_tested", verdicts: [], causes: [] },
      left: [{ flavor: "CI-B / build", why: "the machine failed, not the code: run its job again" }],
    });
    addRun(at, "CI-A", [{ job: "build", end: "success" }], on(fix));
    const failing = await triage(
      at,
      addRun(
        at,
        "CI-B",
        [
          { job: "build", log: log("vector", 1) },
          { job: "docs", log: log("ring") },
        ],
        on(fix),
      ),
    );
    expect(failing).toMatchObject({
      ...{ result: "fix_tested", sha, causes: [{ flavor: "CI-B / build", claim: 2, reason: "fix_failed" }] },
      verdicts: [
        { flavor: "CI-A / build", verdict: "passed" },
        { flavor: "CI-B / build", verdict: "failed" },
      ],
      left: [{ flavor: "CI-B / docs", why: "it did not fail with this cause" }],
    });
    expect(at.repo.refs("refs/coordination/").filter(([name]) => !name.startsWith(prefixOf(sha)))).toEqual([]);

    const second = await fixed(2, fix);
    addRun(at, "CI-A", [{ job: "build", end: "success" }], on(second));
    const passing = await triage(at, addRun(at, "CI-B", [{ job: "build", end: "success" }], on(second)));
    expect([passing.verdicts.length, passing.causes, at.repo.issues()[0]?.state]).toEqual([2, [], "closed"]);

    const theirs = await at.commit(`Mine\n\nFixonce-Coordination: ${sha}\nFixonce-Claim: 2\n`, [second]);
    expect(await triage(at, addRun(at, "CI-B", [{ job: "build", log: log("vector", 1) }], on(theirs)))).toMatchObject({
      result: "person_took_over",
      causes: [],
    });
  });

  test("spends nothing for a fork until a maintainer labels its pull request", async () => {
    await using at = await scene();
    const sha = await at.commit("From a fork", [at.repo.head() ?? ""]);
    const pull = at.repo.forkPull({ repository: "acme2/fork", branch: "feature", sha });
    const given = { headSha: sha, headBranch: "feature", headRepository: "acme2/fork", event: "pull_request" };
    const run = addRun(at, "CI", [{ job: "build", log: log("vector") }], given);
    const refused = await triage(at, run);
    expect([refused.result, refused.causes, at.repo.refs("refs/coordination/")]).toEqual(["fork_without_label", [], []]);
    await at.ask("POST", `~/issues/${pull}/labels`, { labels: ["fixonce"] });
    expect(told(await triage(at, run))).toEqual(["CI / build: first_flavor"]);
  });

  test("says what is wrong with the call, and that nothing failed", async () => {
    await using at = await scene();
    expect(await runScript(at, "triage", [])).toMatchObject({
      code: 2,
      said: "fixonce: No run: pass --run ID, or start it on: workflow_run\n",
    });
    expect(await runScript(at, "triage", ["--run", "1"])).toMatchObject({ code: 2, said: "fixonce: Cannot find run 1 in acme/app\n" });
    const event = join(at.folder, "event.json");
    writeFileSync(event, JSON.stringify({ workflow_run: { id: addRun(at, "CI", [{ job: "build", end: "success" }]) } }));
    const { json } = await runScript(at, "triage", ["--json"], { GITHUB_EVENT_PATH: event });
    expect(json()).toMatchObject({ result: "nothing_failed", causes: [] });
  });
});

describe("downloadLog()", () => {
  test("asks again while the end of a log is missing, and through faults of the download", async () => {
    await using at = await scene();
    const { runs } = at.repo;
    const run = runs.createRun({
      workflow: runs.createWorkflow(".github/workflows/a.yml", "A", true),
      headSha: at.repo.head() ?? "",
      headBranch: "main",
    });
    const { id } = runs.createJob(run.id, "build");
    runs.appendLog(id, "first\n");
    runs.appendLog(id, `last${end}`, 150);
    runs.completeJob(id, "failure");
    const path = join(at.folder, "log");
    const options = { github: quickGithub(at, "triage"), sleep: Bun.sleep, pauseMs: 100 };
    expect([await downloadLog(id, path, options), readFileSync(path, "utf8")]).toEqual([`first\nlast${end}`.length, `first\nlast${end}`]);
    expect(await downloadLog(id, path, { ...options, maxBytes: 8 })).toBe(8);
    expect(await downloadLog(12345, path, options)).toBeUndefined();
  });

  test("holds no large log in memory", async () => {
    const size = 200 * 2 ** 20;
    // Server and client are processes of their own: what other tests hold does not count.
    const serve = `const line = new TextEncoder().encode("x".repeat(1048575) + "\\n"); const s = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch() { let n = 0; return new Response(new ReadableStream({ type: "direct", async pull(c) { while (n++ < 200) { c.write(line); await c.flush(); } c.write(${JSON.stringify(end)}); c.close(); } })); } }); console.log(s.url.href);`;
    const server = Bun.spawn([process.execPath, "-e", serve], { stdout: "pipe" });
    const folder = mkdtempSync(join(tmpdir(), "fixonce-large-"));
    try {
      const url = new TextDecoder().decode((await server.stdout.getReader().read()).value).trim();
      const [path, peak] = [join(folder, "log"), join(folder, "peak")];
      const read = `const { downloadLog } = await import(${JSON.stringify(join(import.meta.dir, "../lib/io/jobs.ts"))}); console.log(await downloadLog(1, ${JSON.stringify(path)}, { github: { locate: async () => ${JSON.stringify(url)} }, sleep: Bun.sleep }));`;
      const preload = ["--preload", join(import.meta.dir, "peak.ts")];
      const child = Bun.spawn([process.execPath, ...preload, "-e", read], { env: { ...process.env, PEAK_FILE: peak }, stdout: "pipe" });
      expect([await new Response(child.stdout).text(), statSync(path).size]).toEqual([`${size + end.length}\n`, size + end.length]);
      expect(await child.exited).toBe(0);
      expect(Number(readFileSync(peak, "utf8"))).toBeLessThan(180 * 2 ** 20);
    } finally {
      server.kill();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("flavors", () => {
  const run = (id: number, more: Partial<Run> = {}): Run => ({
    id,
    workflow: 1,
    name: "CI",
    event: "push",
    status: "completed",
    conclusion: "failure",
    branch: "main",
    own: true,
    ...more,
  });
  const job = (id: number, more: Partial<Job> = {}): Job => ({
    id,
    run: 1,
    attempt: 1,
    name: `job ${id}`,
    status: "completed",
    conclusion: "failure",
    started: 10,
    completed: 20,
    steps: [],
    ...more,
  });

  test("failedFlavors() leaves out what did not fail by itself", () => {
    const jobs = [
      job(1),
      job(2, { conclusion: "skipped" }),
      job(3, { conclusion: "cancelled" }),
      job(4, { steps: ["success", "skipped"] }),
      job(5, { steps: ["success", "failure"] }),
      job(6, { conclusion: "timed_out", steps: ["cancelled"] }),
      job(7, { conclusion: "success" }),
      job(8, { status: "in_progress", conclusion: null }),
    ];
    const { failed, left } = failedFlavors([run(1)], jobs, {});
    expect(failed.map(({ job }) => job.id)).toEqual([1, 5, 6]);
    expect(left.map(({ why }) => why)).toEqual(["skipped", "cancelled", "none of its own steps failed"]);
  });

  test("failedFlavors() counts the newest run of a workflow and event, and a flavor of two events once", () => {
    const runs = [run(1), run(2), run(3, { event: "pull_request" }), run(4, { workflow: 2, name: "Docs" })];
    const jobs = [
      job(1, { name: "old" }),
      job(2, { run: 2, name: "build" }),
      job(3, { run: 3, name: "build" }),
      job(4, { run: 4, name: "build" }),
    ];
    expect(failedFlavors(runs, jobs, {}).failed.map(({ flavor, job }) => `${flavor} ${job.id}`)).toEqual([
      "CI / build 3",
      "Docs / build 4",
    ]);
  });

  test("passedFlavors() wants one success and no failure over all its events; passingOf() adds the workflows that are green as a whole", () => {
    const runs = [run(1), run(2, { event: "pull_request" }), run(3, { workflow: 2, name: "Docs", conclusion: "success" })];
    const ends = (name: string, push: string, pull: string) => [
      job(1, { name, conclusion: push }),
      job(2, { run: 2, name, conclusion: pull }),
    ];
    const jobs = [
      ...ends("both", "success", "success"),
      ...ends("push alone", "success", "skipped"),
      ...ends("one", "success", "failure"),
      ...ends("none", "skipped", "skipped"),
    ];
    expect(passedFlavors(runs, jobs, {})).toEqual(["CI / both", "CI / push alone"]);
    expect(passingOf(runs, jobs, {})).toEqual(["CI / both", "CI / push alone", "Docs"]);
  });

  test("flavorOf() prefers the configured name", () => {
    expect([flavorOf(run(1), { name: "ci / build" }, { "CI / ci / build": "linux" }), flavorOf(run(1), { name: "a" }, {})]).toEqual([
      "linux",
      "CI / a",
    ]);
  });

  test("onlyReports() takes a job for a report that began after another had failed and says nothing", () => {
    const [build, gate] = [
      { flavor: "a", job: job(1), run: run(1) },
      { flavor: "b", job: job(2, { started: 20 }), run: run(1) },
    ];
    const failure = { id: "", title: "", lines: [], facts: [], bytes: 0, unrecognized: true, infrastructure: false };
    expect([
      onlyReports(gate, [build, gate], failure),
      onlyReports(build, [build, gate], failure),
      onlyReports(gate, [build, gate], { ...failure, unrecognized: false }),
    ]).toEqual([true, false, false]);
  });
});
