/**
 * What the repository's analyses have cost since midnight (UTC), read from the outcomes of all coordinations.
 *
 * One shallow fetch of commits alone into a scratch repository: whatever the number of coordinations it costs nothing of the API's hourly
 * limit, and the checkout stays as it is. Only asked where a budget for the day is set.
 *
 * @module
 */
import { Unavailable } from "../ledger.ts";
import { outcomeSchema, parsePayload } from "../payload.ts";
import { type GitOptions, openGit } from "./git.ts";
import { temporaryFolder } from "./temporary.ts";

/**
 * USD of the outcomes written since `since` (ms), those of `except` left out; one without a price counts as `assumedUsd`.
 * Analyses that are at work now are not in it: several commits that fail together can pass the budget by one analysis each.
 */
export async function dayUsd(
  options: Omit<GitOptions, "cwd">,
  { since, except, assumedUsd }: { readonly since: number; readonly except: string; readonly assumedUsd: number },
): Promise<number> {
  await using folder = await temporaryFolder();
  const git = openGit({ ...options, cwd: folder.path });
  await git.must("init", "--quiet", "--bare");
  const refs = "+refs/coordination/*:refs/coordination/*";
  const fetched = await git.run("fetch", "--quiet", "--depth=1", "--filter=tree:0", "--no-tags", "--no-auto-maintenance", git.url, refs);
  if (fetched.code !== 0) throw new Unavailable("Cannot read what was spent today: git fetch failed");
  const format = "--format=%(refname)%00%(committerdate:unix)%00%(contents)%00%01";
  const listed = await git.must("for-each-ref", format, "refs/coordination/");
  return listed.split("\0\x01").reduce((sum, entry) => {
    const [name = "", date = "", message = ""] = entry.trimStart().split("\0");
    if (!/\/outcomes\/\d+$/.test(name) || name.includes(`/${except}/`) || Number(date) * 1000 < since) return sum;
    const parsed = parsePayload(outcomeSchema, message);
    // A lost claim: its ref points to the claim itself, and nobody knows whether it paid.
    return sum + ("value" in parsed ? (parsed.value.costUsd ?? assumedUsd) : assumedUsd);
  }, 0);
}
