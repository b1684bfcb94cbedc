import { expect, setDefaultTimeout, test } from "bun:test";
import { Octokit } from "octokit";
import { emptyTree } from "../lib/sandbox/objects.ts";
import { type Contract, checkedFetch, operations } from "./contract.ts";
import { git, here, type Scene, scene } from "./sandbox.ts";

setDefaultTimeout(60_000);

test("every operation of the sandbox fits GitHub's OpenAPI description, errors included", async () => {
  await using at = await scene();
  const contract = checkedFetch(at.github.url);
  await driveGit(at, contract);
  await driveIssues(at, contract);
  await drivePulls(at, contract);
  await driveActions(at, contract);
  await driveErrors(at, contract);
  expect(contract.problems).toEqual([]);
  const driven = new Set([...contract.seen].map((entry) => entry.replace(/ \d+$/, "")));
  expect(operations.filter((operation) => !driven.has(operation))).toEqual([]);
});

test("checkedFetch() sees a wrong response, a wrong request and an unknown operation", async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ number: "one" }) });
  const base = `http://127.0.0.1:${server.port}`;
  const contract = checkedFetch(base);
  await contract.fetch(`${base}/repos/a/b/issues/1?colour=red`);
  await contract.fetch(`${base}/repos/a/b/pulls/1/merge`, { method: "PUT", body: JSON.stringify({ sha: 1, shaa: "x" }) });
  await contract.fetch(`${base}/repos/a/b/wiki`);
  await server.stop(true);
  const text = contract.problems.join("\n");
  for (const part of [
    "/number must be integer",
    "required property 'title'",
    "unknown query colour",
    "/sha must be string",
    "unknown fields shaa",
    "not in the description",
  ]) {
    expect(text).toContain(part);
  }
});

function clientOf(at: Scene, contract: Contract, token = at.token): Octokit {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return new Octokit({
    auth: token,
    baseUrl: at.github.url,
    request: { fetch: contract.fetch },
    retry: { enabled: false },
    throttle: { enabled: false },
    log,
  });
}

async function driveGit(at: Scene, contract: Contract): Promise<void> {
  const { rest } = clientOf(at, contract);
  const commit = await rest.git.createCommit({
    ...here,
    message: "m",
    tree: emptyTree,
    author: { name: "a", email: "a@b.c", date: "2026-01-01T00:00:00Z" },
  });
  await rest.git.getCommit({ ...here, commit_sha: commit.data.sha });
  await rest.git.createRef({ ...here, ref: "refs/heads/other", sha: at.repo.head() ?? "" });
  await rest.git.getRef({ ...here, ref: "heads/other" });
  await rest.git.listMatchingRefs({ ...here, ref: "heads/" });
  const blob = await rest.git.createBlob({ ...here, content: "aGk=", encoding: "base64" });
  await rest.git.getBlob({ ...here, file_sha: blob.data.sha });
  const base = await rest.git
    .getTree({ ...here, tree_sha: "main" })
    .catch(() => rest.git.getTree({ ...here, tree_sha: at.repo.head() ?? "", recursive: "1" }));
  const tree = await rest.git.createTree({
    ...here,
    base_tree: base.data.sha,
    tree: [{ path: "lib/new.txt", mode: "100644", type: "blob", sha: blob.data.sha }],
  });
  const next = await rest.git.createCommit({ ...here, message: "next", tree: tree.data.sha, parents: [at.repo.head() ?? ""] });
  await rest.git.updateRef({ ...here, ref: "heads/other", sha: next.data.sha });
  const tag = await rest.git.createTag({ ...here, tag: "v1", message: "one", object: next.data.sha, type: "commit" });
  await rest.git.getTag({ ...here, tag_sha: tag.data.sha });
  await rest.repos.get(here);
  await rest.repos.getCommit({ ...here, ref: "other" });
  await rest.repos.getBranch({ ...here, branch: "other" });
  await rest.repos.compareCommitsWithBasehead({ ...here, basehead: "main...other" });
  await rest.repos.getContent({ ...here, path: "lib/new.txt", ref: "other" });
  await rest.repos.getContent({ ...here, path: "lib" });
  const admin = clientOf(at, contract, at.issue({ permissions: { administration: "read" } }));
  await expect(admin.rest.repos.getBranchProtection({ ...here, branch: "main" })).rejects.toMatchObject({ status: 404 });
  at.repo.settings({ protectedBranches: ["release/*", "main"] });
  await admin.rest.repos.getBranchProtection({ ...here, branch: "main" });
  at.repo.settings({ protectedBranches: [] });
  await rest.git.createRef({ ...here, ref: "refs/heads/gone", sha: next.data.sha });
  await rest.git.deleteRef({ ...here, ref: "heads/gone" });
  await rest.rateLimit.get();
  await rest.meta.get();
  await clientOf(at, contract, at.issue({ kind: "user", sender: "octocat" })).rest.users.getAuthenticated();
}

