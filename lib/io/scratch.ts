/**
 * A commit's tree in an index of its own: patches are tried and trees are made there, and the checkout stays as it is.
 *
 * @module
 */
import { join } from "node:path";
import type { Git } from "./git.ts";
import { temporaryFolder } from "./temporary.ts";

/** @param work gets a git with the index, and a folder that goes with it */
export async function inScratch<T>(git: Git, commit: string, work: (indexed: Git, folder: string) => Promise<T>): Promise<T> {
  await using folder = await temporaryFolder();
  const indexed = git.within({ GIT_INDEX_FILE: join(folder.path, "index") });
  await indexed.must("read-tree", commit);
  return await work(indexed, folder.path);
}
