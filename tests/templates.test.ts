import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ourAction } from "./workflow/actions.ts";
import type { Workflow } from "./workflow/plan.ts";
import { type RunOptions, type RunResult, runWorkflow, template } from "./workflow/runner.ts";
import { openScene, type Scene } from "./workflow/scene.ts";

/** Many real processes, on a machine that may be busy. */
setDefaultTimeout(240_000);

const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1";
const flavors = ["linux-x64", "linux-arm64", "jetson"];

/** A template for the small project: its three flavors, and its command. */
function adopt(workflow: Workflow, names: readonly string[] = flavors): void {
  const { build } = workflow.jobs;
  if (build?.strategy === undefined) throw new Error("the template has no build job with a matrix");
  const runner = (flavor: string) => (flavor === "windows" ? "windows-2025" : "ubuntu-24.04");
  build.strategy.matrix = { include: names.map((flavor) => ({ flavor, runner: runner(flavor) })) };
  build.env.BUILD_COMMAND = "bun run ci.ts";
}

type Options = Partial<RunOptions> & Pick<RunOptions, "path" | "content">;

/** Runs a workflow in a scene, as a push to its default branch. */
async function run(scene: Scene, options: Options): Promise<RunResult> {
  const { github: sandbox, repo, sha, folder, machine, secrets } = scene;
  const result = await runWorkflow({ sandbox, repo, sha, branch: "main", folder, machine, secrets, ...options });
  if (process.env.SHOW_LOGS !== undefined)
    for (const job of result.jobs) console.log(job.id, job.name, job.result, job.ran, job.log.slice(-3000));
  return result;
}

const analyses = (scene: Scene) => scene.model.calls.filter(({ endpoint }) => endpoint === "messages").length;

/** What each flavor said about each claim's fix. */
function verdicts({ repo, sha }: Scene): readonly string[] {
  return repo
    .refs(`refs/coordination/${sha}/verdicts/`)
    .map(([name]) => name.split("/").slice(-3).join(" "))
    .toSorted();
}

/** What a job was refused: a permission that it did not ask for. */
function refused({ github }: Scene): readonly string[] {
  return github.requests.entries.flatMap(({ status, sender, method, path }) => (status === 403 ? [`${sender}: ${method} ${path}`] : []));
}

/** Whether the pull request of the only fix is there, and no draft any more. */
function pull({ repo }: Scene) {
  return repo.issues().flatMap(({ pull }) => (pull === undefined ? [] : [{ head: pull.head, draft: pull.draft }]));
}

/** Runs a workflow whose followers leave: one run on the branch of the fix, green, says for each flavor that the fix holds. */
async function expectDispatched(scene: Scene, given: Pick<RunOptions, "path" | "content">): Promise<void> {
  const change = (workflow: Workflow) => {
    adopt(workflow);
    const { build } = workflow.jobs;
    if (build === undefined || typeof build.permissions !== "object") throw new Error("the template asks for no permissions");
    build.permissions.actions = "write";
    build.env.FIXONCE_WAIT = "dispatch";
  };
  const ends: RunResult[] = [];
  const started = scene.serve(async (dispatch) => {
    ends.push(await run(scene, { ...given, change, ...dispatch, event: "workflow_dispatch" }));
  });
  const { jobs } = await run(scene, { ...given, change });
  await started.settled();
  expect(jobs.filter(({ log }) => log.includes("left: a run on the fix branch will test it")).length).toBeGreaterThan(0);
  expect(ends.map(({ conclusion }) => conclusion)).toEqual(["success"]);
  expect([analyses(scene), verdicts(scene)]).toEqual([1, flavors.map((flavor) => `1 ${flavor} passed`).toSorted()]);
  expect(pull(scene)).toEqual([{ head: `autonomous-fix-${scene.sha.slice(0, 7)}`, draft: false }]);
}

