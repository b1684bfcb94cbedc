/**
 * The board on GitHub: created once, then kept in step with the facts. Never on the way to a decision, and never needed for one.
 *
 * @module
 */
import { z } from "zod";
import { type BoardOptions, boardBody, boardTitle, commitLabel, coordinationLabel, statusOf } from "../board.ts";
import { type Coordination, coordinationOf } from "../coordination.ts";
import type { Ledger } from "../ledger.ts";
import type { Github } from "./github.ts";

const issueSchema = z.object({ number: z.number(), title: z.string(), pull_request: z.unknown().optional() });

export type BoardContext = {
  readonly github: Github;
  readonly ledger: Ledger;
  readonly options: BoardOptions;
  /** Facts were masked by who wrote them; what this step knows of secrets is masked here. */
  readonly redact: (text: string) => Promise<string>;
};

/**
 * The board's issue number: the one in the facts, else one that a lost answer or a dead process left behind, else a new one. Undefined
 * when nobody can tell, or nothing is claimed.
 *
 * @param fresh the caller has won the commit's first claim just now, so that nobody can have opened one
 */
export async function ensureBoard(context: BoardContext, coordination: Coordination, { fresh = false } = {}): Promise<number | undefined> {
  const known = lowest(coordination.facts.boards);
  if (known !== undefined) return known;
  const { github, ledger, options, redact } = context;
  const { sha, claims } = coordination.facts;
  // Over: the sweep has archived its board and removed its facts.
  if (claims.length === 0) return undefined;
  const anchor = claims[0]?.sha ?? sha;
  for (let attempt = 0; !fresh && attempt < 3; attempt++) {
    if (attempt > 0) await github.pause(attempt);
    const left = lowest(await findBoards(github, sha));
    if (left === undefined) continue;
    await ledger.state({ kind: "board", issue: left }, anchor);
    return left;
  }
  const written = await github.write("POST /repos/{owner}/{repo}/issues", {
    title: boardTitle(sha),
    body: await redact(boardBody(coordination, options)),
    labels: [coordinationLabel, commitLabel(sha)],
  });
  const created = written.clear ? issueSchema.safeParse(written.reply.data) : undefined;
  let number = created?.success ? created.data.number : undefined;
  // An unclear answer may hide a created issue: look for it, and rather leave the board to a later step than make a second one.
  for (let attempt = 0; number === undefined && attempt < 4; attempt++) {
    await github.pause(attempt);
    number = lowest(await findBoards(github, sha));
  }
  if (number !== undefined) await ledger.state({ kind: "board", issue: number }, anchor);
  return number;
}

/** Boards of a commit by label and SHA, as far as GitHub's lagging list shows them. */
export async function findBoards(github: Github, sha: string): Promise<readonly number[]> {
  const labels = `${coordinationLabel},${commitLabel(sha)}`;
  const { items } = await github.list("GET /repos/{owner}/{repo}/issues", { labels, state: "all", direction: "asc" }, { pages: 3 });
  return items.flatMap((item) => {
    const issue = issueSchema.safeParse(item);
    return issue.success && issue.data.pull_request === undefined && issue.data.title === boardTitle(sha) ? [issue.data.number] : [];
  });
}

/** Renders the board from fresh facts, and once more when they moved meanwhile; closes it when all is green, opens it when it is not. */
export async function syncBoard(context: BoardContext): Promise<Coordination> {
  const { github, ledger, options, redact } = context;
  let shown = "";
  for (let turn = 0; ; turn++) {
    const coordination = coordinationOf(await ledger.read());
    const body = await redact(boardBody(coordination, options));
    const number = lowest(coordination.facts.boards) ?? (await ensureBoard(context, coordination));
    if (body === shown || number === undefined || turn === 3) return coordination;
    const fixed = statusOf(coordination) === "fixed";
    const state = fixed ? { state: "closed", state_reason: "completed" } : { state: "open" };
    await writeIssue(github, number, { body, ...state });
    shown = body;
  }
}

/** Changing an issue to a value is harmless to repeat, so an unclear answer is sent again. False when none became clear. */
export async function writeIssue(github: Github, number: number, change: Readonly<Record<string, unknown>>): Promise<boolean> {
  for (let attempt = 0; attempt < 4; attempt++) {
    const written = await github.write("PATCH /repos/{owner}/{repo}/issues/{issue_number}", { issue_number: number, ...change });
    if (written.clear) return true;
    await github.pause(attempt);
  }
  return false;
}

function lowest(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
