#!/usr/bin/env bun
/**
 * One self-contained file per script in `dist/`, and LICENSES with the terms of every package that went into them. The same sources give the
 * same bytes.
 *
 * @module
 */
import { readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Bundled, bundle } from "../lib/io/bundle.ts";
import { CallError, command, main } from "../lib/io/command.ts";

type Flags = { readonly out: string; readonly json?: boolean };

/** What only this repository needs; the race starts the scripts themselves. */
const ours = ["bench", "build", "race"];

if (import.meta.main) await main(run);

async function run(argv: readonly string[]): Promise<void> {
  const root = resolve(import.meta.dir, "..");
  const parsed = command("build", "Bundle every script into one self-contained file.", "bun run build")
    .argument("[script...]", "names of scripts; all of them where none is given")
    .option("--out <dir>", "where the bundles go", join(root, "dist"))
    .option("--json", "print the files and their sizes as one JSON document")
    .parse([...argv], { from: "user" });
  const { out, json } = parsed.opts<Flags>();
  const known = readdirSync(join(root, "scripts"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .filter((name) => !ours.includes(name))
    .toSorted();
  const unknown = parsed.args.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new CallError(`No such script: "${unknown}" (there are ${known.join(", ")})`);
  const names = parsed.args.length > 0 ? parsed.args : known;
  if (parsed.args.length === 0) rmSync(out, { recursive: true, force: true });
  tell(await bundle({ root, names, out }), out, json === true);
}

function tell(bundled: Bundled, out: string, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ out, ...bundled })}\n`);
  for (const { name, bytes } of bundled.files) process.stderr.write(`${`${name}.js`.padEnd(16)} ${(bytes / 1e6).toFixed(2)} MB\n`);
  process.stderr.write(`LICENSES         ${bundled.packages.length} packages\n`);
}
