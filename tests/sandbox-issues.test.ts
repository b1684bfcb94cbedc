import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { git, here, type Scene, scene, tally } from "./sandbox.ts";

setDefaultTimeout(60_000);

describe("labels", () => {
  test("POST labels lets one of 50 simultaneous creations win, whatever the case of the name", async () => {
    await using at = await scene();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => at.ask("POST", "~/labels", { name: index % 2 === 0 ? "commit-abc" : "Commit-ABC" })),
    );
    expect(tally(answers.map((answer) => answer.status))).toEqual({ 201: 1, 422: 49 });
    const refused = answers.find((answer) => answer.status === 422)?.data;
    expect(refused).toMatchObject({
      message: "Validation Failed",
      errors: [{ resource: "Label", code: "already_exists", field: "name" }],
      status: "422",
    });
  });

  test("POST labels refuses names over 50 and descriptions over 100 characters", async () => {
    await using at = await scene();
    const statusOf = async (body: object) => (await at.ask("POST", "~/labels", body)).status;
    expect(await statusOf({ name: "x".repeat(50), description: "y".repeat(100), color: "FF00aa" })).toBe(201);
    expect(await statusOf({ name: "x".repeat(51) })).toBe(422);
    expect(await statusOf({ name: "short", description: "y".repeat(101) })).toBe(422);
    expect(await statusOf({ name: "colour", color: "#ff0000" })).toBe(422);
  });
});

describe("issues", () => {
  test("POST issues creates the labels that are not there yet", async () => {
    await using at = await scene();
    await at.ask("POST", "~/issues", { title: "t", labels: ["one", "ONE", "two"] });
    const names = Object.values((await at.ask("GET", "~/labels")).data).map((label) => (label as { name: string }).name);
    expect(names).toEqual(["one", "two"]);
  });

  test("GET issues lists newest first, pull requests among them, with all labels that are asked for", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "fix");
    await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix");
    for (const labels of [["a"], ["a", "b"], ["b"]]) await at.ask("POST", "~/issues", { title: labels.join(), labels });
    await at.ask("POST", "~/pulls", { title: "pull", head: "fix", base: "main" });
    const numbers = async (query: string) =>
      Object.values((await at.ask("GET", `~/issues?${query}`)).data).map((issue) => (issue as { number: number }).number);
    expect(await numbers("")).toEqual([4, 3, 2, 1]);
    expect(await numbers("direction=asc")).toEqual([1, 2, 3, 4]);
    expect(await numbers("labels=a,B")).toEqual([2]);
    expect(await numbers("labels=a,none")).toEqual([]);
    await at.ask("PATCH", "~/issues/2", { state: "closed" });
    expect(await numbers("labels=a")).toEqual([1]);
    expect(await numbers("state=closed")).toEqual([2]);
    expect(await numbers("state=all&per_page=2&page=2")).toEqual([2, 1]);
    expect((await at.ask("GET", "~/issues/4")).data.pull_request).toBeDefined();
  });

  test("PATCH issues closes with a reason and opens again", async () => {
    await using at = await scene();
    await at.ask("POST", "~/issues", { title: "t" });
    const closed = await at.ask("PATCH", "~/issues/1", { state: "closed", state_reason: "duplicate" });
    expect(closed.data).toMatchObject({ state: "closed", state_reason: "duplicate", closed_by: { login: "github-actions[bot]" } });
    expect((await at.ask("PATCH", "~/issues/1", { state: "open" })).data).toMatchObject({
      state: "open",
      state_reason: "reopened",
      closed_at: null,
    });
  });

  test("bodies over 65,536 characters are refused with 422, in issues, comments and pull requests", async () => {
    await using at = await scene();
    await at.ask("POST", "~/issues", { title: "t", body: "x".repeat(65_536) });
    const long = { title: "t", body: "x".repeat(65_537), head: "main", base: "main" };
    for (const [method, path] of [
      ["POST", "~/issues"],
      ["PATCH", "~/issues/1"],
      ["POST", "~/issues/1/comments"],
      ["POST", "~/pulls"],
    ] as const) {
      const { status, data } = await at.ask(method, path, long);
      expect([status, (data.errors as { message: string }[])[0]?.message]).toEqual([422, "body is too long (maximum is 65536 characters)"]);
    }
  });
});

