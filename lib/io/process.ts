/**
 * Run a project's own command on code that a model changed: without credentials, with a deadline, and gone with all of its children.
 *
 * @module
 */

export type CommandResult = { readonly kind: "passed" | "failed" | "timeout"; readonly output: string };

const KEPT_CHARS = 200_000;

/** What a command must not inherit: anything that is a credential by its name, and the files through which a step talks to the runner. */
const CREDENTIAL =
  /(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_KEY$|_PAT$|WEBHOOK|COOKIE)|^(ANTHROPIC_|ACTIONS_|INPUT_|SSH_AUTH_SOCK$|GITHUB_(ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$|GIT_(DIR|INDEX_FILE|WORK_TREE|ASKPASS|CONFIG_PARAMETERS)$)/i;

/** The environment without credentials. */
export function withoutCredentials(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined || CREDENTIAL.test(name) ? [] : [[name, value]])),
  );
}

/** A command that runs: without credentials or input, and in a process group of its own, so that its end reaches every child. */
export type Started = { readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">; readonly kill: () => void };

/** Starts `command` in `folder`; throws the system's error where there is no such command. */
export function startCommand(
  command: readonly string[],
  options: { readonly folder: string; readonly environment: Readonly<Record<string, string | undefined>> },
): Started {
  const child = Bun.spawn([...command], {
    cwd: options.folder,
    env: withoutCredentials(options.environment),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  const kill = (): void => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  };
  return { child, kill };
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
  let started: Started;
  try {
    started = startCommand(command, options);
  } catch (error) {
    return { kind: "failed", output: `Cannot start ${command[0]}: ${error instanceof Error ? error.message : "unknown"}` };
  }
  const { child, kill } = started;
  let ended = false;
  const end = (): void => {
    ended = true;
    kill();
  };
  const timer = setTimeout(end, options.timeoutMs);
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  try {
    const [out, err, code] = await Promise.all([tailOf(child.stdout), tailOf(child.stderr), child.exited]);
    return { kind: ended ? "timeout" : code === 0 ? "passed" : "failed", output: `${out}${err}`.slice(-KEPT_CHARS) };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", end);
  }
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text = (text + decoder.decode(chunk, { stream: true })).slice(-KEPT_CHARS);
  return text;
}
