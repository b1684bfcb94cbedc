import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GithubSandbox, type SandboxRepository, startGithub } from "../lib/sandbox/github.ts";
import { type MessagesServer, type Reply, startMessages } from "../lib/sandbox/messages.ts";
import { answers } from "./repository.ts";
import { git, gitUrl } from "./sandbox.ts";
import { startScript, stepEnvironment } from "./script.ts";

setDefaultTimeout(60_000);

const key = "sk-canary-of-the-model";
const command = ["sh", "-c", "env >> $HOME/seen.txt; grep -q 'let i = 0' src/sum.ts"];
const broken = { "src/sum.ts": "export function sum() {\n  let i = 1;\n  return i;\n}\n", "README.md": "# sum\n" };
const repaired = answers({ edits: [{ path: "src/sum.ts", search: "let i = 1", replace: "let i = 0" }] });

let folder: string;
let github: GithubSandbox;
let repo: SandboxRepository;
let reply: Reply = repaired;
/** Called when the model has been asked, and thinks. */
let asked = () => {};
let messages: MessagesServer;
let serial = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fixonce-respond-"));
  github = await startGithub({ dir: folder, limits: false });
  messages = startMessages({
    reply: () => {
      asked();
      return reply;
    },
  });
  // A git that notes what it is given, and fails at what it is told to.
  await mkdir(join(folder, "bin"));
  await writeFile(
    join(folder, "bin/git"),
    `#!/bin/sh\nenv >> "$HOME/seen.txt"\n[ "$1" = "$GIT_FAILS" ] && exit 128\nexec ${Bun.which("git")} "$@"\n`,
  );
  await chmod(join(folder, "bin/git"), 0o755);
});
afterAll(async () => {
  await messages.stop();
  await github.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A repository of its own, and one flavor's checkout of a branch of it. */
async function open(): Promise<void> {
  repo = await github.createRepository({ owner: "acme", name: `sum-${++serial}`, from: broken });
  reply = repaired;
}

type Ran = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly told: Record<string, unknown>;
  readonly work: string;
};

async function respond(
  flavor: string,
  args: readonly string[],
  more: { readonly branch?: string; readonly env?: Record<string, string>; readonly signal?: NodeJS.Signals } = {},
): Promise<Ran> {
  const home = join(folder, `job-${++serial}`);
  const work = join(home, "work");
  await mkdir(join(home, "temp"), { recursive: true });
  const token = github.issueToken({ repo: repo.fullName, sender: flavor });
  const branch = more.branch ?? "main";
  await git(home, "clone", "--quiet", "--depth", "1", "--branch", branch, gitUrl(repo, token), work);
  await writeFile(join(home, "build.log"), "src/sum.ts:2:7: error: undeclared name 'sum_of_all'\n");
  const sha = repo.head(`refs/heads/${branch}`) ?? "";
  const child = startScript("respond", [...args, "--json", "--", ...command], {
    cwd: work,
    env: {
      ...stepEnvironment({ repository: repo.fullName, url: github.url, token, home }),
      ...{ PATH: `${join(folder, "bin")}:${process.env.PATH}`, RUNNER_TEMP: join(home, "temp"), BUILD_FLAVOR: flavor, GITHUB_SHA: sha },
      ...{ GITHUB_REF_NAME: branch, GITHUB_RUN_ID: String(serial), GITHUB_JOB: "build", FIXONCE_POLL_SECONDS: "0.2" },
      ...{ ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: messages.url },
      ...more.env,
    },
  });
  asked = () => {
    if (more.signal !== undefined) child.kill(more.signal);
  };
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err, told: out.startsWith("{") ? JSON.parse(out) : {}, work };
}

const failed = ["--log", "../build.log"];
const refs = (part: string) => repo.refs("refs/coordination/").filter(([name]) => name.includes(part));
const fixBranch = () => repo.refs("refs/heads/autonomous-fix-").map(([name]) => name.slice("refs/heads/".length))[0] ?? "";

