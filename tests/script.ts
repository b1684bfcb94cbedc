/**
 * Runs a script of ours as a process against the sandbox, with nothing of this machine's environment but the PATH.
 *
 * @module
 */
import { join } from "node:path";
import type { Scene } from "./sandbox.ts";

/** What every step has in its environment: the way to its repository, and a home of its own. */
export function stepEnvironment(place: {
  readonly repository?: string;
  readonly url: string;
  readonly token: string;
  readonly home: string;
}): Record<string, string> {
  const { repository = "acme/app", url, token, home } = place;
  return {
    ...{ PATH: process.env.PATH ?? "", HOME: home },
    ...{ GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token, GITHUB_API_URL: url, GITHUB_SERVER_URL: url },
  };
}

/** Starts a script of ours with this environment and no other. */
export function startScript(
  script: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly detached?: boolean },
) {
  return Bun.spawn([process.execPath, "run", join(import.meta.dir, `../scripts/${script}.ts`), ...args], {
    ...{ ...options, env: { ...options.env }, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
}

/** Signals a process alone, as soon as something is so: within a minute, and while it lives. */
export async function signalWhen(child: Bun.Subprocess, name: NodeJS.Signals, when: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && child.exitCode === null && child.signalCode === null; i++, await Bun.sleep(20))
    if (when()) return child.kill(name);
}

export type Ran = { readonly code: number; readonly out: string; readonly said: string; json(): Record<string, unknown> };

export async function runScript(
  at: Scene,
  script: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { url } = at.github;
  const env = { ...stepEnvironment({ url, token: at.token, home: at.folder }), ...more };
  const child = startScript(script, args, { cwd: at.folder, env });
  const [out, said, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, out, said, json: () => JSON.parse(out) as Record<string, unknown> };
}
