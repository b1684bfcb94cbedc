import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Octokit } from "octokit";
import { typescript } from "../lib/sandbox/projects.ts";
import { git, gitUrl, scene } from "./sandbox.ts";

// For a busy machine; that of the preload holds for the first file alone.
setDefaultTimeout(60_000);

const script = join(import.meta.dir, "../scripts/race.ts");

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return Bun.spawn([process.execPath, "run", script, ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: tmpdir(), TMPDIR: tmpdir(), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function race(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = start(args, env);
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
  return { code, stdout, stderr };
}

describe("race.ts called wrongly", () => {
  const names = typescript.scenarios.map(({ name }) => name).join(", ");
  test.each([
    [["--scenario", "none"], `Unknown scenario "none" (one of ${names}, all)`],
    [["--stagger", "soon"], '"soon" is not a stagger (for example 0s, 1s, 0s..30s)'],
    [["--stagger", "30s..1s"], '"30s..1s" is not a stagger (for example 0s, 1s, 0s..30s)'],
    [["--lag", "5 parsecs"], '"5 parsecs" is not a duration (for example 500ms, 5s, 2m)'],
    [["--lock", "none"], 'Unknown lock "none" (one of ref, issue, prototype)'],
    [["--flavors", "0"], "0 flavors: choose 1 to 512"],
    [["--flavors", "a,b,a"], 'Not a list of different flavors: "a,b,a"'],
    [
      ["--wait", "dispatch", "--kill", "1"],
      "--wait dispatch kills no leader: all others have left, and it is the sweep that goes on (see ARCHITECTURE.md)",
    ],
    [["--faults", "2"], '"2" is not a number from 0 to 0.9'],
    [["--rounds", "1.5"], '"1.5" is not a whole number from 1 to 100000'],
    [["--rond", "1"], "unknown option '--rond' (Did you mean --rounds?)"],
    [["--github", "acme"], 'Not a repository: "acme" (expected owner/name)'],
    [["--github", "acme/app"], "No token: set GITHUB_TOKEN to one that may write contents, issues and pull requests"],
  ])("race.ts %p says in one line what is wrong", async (args, line) => {
    expect(await race(args)).toEqual({ code: 2, stdout: "", stderr: `fixonce: ${line}\n` });
  });

  test("race.ts says in one line that its port is in use", async () => {
    await using at = await scene();
    expect(await race(["--serve", "--port", String(at.github.port)])).toEqual({
      code: 2,
      stdout: "",
      stderr: `fixonce: Port ${at.github.port} is in use: choose another with --port\n`,
    });
  });

  test("race.ts says in one line that git is missing", async () => {
    const ran = await race(["--serve"], { PATH: "/nowhere" });
    expect({ code: ran.code, lines: ran.stderr.split("\n").length, git: ran.stderr.includes("git") }).toEqual({
      code: 2,
      lines: 2,
      git: true,
    });
  });
});

test("race.ts --serve prints one line of JSON, serves any client, and ends on SIGINT with 130", async () => {
  const child = start(["--serve"]);
  try {
    await serves(child);
  } finally {
    child.kill("SIGKILL");
  }
});

async function serves(child: ReturnType<typeof start>): Promise<void> {
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  const place = JSON.parse(text) as Record<string, string>;
  const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+/);
  expect(place).toEqual({
    apiUrl: url,
    gitUrl: url,
    pageUrl: url,
    anthropicUrl: url,
    owner: "acme",
    repo: "pebble",
    token: expect.stringMatching(/^ghs_/),
  });
  const { apiUrl = "", pageUrl = "", owner = "", repo = "", token = "" } = place;
  const { data } = await new Octokit({ auth: token, baseUrl: apiUrl }).request("GET /repos/{owner}/{repo}", { owner, repo });
  expect(data.full_name).toBe("acme/pebble");
  expect(await (await fetch(pageUrl)).text()).toStartWith("<!doctype html>");
  const folder = await mkdtemp(join(tmpdir(), "fixonce-clone-"));
  expect((await git(folder, "clone", "-q", gitUrl({ gitUrl: place.gitUrl ?? "" }, token), "work")).ok).toBe(true);
  await rm(folder, { recursive: true });
  child.kill("SIGINT");
  const [code, stderr] = await Promise.all([child.exited, child.stderr.text()]);
  expect({ code, stderr }).toEqual({ code: 130, stderr: "\nfixonce: interrupted, cleaning up (again to stop at once)\n" });
  await expect(fetch(pageUrl)).rejects.toThrow();
}

/** What `--json` promises, whoever wins. */
const shape = {
  lock: "ref",
  scenario: "same",
  flavors: ["alpha", "beta", "gamma"],
  staggerMs: 0,
  lagMs: 500,
  seed: 7,
  rounds: [
    {
      causes: 1,
      analyses: 1,
      takeovers: 0,
      duplicates: 0,
      missed: 0,
      green: true,
      decisions: expect.any(Array),
      requests: { total: expect.any(Number), byFlavor: { alpha: expect.any(Number), beta: expect.any(Number), gamma: expect.any(Number) } },
      llmCalls: 1,
      costUsd: expect.any(Number),
      savedUsd: expect.any(Number),
      waitUsd: expect.any(Number),
      problems: [],
    },
  ],
  totals: { rounds: 1, causes: 1, analyses: 1, takeovers: 0, duplicates: 0, missed: 0, green: 1, problems: 0 },
};

const flags = ["--flavors", "alpha,beta,gamma", "--seed", "7", "--lag", "500ms", "--think", "0s", "--json"];

test("race.ts --json prints one document, with one analysis for three flavors and all green", async () => {
  const { code, stdout } = await race(flags);
  const result = JSON.parse(stdout);
  expect({ code, result }).toEqual({ code: 0, result: shape });
  const { decisions } = result.rounds[0];
  expect(decisions.filter(({ analyze }: { analyze: boolean }) => analyze)).toHaveLength(1);
  for (const decision of decisions)
    expect(decision).toEqual({
      flavor: expect.stringMatching(/^(alpha|beta|gamma)$/),
      analyze: expect.any(Boolean),
      reason: expect.any(String),
      cause: expect.anything(),
      ms: expect.any(Number),
      requests: expect.any(Number),
    });
});

test("race.ts without --json prints what came of it, and tells its progress beside", async () => {
  const { code, stdout, stderr } = await race(flags.slice(0, -1));
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^\n {2}flavor {2,}reason [\s\S]+\n✓ same, lock ref: 1 cause in 1 round, 1 analysis /),
  ]);
  expect(stderr).toStartWith("lock ref, scenario same: 3 flavors, 1 round, seed 7; watch it at http");
  expect(stderr).not.toInclude("✓");
});

