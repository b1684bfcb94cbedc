#!/usr/bin/env bun
/**
 * Put fixonce into a repository: workflows, settings and bundled scripts; shows every change first and changes nothing that it was not
 * allowed to. Safe to run again: upgrades what it wrote, keeps what a person has edited.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { diffLines } from "../lib/diff.ts";
import { type Change, type Plan, planInit, planUninstall, type Template } from "../lib/init/plan.ts";
import { CallError, command, main } from "../lib/io/command.ts";
import { applyChanges, branchOf, commandOf, isEnterprise, readBundles, readFiles } from "../lib/io/init.ts";

type Flags = {
  readonly checkout: string;
  readonly template: Template;
  readonly command?: string;
  readonly branch?: string;
  readonly bundles?: string;
  readonly ghes?: boolean;
  readonly yes?: boolean;
  readonly dispatch?: boolean;
  readonly dryRun?: boolean;
  readonly uninstall?: boolean;
  readonly json?: boolean;
};

const templates = ["triage", "matrix", "in-job"] as const;

if (import.meta.main) await main(run);

async function run(argv: readonly string[]): Promise<void> {
  const flags = command(
    "init",
    "Put fixonce into a repository: workflows, settings, bundled scripts.",
    "bun run scripts/init.ts --checkout ../your-project --dry-run",
  )
    .option("--template <name>", "triage (beside your workflows), matrix (behind a matrix) or in-job (in each job)", isTemplate, "triage")
    .option("--command <command>", "what builds and tests, for matrix and in-job (guessed from the files)")
    .option("--dispatch", "also add workflow_dispatch to your build workflows that have none")
    .option("--branch <name>", "default branch (from git)")
    .option("--ghes", "for GitHub Enterprise Server (from the remote)")
    .option("--no-ghes", "for github.com, whatever the remote is called")
    .option("--checkout <dir>", "the repository", ".")
    .option("--bundles <dir>", "where the bundled scripts are (dist/ of this package)")
    .option("--dry-run", "show the changes, write nothing")
    .option("--yes", "write without asking")
    .option("--uninstall", "remove what init wrote")
    .option("--json", "print the changes as one JSON document")
    .parse([...argv], { from: "user" })
    .opts<Flags>();
  const root = rootOf(flags.checkout);
  const files = readFiles(root);
  const plan = flags.uninstall ? planUninstall(files) : planOf(root, files, flags);
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ changes: plan.changes.map(({ path, kind }) => ({ path, kind })), notes: plan.notes })}\n`);
  show(plan);
  if (plan.changes.length === 0) return say(flags.uninstall ? "There is nothing to remove." : "Everything is up to date.");
  if (flags.dryRun) return say(`--dry-run: nothing was written (${plan.changes.length} files would change).`);
  if (!flags.yes && !asked(`Write these ${plan.changes.length} files?`))
    throw new CallError("Nothing was written: pass --yes to write without being asked");
  applyChanges(root, plan.changes);
  say(
    `Done: ${plan.changes.length} files. ${flags.uninstall ? "" : "Next: set the secret ANTHROPIC_API_KEY, commit, and run doctor."}`.trim(),
  );
}

function planOf(root: string, files: ReadonlyMap<string, string>, flags: Flags): Plan {
  const home = resolve(import.meta.dir, "..");
  const template = (name: string) => readFileSync(join(home, "workflow-templates", `${name}.yml`), "utf8");
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { readonly version: string };
  const options = {
    template: flags.template,
    version,
    defaultBranch: flags.branch ?? branchOf(root),
    command: flags.command ?? commandOf(root),
    enterprise: flags.ghes ?? isEnterprise(root),
    templates: { triage: template("triage"), matrix: template("matrix"), "in-job": template("in-job"), sweep: template("sweep") },
    bundles: readBundles(flags.bundles ?? join(home, "dist")),
  };
  try {
    const plan = planInit(files, { ...options, dispatch: flags.dispatch === true });
    const edits = planInit(files, { ...options, dispatch: true }).changes.filter(({ kind }) => kind === "edit");
    if (flags.dispatch || flags.yes || flags.dryRun || edits.length === 0 || !process.stdin.isTTY) return plan;
    edits.forEach(showChange);
    return asked("Add workflow_dispatch to these workflows of yours?") ? planInit(files, { ...options, dispatch: true }) : plan;
  } catch (error) {
    if (error instanceof RangeError)
      throw new CallError(`Cannot write the scripts: ${error.message}. In a source checkout, run: bun run build`);
    throw error;
  }
}

function isTemplate(value: string): Template {
  const found = templates.find((name) => name === value);
  if (found === undefined) throw new CallError(`"${value}" is not a template: ${templates.join(", ")}`);
  return found;
}

/** The folder that has `.git`, upwards from where we are. */
function rootOf(checkout: string): string {
  const start = resolve(checkout);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) throw new CallError(`Not a git repository: ${start} (run init in a checkout, or pass --checkout)`);
  }
}

function show({ changes, notes, workflows }: Plan): void {
  for (const workflow of workflows) {
    if ("problem" in workflow) continue;
    const jobs = workflow.jobs.map(({ id, legs, calls }) =>
      calls === undefined ? `${id}${legs === 1 ? "" : ` × ${legs ?? "?"}`}` : `${id} → ${calls}`,
    );
    say(
      `${workflow.builds ? "build" : "other"} ${workflow.path}: "${workflow.name}" on ${workflow.triggers.join(", ")}; jobs ${jobs.join(", ")}`,
    );
  }
  changes.forEach(showChange);
  for (const note of notes) say(`note: ${note}`);
}

function showChange({ path, kind, before = "", after = "" }: Change): void {
  const { added, removed } = diffLines(before, after);
  say(`\n${kind} ${path} (+${added.length} -${removed.length})`);
  // Nobody reads a bundle line by line, and a removed file says nothing new.
  if (path.startsWith(".github/fixonce/") || kind === "remove") return;
  const lines = [...removed.map((line) => ({ ...line, sign: "-" })), ...added.map((line) => ({ ...line, sign: "+" }))];
  for (const { number, text, sign } of lines.toSorted((a, b) => a.number - b.number)) say(`${sign}${String(number).padStart(4)} ${text}`);
}

function asked(question: string): boolean {
  if (!process.stdin.isTTY) return false;
  return /^y(es)?$/i.test((prompt(`${question} [y/N]`) ?? "").trim());
}

function say(line: string): void {
  // What a repository's files say goes to a terminal: no control characters.
  process.stderr.write(`${line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?")}\n`);
}
