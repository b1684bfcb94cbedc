import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Flow, type FlowJob, openFlow, type Project } from "./flow.ts";

let flow: Flow;
let project: Project;
let job: FlowJob;
beforeAll(async () => {
  flow = await openFlow();
  project = await flow.project("verify");
  job = await project.job("linux-x64");
  for (const step of ["coordinate", "analyze", "publish"] as const) expect((await job[step]()).code).toBe(0);
}, 120_000);
afterAll(async () => {
  await flow[Symbol.asyncDispose]();
});

/** verify.ts with a shell command; `$1` is a file that tells its runs apart. */
const verify = (name: string, script: string) =>
  job.step("verify", ["--json", "--", "sh", "-c", `${script}`, "sh", `${job.folder}/${name}`]);
const verdicts = () => project.repo.refs(`refs/coordination/${project.sha}/verdicts/`).map(([name]) => name.split("/").slice(4).join("/"));
const offline = "echo 'curl: (6) Could not resolve host: example.org' >&2";

describe("verify.ts where the machine fails", () => {
  test.each([
    ["network", `${offline}; exit 6`, "Could not resolve host: example.org"],
    ["disk", "echo 'cp: error writing b: No space left on device'; exit 1", "No space left on device"],
    ["killed", "kill -9 $$", "killed, exit code 137"],
  ])("%s: no verdict, one line, exit 3", async (name, script, title) => {
    const ran = await verify(name, script);
    const ours = ran.stderr.split("\n").filter((line) => line.startsWith("fixonce: "));
    expect([ran.code, ran.stdout, ours.length]).toEqual([3, "", 1]);
    expect(ours[0]).toMatch(/^fixonce: Cannot test the fix: the machine failed twice, not the code \(.*\); no verdict is recorded$/);
    expect(ours[0]).toContain(title);
    expect(verdicts()).toEqual([]);
  });

  test("once: the command runs again, and its second word counts", async () => {
    const ran = await verify("once", `[ -e "$1" ] && exit 0; touch "$1"; ${offline}; exit 6`);
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ verdict: "passed" })]);
    expect(ran.stderr).toContain("The machine failed, not the code (");
    expect(verdicts()).toEqual(["1/linux-x64/passed"]);
  });

  test("a command that is killed after it said what is wrong has failed", async () => {
    const ran = await verify("after", "echo \"src/other.ts(3,1): error TS2304: Cannot find name 'frobnicate'.\"; kill -9 $$");
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([1, expect.objectContaining({ verdict: "different" })]);
  });
});
