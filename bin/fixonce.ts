#!/usr/bin/env bun
/**
 * `bunx fixonce <script> [flags]`: the bundle of that script, or the script itself in a source checkout, where a bundle may be older than its
 * source. Imports nothing of its own, so that it starts at once and works without an install.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");

if (import.meta.main) process.exit(run(process.argv.slice(2)));

function run([name = "--help", ...args]: readonly string[]): number {
  const [bundle, source] = [join(root, "dist", `${name}.js`), join(root, "scripts", `${name}.ts`)];
  const order = existsSync(join(root, ".git")) ? [source] : [bundle, source];
  const script = /^[a-z]+$/.test(name) ? order.find((path) => existsSync(path)) : undefined;
  if (script !== undefined) return exec([process.execPath, script, ...args]);
  const help = name === "--help" || name === "-h" || name === "help";
  const text = `Usage: fixonce <script> [flags], each script has --help\nScripts: ${names().join(", ")}`;
  process.stderr.write(help ? `${text}\n` : `fixonce: No such script: "${name}". ${text.replaceAll("\n", ". ")}\n`);
  return help ? 0 : 2;
}

/** Runs a script in our place: same terminal, same signals, its exit code. */
function exec(argv: readonly string[]): number {
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  const { exitCode } = Bun.spawnSync([...argv], { stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  return exitCode;
}

function names(): readonly string[] {
  const files = ["dist", "scripts"].map((path) => join(root, path)).flatMap((path) => (existsSync(path) ? readdirSync(path) : []));
  return [...new Set(files.flatMap((file) => /^([a-z]+)\.(?:js|ts)$/.exec(file)?.[1] ?? []))].toSorted();
}
