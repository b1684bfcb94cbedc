import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Octokit } from "octokit";
import { startGithub } from "../lib/sandbox/github.ts";
import { PortError } from "../lib/sandbox/listen.ts";
import { startMessages } from "../lib/sandbox/messages.ts";
import { emptyTree } from "../lib/sandbox/objects.ts";
import { git, gitUrl, here, scene, tally } from "./sandbox.ts";

setDefaultTimeout(60_000);

describe("startGithub()", () => {
  test("says in one line that a port is taken", async () => {
    await using at = await scene();
    await expect(startGithub({ dir: at.folder, port: at.github.port })).rejects.toBeInstanceOf(PortError);
    expect(() => startMessages({ port: at.github.port, reply: () => ({ kind: "drop" }) })).toThrow(
      `Cannot listen on 127.0.0.1:${at.github.port}`,
    );
  });

  test("says in one line that git is missing", async () => {
    const script = `import { startGithub } from "${new URL("../lib/sandbox/github.ts", import.meta.url).pathname}"; await startGithub({ dir: "." }).catch((e) => console.log(e.name + ": " + e.message));`;
    const child = Bun.spawn([process.execPath, "-e", script], { env: { PATH: "/nonexistent" }, stdout: "pipe" });
    expect((await new Response(child.stdout).text()).trim()).toBe("GitMissingError: Cannot start the sandbox: git is not on the PATH");
  });
});

describe("tokens", () => {
  test("no token, a bad one, a read-only one and a missing permission are told apart", async () => {
    await using at = await scene();
    const reader = at.issue({ permissions: { contents: "read", issues: "read" } });
    const ask = async (authorization: string, method: string, path: string, body?: unknown) => {
      const { status, data } = await at.ask(method, path, body, { authorization });
      return [status, data.message];
    };
    expect(await ask("", "GET", "~/issues")).toEqual([401, "Requires authentication"]);
    expect(await ask("token nonsense", "GET", "~/issues")).toEqual([401, "Bad credentials"]);
    expect(await ask(`bearer ${reader}`, "POST", "~/issues", { title: "t" })).toEqual([403, "Resource not accessible by integration"]);
    expect(await ask(`bearer ${reader}`, "GET", "~/actions/runs")).toEqual([403, "Resource not accessible by integration"]);
    expect((await ask(`bearer ${reader}`, "GET", "~/issues"))[0]).toBe(200);
    expect((await ask(`Basic ${btoa(`x-access-token:${reader}`)}`, "GET", "~/issues"))[0]).toBe(200);
    expect((await ask(`token ${reader}`, "GET", "/user"))[0]).toBe(403);
    expect((await ask(`token ${reader}`, "GET", "/repos/acme/other/issues"))[0]).toBe(404);
  });

  test("a read-only token clones but does not push; without a token there is neither", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    const reader = at.issue({ permissions: { contents: "read" } });
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "m");
    expect((await git(path, "fetch", gitUrl(at.repo, reader))).ok).toBe(true);
    expect((await git(path, "push", gitUrl(at.repo, reader), "HEAD:refs/heads/x")).text).toContain("403");
    expect((await git(path, "ls-remote", at.repo.gitUrl)).ok).toBe(false);
    const header = `http.extraheader=AUTHORIZATION: basic ${btoa(`x-access-token:${reader}`)}`;
    expect((await git(path, "-c", header, "ls-remote", at.repo.gitUrl)).ok).toBe(true);
  });

  test("a protected branch refuses pushes and ref updates", async () => {
    await using at = await scene();
    at.repo.settings({ protectedBranches: ["main", "release/*"] });
    const path = await at.clone("c");
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "m");
    const push = await git(path, "push", "origin", "HEAD:refs/heads/main");
    expect([push.ok, push.text.includes("Protected branch update failed")]).toEqual([false, true]);
    expect((await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/free")).ok).toBe(true);
    expect((await at.createRef("refs/heads/release/1", at.repo.head() ?? "")).status).toBe(422);
  });
});

