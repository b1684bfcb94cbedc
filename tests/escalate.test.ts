import { describe, expect, test } from "bun:test";
import { callOf, isCall, markerOf, unheard } from "../lib/notices.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { type FlowJob, type Project, sharedFlow } from "./flow.ts";

const seed = process.env.CRASH_SEED ?? "1";
const env = { MAX_ATTEMPTS: "1", FIXONCE_ASSIGNEES: "ada" };

const shared = sharedFlow();

/** A cause whose one attempt gave up: the next flavor that asks calls a person. */
async function usedUp(name: string): Promise<{ readonly project: Project; readonly job: FlowJob }> {
  const project = await shared.flow.project(name);
  const leader = await project.job("linux-x64");
  expect((await leader.coordinate({ env })).code).toBe(0);
  // Without an analysis there is no report.
  expect((await leader.publish({ env })).stderr).toContain("gave-up");
  return { project, job: await project.job("windows") };
}

function calls({ repo }: Project) {
  const board = repo.issues()[0];
  return {
    told: repo.comments(1).filter((body) => body.startsWith("A person is needed")).length,
    labelled: repo.labels(1).includes("needs-human"),
    assignees: board?.assignees,
    state: board?.state,
  };
}
const once = { told: 1, labelled: true, assignees: ["ada"], state: "open" } as const;

describe("a person is called once", () => {
  test("whichever request the call dies at: a later step or the sweep makes it, after the lease", async () => {
    const random = seeded(`escalate-${seed}`);
    const calm = await usedUp("calm");
    const before = shared.flow.github.requests.bySender.get(calm.job.sender)?.requests ?? 0;
    expect((await calm.job.coordinate({ env })).stderr).toContain("escalated");
    const requests = (shared.flow.github.requests.bySender.get(calm.job.sender)?.requests ?? 0) - before;
    expect(calls(calm.project)).toEqual(once);
    expect(calm.project.repo.comments(1).join()).toMatch(/one attempt did not fix this[\s\S]*` windows `[\s\S]*<!-- fixonce:call 1 -->$/);
    expect(requests).toBeGreaterThan(10);
    let missed = 0;
    for (let k = 1 + Math.floor(random() * 3); k <= requests; k += 3) {
      const when = random() < 0.5 ? "before" : "after";
      const { project, job } = await usedUp(`died-${k}`);
      let kill = () => {};
      shared.flow.github.addFault({ ...{ kind: "drop", when, sender: job.sender, skip: k - 1, times: 1 }, strike: () => kill() });
      expect((await job.coordinate({ env, onStart: (end) => (kill = end) })).killed).toBe(true);
      shared.flow.github.clearFaults();
      // Within the lease the first may be alive.
      const begun = project.repo.refs(`refs/coordination/${project.sha}/notices/`).length;
      const early = calls(project).told;
      await job.coordinate({ env });
      if (begun > 0) expect({ k, when, told: calls(project).told }).toEqual({ k, when, told: early });
      if (begun > 0 && early === 0) missed++;
      shared.later(20 * 60_000);
      const later = [() => job.step("sweep", [], { env }), async () => (await project.job("macos")).coordinate({ env })];
      for (const step of random() < 0.5 ? later : later.toReversed()) expect((await step()).code).toBe(0);
      expect({ k, when, ...calls(project) }).toEqual({ k, when, ...once });
      shared.later(20 * 60_000);
      for (const step of later) await step();
      expect({ k, when, ...calls(project) }).toEqual({ k, when, ...once });
    }
    expect(missed).toBeGreaterThan(0);
  }, 300_000);

  test.each(["before", "after"] as const)("the caller that dies right %s its comment", async (when) => {
    const { project, job } = await usedUp(`comment-${when}`);
    let kill = () => {};
    const path = /\/comments$/;
    shared.flow.github.addFault({ ...{ kind: "drop", when, method: "POST", path, sender: job.sender, times: 1 }, strike: () => kill() });
    expect((await job.coordinate({ env, onStart: (end) => (kill = end) })).killed).toBe(true);
    shared.flow.github.clearFaults();
    shared.later(20 * 60_000);
    for (const dry of [["--dry-run"], [], []]) expect((await job.step("sweep", dry, { env })).code).toBe(0);
    expect(calls(project)).toEqual(once);
  });
});

test("callOf() counts who tried, and unheard() names what nobody is known to have said", () => {
  const notices = ["fixed", "escalated-1", "escalated-1-2", "escalated-2", "told-2", "escalated-commit", "escalated-12"];
  expect(callOf(notices, "1")).toEqual({ told: false, tries: 2 });
  expect(callOf(notices, "2")).toEqual({ told: true, tries: 1 });
  expect(callOf([], "3")).toEqual({ told: false, tries: 0 });
  expect(unheard(notices)).toEqual(["1", "commit", "12"]);
});

test.each([
  ["github-actions[bot]", { user: { type: "Bot" }, author_association: "NONE" }, true],
  ["a member", { user: { type: "User" }, author_association: "MEMBER" }, true],
  ["a stranger", { user: { type: "User" }, author_association: "NONE" }, false],
  ["nobody any more", { user: null, author_association: "NONE" }, false],
])("isCall() asks who wrote the marker: %s", (_name, by, is) => {
  expect(isCall({ ...by, body: `A person is needed\n\n${markerOf("1")}` }, "1")).toBe(is);
  expect(isCall({ ...by, body: markerOf("12") }, "1")).toBe(false);
});