async function driveIssues(at: Scene, contract: Contract): Promise<void> {
  const { rest } = clientOf(at, contract);
  await rest.issues.createLabel({ ...here, name: "bug", color: "ff0000", description: "broken" });
  await rest.issues.getLabel({ ...here, name: "BUG" });
  await rest.issues.updateLabel({ ...here, name: "bug", new_name: "defect", color: "00ff00" });
  await rest.issues.listLabelsForRepo({ ...here, per_page: 100 });
  const issue = await rest.issues.create({ ...here, title: "t", body: "b", labels: ["defect", "new"], assignees: ["octocat"] });
  const one = { ...here, issue_number: issue.data.number };
  await rest.issues.get(one);
  await rest.issues.listForRepo({
    ...here,
    state: "all",
    labels: "defect,new",
    sort: "updated",
    direction: "asc",
    since: "2020-01-01T00:00:00Z",
    creator: "github-actions[bot]",
  });
  await rest.issues.update({ ...one, state: "closed", state_reason: "not_planned", title: "u", body: "c", labels: ["new"] });
  const comment = await rest.issues.createComment({ ...one, body: "hello" });
  await rest.issues.listComments(one);
  await rest.issues.getComment({ ...here, comment_id: comment.data.id });
  await rest.issues.updateComment({ ...here, comment_id: comment.data.id, body: "again" });
  await rest.issues.deleteComment({ ...here, comment_id: comment.data.id });
  await rest.issues.addLabels({ ...one, labels: ["defect"] });
  await rest.issues.listLabelsOnIssue(one);
  await rest.issues.removeLabel({ ...one, name: "defect" });
  await rest.issues.addAssignees({ ...one, assignees: ["hubot"] });
  await rest.issues.removeAssignees({ ...one, assignees: ["hubot"] });
  await rest.issues.deleteLabel({ ...here, name: "defect" });
}

async function drivePulls(at: Scene, contract: Contract): Promise<void> {
  const { rest } = clientOf(at, contract);
  const path = await at.clone("pulls");
  await git(path, "commit", "--quiet", "--allow-empty", "-m", "fix");
  await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix");
  const pull = await rest.pulls.create({ ...here, title: "Fix", body: "b", head: "fix", base: "main" });
  const one = { ...here, pull_number: pull.data.number };
  await rest.pulls.get(one);
  await rest.pulls.list({ ...here, head: "acme:fix", state: "open", base: "main" });
  await rest.pulls.update({ ...one, title: "Fix it" });
  await rest.issues.listForRepo(here);
  await rest.pulls.merge({ ...one, merge_method: "squash" });
  await rest.pulls.get(one);
}