for (const way of ["a script a step", "respond.ts alone"])
  test(`race.ts kills a leader, ${way}: another takes over, and all that live are green`, async () => {
    const { code, stdout, stderr } = await race([...flags, "--scenario", "crash", ...(way.startsWith("respond") ? ["--respond"] : [])]);
    expect({ code, totals: code === 0 ? JSON.parse(stdout).totals : stderr }).toEqual({
      code: 0,
      totals: { ...shape.totals, analyses: expect.any(Number), takeovers: expect.any(Number) },
    });
    const { analyses, takeovers } = JSON.parse(stdout).totals;
    // Nobody takes over a leader that had published its fix.
    expect(analyses - takeovers).toBe(1);
  });

test("race.ts --github races in a repository that it did not make, and leaves nothing there", async () => {
  await using at = await scene();
  const env = {
    GITHUB_TOKEN: at.issue({ kind: "user", sender: "person" }),
    GITHUB_API_URL: at.github.url,
    GITHUB_SERVER_URL: at.github.url,
  };
  const main = at.repo.head();
  const { code, stdout, stderr } = await race([...flags, "--github", "acme/app"], env);
  expect({ code, totals: code === 0 ? JSON.parse(stdout).totals : stderr }).toEqual({ code: 0, totals: shape.totals });
  expect(at.repo.head()).toBe(main);
  // GitHub keeps the heads of pull requests for good.
  const refs = at.repo.refs("refs/").map(([name]) => name);
  expect(refs.filter((name) => !name.startsWith("refs/pull/"))).toEqual(["refs/heads/main"]);
  expect(at.repo.issues().filter(({ state }) => state === "open")).toEqual([]);
});
