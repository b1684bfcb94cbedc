#!/usr/bin/env bun
/**
 * signature.ts: what failed in a log, and whether two logs failed for one cause.
 *
 *   signature.ts LOG...          what each log says failed ("-" is standard input)
 *   signature.ts compare A B     how alike two failures are, and why
 *   signature.ts group LOG...    which logs are one cause, in the order given
 *
 * Exit 0: done, whatever the answer. 2: called wrongly, or a log cannot be read.
 *
 * Example:
 *   gh run view 1234 --log-failed | bun run scripts/signature.ts -
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { group } from "../lib/groups.ts";
import { bytesOf } from "../lib/io/bytes.ts";
import { type Failure, readFailure } from "../lib/signature.ts";
import { compare, SAME } from "../lib/similarity.ts";

/** Called wrongly, or with a log that cannot be read: one line for the user, no stack. */
class UsageError extends Error {}

type Options = { readonly json?: boolean };

const EXAMPLE = `
Example:
  gh run view 1234 --log-failed | bun run scripts/signature.ts -
  bun run scripts/signature.ts compare linux.log windows.log
  bun run scripts/signature.ts group logs/*.log --json`;

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("signature.ts");
  program
    .description("What failed in a CI log, and which logs failed for one cause")
    .argument("[log...]", 'log files; "-" reads standard input')
    .option("--json", "print one JSON document and nothing else")
    .addHelpText("after", EXAMPLE)
    .action((logs: string[], options: Options) => show(logs, options));
  program
    .command("compare")
    .description("how alike two failures are, and what they have in common")
    .argument("<a>", "a log file")
    .argument("<b>", "another log file")
    .option("--json", "print one JSON document and nothing else")
    .action((a: string, b: string, _options: Options, command: Command) => compareLogs(a, b, command.optsWithGlobals()));
  program
    .command("group")
    .description("which logs are one cause, as coordination would find in the order given")
    .argument("<log...>", "log files")
    .option("--json", "print one JSON document and nothing else")
    .action((logs: string[], _options: Options, command: Command) => groupLogs(logs, command.optsWithGlobals()));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      console.error(`signature.ts: ${error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}`);
      return 2;
    }
    if (error instanceof UsageError) {
      console.error(`signature.ts: ${error.message}`);
      return 2;
    }
    throw error;
  }
}

async function show(logs: readonly string[], options: Options): Promise<void> {
  if (logs.length === 0) throw new UsageError('no log given: name a file, or "-" for standard input');
  const failures = await readLogs(logs);
  if (options.json === true) {
    const documents = failures.map(({ failure }) => documentOf(failure));
    console.log(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
    return;
  }
  for (const { file, failure } of failures) {
    if (logs.length > 1) console.log(`== ${file}`);
    console.log(`${failure.id}  ${failure.title}`);
    const verdicts = [
      failure.unrecognized ? "unrecognized: says nothing of a cause" : "",
      failure.infrastructure ? "infrastructure: the machine failed, not the code" : "",
    ];
    console.log(`  ${[`${failure.bytes} bytes read`, ...verdicts.filter(Boolean)].join(", ")}`);
    if (failure.facts.length > 0) console.log(`  identified by\n${failure.facts.map((fact) => `    ${fact}`).join("\n")}`);
    if (failure.lines.length > 0) console.log(`  seen in\n${failure.lines.map((line) => `    ${line}`).join("\n")}`);
  }
}

async function compareLogs(a: string, b: string, options: Options): Promise<void> {
  const [one, other] = await readLogs([a, b]);
  if (one === undefined || other === undefined) throw new UsageError("two logs are needed");
  const result = compare(one.failure, other.failure);
  const blind = one.failure.unrecognized || other.failure.unrecognized;
  const same = !blind && result.similarity >= SAME;
  if (options.json === true) {
    console.log(JSON.stringify({ similarity: result.similarity, same, matched: result.matched, unmatched: result.unmatched }, null, 2));
    return;
  }
  console.log(
    `${blind ? "not enough evidence" : same ? "same cause" : "different causes"}: similarity ${result.similarity.toFixed(2)}, threshold ${SAME}`,
  );
  for (const { file, failure } of [one, other]) console.log(`  ${file}: ${failure.title}`);
  console.log(
    result.matched.length === 0 ? "  nothing in common" : `  in common\n${result.matched.map((item) => `    ${item}`).join("\n")}`,
  );
  if (result.unmatched.length > 0) console.log(`  on one side only\n${result.unmatched.map((item) => `    ${item}`).join("\n")}`);
}

async function groupLogs(logs: readonly string[], options: Options): Promise<void> {
  const read = await readLogs(logs);
  const { groups, unrecognized } = group(read.map(({ failure }) => failure));
  const named = groups.map((indices) => {
    const members = indices.map((index) => read[index]).filter((member) => member !== undefined);
    return { cause: members[0]?.failure.id ?? "", title: members[0]?.failure.title ?? "", files: members.map(({ file }) => file) };
  });
  const silent = unrecognized.map((index) => read[index]?.file ?? "");
  if (options.json === true) {
    console.log(JSON.stringify({ groups: named, unrecognized: silent }, null, 2));
    return;
  }
  for (const { cause, title, files } of named) console.log(`${cause}  ${title}\n${files.map((file) => `  ${file}`).join("\n")}`);
  if (silent.length > 0) console.log(`unrecognized\n${silent.map((file) => `  ${file}`).join("\n")}`);
}

async function readLogs(files: readonly string[]): Promise<readonly { readonly file: string; readonly failure: Failure }[]> {
  const read: { file: string; failure: Failure }[] = [];
  for (const file of files) {
    try {
      read.push({
        file,
        failure: await readFailure(file === "-" ? Bun.stdin.stream() : bytesOf(file)),
      });
    } catch (error) {
      throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
    }
  }
  return read;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

/** What `--json` promises of one log. */
function documentOf(failure: Failure): object {
  const { id, title, lines, facts, bytes, unrecognized } = failure;
  return { id, title, lines, facts, bytes, unrecognized };
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
