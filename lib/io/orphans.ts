/**
 * What the sweep finds beside the coordinations: boards, labels and branches that belong to none any more.
 *
 * @module
 */
import { shaOfFixBranch, trailersOf } from "../occasion.ts";
import { writeIssue } from "./board.ts";
import { shortOf } from "./boards.ts";
import type { Mutable, SweepContext } from "./pass.ts";
import { listPulls } from "./pulls.ts";
import { githubRefs } from "./refs.ts";

/** What no coordination knows any more: boards, labels and merged branches that an earlier version, a crash or a late merge left. */
export async function sweepOrphans(context: SweepContext, shas: readonly string[], report: Mutable): Promise<void> {
  const { github, mirror, issues, labels, lock, dryRun, say } = context;
  const known = new Set(shas.map((sha) => sha.slice(0, 7)));
  const stated = new Set(
    mirror.shas.flatMap((sha) => mirror.refs(sha).flatMap(({ name }) => Number(/\/board\/(\d+)$/.exec(name)?.[1]) || [])),
  );
  const note = (what: string) => {
    report.orphans.push(what);
    say(`${what}: without a coordination, ${dryRun ? "to be removed" : "removed"}`);
  };
  // With the issue lock a board without refs is the coordination itself.
  if (lock === "ref") {
    for (const issue of issues) {
      const short = shortOf(issue.title);
      const young = github.clock() <= issue.created + context.leaseMs;
      if (short === undefined || known.has(short) || stated.has(issue.number) || young) continue;
      if (!dryRun && !(await writeIssue(github, issue.number, { state: "closed", state_reason: "not_planned" }))) continue;
      note(`board #${issue.number}`);
    }
    for (const label of labels) {
      const closed = issues.every((issue) => !issue.labels.includes(label) || report.orphans.includes(`board #${issue.number}`));
      if (known.has(label.slice("commit-".length)) || !closed) continue;
      if (dryRun || (await github.remove("DELETE /repos/{owner}/{repo}/labels/{name}", { name: label }))) note(`label ${label}`);
    }
  }
  for (const [branch, head] of mirror.branches) {
    const short = shaOfFixBranch(branch);
    if (short === undefined || known.has(short) || context.openPulls.some((pull) => pull.branch === branch)) continue;
    const merged = (await listPulls(github, branch)).find(({ state }) => state === "merged");
    if (merged?.head !== head || !(await isOurs(context, head))) continue;
    if (dryRun || (await mirror.removeBranch(branch, head)).removed) note(`branch ${branch}`);
  }
}

/** A fix of ours says so, and nothing of a person's stands on it. */
async function isOurs({ github }: SweepContext, sha: string): Promise<boolean> {
  const commit = await githubRefs(github, sha).commit(sha);
  return trailersOf(commit?.message ?? "") !== undefined;
}
