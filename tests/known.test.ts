import { describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { editPull, endOf, type FlowJob, type Project, sharedFlow } from "./flow.ts";
import { git, gitUrl } from "./sandbox.ts";

const shared = sharedFlow();

/** A commit with a pending fix, and the one after it, which fails in the same way. */
async function pending(
  name: string,
  options: { readonly log?: string } = {},
): Promise<{ readonly project: Project; readonly later: string; readonly leader: FlowJob }> {
  const project = await shared.flow.project(name);
  const leader = await project.job("linux-x64", options);
  for (const step of ["coordinate", "analyze", "publish"] as const) expect((await leader[step]()).code).toBe(0);
  return { project, leader, later: await project.commit({ "README.md": "More to read.\n" }, "Say more") };
}

const mainOf = (project: Project) => `refs/heads/${project.repo.defaultBranch}`;

describe("known_failure", () => {
  test("a later commit's flavor claims nothing, is shown on the board of the pending fix, and tests it", async () => {
    const { project, later } = await pending("known");
    const job = await project.job("macos", { sha: later });
    const ran = await job.coordinate();
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ...{ should_analyze: false, reason: "known_failure", cause: 1, claim: 1, issue_number: 1 },
      wait_for_branch: `autonomous-fix-${project.sha.slice(0, 7)}`,
    });
    expect(project.repo.refs(`refs/coordination/${later}/`)).toEqual([]);
    expect(project.repo.issues()[0]?.body).toMatch(/` macos ` \| 🔧 to test the fix/);
    const verified = await job.verify();
    expect([verified.code, JSON.parse(verified.stdout).verdict]).toEqual([0, "passed"]);
    expect(endOf(project.repo, project.sha).coordination).toEqual([
      "board/1",
      "claims/1",
      "failures/1/macos",
      "outcomes/1",
      "pulls/1/2",
      "verdicts/1/macos/passed",
    ]);
    expect(project.repo.issues()).toHaveLength(2);
  });

  test("the fix is tested on top of the later commit; where it does not apply there, as it is, and that is said", async () => {
    const { project, later } = await pending("merged");
    const see = ["verify", ["--json", "--", "sh", "-c", "cat README.md src/vector.ts"]] as const;
    const both = await project.job("macos", { sha: later });
    await both.coordinate();
    const seen = await both.step(...see);
    expect([seen.code, seen.stderr]).toEqual([0, expect.stringMatching(/More to read\.[\s\S]*"\.\/small_vec\.ts"/)]);
    expect((await git(both.clone, "worktree", "list")).text.split("\n")).toHaveLength(1);
    // The lines that the fix is about have gone on.
    const [text, marked] = [await readFile(join(both.clone, "src/vector.ts"), "utf8"), '"./smallvec.ts"; // why not?'];
    const moved = await project.commit({ "src/vector.ts": text.replace('"./smallvec.ts";', marked) }, "Wonder");
    const alone = await project.job("windows", { sha: moved });
    expect(JSON.parse((await alone.coordinate()).stdout)).toMatchObject({ reason: "known_failure" });
    const branch = `autonomous-fix-${project.sha.slice(0, 7)}`;
    const as = await alone.step(...see);
    expect(as.stderr).toContain(`Cannot apply ${branch} on ${moved.slice(0, 7)}: the branch is tested as it is\n`);
    expect([as.code, as.stderr.includes("More to read."), as.stderr.includes('"./small_vec.ts"')]).toEqual([0, false, true]);
    // In a shallow checkout as well, and in place.
    const shallow = await project.job("docker", { sha: later });
    await rm(shallow.clone, { recursive: true });
    const token = shared.flow.github.issueToken({ repo: project.repo.fullName, sender: "shallow" });
    await git(shallow.folder, "clone", "--quiet", "--depth", "1", gitUrl(project.repo, token), shallow.clone);
    await shallow.coordinate();
    const placed = await shallow.step("verify", ["--json", "--in-place", ...see[1].slice(1)]);
    expect([placed.code, placed.stderr]).toEqual([0, expect.stringMatching(/More to read\.[\s\S]*"\.\/small_vec\.ts"/)]);
  });

  test("a fix that this flavor has seen fail covers nothing for it, here and at the next commit, and still covers the others", async () => {
    const { project, later } = await pending("refuted");
    const job = await project.job("macos", { sha: later });
    expect(JSON.parse((await job.coordinate()).stdout)).toMatchObject({ reason: "known_failure" });
    const failed = await job.step("verify", ["--json", "--", "sh", "-c", `cat ${job.log}; exit 1`]);
    expect([failed.code, JSON.parse(failed.stdout).verdict]).toEqual([1, "failed"]);
    const next = await project.commit({ "README.md": "Even more to read.\n" }, "Say even more");
    const again = await project.job("macos", { sha: next });
    for (const one of [again, job])
      expect(JSON.parse((await one.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor", claim: 1 });
    const other = await project.job("windows", { sha: await project.commit({ "README.md": "Done.\n" }, "Say it") });
    expect(JSON.parse((await other.coordinate()).stdout)).toMatchObject({ should_analyze: false, reason: "known_failure" });
  });

  test("a fix that was closed unmerged covers nothing, and a failure that is another is another", async () => {
    const { project, later } = await pending("closed");
    const other = await project.job("docker", { sha: later, log: "src/other.ts(3,1): error TS2304: Cannot find name 'frobnicate'.\n" });
    expect(JSON.parse((await other.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor" });
    await editPull(shared.flow, project.repo, 2, { state: "closed" });
    const job = await project.job("macos", { sha: later });
    expect(JSON.parse((await job.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "different_error", cause: 2 });
  });

  test("what is likely one cause within a commit is a guess in the next", async () => {
    const { project, later } = await pending("guess", {
      log: "small_vec.h is read\nsrc/vector.ts(9,1): error TS2345: Argument of type 'string' is not assignable.\n",
    });
    const log = "TypeError: push is not a function\n    at grow (/home/ci/project/src/vector.ts:40:3)\n";
    const next = await project.job("macos", { sha: later, log });
    expect(JSON.parse((await next.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor", claim: 1 });
    const same = await project.job("macos", { log });
    expect(JSON.parse((await same.coordinate()).stdout)).toMatchObject({ reason: "fix_available", similarity: 0.7 });
  });

  test("a commit that does not stand on the failing one, and one that sees the lists late or not at all, analyse", async () => {
    const { project, later, leader } = await pending("beside");
    const base = project.repo.commit(project.sha)?.parents[0] ?? "";
    const beside = await project.job("macos", { sha: base });
    expect(JSON.parse((await beside.coordinate()).stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor" });
    const late = await project.job("macos", { sha: later });
    // A list from before there was any pull request.
    shared.flow.github.tune({ listLagMs: 3_600_000, listLagMode: "fixed" });
    const ran = await late.coordinate();
    shared.flow.github.tune({ listLagMs: 0 });
    expect(JSON.parse(ran.stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor" });
    const asked = shared.flow.github.requests.entries.filter(({ sender, path }) => sender === late.sender && path.endsWith("/pulls"));
    expect([...new Set(asked.map(({ status }) => status))]).toEqual([200]);
    const next = await project.job("macos", { sha: await project.commit({ "README.md": "Even more.\n" }, "Say even more") });
    shared.flow.github.addFault({ kind: "status", status: 500, path: /\/pulls$/, sender: next.sender });
    const unanswered = await next.coordinate();
    shared.flow.github.clearFaults();
    expect(JSON.parse(unanswered.stdout)).toMatchObject({ should_analyze: true, reason: "first_flavor" });
    expect(leader.sender).toBe("beside/linux-x64");
    expect(project.repo.commit(project.repo.head(mainOf(project)) ?? "")?.parents).toEqual([later]);
  });

  test("a leader asks two lists beside its claim and waits for nothing more where no fix is pending", async () => {
    const project = await shared.flow.project("lonely");
    const job = await project.job("linux-x64");
    await job.coordinate();
    const asked = shared.flow.github.requests.entries
      .filter(({ sender, git }) => sender === job.sender && !git)
      .map(({ method, path }) => `${method} ${path.split("/").slice(4).join("/").replace(project.sha, "SHA")}`);
    const claimed = asked.slice(0, asked.indexOf("POST git/refs") + 1);
    expect(claimed.toSorted()).toEqual([
      "GET git/matching-refs/coordination",
      "GET git/matching-refs/coordination/SHA",
      "GET pulls",
      "POST git/commits",
      "POST git/refs",
    ]);
  });
});

describe("infrastructure", () => {
  const log = "npm error code ECONNRESET\nnpm error network request to https://registry.example/x failed, reason: read ECONNRESET\n";

  test("the machine's failure is no model call: one re-run where the run has ended and the token may", async () => {
    const project = await shared.flow.project("machine");
    const job = await project.job("linux-x64", { log });
    const asked = shared.flow.messages.calls.length;
    const busy = await job.coordinate();
    expect(JSON.parse(busy.stdout)).toMatchObject({ should_analyze: false, reason: "infrastructure" });
    expect(busy.outputs).toContain("running");
    project.repo.runs.completeJob(job.jobId, "failure");
    project.repo.runs.completeRun(job.runId);
    const ended = await job.coordinate();
    expect(ended.outputs).toContain("started");
    expect(project.repo.runs.run(job.runId)?.attempt).toBe(2);
    const again = await job.coordinate({ env: { GITHUB_RUN_ATTEMPT: "2" } });
    expect(again.outputs).toMatch(/rerun<<.*\nnone/);
    expect(project.repo.runs.run(job.runId)?.attempt).toBe(2);
    expect(endOf(project.repo, project.sha).coordination).toEqual(["apart/infrastructure/linux-x64"]);
    expect(shared.flow.messages.calls.length).toBe(asked);
  });

  test("a token that may not re-run is a notice", async () => {
    const project = await shared.flow.project("machine-denied");
    const token = { permissions: { contents: "write", issues: "write", pull_requests: "write", actions: "read" } } as const;
    const job = await project.job("linux-x64", { log, token });
    project.repo.runs.completeJob(job.jobId, "failure");
    project.repo.runs.completeRun(job.runId);
    const ran = await job.coordinate();
    expect([ran.code, ran.outputs.includes("denied")]).toEqual([0, true]);
    expect(ran.stderr).toContain("actions: write");
  });
});
