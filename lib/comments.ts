/**
 * Source text without its comments, line for line: enough of a scanner to see that a test was commented out.
 *
 * It knows strings and comments of C-like and of `#` languages, not their grammars; a regular expression that holds `/*` can mislead
 * it. So judgements are made on the text with and without comments, and the worse one counts.
 *
 * @module
 */

type Style = { readonly line: readonly string[]; readonly block: readonly (readonly [string, string])[] };

const C_LIKE: Style = { line: ["//"], block: [["/*", "*/"]] };
const PHP: Style = { line: ["//", "#"], block: [["/*", "*/"]] };
const PYTHON: Style = {
  line: ["#"],
  block: [
    ['"""', '"""'],
    ["'''", "'''"],
  ],
};
const RUBY: Style = { line: ["#"], block: [["\n=begin", "\n=end"]] };
const CMAKE: Style = { line: ["#"], block: [["#[[", "]]"]] };
const HASH: Style = { line: ["#"], block: [] };
const DASH: Style = { line: ["--"], block: [["--[[", "]]"]] };

const STYLES: ReadonlyMap<string, Style> = new Map<string, Style>([
  ...[
    "js",
    "jsx",
    "ts",
    "tsx",
    "mjs",
    "cjs",
    "mts",
    "cts",
    "c",
    "cc",
    "cpp",
    "cxx",
    "h",
    "hh",
    "hpp",
    "hxx",
    "ipp",
    "inl",
    "cu",
    "m",
    "mm",
  ].map((ext) => [ext, C_LIKE] as const),
  ...["java", "kt", "kts", "cs", "go", "rs", "swift", "scala", "dart", "groovy", "gradle", "proto", "zig"].map(
    (ext) => [ext, C_LIKE] as const,
  ),
  ...["rb", "rake"].map((ext) => [ext, RUBY] as const),
  ...["sh", "bash", "zsh", "yml", "yaml", "toml", "mk", "pl", "ex", "exs", "r", "jl", "ini", "cfg"].map((ext) => [ext, HASH] as const),
  ...["lua", "sql", "hs"].map((ext) => [ext, DASH] as const),
  ["py", PYTHON],
  ["pyi", PYTHON],
  ["php", PHP],
  ["cmake", CMAKE],
]);

function styleOf(path: string): Style | null {
  const name = (path.split("/").at(-1) ?? "").toLowerCase();
  if (name === "cmakelists.txt") return CMAKE;
  if (/^(gnu)?makefile|^dockerfile|^justfile/.test(name)) return HASH;
  return STYLES.get(name.split(".").at(-1) ?? "") ?? null;
}

/** `text` with comments blanked out; line breaks stay, so line numbers do too. Unknown languages are returned as they are. */
export function stripComments(path: string, text: string): string {
  const style = styleOf(path);
  if (style === null) return text;
  let out = "";
  let at = 0;
  while (at < text.length) {
    const block = style.block.find(([open]) => text.startsWith(open, at));
    const hidden = block !== undefined && (block[0].length < 3 || block[0] === "#[[" || block[0] === "--[[" || startsLine(text, at));
    if (block !== undefined && hidden) {
      const close = text.indexOf(block[1], at + block[0].length);
      const end = close === -1 ? text.length : close + block[1].length;
      out += text.slice(at, end).replace(/[^\n]/g, "");
      at = end;
    } else if (style.line.some((mark) => text.startsWith(mark, at))) {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    } else if (text[at] === '"' || text[at] === "'" || text[at] === "`") {
      const end = endOfString(text, at);
      out += text.slice(at, end);
      at = end;
    } else {
      out += text[at];
      at += 1;
    }
  }
  return out;
}

/** A triple-quoted string that opens a line is a statement without effect: a comment. */
function startsLine(text: string, at: number): boolean {
  return /(^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 200), at)) || text[at] === "\n";
}

/** The end of a string that closes on its line (or of a template); an apostrophe in prose closes nowhere and is one character. */
function endOfString(text: string, at: number): number {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === "\\") end += 1;
    else if (text[end] === quote) return end + 1;
    else if (text[end] === "\n" && quote !== "`") return at + 1;
  }
  return at + 1;
}
