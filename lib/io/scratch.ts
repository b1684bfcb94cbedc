/**
 * A commit's tree in an index of its own: patches are tried and trees are made there, and the checkout stays as it is.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Git } from "./git.ts";

/** @param work gets a git with the index, and a folder that goes with it */
export async function inScratch<T>(git: Git, commit: string, work: (indexed: Git, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "fixonce-"));
  try {
    const indexed = git.within({ GIT_INDEX_FILE: join(folder, "index") });
    await indexed.must("read-tree", commit);
    return await work(indexed, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
