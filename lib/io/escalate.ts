/**
 * A person called, exactly once: whoever creates the notice may write the comment, and nobody else.
 *
 * A process that dies in between has told nobody, so every later step and the sweep look: where the notice is older than any process and
 * any lag, and no comment bears its marker, one of them takes the right over. Label and assignees come before the comment: who finds the
 * comment finds them.
 *
 * @module
 */
import { flavorState, statusOf } from "../board.ts";
import type { Coordination } from "../coordination.ts";
import type { Ledger, RefStore } from "../ledger.ts";
import { codeSpan } from "../neutralize.ts";
import { callOf, isCall, markerOf, maxTries, rightName, type Subject, toldName, unheard } from "../notices.ts";
import { writeIssue } from "./board.ts";
import type { Github } from "./github.ts";
import { comment } from "./pulls.ts";

export type Caller = {
  readonly github: Github;
  readonly ledger: Ledger;
  readonly store: RefStore;
  readonly redact: (text: string) => Promise<string>;
  readonly assignees: readonly string[];
  readonly leaseMs: number;
};

/** How long the holder of a right may take before its comment, beyond the lease; and how much later it counts as dead, with what lists lag. */
const graceMs = 15_000;
const lagMs = 60_000;

/** Makes the calls that others began and did not live to make. */
export async function mendCalls(caller: Caller, coordination: Coordination): Promise<number> {
  let made = 0;
  // Nobody is needed any more where every flavor is green.
  if (statusOf(coordination) === "fixed") return made;
  for (const of of unheard(coordination.facts.notices)) if (await callPerson(caller, of, coordination)) made++;
  return made;
}

/** Calls a person, unless somebody has or is about to. Whoever has the right brings the board in line first: it says the same. */
export async function callPerson(
  caller: Caller,
  of: Subject,
  coordination: Coordination,
  sync = async () => coordination,
): Promise<boolean> {
  const { github, ledger, redact, assignees, leaseMs } = caller;
  const { told, tries } = callOf(coordination.facts.notices, of);
  if (told || tries >= maxTries || (tries > 0 && !(await isMissed(caller, of, tries, coordination)))) return false;
  const started = performance.now();
  const name = rightName(of, tries + 1);
  if (!(await ledger.record({ kind: "notice", name }, { v: 1, name, nonce: crypto.randomUUID() }, []))) return false;
  const fresh = await sync();
  const issue = Math.min(...fresh.facts.boards);
  if (!Number.isFinite(issue)) return false;
  await add(github, issue, { labels: ["needs-human"] });
  if (assignees.length > 0) await add(github, issue, { assignees });
  await writeIssue(github, issue, { state: "open" });
  const text = (await redact(textOf(fresh, of))).slice(0, 60_000);
  // Too late: somebody may have taken this process for dead.
  if (performance.now() - started > leaseMs + graceMs) return false;
  if (!(await comment(github, issue, `${text}\n\n${markerOf(of)}`))) return false;
  await ledger.state({ kind: "notice", name: toldName(of) }, ledger.sha);
  return true;
}

/** Whoever had the right is gone, and has told nobody. */
async function isMissed({ github, ledger, store, leaseMs }: Caller, of: Subject, tries: number, { facts }: Coordination): Promise<boolean> {
  const right = await ledger.find({ kind: "notice", name: rightName(of, tries) });
  const date = right === undefined ? undefined : (await store.commit(right))?.date;
  if (date === undefined || github.clock() <= date + leaseMs + graceMs + lagMs) return false;
  for (const board of facts.boards) {
    const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
    const { items } = await github.list(route, { issue_number: board }, { missing: true });
    if (!items.some((item) => isCall(item, of))) continue;
    await ledger.state({ kind: "notice", name: toldName(of) }, ledger.sha);
    return false;
  }
  return true;
}

function textOf({ causes }: Coordination, of: Subject): string {
  const cause = causes.find(({ cause }) => String(cause) === of);
  const flavors = cause?.flavors.map((flavor) => `- ${codeSpan(flavor, { max: 120 })}: ${flavorState(cause, flavor)}`).join("\n") ?? "";
  const why = cause === undefined ? "this commit has had all analyses that one may have" : triedText(cause.attempts);
  return `A person is needed: ${why}.\n\n${flavors}`;
}

function triedText(attempts: number): string {
  return attempts === 1 ? "one attempt did not fix this on every flavor" : `${attempts} attempts did not fix this on every flavor`;
}

/** Adding what is there already changes nothing, so an unclear answer is sent again. */
async function add(github: Github, issue: number, what: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const route = `POST /repos/{owner}/{repo}/issues/{issue_number}/${Object.keys(what)[0]}`;
  for (let attempt = 0; attempt < 4; attempt++) {
    if ((await github.write(route, { issue_number: issue, ...what })).clear) return;
    await github.pause(attempt);
  }
}
