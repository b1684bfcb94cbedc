/**
 * Runs a script of ours as a process against the sandbox, with nothing of this machine's environment but the PATH.
 *
 * @module
 */
import { join } from "node:path";
import type { Scene } from "./sandbox.ts";

export type Ran = { readonly code: number; readonly out: string; readonly said: string; json(): Record<string, unknown> };

export async function runScript(
  at: Scene,
  script: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { url } = at.github;
  const place = { GITHUB_REPOSITORY: "acme/app", GITHUB_TOKEN: at.token, GITHUB_API_URL: url, GITHUB_SERVER_URL: url };
  const child = Bun.spawn([process.execPath, "run", join(import.meta.dir, `../scripts/${script}.ts`), ...args], {
    cwd: at.folder,
    env: { PATH: process.env.PATH ?? "", HOME: at.folder, ...place, ...more },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, said, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, out, said, json: () => JSON.parse(out) as Record<string, unknown> };
}
