import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { prefixOf } from "../lib/refs.ts";
import { type Scene, scene } from "./sandbox.ts";
import { startScript, stepEnvironment } from "./script.ts";

// For a busy machine; that of the preload holds for the first file alone.
setDefaultTimeout(60_000);

const brokenBuild =
  "src/list.c:12:5: error: implicit declaration of function 'list_size' [-Werror=implicit-function-declaration]\nmake: *** [list.o] Error 1\n";

let at: Scene;
let folder: string;
let log: string;
let readOnly: string;

beforeAll(async () => {
  at = await scene();
  folder = await mkdtemp(join(tmpdir(), "fixonce-steps-"));
  log = join(folder, "build.log");
  writeFileSync(log, brokenBuild);
  readOnly = at.issue({ sender: "fork", permissions: { contents: "read", issues: "read" } });
});

afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Ran = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
};

type Options = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /** A run of its own: nothing of an earlier one is found. */
  readonly temp?: string;
};

let runs = 0;

/** Runs a script as a step of a job does: a real process with the environment of Actions. */
async function step(script: string, { env = {}, args = [], temp }: Options = {}): Promise<Ran> {
  const place = temp ?? join(folder, `run-${++runs}`);
  const [output, summary] = [join(place, `output-${++runs}`), join(place, "summary")];
  mkdirSync(place, { recursive: true });
  writeFileSync(output, "");
  writeFileSync(summary, "");
  const environment: Record<string, string | undefined> = {
    ...stepEnvironment({ url: at.github.url, token: at.token, home: folder }),
    TMPDIR: place,
    RUNNER_TEMP: place,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_SHA: at.repo.head(),
    GITHUB_RUN_ID: "77",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_JOB: "build",
    BUILD_FLAVOR: "linux",
    ...env,
  };
  const child = startScript(script, args, {
    cwd: place,
    env: Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const all = `${stdout}${stderr}${readFileSync(summary, "utf8")}`;
  expect(all).not.toContain(environment.GITHUB_TOKEN || "no token");
  expect(all).not.toMatch(/^\s+at .*:\d+/m);
  return { code, stdout, stderr, outputs: outputsIn(readFileSync(output, "utf8")), summary: readFileSync(summary, "utf8") };
}

function outputsIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name = "", , value = ""]) => [name, value]));
}

const coordinate = (env: Options["env"] = {}, args: readonly string[] = ["--log", log]) => step("coordinate", { env, args });
const told = ({ code, stderr }: Ran) => ({ code, stderr });
const one = (line: string) => `fixonce: ${line}\n`;

