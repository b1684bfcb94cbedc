/**
 * May this change leave? Refused, for a person, or allowed; with every reason found.
 *
 * Assume that the model was talked into it by the log. Analyze asks before the patch file is written and publish asks again,
 * from the patch, before it pushes: both with `guardChanges`, so neither trusts the other. The order is: names (paths.ts), kinds of
 * file (links, modes, binary), size, and then what the lines do to the tests (weakened.ts).
 *
 * @module
 */
import { diffLines } from "./diff.ts";
import type { Change } from "./edits.ts";
import { judgePath, type PathPolicy } from "./paths.ts";
import { findWeakening, isTestPath, onlyTests } from "./weakened.ts";

/** Bounds of one fix. Configuration may narrow freely; a wider value is an explicit decision of the configuration's author. */
export type GuardPolicy = PathPolicy & {
  /** @default 10 */
  readonly maxFiles?: number;
  /** Added plus removed lines. @default 400 */
  readonly maxLines?: number;
  /** Of the changed lines. @default 100 KB */
  readonly maxBytes?: number;
  /** Is this path, or one of its folders, a symbolic link or a submodule? Asked for each prefix. */
  readonly isLink?: (path: string) => boolean;
};

export type GuardReason = { readonly rule: string; readonly path: string; readonly detail: string };

export type Guarded =
  | { readonly kind: "allowed"; readonly files: number; readonly lines: number; readonly bytes: number }
  | { readonly kind: "needs_human"; readonly reasons: readonly GuardReason[] }
  | { readonly kind: "refused"; readonly reasons: readonly GuardReason[] };

export const GUARD_LIMITS = { maxFiles: 10, maxLines: 400, maxBytes: 100 * 1024 } as const;

/**
 * Judge a set of changes.
 *
 * @param changes every changed file with its text before and after (a rename is a deletion and a new file)
 */
export function guardChanges(changes: readonly Change[], policy: GuardPolicy = {}): Guarded {
  const refused: GuardReason[] = [];
  const human: GuardReason[] = [];
  if (changes.length === 0) refused.push({ rule: "empty", path: "", detail: "nothing changes" });
  for (const change of changes) {
    const problem = judgePath(change.path, policy);
    if (problem !== null) refused.push({ ...problem, path: change.path });
    refused.push(...judgeKind(change, policy).map((reason) => ({ ...reason, path: change.path })));
  }
  const folded = Map.groupBy(changes, (change) => change.path.normalize("NFKC").toLowerCase());
  for (const same of folded.values())
    if (same.length > 1)
      refused.push({ rule: "disguised_path", path: same[0]?.path ?? "", detail: "two names that one file system takes for one" });
  const size = measure(changes);
  refused.push(...judgeSize(size, policy));
  // What is too large is refused already, and reading it would take long.
  if (refused.length === 0)
    for (const change of changes) {
      for (const { severity, rule, detail } of findWeakening(change))
        (severity === "refuse" ? refused : human).push({ rule, path: change.path, detail });
      if (change.after === null && change.before !== null && !isTestPath(change.path))
        human.push({ rule: "deleted_file", path: change.path, detail: "a file is deleted" });
    }
  if (refused.length > 0) return { kind: "refused", reasons: refused };
  if (onlyTests(changes))
    human.push({ rule: "tests_only", path: changes[0]?.path ?? "", detail: "nothing but tests, expectations or comments changes" });
  if (human.length > 0) return { kind: "needs_human", reasons: human };
  return { kind: "allowed", ...size };
}

/** The reasons in one line each, for a report or a repair turn. */
export function explainReasons(reasons: readonly GuardReason[]): string {
  return reasons.map(({ rule, path, detail }) => `- ${path === "" ? "the patch" : path}: ${detail} (${rule})`).join("\n");
}

function judgeKind(change: Change, policy: GuardPolicy): readonly { readonly rule: string; readonly detail: string }[] {
  const found: { readonly rule: string; readonly detail: string }[] = [];
  const segments = change.path.split("/");
  const prefixes = segments.map((_, at) => segments.slice(0, at + 1).join("/"));
  if (policy.isLink !== undefined && prefixes.some(policy.isLink)) found.push({ rule: "link", detail: "a symbolic link or submodule" });
  for (const mode of [change.beforeMode, change.mode])
    if (mode !== undefined && mode !== "100644" && mode !== "100755" && mode !== "000000")
      found.push({ rule: "link", detail: `a file of mode ${mode}` });
  const created = change.before === null;
  if (change.mode === "100755" && (created || (change.beforeMode !== undefined && change.beforeMode !== "100755")))
    found.push({ rule: "mode", detail: "it becomes executable" });
  for (const text of [change.before, change.after])
    if (text?.includes("\0") || text?.includes("\uFFFD")) found.push({ rule: "binary", detail: "a binary file" });
  if (
    change.after !== null &&
    /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/.test(change.after) &&
    !/[\u202A-\u202E\u2066-\u2069\u200E\u200F]/.test(change.before ?? "")
  )
    found.push({ rule: "hidden_text", detail: "characters that change the direction of the text" });
  return found;
}

function measure(changes: readonly Change[]): { readonly files: number; readonly lines: number; readonly bytes: number } {
  let lines = 0;
  let bytes = 0;
  for (const { before, after } of changes) {
    const { added, removed } = diffLines(before ?? "", after ?? "");
    lines += added.length + removed.length;
    bytes += [...added, ...removed].reduce((sum, line) => sum + Buffer.byteLength(line.text) + 1, 0);
  }
  return { files: changes.length, lines, bytes };
}

function judgeSize(
  size: { readonly files: number; readonly lines: number; readonly bytes: number },
  policy: GuardPolicy,
): readonly GuardReason[] {
  const limits = [
    { what: "files", value: size.files, limit: policy.maxFiles ?? GUARD_LIMITS.maxFiles },
    { what: "changed lines", value: size.lines, limit: policy.maxLines ?? GUARD_LIMITS.maxLines },
    { what: "changed bytes", value: size.bytes, limit: policy.maxBytes ?? GUARD_LIMITS.maxBytes },
  ];
  return limits.flatMap(({ what, value, limit }) =>
    value > limit ? [{ rule: "too_large", path: "", detail: `${value} ${what}, at most ${limit}` }] : [],
  );
}