describe("respond.ts", () => {
  test("case 1: leads, publishes and tests; case 3: another flavor's pass on the fix branch; case 4: a pass elsewhere", async () => {
    await open();
    const led = await respond("linux", failed);
    expect({ code: led.code, ...led.told }).toMatchObject({ code: 0, case: 1, verdict: "passed", unanswered: false });
    expect(fixBranch()).toBe(String(led.told.branch));
    // The key reached the model, and neither a command nor what was said.
    expect(messages.calls.at(-1)?.key).toBe(key);
    expect(`${led.out}${led.err}`).not.toContain(key);
    const seen = await readFile(join(led.work, "../seen.txt"), "utf8");
    expect(seen).toContain("BUILD_FLAVOR=linux");
    expect(seen).not.toContain(key);

    const passed = await respond("linux", ["--status", "success"], { branch: fixBranch() });
    expect({ code: passed.code, ...passed.told }).toMatchObject({ code: 0, case: 3, verdict: "passed", decisions: [] });
    const stranger = await respond("solaris", ["--status", "success"], { branch: fixBranch() });
    expect({ code: stranger.code, ...stranger.told }).toMatchObject({ code: 0, case: 3 });
    expect(refs("/verdicts/").length).toBe(1);

    const asked = messages.calls.length;
    const elsewhere = await respond("windows", ["--status", "passed"]);
    expect({ code: elsewhere.code, ...elsewhere.told }).toMatchObject({ code: 0, case: 4, decisions: [], verdict: "" });
    expect(messages.calls.length).toBe(asked);
  });

  test("--mock-mode asks no model, pushes nothing, and ends its claim so that nobody waits for it", async () => {
    await open();
    const asked = messages.calls.length;
    const mocked = await respond("linux", [...failed, "--mock-mode"], { env: { ANTHROPIC_API_KEY: "" } });
    expect({ code: mocked.code, decisions: (mocked.told.decisions as unknown[]).length }).toEqual({ code: 0, decisions: 1 });
    expect(mocked.err).toContain("--mock-git: nothing is pushed");
    expect([messages.calls.length, fixBranch(), refs("/outcomes/").length]).toEqual([asked, "", 1]);
  });

  test("case 2: a failure on the fix branch is its verdict, and the next attempt goes on the same branch", async () => {
    await open();
    await respond("linux", failed);
    const first = repo.head(`refs/heads/${fixBranch()}`);
    reply = answers({ edits: [{ path: "src/sum.ts", search: "let i = 1", replace: "let i = 0; // for windows" }] });
    const second = await respond("windows", failed, { branch: fixBranch() });
    expect({ code: second.code, ...second.told }).toMatchObject({ case: 2, verdict: "passed", code: 0 });
    expect((second.told.decisions as { reason: string }[]).map(({ reason }) => reason)).toEqual(["fix_failed"]);
    const head = repo.head(`refs/heads/${fixBranch()}`) ?? "";
    expect(repo.commit(head)?.parents).toEqual([first ?? ""]);
    expect(repo.refs("refs/heads/autonomous-fix-").length).toBe(1);
  });

  test("a fix branch that a person went on with, or whose trailers the ledger does not know, is left alone", async () => {
    await open();
    await respond("linux", failed);
    const asked = messages.calls.length;
    const token = github.issueToken({ repo: repo.fullName, sender: "ada", kind: "user" });
    const clone = join(folder, `person-${++serial}`);
    await git(folder, "clone", "--quiet", "--branch", fixBranch(), gitUrl(repo, token), clone);
    for (const [message, told] of [
      ["Better so", "continued by a person"],
      [`Forged\n\nFixonce-Coordination: ${repo.head("refs/heads/main")}\nFixonce-Claim: 1`, "the ledger"],
    ] as const) {
      await git(clone, "-c", "user.name=ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--allow-empty", "-m", message);
      await git(clone, "push", "--quiet", "origin", "HEAD");
      repo.reconcile();
      const { code, err, told: said } = await respond("windows", failed, { branch: fixBranch() });
      expect({ code, ...said }).toMatchObject({ code: 0, case: 2, decisions: [], verdict: "" });
      expect(err).toContain(told);
    }
    expect(messages.calls.length).toBe(asked);
  });

  test("SIGTERM while the model thinks ends the claim as gave-up, exit 130, and the next flavor retries at once", async () => {
    await open();
    reply = { ...repaired, delayMs: 20_000 } as Reply;
    const { code, err } = await respond("linux", failed, { signal: "SIGTERM" });
    expect({ code, err }).toMatchObject({ code: 130 });
    const outcome = refs("/outcomes/1")[0];
    expect(JSON.parse(repo.message(outcome?.[1] ?? "") ?? "{}")).toMatchObject({ result: "gave-up", n: 1 });
    expect(fixBranch()).toBe("");
    reply = repaired;
    const next = await respond("windows", failed);
    expect((next.told.decisions as { reason: string }[])[0]?.reason).toBe("retry");
    expect(next.code).toBe(0);
  });

  test("an analysis that cannot be published ends its claim with what it has cost", async () => {
    await open();
    const { code, err } = await respond("linux", failed, { env: { GIT_FAILS: "commit-tree" } });
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining("claim 1 released: Cannot run git commit-tree") });
    const [outcome] = refs("/outcomes/1").map(([, sha]) => JSON.parse(repo.message(sha) ?? "{}"));
    const [claim] = refs("/claims/1").map(([, sha]) => JSON.parse(repo.message(sha) ?? "{}"));
    expect(outcome).toMatchObject({ result: "gave-up", nonce: claim.nonce });
    expect(outcome.costUsd).toBeGreaterThan(0);
  });

  test("wait: dispatch: a follower leaves at once, and a workflow that cannot be started is named", async () => {
    await open();
    reply = { ...repaired, delayMs: 3000 } as Reply;
    const workflow = repo.runs.createWorkflow(".github/workflows/windows.yml", "CI windows", false);
    const run = repo.runs.createRun({ workflow, headSha: repo.head() ?? "", headBranch: "main" });
    const env = { FIXONCE_WAIT: "dispatch" };
    const leading = respond("linux", failed, { env });
    for (let i = 0; i < 200 && refs("/claims/1").length === 0; i++) await Bun.sleep(50);
    const left = await respond("windows", failed, { env: { ...env, GITHUB_RUN_ID: String(run.id) } });
    expect({ code: left.code, ...left.told }).toMatchObject({ code: 0, case: 1, decisions: [{ dispatched: true, should_analyze: false }] });
    const led = await leading;
    expect({ code: led.code, ...led.told }).toMatchObject({ code: 0, verdict: "passed" });
    expect(led.err).toContain("Cannot start .github/workflows/windows.yml");
    expect(led.err).toContain("no workflow_dispatch trigger");
  });

  test("a path of the model's choice is no line of the log, and so no command to the runner", async () => {
    await open();
    reply = answers({ new_files: [{ path: "a\n::stop-commands::x\r::set-env name=A::b ##[add-mask]c", content: "" }] });
    const { told, err } = await respond("linux", failed);
    expect(told).toMatchObject({ branch: "" });
    expect(err).toMatch(/^publish: gave-up: .*::stop-commands::x/m);
    expect(err).not.toMatch(/^\s*::|\r|##\[/m);
  });

  test("without an answer of GitHub nothing is paid for, whatever on_error says: exit 3", async () => {
    await open();
    const asked = messages.calls.length;
    const env = { GITHUB_API_URL: "http://127.0.0.1:9", FIXONCE_ON_ERROR: "analyze", FIXONCE_TRIES: "2" };
    const { code, told, err } = await respond("linux", failed, { env });
    expect({ code, decisions: told.decisions }).toMatchObject({
      code: 3,
      decisions: [{ reason: "coordination_unavailable", should_analyze: false }],
    });
    expect(err).toContain("nothing was claimed that is known of");
    expect(messages.calls.length).toBe(asked);
  });

  test("called wrongly, it claims nothing: exit 2 and one line", async () => {
    await open();
    const keyless = await respond("linux", failed, { env: { ANTHROPIC_API_KEY: "" } });
    expect({ code: keyless.code, lines: keyless.err.trim().split("\n").length }).toEqual({ code: 2, lines: 1 });
    const odd = await respond("linux", [...failed, "--status", "odd"]);
    expect({ code: odd.code, err: odd.err }).toMatchObject({ code: 2, err: expect.stringContaining("not a status") });
    expect(refs("").length).toBe(0);
  });
});
