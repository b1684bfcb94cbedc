/**
 * GitHub Actions around a step: what the environment says, and what a step says back.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * @module
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { flavorName } from "../flavor.ts";
import { logLine, neutralizeLine, runnerCommand } from "../neutralize.ts";
import type { Identity } from "../payload.ts";
import { knownRedactor, redactor, secretValues } from "../redact.ts";
import { CallError } from "./command.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The repository, and the way to it. */
export type Home = {
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  readonly apiUrl: string;
  readonly gitUrl: string;
  readonly serverUrl: string;
};

/** Where a step runs, and for which commit. */
export type Place = Home & {
  /** The head commit that the flavors build: of a pull request its head, not the merge commit. */
  readonly sha: string;
  readonly identity: Identity;
};

const eventSchema = z.object({
  pull_request: z.object({ head: z.object({ sha: z.string() }) }).optional(),
  workflow_run: z.object({ head_sha: z.string() }).optional(),
});

/** Flags that override what the environment says. */
export type PlaceFlags = { readonly repo?: string; readonly sha?: string; readonly flavor?: string };

/** Reads repository, commit, token and flavor; a missing one is a `CallError` that says which. */
export function placeOf(environment: Environment, flags: PlaceFlags = {}): Place {
  const home = homeOf(environment, flags);
  const sha = flags.sha ?? headOf(environment) ?? environment.GITHUB_SHA ?? "";
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw new CallError(sha === "" ? "No commit: set GITHUB_SHA or pass --sha" : `Not a full commit SHA: "${sha}"`);
  return { ...home, sha, identity: identityOf(environment, flags.flavor) };
}

/** Reads repository and token; a missing one is a `CallError` that says which. */
export function homeOf(environment: Environment, flags: Pick<PlaceFlags, "repo"> = {}): Home {
  const repository = flags.repo ?? environment.GITHUB_REPOSITORY ?? "";
  const [, owner, repo] = /^([A-Za-z0-9_-]+)\/([A-Za-z0-9._-]+)$/.exec(repository) ?? [];
  if (owner === undefined || repo === undefined) {
    throw new CallError(
      repository === ""
        ? "No repository: set GITHUB_REPOSITORY or pass --repo owner/name"
        : `Not a repository: "${repository}" (expected owner/name)`,
    );
  }
  const token = environment.GITHUB_TOKEN ?? environment.GH_TOKEN ?? "";
  if (token === "") throw new CallError("No token: set GITHUB_TOKEN (in a workflow, under env, to github.token)");
  const serverUrl = (environment.GITHUB_SERVER_URL ?? "https://github.com").replace(/\/$/, "");
  return {
    owner,
    repo,
    token,
    apiUrl: (environment.GITHUB_API_URL ?? "https://api.github.com").replace(/\/$/, ""),
    gitUrl: `${serverUrl}/${owner}/${repo}.git`,
    serverUrl,
  };
}

/** Who this job is. A flavor that is not named falls back to workflow and job. */
export function identityOf(environment: Environment, named?: string): Identity {
  const job = environment.GITHUB_JOB ?? "";
  const fallback = [environment.GITHUB_WORKFLOW, job].filter(Boolean).join(" / ");
  const flavor = flavorName(named ?? environment.BUILD_FLAVOR ?? fallback);
  if (flavor === "") throw new CallError("No flavor: set BUILD_FLAVOR or pass --flavor, for example linux-x64");
  const jobId = Number(environment.FIXONCE_JOB_ID);
  return {
    flavor,
    runId: Number(environment.GITHUB_RUN_ID ?? 0) || 0,
    runAttempt: Number(environment.GITHUB_RUN_ATTEMPT ?? 1) || 1,
    job,
    ...(Number.isSafeInteger(jobId) && jobId > 0 && { jobId }),
  };
}

/** The branch that this job builds; of a pull request its head. */
export function branchOf({ GITHUB_HEAD_REF, GITHUB_REF_NAME }: Environment): string {
  return GITHUB_HEAD_REF || GITHUB_REF_NAME || "";
}

function headOf(environment: Environment): string | undefined {
  const path = environment.GITHUB_EVENT_PATH;
  if (path === undefined || !existsSync(path)) return undefined;
  try {
    const event = eventSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return event.success ? (event.data.pull_request?.head.sha ?? event.data.workflow_run?.head_sha) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes sure that outputs can be written, before anything is promised to others that only an output would tell. */
export function checkOutputs(environment: Environment): void {
  const path = environment.GITHUB_OUTPUT;
  if (!path) return;
  try {
    if (!existsSync(path)) throw new Error("there is no such file");
    appendFileSync(path, "");
  } catch (error) {
    throw new CallError(`Cannot write step outputs to GITHUB_OUTPUT (${path}): ${reasonOf(error)}`);
  }
}

/** A step says something at its end only, and this brings an HTTP client along that it needs no more than we do. */
const loadCore = () => import("@actions/core");

/** Writes step outputs; without Actions they go nowhere. An unwritable file is a `CallError`. */
export async function setOutputs(outputs: Readonly<Record<string, string | number | boolean>>, environment: Environment): Promise<void> {
  if (!environment.GITHUB_OUTPUT) return;
  const { setOutput } = await loadCore();
  try {
    for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
  } catch (error) {
    throw new CallError(`Cannot write step outputs to GITHUB_OUTPUT (${environment.GITHUB_OUTPUT}): ${reasonOf(error)}`);
  }
}

/** Adds a table to the step summary, without a secret; never fails a step. */
export async function addSummary(title: string, rows: readonly (readonly [string, string])[], environment: Environment): Promise<void> {
  if (!environment.GITHUB_STEP_SUMMARY) return;
  // The table is HTML, and its cells are taken as they are.
  const redact = redactor(secretValues(environment));
  const cell = async (text: string) => Bun.escapeHTML(neutralizeLine(await redact(text), { max: 500 }));
  const table = await Promise.all(rows.map((row) => Promise.all(row.map(cell))));
  try {
    const { summary } = await loadCore();
    await summary.addHeading(title, 3).addTable(table).write();
  } catch {
    process.stderr.write("fixonce: cannot write the step summary\n");
  }
}

/**
 * An annotation in Actions, a plain line elsewhere; on standard error, as standard output is for what `--json` prints. Secrets that an
 * error quotes are masked.
 */
export function annotate(kind: "notice" | "warning" | "error", message: string, environment: Environment): void {
  const line = logLine(knownRedactor(secretValues(environment))(message));
  process.stderr.write(environment.GITHUB_ACTIONS ? runnerCommand(kind, line) : `fixonce: ${line}\n`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
