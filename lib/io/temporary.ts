/**
 * Folders for the time of a piece of work. On a runner they lie in its own temporary folder, which it empties with every job: what a kill
 * leaves does not pile up on a machine that stays.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables (RUNNER_TEMP)
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onExit } from "./command.ts";

export type TemporaryFolder = AsyncDisposable & { readonly path: string };

/** Where they lie. */
export function temporaryRoot({ RUNNER_TEMP }: Readonly<Record<string, string | undefined>> = process.env): string {
  return RUNNER_TEMP || tmpdir();
}

/** A new folder, gone when it is disposed of; whoever owns it sees to that after Ctrl-C, too. */
export async function ownFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(temporaryRoot(), "fixonce-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A new folder, gone when it is disposed of, and on Ctrl-C. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await ownFolder();
  const remove = async () => folder[Symbol.asyncDispose]();
  const forget = onExit(remove);
  return {
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      forget();
      await remove();
    },
  };
}
