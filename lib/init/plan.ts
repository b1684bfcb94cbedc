/**
 * What `init` would change in a repository, as a value: nothing is written here.
 *
 * Its own files are written and upgraded; one that a person has edited is kept. Files of others change only where `dispatch` allows it.
 *
 * @module
 */

import { type SeenWorkflow, seeWorkflow, type Unread } from "../workflows.ts";
import { addDispatch } from "./dispatch.ts";
import { isBundle, mark, ownership, readList, writeList } from "./mark.ts";
import { settingsSchema, settingsText } from "./settings.ts";

export type Template = "triage" | "matrix" | "in-job";

/** Text files of the repository by path: `.github/workflows/*` and what `init` may have written. */
export type Files = ReadonlyMap<string, string>;

export type InitOptions = {
  readonly template: Template;
  readonly version: string;
  readonly defaultBranch: string;
  /** What builds and tests, for the templates that bring a build of their own. */
  readonly command: string;
  /** For GitHub Enterprise Server. */
  readonly enterprise: boolean;
  /** Adds `workflow_dispatch` to the repository's own workflows. */
  readonly dispatch: boolean;
  readonly templates: Readonly<Record<Template | "sweep", string>>;
  /** `coordinate.js`, …, `LICENSES`. */
  readonly bundles: ReadonlyMap<string, string>;
};

export type Change = {
  readonly path: string;
  readonly kind: "write" | "upgrade" | "edit" | "remove";
  readonly before: string | undefined;
  readonly after: string | undefined;
};

export type Plan = {
  readonly changes: readonly Change[];
  /** What a person should know, a line each. */
  readonly notes: readonly string[];
  readonly workflows: readonly (SeenWorkflow | Unread)[];
};

const own = (template: Template | "sweep"): string => `.github/workflows/fixonce-${template}.yml`;
const settings = ".github/fixonce.yml";
const scripts = ".github/fixonce/";
const all = ["triage", "matrix", "in-job", "sweep"] as const;

/** GitHub Enterprise Server has the older artifacts, which from version 4 on neither action speaks: see their READMEs. */
const olderArtifacts = [
  [/actions\/upload-artifact@.*/g, "actions/upload-artifact@c6a3b2bd78b3985e4b2f15397fec357f0fd808de # v3.2.2-node20"],
  [/actions\/download-artifact@.*/g, "actions/download-artifact@ad191675b41f6a5b46da9a048cb6893812da158b # v3.1.0-node20"],
] as const;

/** Megabytes that nobody reads: folded in reviews, left out of statistics. */
const attributes = "* linguist-generated\n*.js -diff\n";

