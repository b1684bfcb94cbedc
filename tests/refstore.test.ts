import { expect, setDefaultTimeout, test } from "bun:test";
import { gitReads, openGit } from "../lib/io/git.ts";
import { type Github, openGithub } from "../lib/io/github.ts";
import { issueLock } from "../lib/io/issuelock.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { prefixOf } from "../lib/refs.ts";
import { memoryStore } from "../lib/sandbox/memory.ts";
import { sha } from "./facts.ts";
import { refStoreContract, type Stand } from "./refstore.contract.ts";
import { here, type Scene, scene } from "./sandbox.ts";

// For a busy machine; that of the preload holds for the first file alone.
setDefaultTimeout(60_000);

const quick = { sleep: (ms: number) => Bun.sleep(ms / 20), random: () => 0.5 };

function githubOf(at: Scene): Github {
  return openGithub({ token: at.issue(), apiUrl: at.github.url, ...here, ...quick });
}

/** A stand in the sandbox, which is removed with it. */
async function inSandbox(client: (at: Scene, sha: string) => Promise<ReturnType<typeof githubRefs>>): Promise<Stand> {
  const at = await scene();
  const sha = at.repo.head() ?? "";
  return { sha, client: () => client(at, sha), [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

refStoreContract("memory", async () => {
  const store = memoryStore({ now: Date.now });
  return { sha, client: async () => store.client(async () => {}), async [Symbol.asyncDispose]() {} };
});

refStoreContract("GitHub's API and real git, through octokit", () => inSandbox(async (at, sha) => githubRefs(githubOf(at), sha)), {
  writers: 50,
});

let clones = 0;
refStoreContract("git's own protocol for reads", () =>
  inSandbox(async (at, sha) => {
    const cwd = await at.clone(`clone-${++clones}`);
    const git = openGit({ cwd, url: at.repo.gitUrl, token: at.issue(), environment: process.env });
    return gitReads(git, githubRefs(githubOf(at), sha), Date.now);
  }),
);

refStoreContract("the issue lock", () =>
  inSandbox(async (at, sha) => issueLock({ github: githubOf(at), sha, settleMs: 100, sleep: Bun.sleep })),
);

test("the issue lock keeps an outcome that is too long for a comment, without its conversation", async () => {
  await using at = await scene();
  const sha = at.repo.head() ?? "";
  const open = () => issueLock({ github: githubOf(at), sha, settleMs: 1, sleep: Bun.sleep });
  const store = open();
  // As JSON in JSON, in UTF-8, in base64 it is nearly four times as long.
  for (const [n, kept] of [
    [1, true],
    [2, false],
  ] as const) {
    const conversation = { rootCause: (kept ? "short" : "長い説明").repeat(6_000) };
    const { sha: commit } = await store.createCommit(JSON.stringify({ v: 1, n, title: "A fix", conversation }), []);
    expect(await store.createRef(`${prefixOf(sha)}outcomes/${n}`, commit)).toBe(true);
    expect(JSON.parse((await open().commit(commit))?.message ?? "")).toEqual({ v: 1, n, title: "A fix", ...(kept && { conversation }) });
  }
});

test("the issue lock reads what it has seen once", async () => {
  await using at = await scene();
  const sha = at.repo.head() ?? "";
  const github = githubOf(at);
  const store = issueLock({ github, sha, settleMs: 1, sleep: Bun.sleep });
  const made = await Promise.all([1, 2, 3].map((n) => store.createCommit(`{"n":${n}}`, [])));
  for (const [index, commit] of made.entries()) await store.createRef(`${prefixOf(sha)}claims/${index + 1}`, commit.sha);
  const { refs } = await store.list(prefixOf(sha));
  const before = github.requests();
  for (const ref of refs.filter(({ name }) => name.includes("/claims/"))) expect((await store.commit(ref.sha))?.message).toContain('"n"');
  expect(github.requests()).toBe(before);
});

const [owner = "", repo = ""] = (process.env.FIXONCE_TEST_REPOSITORY ?? "").split("/");
const token = process.env.GITHUB_TOKEN ?? "";
if (repo !== "" && token !== "") {
  const options = {
    token,
    apiUrl: process.env.GITHUB_API_URL ?? "https://api.github.com",
    owner,
    repo,
    sleep: Bun.sleep,
    random: Math.random,
  };
  refStoreContract(`the real repository ${owner}/${repo}`, async () => {
    const github = openGithub(options);
    // A commit of its own, so that no other run of these tests is met.
    const at = await githubRefs(github, "").createCommit(`fixonce contract ${crypto.randomUUID()}`, []);
    return {
      sha: at.sha,
      client: async () => githubRefs(openGithub(options), at.sha),
      async [Symbol.asyncDispose]() {
        const { refs } = await githubRefs(github, at.sha).list(prefixOf(at.sha));
        for (const { name } of refs)
          await github.write("DELETE /repos/{owner}/{repo}/git/refs/{+ref}", { ref: name.slice("refs/".length) });
      },
    };
  });
}
