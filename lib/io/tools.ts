/**
 * What the model may do when it looks around: read, grep, list in a copy of the commit, and read_log. Nothing writes, nothing runs.
 *
 * The copy has no `.git`. A path is resolved through links first and must still lie inside; whatever is refused is answered as
 * "no such file", in words, so the model can go on.
 *
 * @module
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { z } from "zod";
import type { ReadTool } from "./investigate.ts";

const MAX_LINES = 400;
const MAX_MATCHES = 60;
const MAX_FILE_BYTES = 1_000_000;
const MAX_FILES = 20_000;
const MAX_ENTRIES = 300;

/**
 * The tools over a folder and the logs.
 *
 * @param root the copy of the commit
 * @param logs name -> text, already bounded
 * @param redact applied to everything that is answered
 */
export function readTools(root: string, logs: ReadonlyMap<string, string>, redact: (text: string) => Promise<string>): readonly ReadTool[] {
  return [
    tool(
      "read",
      "Lines of a file, with line numbers.",
      z.object({ path: z.string(), from: z.number().optional(), lines: z.number().optional() }),
      async (input) => {
        const file = await inside(root, input.path);
        return file === null ? missing(input.path) : slice(await textOf(file), input.from, input.lines);
      },
    ),
    tool(
      "grep",
      "Lines of all files under path that contain the text (plain text, case counts).",
      z.object({ text: z.string(), path: z.string().optional() }),
      async (input) => {
        const folder = await inside(root, input.path ?? ".");
        return folder === null || input.text === "" ? missing(input.path ?? "") : grep(await realpath(root), folder, input.text);
      },
    ),
    tool("list", "Entries of a folder.", z.object({ path: z.string().optional() }), async (input) => {
      const folder = await inside(root, input.path ?? ".");
      if (folder === null || !(await stat(folder)).isDirectory()) return missing(input.path ?? "");
      const entries = await readdir(folder, { withFileTypes: true });
      return entries
        .slice(0, MAX_ENTRIES)
        .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
        .toSorted()
        .join("\n");
    }),
    tool(
      "read_log",
      "Lines of a flavor's log (the part that was kept).",
      z.object({ flavor: z.string(), from: z.number().optional(), lines: z.number().optional() }),
      async (input) => {
        const text = logs.get(input.flavor);
        return text === undefined ? `There are logs of: ${[...logs.keys()].join(", ")}` : slice(text, input.from, input.lines);
      },
    ),
  ].map((one) => ({ ...one, run: async (input: unknown) => redact(await one.run(input)) }));
}

function tool<S extends z.ZodType>(name: string, description: string, schema: S, answer: (input: z.infer<S>) => Promise<string>): ReadTool {
  const { type: _type, $schema: _schema, ...rest } = z.toJSONSchema(schema);
  return {
    name,
    description,
    input: { type: "object", ...rest },
    run: async (input) => {
      const parsed = schema.safeParse(input);
      if (!parsed.success) return "The input does not fit the tool.";
      try {
        return await answer(parsed.data);
      } catch {
        return "It cannot be read.";
      }
    },
  };
}

/** The real path of `path` when it lies inside `root`, does not touch `.git` and exists; else null. */
export async function inside(root: string, path: string): Promise<string | null> {
  if (path.includes("\0") || path.split(/[\\/]/).some((segment) => segment.toLowerCase() === ".git")) return null;
  try {
    const base = await realpath(root);
    const real = await realpath(join(base, path));
    return real === base || real.startsWith(base + sep) ? real : null;
  } catch {
    return null;
  }
}

function missing(path: string): string {
  return `There is no ${JSON.stringify(path.slice(0, 200))} in this copy of the repository.`;
}

async function textOf(file: string): Promise<string> {
  const info = await stat(file);
  if (!info.isFile()) return "This is not a file.";
  if (info.size > MAX_FILE_BYTES) return `The file has ${info.size} bytes; use grep.`;
  const text = await Bun.file(file).text();
  return text.includes("\0") ? "This is a binary file." : text;
}

function slice(text: string, from = 1, lines = MAX_LINES): string {
  const start = Math.max(1, Math.floor(from));
  const all = text.split(/\r?\n/);
  const shown = all.slice(start - 1, start - 1 + Math.min(Math.max(1, Math.floor(lines)), MAX_LINES));
  const rest = all.length - (start - 1 + shown.length);
  return shown.map((line, at) => `${start + at}| ${line.slice(0, 500)}`).join("\n") + (rest > 0 ? `\n[${rest} more lines]` : "");
}

async function grep(base: string, start: string, text: string): Promise<string> {
  const found: string[] = [];
  const queue = [start];
  for (let seen = 0; queue.length > 0 && seen < MAX_FILES && found.length < MAX_MATCHES; seen += 1) {
    const path = queue.pop();
    if (path === undefined) break;
    if (seen === 0 && (await stat(path)).isFile()) found.push(...(await matches(base, path, text)));
    else if (seen === 0 || (await stat(path)).isDirectory())
      // Links are not followed: readdir says what an entry is without looking through it.
      for (const entry of await readdir(path, { withFileTypes: true })) {
        if (entry.isDirectory()) queue.push(join(path, entry.name));
        else if (entry.isFile()) found.push(...(await matches(base, join(path, entry.name), text)));
        if (found.length >= MAX_MATCHES) break;
      }
  }
  return found.length === 0 ? "No line contains it." : found.slice(0, MAX_MATCHES).join("\n");
}

async function matches(base: string, path: string, text: string): Promise<readonly string[]> {
  const content = await textOf(path);
  const name = path
    .slice(base.length + 1)
    .split(sep)
    .join("/");
  return content.includes(text)
    ? content.split(/\r?\n/).flatMap((line, at) => (line.includes(text) ? [`${name}:${at + 1}: ${line.slice(0, 300)}`] : []))
    : [];
}
