import { expect, test } from "bun:test";
import { sharedFlow } from "./flow.ts";

const env = { FIXONCE_WAIT: "dispatch" };
/** The sweep has a run of its own, which is none of a build. */
const own = { GITHUB_RUN_ID: "9999999" };

const shared = sharedFlow();

test("wait: dispatch: the sweep has the job of a dead leader run again, once, where flavors left that wait for it", async () => {
  const project = await shared.flow.project("stranded");
  const { runs } = project.repo;
  const [leader, follower] = [await project.job("linux-x64"), await project.job("windows")];
  expect(JSON.parse((await leader.coordinate({ env })).stdout)).toMatchObject({ should_analyze: true });
  const end = () => {
    for (const { jobId, runId } of [leader, follower]) {
      runs.completeJob(jobId, "failure");
      runs.completeRun(runId);
    }
  };
  const sweep = async (args: readonly string[] = []) => (await leader.step("sweep", args, { env: own })).stderr;
  // Nobody waits yet: whoever looks after its own job finds it red.
  shared.later(20 * 60_000);
  expect(await sweep()).not.toContain("runs again");
  shared.later(-20 * 60_000);
  expect(JSON.parse((await follower.coordinate({ env })).stdout)).toMatchObject({ dispatched: true });
  end();
  expect(await sweep()).toContain("linux-x64 analyses");
  shared.later(20 * 60_000);
  expect(await sweep(["--dry-run"])).not.toContain("runs again");
  expect(await sweep()).toContain("the leader of cause 1 was gone, its job runs again");
  expect([runs.run(leader.runId)?.attempt, runs.run(follower.runId)?.attempt]).toEqual([2, 1]);
  expect(await sweep()).toContain("a run of the commit is at work");
  // Its machine dies again before it has spoken: once is enough.
  runs.completeRun(leader.runId);
  expect(await sweep()).not.toContain("again");
  const again = { ...env, GITHUB_RUN_ATTEMPT: "2" };
  expect(JSON.parse((await leader.coordinate({ env: again })).stdout)).toMatchObject({
    should_analyze: true,
    reason: "timeout",
    claim: 2,
  });
});

test("a token that may not run jobs again says so", async () => {
  const project = await shared.flow.project("denied");
  const leader = await project.job("linux-x64");
  await leader.coordinate({ env });
  const follower = await project.job("windows");
  await follower.coordinate({ env });
  for (const { runId } of [leader, follower]) project.repo.runs.completeRun(runId);
  shared.later(20 * 60_000);
  const permissions = { contents: "write", issues: "write", pull_requests: "read", actions: "read" } as const;
  const token = shared.flow.github.issueToken({ repo: project.repo.fullName, sender: "sweep", permissions });
  expect((await leader.step("sweep", [], { env: { ...own, GITHUB_TOKEN: token } })).stderr).toContain(
    "may not run its job again (actions: write)",
  );
});