describe("in-job.yml", () => {
  const inJob = { path: ".github/workflows/in-job.yml", content: template("in-job") };

  test("with wait: dispatch its run on the branch of the fix is the verdict of the flavors that left", async () => {
    await using scene = await openScene("same", { [inJob.path]: inJob.content });
    await expectDispatched(scene, inJob);
  });

  test("takes three flavors that fail with one cause to green: one analysis, one fix, three verdicts", async () => {
    await using scene = await openScene("same");
    const { conclusion, jobs } = await run(scene, { ...inJob, change: (workflow: Workflow) => adopt(workflow) });
    // The commit stays red, pipe or not; its fix is green.
    expect([conclusion, jobs.map(({ steps }) => steps.build?.outcome)]).toEqual(["failure", ["failure", "failure", "failure"]]);
    expect(refused(scene)).toEqual([]);
    expect([analyses(scene), verdicts(scene)]).toEqual([1, flavors.map((flavor) => `1 ${flavor} passed`).toSorted()]);
    expect(pull(scene)).toEqual([{ head: `autonomous-fix-${scene.sha.slice(0, 7)}`, draft: false }]);
  });

  test("gives no step what its job did not ask for: without contents: write nothing is claimed, without pull-requests: write it says so", async () => {
    await using scene = await openScene("same");
    const without = (scope: string) => (workflow: Workflow) => {
      adopt(workflow);
      const job = workflow.jobs.build;
      if (job === undefined || typeof job.permissions !== "object") throw new Error("the template asks for no permissions");
      job.permissions[scope] = "read";
    };
    const first = await run(scene, { ...inJob, change: without("contents") });
    expect([analyses(scene), first.jobs.map(({ log }) => log.includes("read_only_token"))]).toEqual([0, [true, true, true]]);
    const second = await run(scene, { ...inJob, change: without("pull-requests") });
    expect(second.jobs.filter(({ log }) => log.includes("Resource not accessible by integration")).length).toBeGreaterThan(0);
    expect(pull(scene)).toEqual([]);
  });
});

