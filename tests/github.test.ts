import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ensureBoard } from "../lib/io/board.ts";
import { type GithubOptions, openGithub } from "../lib/io/github.ts";
import { comment } from "../lib/io/pulls.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { openLedger, ReadOnly, Unavailable } from "../lib/ledger.ts";
import type { FaultRule } from "../lib/sandbox/faults.ts";
import { claimOf, coordinationWith } from "./facts.ts";
import { here, type Scene, scene } from "./sandbox.ts";

// For a busy machine; that of the preload holds for the first file alone.
setDefaultTimeout(60_000);

const board = { repositoryUrl: "https://github.com/acme/app", runnerUsdPerMinute: 0.008 };

/** A client that does not sleep, and remembers for how long it would have. */
function clientOf(at: Scene, more: Partial<GithubOptions> = {}) {
  const slept: number[] = [];
  const sleep = async (ms: number) => void slept.push(Math.round(ms));
  const github = openGithub({ token: at.token, apiUrl: at.github.url, ...here, sleep, random: () => 0.5, timeoutMs: 400, ...more });
  return { github, slept };
}

const repository = "GET /repos/{owner}/{repo}";
const issues = "POST /repos/{owner}/{repo}/issues";
const statuses = (at: Scene) => at.github.requests.entries.map(({ status }) => status);

describe("read()", () => {
  const faults: readonly (readonly [string, FaultRule])[] = [
    ["500", { kind: "status", status: 500 }],
    ["502", { kind: "status", status: 502 }],
    ["503", { kind: "status", status: 503 }],
    ["408", { kind: "status", status: 408 }],
    ["a page with 200", { kind: "html", status: 200 }],
    ["a page with 404, which says nothing about the repository", { kind: "html", status: 404 }],
    ["a page with 401", { kind: "html", status: 401 }],
    ["a dropped connection", { kind: "drop" }],
    ["an answer cut off", { kind: "truncate" }],
    ["silence", { kind: "hang", delayMs: 1200 }],
  ];

  test.each(faults)("read() goes on after %s, twice", async (_name, rule) => {
    await using at = await scene();
    at.github.addFault({ ...rule, times: 2 });
    const { github, slept } = clientOf(at);
    expect((await github.read(repository))?.data).toMatchObject({ full_name: "acme/app" });
    expect({ slept, requests: github.requests() }).toEqual({ slept: [125, 250], requests: 3 });
  });

  test("read() ends with one line when GitHub stays away", async () => {
    await using at = await scene();
    at.github.addFault({ kind: "status", status: 503 });
    const { github } = clientOf(at, { tries: 3 });
    await expect(github.read(repository)).rejects.toThrow(
      new Unavailable(`GitHub did not answer ${repository} after 3 tries: Server Error`),
    );
  });

  test("read() is undefined for a 404 in GitHub's own words, without a second try", async () => {
    await using at = await scene();
    const { github } = clientOf(at);
    expect(await github.read("GET /repos/{owner}/{repo}/git/ref/{+ref}", { ref: "heads/none" })).toBeUndefined();
    expect(github.requests()).toBe(1);
  });

  test("read() takes a 404 that was cut off for a fault", async () => {
    await using at = await scene();
    at.github.addFault({ kind: "truncate", times: 1 });
    const { github } = clientOf(at);
    expect(await github.read("GET /repos/{owner}/{repo}/git/ref/{+ref}", { ref: "heads/none" })).toBeUndefined();
    expect(github.requests()).toBe(2);
  });

  test("read() says what is wrong with the token, and never the token", async () => {
    await using at = await scene();
    const wrong = clientOf(at, { token: "ghs_aSecretThatIsWrong" }).github;
    const weak = clientOf(at, { token: at.issue({ permissions: { contents: "none" } }) }).github;
    const away = clientOf(at, { repo: "other" }).github;
    const refs = { ref: "coordination/x" };
    const list = "GET /repos/{owner}/{repo}/git/matching-refs/{+ref}";
    const errorOf = (promise: Promise<unknown>) =>
      promise.then(
        () => new Error("it worked"),
        (error: Error) => error,
      );
    const errors = [await errorOf(wrong.list(list, refs)), await errorOf(weak.list(list, refs)), await errorOf(away.list(list, refs))];
    expect(errors.map(String)).toEqual([
      "Denied: GitHub refuses the token (401): it is wrong, expired or revoked",
      "Denied: The token may not do this in acme/app: Resource not accessible by integration",
      "Denied: Cannot find acme/other: the name is wrong, or the token has no access to it",
    ]);
    // The request that octokit keeps in its error is redacted, too.
    for (const error of errors) expect(Bun.inspect(error, { depth: 10 })).not.toMatch(/ghs_\w+/);
  });

  test("read() with an ETag costs nothing when nothing changed, and sees what did", async () => {
    await using at = await scene();
    const { github } = clientOf(at);
    const list = () => github.list("GET /repos/{owner}/{repo}/git/matching-refs/{+ref}", { ref: "coordination/x/" }, { etag: true });
    const first = await list();
    const second = await list();
    expect(second.items).toEqual(first.items);
    await at.createRef("refs/coordination/x/claims/1", at.repo.head() ?? "");
    at.github.requests.clear();
    expect((await list()).items).toHaveLength(1);
    expect((await list()).items).toHaveLength(1);
    expect(at.github.requests.entries.map(({ status, primaryCost }) => [status, primaryCost])).toEqual([
      [200, 1],
      [304, 0],
    ]);
    expect(second.date).toBeGreaterThan(Date.now() - 60_000);
  });

  test("list() reads all pages, and ends at its bound by name", async () => {
    await using at = await scene();
    const sha = at.repo.head() ?? "";
    for (let n = 0; n < 120; n++) await at.createRef(`refs/coordination/x/failures/1/f${n}`, sha);
    const { github } = clientOf(at);
    const route = "GET /repos/{owner}/{repo}/git/matching-refs/{+ref}";
    expect((await github.list(route, { ref: "coordination/x/" })).items).toHaveLength(120);
    await expect(github.list(route, { ref: "coordination/x/" }, { pages: 1 })).rejects.toThrow(
      `GitHub's list ${route} has more than 1 pages`,
    );
    expect((await github.list(route, { ref: "coordination/x/" }, { pages: 1, whole: false })).items).toHaveLength(100);
  });
});