describe("pull requests", () => {
  test("POST pulls refuses a second one for a head, and one without commits", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "fix");
    await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix", "HEAD~1:refs/heads/same");
    const create = (head: string) => at.ask("POST", "~/pulls", { title: "t", head, base: "main", draft: true });
    const both = await Promise.all([create("fix"), create("acme:fix")]);
    expect(tally(both.map((answer) => answer.status))).toEqual({ 201: 1, 422: 1 });
    expect(both.find((answer) => answer.status === 422)?.data.errors).toMatchObject([
      { message: "A pull request already exists for acme:fix." },
    ]);
    expect((await create("same")).data.errors).toMatchObject([{ message: "No commits between main and same" }]);
    expect(await git(path, "fetch", "origin", "refs/pull/1/head")).toMatchObject({ ok: true });
  });

  test("a draft is made ready by GraphQL, then merged in the bare repository", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    await Bun.write(`${path}/new.txt`, "new\n");
    await git(path, "add", ".");
    await git(path, "commit", "--quiet", "-m", "fix");
    await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix");
    const octokit = at.octokit();
    const pull = await octokit.rest.pulls.create({ ...here, title: "Fix", head: "fix", base: "main", draft: true });
    const merge = () => octokit.rest.pulls.merge({ ...here, pull_number: pull.data.number, sha: pull.data.head.sha });
    await expect(merge()).rejects.toMatchObject({ status: 405 });
    const query = "mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }";
    expect(await octokit.graphql(query, { id: pull.data.node_id })).toMatchObject({
      markPullRequestReadyForReview: { pullRequest: { isDraft: false } },
    });
    await expect(octokit.graphql(query, { id: "unknown" })).rejects.toThrow("Could not resolve to a node");
    const merged = await merge();
    await git(path, "pull", "--quiet");
    expect((await git(path, "rev-parse", "HEAD")).text).toBe(merged.data.sha);
    expect(await Bun.file(`${path}/new.txt`).text()).toBe("new\n");
    expect((await octokit.rest.pulls.get({ ...here, pull_number: 1 })).data).toMatchObject({ merged: true, state: "closed" });
  });

  test("of simultaneous merges none undoes another", async () => {
    await using at = await scene();
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const path = await at.clone(name);
      await Bun.write(`${path}/${name}.new`, `${index}\n`);
      await git(path, "add", ".");
      await git(path, "commit", "--quiet", "-m", name);
      await git(path, "push", "--quiet", "origin", `HEAD:refs/heads/${name}`);
      await at.ask("POST", "~/pulls", { title: name, head: name, base: "main" });
    }
    const merges = await Promise.all([1, 2, 3].map((number) => at.ask("PUT", `~/pulls/${number}/merge`, {})));
    const history = (await git(at.repo.gitDir, "rev-list", "main")).text;
    expect(tally(merges.map((merge) => merge.status))).toEqual({ 200: 1, 409: 2 });
    for (const merge of merges) if (merge.status === 200) expect(history).toContain(String(merge.data.sha));
  });

  test("two pull requests that touch the same line cannot both be merged", async () => {
    await using at = await scene();
    for (const [number, name] of ["left", "right"].entries()) {
      const path = await at.clone(name);
      await Bun.write(`${path}/a.txt`, `${name}\n`);
      await git(path, "commit", "--quiet", "-am", name);
      await git(path, "push", "--quiet", "origin", `HEAD:refs/heads/${name}`);
      await at.ask("POST", "~/pulls", { title: name, head: name, base: "main", number });
    }
    expect((await at.ask("PUT", "~/pulls/1/merge", {})).status).toBe(200);
    expect((await at.ask("PUT", "~/pulls/2/merge", {})).status).toBe(405);
  });
});

