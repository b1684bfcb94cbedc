/**
 * What all scripts share on the command line: flags, exit codes, one line for an error, Ctrl-C.
 *
 * Exit 0: did its job. 1: the answer is "no". 2: called wrongly. 3: GitHub or the model would not answer. 130: Ctrl-C.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { Denied, Unavailable } from "../ledger.ts";
import { logLine, runnerCommand } from "../neutralize.ts";
import { knownRedactor, secretValues } from "../redact.ts";

/** Called wrongly: one line, exit 2. */
export class CallError extends Error {
  override name = "CallError";
}

/** The answer is "no": exit 1, after everything was said. */
export class AnswerNo extends Error {
  override name = "AnswerNo";
}

/** A command in our manner: named, with one real example in its help. */
export function command(name: string, description: string, example: string): Command {
  return new Command(name)
    .description(description)
    .addHelpText("after", `\nExample:\n  ${example}`)
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
}

/** A number in a range, for `option()`. */
export function numberIn(low: number, high: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number) || number < low || number > high)
      throw new CallError(`"${value}" is not a number from ${low} to ${high}`);
    return number;
  };
}

/** A whole number in a range, for `option()`. */
export function wholeIn(low: number, high: number): (value: string) => number {
  return (value) => {
    if (!/^\d+$/.test(value.trim()) || Number(value) < low || Number(value) > high)
      throw new CallError(`"${value}" is not a whole number from ${low} to ${high}`);
    return Number(value);
  };
}

/** `500ms`, `5s`, `2m`, `1h` or a plain number of seconds, as milliseconds. */
export function duration(value: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(value.trim()) ?? [];
  if (amount === undefined) throw new CallError(`"${value}" is not a duration (for example 500ms, 5s, 2m)`);
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 1000;
  return Number(amount) * unitMs;
}

/** @param interrupted by a signal; else the process has come to its end, good or bad */
type Cleanup = (interrupted: boolean) => Promise<void> | void;
const cleanups: Cleanup[] = [];

/** Runs at the end of the process, also after Ctrl-C, last one first; the returned function takes it back. */
export function onExit(cleanup: Cleanup): () => void {
  cleanups.push(cleanup);
  return () => {
    const index = cleanups.indexOf(cleanup);
    if (index >= 0) cleanups.splice(index, 1);
  };
}

/** Runs a script's main function and turns whatever it throws into one line and an exit code. */
export async function main(run: (argv: readonly string[]) => Promise<void>): Promise<never> {
  let interrupted = false;
  const interrupt = async () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    process.stderr.write("\nfixonce: interrupted, cleaning up (again to stop at once)\n");
    await cleanUp(true);
    process.exit(130);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  let code = 0;
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    code = codeOf(error);
    if (interrupted) await new Promise(() => {});
    const line = lineOf(error);
    if (line !== "") process.stderr.write(process.env.GITHUB_ACTIONS && code > 1 ? runnerCommand("error", line) : `fixonce: ${line}\n`);
    if (process.env.RUNNER_DEBUG === "1" && error instanceof Error)
      process.stderr.write(runnerCommand("debug", knownRedactor(secretValues(process.env))(error.stack ?? "")));
  }
  if (interrupted) await new Promise(() => {});
  await cleanUp(false);
  await flushed();
  process.exit(code);
}

/** `process.exit()` drops what a slow reader has not taken yet; one who takes nothing is not waited for. */
async function flushed(): Promise<void> {
  const end = (stream: NodeJS.WriteStream) => new Promise<void>((done) => void stream.end(() => done()));
  await Promise.race([Promise.all([end(process.stdout), end(process.stderr)]), Bun.sleep(5000)]);
}

async function cleanUp(interrupted: boolean): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup(interrupted);
    } catch (error) {
      process.stderr.write(`fixonce: ${lineOf(error)}\n`);
    }
  }
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof AnswerNo) return 1;
  if (error instanceof CallError || error instanceof Denied) return 2;
  if (error instanceof Unavailable) return 3;
  return error instanceof Error && error.name.startsWith("GitMissing") ? 2 : 3;
}

function lineOf(error: unknown): string {
  if (error instanceof CommanderError && error.exitCode === 0) return "";
  const message = error instanceof Error ? error.message : String(error);
  // Masked before it is cut: half a secret is still one.
  return logLine(knownRedactor(secretValues(process.env))(message).replace(/^error: /, ""), { max: 500 });
}
