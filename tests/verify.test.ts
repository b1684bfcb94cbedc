import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Flow, type FlowJob, openFlow, type Project } from "./flow.ts";
import { git } from "./sandbox.ts";

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

describe("verify.ts runs the command", () => {
  const alive = (mark: string) => Bun.spawnSync(["ps", "-eo", "args"]).stdout.toString().includes(mark);
  const flavor = async (name: string) => {
    const other = await project.job(name);
    expect((await other.coordinate()).code).toBe(0);
    return other;
  };

  test("in a worktree of its own, streams what it prints, and leaves checkout and machine as they were", async () => {
    const mac = await flavor("mac");
    await mkdir(join(mac.clone, "build"));
    const before = [await git(mac.clone, "rev-parse", "HEAD"), await readdir(join(mac.clone, "../temp"))];
    const ran = await mac.step("verify", [
      "--json",
      "--",
      "sh",
      "-c",
      "echo out; echo err >&2; [ ! -e build ] && grep small_vec src/vector.ts",
    ]);
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ verdict: "passed" })]);
    for (const line of ["out", "err", 'from "./small_vec.ts"']) expect(ran.stderr).toContain(line);
    expect([await git(mac.clone, "rev-parse", "HEAD"), await readdir(join(mac.clone, "../temp"))]).toEqual(before);
    expect((await git(mac.clone, "worktree", "list")).text.split("\n")).toHaveLength(1);
  });

  test("in place: the build tree is there, and a change of the user's that is in the way is not lost", async () => {
    const windows = await flavor("windows");
    await mkdir(join(windows.clone, "build"));
    await writeFile(join(windows.clone, "build/cache.o"), "built");
    const source = join(windows.clone, "src/vector.ts");
    const own = `${readFileSync(source, "utf8")}// not committed\n`;
    const inPlace = ["--json", "--in-place", "--", "sh", "-c", "cat build/cache.o && grep small_vec src/vector.ts"];
    await writeFile(source, own);
    const refused = await windows.step("verify", inPlace);
    expect([refused.code, refused.stdout, readFileSync(source, "utf8")]).toEqual([2, "", own]);
    const why = "the build, or you, changed what the fix changes (src/vector.ts); take it back, or test without --in-place";
    expect(refused.stderr).toBe(`fixonce: Cannot test in place: ${why}\n`);
    await git(windows.clone, "checkout", "--", "src/vector.ts");
    const ran = await windows.step("verify", inPlace);
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ verdict: "passed" })]);
    expect(existsSync(join(windows.clone, "build/cache.o"))).toBe(true);
  });

  test("until its deadline, and ends it with all its children: a failed fix", async () => {
    const slow = await flavor("slow");
    const ran = await slow.step("verify", ["--json", "--timeout", "1s", "--", "sh", "-c", "echo building; sleep 30.4711 & sleep 30.4711"]);
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([1, expect.objectContaining({ verdict: "failed" })]);
    expect(alive("30.4711")).toBe(false);
  });

  test("until Ctrl-C, and leaves no child, no worktree and no verdict", async () => {
    const stopped = await flavor("stopped");
    const before = verdicts();
    const command = ["--json", "--", "sh", "-c", "sleep 30.9251 & sleep 30.9251"];
    const running = stopped.step("verify", command, { signal: { name: "SIGINT", when: () => alive("30.9251") } });
    expect([(await running).code, alive("30.9251"), verdicts()]).toEqual([130, false, before]);
    expect((await git(stopped.clone, "worktree", "list")).text.split("\n")).toHaveLength(1);
  });
});
