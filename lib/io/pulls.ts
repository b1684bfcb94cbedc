/**
 * Pull requests of fixes: one a branch, found again after a lost answer, kept up to date, marked ready when every flavor is green.
 *
 * @module
 */
import { z } from "zod";
import { type PullText, withText } from "../leaving.ts";
import { Unavailable } from "../ledger.ts";
import type { Pull } from "../over.ts";
import type { Github } from "./github.ts";

const pullSchema = z.object({
  ...{ number: z.number(), node_id: z.string(), draft: z.boolean().optional(), state: z.string() },
  ...{ title: z.string(), body: z.string().nullish() },
});

const seenSchema = z.object({
  number: z.number(),
  state: z.string(),
  merged_at: z.string().nullish(),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
});
/** With the commit at which its branch stood when it was closed, or stands. */
export type SeenPull = Pull & { readonly head: string };

/** Pull requests of branches of this repository: all that are open, or with `branch` all that it ever had. */
export async function listPulls(github: Github, branch?: string): Promise<readonly SeenPull[]> {
  const asked = branch === undefined ? { state: "open" } : { state: "all", head: `${github.owner}:${branch}` };
  const { items } = await github.list("GET /repos/{owner}/{repo}/pulls", { ...asked, per_page: 100 });
  return items.flatMap((item) => seenPull(github, item) ?? []);
}

/**
 * The branch that an open pull request goes into which has the label, and the run's commit as its head; undefined where there is none. Only
 * who may triage the repository can label.
 */
export async function labelledBase(
  github: Github,
  run: { readonly sha: string; readonly branch: string; readonly from: string },
  label: string,
): Promise<string | undefined> {
  const asked = { state: "open", head: `${run.from.split("/")[0]}:${run.branch}`, per_page: 100 };
  const { items } = await github.list("GET /repos/{owner}/{repo}/pulls", asked, { pages: 3 });
  const labels = z.array(z.object({ name: z.string() }));
  const schema = z.object({ head: z.object({ sha: z.literal(run.sha) }), base: z.object({ ref: z.string() }), labels });
  const pulls = items.flatMap((item) => schema.safeParse(item).data ?? []);
  return pulls.find((pull) => pull.labels.some(({ name }) => name.toLowerCase() === label.toLowerCase()))?.base.ref;
}

/** One pull request; undefined where there is none, or none of a branch of this repository. */
export async function readPull(github: Github, number: number): Promise<SeenPull | undefined> {
  return seenPull(github, (await github.read("GET /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number }))?.data);
}

function seenPull({ owner, repo }: Github, item: unknown): SeenPull | undefined {
  const pull = seenSchema.safeParse(item).data;
  if (pull?.head.repo?.full_name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined;
  const state = pull.state === "open" ? "open" : pull.merged_at ? "merged" : "closed";
  return { number: pull.number, branch: pull.head.ref, head: pull.head.sha, state };
}

export type Draft = { readonly branch: string; readonly base: string; readonly title: string; readonly body: string };

/** Opens a draft pull request, or finds the one that the branch has: GitHub allows one a branch. */
export async function ensurePull(github: Github, { branch, base, title, body }: Draft): Promise<number> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const written = await github.write("POST /repos/{owner}/{repo}/pulls", { title, body, head: branch, base, draft: true });
    const created = written.clear ? pullSchema.safeParse(written.reply.data) : undefined;
    if (created?.success) return created.data.number;
    const { items } = await github.list(
      "GET /repos/{owner}/{repo}/pulls",
      { head: `${github.owner}:${branch}`, state: "open" },
      { pages: 1 },
    );
    const found = items.flatMap((item) => pullSchema.safeParse(item).data ?? [])[0];
    if (found !== undefined) return found.number;
    await github.pause(attempt + 2);
  }
  throw new Unavailable(`Cannot open a pull request for ${branch}: are Actions allowed to create them in the repository's settings?`);
}

/**
 * Brings what fixonce says in an open pull request up to date, and marks it `ready` for review. What a person has written stays: another
 * title, and all of the body outside of our part.
 */
export async function tellPull(github: Github, number: number, text: PullText, { ready }: { readonly ready: boolean }): Promise<void> {
  const reply = await github.read("GET /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number });
  const pull = pullSchema.safeParse(reply?.data).data;
  if (pull?.state !== "open") return;
  const title = text.titles.includes(pull.title) ? text.title : pull.title;
  const body = withText(pull.body ?? "", text.body);
  for (let attempt = 0; attempt < 4 && (title !== pull.title || body !== (pull.body ?? "")); attempt++) {
    // Saying the same twice changes nothing, so an unclear answer is sent again.
    if ((await github.write("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number, title, body })).clear) break;
    await github.pause(attempt);
  }
  if (ready && pull.draft) await markReady(github, pull.node_id);
}

/** GitHub has this in GraphQL alone. */
async function markReady(github: Github, id: string): Promise<void> {
  const mutation = "mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }";
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await github.graphql(mutation, { id });
      return;
    } catch {
      await github.pause(attempt);
    }
  }
}

/** Adds a comment: every watcher is notified, so the caller makes sure that it happens once. False after an unclear answer. */
export async function comment(github: Github, issue: number, body: string): Promise<boolean> {
  const { clear } = await github.write("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", { issue_number: issue, body });
  return clear;
}
