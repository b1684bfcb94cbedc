import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { coordinate } from "../lib/coordinate.ts";
import type { Policy } from "../lib/decide.ts";
import { type Github, openGithub } from "../lib/io/github.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { type Ledger, openLedger, Unknown } from "../lib/ledger.ts";
import type { Identity } from "../lib/payload.ts";
import { prefixOf, refName } from "../lib/refs.ts";
import type { FaultRule } from "../lib/sandbox/faults.ts";
import { memoryStore } from "../lib/sandbox/memory.ts";
import type { Signature } from "../lib/signature.ts";
import { claimOf, failureOf, minute } from "./facts.ts";
import { endOf, payloadOf } from "./refstore.contract.ts";
import { git, gitUrl, here, type Scene, scene } from "./sandbox.ts";

// For a busy machine; that of the preload holds for the first file alone.
setDefaultTimeout(60_000);

const quick = { sleep: (ms: number) => Bun.sleep(ms / 100), random: () => 0.5 };
const policy: Policy = { threshold: 0.7, leaseMs: 15 * minute, maxAttempts: 3, maxClaims: 20, maxWaiting: 0 };

type Client = { readonly ledger: Ledger; readonly github: Github; readonly sha: string };

function clientOf(at: Scene, sender = "linux", tries?: number): Client {
  const github = openGithub({ token: at.issue({ sender }), apiUrl: at.github.url, ...here, ...quick, timeoutMs: 500 });
  const sha = at.repo.head() ?? "";
  return { github, sha, ledger: openLedger(githubRefs(github, sha), sha, { ...quick, ...(tries && { tries }) }) };
}

const question = (flavor: string, runId = 1) => ({
  failure: failureOf("list_size"),
  identity: { flavor, runId, runAttempt: 1, job: "build" } satisfies Identity,
  similarity: (a: { readonly id: string }, b: { readonly id: string }) => Number(a.id === b.id),
});

/** What a sender asked of the sandbox, without the repository's path. */
function asked(at: Scene, sender: string): readonly string[] {
  return at.github.requests.entries
    .filter((entry) => entry.sender === sender)
    .map(
      ({ method, path }) =>
        `${method} ${path
          .replace("/repos/acme/app/git/", "")
          .replace(/\/$/, "")
          .replace(/[0-9a-f]{40}/g, "<sha>")}`,
    );
}

