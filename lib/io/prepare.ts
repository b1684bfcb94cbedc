/**
 * A checked patch as commits: the fix on its base, and the outcome on the fix. Made from objects alone, the working tree is not touched.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Change } from "../edits.ts";
import { explainReasons, type GuardPolicy, guardChanges } from "../guard.ts";
import { type FixMessage, fixMessage } from "../leaving.ts";
import type { OutcomePayload } from "../payload.ts";
import type { Prepared } from "../publish.ts";
import { addsSecret } from "../redact.ts";
import { refName } from "../refs.ts";
import type { Git } from "./git.ts";
import { inScratch } from "./scratch.ts";

export type Preparation = {
  /** Patch file for `git apply`. */
  readonly patch: string;
  /** What the patch was made against: the failing commit. */
  readonly source: string;
  /** What the fix stands on: the failing commit, or the earlier fix that this one replaces. */
  readonly base: string;
  readonly branch: string;
  readonly message: FixMessage;
  readonly payload: OutcomePayload;
  /** The same that analyze.ts judged by. */
  readonly guard: GuardPolicy;
  /** Masks this step's secrets, which are others than the analysis knew, and whatever looks like a token. */
  readonly redact: (text: string) => Promise<string>;
};

/** Commits a patch and its outcome locally, after the guard has read what the patch really changes; or says why not. */
export async function prepareFix(git: Git, preparation: Preparation): Promise<Prepared | { readonly refused: string }> {
  const { source, base, branch, message, payload } = preparation;
  return inScratch(git, source, async (indexed) => {
    const applied = await indexed.run("apply", "--cached", "--whitespace=nowarn", resolve(preparation.patch));
    if (applied.code !== 0) return { refused: `it does not apply to ${source.slice(0, 7)}: ${applied.stderr.trim().split("\n")[0]}` };
    const tree = await indexed.must("write-tree");
    const changes = await changesOf(git, source, tree);
    const guarded = guardChanges(changes, preparation.guard);
    if (guarded.kind !== "allowed") return { refused: explainReasons(guarded.reasons) };
    if (await addsSecret(changes, preparation.redact)) return { refused: "the change carries what looks like a secret" };
    const fix = await git.commitTree(tree, [base], fixMessage(message));
    const outcome = await git.commitTree(tree, [fix], JSON.stringify({ ...payload, fix }));
    const ref = refName(message.coordination, { kind: "outcome", n: message.claim });
    return { payload: { ...payload, fix }, outcome, ref, fix, base, branch };
  });
}

/** Every file that differs between two trees, with its texts and modes. */
async function changesOf(git: Git, base: string, tree: string): Promise<readonly Change[]> {
  const fields = (await git.must("diff-tree", "-r", "-z", "--no-renames", base, tree)).split("\0");
  const changes: Change[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [beforeMode = "", mode = "", before = "", after = ""] = (fields[i] ?? "").slice(1).split(" ");
    const text = async (sha: string) => (/^0+$/.test(sha) ? null : (await git.run("cat-file", "blob", sha)).stdout);
    changes.push({ path: fields[i + 1] ?? "", before: await text(before), after: await text(after), beforeMode, mode });
  }
  return changes;
}