/** @throws RangeError where a bundle that the templates call is not there */
export function planInit(files: Files, options: InitOptions): Plan {
  const { template, version } = options;
  const seen = survey(files);
  const builds = seen.flatMap((one) => ("name" in one && one.builds ? [one] : []));
  const notes = seen.flatMap((one) => ("problem" in one ? [`${one.path}: ${one.problem}; it is left out`] : []));
  const names = [...new Set(builds.map(({ name }) => name))].toSorted();
  const changes: Change[] = [];
  const wanted = new Map([template, "sweep" as const].map((name) => [own(name), fill(options.templates[name], name, options)]));
  if (names.length === 0) notes.push("No workflow builds on push or pull_request yet: add its name to the list in the files below");
  for (const [path, text] of wanted) {
    const before = files.get(path);
    const listed = before === undefined ? undefined : readList(before)?.filter((name) => names.includes(name));
    const watched = listed === undefined || listed.length === 0 ? (names.length > 0 ? names : ["CI"]) : listed;
    const missing = readList(text) === undefined ? [] : names.filter((name) => !watched.includes(name));
    if (missing.length > 0)
      notes.push(`${path} does not wait for ${missing.map((name) => `"${name}"`).join(", ")}: add to its list what builds`);
    settle(path, mark(writeList(text, watched), version));
  }
  settle(settings, mark(settingsText(), version));
  const called = [
    ...new Set(
      [...wanted.values()].flatMap((text) => [...text.matchAll(/\.github\/fixonce\/([a-z]+\.js)/g)].map(([, name]) => name ?? "")),
    ),
  ];
  for (const name of [...called, "LICENSES"].toSorted()) {
    const text = options.bundles.get(name);
    if (text === undefined) throw new RangeError(`the bundle ${name} is missing`);
    settle(`${scripts}${name}`, text);
  }
  settle(`${scripts}schema.json`, settingsSchema());
  settle(`${scripts}.gitattributes`, mark(attributes, version));
  // Another way in that an earlier init wrote would decide a second time.
  for (const other of all.filter((name) => !wanted.has(own(name)))) drop(own(other), "of another template");
  for (const build of builds.filter(({ dispatch, path }) => !dispatch && !wanted.has(path))) offerDispatch(build);
  return { changes, notes, workflows: seen };

  function settle(path: string, after: string): void {
    const before = files.get(path);
    if (before?.replaceAll("\r\n", "\n") === after) return;
    if (before === undefined) changes.push({ path, kind: "write", before, after });
    else if (isOurs(path, before)) changes.push({ path, kind: "upgrade", before, after });
    // Settings are there to be edited.
    else if (path !== settings) notes.push(`${path} was edited: it is kept as it is`);
  }
  function drop(path: string, why: string): void {
    const before = files.get(path);
    if (before === undefined) return;
    if (isOurs(path, before)) changes.push({ path, kind: "remove", before, after: undefined });
    else notes.push(`${path}, ${why}, was edited: remove it by hand if it is not wanted`);
  }
  function offerDispatch({ path }: SeenWorkflow): void {
    const before = files.get(path) ?? "";
    const after = addDispatch(path, before);
    if (typeof after !== "string") notes.push(`${path} has no workflow_dispatch, which starts it on the branch of a fix: ${after.problem}`);
    else if (options.dispatch) changes.push({ path, kind: "edit", before, after });
    else notes.push(`${path} has no workflow_dispatch, which starts it on the branch of a fix: add it, or pass --dispatch`);
  }
}

/** Removes what `init` wrote; what a person has edited, and workflow_dispatch, stay. */
export function planUninstall(files: Files): Plan {
  const [changes, notes]: [Change[], string[]] = [[], []];
  for (const [path, before] of files) {
    const candidate = all.some((name) => own(name) === path) || path === settings || path.startsWith(scripts);
    if (!candidate) continue;
    if (isOurs(path, before)) changes.push({ path, kind: "remove", before, after: undefined });
    else notes.push(`${path} was edited or is not of init: it is kept`);
  }
  return { changes, notes, workflows: [] };
}

function survey(files: Files): readonly (SeenWorkflow | Unread)[] {
  const paths = [...files.keys()].filter(
    (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) && !all.some((name) => own(name) === path),
  );
  return paths.toSorted().map((path) => seeWorkflow(path, files.get(path) ?? ""));
}

function isOurs(path: string, text: string): boolean {
  if (path === `${scripts}schema.json`) return text.startsWith('{\n  "title": "fixonce.yml"');
  return path.startsWith(scripts) && !path.endsWith("/.gitattributes") ? isBundle(text) : ownership(text) === "ours";
}

function fill(text: string, name: Template | "sweep", { defaultBranch, command, enterprise }: InitOptions): string {
  const here = enterprise ? olderArtifacts.reduce((done, [action, pin]) => done.replaceAll(action, pin), text) : text;
  const filled = here.replaceAll("$default-branch", () => JSON.stringify(defaultBranch));
  return name === "matrix" || name === "in-job"
    ? filled.replace(/^( *BUILD_COMMAND: ).*$/m, (_, key: string) => `${key}${JSON.stringify(command)}`)
    : filled;
}