describe("what it costs", () => {
  test("coordinate() makes a winner ask 3 requests before it may analyse", async () => {
    await using at = await scene();
    const { ledger } = clientOf(at, "linux");
    const answer = await coordinate({ ledger, policy, nonce: () => "nonce-of-linux" }, question("linux"));
    expect([answer.analyze, answer.reason]).toEqual([true, "first_flavor"]);
    expect(asked(at, "linux")).toEqual(["GET matching-refs/coordination/<sha>", "POST commits", "POST refs"]);
  });

  test("coordinate() makes a late follower ask 2 requests to know and 1 to join, which creates no object", async () => {
    await using at = await scene();
    const [leader, follower] = [clientOf(at, "linux"), clientOf(at, "macos")];
    await coordinate({ ledger: leader.ledger, policy, nonce: () => "nonce-of-linux" }, question("linux"));
    const objects = async () => (await git(at.repo.gitDir, "count-objects", "-v")).text.match(/^count: \d+|^in-pack: \d+/gm);
    const before = await objects();
    const answer = await coordinate({ ledger: follower.ledger, policy, nonce: () => "nonce-of-macos" }, question("macos", 2));
    expect([answer.analyze, answer.reason]).toEqual([false, "fix_in_progress"]);
    expect(asked(at, "macos")).toEqual(["GET matching-refs/coordination/<sha>", "GET commits/<sha>", "POST refs"]);
    expect(await objects()).toEqual(before);
    expect(at.repo.refs(`${prefixOf(leader.sha)}failures/`)).toEqual([
      [refName(leader.sha, { kind: "failure", n: 1, flavor: "macos" }), answer.claim?.sha ?? ""],
    ]);
  });

  test("coordinate() makes a follower that has something to add ask 1 request more, and who is like no claim 2 to know it", async () => {
    await using at = await scene();
    const overlap = (a: Signature, b: Signature) => Number(a.facts.some((fact) => b.facts.includes(fact)));
    const report = (flavor: string, runId: number, facts: readonly string[]) =>
      coordinate(
        { ledger: clientOf(at, flavor).ledger, policy, nonce: () => `nonce-of-${flavor}` },
        { ...question(flavor, runId), failure: failureOf(flavor, { facts }), similarity: overlap },
      );
    const leader = await report("linux", 1, ["test:a"]);
    const follower = await report("macos", 2, ["test:a", "test:b"]);
    const late = await report("windows", 3, ["test:b"]);
    expect([leader, follower, late].map(({ reason, claim }) => [reason, claim?.n])).toEqual([
      ["first_flavor", 1],
      ["fix_in_progress", 1],
      ["multiple_flavors_waiting", 1],
    ]);
    const read = ["GET matching-refs/coordination/<sha>", "GET commits/<sha>"];
    expect(asked(at, "macos")).toEqual([...read, "POST commits", "POST refs"]);
    expect(asked(at, "windows")).toEqual([...read, ...read, "POST refs"]);
    const sha = at.repo.head() ?? "";
    expect(at.repo.refs(prefixOf(sha)).map(([name]) => name.slice(prefixOf(sha).length))).toEqual([
      "claims/1",
      "failures/1/windows",
      "signatures/1/macos",
    ]);
  });

  test("coordinate() lets who leaves say so before it says what it has to add, and both once", async () => {
    await using at = await scene();
    await coordinate({ ledger: clientOf(at, "linux").ledger, policy, nonce: () => "nonce-of-linux" }, question("linux"));
    const failure = failureOf("list_size", { id: "another", facts: ["undeclared:list_size", "test:ListTest.grows"] });
    const leaving = { ledger: clientOf(at, "macos").ledger, policy, nonce: () => "nonce-of-macos", leaves: true };
    for (let time = 0; time < 2; time++) await coordinate(leaving, { ...question("macos", 2), failure, similarity: () => 1 });
    const sha = at.repo.head() ?? "";
    const writes = asked(at, "macos").filter((request) => request.startsWith("POST"));
    expect(writes).toEqual(["POST commits", "POST refs", "POST commits", "POST refs"]);
    const names = at.repo.refs(prefixOf(sha)).map(([name]) => name.slice(prefixOf(sha).length));
    expect(names).toEqual(["claims/1", "failures/1/macos", "signatures/1/macos"]);
  });

  test("read() takes a signature that is none for one that was not read", async () => {
    await using at = await scene();
    const { ledger } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    await ledger.state({ kind: "signature", n: 1, flavor: "macos" }, at.repo.head() ?? "");
    await ledger.record({ kind: "signature", n: 1, flavor: "arm" }, { v: 1, flavor: "arm", signature: "?" }, [claim?.sha ?? ""]);
    const { signatures, problems } = await ledger.read({ signatures: true });
    expect({ signatures, problems: problems.length }).toEqual({
      signatures: [
        { n: 1, flavor: "macos" },
        { n: 1, flavor: "arm" },
      ],
      problems: 2,
    });
  });

  test("read() costs nothing of the hourly limit and no commit again when nothing changed", async () => {
    await using at = await scene();
    const { ledger } = clientOf(at, "linux");
    await ledger.claim(payloadOf(1, "linux"), []);
    await ledger.read();
    at.github.requests.clear();
    await ledger.read();
    expect(at.github.requests.entries.map(({ status, primaryCost }) => ({ status, primaryCost }))).toEqual([
      { status: 304, primaryCost: 0 },
    ]);
  });

  test("coordinate() elects one of 50 that fail in the same second, over HTTP", async () => {
    await using at = await scene();
    const flavors = Array.from({ length: 50 }, (_, index) => `flavor-${index}`);
    const answers = await Promise.all(
      flavors.map((flavor, index) =>
        coordinate({ ledger: clientOf(at, flavor).ledger, policy, nonce: () => `nonce-${flavor}` }, question(flavor, index + 1)),
      ),
    );
    expect(answers.filter(({ analyze }) => analyze)).toHaveLength(1);
    expect(at.repo.refs(`${prefixOf(at.repo.head() ?? "")}failures/`)).toHaveLength(49);
    expect(at.repo.refs(`${prefixOf(at.repo.head() ?? "")}claims/`)).toHaveLength(1);
  });
});

