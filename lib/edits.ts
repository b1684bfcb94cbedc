/**
 * Search/replace edits and new files -> changed files, or why not.
 *
 * Every edit is looked up in the file as it is in the checkout, so the order of a model's edits means nothing and one edit
 * cannot prepare the ground for another. A `search` must match exactly once; line endings are compared as `\n` and written
 * back in the style of the file. A miss comes back with the nearest lines, which is what the repair turn shows the model.
 *
 * @module
 */

/** Replace the one occurrence of `search` in the file at `path`. */
export type Edit = { readonly path: string; readonly search: string; readonly replace: string };

/** A file that does not exist yet. */
export type NewFile = { readonly path: string; readonly content: string };

/** A file before and after; null: it does not exist. Modes are git's, as octal text (`100644`). */
export type Change = {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly beforeMode?: string;
  readonly mode?: string;
};

/** Why one edit could not be placed. `edit` is its index, in `edits` first and then in `new_files`. */
export type EditProblem =
  | { readonly kind: "missing_file"; readonly edit: number; readonly path: string }
  | { readonly kind: "empty_search"; readonly edit: number; readonly path: string }
  | { readonly kind: "no_match"; readonly edit: number; readonly path: string; readonly nearest: string }
  | { readonly kind: "several_matches"; readonly edit: number; readonly path: string; readonly lines: readonly number[] }
  | { readonly kind: "overlap"; readonly edit: number; readonly path: string }
  | { readonly kind: "exists"; readonly edit: number; readonly path: string }
  | { readonly kind: "no_change"; readonly edit: number; readonly path: string };

export type Edited =
  | { readonly kind: "applied"; readonly changes: readonly Change[] }
  | { readonly kind: "rejected"; readonly problems: readonly EditProblem[] };

/** Matches beyond this many are not counted: "several" is all that matters. */
const MATCHES_SHOWN = 20;
/** Lines of a file that are looked at for the nearest place. */
const NEAREST_LINES = 20_000;

/**
 * Apply a model's answer to files.
 *
 * @param answer the edits and new files
 * @param read the content of a path in the checkout, or null where there is none
 * @returns every changed file with its text before and after, or every problem found (never half of the edits)
 */
export function applyEdits(
  answer: { readonly edits: readonly Edit[]; readonly newFiles: readonly NewFile[] },
  read: (path: string) => string | null,
): Edited {
  const problems: EditProblem[] = [];
  const byPath = Map.groupBy(
    answer.edits.map((edit, index) => ({ ...edit, index })),
    (edit) => edit.path,
  );
  const changes: Change[] = [];
  for (const [path, edits] of byPath) {
    const before = read(path);
    if (before === null) {
      problems.push(...edits.map((edit) => ({ kind: "missing_file" as const, edit: edit.index, path })));
      continue;
    }
    const placed: { readonly start: number; readonly end: number; readonly text: string; readonly index: number }[] = [];
    for (const edit of edits) {
      const place = locate(before, edit);
      if ("kind" in place) problems.push({ ...place, edit: edit.index, path });
      else placed.push({ ...place, text: inStyleOf(before, edit.replace), index: edit.index });
    }
    placed.sort((a, b) => a.start - b.start);
    let after = "";
    let at = 0;
    for (const place of placed) {
      if (place.start < at) problems.push({ kind: "overlap", edit: place.index, path });
      after += before.slice(at, place.start) + place.text;
      at = place.end;
    }
    after += before.slice(at);
    if (after !== before) changes.push({ path, before, after });
    else if (placed.length === edits.length) problems.push({ kind: "no_change", edit: edits[0]?.index ?? 0, path });
  }
  for (const [index, file] of answer.newFiles.entries()) {
    const edit = answer.edits.length + index;
    const taken = read(file.path) !== null || changes.some((change) => change.path === file.path);
    if (taken) problems.push({ kind: "exists", edit, path: file.path });
    else changes.push({ path: file.path, before: null, after: file.content });
  }
  return problems.length > 0 ? { kind: "rejected", problems } : { kind: "applied", changes };
}

/** The problems in words for the model's repair turn. */
export function explainProblems(problems: readonly EditProblem[]): string {
  return problems.map((problem) => `- edit ${problem.edit + 1} (${problem.path}): ${explain(problem)}`).join("\n");
}

function explain(problem: EditProblem): string {
  switch (problem.kind) {
    case "missing_file":
      return "the file does not exist; use new_files to create one.";
    case "empty_search":
      return "search is empty; quote the lines to replace.";
    case "no_match":
      return problem.nearest === ""
        ? "search does not occur in the file."
        : `search does not occur in the file. The nearest lines are:\n${problem.nearest}`;
    case "several_matches":
      return `search occurs more than once (lines ${problem.lines.join(", ")}); quote more lines around it.`;
    case "overlap":
      return "it overlaps another edit of this file; merge the two.";
    case "exists":
      return "the file exists already; use edits to change it.";
    case "no_change":
      return "the file is the same after all of its edits.";
    default:
      return problem satisfies never;
  }
}

function locate(
  text: string,
  edit: Edit,
):
  | { readonly start: number; readonly end: number }
  | { readonly kind: "empty_search" }
  | { readonly kind: "no_match"; readonly nearest: string }
  | { readonly kind: "several_matches"; readonly lines: readonly number[] } {
  const search = toLf(edit.search);
  if (search === "") return { kind: "empty_search" };
  const flat = toLf(text);
  const found: number[] = [];
  for (let at = flat.indexOf(search); at !== -1 && found.length < MATCHES_SHOWN; at = flat.indexOf(search, at + 1)) found.push(at);
  const [first] = found;
  if (first === undefined) return { kind: "no_match", nearest: nearestLines(flat, search) };
  if (found.length > 1) return { kind: "several_matches", lines: found.map((at) => flat.slice(0, at).split("\n").length) };
  return { start: originalOffset(text, first), end: originalOffset(text, first + search.length) };
}

/** Where offset `flat` of the `\n` form lies in the original: each `\r\n` before it is one longer. */
function originalOffset(text: string, flat: number): number {
  let offset = 0;
  for (let passed = 0; passed < flat; passed += 1) offset += text.startsWith("\r\n", offset) ? 2 : 1;
  return offset;
}

function toLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** In the line ending that most lines of `text` have. */
function inStyleOf(text: string, insert: string): string {
  const windows = text.split("\r\n").length - 1;
  const all = text.split("\n").length - 1;
  return windows * 2 > all ? toLf(insert).replaceAll("\n", "\r\n") : toLf(insert);
}

/** The window of the file whose words overlap most with `search`, with line numbers; "" when nothing is alike. */
function nearestLines(flat: string, search: string): string {
  const lines = flat.split("\n").slice(0, NEAREST_LINES);
  const wanted = search.split("\n").filter((line) => line.trim() !== "");
  const words = wanted.map(wordsOf);
  const best = { score: 0, at: 0 };
  for (let at = 0; at < lines.length; at += 1) {
    const score = words.reduce((sum, set, k) => sum + overlap(set, wordsOf(lines[at + k] ?? "")), 0);
    if (score > best.score) Object.assign(best, { score, at });
  }
  if (best.score < 0.3) return "";
  const from = Math.max(0, best.at - 2);
  return lines
    .slice(from, best.at + Math.min(wanted.length, 30) + 2)
    .map((line, k) => `${from + k + 1}| ${line}`)
    .join("\n");
}

function wordsOf(line: string): ReadonlySet<string> {
  return new Set(line.match(/\w+|[^\s\w]/g) ?? []);
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return a.size + b.size === 0 ? 0 : (2 * a.intersection(b).size) / (a.size + b.size);
}
