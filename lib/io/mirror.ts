/**
 * All coordinations of a repository at once, read over git into a folder of their own: two git requests, and none of the API's hourly limit.
 *
 * Removal is one atomic push for all refs of a commit. There is no order in which single refs could go: a claim without its outcome looks
 * like a leader at work or lost, an outcome without its claim would end the next claim of that number, and without claims a late flavor
 * believes to be first while old verdicts count for its fix. So a flavor sees everything, or nothing and is rightly the first.
 *
 * @module
 */
import type { Commit, Ref, RefStore } from "../ledger.ts";
import { Unavailable } from "../ledger.ts";
import { prefixOf, refName } from "../refs.ts";
import { type Git, parseCommit } from "./git.ts";

const root = "refs/coordination/";
const heads = "refs/heads/";

export type Mirror = {
  /** Full SHAs of the commits that have refs. */
  readonly shas: readonly string[];
  /** Names and targets of a commit's refs. */
  readonly refs: (sha: string) => readonly Ref[];
  /** Date of the newest object that a commit's refs point to, in milliseconds; and of the oldest. */
  readonly dates: (sha: string) => { readonly oldest: number; readonly newest: number };
  /** Reads from the mirror, writes through `writes`. */
  readonly store: (writes: RefStore, now: () => number) => RefStore;
  /** The commits of all branches. */
  readonly branches: ReadonlyMap<string, string>;
  readonly remove: (sha: string) => Promise<Removal>;
  /** Deletes a branch that stands at `expected`. */
  readonly removeBranch: (branch: string, expected: string) => Promise<{ readonly removed: boolean; readonly why: string }>;
};

export type Removal =
  | { readonly result: "removed"; readonly count: number }
  /** Somebody wrote a fact meanwhile: the coordination is at work again. `stranded` are facts that were written across the removal. */
  | { readonly result: "moved"; readonly stranded: readonly string[] }
  | { readonly result: "refused"; readonly why: string };

type Entry = Ref & { readonly raw: string };

/** Reads everything, into the empty folder in which `git` runs. */
export async function openMirror(git: Git, pause: (attempt: number) => Promise<void>): Promise<Mirror> {
  await git.must("init", "--quiet", "--bare", ".");
  const listed = await remote("refs/heads/*", `${root}*`);
  const branches = new Map(listed.filter(({ name }) => name.startsWith(heads)).map(({ name, sha }) => [name.slice(heads.length), sha]));
  // git refuses to fetch nothing at depth 1.
  if (listed.some(({ name }) => name.startsWith(root))) await fetchAll(git, pause);
  const bySha = new Map<string, Entry[]>();
  for (const entry of await entriesOf(git)) {
    const [, sha = ""] = /^refs\/coordination\/([0-9a-f]{40})\//.exec(entry.name) ?? [];
    if (sha !== "") bySha.set(sha, [...(bySha.get(sha) ?? []), entry]);
  }
  const commits = new Map<string, Commit>();
  for (const { sha, raw, type } of [...bySha.values()].flat()) {
    const commit = type === "commit" && !commits.has(sha) ? parseCommit(sha, raw) : undefined;
    if (commit !== undefined) commits.set(sha, commit);
  }
  const refs = (sha: string) => (bySha.get(sha) ?? []).map(({ name, sha, type }) => ({ name, sha, type }));

  /** What the server shows now. */
  async function remote(...patterns: readonly string[]): Promise<readonly { readonly name: string; readonly sha: string }[]> {
    for (let attempt = 0; attempt < 6; attempt++) {
      const { code, stdout } = await git.run("ls-remote", "--quiet", git.url, ...patterns);
      if (code === 0)
        return stdout.split("\n").flatMap((line) => {
          const [sha = "", name = ""] = line.split("\t");
          return name === "" ? [] : [{ name, sha }];
        });
      await pause(attempt);
    }
    throw new Unavailable("git ls-remote failed 6 times: GitHub does not answer, or the token may not read");
  }

  return {
    shas: [...bySha.keys()],
    refs,
    branches,
    dates(sha) {
      const dates = (bySha.get(sha) ?? []).flatMap((ref) => commits.get(ref.sha)?.date ?? []);
      return { oldest: Math.min(...dates), newest: Math.max(...dates) };
    },
    store: (writes, now) => ({
      ...writes,
      list: async (prefix) => ({ refs: refs(prefix.split("/")[2] ?? ""), now: now() }),
      commit: async (sha) => commits.get(sha) ?? writes.commit(sha),
    }),

    async remove(sha) {
      const known = refs(sha);
      // Claims are unique by their nonces: they say that this is what was read, and not a coordination that began since.
      const claims = known.filter(({ name }) => name.startsWith(`${prefixOf(sha)}claims/`));
      const leases = claims.map((ref) => `--force-with-lease=${ref.name}:${ref.sha}`);
      const pattern = `${prefixOf(sha)}*`;
      let why = "";
      for (let attempt = 0; attempt < 4; attempt++) {
        const now = await remote(pattern);
        if (now.length === 0) return { result: "removed", count: known.length };
        if (!sameRefs(known, now)) return { result: "moved", stranded: [] };
        const pushed = await git.run("push", "--quiet", "--atomic", ...leases, git.url, ...known.map(({ name }) => `:${name}`));
        if (pushed.code !== 0) {
          why = reasonOf(pushed.stderr);
          await pause(attempt);
          continue;
        }
        const names = new Set(known.map(({ name }) => name));
        const stranded = (await remote(pattern)).filter(({ name }) => !names.has(name)).map(({ name }) => name);
        return stranded.length === 0 ? { result: "removed", count: known.length } : { result: "moved", stranded };
      }
      return { result: "refused", why };
    },

    async removeBranch(branch, expected) {
      const ref = `refs/heads/${branch}`;
      let why = "";
      for (let attempt = 0; attempt < 3; attempt++) {
        const pushed = await git.run("push", "--quiet", `--force-with-lease=${ref}:${expected}`, git.url, `:${ref}`);
        if (pushed.code === 0 || (await remote(ref)).length === 0) return { removed: true, why: "" };
        why = reasonOf(pushed.stderr);
        await pause(attempt);
      }
      return { removed: false, why };
    },
  };
}