const creation = { method: "POST", path: /\/git\/refs$/, sender: "linux" } as const;
/** Every way in which GitHub leaves a writer in doubt; `applied` says what really happened to the first try. */
const doubts: readonly (readonly [string, FaultRule])[] = [
  ["applied, then answered 502", { ...creation, kind: "status", when: "after", status: 502 }],
  ["applied, then answered 500", { ...creation, kind: "status", when: "after", status: 500 }],
  ["applied, then dropped", { ...creation, kind: "drop", when: "after" }],
  ["applied, its answer cut off", { ...creation, kind: "truncate" }],
  ["applied, then answered by a page", { ...creation, kind: "html", when: "after", status: 200 }],
  ["applied, then silence", { ...creation, kind: "hang", delayMs: 1500 }],
  ["not applied: 503", { ...creation, kind: "status", status: 503 }],
  ["not applied: dropped", { ...creation, kind: "drop" }],
  ["not applied: a page", { ...creation, kind: "html", status: 502 }],
  ["not applied: refused though nothing stands in the way", { ...creation, kind: "refuse" }],
];

describe("a write in doubt", () => {
  test.each(doubts)("claim() wins when it was alone and was %s", async (_name, rule) => {
    await using at = await scene();
    at.github.addFault({ ...rule, times: 1 });
    const { ledger, sha } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    expect(at.repo.refs(prefixOf(sha))).toEqual([[refName(sha, { kind: "claim", n: 1 }), claim?.sha ?? "nobody"]]);
  });

  test.each(doubts)("claim() loses to who was first, also when it was %s", async (_name, rule) => {
    await using at = await scene();
    at.github.addFault({ ...rule, times: 2 });
    const first = await clientOf(at, "macos").ledger.claim(payloadOf(1, "macos"), []);
    const { ledger, sha } = clientOf(at);
    expect(await ledger.claim(payloadOf(1, "linux"), [])).toBeUndefined();
    expect(at.repo.refs(prefixOf(sha))).toEqual([[refName(sha, { kind: "claim", n: 1 }), first?.sha ?? "nobody"]]);
    expect((await ledger.read()).claims.map(({ flavor }) => flavor)).toEqual(["macos"]);
  });

  test("claim() is told apart from a stale read: a refused write is read back until it is visible", async () => {
    await using at = await scene({ readLagMs: 400, lagMode: "fixed" });
    const first = await clientOf(at, "macos").ledger.claim(payloadOf(1, "macos"), []);
    const { ledger } = clientOf(at);
    expect(await ledger.claim(payloadOf(1, "linux"), [])).toBeUndefined();
    expect(first?.flavor).toBe("macos");
  });

  test("claim() is Unknown, and not won, when its name stays refused and invisible", async () => {
    await using at = await scene();
    at.github.addFault({ ...creation, kind: "refuse" });
    await expect(clientOf(at, "linux", 3).ledger.claim(payloadOf(1, "linux"), [])).rejects.toThrow(Unknown);
  });

  test("claim() writes the commit again when its answer was lost, and still claims once", async () => {
    await using at = await scene();
    at.github.addFault({ method: "POST", path: /\/git\/commits$/, kind: "status", when: "after", times: 2 });
    const { ledger, sha } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    expect(at.repo.refs(prefixOf(sha))).toEqual([[refName(sha, { kind: "claim", n: 1 }), claim?.sha ?? "nobody"]]);
  });

  test("claim() takes the failing commit's tree where the server refuses the empty one", async () => {
    await using at = await scene();
    at.repo.settings({ refuseEmptyTree: true });
    const { ledger, sha } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    const tree = async (commit: string) => (await git(at.repo.gitDir, "rev-parse", `${commit}^{tree}`)).text;
    expect(await tree(claim?.sha ?? "")).toBe(await tree(sha));
  });
});

