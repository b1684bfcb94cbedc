import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGithub } from "../lib/sandbox/github.ts";

const script = join(import.meta.dir, "../scripts/follow.ts");

/** A repository with a triage and a build whose run on a fix is going on; what is dispatched is kept. */
async function scene() {
  const folder = mkdtempSync(join(tmpdir(), "fixonce-follow-"));
  const dispatched: unknown[] = [];
  const hooks = {
    onDispatch: ({ workflow, inputs }: { workflow: { path: string }; inputs: unknown }) => void dispatched.push([workflow.path, inputs]),
  };
  const github = await startGithub({ dir: folder, limits: false, hooks });
  const repo = await github.createRepository({ owner: "acme", name: "app" });
  const sha = repo.head() ?? "";
  repo.runs.createWorkflow(".github/workflows/fixonce-triage.yml", "fixonce triage", true);
  const build = repo.runs.createRun({
    workflow: repo.runs.createWorkflow("ci.yml", "CI", true),
    headSha: sha,
    headBranch: "autonomous-fix-1",
  });
  const start = (permission: "read" | "write", ...flags: readonly string[]) => {
    const env = {
      ...{ PATH: process.env.PATH ?? "", GITHUB_REPOSITORY: "acme/app", GITHUB_API_URL: github.url, GITHUB_REF_NAME: "main" },
      GITHUB_WORKFLOW_REF: "acme/app/.github/workflows/fixonce-triage.yml@refs/heads/main",
      GITHUB_TOKEN: github.issueToken({ repo: "acme/app", sender: "follow", permissions: { actions: permission } }),
    };
    return Bun.spawn([process.execPath, script, "--poll", "50ms", ...flags], { cwd: folder, env, stdout: "ignore", stderr: "pipe" });
  };
  const said = async (child: ReturnType<typeof start>) => ({ text: (await child.stderr.text()).trim(), code: await child.exited });
  const close = async () => {
    await github.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { dispatched, repo, sha, build, start, said, [Symbol.asyncDispose]: close };
}

test("follow waits until all builds of a fix have ended, and starts its own workflow for them", async () => {
  await using world = await scene();
  const child = world.start("write", "--sha", world.sha, "--started", "1");
  await Bun.sleep(400);
  expect(world.dispatched).toEqual([]);
  world.repo.runs.completeRun(world.build.id, "failure");
  expect(await world.said(child)).toEqual({ text: `follow: run ${world.build.id} ended, fixonce-triage.yml looks at it`, code: 0 });
  expect(world.dispatched).toEqual([[".github/workflows/fixonce-triage.yml", { run: String(world.build.id) }]]);
});

test("follow leaves builds that do not end to the sweep, and says where it is called wrongly or without the right", async () => {
  await using world = await scene();
  const { said, start, sha } = world;
  const late = `fixonce: The builds of ${sha.slice(0, 7)} have not ended: the sweep will see to them`;
  expect(await said(start("write", "--sha", sha, "--started", "2", "--timeout", "300ms"))).toEqual({ text: late, code: 0 });
  expect((await said(start("write", "--sha", "main", "--started", "1"))).text).toBe('fixonce: Not a full commit SHA: "main"');
  world.repo.runs.completeRun(world.build.id, "success");
  const denied = await said(start("read", "--sha", sha, "--started", "1"));
  expect([denied.code, denied.text.includes("the token needs the permission actions: write"), world.dispatched]).toEqual([2, true, []]);
});
