/**
 * All boards of a repository, as the sweep sees them: listed once, mended while their coordination is open, closed when it is over.
 *
 * @module
 */
import { z } from "zod";
import { archiveOf, withArchive } from "../archive.ts";
import { boardBody, boardTitle, commitLabel, coordinationLabel, statusOf } from "../board.ts";
import type { Coordination } from "../coordination.ts";
import type { Ledger } from "../ledger.ts";
import type { Judgement } from "../over.ts";
import { redactAll } from "../redact.ts";
import { writeIssue } from "./board.ts";
import type { Github } from "./github.ts";

const issueSchema = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  created_at: z.string(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  pull_request: z.unknown().optional(),
});

export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly open: boolean;
  readonly labels: readonly string[];
  /** In milliseconds. */
  readonly created: number;
};

export type BoardsContext = {
  readonly github: Github;
  readonly issues: readonly Issue[];
  readonly repositoryUrl: string;
  readonly runnerUsdPerMinute: number;
  readonly dryRun: boolean;
  /** Facts were masked by who wrote them, and names and archives are facts; what the sweep knows of secrets is masked here. */
  readonly redact: (text: string) => Promise<string>;
};

/** All open boards, lowest number first. */
export async function openBoards(github: Github): Promise<readonly Issue[]> {
  const asked = { labels: coordinationLabel, state: "open", direction: "asc", per_page: 100 };
  const { items } = await github.list("GET /repos/{owner}/{repo}/issues", asked);
  return items.flatMap((item) => issueOf(item) ?? []).sort((a, b) => a.number - b.number);
}

/** Labels that name a commit. */
export async function commitLabels(github: Github): Promise<readonly string[]> {
  const { items } = await github.list("GET /repos/{owner}/{repo}/labels", { per_page: 100 });
  return items.flatMap((item) => z.object({ name: z.string() }).safeParse(item).data?.name ?? []).filter((name) => shortLabel.test(name));
}

const shortLabel = /^commit-[0-9a-f]{7}$/;

/** The seven digits in a board's title. */
export function shortOf(title: string): string | undefined {
  return /^Build Coordination: ([0-9a-f]{7})$/.exec(title)?.[1];
}

type Mended = { readonly what?: { readonly board: number; readonly what: string }; readonly duplicates: readonly number[] };

/** Brings the board of an open coordination in line: one board, stated in the ledger, with its labels, body and state. */
export async function mendBoard(context: BoardsContext, coordination: Coordination, ledger: Ledger): Promise<Mended> {
  const { github, dryRun } = context;
  const { sha, boards, claims } = coordination.facts;
  const { kept, others } = await boardsOf(context, coordination);
  const duplicates = await closeDuplicates(context, others);
  if (kept === undefined) return { duplicates };
  const body = await bodyOf(context, coordination);
  const labels = [...new Set([...kept.labels, coordinationLabel, commitLabel(sha)])];
  const fixed = statusOf(coordination) === "fixed";
  const wrong = [
    ...(boards.includes(kept.number) ? [] : ["its fact"]),
    ...(labels.length > kept.labels.length ? ["its labels"] : []),
    ...(plain(kept.body) === plain(body) ? [] : ["its body"]),
    ...(fixed && kept.open ? ["its state"] : []),
  ];
  if (wrong.length === 0) return { duplicates };
  if (!dryRun) {
    if (!boards.includes(kept.number)) await ledger.state({ kind: "board", issue: kept.number }, claims[0]?.sha ?? sha);
    const state = fixed ? { state: "closed", state_reason: "completed" } : {};
    await writeIssue(github, kept.number, { body, labels, ...state });
  }
  const what = `board #${kept.number} ${dryRun ? "needs" : "got"} ${wrong.join(", ")}${dryRun ? "" : " back"}`;
  return { what: { board: kept.number, what }, duplicates };
}

export type Retired =
  | { readonly result: "closed"; readonly board: number | undefined; readonly duplicates: readonly number[] }
  | { readonly result: "refused"; readonly why: string };

/** Archives and closes the board of a coordination that is over, and its duplicates. */
export async function retire(context: BoardsContext, coordination: Coordination, over: Judgement & { state: "over" }): Promise<Retired> {
  const { github, dryRun, runnerUsdPerMinute, redact } = context;
  const { kept, others } = await boardsOf(context, coordination, true);
  if (kept !== undefined && !dryRun) {
    const archive = await redactAll(archiveOf(coordination, over.reason, runnerUsdPerMinute), redact);
    const body = withArchive(await bodyOf(context, coordination), archive, over.reason);
    const closed = await writeIssue(github, kept.number, { body, state: "closed", state_reason: over.close });
    if (!closed) return { result: "refused", why: `board #${kept.number} could not be closed` };
  }
  return { result: "closed", board: kept?.number, duplicates: await closeDuplicates(context, others) };
}

/** The board that counts, lowest number first, and the open ones beside it. One that was deleted is none. */
async function boardsOf(context: BoardsContext, { facts, causes }: Coordination, closed = false) {
  const { github, issues } = context;
  const listed = issues.filter(({ title, number }) => title === boardTitle(facts.sha) || facts.boards.includes(number));
  const numbers = [...new Set([...facts.boards, ...listed.map(({ number }) => number)])].sort((a, b) => a - b);
  let kept: Issue | undefined;
  for (const number of numbers) {
    kept = listed.find((issue) => issue.number === number) ?? (await unlisted(number));
    if (kept !== undefined) break;
  }
  return { kept, others: listed.filter(({ number }) => number !== kept?.number) };

  /** A board that is not among the open ones: closed, which is well when all is green; without its labels; or deleted. */
  async function unlisted(number: number): Promise<Issue | undefined> {
    const found = issueOf((await github.read("GET /repos/{owner}/{repo}/issues/{issue_number}", { issue_number: number }))?.data);
    if (found === undefined || found.open || closed) return found;
    // A person closed it, or the last flavor turned green: its body is not mended.
    const labels = [...new Set([...found.labels, coordinationLabel, commitLabel(facts.sha)])];
    return { ...found, labels, body: await bodyOf(context, { facts, causes }) };
  }
}

async function closeDuplicates({ github, dryRun }: BoardsContext, others: readonly Issue[]): Promise<readonly number[]> {
  const closed: number[] = [];
  for (const { number } of others) {
    if (dryRun || (await writeIssue(github, number, { state: "closed", state_reason: "duplicate" }))) closed.push(number);
  }
  return closed;
}

function bodyOf({ repositoryUrl, runnerUsdPerMinute, redact }: BoardsContext, coordination: Coordination): Promise<string> {
  return redact(boardBody(coordination, { repositoryUrl, runnerUsdPerMinute }));
}

function issueOf(item: unknown): Issue | undefined {
  const issue = issueSchema.safeParse(item).data;
  if (issue === undefined || issue.pull_request !== undefined) return undefined;
  const labels = issue.labels.flatMap((label) => (typeof label === "string" ? label : label.name) ?? []);
  const { number, title, body, state, created_at } = issue;
  return { number, title, body: body ?? "", open: state === "open", labels, created: Date.parse(created_at) };
}

/** GitHub's web page saves other line ends. */
function plain(body: string): string {
  return body.replaceAll("\r\n", "\n").trim();
}