describe("headers", () => {
  test("If-None-Match is answered 304 for the same token, free of the primary limit but not of the secondary", async () => {
    await using at = await scene({ limits: {} });
    const first = await at.ask("GET", "~/git/matching-refs/heads/");
    const etag = first.headers.get("etag") ?? "";
    const again = await at.ask("GET", "~/git/matching-refs/heads/", undefined, { "if-none-match": etag });
    expect([again.status, again.data.text, again.headers.get("etag")]).toEqual([304, "", etag]);
    const other = await at.ask("GET", "~/git/matching-refs/heads/", undefined, {
      "if-none-match": etag,
      authorization: `token ${at.issue()}`,
    });
    expect(other.status).toBe(200);
    expect(at.github.requests.entries.map(({ primaryCost, points, etag304 }) => [primaryCost, points, etag304])).toEqual([
      [1, 1, false],
      [0, 1, true],
      [1, 1, false],
    ]);
    expect(other.headers.get("x-ratelimit-used")).toBe("2");
    await at.createRef("refs/heads/new", at.repo.head() ?? "");
    expect((await at.ask("GET", "~/git/matching-refs/heads/", undefined, { "if-none-match": etag })).status).toBe(200);
  });

  test("every answer has the date of the server's own clock, a request id and the state of the limit", async () => {
    await using at = await scene({ now: () => Date.UTC(2026, 0, 1), skewMs: 60_000, limits: {} });
    for (const path of ["~/issues", "~/issues/9", "/rate_limit", "~/none"]) {
      const { headers } = await at.ask("GET", path);
      expect(headers.get("date")).toBe("Thu, 01 Jan 2026 00:01:00 GMT");
      expect(headers.get("x-github-request-id")).not.toBeNull();
      expect(headers.get("x-ratelimit-limit")).toBe("1000");
    }
  });
});

describe("limits", () => {
  test("the 1,000 requests an hour are one bucket for all Actions tokens of a repository", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, limits: { actionsPerHour: 5, pointsPerMinute: 10_000 } });
    const other = at.issue({ sender: "windows" });
    const statuses = [];
    for (let count = 0; count < 7; count++)
      statuses.push((await at.ask("GET", "~/issues", undefined, count % 2 === 0 ? {} : { authorization: `token ${other}` })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 403, 403]);
    const refused = await at.ask("GET", "~/issues");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(refused.headers.get("x-ratelimit-reset")) * 1000).toBe(clock + 3_600_000);
    expect((await at.ask("GET", "/rate_limit")).data.rate).toMatchObject({ limit: 5, remaining: 0, used: 5 });
    expect(
      (await at.ask("GET", "~/issues", undefined, { authorization: `token ${at.issue({ kind: "user", sender: "octocat" })}` })).status,
    ).toBe(200);
    clock += 3_600_000;
    expect((await at.ask("GET", "~/issues")).status).toBe(200);
  });

  test("900 points a minute: a read is 1, a write 5", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, limits: { pointsPerMinute: 12 } });
    await at.ask("DELETE", "~/git/refs/heads/none");
    await at.ask("DELETE", "~/git/refs/heads/none");
    await at.ask("GET", "~/issues");
    await at.ask("GET", "~/issues");
    clock += 10_000;
    const refused = await at.ask("GET", "~/issues");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([403, "50"]);
    expect(refused.data.message).toContain("secondary rate limit");
    clock += 50_000;
    expect((await at.ask("GET", "~/issues")).status).toBe(200);
  });

  test("retry-after says when enough of the window has gone, and that is when it is admitted", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, limits: { pointsPerMinute: 7 } });
    const write = () => at.ask("DELETE", "~/git/refs/heads/none");
    for (const ask of [() => at.ask("GET", "~/issues"), () => at.ask("GET", "~/issues"), write]) {
      expect([200, 422]).toContain((await ask()).status);
      clock += 10_000;
    }
    // The reads of 0 s and 10 s leave too little behind: the write of 20 s must go.
    const refused = await write();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([403, "50"]);
    clock += 49_000;
    expect((await write()).status).toBe(403);
    clock += 1000;
    expect((await write()).status).toBe(422);
  });

  test("80 content writes a minute and 500 an hour, commits and refs counted", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, limits: { contentPerMinute: 3, contentPerHour: 5, status: 429 } });
    const write = async () => (await at.ask("POST", "~/git/commits", { message: "m", tree: emptyTree })).status;
    expect([await write(), await write(), await write(), await write()]).toEqual([201, 201, 201, 429]);
    clock += 60_000;
    expect([await write(), await write(), await write()]).toEqual([201, 201, 429]);
    expect((await at.ask("GET", "~/issues")).status).toBe(200);
  });

  test("100 requests at once, and not one more", async () => {
    // All ten are there long before the first is answered.
    await using at = await scene({ limits: { concurrent: 4 }, latencyMs: 1500 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => at.ask("GET", "~/issues")));
    expect(tally(answers.map((answer) => answer.status))).toEqual({ 200: 4, 403: 6 });
  });
});

