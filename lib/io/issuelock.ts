/**
 * The issue lock: the same ledger for tokens with `issues: write` alone, kept in the comments of the coordination issue.
 *
 * The issue is found by label and SHA, with exponential backoff and full jitter. Where there is none, the label `commit-<sha7>` is the claim
 * to create it: of all who create the label one gets 201. After a settle time the lowest number wins, duplicates are closed.
 * A fact is a comment; of several with one name the oldest counts, looked at after the settle time.
 *
 * Weaker than refs: its promise depends on lists lagging less than the settle time. Louder as well: comments notify watchers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { boardTitle, commitLabel, coordinationLabel, maxBody } from "../board.ts";
import { type Commit, type Ref, type RefStore, Unavailable } from "../ledger.ts";
import { neutralize } from "../neutralize.ts";
import { refName } from "../refs.ts";
import type { Github } from "./github.ts";

export type IssueLockOptions = {
  readonly github: Github;
  /** The failing head commit, in full. */
  readonly sha: string;
  /** How long after a write others are sure to see it, in milliseconds. */
  readonly settleMs: number;
  readonly sleep: (ms: number) => Promise<void>;
};

export type IssueLock = RefStore & {
  /** Takes in a commit that was made elsewhere, so that a ref to it can be created. */
  readonly adopt: (commit: Commit) => void;
};

const userSchema = z.object({ login: z.string(), type: z.string() });
const issueSchema = z.object({
  number: z.number(),
  title: z.string(),
  user: userSchema.nullable(),
  author_association: z.string(),
  pull_request: z.unknown().optional(),
});
const commentSchema = z.object({ id: z.number(), body: z.string(), created_at: z.string(), user: userSchema.nullable() });
const factSchema = z.object({ name: z.string(), sha: z.string(), message: z.string().optional(), parents: z.array(z.string()).optional() });
type Entry = z.infer<typeof factSchema> & { readonly id: number; readonly date: number };

const marker = /<!-- fixonce:fact ([A-Za-z0-9+/=]+) -->/;