/**
 * Puts the refs of a commit back, after a flavor wrote a fact across their removal: what it stands on must be there. The first claim comes
 * last, as without it nobody sees any of them; if it is another's by now, that coordination is on its own.
 */
export async function putBack(store: RefStore, sha: string, refs: readonly Ref[]): Promise<void> {
  const first = refName(sha, { kind: "claim", n: 1 });
  const rest = refs.filter(({ name }) => name !== first);
  for (const ref of [...rest, ...refs.filter(({ name }) => name === first)]) await store.createRef(ref.name, ref.sha);
}

async function fetchAll(git: Git, pause: (attempt: number) => Promise<void>): Promise<void> {
  // Alone the commits that the refs point to: no history, no files.
  const bare = ["--depth=1", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--quiet"];
  for (let attempt = 0; attempt < 6; attempt++) {
    const filter = attempt % 2 === 0 ? ["--filter=tree:0"] : [];
    const { code } = await git.run("fetch", ...bare, ...filter, git.url, `+${root}*:${root}*`);
    if (code === 0) return;
    await pause(attempt);
  }
  throw new Unavailable("git fetch failed 6 times: GitHub does not answer, or the token may not read");
}

/** All refs with their commits as they are stored: a shallow view would hide their parents. */
async function entriesOf(git: Git): Promise<readonly Entry[]> {
  const listed = await git.must(
    "for-each-ref",
    "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(if:equals=commit)%(objecttype)%(then)%(raw)%(end)%00",
    root,
  );
  const fields = listed.split("\0");
  const entries: Entry[] = [];
  for (let i = 0; i + 3 < fields.length; i += 4) {
    const [name = "", sha = "", type = "", raw = ""] = fields.slice(i, i + 4);
    entries.push({ name: name.trimStart(), sha, type, raw });
  }
  return entries;
}

function sameRefs(known: readonly Ref[], now: readonly { readonly name: string; readonly sha: string }[]): boolean {
  const targets = new Map(known.map(({ name, sha }) => [name, sha]));
  return now.length === known.length && now.every(({ name, sha }) => targets.get(name) === sha);
}

function reasonOf(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return (lines.find((line) => /error:|remote:|fatal:|rejected/.test(line)) ?? lines.at(-1) ?? "").trim().slice(0, 200);
}
