import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pushResult } from "../lib/io/git.ts";
import { analysedIn, copyAnalysis, editPull, endOf, type Flow, type FlowJob, openFlow, type Project } from "./flow.ts";
import { git, gitUrl } from "./sandbox.ts";

let flow: Flow;
let analysed: FlowJob;
let clock = 0;
beforeAll(async () => {
  flow = await openFlow({ now: () => Date.now() + clock });
  analysed = await analysedIn(flow);
}, 120_000);
afterAll(async () => {
  await flow[Symbol.asyncDispose]();
});

/** What the model found, for another claim: the very fix, or with `wrong` one that repairs nothing. */
async function found(
  job: FlowJob,
  claim: { readonly claim: number; readonly attempt: number; readonly sha: string; readonly costUsd?: number },
  wrong = false,
) {
  await copyAnalysis(analysed, job, claim);
  const patch = await readFile(join(job.out, "fix.patch"), "utf8");
  const other = patch.replace("small_vec.ts", "smaller_vec.ts").replace(/^index .*\n/m, "");
  if (wrong) await writeFile(join(job.out, "fix.patch"), other);
}

async function claimed(name: string): Promise<{ readonly project: Project; readonly job: FlowJob }> {
  const project = await flow.project(name);
  const job = await project.job("linux-x64");
  expect((await job.coordinate()).code).toBe(0);
  await found(job, { claim: 1, attempt: 1, sha: project.sha });
  return { project, job };
}

/** Goes as far as a fix that repairs nothing: published, tested, and the next claim is this flavor's. */
async function refuted(job: FlowJob, project: Project, costUsd?: number): Promise<void> {
  await found(job, { claim: 1, attempt: 1, sha: project.sha, ...(costUsd === undefined ? {} : { costUsd }) }, true);
  expect(told(await job.publish())).toMatchObject({ result: "fixed", pull: 2 });
  expect(told(await job.verify())).toMatchObject({ verdict: "failed" });
  expect(told(await job.coordinate())).toMatchObject({ reason: "fix_failed", claim: 2 });
}

const told = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);
const branchOf = ({ sha }: Project) => `autonomous-fix-${sha.slice(0, 7)}`;

const summaryOf = ({ folder }: FlowJob) => readFile(join(folder, "summary.md"), "utf8");
/** The cost of a cause, as the last that a text says of it. */
const costIn = (text: string) => text.match(/\$\d+\.\d\d for \d{1,3} analys[ei]s/g)?.at(-1);