export function issueLock({ github, sha, settleMs, sleep }: IssueLockOptions): IssueLock {
  const label = commitLabel(sha);
  const local = new Map<string, Commit>();
  /** Commits as comments have them: they never change. */
  const seen = new Map<string, Commit>();
  let home: { readonly number: number; readonly login: string } | undefined;
  /** The server's clock when it was read last, in milliseconds. */
  let clock = 0;

  async function lookUp(): Promise<typeof home> {
    const labels = `${coordinationLabel},${label}`;
    const { items } = await github.list("GET /repos/{owner}/{repo}/issues", { labels, state: "all", direction: "asc" }, { pages: 3 });
    const ours = items
      .flatMap((item) => issueSchema.safeParse(item).data ?? [])
      .filter(({ title, pull_request }) => title === boardTitle(sha) && pull_request === undefined);
    // Anybody may open an issue; only those who may write can label it, and what they wrote is believed.
    const trusted = ours.filter(
      ({ user, author_association }) => user?.type === "Bot" || ["OWNER", "MEMBER", "COLLABORATOR"].includes(author_association),
    );
    const lowest = trusted.sort((a, b) => a.number - b.number)[0];
    return lowest?.user ? { number: lowest.number, login: lowest.user.login } : undefined;
  }

  /** The coordination issue; made, where `make` is set and there is none. */
  async function locate(make: boolean): Promise<typeof home> {
    home ??= await lookUp();
    if (home !== undefined || !make) return home;
    const labelled = await github.write("POST /repos/{owner}/{repo}/labels", {
      name: label,
      color: "5319e7",
      description: "fixonce: flavors failing at this commit",
    });
    // Somebody else holds the label: it is making the issue, or died doing so.
    for (let attempt = 0; !labelled.clear && attempt < 8; attempt++) {
      await github.pause(attempt + 1);
      home = await lookUp();
      if (home !== undefined) return home;
    }
    const created = await github.write("POST /repos/{owner}/{repo}/issues", {
      title: boardTitle(sha),
      body: "Coordination is starting.",
      labels: [coordinationLabel, label],
    });
    const mine = created.clear ? issueSchema.safeParse(created.reply.data).data : undefined;
    for (let attempt = 0; attempt < 8; attempt++) {
      await sleep(settleMs);
      home = await lookUp();
      if (home === undefined) continue;
      const duplicate = mine !== undefined && mine.number !== home.number;
      if (duplicate)
        await github.write("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
          issue_number: mine.number,
          state: "closed",
          state_reason: "not_planned",
        });
      return home;
    }
    throw new Unavailable(`The coordination issue of ${sha.slice(0, 7)} stays invisible`);
  }

  async function entries(): Promise<{ readonly byName: ReadonlyMap<string, Entry>; readonly now: number }> {
    const read = await readEntries();
    clock = read.now;
    return read;
  }

  /** All facts, of one name the oldest. */
  async function readEntries(): Promise<{ readonly byName: ReadonlyMap<string, Entry>; readonly now: number }> {
    const found = await locate(false);
    const byName = new Map<string, Entry>();
    if (found === undefined) {
      const reply = await github.read("GET /repos/{owner}/{repo}", {}, { etag: true, missing: false });
      return { byName, now: Date.parse(String(reply?.headers.date ?? "")) };
    }
    const { items, date } = await github.list(
      "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
      { issue_number: found.number },
      { etag: true, missing: true },
    );
    for (const entry of items.flatMap((item) => entryOf(item, found.login)).sort((a, b) => a.id - b.id)) {
      if (!byName.has(entry.name)) byName.set(entry.name, entry);
    }
    for (const { sha, message, parents = [], date } of byName.values())
      if (message !== undefined) seen.set(sha, { sha, message, parents, date });
    return { byName, now: date };
  }

  return {
    adopt: (commit) => void local.set(commit.sha, commit),

    async list(prefix) {
      const { byName, now } = await entries();
      const refs: Ref[] = [...byName.values()]
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name, sha }) => ({ name, sha, type: "commit" }));
      if (home !== undefined) refs.push({ name: refName(sha, { kind: "board", issue: home.number }), sha, type: "commit" });
      return { refs, now };
    },

    read: async (name) => (await entries()).byName.get(name)?.sha,

    async commit(wanted) {
      if (!seen.has(wanted)) await entries();
      return seen.get(wanted) ?? local.get(wanted);
    },

    async createCommit(message, parents) {
      const sha = createHash("sha1")
        .update(JSON.stringify([message, parents]))
        .digest("hex");
      // Others will read the date of the comment, which is yet to be written.
      const commit = { sha, message, parents, date: clock || (await entries()).now };
      local.set(sha, commit);
      return commit;
    },

    async createRef(name, target) {
      const found = await locate(true);
      const commit = local.get(target);
      const body = commentOf(name, target, commit);
      const written = await github.write("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        issue_number: found?.number ?? 0,
        body,
      });
      const posted = written.clear ? commentSchema.safeParse(written.reply.data).data : undefined;
      if (!isContested(name)) return posted !== undefined;
      await sleep(settleMs);
      const winner = (await entries()).byName.get(name);
      return posted !== undefined && winner !== undefined && winner.id === posted.id;
    },
  };
}

/** The commit that an issue's facts are about; undefined where it has none. */
export async function shaOfIssue(github: Github, issue: number): Promise<string | undefined> {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const { items } = await github.list(route, { issue_number: issue, per_page: 100 }, { missing: true });
  for (const item of items) {
    const login = commentSchema.safeParse(item).data?.user?.login ?? "";
    for (const { name } of entryOf(item, login)) {
      const sha = /^refs\/coordination\/([0-9a-f]{40})\//.exec(name)?.[1];
      if (sha !== undefined) return sha;
    }
  }
  return undefined;
}

/** Names that several flavors may want at once; all others bear their writer's own flavor. */
function isContested(name: string): boolean {
  return /\/(claims|outcomes|notices)\//.test(name);
}

function entryOf(item: unknown, login: string): readonly Entry[] {
  const comment = commentSchema.safeParse(item).data;
  const encoded = comment?.user?.login === login ? marker.exec(comment.body)?.[1] : undefined;
  if (comment === undefined || encoded === undefined) return [];
  try {
    const fact = factSchema.safeParse(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")));
    return fact.success ? [{ ...fact.data, id: comment.id, date: Date.parse(comment.created_at) }] : [];
  } catch {
    return [];
  }
}

/** A fact as a comment; one that is too long for GitHub loses its conversation. */
function commentOf(name: string, sha: string, commit: Commit | undefined): string {
  const write = (message: string | undefined) => {
    const fact = { name, sha, ...(commit && { message, parents: [...commit.parents] }) };
    const encoded = Buffer.from(JSON.stringify(fact)).toString("base64");
    return `fixonce: \`${neutralize(name.split("/").slice(3).join("/"))}\`\n<!-- fixonce:fact ${encoded} -->`;
  };
  const whole = write(commit?.message);
  if (commit === undefined || whole.length <= maxBody) return whole;
  const { conversation: _conversation, ...rest } = JSON.parse(commit.message) as Record<string, unknown>;
  return write(JSON.stringify(rest));
}