describe("coordinate.ts", () => {
  test("coordinate.ts works without any GitHub when coordination is switched off", async () => {
    const nowhere = { GITHUB_TOKEN: undefined, GITHUB_REPOSITORY: undefined, GITHUB_SHA: undefined, BUILD_FLAVOR: undefined };
    const before = at.github.requests.entries.length;
    const ran = await coordinate({ ...nowhere, COORDINATION_ENABLED: "false", GITHUB_API_URL: "http://127.0.0.1:9" });
    expect({ ...told(ran), outputs: ran.outputs }).toEqual({
      code: 0,
      stderr: "analyse: coordination_disabled (cause 1, claim none)\n",
      outputs: {
        should_analyze: "true",
        reason: "coordination_disabled",
        cause: "1",
        claim: "",
        wait_for_branch: "",
        issue_number: "",
        similarity: "0",
      },
    });
    expect(at.github.requests.entries).toHaveLength(before);
  });

  test.each([
    ["no token", { GITHUB_TOKEN: undefined }, 2, /^fixonce: No token: set GITHUB_TOKEN \(in a workflow.*\)\n$/],
    [
      "a wrong token",
      { GITHUB_TOKEN: "ghs_thisIsNotTheTokenYouLookFor" },
      2,
      one("GitHub refuses the token (401): it is wrong, expired or revoked"),
    ],
    [
      "a repository that is not there",
      { GITHUB_REPOSITORY: "acme/other" },
      2,
      one("Cannot find acme/other: the name is wrong, or the token has no access to it"),
    ],
    ["a repository that is none", { GITHUB_REPOSITORY: "acme" }, 2, one('Not a repository: "acme" (expected owner/name)')],
    ["no repository", { GITHUB_REPOSITORY: undefined }, 2, one("No repository: set GITHUB_REPOSITORY or pass --repo owner/name")],
    [
      "no flavor",
      { BUILD_FLAVOR: undefined, GITHUB_JOB: undefined },
      2,
      one("No flavor: set BUILD_FLAVOR or pass --flavor, for example linux-x64"),
    ],
    ["no commit", { GITHUB_SHA: undefined }, 2, one("No commit: set GITHUB_SHA or pass --sha")],
    ["a short commit", { GITHUB_SHA: "abc1234" }, 2, one('Not a full commit SHA: "abc1234"')],
    ["a bad setting", { MAX_ATTEMPTS: "many" }, 2, /^fixonce: MAX_ATTEMPTS: [^\n]+ \(got "many"\)\n$/],
  ] as const)("coordinate.ts says in one line that there is %s", async (_name, env, code, line) => {
    const ran = await coordinate(env);
    expect(told(ran)).toEqual({ code, stderr: typeof line === "string" ? line : expect.stringMatching(line) });
  });

  test.each([
    ["--lgo", ["--lgo", "x"], "unknown option '--lgo' (Did you mean --log?)"],
    ["no --log", [], "No log: pass --log <file>, with what the failed build printed"],
    ["a missing log", ["--log", "/nowhere/build.log"], "Cannot read the log /nowhere/build.log: there is no such file"],
    ["a folder for a log", ["--log", "/"], "Cannot read the log /: not a file"],
    ["a missing configuration", ["--log", "LOG", "--config", "none.yml"], "Cannot read the configuration none.yml: there is no such file"],
  ])("coordinate.ts says in one line what is wrong with %s", async (_name, args, line) => {
    const ran = await coordinate(
      {},
      args.map((arg) => (arg === "LOG" ? log : arg)),
    );
    expect(told(ran)).toEqual({ code: 2, stderr: one(line) });
  });

  test("coordinate.ts says a read-only token in a notice and goes on, with one JSON document on standard output", async () => {
    const ran = await coordinate({ GITHUB_TOKEN: readOnly, GITHUB_ACTIONS: "true" }, ["--log", log, "--json"]);
    expect({ code: ran.code, json: JSON.parse(ran.stdout), reason: ran.outputs.reason, analyze: ran.outputs.should_analyze }).toEqual({
      code: 0,
      json: {
        should_analyze: false,
        reason: "read_only_token",
        cause: "",
        claim: "",
        wait_for_branch: "",
        issue_number: "",
        similarity: 0,
      },
      reason: "read_only_token",
      analyze: "false",
    });
    expect(ran.stderr).toMatch(
      /^::notice::The token may not write to acme\/app: [^\n]+forks are not coordinated\.\ndo not analyse: read_only_token\n$/,
    );
  });

  test.each([
    ["an empty log", ""],
    ["a log of zero bytes' worth", "\n\n  \n"],
    ["a binary log", Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256)],
    ["a log that names no error", "Process completed with exit code 1.\n"],
  ])("coordinate.ts joins no cause with %s", async (name, bytes) => {
    const path = join(folder, "odd.log");
    writeFileSync(path, bytes);
    const ran = await coordinate({ BUILD_FLAVOR: name }, ["--log", path]);
    expect({ ...told(ran), reason: ran.outputs.reason }).toEqual({
      code: 0,
      stderr: "do not analyse: unrecognized_failure\n",
      reason: "unrecognized_failure",
    });
  });

  test("coordinate.ts reads a log of 200 MB in bounded memory", async () => {
    const path = join(folder, "huge.log");
    const peak = join(folder, "peak");
    const measured = { PEAK_FILE: peak, BUN_OPTIONS: `--preload=${join(import.meta.dir, "peak.ts")}` };
    const file = openSync(path, "w");
    const line = (index: number) =>
      `[${index}] cc -O2 -c src/file${index % 997}.c -o build/file${index % 997}.o && echo compiled without a word\n`;
    const block = Array.from({ length: 10_000 }, (_, index) => line(index)).join("");
    for (let written = 0; written < 200e6; written += block.length) writeSync(file, block);
    writeSync(file, brokenBuild);
    closeSync(file);
    const ran = await coordinate({ BUILD_FLAVOR: "huge", COORDINATION_ENABLED: "true", GITHUB_TOKEN: readOnly, ...measured }, [
      "--log",
      path,
    ]);
    await rm(path);
    expect([ran.code, ran.outputs.reason]).toEqual([0, "read_only_token"]);
    const bytes = Number(readFileSync(peak, "utf8"));
    expect(bytes).toBeGreaterThan(10e6);
    expect(bytes).toBeLessThan(300e6);
  });

  test("coordinate.ts claims nothing when it could not say so: GITHUB_OUTPUT is not writable", async () => {
    const before = at.repo.refs("refs/coordination/").length;
    for (const path of [join(folder, "nowhere/output"), folder]) {
      const ran = await coordinate({ GITHUB_OUTPUT: path, BUILD_FLAVOR: "mute" });
      expect(told(ran)).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^fixonce: Cannot write step outputs to GITHUB_OUTPUT \([^\n]+\n$/),
      });
    }
    expect(at.repo.refs("refs/coordination/")).toHaveLength(before);
  });

  test.each([
    ["skip", "false", "do not analyse"],
    ["analyze", "true", "analyse"],
  ])("coordinate.ts follows on_error: %s when GitHub does not answer", async (onError, analyze, what) => {
    const ran = await coordinate({ GITHUB_API_URL: "http://127.0.0.1:9", FIXONCE_ON_ERROR: onError, FIXONCE_TRIES: "2" });
    expect({ code: ran.code, analyze: ran.outputs.should_analyze, reason: ran.outputs.reason }).toEqual({
      code: 0,
      analyze,
      reason: "coordination_unavailable",
    });
    expect(ran.stderr).toMatch(
      new RegExp(
        `^fixonce: GitHub did not answer [^\\n]+ after 2 tries: [^\\n]+ \\(on_error: ${onError}\\)\\n${what}: coordination_unavailable\\n$`,
      ),
    );
  });

  test("coordinate.ts decides without git and leaves its summary, with the log's text harmless in it", async () => {
    await using own = await scene();
    const hostile = join(folder, "hostile.log");
    writeFileSync(hostile, "src/list.c:1:2: error: '<img src=x>' undeclared @octocat | #1\n");
    const env = { GITHUB_API_URL: own.github.url, GITHUB_TOKEN: own.token, GITHUB_SHA: own.repo.head(), PATH: dirname(process.execPath) };
    const ran = await coordinate(env, ["--log", hostile]);
    expect([ran.code, ran.outputs.reason, ran.outputs.claim, ran.outputs.issue_number]).toEqual([0, "first_flavor", "1", "1"]);
    expect(ran.summary).toContain("first_flavor");
    expect(ran.summary).not.toContain("<img");
    expect(own.repo.refs(prefixOf(own.repo.head() ?? "")).map(([name]) => name.split("/").slice(3).join("/"))).toEqual([
      "board/1",
      "claims/1",
    ]);
  });

  test("coordinate.ts opens one board, and not another, when the lock is the issue", async () => {
    await using own = await scene();
    const token = own.issue({ permissions: { contents: "read", issues: "write" } });
    const env = {
      GITHUB_API_URL: own.github.url,
      GITHUB_TOKEN: token,
      GITHUB_SHA: own.repo.head(),
      FIXONCE_LOCK: "issue",
      FIXONCE_SETTLE_SECONDS: "0.1",
    };
    const ran = await coordinate(env);
    expect([ran.code, ran.outputs.reason, ran.stderr]).toEqual([0, "first_flavor", "analyse: first_flavor (cause 1, claim 1)\n"]);
    expect(own.repo.issues().map(({ number, state }) => `${number} ${state}`)).toEqual(["1 open"]);
  });
});

