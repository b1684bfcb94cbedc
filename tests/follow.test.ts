import { expect, setDefaultTimeout, test } from "bun:test";
import { scene } from "./sandbox.ts";
import { startScript, stepEnvironment } from "./script.ts";

setDefaultTimeout(60_000);

/** A repository with a triage and a build whose run on a fix is going on; what is dispatched is kept. */
async function following() {
  const dispatched: unknown[] = [];
  const hooks = {
    onDispatch: ({ workflow, inputs }: { workflow: { path: string }; inputs: unknown }) => void dispatched.push([workflow.path, inputs]),
  };
  const at = await scene({ hooks });
  const { repo, github, folder } = at;
  const sha = repo.head() ?? "";
  repo.runs.createWorkflow(".github/workflows/fixonce-triage.yml", "fixonce triage", true);
  const build = repo.runs.createRun({
    workflow: repo.runs.createWorkflow("ci.yml", "CI", true),
    headSha: sha,
    headBranch: "autonomous-fix-1",
  });
  const start = (permission: "read" | "write", ...flags: readonly string[]) => {
    const token = at.issue({ sender: "follow", permissions: { actions: permission } });
    const env = {
      ...stepEnvironment({ url: github.url, token, home: folder }),
      ...{ GITHUB_REF_NAME: "main", GITHUB_WORKFLOW_REF: "acme/app/.github/workflows/fixonce-triage.yml@refs/heads/main" },
    };
    return startScript("follow", ["--poll", "50ms", ...flags], { cwd: folder, env });
  };
  const said = async (child: ReturnType<typeof start>) => ({ text: (await child.stderr.text()).trim(), code: await child.exited });
  const looks = () => github.requests.entries.filter(({ sender }) => sender === "follow").length;
  return { dispatched, repo, sha, build, start, said, looks, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

test("follow waits until all builds of a fix have ended, and starts its own workflow for them", async () => {
  await using world = await following();
  const child = world.start("write", "--sha", world.sha, "--started", "1");
  // It looks more than once, and starts nothing while the build is at work.
  for (let i = 0; i < 1500 && world.looks() < 2; i++) await Bun.sleep(20);
  expect(world.looks()).toBeGreaterThanOrEqual(2);
  expect(world.dispatched).toEqual([]);
  world.repo.runs.completeRun(world.build.id, "failure");
  expect(await world.said(child)).toEqual({ text: `follow: run ${world.build.id} ended, fixonce-triage.yml looks at it`, code: 0 });
  expect(world.dispatched).toEqual([[".github/workflows/fixonce-triage.yml", { run: String(world.build.id) }]]);
});

test("follow leaves builds that do not end to the sweep, and says where it is called wrongly or without the right", async () => {
  await using world = await following();
  const { said, start, sha } = world;
  const late = `fixonce: The builds of ${sha.slice(0, 7)} have not ended: the sweep will see to them`;
  expect(await said(start("write", "--sha", sha, "--started", "2", "--timeout", "300ms"))).toEqual({ text: late, code: 0 });
  expect((await said(start("write", "--sha", "main", "--started", "1"))).text).toBe('fixonce: Not a full commit SHA: "main"');
  world.repo.runs.completeRun(world.build.id, "success");
  const denied = await said(start("read", "--sha", sha, "--started", "1"));
  expect([denied.code, denied.text.includes("the token needs the permission actions: write"), world.dispatched]).toEqual([2, true, []]);
});