describe("pull requests follow their branches", () => {
  /** A pull request of the branch `fix`, and how both show it. */
  async function opened(at: Scene) {
    const path = await at.clone("c");
    await Bun.write(`${path}/new.txt`, "new\n");
    await git(path, "add", ".");
    await git(path, "commit", "--quiet", "-m", "fix");
    await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix");
    const head = (await git(path, "rev-parse", "HEAD")).text;
    await at.ask("POST", "~/pulls", { title: "Fix", head: "fix", base: "main", draft: true });
    const shown = async () => {
      const { state, merged, merged_by, merge_commit_sha, head } = (await at.ask("GET", "~/pulls/1")).data;
      return {
        state,
        merged,
        by: (merged_by as { login?: string } | null)?.login,
        merge: merge_commit_sha,
        head: (head as { sha?: string })?.sha,
      };
    };
    return { path, head, shown };
  }

  for (const how of ["a request", "a push"])
    test(`${how} that deletes the head branch closes it, for good`, async () => {
      await using at = await scene();
      const { path, head, shown } = await opened(at);
      if (how === "a push") await git(path, "push", "--quiet", "origin", ":fix");
      else expect((await at.ask("DELETE", "~/git/refs/heads/fix")).status).toBe(204);
      expect(await shown()).toEqual({ state: "closed", merged: false, by: undefined, merge: null, head });
      const again = await at.ask("PATCH", "~/pulls/1", { state: "open" });
      expect([again.status, again.data.errors]).toMatchObject([
        422,
        [{ message: "state cannot be changed. The fix branch has been deleted." }],
      ]);
    });

  for (const how of ["a request", "a push"])
    test(`${how} that brings its head onto the base merges it, draft or not`, async () => {
      await using at = await scene();
      const { path, head, shown } = await opened(at);
      if (how === "a push") await git(path, "push", "--quiet", "--atomic", "origin", "HEAD:main", ":fix");
      else expect((await at.ask("PATCH", "~/git/refs/heads/main", { sha: head })).status).toBe(200);
      expect(await shown()).toEqual({ state: "closed", merged: true, by: "github-actions[bot]", merge: head, head });
    });

  test("other commits on head and base leave it open, at the new head", async () => {
    await using at = await scene();
    const { path, head, shown } = await opened(at);
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "more");
    await git(path, "push", "--quiet", "origin", "HEAD:fix");
    const other = await at.commit("elsewhere", [at.repo.head() ?? ""]);
    expect((await at.ask("PATCH", "~/git/refs/heads/main", { sha: other })).status).toBe(200);
    const moved = at.repo.head("refs/heads/fix");
    expect(moved).not.toBe(head);
    expect(await shown()).toMatchObject({ state: "open", merged: false, head: moved });
    expect(at.repo.head("refs/pull/1/head")).toBe(moved);
  });

  test("deleting its base closes it", async () => {
    await using at = await scene();
    const { path } = await opened(at);
    await git(path, "push", "--quiet", "origin", "origin/main:refs/heads/release");
    await at.ask("POST", "~/pulls", { title: "Backport", head: "fix", base: "release" });
    await at.ask("DELETE", "~/git/refs/heads/release");
    expect((await at.ask("GET", "~/pulls/2")).data).toMatchObject({ state: "closed", merged: false });
    expect((await at.ask("GET", "~/pulls/1")).data).toMatchObject({ state: "open" });
  });
});