describe("action.yml", () => {
  const path = ".github/workflows/action.yml";
  const [before] = template("in-job").split(/^ +# Behind a build that failed/m);
  const workflow = (condition: string) => `${before}
      - name: Repair once
        if: ${condition}
        uses: ${ourAction}
        with:
          log: \${{ runner.temp }}/build.log
          command: \${{ env.BUILD_COMMAND }}
          flavor: \${{ env.BUILD_FLAVOR }}
          anthropic-api-key: \${{ secrets.ANTHROPIC_API_KEY }}
`;

  test("the same steps as one action take three flavors to green", async () => {
    await using scene = await openScene("same");
    const content = workflow("failure() && steps.build.outcome == 'failure'");
    await run(scene, { path, content, change: (workflow: Workflow) => adopt(workflow) });
    expect([analyses(scene), verdicts(scene)]).toEqual([1, flavors.map((flavor) => `1 ${flavor} passed`).toSorted()]);
  });

  test("with wait: dispatch its run on the branch of the fix is the verdict of the flavors that left", async () => {
    const content = workflow("${{ !cancelled() }}");
    await using scene = await openScene("same", { [path]: content });
    await expectDispatched(scene, { path, content });
  });
});

describe("matrix.yml", () => {
  const path = ".github/workflows/matrix.yml";

  test("takes three flavors to green: one analysis, and a run on the branch of the fix as its verdicts", async () => {
    await using scene = await openScene("same", { [path]: template("matrix") });
    const matrix = { path, content: template("matrix"), change: (workflow: Workflow) => adopt(workflow) };
    const seconds: RunResult[] = [];
    const started = scene.serve(async (dispatch) => {
      expect(dispatch.branch).toBe(`autonomous-fix-${scene.sha.slice(0, 7)}`);
      seconds.push(await run(scene, { ...matrix, ...dispatch, event: "workflow_dispatch" }));
    });
    const first = await run(scene, matrix);
    expect(first.jobs.map(({ id, result }) => `${id} ${result}`)).toEqual([
      ...["build failure", "build failure", "build failure"],
      ...["decide success", "analyze success", "publish success"],
    ]);
    await started.settled();
    expect(seconds.map(({ conclusion }) => conclusion)).toEqual(["success"]);
    expect([analyses(scene), verdicts(scene)]).toEqual([
      1,
      flavors.map((flavor) => `1 fixonce=20matrix=20=2F=20${flavor} passed`).toSorted(),
    ]);
    const branch = `autonomous-fix-${scene.sha.slice(0, 7)}`;
    expect(pull(scene)).toEqual([{ head: branch, draft: false }]);

    // A person merges it, and the sweep of the next night finds nothing left to do.
    const { github, repo, sha } = scene;
    const number = repo.issues().find(({ pull }) => pull !== undefined)?.number;
    const person = github.issueToken({ repo: repo.fullName, sender: "maintainer", kind: "user" });
    const merged = await fetch(`${github.url}/repos/${repo.fullName}/pulls/${number}/merge`, {
      method: "PUT",
      headers: { authorization: `token ${person}` },
      body: "{}",
    });
    expect([merged.status, repo.refs(`refs/coordination/${sha}/`).length > 0]).toEqual([200, true]);
    const swept = await run(scene, {
      path: ".github/workflows/fixonce-sweep.yml",
      content: template("sweep"),
      event: "schedule",
      sha: repo.head() ?? "",
    });
    expect(swept.conclusion).toBe("success");
    expect([repo.refs("refs/coordination/"), repo.refs(`refs/heads/${branch}`), refused(scene)]).toEqual([[], [], []]);
    expect(repo.issues().map(({ state }) => state)).toEqual(repo.issues().map(() => "closed"));
  });

  test("tries again with what was learnt where the first fix is wrong on one flavor", async () => {
    await using scene = await openScene("fix-fails", { [path]: template("matrix") });
    const matrix = { path, content: template("matrix"), change: (workflow: Workflow) => adopt(workflow, ["linux-x64", "windows"]) };
    const ends: string[] = [];
    const started = scene.serve(async (dispatch) => {
      ends.push((await run(scene, { ...matrix, ...dispatch, event: "workflow_dispatch" })).conclusion);
    });
    await run(scene, matrix);
    await started.settled();
    const flavor = (name: string) => `fixonce=20matrix=20=2F=20${name}`;
    expect([analyses(scene), ends]).toEqual([2, ["failure", "success"]]);
    expect(verdicts(scene)).toEqual(
      [
        `1 ${flavor("linux-x64")} passed`,
        `1 ${flavor("windows")} failed`,
        `2 ${flavor("linux-x64")} passed`,
        `2 ${flavor("windows")} passed`,
      ].toSorted(),
    );
    expect(pull(scene)).toEqual([{ head: `autonomous-fix-${scene.sha.slice(0, 7)}`, draft: false }]);
  });
});

describe("triage.yml", () => {
  const builds = { "CI-Linux": "linux-x64", "CI-Linux-ARM64": "linux-arm64", "CI-MacOSX": "macos", "CI-Windows": "windows" };
  /** A build as it was: it knows nothing of fixonce. */
  const build = (name: string, flavor: string) => ({
    path: `.github/workflows/${name}.yml`,
    content: `name: ${name}\non: [push, workflow_dispatch]\njobs:\n  ${flavor}:\n    runs-on: ${flavor}\n    steps:\n      - uses: ${checkout}\n      - { run: bun run ci.ts, shell: bash }\n`,
  });
  const all = Object.entries(builds).map(([name, flavor]) => build(name, flavor));

  const triage = { path: ".github/workflows/fixonce-triage.yml", content: template("triage") };

  /** What GitHub starts when a run has ended. */
  async function react(
    scene: Scene,
    { runId, conclusion }: RunResult,
    head: { readonly sha: string; readonly branch: string },
    more: Partial<RunOptions> = {},
  ) {
    const workflow_run = {
      id: runId,
      conclusion,
      head_sha: head.sha,
      head_branch: head.branch,
      head_repository: { full_name: head.branch === "main" ? scene.repo.fullName : "stranger/pebble" },
    };
    return run(scene, { ...triage, event: "workflow_run", payload: { workflow_run }, ...more });
  }

  test("takes four workflows that fail with two causes to green: one analysis and one fix a cause", async () => {
    await using scene = await openScene("platform", Object.fromEntries(all.map(({ path, content }) => [path, content])));
    const red = await Promise.all(all.map((one) => run(scene, one)));
    expect(red.map(({ conclusion }) => conclusion)).toEqual(Array(4).fill("failure"));
    // What the token of a job starts causes no workflow_run.
    const started = scene.serve((dispatch) => {
      const build = all.find(({ path }) => path === dispatch.path);
      return run(scene, { ...(build ?? triage), ...dispatch, event: "workflow_dispatch" });
    });
    // GitHub lets the first wait for nobody, and of those behind it only the last.
    const [first, last] = [red[0], red[3]].map((one) => one ?? { runId: 0, conclusion: "failure" as const, jobs: [] });
    if (first === undefined || last === undefined) throw new Error("there is no run");
    const head = { sha: scene.sha, branch: "main" };
    const triaged = await react(scene, first, head);
    expect(triaged.jobs.map(({ name, result }) => `${name} ${result}`).toSorted()).toEqual(
      ["analyze cause 1", "analyze cause 2", "decide", "publish cause 1", "publish cause 2"].map((name) => `${name} success`),
    );
    const again = await react(scene, last, head);
    expect(again.jobs.map(({ id, result }) => `${id} ${result}`)).toEqual(["decide success", "analyze skipped", "publish skipped"]);
    await started.settled();
    expect([analyses(scene), refused(scene)]).toEqual([2, []]);
    const posix = ["CI-Linux=20=2F=20linux-x64", "CI-Linux-ARM64=20=2F=20linux-arm64", "CI-MacOSX=20=2F=20macos"];
    const passed = [...posix.map((flavor) => `1 ${flavor} passed`), "2 CI-Windows=20=2F=20windows passed"];
    expect(verdicts(scene)).toEqual(passed.toSorted());
    const branch = `autonomous-fix-${scene.sha.slice(0, 7)}`;
    expect(pull(scene).toSorted((a, b) => a.head.length - b.head.length)).toEqual([
      { head: branch, draft: false },
      { head: `${branch}-2`, draft: false },
    ]);
  });

  test.each([
    ["no key", "Cannot analyse without a model"],
    ["an analysis that leaves nothing", "the analysis ended without a report"],
  ])("%s: the claim ends, nobody waits for it, and the board says why", async (why, said) => {
    const [linux] = all;
    if (linux === undefined) throw new Error("there is no build");
    await using scene = await openScene("same", { [linux.path]: linux.content });
    const red = await run(scene, linux);
    const lost = (workflow: Workflow) => {
      if (workflow.jobs.analyze !== undefined) workflow.jobs.analyze.steps = [];
    };
    const how = why === "no key" ? { secrets: {} } : { change: lost };
    const triaged = await react(scene, red, { sha: scene.sha, branch: "main" }, how);
    expect([analyses(scene), triaged.jobs.find(({ id }) => id === "publish")?.result]).toEqual([0, "success"]);
    const [outcome] = scene.repo.refs(`refs/coordination/${scene.sha}/outcomes/1`);
    expect(scene.repo.message(outcome?.[1] ?? "")).toContain(said);
    const [board] = scene.repo.issues();
    expect([scene.repo.issues().length, board?.body?.split("\n").find((line) => line.startsWith("Fix: none yet"))]).toEqual([
      1,
      expect.stringContaining(said),
    ]);
  });

  test("with an App: its token writes, its pushes start the builds, and their ends start the triage", async () => {
    const [linux] = all;
    if (linux === undefined) throw new Error("there is no build");
    await using scene = await openScene("same", { [linux.path]: linux.content });
    const { repo, sha } = scene;
    const branch = `autonomous-fix-${sha.slice(0, 7)}`;
    const dispatched: string[] = [];
    scene.serve(async ({ path }) => dispatched.push(path));
    const withApp = { vars: { FIXONCE_APP_ID: "Iv23liEXAMPLE" }, secrets: { ...scene.secrets, FIXONCE_APP_KEY: "a key" } };
    const red = await run(scene, linux);
    const triaged = await react(scene, red, { sha, branch: "main" }, withApp);
    const { ran = [] } = triaged.jobs.find(({ id }) => id === "publish") ?? {};
    expect([triaged.conclusion, ran.includes("Mint a token of the App"), ran.includes("Follow the builds of the fix")]).toEqual([
      "success",
      true,
      false,
    ]);
    // A push of the App starts the build, and the end of the build the triage.
    const fix = repo.head(`refs/heads/${branch}`) ?? "";
    const green = await run(scene, { ...linux, sha: fix, branch });
    expect((await react(scene, green, { sha: fix, branch: "main" }, withApp)).conclusion).toBe("success");
    expect([verdicts(scene), pull(scene), dispatched]).toEqual([
      ["1 CI-Linux=20=2F=20linux-x64 passed"],
      [{ head: branch, draft: false }],
      [],
    ]);
    expect(new Set(repo.issues().map(({ author }) => author))).toEqual(new Set(["fixonce-app[bot]"]));
  });

  test("spends nothing for a fork until a maintainer labels its pull request, and then never runs its code", async () => {
    const [linux] = all;
    if (linux === undefined) throw new Error("there is no build");
    await using scene = await openScene("same", { [linux.path]: linux.content });
    const { github, repo, sha: main } = scene;
    const token = github.issueToken({ repo: repo.fullName, sender: "maintainer", kind: "user" });
    const post = async (path: string, body: unknown) => {
      const headers = { authorization: `token ${token}` };
      const reply = await fetch(`${github.url}/repos/${repo.fullName}/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return (await reply.json()) as { readonly sha: string };
    };
    const { sha } = await post("git/commits", { message: "A change", tree: repo.commit(main)?.tree, parents: [main] });
    const fork = { sha, branch: "patch-1" };
    const number = repo.forkPull({ repository: "stranger/pebble", ...fork });
    const red = await run(scene, { ...linux, ...fork, event: "pull_request", fork: "stranger/pebble" });
    expect(red.conclusion).toBe("failure");

    const refused = await react(scene, red, fork);
    expect(refused.jobs.map(({ id, result }) => `${id} ${result}`)).toEqual(["decide success", "analyze skipped", "publish skipped"]);
    expect(refused.jobs[0]?.summary).toContain("nothing is spent until a maintainer labels its pull request");
    const left = () => [repo.refs("refs/coordination/"), repo.issues().length, repo.refs("refs/heads/").map(([name]) => name)];
    expect([analyses(scene), ...left()]).toEqual([0, [], 1, ["refs/heads/main"]]);

    // As the FAQ says: the label, and the triage by hand.
    await post(`issues/${number}/labels`, { labels: ["fixonce"] });
    const dispatched: string[] = [];
    const started = scene.serve(async ({ path }) => dispatched.push(path));
    const labelled = await run(scene, { ...triage, event: "workflow_dispatch", inputs: { run: String(red.runId) } });
    await started.settled();
    expect(labelled.jobs.map(({ name, result }) => `${name} ${result}`)).toEqual(
      ["decide", "analyze cause 1", "publish cause 1"].map((name) => `${name} success`),
    );
    const branch = `autonomous-fix-${sha.slice(0, 7)}`;
    const fix = repo.issues().find((issue) => issue.pull?.head === branch)?.pull;
    expect([analyses(scene), fix?.draft, fix?.base, repo.commit(repo.head(`refs/heads/${branch}`) ?? "")?.parents]).toEqual([
      1,
      true,
      "main",
      [sha],
    ]);
    expect(dispatched).toEqual([]);
    // A new commit of the fork is not what was looked at.
    const { sha: next } = await post("git/commits", { message: "More", tree: repo.commit(main)?.tree, parents: [sha] });
    const again = await run(scene, { ...linux, sha: next, branch: "patch-1", event: "pull_request", fork: "stranger/pebble" });
    expect((await react(scene, again, { sha: next, branch: "patch-1" })).jobs[0]?.log).toContain("fork without label");
    expect(analyses(scene)).toBe(1);
  });
});
