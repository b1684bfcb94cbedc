/**
 * Does the branch that a fix would go to have it already? Somebody may have repaired it, or merged it, while the model thought.
 *
 * Asked of git alone: the patch can be taken back from the branch's head, and cannot be applied to it. What cannot be read is no answer:
 * one draft too many is cheaper than a fix that is withheld.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Git } from "./git.ts";
import { inScratch } from "./scratch.ts";

/** The head of `branch`, where that commit has what the patch would do; `failing` has not. */
export async function commitWith(git: Git, patch: string, branch: string, failing: string): Promise<string | undefined> {
  const head = await headOf(git, branch);
  if (head === undefined || head === failing || !(await git.ensure(head))) return undefined;
  return inScratch(git, head, async (indexed) => {
    const applies = async (...how: readonly string[]) =>
      (await indexed.run("apply", "--cached", "--check", "--whitespace=nowarn", ...how, resolve(patch))).code === 0;
    return (await applies("--reverse")) && !(await applies()) ? head : undefined;
  });
}

/** Where a branch stands on the server; undefined where there is none, or no answer. */
async function headOf(git: Git, branch: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) await Bun.sleep(500 * attempt);
    const { code, stdout } = await git.run("ls-remote", git.url, `refs/heads/${branch}`);
    if (code === 0) return /^[0-9a-f]{40,64}(?=\t)/.exec(stdout)?.[0];
  }
  return undefined;
}