/** Writes under the namespace by real git, as anybody with the right to push may. */
async function forge(at: Scene, path: string, message: string | undefined, parent?: string): Promise<string> {
  const clone = await at.clone(`forger-${crypto.randomUUID()}`);
  const made =
    message === undefined
      ? await git(clone, "rev-parse", "HEAD:a.txt")
      : await git(clone, "commit-tree", "HEAD^{tree}", ...(parent ? ["-p", parent] : []), "-m", message);
  if (parent !== undefined) await git(clone, "fetch", "-q", gitUrl(at.repo, at.token), "refs/coordination/*:refs/coordination/*");
  const again = message === undefined || made.ok ? made : await git(clone, "commit-tree", "HEAD^{tree}", "-p", parent ?? "", "-m", message);
  const pushed = await git(clone, "push", "-q", gitUrl(at.repo, at.token), `${again.text}:${prefixOf(at.repo.head() ?? "")}${path}`);
  if (!pushed.ok) throw new Error(pushed.text);
  return again.text;
}

const good = (n: number) => JSON.stringify(payloadOf(n, "linux"));

describe("foreign refs", () => {
  test.each([
    ["a blob", undefined, "points to a blob"],
    ["prose", "Merge branch 'main'", "message is not JSON"],
    ["an empty object", "{}", "flavor: Invalid input: expected string, received undefined"],
    ["a list", "[]", "message: Invalid input: expected object, received array"],
    ["null", "null", "message: Invalid input: expected object, received null"],
    ["another version", JSON.stringify({ ...payloadOf(1, "x"), v: 2 }), "v: Invalid input: expected 1"],
    ["a flavor of 100 kB", JSON.stringify({ ...payloadOf(1, "x"), flavor: "x".repeat(1e5) }), "flavor: Too big"],
    ["another number", good(2), "says it is claim 2"],
    ["a cause of 0", JSON.stringify({ ...payloadOf(1, "x"), cause: 0 }), "cause: Too small"],
  ])("read() reports %s as a claim, and the next claim stands after it", async (_name, message, problem) => {
    await using at = await scene();
    const forged = await forge(at, "claims/1", message);
    const { ledger, sha } = clientOf(at);
    const facts = await ledger.read();
    expect({ claims: facts.claims, problems: facts.problems, next: facts.next }).toEqual({
      claims: [],
      problems: [expect.stringContaining(`${refName(sha, { kind: "claim", n: 1 })}: ${problem}`)],
      next: { n: 2, parents: message === undefined ? [] : [forged] },
    });
    const answer = await coordinate({ ledger, policy, nonce: () => "nonce-of-linux" }, question("linux"));
    expect([answer.analyze, answer.claim?.n]).toEqual([true, 2]);
  });

  test("read() reports a claim that does not stand on the one before it", async () => {
    await using at = await scene();
    const { ledger, sha } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    await forge(at, "claims/2", JSON.stringify({ ...payloadOf(2, "forger"), cause: 2 }));
    const facts = await ledger.read();
    expect(facts.claims.map(({ n }) => n)).toEqual([claim?.n ?? 0]);
    expect(facts.problems).toEqual([`${refName(sha, { kind: "claim", n: 2 })}: does not stand on the claim before it`]);
    expect(facts.next.n).toBe(3);
  });

  test("read() reports claims after a gap, and the next claim closes it", async () => {
    await using at = await scene();
    const { ledger, sha } = clientOf(at);
    await forge(at, "claims/2", good(2));
    const facts = await ledger.read();
    expect(facts).toMatchObject({ claims: [], problems: [expect.stringContaining("claims/2")], next: { n: 1, parents: [] } });
    expect((await coordinate({ ledger, policy, nonce: () => "nonce-of-linux" }, question("linux"))).claim?.n).toBe(1);
    expect((await ledger.read()).problems).toEqual([`${refName(sha, { kind: "claim", n: 2 })}: does not stand on the claim before it`]);
  });

  test.each([
    ["a blob", undefined, "points to a blob"],
    ["prose", "done!", "message is not JSON"],
    ["the end of another claim", JSON.stringify(endOf(7, "x")), "says it ends claim 7"],
    [
      "a fix that it does not stand on",
      JSON.stringify({ ...endOf(1, "x"), result: "fixed", fix: "a".repeat(40), branch: "b" }),
      "does not stand on its fix",
    ],
  ])("read() takes %s as an outcome for a lost claim, and reports it", async (_name, message, problem) => {
    await using at = await scene();
    const { ledger, sha } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    const forged = await forge(at, "outcomes/1", message);
    const { outcomes, problems } = await ledger.read();
    expect({ outcomes: [...outcomes], problems }).toEqual({
      outcomes: [[1, { result: "lost", sha: forged }]],
      problems: [`${refName(sha, { kind: "outcome", n: 1 })}: ${problem}`],
    });
    expect(await ledger.conclude(claim ?? claimOf(1, ""), endOf(1, "linux"))).toBe(false);
  });

  test("read() reports names that are not ours and goes on", async () => {
    await using at = await scene();
    const { ledger, sha } = clientOf(at);
    for (const path of ["backup", "claims/x", "failures/1/a+b", "verdicts/1/linux/maybe"]) await at.createRef(prefixOf(sha) + path, sha);
    expect((await ledger.read()).problems.toSorted()).toEqual(
      ["backup", "claims/x", "failures/1/a+b", "verdicts/1/linux/maybe"].map((path) => `${prefixOf(sha)}${path}: not a name of ours`),
    );
  });

  test("read() goes on when a blob took the claim that this flavor wanted", async () => {
    await using at = await scene();
    const { ledger } = clientOf(at);
    await ledger.read();
    await forge(at, "claims/1", undefined);
    // The number is found taken by reading back the SHA alone.
    expect(await ledger.claim(payloadOf(1, "linux"), [])).toBeUndefined();
    const { claims, problems, next } = await ledger.read();
    expect({ claims, problems, next }).toEqual({
      claims: [],
      problems: [expect.stringContaining("points to a blob")],
      next: { n: 2, parents: [] },
    });
  });

  test("read() does not take the facts of another commit", async () => {
    await using at = await scene();
    const { ledger, sha } = clientOf(at);
    await at.createRef(`refs/coordination/${sha.slice(0, 39)}0/claims/1`, sha);
    await at.createRef(`refs/coordination/${sha}0/claims/1`, sha);
    const { claims, problems } = await ledger.read();
    expect({ claims, problems }).toEqual({ claims: [], problems: [] });
  });
});

describe("what was seen", () => {
  test("read() still knows what was written when the list lags behind it", async () => {
    await using at = await scene({ listLagMs: 60_000, readLagMs: 60_000, lagMode: "fixed" });
    const { ledger } = clientOf(at);
    const claim = await ledger.claim(payloadOf(1, "linux"), []);
    const { claims, next } = await ledger.read();
    expect({ claims, next }).toEqual({ claims: [claim ?? claimOf(1, "")], next: { n: 2, parents: [claim?.sha ?? ""] } });
  });

  test("a verdict that is stated twice stays the first", async () => {
    const ledger = openLedger(memoryStore(), "a".repeat(40), quick);
    const fact = { kind: "verdict", n: 1, flavor: "linux", verdict: "passed" } as const;
    expect([await ledger.state(fact, "1".repeat(40)), await ledger.state(fact, "2".repeat(40))]).toEqual([true, false]);
    expect(await ledger.find(fact)).toBe("1".repeat(40));
  });
});
