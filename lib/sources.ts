/**
 * Which parts of the source the model sees first: files named by the log and by the failing commit's diff, within a token budget.
 *
 * A file scores by how it is named: with a line number in the log (a stack, a compiler's message) most, by its path in the diff
 * next, by its bare name least. Small files go in whole; of large ones the windows around the named lines.
 *
 * @module
 */

/** A file worth showing and the lines (from 1) that were named. */
export type Chosen = { readonly path: string; readonly score: number; readonly lines: readonly number[] };

/** Characters a token stands for, on the low side: code is denser than prose. */
const CHARS_PER_TOKEN = 3;
const WINDOW = 60;
const WHOLE_FILE_LINES = 400;

/** Tokens that a text costs, roughly; only to choose by, the bill comes from the API. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/**
 * Rank the files of the tree.
 *
 * @param tree every path of the commit
 * @param named texts that name files: logs and their signatures
 * @param diff the failing commit's diff
 */
export function chooseSources(tree: readonly string[], named: string, diff: string): readonly Chosen[] {
  const byName = Map.groupBy(tree, (path) => (path.split("/").at(-1) ?? path).toLowerCase());
  const scores = new Map<string, { score: number; lines: Set<number> }>();
  const add = (path: string, score: number, line?: number): void => {
    const entry = scores.get(path) ?? { score: 0, lines: new Set<number>() };
    entry.score += score;
    if (line !== undefined) entry.lines.add(line);
    scores.set(path, entry);
  };
  for (const match of named.matchAll(/([\w@.+\-/\\]*[\w+-]\.[A-Za-z]\w{0,9})(?:["']?[:(,]\s*(?:line\s+)?(\d{1,6}))?/g)) {
    const mention = (match[1] ?? "").replaceAll("\\", "/").replace(/^(\.\/)+/, "");
    const candidates = byName.get((mention.split("/").at(-1) ?? "").toLowerCase()) ?? [];
    const exact = candidates.filter((path) => mention === path || mention.endsWith(`/${path}`) || path.endsWith(`/${mention}`));
    const line = match[2] === undefined ? undefined : Number(match[2]);
    for (const path of (exact.length > 0 ? exact : candidates).slice(0, 5))
      add(path, (exact.length > 0 ? 4 : 1) + (line === undefined ? 0 : 4), line);
  }
  for (const match of diff.matchAll(/^\+\+\+ b\/(.+)$/gm)) if (match[1] !== undefined && tree.includes(match[1])) add(match[1], 12);
  return [...scores]
    .map(([path, { score, lines }]) => ({ path, score, lines: [...lines].toSorted((a, b) => a - b) }))
    .toSorted((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

/** A file with line numbers: whole when small, else windows around `lines` (or its head). */
export function numbered(text: string, lines: readonly number[]): string {
  const all = text.split(/\r?\n/);
  const wanted = all.length <= WHOLE_FILE_LINES ? null : new Set((lines.length > 0 ? lines.slice(0, 8) : [WINDOW]).flatMap(around));
  let shown = true;
  return all
    .flatMap((line, at) => {
      const show = wanted?.has(at + 1) ?? true;
      const gap = !show && shown;
      shown = show;
      return show ? [`${String(at + 1).padStart(5)}| ${line}`] : gap ? ["      ..."] : [];
    })
    .join("\n");
}

function around(line: number): readonly number[] {
  return Array.from({ length: 2 * WINDOW + 1 }, (_, at) => line - WINDOW + at);
}
