/**
 * Hostile text made harmless for where it is shown: Markdown on GitHub, titles and commit messages, and the log of a step.
 *
 * GitHub acts on text: it notifies whoever is mentioned, links and closes issues, shows images, hides comments; a runner obeys `::`
 * commands. A zero-width space inside of such a token leaves it readable and dead, in titles and commit messages too, where there is
 * nothing to escape with. What Markdown means is escaped. Text is cut first, so an escape is never cut in two.
 *
 * @module
 */

const BREAK = "\u200b";

/** Characters of prose, a title, a block. */
const MAX = { prose: 500, line: 120, block: 8_000 } as const;

/**
 * One line of Markdown prose (a sentence, a list item, a table cell) that shows `text` and does nothing else.
 *
 * @param options.max characters kept, by default 500
 */
export function neutralize(text: string, options: { readonly max?: number } = {}): string {
  return defuse(oneLine(cut(visible(text), options.max ?? MAX.prose)))
    .replace(/[\\`*_[\]|~$]/g, String.raw`\$&`)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/^([#+=-]|\d+(?=[.)]))/, (start) => (/^\d/.test(start) ? `${start}${BREAK}` : `\\${start}`));
}

/** One line for a place without Markdown: a title, the subject or a line of a commit message, a line of a log. */
export function neutralizeLine(text: string, options: { readonly max?: number } = {}): string {
  return defuse(oneLine(cut(visible(text), options.max ?? MAX.line))).replace(/<!--/g, `<${BREAK}!--`);
}

/** One line of a step's log that is no command to the runner: `::` is one at the start of a line, `##[` anywhere. */
export function logLine(text: string, options: { readonly max?: number } = {}): string {
  return oneLine(cut(visible(text.replaceAll("\r", "\n")), options.max ?? MAX.block))
    .replace(/^::/, `:${BREAK}:`)
    .replace(/##(?=\[)/g, `##${BREAK}`);
}

/** A command to the runner, with its newline: `text` is shown as it is, every line of it, and cannot be another command. */
export function runnerCommand(kind: "debug" | "notice" | "warning" | "error", text: string): string {
  return `::${kind}::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}\n`;
}

/** A fenced block that `text` cannot leave. Nothing inside a fence is a mention or a link; our own marker must not be found there either. */
export function codeBlock(text: string, options: { readonly max?: number; readonly language?: string } = {}): string {
  const inside = breakCommands(cut(visible(text), options.max ?? MAX.block))
    .replace(/<!--/g, `<${BREAK}!--`)
    .replace(/-->/g, `--${BREAK}>`);
  const fence = "`".repeat(Math.max(3, longestRun(inside) + 1));
  return `${fence}${(options.language ?? "").replace(/[^\w+-]/g, "")}\n${inside}\n${fence}`;
}

/** A code span that `text` cannot leave; safe in a table cell. */
export function codeSpan(text: string, options: { readonly max?: number } = {}): string {
  const inside = breakCommands(oneLine(cut(visible(text), options.max ?? MAX.prose)))
    .replace(/<!--/g, `<${BREAK}!--`)
    .replace(/\|/g, String.raw`\|`);
  if (inside === "") return "";
  const ticks = "`".repeat(longestRun(inside) + 1);
  return `${ticks} ${inside} ${ticks}`;
}

/** Without colour codes, control and direction characters, and other letters that are not seen. */
function visible(text: string): string {
  return Bun.stripANSI(text)
    .replaceAll("\r\n", "\n")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, (letter) =>
      letter === "\n" || letter === "\t" ? letter : "",
    );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function cut(text: string, max: number): string {
  const letters = Array.from(text.slice(0, max * 2 + 2));
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join("")}…`;
}

/** Mentions, references, links and runner commands, each broken by a zero-width space. Closing keywords need a reference to act. */
function defuse(text: string): string {
  return (
    breakCommands(text)
      .replace(/@(?=[\w-])/g, `@${BREAK}`)
      .replace(/#(?=\d)/g, `#${BREAK}`)
      .replace(/(GH)-(?=\d)/gi, `$1${BREAK}-`)
      // A commit whose message says so would run no flavor, and nobody would see that the fix is wrong.
      .replace(/\[(?=(?:skip|no|ci|actions)[ -](?:ci|actions|skip)\])|\b(?=skip-checks\s*:)/gi, `$&${BREAK}`)
      .replace(/:\/\//g, `:${BREAK}//`)
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}${BREAK}.`)
      .replace(/\b(mailto|xmpp|javascript|data):/gi, `$1${BREAK}:`)
  );
}

function breakCommands(text: string): string {
  return text.replace(/::(?=[\w-])/g, `:${BREAK}:`).replace(/##(?=\[)/g, `##${BREAK}`);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
}
