/**
 * Pull requests follow their branches, whoever moves those, by push or by request: merged where the base has taken in the head, closed
 * where the head or the base is gone.
 *
 * Merged by a push: docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges.
 * That a deleted branch closes its pull requests is seen on GitHub, and not documented.
 *
 * @module
 */
import { isAncestor } from "./commits.ts";
import { latest } from "./history.ts";
import { isPull, type PullIssue } from "./pullshape.ts";
import type { Repository } from "./repository.ts";

/** Who moved a branch, when by the server's own clock (`now`) and when by that of the histories (`at`), in ms. */
export type Mover = { readonly login: string; readonly now: number; readonly at: number };

/** Brings the open pull requests in line with refs that were moved or deleted. */
export function followPulls(repo: Repository, names: readonly string[], mover: Mover): void {
  for (const [, issue] of repo.issues.entries(latest)) {
    if (issue.state !== "open" || !isPull(issue)) continue;
    const { head, base, headRepository } = issue.pull;
    const own = headRepository === undefined && names.includes(`refs/heads/${head}`);
    if (own || names.includes(`refs/heads/${base}`)) follow(repo, issue, mover);
  }
}

function follow(repo: Repository, issue: PullIssue, { login, now, at }: Mover): void {
  const { pull, number } = issue;
  const kept = repo.refs.read(`refs/pull/${number}/head`) ?? pull.headSha;
  const branch = pull.headRepository === undefined ? repo.refs.read(`refs/heads/${pull.head}`) : kept;
  const headSha = branch ?? kept;
  const base = repo.refs.read(`refs/heads/${pull.base}`);
  if (headSha !== kept) repo.refs.update(`refs/pull/${number}/head`, kept, headSha);
  const merged = base !== undefined && isAncestor(repo.objects, headSha, base);
  if (!merged && branch !== undefined && base !== undefined) return;
  const baseSha = merged ? pull.baseSha : (base ?? pull.baseSha);
  const merge = merged && { mergedAt: now, mergedBy: login, mergeSha: base };
  const ended = { state: "closed", updatedAt: now, closedAt: now, closedBy: login } as const;
  repo.issues.set(number, { ...issue, ...ended, pull: { ...pull, headSha, baseSha, ...merge } }, at);
}
