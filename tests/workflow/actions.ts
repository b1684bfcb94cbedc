/**
 * The actions that our templates use, as what they do: a real clone, a folder of artifacts. Any other one is refused.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Json, textOf } from "./expressions.ts";

export type Place = {
  readonly workspace: string;
  /** Where the run's artifacts are. */
  readonly artifacts: string;
  readonly gitUrl: string;
  readonly sha: string;
  readonly token: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A token of the App that the repository has installed. */
  readonly mint: (permissions: Readonly<Record<string, string>>) => string;
};
export type Acted = { readonly code: number; readonly log: string; readonly outputs?: Readonly<Record<string, string>> };

/** How a workflow names the action of this repository. */
export const ourAction = `fixonce/fixonce@${"0".repeat(40)}`;

type Inputs = Readonly<Record<string, Json>>;

/** Does what an action does; its exit code and what it says. */
export async function act(uses: string, inputs: Inputs, place: Place): Promise<Acted> {
  const [name, version = ""] = uses.split("@");
  if (!/^[0-9a-f]{40}$/.test(version)) return { code: 1, log: `Cannot use ${uses}: it is not pinned by SHA\n` };
  if (name === "oven-sh/setup-bun") return { code: 0, log: "" };
  if (name === "actions/checkout") return checkout(inputs, place);
  if (name === "actions/upload-artifact") return upload(inputs, place);
  if (name === "actions/download-artifact") return download(inputs, place);
  if (name === "actions/create-github-app-token") return mint(inputs, place);
  return { code: 1, log: `Cannot use ${uses}: unknown here\n` };
}

function mint(inputs: Inputs, place: Place): Acted {
  if (!textOf(inputs["client-id"]) || !textOf(inputs["private-key"])) return { code: 1, log: "The 'client-id' input must be set\n" };
  const asked = Object.entries(inputs).filter(([name]) => name.startsWith("permission-"));
  const permissions = Object.fromEntries(asked.map(([name, level]) => [name.slice("permission-".length), textOf(level)]));
  return { code: 0, log: "", outputs: { token: place.mint(permissions) } };
}

async function checkout(inputs: Inputs, { workspace, gitUrl, sha, token, environment }: Place) {
  const folder = resolve(workspace, textOf(inputs.path) || ".");
  mkdirSync(folder, { recursive: true });
  const auth = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${textOf(inputs.token) || token}`).toString("base64")}`;
  const depth = inputs["fetch-depth"] === undefined ? "1" : textOf(inputs["fetch-depth"]);
  const config = {
    ...environment,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraheader",
    GIT_CONFIG_VALUE_0: auth,
    GIT_TERMINAL_PROMPT: "0",
  };
  const commands = [
    ["init", "--quiet"],
    ["remote", "add", "origin", gitUrl],
    ["fetch", "--quiet", ...(depth === "0" ? [] : ["--depth", depth]), "origin", textOf(inputs.ref) || sha],
    ["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"],
    ...(inputs["persist-credentials"] === false ? [] : [["config", "http.extraheader", auth]]),
  ];
  for (const command of commands) {
    const git = Bun.spawn(["git", ...command], { cwd: folder, env: config, stdout: "ignore", stderr: "pipe" });
    const log = await git.stderr.text();
    const code = await git.exited;
    if (code !== 0) return { code, log: `git ${command[0]}: ${log}` };
  }
  return { code: 0, log: "" };
}

function upload(inputs: Inputs, { workspace, artifacts }: Place) {
  const target = join(artifacts, textOf(inputs.name) || "artifact");
  const paths = textOf(inputs.path)
    .split("\n")
    .map((path) => path.trim())
    .filter((path) => path !== "" && existsSync(resolve(workspace, path)));
  if (paths.length === 0)
    return { code: inputs["if-no-files-found"] === "error" ? 1 : 0, log: "No files were found with the provided path\n" };
  if (existsSync(target)) return { code: 1, log: "Conflict: an artifact with this name already exists on the workflow run\n" };
  mkdirSync(target, { recursive: true });
  const hidden = inputs["include-hidden-files"] === true;
  const filter = (path: string) => hidden || path === paths[0] || !basename(path).startsWith(".");
  // The root of an artifact is the folder that is common to all of its files.
  for (const path of paths.map((one) => resolve(workspace, one))) {
    const to = statSync(path).isDirectory() && paths.length === 1 ? target : join(target, basename(path));
    cpSync(path, to, { recursive: true, filter });
  }
  return { code: 0, log: "" };
}

function download(inputs: Inputs, { workspace, artifacts }: Place) {
  const folder = resolve(workspace, textOf(inputs.path) || ".");
  const [name, pattern] = [textOf(inputs.name), textOf(inputs.pattern)];
  const there = existsSync(artifacts) ? readdirSync(artifacts) : [];
  if (name !== "" && !there.includes(name))
    return { code: 1, log: `Unable to download artifact(s): Artifact not found for name: ${name}\n` };
  const chosen = name !== "" ? [name] : there.filter((one) => pattern === "" || new Bun.Glob(pattern).match(one));
  mkdirSync(folder, { recursive: true });
  for (const one of chosen)
    cpSync(join(artifacts, one), name !== "" || inputs["merge-multiple"] === true ? folder : join(folder, one), { recursive: true });
  return { code: 0, log: "" };
}

/** The folder of an action that lies in the repository or in this one: `./path`. */
export function localAction(uses: string, workspace: string, ours: string): string | undefined {
  if (uses === ourAction) return ours;
  return uses.startsWith("./") ? dirname(resolve(workspace, uses, "action.yml")) : undefined;
}