describe("actions", () => {
  test("a job's log is a redirect to a text whose end may still be on its way", async () => {
    let clock = Date.UTC(2026, 5, 1);
    await using at = await scene({ now: () => clock });
    const { runs } = at.repo;
    const workflow = runs.createWorkflow(".github/workflows/ci.yml", "CI", true);
    const run = runs.createRun({ workflow, headSha: at.repo.head() ?? "", headBranch: "main" });
    const job = runs.createJob(run.id, "build");
    runs.appendLog(job.id, "start\n");
    runs.appendLog(job.id, "end\n", 5000);
    expect((await at.ask("GET", `~/actions/jobs/${job.id}/logs`)).status).toBe(404);
    runs.completeJob(job.id, "failure");
    const redirect = await at.ask("GET", `~/actions/jobs/${job.id}/logs`);
    expect(redirect.status).toBe(302);
    const location = redirect.headers.get("location") ?? "";
    expect(await (await fetch(location)).text()).toBe("start\n");
    clock += 5000;
    expect(await (await fetch(location)).text()).toBe("start\nend\n");
    // The address is its own permission: the blob store cannot read a token.
    expect((await at.ask("GET", location.slice(at.github.url.length))).status).toBe(403);
    expect((await fetch(location.replace(/sig=../, "sig=00"))).status).toBe(404);
  });

  test("a dispatch and a re-run reach the harness, with who sent them", async () => {
    const heard: unknown[] = [];
    await using at = await scene({ hooks: { onDispatch: (event) => heard.push(event), onRerun: (event) => heard.push(event) } });
    const { runs } = at.repo;
    const workflow = runs.createWorkflow(".github/workflows/ci.yml", "CI", true);
    const sha = at.repo.head() ?? "";
    const dispatch = await at.ask("POST", "~/actions/workflows/ci.yml/dispatches", { ref: "main", inputs: { flavor: "linux" } });
    const run = runs.createRun({ workflow, headSha: sha, headBranch: "main" });
    const [good, bad] = [runs.createJob(run.id, "good"), runs.createJob(run.id, "bad")];
    runs.completeJob(good.id, "success");
    runs.completeJob(bad.id, "failure");
    runs.completeRun(run.id);
    const rerun = await at.ask("POST", `~/actions/runs/${run.id}/rerun-failed-jobs`);
    expect([dispatch.status, rerun.status]).toEqual([204, 201]);
    expect(heard).toMatchObject([
      { repo: "acme/app", workflow: { path: ".github/workflows/ci.yml" }, ref: "main", sha, inputs: { flavor: "linux" }, sender: "linux" },
      { repo: "acme/app", run: run.id, attempt: 2, sender: "linux" },
    ]);
    const jobs = async (query = "") => {
      const { data } = await at.ask("GET", `~/actions/runs/${run.id}/jobs${query}`);
      return (data.jobs as unknown as readonly Record<string, unknown>[]).map(({ name, status, run_attempt }) => [
        name,
        status,
        run_attempt,
      ]);
    };
    const [before, again] = [
      ["good", "completed", 1],
      ["bad", "queued", 2],
    ];
    expect(await jobs()).toEqual([again]);
    expect(await jobs("?filter=all")).toEqual([before, ["bad", "completed", 1], again]);
    at.repo.settings({ latestJobs: "each" });
    expect(await jobs()).toEqual([before, again]);
  });

  test("a dispatch is held against the workflow file of the commit that it starts on", async () => {
    const heard: unknown[] = [];
    await using at = await scene({ hooks: { onDispatch: ({ inputs }) => heard.push(inputs) } });
    const path = ".github/workflows/ci.yml";
    at.repo.runs.createWorkflow(path, "CI", true);
    const clone = await at.clone("c");
    const push = async (branch: string, on: string) => {
      await Bun.write(join(clone, path), `name: CI\n${on}\njobs: {}\n`);
      await git(clone, "add", ".");
      await git(clone, "commit", "--quiet", "-m", branch);
      await git(clone, "push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
    };
    await push("plain", "on: [push, workflow_dispatch]");
    await push("without", "on: push");
    await push("asks", "on:\n  workflow_dispatch:\n    inputs:\n      run: { required: true }\n      more:");
    const start = async (ref: string, inputs?: object) => {
      const { status, data } = await at.ask("POST", "~/actions/workflows/ci.yml/dispatches", { ref, ...(inputs && { inputs }) });
      return status === 204 ? "started" : [status, data.message];
    };
    expect(await start("plain")).toBe("started");
    expect(await start("plain", { run: "1" })).toEqual([422, 'Unexpected inputs provided: ["run"]']);
    expect(await start("without")).toEqual([422, "Workflow does not have 'workflow_dispatch' trigger"]);
    expect(await start("asks")).toEqual([422, "Required input 'run' not provided"]);
    expect(await start("asks", { run: "1", more: "2" })).toBe("started");
    // A workflow that the harness made up has no file there.
    expect(await start("main", { run: "1" })).toBe("started");
    expect(heard).toEqual([{}, { run: "1", more: "2" }, { run: "1" }]);
  });
});