describe("publish.ts goes no further", () => {
  test("where another flavor took the claim over: the fix of the successor stands, and there is one branch and one pull request", async () => {
    const { project, job } = await claimed("overtaken");
    const other = await project.job("mac");
    clock = 16 * 60_000;
    expect(told(await other.coordinate())).toMatchObject({ should_analyze: true, reason: "timeout", claim: 2 });
    await found(other, { claim: 2, attempt: 1, sha: project.sha, costUsd: 0.4249 });
    expect(told(await other.publish())).toMatchObject({ result: "fixed", pull: 2 });
    const before = endOf(project.repo, project.sha);
    const late = await job.publish();
    expect([late.code, told(late).result]).toEqual([0, "overtaken"]);
    expect(late.stderr).toContain("another flavor took over");
    expect(endOf(project.repo, project.sha)).toEqual(before);
    const costs = [...project.repo.issues().map(({ body }) => body ?? ""), await summaryOf(job)].map(costIn);
    expect(costs).toEqual(["$0.42 for 1 analysis", "$0.42 for 1 analysis", "$0.42 for 1 analysis"]);
    expect(before).toMatchObject({
      branches: [branchOf(project).replace(project.sha.slice(0, 7), "SHA")].map((name) => `refs/heads/${name}`),
      pulls: [{}],
    });
    clock = 0;
  });

  test("where a person has committed on the branch of the fix: their commit stays, and a person is called", async () => {
    const { project, job } = await claimed("person");
    await refuted(job, project);
    const theirs = await byPerson(project, job, branchOf(project));
    await found(job, { claim: 2, attempt: 2, sha: project.sha });
    const ran = await job.publish();
    expect([ran.code, told(ran).result]).toEqual([0, "rejected"]);
    expect(project.repo.head(`refs/heads/${branchOf(project)}`)).toBe(theirs);
    expect(endOf(project.repo, project.sha).pulls).toHaveLength(1);
    expect(told(await job.coordinate())).toMatchObject({ should_analyze: false, reason: "escalated" });
  });

  test("but to a retry its draft, the board and the step summary tell one cost, to the cent; a person's words stay", async () => {
    const { project, job } = await claimed("retried");
    await refuted(job, project, 0.1249);
    const said = project.repo.issues().find(({ number }) => number === 2)?.body;
    await editPull(flow, project.repo, 2, { title: "Ours, please", body: `Above.\n\n${said}\n\nBelow.` });
    await found(job, { claim: 2, attempt: 2, sha: project.sha, costUsd: 1.2049 });
    expect(told(await job.publish())).toMatchObject({ result: "fixed", pull: 2 });
    const [draft] = project.repo.issues().filter(({ number }) => number === 2);
    expect([draft?.title, draft?.body]).toEqual(["Ours, please", expect.stringMatching(/^Above\.\n\n<!-- fix[\s\S]*-->\n\nBelow\.$/)]);
    const texts = project.repo.issues().map(({ body }) => body ?? "");
    const costs = [...texts, await summaryOf(job)].map(costIn);
    expect(costs).toEqual(["$1.33 for 2 analyses", "$1.33 for 2 analyses", "$1.33 for 2 analyses"]);
  });

  test("but to a retry without a fix they tell one cost too", async () => {
    const { project, job } = await claimed("in-vain");
    await refuted(job, project, 0.1249);
    await copyAnalysis(analysed, job, { claim: 2, attempt: 2, sha: project.sha, costUsd: 1.2049, verdict: "needs_human" });
    expect(told(await job.publish())).toMatchObject({ result: "needs-human" });
    const costs = [...project.repo.issues().map(({ body }) => body ?? ""), await summaryOf(job)].map(costIn);
    expect(costs).toEqual(["$1.33 for 2 analyses", "$1.33 for 2 analyses", "$1.33 for 2 analyses"]);
  });

  test("before a branch of that name that is somebody's own", async () => {
    const { project, job } = await claimed("taken");
    const theirs = await byPerson(project, job, "main", branchOf(project));
    expect(told(await job.publish()).result).toBe("rejected");
    expect(project.repo.head(`refs/heads/${branchOf(project)}`)).toBe(theirs);
    expect(endOf(project.repo, project.sha)).toMatchObject({ pulls: [], outcome: "needs-human" });
  });

  test("before a rule of the repository", async () => {
    const { project, job } = await claimed("ruled");
    project.repo.settings({ protectedBranches: ["autonomous-fix-*"] });
    expect(told(await job.publish()).result).toBe("rejected");
    expect(endOf(project.repo, project.sha)).toMatchObject({ branches: [], pulls: [], outcome: "needs-human" });
  });

  test("with a token that may not push: the claim, a comment with lock: issue, ends at once", async () => {
    const project = await flow.project("denied");
    const permissions = { contents: "read", issues: "write", pull_requests: "write", actions: "read" } as const;
    const job = await project.job("linux-x64", { token: { permissions } });
    const env = { FIXONCE_LOCK: "issue", FIXONCE_SETTLE_SECONDS: "0.1" };
    expect(told(await job.coordinate({ env }))).toMatchObject({ should_analyze: true });
    await found(job, { claim: 1, attempt: 1, sha: project.sha });
    const ran = await job.publish({ env });
    expect([ran.code, told(ran)]).toEqual([0, { claim: 1, result: "rejected", why: "the token may not push (contents: write)" }]);
    const other = await project.job("mac", { token: { permissions } });
    expect(told(await other.coordinate({ env }))).toMatchObject({ should_analyze: false, reason: "escalated" });
  });
});

/** A person's commit on a branch, pushed under its name or another. */
async function byPerson(project: Project, job: FlowJob, branch: string, to = branch): Promise<string> {
  const token = flow.github.issueToken({ repo: project.repo.fullName, sender: "ada", kind: "user" });
  const desk = join(job.folder, "desk");
  await git(job.folder, "clone", "--quiet", "--branch", branch, gitUrl(project.repo, token), desk);
  await git(desk, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--allow-empty", "-m", "Better so");
  await git(desk, "push", "--quiet", "origin", `HEAD:refs/heads/${to}`);
  return (await git(desk, "rev-parse", "HEAD")).text;
}

test.each([
  ["!\trefs/heads/a:refs/heads/a\t[remote rejected] (Internal Server Error)", "", "unknown"],
  ["!\trefs/heads/a:refs/heads/a\t[remote failure] (remote failed to report status)", "", "unknown"],
  [
    "!\ta:refs/heads/a\t[remote rejected] (cannot lock ref 'refs/heads/a')\n!\tb:refs/x\t[remote rejected] (atomic transaction failed)",
    "",
    "unknown",
  ],
  ["", "fatal: unable to access 'https://github.com/acme/app/': The requested URL returned error: 502", "unknown"],
  ["", "remote: Permission to acme/app.git denied to github-actions[bot].\nfatal: … error: 403", "rejected"],
  ["!\ta:refs/x\t[rejected] (atomic push failed)\n!\tb:refs/heads/b\t[rejected] (fetch first)", "", "rejected"],
  ["!\ta:refs/heads/a\t[remote rejected] (protected branch hook declined)", "", "rejected"],
])("pushResult() of %p %p: %s", (stdout, stderr, result) => {
  expect(pushResult({ code: 1, stdout, stderr }).result).toBe(result as "unknown" | "rejected");
});
