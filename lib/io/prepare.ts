/**
 * A checked patch as commits: the fix on its base, and the outcome on the fix. Made from objects alone, the working tree is not touched.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Change } from "../edits.ts";
import { explainReasons, guardChanges } from "../guard.ts";
import { neutralizeLine } from "../neutralize.ts";
import type { OutcomePayload } from "../payload.ts";
import type { Prepared } from "../publish.ts";
import { refName } from "../refs.ts";
import type { Git } from "./git.ts";

export type Preparation = {
  /** Patch file for `git apply`. */
  readonly patch: string;
  /** What the patch was made against: the failing commit. */
  readonly source: string;
  /** What the fix stands on: the failing commit, or the earlier fix that this one replaces. */
  readonly base: string;
  readonly branch: string;
  readonly message: { readonly title: string; readonly body: string; readonly coordination: string; readonly claim: number };
  readonly payload: OutcomePayload;
};

/** Commits a patch and its outcome locally, after the guard has read what the patch really changes; or says why not. */
export async function prepareFix(git: Git, preparation: Preparation): Promise<Prepared | { readonly refused: string }> {
  const { source, base, branch, message, payload } = preparation;
  const scratch = await mkdtemp(join(tmpdir(), "fixonce-"));
  try {
    for (const sha of [source, base]) if (!(await git.ensure(sha))) return { refused: `commit ${sha.slice(0, 7)} cannot be fetched` };
    const indexed = git.within({ GIT_INDEX_FILE: join(scratch, "index") });
    await indexed.must("read-tree", source);
    const applied = await indexed.run("apply", "--cached", "--whitespace=nowarn", resolve(preparation.patch));
    if (applied.code !== 0) return { refused: `it does not apply to ${source.slice(0, 7)}: ${applied.stderr.trim().split("\n")[0]}` };
    const tree = await indexed.must("write-tree");
    const guarded = guardChanges(await changesOf(git, source, tree));
    if (guarded.kind !== "allowed") return { refused: explainReasons(guarded.reasons) };
    const body = message.body.trim().split("\n").slice(0, 40);
    const text = `${neutralizeLine(message.title)}\n\n${body.map((line) => neutralizeLine(line, { max: 500 })).join("\n")}\n\nFixonce-Coordination: ${message.coordination}\nFixonce-Claim: ${message.claim}`;
    const fix = await git.commitTree(tree, [base], text);
    const outcome = await git.commitTree(tree, [fix], JSON.stringify({ ...payload, fix }));
    const ref = refName(message.coordination, { kind: "outcome", n: message.claim });
    return { payload: { ...payload, fix }, outcome, ref, fix, base, branch };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
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
