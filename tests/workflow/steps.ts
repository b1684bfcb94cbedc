/**
 * The steps of a job, one after the other, as real processes with the files and variables that a runner gives them.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { JobStep } from "../../lib/sandbox/repository.ts";
import { act, localAction, type Place } from "./actions.ts";
import { allows, type Contexts, type Json, resolve, type Status, textOf } from "./expressions.ts";
import { type Step, stepSchema } from "./plan.ts";

export type StepsOptions = {
  readonly steps: readonly Step[];
  readonly contexts: Contexts;
  readonly place: Place;
  /** A folder of the job's own for scripts and command files. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Hears every piece of the job's log. */
  readonly log: (text: string) => void;
  /** Folder of this repository: our own action. */
  readonly ours: string;
};

export type Outcome = { readonly outcome: string; readonly conclusion: string; readonly outputs: Readonly<Record<string, string>> };
export type StepsResult = {
  readonly status: Status;
  readonly steps: Readonly<Record<string, Outcome>>;
  readonly ran: readonly string[];
  /** As the API tells of them. */
  readonly told: readonly JobStep[];
};

const actionSchema = z.looseObject({
  inputs: z.record(z.string(), z.looseObject({ default: z.union([z.string(), z.boolean(), z.number()]).optional() })).default({}),
  outputs: z.record(z.string(), z.looseObject({ value: z.string() })).default({}),
  runs: z.looseObject({ using: z.literal("composite"), steps: z.array(stepSchema) }),
});

let counter = 0;

/** Runs steps; `ran` are the names of those that were not skipped. */
export async function runSteps(options: StepsOptions): Promise<StepsResult> {
  const outcomes: Record<string, Outcome> = {};
  const ran: string[] = [];
  const told: JobStep[] = [];
  let status: Status = "success";
  const changed: Record<string, string> = {};
  for (const step of options.steps) {
    const job = { ...(options.contexts.job as object), status };
    const base: Contexts = { ...options.contexts, job, steps: outcomes, env: { ...options.env, ...changed } };
    const name = step.name ?? step.id ?? step.uses ?? step.run?.split("\n")[0] ?? "";
    if (!allows(step.if, base, status)) {
      told.push({ name, conclusion: "skipped" });
      if (step.id !== undefined) outcomes[step.id] = { outcome: "skipped", conclusion: "skipped", outputs: {} };
      continue;
    }
    ran.push(name);
    const own = Object.fromEntries(Object.entries(step.env).map(([key, value]) => [key, textOf(resolve(value, base, status))]));
    const env = { ...options.env, ...changed, ...own };
    const contexts: Contexts = { ...base, env };
    const done = step.uses === undefined ? await runScript(step, contexts, env, options) : await runAction(step, contexts, env, options);
    Object.assign(changed, done.environment);
    const outcome = done.code === 0 ? "success" : "failure";
    const forgiven = outcome === "failure" && resolve(step["continue-on-error"] ?? false, contexts) === true;
    if (outcome === "failure") options.log(`##[error]Process completed with exit code ${done.code}.\n`);
    if (outcome === "failure" && !forgiven) status = "failure";
    const conclusion = forgiven ? "success" : outcome;
    told.push({ name, conclusion });
    if (step.id !== undefined) outcomes[step.id] = { outcome, conclusion, outputs: done.outputs };
    ran.push(...done.ran.map((inner) => `${name} / ${inner}`));
  }
  return { status, steps: outcomes, ran, told };
}

type Done = {
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly ran: readonly string[];
};

async function runScript(step: Step, contexts: Contexts, env: Readonly<Record<string, string>>, options: StepsOptions): Promise<Done> {
  const folder = join(options.folder, `step-${++counter}`);
  mkdirSync(folder, { recursive: true });
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_ENV: join(folder, "env"), GITHUB_PATH: join(folder, "path") };
  for (const path of Object.values(files)) writeFileSync(path, "");
  const script = join(folder, "script.sh");
  writeFileSync(script, textOf(resolve(step.run ?? "", contexts)));
  const shell = {
    bash: ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
    "": ["bash", "-e", script],
    sh: ["sh", "-e", script],
  }[step.shell ?? ""];
  if (shell === undefined) throw new Error(`Cannot run a step with shell ${step.shell}: it is not on this machine`);
  options.log(`##[group]Run ${(step.run ?? "").split("\n")[0]}\n##[endgroup]\n`);
  const cwd = resolvePath(options.place.workspace, textOf(resolve(step["working-directory"] ?? "", contexts)) || ".");
  const child = Bun.spawn(shell, { cwd, env: { ...env, ...files }, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const piece of stream) options.log(decoder.decode(piece, { stream: true }));
  };
  await Promise.all([read(child.stdout), read(child.stderr)]);
  const code = await child.exited;
  return { code, outputs: parseFile(files.GITHUB_OUTPUT), environment: parseFile(files.GITHUB_ENV), ran: [] };
}

async function runAction(step: Step, contexts: Contexts, env: Readonly<Record<string, string>>, options: StepsOptions): Promise<Done> {
  const uses = step.uses ?? "";
  const inputs = resolve(step.with, contexts) as Record<string, Json>;
  const local = localAction(uses, options.place.workspace, options.ours);
  if (local === undefined) {
    const { code, log, outputs = {} } = await act(uses, inputs, { ...options.place, environment: env });
    if (log !== "") options.log(log);
    return { code, outputs, environment: {}, ran: [] };
  }
  const action = actionSchema.parse(parse(readFileSync(join(local, "action.yml"), "utf8")));
  const { github: outer = {}, strategy = {}, matrix = {}, job = {}, runner = {} } = contexts;
  const forDefaults = { github: outer, strategy, matrix, job, runner };
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, textOf(resolve(input.default ?? "", forDefaults))]),
  );
  const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, textOf(value)]));
  const github = { ...(outer as object), action_path: local };
  const inner: Contexts = { ...contexts, github, inputs: { ...defaults, ...given } };
  const { status, steps, ran } = await runSteps({
    ...options,
    steps: action.runs.steps,
    contexts: inner,
    env: { ...env, GITHUB_ACTION_PATH: local },
  });
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, textOf(resolve(value, { ...inner, steps }))]),
  );
  return { code: status === "success" ? 0 : 1, outputs, environment: {}, ran };
}

/** `name=value`, or `name<<delimiter` with the value on the lines up to the delimiter. */
function parseFile(path: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const lines = existsSync(path) ? readFileSync(path, "utf8").split(/\r?\n/) : [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, i + 1);
      values[name] = lines.slice(i + 1, end).join("\n");
      i = end;
    } else if (line.includes("=")) values[line.slice(0, line.indexOf("="))] = line.slice(line.indexOf("=") + 1);
  }
  return values;
}
