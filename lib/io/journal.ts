/**
 * What an analysis has paid for so far, on disk before and after every request: a process that is killed loses its answer, never its bill.
 *
 * A request that was under way when the process died counts with its worst case, as nobody knows what was billed: an estimate, and for a
 * budget the only safe one.
 *
 * @module
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { NO_USAGE, type Turn } from "../cost.ts";

const count = z.number().min(0);
const turnSchema = z.object({
  model: z.string(),
  usage: z.object({
    inputTokens: count,
    outputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    requests: count,
    estimated: z.boolean(),
  }),
});
const journalSchema = z.object({
  /** Which analysis it is of. */
  of: z.string(),
  turns: z.array(turnSchema),
  pending: turnSchema.nullable(),
});

const NAME = "spent.json";

export type Request = { readonly model: string; readonly promptTokens: number; readonly maxTokens: number };

export type Journal = {
  /** What an earlier process paid for the same analysis. */
  readonly before: readonly Turn[];
  /** A request is about to be sent. */
  begin(turns: readonly Turn[], request: Request): Promise<void>;
  /** It has ended, and these are all turns. */
  end(turns: readonly Turn[]): Promise<void>;
};

/** The report has it all: nothing is left to remember. */
export async function closeJournal(folder: string): Promise<void> {
  await rm(join(folder, NAME), { force: true });
}

/** Opens the journal in `folder`; what another analysis left there is forgotten. */
export async function openJournal(folder: string, of: string): Promise<Journal> {
  const path = join(folder, NAME);
  await mkdir(folder, { recursive: true });
  const write = async (turns: readonly Turn[], pending: Turn | null) => {
    await writeFile(`${path}.tmp`, JSON.stringify({ of, turns, pending }));
    await rename(`${path}.tmp`, path);
  };
  return {
    before: await readBefore(path, of),
    begin: (turns, { model, promptTokens, maxTokens }) =>
      write(turns, {
        model,
        usage: { ...NO_USAGE, cacheWriteTokens: promptTokens, outputTokens: maxTokens, requests: 1, estimated: true },
      }),
    end: (turns) => write(turns, null),
  };
}

async function readBefore(path: string, of: string): Promise<readonly Turn[]> {
  try {
    const journal = journalSchema.parse(JSON.parse(await readFile(path, "utf8")));
    if (journal.of !== of) return [];
    return journal.pending === null ? journal.turns : [...journal.turns, journal.pending];
  } catch {
    return [];
  }
}
