/**
 * Workflow files, as far as fixonce depends on them: names, triggers, jobs.
 *
 * @module
 */
import { get as distance } from "fast-levenshtein";
import { parse } from "yaml";

export type WorkflowFile = {
  readonly path: string;
  /** As GitHub shows it: the file's path where it has no name. */
  readonly name: string;
  /** Events that start it. */
  readonly events: readonly string[];
  /** Names of the workflows whose runs start it; GitHub takes any text, and never starts for a name that is not there. */
  readonly watches: readonly string[];
  readonly jobs: readonly string[];
  /** Names of the secrets in it. */
  readonly secrets: readonly string[];
};

/** Reads a workflow file; or says in a line why it is none. */
export function readWorkflow(path: string, text: string): WorkflowFile | { readonly path: string; readonly problem: string } {
  let file: unknown;
  try {
    file = parse(text);
  } catch (error) {
    return { path, problem: error instanceof Error ? (error.message.split("\n")[0] ?? "not YAML") : "not YAML" };
  }
  const { name, on, jobs } = record(file);
  const triggers =
    typeof on === "string" ? { [on]: null } : Array.isArray(on) ? Object.fromEntries(on.map((event) => [String(event), null])) : record(on);
  if (Object.keys(triggers).length === 0) return { path, problem: "no trigger (on:)" };
  const watched = record(triggers.workflow_run).workflows;
  return {
    path,
    name: typeof name === "string" ? name : path,
    events: Object.keys(triggers),
    watches: (Array.isArray(watched) ? watched : watched === undefined ? [] : [watched]).map(String),
    jobs: Object.keys(record(jobs)),
    secrets: [...new Set([...text.matchAll(/\bsecrets\.(\w+)/g)].map(([, secret]) => secret ?? ""))],
  };
}

/** The name most like another. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.reduce<string | undefined>(
    (best, next) => (best === undefined || distance(name, next) < distance(name, best) ? next : best),
    undefined,
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
