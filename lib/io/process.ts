/**
 * Run a project's own command on code that a model changed: without credentials, with a deadline, and gone with all of its children.
 *
 * @module
 */
import { isSecretName } from "../redact.ts";

export type CommandResult = { readonly kind: "passed" | "failed" | "timeout"; readonly output: string };

const KEPT_CHARS = 200_000;

/** What a command must not inherit beside secrets: what is the model's or the runner's, and the files through which a step talks to the runner. */
const WITHHELD =
  /^(ANTHROPIC_|ACTIONS_|INPUT_|GITHUB_(ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$|GIT_(DIR|INDEX_FILE|WORK_TREE|ASKPASS|CONFIG_PARAMETERS)$)/i;

/** The environment without credentials. */
export function withoutCredentials(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || isSecretName(name) || WITHHELD.test(name) ? [] : [[name, value]],
    ),
  );
}

/** Somebody who reads along; what it returns is waited for. */
type Reader = (chunk: Uint8Array, from: "stdout" | "stderr") => unknown;

/** A command that runs: without credentials or input, and in a process group of its own, so that its end reaches every child. */
export type Started = {
  /** Its exit code, once it, its children and what they wrote are through. */
  readonly ended: Promise<number>;
  /** Ends it with its children; false where it had ended by itself. */
  readonly kill: () => boolean;
};

/** How long output may pause when the command has ended: `tee` behind a substitution is not through yet, a server never will be. */
const LINGER_MS = 1_000;
/** A minute of such pauses: what was written before the end may take so long to read, and no more. */
const MAX_LINGERS = 60;

/** Starts `command` in `folder`; throws the system's error where there is no such command. */
export function startCommand(
  command: readonly string[],
  options: { readonly folder: string; readonly environment: Readonly<Record<string, string | undefined>>; readonly read: Reader },
): Started {
  const child = Bun.spawn([...command], {
    cwd: options.folder,
    env: withoutCredentials(options.environment),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  const kill = (): boolean => {
    const running = child.exitCode === null && child.signalCode === null;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
    return running;
  };
  return { ended: endOf(child, kill, options.read), kill };
}

async function endOf(child: Bun.Subprocess<"ignore", "pipe", "pipe">, kill: () => boolean, read: Reader): Promise<number> {
  const streams = [copyOf(child.stdout, (chunk) => read(chunk, "stdout")), copyOf(child.stderr, (chunk) => read(chunk, "stderr"))] as const;
  const all = Promise.all(streams.map(({ through }) => through));
  try {
    const code = await Promise.race([child.exited, all.then(() => child.exited)]);
    await Promise.race([all, Bun.sleep(LINGER_MS)]);
    return code;
  } finally {
    kill();
    // A child that left the group as well may hold the pipes open: it is not waited for.
    await Promise.all(streams.map(({ stop }) => stop()));
  }
}

/** Hands on what a stream brings; `stop` waits until it brings no more, and resolves whatever became of it. */
function copyOf(stream: ReadableStream<Uint8Array>, read: (chunk: Uint8Array) => unknown) {
  let [chunks, reading] = [0, false];
  const reader = stream.getReader();
  const copy = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      chunks += 1;
      reading = true;
      await read(value);
      reading = false;
    }
  };
  const through = copy();
  const stop = async (): Promise<void> => {
    const settled = through.then(() => true).catch(() => true);
    for (let lingers = 0; lingers < MAX_LINGERS; lingers += 1) {
      const before = chunks;
      if (await Promise.race([settled, Bun.sleep(LINGER_MS).then(() => false)])) return;
      if (chunks === before && !reading) break;
    }
    await reader.cancel().catch(() => {});
  };
  return { through, stop };
}

/** Run `command` in `folder`; on the deadline or the signal its whole process group ends. */
export async function runCommand(
  command: readonly string[],
  options: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<CommandResult> {
  const tails = { stdout: keepTail(), stderr: keepTail() };
  let started: Started;
  try {
    started = startCommand(command, { ...options, read: (chunk, from) => tails[from].add(chunk) });
  } catch (error) {
    return { kind: "failed", output: `Cannot start ${command[0]}: ${error instanceof Error ? error.message : "unknown"}` };
  }
  const { kill } = started;
  let late = false;
  const end = (): void => {
    late = kill() || late;
  };
  const timer = setTimeout(end, options.timeoutMs);
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  try {
    const code = await started.ended;
    const output = `${tails.stdout.text()}${tails.stderr.text()}`.slice(-KEPT_CHARS);
    return { kind: late ? "timeout" : code === 0 ? "passed" : "failed", output };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", end);
  }
}

function keepTail(): { readonly add: (chunk: Uint8Array) => void; readonly text: () => string } {
  const decoder = new TextDecoder();
  let text = "";
  const add = (chunk: Uint8Array): void => {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-KEPT_CHARS);
  };
  return { add, text: () => text };
}
