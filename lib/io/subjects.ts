/**
 * The coordinations that a sweep looks at, wherever their facts are: in refs, or with the issue lock in the comments of open boards.
 *
 * @module
 */
import type { Ref, RefStore } from "../ledger.ts";
import { prefixOf } from "../refs.ts";
import { shortOf } from "./boards.ts";
import { issueLock, shaOfIssue } from "./issuelock.ts";
import type { Removal } from "./mirror.ts";
import type { SweepContext } from "./pass.ts";
import { githubRefs } from "./refs.ts";

export type Subject = {
  readonly sha: string;
  readonly refs: readonly Ref[];
  /** Dates of its oldest and newest fact, in milliseconds. */
  readonly oldest: number;
  readonly newest: number;
  readonly store: RefStore;
  /** Removes all facts at once. */
  readonly remove: () => Promise<Removal>;
};

export async function subjectsOf(context: SweepContext): Promise<readonly Subject[]> {
  const { github, mirror } = context;
  const subjects = mirror.shas.map((sha): Subject => {
    const store = mirror.store(githubRefs(github, sha), github.clock);
    return { sha, refs: mirror.refs(sha), ...mirror.dates(sha), store, remove: () => mirror.remove(sha) };
  });
  return context.lock === "ref" ? subjects : [...subjects, ...(await issueSubjects(context))];
}

/** Facts in comments stay with their issue: once it is closed and has lost its label, a late flavor opens another. */
async function issueSubjects({ github, mirror, issues, sleep, reserve }: SweepContext): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const { number, title, created } of issues) {
    const short = shortOf(title);
    if (short === undefined || mirror.shas.some((sha) => sha.startsWith(short)) || github.remaining() <= reserve) continue;
    const sha = await shaOfIssue(github, number);
    if (sha === undefined || subjects.some((subject) => subject.sha === sha)) continue;
    const store = issueLock({ github, sha, settleMs: 0, sleep });
    const { refs } = await store.list(prefixOf(sha));
    const dated = refs.filter(({ name }) => /\/(?:claims|outcomes)\//.test(name));
    const dates = (await Promise.all(dated.map((ref) => store.commit(ref.sha)))).flatMap((commit) => commit?.date || []);
    const [oldest, newest] = [Math.min(created, ...dates), Math.max(created, ...dates)];
    subjects.push({ sha, refs, oldest, newest, store, remove: async () => ({ result: "removed", count: refs.length }) });
  }
  return subjects;
}
