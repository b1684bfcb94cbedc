/**
 * Whose a file is: what `init` writes begins with a mark that holds the version and a digest of the rest, so that a later `init` knows
 * whether a person has edited it since.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseDocument } from "yaml";
import { z } from "zod";

const pattern = /^# Written by fixonce (\S+) init, ([0-9a-f]{16})\. Edited files are kept as they are\.\n/;
/** The list of workflow names is the repository's own to edit. */
const list = /^( *workflows: )\[.*\](?= # fixonce: )/m;

export type Ownership = "absent" | "ours" | "edited" | "foreign";

export function mark(text: string, version: string): string {
  return `# Written by fixonce ${version} init, ${digest(text)}. Edited files are kept as they are.\n${text}`;
}

export function ownership(text: string | undefined): Ownership {
  if (text === undefined) return "absent";
  const unix = text.replaceAll("\r\n", "\n");
  const [head, , written] = pattern.exec(unix) ?? [];
  if (head === undefined) return "foreign";
  return written === digest(unix.slice(head.length)) ? "ours" : "edited";
}

/** Bundles carry their own first lines; nobody edits them by hand. */
export function isBundle(text: string): boolean {
  return (
    /^(#!.*\n)?(\/\/ @bun\n)?\/\/ fixonce \d+\.\d+\.\d+\S*: [a-z]+\./.test(text) ||
    /^fixonce \d+\.\d+\.\d+\S* contains the following/.test(text)
  );
}

/** The names that a triage or sweep file waits for; undefined for a file without such a list, or with one that we cannot read. */
export function readList(text: string): readonly string[] | undefined {
  const found = list.exec(text);
  if (found === null) return undefined;
  const parsed = parseDocument(found[0].slice(found[1]?.length));
  const names = parsed.errors.length === 0 ? z.array(z.string()).safeParse(parsed.toJS()) : undefined;
  return names?.success ? names.data : undefined;
}

export function writeList(text: string, names: readonly string[]): string {
  return text.replace(list, (_, key: string) => `${key}[${names.map((name) => JSON.stringify(name)).join(", ")}]`);
}

function digest(text: string): string {
  return createHash("sha256").update(writeList(text, [])).digest("hex").slice(0, 16);
}
