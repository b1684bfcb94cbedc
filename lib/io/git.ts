/**
 * git as a child process: authenticated through the environment, never through an argument, a URL or a file.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { type Commit, type Ref, type RefStore, Unavailable } from "../ledger.ts";
import type { Push } from "../publish.ts";
import { isSecretName } from "../redact.ts";

export type GitOptions = {
  /** A checkout of the repository. */
  readonly cwd: string;
  /** For example `https://github.com/owner/repo.git`. */
  readonly url: string;
  readonly token: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
};

export type Git = {
  readonly cwd: string;
  readonly url: string;
  readonly run: (...command: readonly string[]) => Promise<Run>;
  readonly must: (...command: readonly string[]) => Promise<string>;
  readonly within: (more: Readonly<Record<string, string>>) => Git;
  /**
   * Makes sure that a commit is here, fetched by its name where it is not, and with `parent` what its own change is against. A shallow
   * checkout stays shallow, and a whole one whole. False where it cannot be had; a parent that is not there is none.
   */
  readonly ensure: (sha: string, want?: { readonly parent: boolean }) => Promise<boolean>;
  /** Options of a fetch that leave the checkout as deep as it is. */
  readonly depth: () => Promise<readonly string[]>;
  readonly commitTree: (tree: string, parents: readonly string[], message: string) => Promise<string>;
  readonly push: Push;
  readonly pushBranch: Push;
};
export type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** git is not there, or this is no checkout: the caller's mistake, not the network's. */
export class GitMissing extends Error {
  override name = "GitMissing";
}

const author = "fixonce";
const email = "fixonce@users.noreply.github.com";

export function openGit(options: GitOptions): Git {
  const { cwd, url, token, timeoutMs = 120_000 } = options;
  const environment = gitEnvironment(url, token, options.environment);

  async function run(...command: readonly string[]): Promise<Run> {
    return spawnGit(command, { cwd, env: environment, timeoutMs });
  }

  /** Runs a command that must succeed without the network. */
  async function must(...command: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...command);
    if (code !== 0) throw new GitMissing(`Cannot run git ${command[0]} in ${cwd}: ${lastLine(stderr)}`);
    return stdout.trimEnd();
  }

  const push = async (args: readonly string[]) => pushResult(await run("push", "--porcelain", ...args));

  let shallow: Promise<readonly string[]> | undefined;
  /** Without this a fetch into a shallow checkout that lacks the failing commit (that of a pull request) would bring all history. */
  const depth = () => {
    shallow ??= run("rev-parse", "--is-shallow-repository").then(({ stdout }) => (stdout.trim() === "true" ? ["--depth=1"] : []));
    return shallow;
  };

  return {
    cwd,
    url,
    run,
    must,
    depth,

    async ensure(sha, { parent } = { parent: false }) {
      const has = async (what: string) => (await run("rev-parse", "--verify", "--quiet", what)).code === 0;
      for (let attempt = 0; attempt < 8; attempt++) {
        const here = await has(`${sha}^{commit}`);
        const shallow = (await depth()).length > 0;
        // The first commit of all has no parent, and a shallow checkout does not tell: once asked for is enough.
        if (here && (!parent || !shallow || attempt > 0 || (await has(`${sha}^1`)))) return true;
        if (attempt > 0) await Bun.sleep(500 * attempt);
        const deep = shallow ? [`--depth=${parent ? 2 : 1}`] : [];
        await run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ...deep, url, sha);
      }
      return false;
    },

    /** The same git with more environment, for example an index of its own. */
    within: (more: Readonly<Record<string, string>>) => openGit({ ...options, environment: { ...options.environment, ...more } }),

    /** A commit object made locally, its SHA returned. */
    commitTree: (tree: string, parents: readonly string[], message: string) =>
      must("commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", message),

    /** Pushes a fix and its outcome, all or nothing; the empty lease says that the outcome must not exist yet. */
    push: ({ outcome, ref, fix, branch }) =>
      push(["--atomic", `--force-with-lease=${ref}:`, url, `${outcome}:${ref}`, `${fix}:refs/heads/${branch}`]),

    /** Pushes the fix alone. */
    pushBranch: ({ fix, branch }) => push([url, `${fix}:refs/heads/${branch}`]),
  };
}

/** What a server says when it failed, not refused: the push may be repeated. */
const failed = /internal server error|remote failure|failed to report status|(?:cannot|failed to) lock|time-?out|unpack(?:er)? error/i;
/** What it says to a token that may not write. */
const denied = /Permission to .* denied|Write access to repository not granted/i;

