#!/usr/bin/env bun
/**
 * What would fail in CI, before it does: token, permissions, triggers, branch rules, model, limits, tools and configuration.
 *
 * Changes nothing: permissions are asked for with requests that cannot succeed. Exit 1 when something is ✗.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, readConfig } from "../lib/config.ts";
import { bunCheck, type Check, modelCheck, tableOf, workflowChecks } from "../lib/doctor.ts";
import { type Environment, type Home, homeOf } from "../lib/io/actions.ts";
import { AnswerNo, CallError, command, main } from "../lib/io/command.ts";
import { modelVariables } from "../lib/io/credentials.ts";
import { type Github, openGithub } from "../lib/io/github.ts";
import { gitChecks, secretOf, tokenChecks, workflowFiles } from "../lib/io/probe.ts";
import { random, sleep } from "../lib/io/step.ts";

type Flags = { readonly repo?: string; readonly config?: string; readonly checkout: string; readonly json?: boolean };

if (import.meta.main) await main((argv) => run(argv, process.env));

async function run(argv: readonly string[], environment: Environment): Promise<void> {
  const flags = command(
    "doctor",
    "Check what would fail in CI, before it does.",
    "GITHUB_TOKEN=$(gh auth token) bun run scripts/doctor.ts --repo owner/name",
  )
    .option("--repo <owner/name>", "repository (GITHUB_REPOSITORY)")
    .option("--checkout <dir>", "the repository's folder: its workflows and configuration", ".")
    .option("--config <file>", "configuration (.github/fixonce.yml)")
    .option("--json", "print the checks as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const { check, wait } = configured(environment, flags);
  const checks: Check[] = [bunCheck(Bun.version), check];
  const home = homeOrCheck(environment, flags);
  let github: Github | undefined;
  if ("name" in home) checks.push(home);
  else {
    github = openGithub({ ...home, sleep, random });
    const token = await tokenChecks(github);
    checks.push(...token);
    if (token.length > 1) checks.push(...(await gitChecks(home, environment)));
    else github = undefined;
  }
  const files = await workflowFiles(github, flags.checkout);
  checks.push(...workflowChecks(files, { wait }));
  checks.push(modelCheck(modelVariables(environment), github && (await secretOf(github))));
  process.stdout.write(
    flags.json ? `${JSON.stringify({ ok: checks.every(({ state }) => state !== "no"), checks })}\n` : `${tableOf(checks)}\n`,
  );
  const wrong = checks.filter(({ state }) => state === "no").length;
  if (wrong > 0) throw new AnswerNo(`${wrong} ${wrong === 1 ? "thing" : "things"} would fail`);
}

/** The configuration of the checkout and the environment, or what is wrong with it. */
function configured(environment: Environment, { config, checkout }: Flags): { readonly check: Check; readonly wait: Config["wait"] } {
  const name = "configuration";
  const path = config ?? join(checkout, ".github/fixonce.yml");
  const missing = !existsSync(path);
  if (missing && config !== undefined) throw new CallError(`Cannot read the configuration ${config}: there is no such file`);
  const read = readConfig(missing ? undefined : readFileSync(path, "utf8"), environment);
  if ("problem" in read)
    return { check: { name, state: "no", found: read.problem, todo: "correct the file or the variable that it names" }, wait: "poll" };
  return { check: { name, state: "ok", found: missing ? "no file: the defaults hold" : "valid" }, wait: read.wait };
}

function homeOrCheck(environment: Environment, flags: Flags): Home | Check {
  try {
    return homeOf(environment, flags);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { name: "token", state: "no", found: error.message, todo: "until then GitHub is not looked at" };
  }
}
