/**
 * Reports that name their file, or place, in a line above what is wrong.
 *
 * @module
 */

/** One kind of report whose place, or its file, stands in a line above. Groups: `file`, `line` in either. */
export type HeadedRule = {
  readonly why: string;
  readonly pattern: RegExp;
  /** What is wrong, in one of the lines below. Groups as a diagnostic's. */
  readonly row: RegExp;
  /** An empty line stands between. */
  readonly apart?: true;
};

/** Tried in order. */
export const HEADED: readonly HeadedRule[] = [
  {
    why: "shellcheck",
    pattern: /^In (?<file>\S{1,300}) line (?<line>\d{1,7}):$/,
    row: /\^-{0,80}\^?\s(?<code>SC\d{4})(?: \((?:error|warning|info|style)\))?: (?<message>.*)/,
  },
  {
    why: "PHPStan's table",
    pattern: /^ {2,4}Line {2,12}(?<file>\S{1,300}\.php)$/,
    row: /^ {2,4}(?<line>\d{1,7}) {2,12}(?<message>\S.{0,400})$/,
  },
  {
    why: "PHP_CodeSniffer",
    pattern: /^FILE: (?<file>\S{1,300})$/,
    row: /^\s{0,8}(?<line>\d{1,7}) \| (?<severity>ERROR|WARNING) {1,4}\| (?:\[[ x]\] )?(?<message>\S.{0,400})$/,
  },
  {
    why: "SQLFluff",
    pattern: /^== \[(?<file>[^\]]{1,300})\] FAIL$/,
    row: /^L: {1,8}(?<line>\d{1,7}) \| P: {1,8}\d{1,7} \| {1,8}(?<code>\w{1,12}) \| (?<message>\S.{0,400})$/,
  },
  {
    why: "RuboCop, simple",
    pattern: /^== (?<file>\S{1,300}\.\w{1,6}) ==$/,
    row: /^[CWEFR]:\s{1,4}(?<line>\d{1,7}):\s{1,4}\d{1,5}: (?:\[Correctable\] )?(?<code>[A-Z]\w{1,40}\/\w{1,60}): (?<message>.{1,400})$/,
  },
  {
    why: "Biome",
    apart: true,
    pattern: /^(?<file>[^\s:]{1,300}):(?<line>\d{1,7}):\d{1,7} (?:lint|assist|parse|suppressions)(?:\/\S{1,120})?(?: .{0,40})? \u2501/,
    row: /^ {2}[\u00d7\u2716] (?<message>\S.{0,400})$/,
  },
  {
    why: "OCaml",
    pattern: /^File '(?<file>[^']{1,300}\.mli?)', lines? (?<line>\d{1,7})(?:-\d{1,7})?, characters \d{1,7}-\d{1,7}:$/,
    row: /^(?<severity>Error|Warning)(?: \(?(?:(?:warning|alert) )?\d{1,4} ?(?:\[(?<code>[\w-]{1,60})\])?\)?)?: (?<message>\S.*)$/,
  },
  {
    why: "Next.js",
    pattern: /^(?<file>\.{0,2}\/\S{1,300}\.\w{1,6}):(?<line>\d{1,7}):\d{1,7}$/,
    row: /^(?<severity>(?:Type |Syntax )?[Ee]rror): (?<message>.{1,400})$/,
  },
  {
    why: "ESLint's stylish, Next.js', pyright, yamllint",
    pattern:
      /^(?<file>(?:\/|[A-Za-z]:[\\/]|\.{0,2}\/)?[\w@.+\\/-]{1,300}\.(?:[cm]?[jt]sx?|vue|svelte|astro|css|scss|less|html|mdx?|json|ya?ml|py))$/,
    row: /^\s{0,8}(?<line>\d{1,7}):\d{1,7}\s{1,8}(?<severity>[Ee]rror:?|[Ww]arning:?|[\u2716\u00d7])\s{1,8}(?<message>.{1,400}?)(?:\s{2,}(?<code>[\w@/-]{2,80}))?$/,
  },
];