async function driveActions(at: Scene, contract: Contract): Promise<void> {
  const { rest } = clientOf(at, contract);
  const { runs } = at.repo;
  const workflow = runs.createWorkflow(".github/workflows/ci.yml", "CI", true);
  const run = runs.createRun({ workflow, headSha: at.repo.head() ?? "", headBranch: "main" });
  const job = runs.createJob(run.id, "build (linux)");
  await rest.actions.getWorkflowRun({ ...here, run_id: run.id });
  await rest.actions.getJobForWorkflowRun({ ...here, job_id: job.id });
  runs.appendLog(job.id, "boom\n");
  runs.completeJob(job.id, "failure");
  runs.completeRun(run.id);
  await rest.actions.listWorkflowRunsForRepo({ ...here, head_sha: at.repo.head() ?? "", status: "failure" });
  await rest.actions.getWorkflowRunAttempt({ ...here, run_id: run.id, attempt_number: 1 });
  await rest.actions.listJobsForWorkflowRun({ ...here, run_id: run.id, filter: "latest" });
  await rest.actions.listJobsForWorkflowRunAttempt({ ...here, run_id: run.id, attempt_number: 1 });
  await rest.actions.downloadJobLogsForWorkflowRun({ ...here, job_id: job.id, request: { redirect: "manual" } });
  const artifact = runs.addArtifact(run.id, "junit", new Uint8Array([1, 2]));
  const gone = runs.addArtifact(run.id, "old", new Uint8Array(), true);
  const { data } = await rest.actions.listWorkflowRunArtifacts({ ...here, run_id: run.id });
  expect(data.artifacts.map(({ name }) => name)).toEqual(["old", "junit"]);
  await rest.actions.listWorkflowRunArtifacts({ ...here, run_id: run.id, name: "junit", direction: "asc" });
  await rest.actions.getArtifact({ ...here, artifact_id: artifact.id });
  const one = { ...here, artifact_id: artifact.id, archive_format: "zip" };
  const { headers } = await rest.actions.downloadArtifact({ ...one, request: { redirect: "manual" } });
  const blob = await fetch(headers.location ?? "");
  expect([blob.status, (await blob.bytes()).length, (await fetch(`${headers.location}x`)).status]).toEqual([200, 2, 404]);
  await expect(rest.actions.downloadArtifact({ ...one, artifact_id: gone.id })).rejects.toMatchObject({ status: 410 });
  await rest.actions.reRunJobForWorkflowRun({ ...here, job_id: job.id });
  await expect(rest.actions.reRunWorkflowFailedJobs({ ...here, run_id: run.id })).rejects.toMatchObject({ status: 403 });
  for (const again of runs.jobs(run.id)) runs.completeJob(again.id, "failure");
  runs.completeRun(run.id);
  await rest.actions.reRunWorkflow({ ...here, run_id: run.id });
  for (const again of runs.jobs(run.id)) runs.completeJob(again.id, "failure");
  runs.completeRun(run.id);
  await rest.actions.reRunWorkflowFailedJobs({ ...here, run_id: run.id });
  await rest.actions.listWorkflowRuns({ ...here, workflow_id: "ci.yml" });
  await rest.actions.listRepoWorkflows(here);
  await rest.actions.getWorkflow({ ...here, workflow_id: "ci.yml" });
  await rest.actions.createWorkflowDispatch({ ...here, workflow_id: "ci.yml", ref: "main", inputs: { flavor: "linux" } });
  const closed = runs.createWorkflow(".github/workflows/push.yml", "Push", false);
  await expect(rest.actions.createWorkflowDispatch({ ...here, workflow_id: closed.id, ref: "main" })).rejects.toMatchObject({
    status: 422,
  });
}

async function driveErrors(at: Scene, contract: Contract): Promise<void> {
  const reader = at.issue({ permissions: { contents: "read", issues: "read", pull_requests: "read", actions: "read" } });
  const sha = at.repo.head() ?? "";
  const long = "x".repeat(65_537);
  const requests: readonly (readonly [string, string, string, unknown?])[] = [
    [at.token, "POST", "/git/refs", { ref: "refs/heads/main", sha }],
    [at.token, "POST", "/git/refs", { ref: "refs/heads/x..y", sha }],
    [at.token, "POST", "/git/refs", { ref: "refs/heads/new", sha: "1".repeat(40) }],
    [at.token, "PATCH", "/git/refs/heads/none", { sha }],
    [at.token, "DELETE", "/git/refs/heads/none"],
    [at.token, "POST", "/git/commits", { message: "m", tree: "1".repeat(40) }],
    [at.token, "POST", "/git/commits", { message: "m", tree: emptyTree, parents: ["1".repeat(40)] }],
    [at.token, "GET", "/git/ref/heads/none"],
    [at.token, "GET", `/git/commits/${"1".repeat(40)}`],
    [at.token, "POST", "/labels", { name: "new", color: "ff0000" }],
    [at.token, "POST", "/labels", { name: "y".repeat(51) }],
    [at.token, "POST", "/issues", {}],
    [at.token, "POST", "/issues", { title: "t", body: long }],
    [at.token, "GET", "/issues/999"],
    [at.token, "PATCH", "/issues/999", { title: "t" }],
    [at.token, "POST", "/issues/999/comments", { body: "b" }],
    [at.token, "POST", "/pulls", { title: "t", head: "none", base: "main" }],
    [at.token, "POST", "/pulls", { title: "t", head: "other", base: "other" }],
    [at.token, "GET", "/pulls/999"],
    [at.token, "PUT", "/pulls/999/merge", {}],
    [at.token, "GET", "/actions/runs/999"],
    [at.token, "GET", "/compare/main...none"],
    [at.token, "GET", "/branches/none"],
    [at.token, "GET", "/contents/none"],
    [reader, "POST", "/git/refs", { ref: "refs/heads/new", sha }],
    [reader, "POST", "/issues", { title: "t" }],
    ["bad", "GET", "/issues"],
    ["", "GET", "/issues"],
  ];
  for (const [token, method, path, body] of requests) {
    const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await contract.fetch(`${at.github.url}/repos/acme/app${path}`, { method, headers, ...sent });
    expect([method, path, response.status >= 400]).toEqual([method, path, true]);
    expect(response.headers.get("x-github-request-id")).not.toBeNull();
  }
}
