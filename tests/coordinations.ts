/**
 * Commits in the sandbox in every state that a coordination can be in, written through the ledger over HTTP, with what the sweep must make of each.
 *
 * @module
 */
import { boardBody, boardTitle, commitLabel, coordinationLabel } from "../lib/board.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { type Github, openGithub } from "../lib/io/github.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { type Claim, type Ledger, openLedger } from "../lib/ledger.ts";
import type { OverReason } from "../lib/over.ts";
import { prefixOf } from "../lib/refs.ts";
import type { Conclusion } from "../lib/sandbox/repository.ts";
import { here, type Scene } from "./sandbox.ts";

const minute = 60_000;
export const day = 1440 * minute;
export const options = { repositoryUrl: "https://github.example/acme/app", runnerUsdPerMinute: 0.008 };

/** One commit and what belongs to it. */
export type Made = {
  readonly state: State;
  readonly sha: string;
  readonly branch: string;
  readonly fixBranch: string;
  /** Boards by number, the one that stays first. */
  readonly boards: readonly number[];
};

export type State = {
  readonly name: string;
  /** Why it is over; undefined where it stays open. */
  readonly over?: OverReason;
  /** Its fix branch outlives the sweep, though the coordination is over. */
  readonly keepsBranch?: boolean;
  /** Moment at which it came to be, less now, in milliseconds. */
  readonly at?: number;
  readonly make: (commit: Commit) => Promise<void>;
};

export type Commit = {
  readonly sha: string;
  readonly branch: string;
  readonly fixBranch: string;
  /** What it stands on. */
  readonly base: string;
  readonly ledger: Ledger;
  claim(flavor?: string, cause?: number): Promise<Claim>;
  /** @param on the branch that has the fix. @default one of ours, which is made */
  fix(claim: Claim, on?: string): Promise<string>;
  gaveUp(claim: Claim): Promise<void>;
  board(more?: {
    readonly labels?: readonly string[];
    readonly stated?: boolean;
    readonly body?: string;
    readonly state?: string;
  }): Promise<number>;
  pull(fix: string, end?: "merged" | "closed", stated?: boolean): Promise<number>;
  runs(...ends: readonly (Conclusion | "running")[]): void;
  refs(): readonly string[];
  ask: Scene["ask"];
};

const hourAgo = -60 * minute;