describe("the steps after it", () => {
  test.each([
    ["wait", [], "No decision of this flavor for this commit: run coordinate.ts first, in the same job"],
    ["verify", ["--", "true"], "No decision of this flavor for this commit: run coordinate.ts first, in the same job"],
    ["publish", [], "No decision of this flavor for this commit: run coordinate.ts first, in the same job"],
    ["wait", ["--pol", "1s"], "unknown option '--pol' (Did you mean --poll?)"],
    ["wait", ["--poll", "soon"], '"soon" is not a duration (for example 500ms, 5s, 2m)'],
    ["verify", [], "missing required argument 'command'"],
    ["verify", ["--inplace", "true"], "unknown option '--inplace' (Did you mean --in-place?)"],
    ["publish", ["--form", "x"], "unknown option '--form' (Did you mean --from?)"],
  ])("%s.ts %p says in one line what is missing", async (script, args, line) => {
    expect(told(await step(script, { args }))).toEqual({ code: 2, stderr: one(line) });
  });

  test.each(["wait", "verify", "publish"])("%s.ts says in one line that there is no token", async (script) => {
    const ran = await step(script, { args: ["--", "true"].slice(script === "verify" ? 0 : 2), env: { GITHUB_TOKEN: undefined } });
    expect(told(ran)).toEqual({ code: 2, stderr: expect.stringMatching(/^fixonce: No token: [^\n]+\n$/) });
  });

  test("wait.ts, verify.ts and publish.ts say in one line what stands in their way after a decision", async () => {
    await using own = await scene();
    const temp = join(folder, "decided");
    const env = { GITHUB_API_URL: own.github.url, GITHUB_SERVER_URL: own.github.url, GITHUB_TOKEN: own.token, GITHUB_SHA: own.repo.head() };
    expect((await step("coordinate", { env, temp, args: ["--log", log] })).outputs.reason).toBe("first_flavor");
    const checkout = await own.clone("work");
    const run = async (script: string, args: readonly string[], more: Options["env"] = {}) => {
      const ran = await step(script, { env: { ...env, ...more }, temp, args: script === "verify" ? [...args, "--", "true"] : args });
      return [ran.code, ran.stderr];
    };
    const missing = one("Cannot run git: install it, or put it on the PATH");
    const bare = { PATH: "/nowhere" };
    expect(await run("wait", ["--checkout", checkout], bare)).toEqual([2, missing]);
    expect(await run("verify", ["--checkout", checkout], bare)).toEqual([2, missing]);
    expect(await run("wait", ["--checkout", "/nowhere"])).toEqual([2, one("Not a git checkout: /nowhere")]);
    expect(await run("wait", ["--checkout", folder])).toEqual([2, one(`Not a git checkout: ${folder}`)]);
    expect(await run("verify", ["--checkout", checkout])).toEqual([
      2,
      one("Nothing to test: this flavor's failure has no fix yet (run wait.ts first)"),
    ]);
    const analysis = join(temp, "fixonce-analysis");
    mkdirSync(analysis);
    writeFileSync(join(analysis, "report.json"), JSON.stringify({ verdict: "fix", title: "x" }));
    writeFileSync(join(analysis, "fix.patch"), "no patch\n");
    expect(await run("publish", ["--checkout", checkout])).toEqual([
      0,
      expect.stringMatching(/^publish: needs-human: it does not apply to [^\n]+\n$/),
    ]);
    // The claim has ended: what is there no longer, or cut off, changes nothing.
    writeFileSync(join(analysis, "report.json"), "{");
    expect(await run("publish", ["--checkout", checkout])).toEqual([
      0,
      expect.stringMatching(
        /^fixonce: Cannot use fixonce-analysis\/report\.json \(message is not JSON\): claim 1 [^\n]+\npublish: needs-human/,
      ),
    ]);
    const state = join(temp, "fixonce", own.repo.head() ?? "", "linux", "state.json");
    writeFileSync(state, readFileSync(state, "utf8").slice(0, 100));
    expect(await run("wait", ["--checkout", checkout])).toEqual([
      2,
      expect.stringMatching(/^fixonce: The state in [^\n]+ run coordinate.ts again\n$/),
    ]);
  });
});