/** What came of `git push --porcelain`: a refusal is for good, of anything else nobody knows. */
export function pushResult({ code, stdout, stderr }: Run): Awaited<ReturnType<Push>> {
  if (code === 0) return { result: "pushed" };
  if (denied.test(stderr)) return { result: "rejected", why: "the token may not push (contents: write)" };
  const refusals = stdout.split("\n").filter((line) => line.startsWith("!"));
  if (refusals.length === 0 || refusals.some((line) => failed.test(line))) return { result: "unknown" };
  const telling = refusals.find((line) => line.includes("refs/heads/") && !line.includes("atomic")) ?? refusals[0] ?? "";
  return { result: "rejected", why: telling.replace(/^!\s+\S+\s+/, "").slice(0, 200) };
}

/**
 * Reads the ledger over git: one fetch brings all refs with their commits, and costs nothing of the API's hourly limit.
 * Writes still go through `store`. `now` is the clock for leases.
 */
export function gitReads(git: Git, store: RefStore, now: () => number): RefStore {
  return {
    ...store,
    async list(prefix) {
      const refspec = `+${prefix}*:${prefix}*`;
      for (let attempt = 0; attempt < 6; attempt++) {
        const fetched = await git.run(
          "fetch",
          "--quiet",
          "--no-tags",
          "--no-write-fetch-head",
          "--prune",
          "--no-auto-maintenance",
          ...(await git.depth()),
          git.url,
          refspec,
        );
        if (fetched.code === 0) {
          const listed = await git.must("for-each-ref", "--format=%(refname) %(objectname) %(objecttype)", prefix);
          return { refs: listed.split("\n").flatMap(refOf), now: now() };
        }
        if (/not a git repository/i.test(fetched.stderr)) throw new GitMissing(`Not a git checkout: ${git.cwd}`);
        await Bun.sleep(200 * 2 ** attempt);
      }
      throw new Unavailable("git fetch failed 6 times: GitHub does not answer, or the token may not read");
    },
    async commit(sha) {
      const { code, stdout } = await git.run("cat-file", "commit", sha);
      return code === 0 ? parseCommit(sha, stdout) : store.commit(sha);
    },
  };
}

function refOf(line: string): readonly Ref[] {
  const [name = "", sha = "", type = ""] = line.split(" ");
  return sha === "" ? [] : [{ name, sha, type }];
}

/** A raw commit object: header lines, an empty line, the message. */
export function parseCommit(sha: string, raw: string): Commit | undefined {
  const end = raw.indexOf("\n\n");
  const header = raw.slice(0, end).split("\n");
  const parents = header.filter((line) => line.startsWith("parent ")).map((line) => line.slice(7));
  const seconds = /> (\d+) [+-]\d{4}$/.exec(header.find((line) => line.startsWith("committer ")) ?? "")?.[1];
  return end < 0 || seconds === undefined
    ? undefined
    : { sha, message: raw.slice(end + 2).trimEnd(), parents, date: Number(seconds) * 1000 };
}

/** Names that look like a credential, and by which git gets through a proxy, to a client certificate or to an agent. */
const NEEDED = /^(GIT_(PROXY_)?SSL_|GIT_HTTP_PROXY_AUTHMETHOD$|SSH_AUTH_SOCK$)/;

/**
 * The environment for git: no prompt, no system or hook surprises, and the token as a header for this server alone.
 * The empty value first drops a header that `actions/checkout` may have left, which GitHub would refuse as a duplicate.
 */
function gitEnvironment(url: string, token: string, environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (!isSecretName(entry[0]) || NEEDED.test(entry[0])),
  );
  const server = `http.${new URL(url).origin}/.extraheader`;
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  const config: readonly (readonly [string, string])[] = [
    [server, ""],
    ...(token ? [[server, header] as const] : []),
    ["core.hooksPath", "/dev/null"],
    ["gc.auto", "0"],
  ];
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: author,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: author,
    GIT_COMMITTER_EMAIL: email,
    LC_ALL: "C",
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

async function spawnGit(
  command: readonly string[],
  options: { cwd: string; env: Record<string, string>; timeoutMs: number },
): Promise<Run> {
  try {
    const child = Bun.spawn(["git", ...command], {
      cwd: options.cwd,
      env: options.env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: options.timeoutMs,
    });
    const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
    return { code, stdout, stderr };
  } catch (error) {
    if (!existsSync(options.cwd)) throw new GitMissing(`Not a git checkout: ${options.cwd}`, { cause: error });
    throw new GitMissing("Cannot run git: install it, or put it on the PATH", { cause: error });
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