describe("lag", () => {
  test("lists and reads lag behind, writes do not", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, listLagMs: 5000, readLagMs: 2000, lagMode: "fixed" });
    clock += 10_000;
    const sha = await at.commit("claim");
    expect((await at.createRef("refs/coordination/x/claims/1", sha)).status).toBe(201);
    expect((await at.createRef("refs/coordination/x/claims/1", sha)).status).toBe(422);
    await at.ask("POST", "~/issues", { title: "t", labels: ["a"] });
    const seen = async () => {
      const refs = await at.ask("GET", "~/git/matching-refs/coordination/x/");
      const issues = await at.ask("GET", "~/issues");
      const [ref, commit, issue] = await Promise.all(
        ["~/git/ref/coordination/x/claims/1", `~/git/commits/${sha}`, "~/issues/1"].map((path) => at.ask("GET", path)),
      );
      return [Object.keys(refs.data).length, ref?.status, commit?.status, issue?.status, Object.keys(issues.data).length];
    };
    expect(await seen()).toEqual([0, 404, 404, 404, 0]);
    clock += 2000;
    expect(await seen()).toEqual([1, 200, 200, 200, 0]);
    clock += 3000;
    expect(await seen()).toEqual([1, 200, 200, 200, 1]);
  });

  test("uniform lag goes back and forth between reads", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, readLagMs: 1000 });
    clock += 5000;
    await at.createRef("refs/coordination/x/claims/1", await at.commit("claim"));
    clock += 500;
    const statuses = [];
    for (let count = 0; count < 40; count++) statuses.push((await at.ask("GET", "~/git/ref/coordination/x/claims/1")).status);
    expect(statuses.join()).toContain("200,404");
    expect(statuses.join()).toContain("404,200");
  });

  test("pushes lag as well, and a deleted ref is seen until the lag is over", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, readLagMs: 2000, lagMode: "fixed" });
    const path = await at.clone("c");
    clock += 5000;
    await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix");
    const status = async () => (await at.ask("GET", "~/git/ref/heads/fix")).status;
    expect(await status()).toBe(404);
    clock += 2000;
    expect(await status()).toBe(200);
    await at.ask("DELETE", "~/git/refs/heads/fix");
    expect(await status()).toBe(200);
    clock += 2000;
    expect(await status()).toBe(404);
  });

  test("a new branch is missing from a fetch until the lag of git is over", async () => {
    let clock = Date.UTC(2026, 0, 1);
    await using at = await scene({ now: () => clock, gitLagMs: 2000 });
    clock += 5000;
    const path = await at.clone("c");
    await at.createRef("refs/heads/fix", at.repo.head() ?? "");
    expect((await git(path, "fetch", "origin", "refs/heads/fix")).ok).toBe(false);
    clock += 2001;
    expect((await git(path, "fetch", "origin", "refs/heads/fix")).ok).toBe(true);
  });
});

