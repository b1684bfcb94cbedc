/**
 * A flavor's own command: streamed to the console and a log, without credentials, with a deadline, and gone with all its children.
 *
 * @module
 */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { CallError, onExit } from "./command.ts";
import { type Started, startCommand } from "./process.ts";

export type LoggedOptions = {
  readonly folder: string;
  readonly log: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Runs `command` and returns its exit code; 124 where the deadline ended it, as timeout(1) has it. */
export async function runLogged(command: readonly string[], options: LoggedOptions): Promise<number> {
  const log = createWriteStream(options.log);
  const read = async (chunk: Uint8Array): Promise<void> => {
    process.stderr.write(chunk);
    if (!log.write(chunk)) await once(log, "drain");
  };
  let started: Started;
  try {
    await once(log, "open");
    started = startCommand(command, { ...options, read });
  } catch (error) {
    throw new CallError(`Cannot run ${command[0]}: ${error instanceof Error ? error.message : error}`);
  }
  const { ended, kill } = started;
  let interrupted = false;
  const forget = onExit(() => {
    interrupted = true;
    kill();
  });
  let late = false;
  const timer = setTimeout(() => {
    late = kill();
  }, options.timeoutMs);
  const code = await ended;
  clearTimeout(timer);
  // A command that we ended ourselves says nothing about the code; the process ends now.
  if (interrupted) await new Promise(() => {});
  forget();
  if (late) log.write(`fixonce: the command was ended after ${options.timeoutMs / 1000} s (time-out)\n`);
  await new Promise((resolve) => log.end(resolve));
  return late ? 124 : code;
}