export const states: readonly State[] = [
  {
    name: "green",
    over: "green",
    make: async (c) => {
      await led(c);
      await c.board();
      c.runs("success", "success", "skipped");
    },
  },
  {
    name: "green without claims",
    over: "green",
    make: async (c) => {
      c.runs("success");
      await c.ledger.state({ kind: "apart", reason: "infrastructure", flavor: "linux" }, c.sha);
    },
  },
  {
    name: "merged",
    over: "merged",
    make: async (c) => {
      await c.pull(await led(c), "merged");
      await c.board();
      c.runs("failure");
    },
  },
  {
    name: "merged, its fact lost",
    over: "merged",
    make: async (c) => {
      await c.pull(await led(c), "merged", false);
      await c.board();
      c.runs("failure");
    },
  },
  { name: "merged, with a person's commit", over: "merged", keepsBranch: true, make: withPerson },
  {
    name: "closed",
    over: "closed",
    keepsBranch: true,
    make: async (c) => {
      await c.pull(await led(c), "closed");
      await c.board();
      c.runs("failure");
    },
  },
  {
    name: "merged by a push of its head",
    over: "merged",
    make: async (c) => {
      const fix = await led(c);
      await c.pull(fix);
      await c.board();
      c.runs("failure");
      await c.ask("PATCH", "~/git/refs/heads/main", { sha: fix });
    },
  },
  {
    name: "closed with its branch",
    over: "closed",
    make: async (c) => {
      await c.pull(await led(c));
      await c.board();
      c.runs("failure");
      await c.ask("DELETE", `~/git/refs/heads/${c.fixBranch}`);
    },
  },
  {
    name: "branch deleted",
    over: "moved",
    make: async (c) => {
      await c.gaveUp(await c.claim());
      await c.board();
      c.runs("failure");
      await moveBranch(c, "deleted");
    },
  },
  {
    name: "branch rewritten",
    over: "moved",
    make: async (c) => {
      await c.gaveUp(await c.claim());
      await c.board();
      c.runs("failure");
      await moveBranch(c, "rewritten");
    },
  },
  {
    name: "branch ahead, no fix",
    over: "moved",
    make: async (c) => {
      await c.gaveUp(await c.claim());
      await c.board();
      c.runs("failure");
      await moveBranch(c, "ahead");
    },
  },
  {
    name: "expired",
    over: "expired",
    at: -40 * day,
    make: async (c) => {
      await c.claim();
      await c.board();
      c.runs("running");
    },
  },
  {
    name: "half swept",
    over: "green",
    make: async (c) => {
      await led(c);
      await c.board({ state: "closed" });
      c.runs("success");
      await dropLabel(c);
    },
  },
  {
    name: "half removed by another hand",
    over: "leftover",
    make: async (c) => {
      await led(c);
      await c.board();
      c.runs("failure");
      await dropRefs(c, /\/claims\//);
    },
  },
  {
    name: "duplicate boards, green",
    over: "green",
    make: async (c) => {
      await led(c);
      await c.board();
      await c.board();
      await c.board({ stated: false });
      c.runs("success");
    },
  },
  {
    name: "fix waits, branch ahead",
    make: async (c) => {
      await c.pull(await led(c));
      await c.board();
      c.runs("failure");
      await moveBranch(c, "ahead");
    },
  },
  {
    name: "nobody could fix it",
    make: async (c) => {
      await c.gaveUp(await c.claim());
      await c.board();
      c.runs("failure", "success");
    },
  },
  {
    name: "a re-run is at work",
    make: async (c) => {
      await c.pull(await led(c), "merged");
      await c.board();
      c.runs("failure", "running");
    },
  },
  {
    name: "analysis at work",
    at: 0,
    make: async (c) => {
      await c.claim();
      await c.board();
      c.runs("failure");
    },
  },
  {
    name: "two causes, one merged",
    make: async (c) => {
      await c.pull(await led(c), "merged");
      await c.claim("windows", 2);
      await c.board();
      c.runs("failure");
    },
  },
  {
    name: "duplicate boards",
    make: async (c) => {
      await led(c);
      await c.board();
      await c.board({ stated: false });
      c.runs("failure");
    },
  },
  {
    name: "labels lost",
    make: async (c) => {
      await led(c);
      await c.board({ labels: ["help wanted"] });
      c.runs("failure");
    },
  },
  {
    name: "one label lost",
    make: async (c) => {
      await led(c);
      await c.board({ labels: [coordinationLabel] });
      c.runs("failure");
    },
  },
  {
    name: "body lost",
    make: async (c) => {
      await led(c);
      await c.board({ body: "gone" });
      c.runs("failure");
    },
  },
  {
    name: "board's fact lost",
    make: async (c) => {
      await led(c);
      await c.board({ stated: false });
      c.runs("failure");
    },
  },
  {
    name: "board deleted",
    make: async (c) => {
      await led(c);
      await c.ledger.state({ kind: "board", issue: 9_000_000 + Number.parseInt(c.sha.slice(0, 5), 16) }, c.sha);
      c.runs("failure");
    },
  },
];

/** A leader, its fix, a follower that joined and passed. */
async function led(commit: Commit): Promise<string> {
  const claim = await commit.claim();
  const fix = await commit.fix(claim);
  await commit.ledger.state({ kind: "failure", n: claim.n, flavor: "mac os (arm64)" }, claim.sha);
  await commit.ledger.state({ kind: "verdict", n: claim.n, flavor: "mac os (arm64)", verdict: "passed" }, fix);
  return fix;
}

async function withPerson(commit: Commit): Promise<void> {
  const fix = await led(commit);
  const theirs = await commit.ask("POST", "~/git/commits", { message: "Also tidy up", tree: await treeOf(commit, fix), parents: [fix] });
  await commit.ask("PATCH", `~/git/refs/heads/${commit.fixBranch}`, { sha: theirs.data.sha });
  await commit.pull(fix, "merged");
  await commit.board();
  commit.runs("failure");
}

async function treeOf({ ask }: Pick<Commit, "ask">, sha: string): Promise<string> {
  return String(((await ask("GET", `~/git/commits/${sha}`)).data.tree as unknown as { sha: string }).sha);
}

async function moveBranch(commit: Commit, how: "deleted" | "rewritten" | "ahead"): Promise<void> {
  const { ask, sha, branch } = commit;
  if (how === "deleted") return void (await ask("DELETE", `~/git/refs/heads/${branch}`));
  const parents = how === "ahead" ? [sha] : [commit.base];
  const next = await ask("POST", "~/git/commits", { message: `${how} of ${sha}`, tree: await treeOf(commit, sha), parents });
  await ask("PATCH", `~/git/refs/heads/${branch}`, { sha: next.data.sha, force: true });
}

async function dropLabel({ ask, sha }: Commit): Promise<void> {
  await ask("DELETE", `~/labels/${commitLabel(sha)}`);
}

async function dropRefs({ ask, refs }: Commit, which: RegExp): Promise<void> {
  for (const name of refs()) if (which.test(name)) await ask("DELETE", `~/git/${name}`);
}

export type Maker = {
  readonly scene: Scene;
  /** Sets the server's clock, in milliseconds less now. */
  readonly clock: (offset: number) => void;
  readonly storm: (on: boolean) => void;
};

/** Makes commit number `index` in `state`; the ledger's writes meet the storm, what people and the harness do does not. */
export async function makeCommit({ scene, clock, storm }: Maker, state: State, index: number): Promise<Made> {
  const { repo, ask } = scene;
  clock(state.at ?? hourAgo);
  const base = repo.head() ?? "";
  const branch = `topic-${index}`;
  const tree = await treeOf({ ask }, base);
  const sha = String((await ask("POST", "~/git/commits", { message: `Commit ${index}`, tree, parents: [base] })).data.sha);
  await ask("POST", "~/git/refs", { ref: `refs/heads/${branch}`, sha });
  const fixBranch = `autonomous-fix-${sha.slice(0, 7)}`;
  const github = quickGithub(scene, `flavor-${index}`);
  const ledger = openLedger(githubRefs(github, sha), sha, { sleep: quick, random: Math.random });
  const boards: number[] = [];
  const workflow = repo.runs.createWorkflow(`.github/workflows/ci-${index}.yml`, `CI ${index}`, true);
  const stormy = async <T>(work: () => Promise<T>): Promise<T> => {
    storm(true);
    try {
      return await work();
    } finally {
      storm(false);
    }
  };
  const signature = { id: `id${index}`, title: "error: no such <header> -->", lines: ["error"], facts: ["x"] };
  const payload = (n: number) => ({ v: 1, n, flavor: "linux", title: "A fix", costUsd: 0.1, nonce: crypto.randomUUID() }) as const;

  const commit: Commit = {
    sha,
    branch,
    fixBranch,
    base,
    ask,
    ledger: { ...ledger, state: (fact, target) => stormy(() => ledger.state(fact, target)) },
    claim: (flavor = "linux", cause = 1) =>
      stormy(async () => {
        const { next } = await ledger.read();
        const identity = { flavor, runId: 1, runAttempt: 1, job: "build" };
        const claim = await ledger.claim(
          { v: 1, n: next.n, cause, attempt: 1, reason: "first_flavor", ...identity, signature, nonce: crypto.randomUUID() },
          next.parents,
        );
        if (claim === undefined) throw new Error("the only writer loses no claim");
        return claim;
      }),
    async fix(claim, on = fixBranch) {
      const message = `A fix\n\nFixonce-Coordination: ${sha}\nFixonce-Claim: ${claim.n}\n`;
      const fix = String((await ask("POST", "~/git/commits", { message, tree, parents: [sha] })).data.sha);
      if (on === fixBranch) await ask("POST", "~/git/refs", { ref: `refs/heads/${on}`, sha: fix });
      else await ask("PATCH", `~/git/refs/heads/${on}`, { sha: fix });
      await stormy(() => ledger.record({ kind: "outcome", n: claim.n }, { ...payload(claim.n), result: "fixed", branch: on, fix }, [fix]));
      return fix;
    },
    async gaveUp(claim) {
      await stormy(() => ledger.conclude(claim, { ...payload(claim.n), result: "gave-up" }));
    },
    async board({ labels = [coordinationLabel, commitLabel(sha)], stated = true, body, state } = {}) {
      const rendered = async () => boardBody(coordinationOf(await ledger.read()), options);
      const issue = await ask("POST", "~/issues", { title: boardTitle(sha), body: "", labels });
      const number = Number(issue.data.number);
      boards.push(number);
      if (stated) await stormy(() => ledger.state({ kind: "board", issue: number }, sha));
      await ask("PATCH", `~/issues/${number}`, { body: body ?? (await rendered()), ...(state && { state }) });
      return number;
    },
    async pull(fix, end, stated = true) {
      const pull = Number((await ask("POST", "~/pulls", { title: "A fix", head: fixBranch, base: "main" })).data.number);
      if (stated) await stormy(() => ledger.state({ kind: "pull", cause: 1, pull }, fix));
      if (end === "merged") await ask("PUT", `~/pulls/${pull}/merge`, {});
      if (end === "closed") await ask("PATCH", `~/pulls/${pull}`, { state: "closed" });
      return pull;
    },
    runs(...ends) {
      for (const [at, end] of ends.entries()) {
        const run = repo.runs.createRun({
          workflow: at === 0 ? workflow : repo.runs.createWorkflow(`.github/workflows/more-${index}-${at}.yml`, `More ${at}`, true),
          headSha: sha,
          headBranch: branch,
        });
        const job = repo.runs.createJob(run.id, "build");
        if (end === "running") continue;
        repo.runs.completeJob(job.id, end);
        repo.runs.completeRun(run.id);
      }
    },
    refs: () => repo.refs(prefixOf(sha)).map(([name]) => name),
  };
  await state.make(commit);
  clock(0);
  return { state, sha, branch, fixBranch, boards };
}

/** A client that does not wait long. */
export function quickGithub(scene: Scene, sender: string): Github {
  const token = scene.issue({ sender });
  return openGithub({ ...here, token, apiUrl: scene.github.url, sleep: quick, random: Math.random, timeoutMs: 5000 });
}

export const quick = (): Promise<void> => Bun.sleep(1);