describe("faults", () => {
  test("each is seen by octokit as GitHub's would be, and logged", async () => {
    await using at = await scene({ hangMs: [20, 30] });
    const octokit = at.octokit();
    const sha = await at.commit("claim");
    const tried = async (number: number) => {
      const ref = `refs/coordination/x/claims/${number}`;
      const seen = await octokit.rest.git.createRef({ ...here, ref, sha }).then(
        ({ status, data }) => ({ status, data: typeof data === "string" ? (data === "" ? "empty" : "text") : "object" }),
        (error: { status: number; response?: unknown }) => ({ status: error.status, response: error.response !== undefined }),
      );
      return [seen, at.repo.head(ref) === sha];
    };
    const cases = [
      [{ kind: "status", status: 500 }, { status: 500, response: true }, false, "500-before"],
      [{ kind: "status", status: 502, when: "after" }, { status: 502, response: true }, true, "502-after"],
      [{ kind: "drop" }, { status: 500, response: false }, false, "drop-before"],
      [{ kind: "drop", when: "after" }, { status: 500, response: false }, true, "drop-after"],
      [{ kind: "truncate" }, { status: 201, data: "empty" }, true, "truncate-after"],
      [{ kind: "hang" }, { status: 201, data: "object" }, true, "hang-after"],
      [{ kind: "html", status: 200 }, { status: 200, data: "text" }, false, "html-200-before"],
      [{ kind: "html", status: 502 }, { status: 502, response: true }, false, "html-502-before"],
      [{ kind: "refuse" }, { status: 422, response: true }, false, "refuse-before"],
    ] as const;
    for (const [index, [rule, seen, applied, name]] of cases.entries()) {
      at.github.addFault({ ...rule, method: "POST", path: /\/git\/refs$/, times: 1 });
      const outcome: unknown[] = [name, ...(await tried(index))];
      expect(outcome).toEqual([name, seen, applied]);
      expect(at.github.requests.entries.at(-1)?.fault).toBe(name);
    }
    expect(await tried(99)).toEqual([{ status: 201, data: "object" }, true]);
  });

  test("an issue whose creation was answered 502 exists all the same", async () => {
    await using at = await scene({ faults: [{ kind: "status", when: "after", method: "POST", path: /\/issues$/, times: 1 }] });
    expect((await at.ask("POST", "~/issues", { title: "t" })).status).toBe(502);
    expect(at.repo.issues().map((issue) => issue.title)).toEqual(["t"]);
  });

  test("octokit's own retry after one applied 502 makes two issues, and tells the winner of a ref that it lost", async () => {
    await using at = await scene();
    const octokit = new Octokit({
      auth: at.token,
      baseUrl: at.github.url,
      throttle: { enabled: false },
      retry: { retryAfterBaseValue: 10 },
    });
    const sha = at.repo.head() ?? "";
    at.github.addFault({ kind: "status", when: "after", method: "POST", path: /\/(issues|git\/refs)$/, times: 1 });
    await octokit.rest.issues.create({ ...here, title: "t" });
    expect(at.repo.issues()).toHaveLength(2);
    at.github.addFault({ kind: "status", when: "after", method: "POST", path: /\/git\/refs$/, times: 1 });
    await expect(octokit.rest.git.createRef({ ...here, ref: "refs/coordination/x/claims/1", sha })).rejects.toMatchObject({ status: 422 });
    expect(at.repo.head("refs/coordination/x/claims/1")).toBe(sha);
  });

  test("a push that was applied and then dropped has moved the branch", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "m");
    at.github.addFault({ kind: "drop", when: "after", path: /git-receive-pack$/, method: "POST", times: 1 });
    expect((await git(path, "push", "origin", "HEAD:refs/heads/fix")).ok).toBe(false);
    expect(at.repo.head("refs/heads/fix")).toBe((await git(path, "rev-parse", "HEAD")).text);
    at.github.addFault({ kind: "status", path: /info\/refs$/, times: 1 });
    expect((await git(path, "push", "origin", "HEAD:refs/heads/fix-2")).text).toContain("502");
  });

  test("the mix is drawn by seed, the same for each sender however the senders interleave", async () => {
    const draw = async (seed: number, reversed: boolean) => {
      await using at = await scene({ seed, faultRate: 0.4, hangMs: [0, 1] });
      const senders = ["linux", "windows"];
      const tokens = new Map(senders.map((sender) => [sender, at.issue({ sender })]));
      for (const sender of reversed ? senders.toReversed() : senders) {
        for (let count = 0; count < 30; count++)
          await at.ask("GET", "~/labels", undefined, { authorization: `token ${tokens.get(sender)}` }).catch(() => undefined);
      }
      return senders.map((sender) => at.github.requests.entries.filter((entry) => entry.sender === sender).map((entry) => entry.fault));
    };
    const [first, second, other] = [await draw(1, false), await draw(1, true), await draw(2, false)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first.flat()).size).toBeGreaterThan(4);
  });
});

test("the request log counts per sender and per repository, git apart from the API", async () => {
  await using at = await scene();
  await at.clone("c");
  await at.ask("POST", "~/issues", { title: "t" }, { authorization: `token ${at.issue({ sender: "windows" })}` });
  const { bySender, byRepository } = at.github.requests;
  expect(bySender.get("windows")).toEqual({
    requests: 1,
    api: 1,
    git: 0,
    writes: 1,
    primary: 1,
    points: 5,
    notModified: 0,
    faults: 0,
    limited: 0,
  });
  expect(bySender.get("linux")).toMatchObject({ api: 0, primary: 0 });
  expect(byRepository.get("acme/app")?.git).toBeGreaterThan(1);
});