describe("rate limits", () => {
  test("read() waits for a limit that ends soon, and then goes on", async () => {
    let now = Date.UTC(2026, 2, 1);
    await using at = await scene({ limits: { pointsPerMinute: 2 }, now: () => now });
    const { github, slept } = clientOf(at, {
      sleep: async (ms) => {
        slept.push(ms);
        now += ms;
      },
    });
    for (let n = 0; n < 3; n++) expect((await github.read(repository))?.status).toBe(200);
    expect(slept).toHaveLength(1);
    expect(slept[0]).toBeGreaterThan(0);
    expect(slept[0]).toBeLessThanOrEqual(61_500);
    expect(statuses(at).filter((status) => status === 403)).toHaveLength(1);
  });

  test("read() says how long the hourly limit lasts instead of sleeping through it", async () => {
    await using at = await scene({ limits: { actionsPerHour: 1 } });
    const { github, slept } = clientOf(at);
    await github.read(repository);
    await expect(github.read(repository)).rejects.toThrow(/^GitHub's rate limit is used up for another (59|60|61) min$/);
    expect(slept).toEqual([]);
  });

  test("write() under a limit was not applied, is not sent again, and is not called read-only", async () => {
    let now = Date.UTC(2026, 2, 1);
    await using at = await scene({ limits: { contentPerMinute: 1 }, now: () => now });
    const { github } = clientOf(at, {
      sleep: async (ms) => {
        now += ms;
      },
    });
    await github.write(issues, { title: "one" });
    expect(await github.write(issues, { title: "two" })).toEqual({ clear: false, why: "rate limit" });
    expect(at.repo.issues().map(({ title }) => title)).toEqual(["one"]);
    expect(statuses(at)).toEqual([201, 403]);
  });
});

describe("write()", () => {
  test.each([
    ["answered 502", { kind: "status", when: "after" }],
    ["dropped", { kind: "drop", when: "after" }],
    ["cut off", { kind: "truncate" }],
    ["answered by a page", { kind: "html", when: "after", status: 200 }],
  ] as const)("write() is sent once and not clear when it was applied, then %s", async (_name, rule) => {
    await using at = await scene();
    at.github.addFault({ ...rule, method: "POST" });
    const { github } = clientOf(at);
    expect(await github.write(issues, { title: "one" })).toMatchObject({ clear: false });
    expect([at.repo.issues().length, github.requests()]).toEqual([1, 1]);
  });

  test("write() throws ReadOnly for a token that may only read", async () => {
    await using at = await scene();
    const token = at.issue({ permissions: { contents: "read", issues: "read" } });
    const { github } = clientOf(at, { token });
    await expect(github.write(issues, { title: "one" })).rejects.toThrow(
      new ReadOnly("The token may not write to acme/app: Resource not accessible by integration"),
    );
  });

  test("write() is not clear for a 422, which may be the echo of our own write", async () => {
    await using at = await scene();
    const { github } = clientOf(at);
    expect(await github.write("POST /repos/{owner}/{repo}/git/refs", { ref: "refs/heads/main", sha: at.repo.head() })).toEqual({
      clear: false,
      status: 422,
      why: "Reference already exists",
    });
  });

  test.each([
    ["502", { kind: "status", when: "after" }],
    ["a dropped connection", { kind: "drop", when: "after" }],
    ["half an answer", { kind: "truncate" }],
  ] as const)("ensureBoard() opens one issue when the first answer is %s", async (_name, rule) => {
    await using at = await scene();
    at.github.addFault({ ...rule, method: "POST", path: /\/issues$/, times: 1 });
    const { github } = clientOf(at);
    const sha = at.repo.head() ?? "";
    const ledger = openLedger(githubRefs(github, sha), sha, { sleep: async () => {}, random: () => 0 });
    const claim = claimOf(1, "linux", { sha });
    expect(
      await ensureBoard({ github, ledger, options: board, redact: async (text) => text }, coordinationWith({ sha, claims: [claim] })),
    ).toBe(1);
    expect(at.repo.issues().map(({ title }) => title)).toEqual([`Build Coordination: ${sha.slice(0, 7)}`]);
    expect(at.repo.labels(1)).toEqual(["autonomous-coordination", `commit-${sha.slice(0, 7)}`]);
    expect(at.repo.refs("refs/coordination/").map(([name]) => name)).toEqual([`refs/coordination/${sha}/board/1`]);
  });

  test("comment() is not repeated when its answer was lost", async () => {
    await using at = await scene();
    const { github } = clientOf(at);
    await github.write(issues, { title: "one" });
    at.github.addFault({ kind: "status", when: "after", method: "POST", path: /comments$/ });
    await comment(github, 1, "fixed");
    expect(at.repo.comments(1)).toEqual(["fixed"]);
  });
});
