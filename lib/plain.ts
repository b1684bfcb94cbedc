/**
 * A log line as its tool printed it: without colours and without what the CI service wrote before it.
 *
 * @module
 */

/** Terminal control: colours and cursor (CSI), titles (OSC), Buildkite's time stamps (APC), charset switches. */
const CONTROL =
  /\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|_[^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|[()][A-Z0-9]|[@-Z\\^=><])/g;
const REST = /[\x00-\x08\x0b-\x1f\x7f\ufeff]/g;

/** `web:build: `, `@acme/web:test: `, `packages/web build: `, `@acme/web: `: by the scripts' names, as compilers write so of files. */
const SCRIPTS = "(?:build|test|lint|type-?check|check|compile|tsc|e2e|unit|integration|coverage|bundle)";
const RELAY = new RegExp(
  String.raw`^(?:(?:@[\w.-]{1,60}/)?[\w-]{1,60}:(?:[\w-]{1,40}:){0,3}${SCRIPTS}(?:[:-][\w:-]{1,40})?|(?:[\w@.-]{1,60}/){1,5}[\w.-]{1,60} ${SCRIPTS}(?:[:-][\w:-]{1,40})?|@[\w-]{1,60}/[\w.-]{1,60}): `,
);

/** What stands before a tool's own text; each at the start of the line, tried in turn until none applies. */
export const PREFIXES: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  { why: "gh run view --log: job, step", pattern: /^[^\t]{1,120}\t[^\t]{1,120}\t(?=\ufeff?\d{4}-\d\d-\d\dT)/ },
  {
    why: "ISO time stamp: GitHub, Azure, GitLab, Jenkins",
    pattern: /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]? ?/,
  },
  { why: "sbt's logger: date without a year", pattern: /^\[\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}\] / },
  { why: "GitLab: stream and continuation", pattern: /^\d\d[OE][ +]?/ },
  { why: "Buildkite without its escape", pattern: /^_bk;t=\d{13}/ },
  { why: "Mozilla's taskcluster", pattern: /^\[task \d{4}-[^\]]{1,40}\] ?/ },
  {
    why: "time of day, with a logger's level",
    pattern: /^\[?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: [AP]M)?\]?(?: {1,5}(?:INFO|ERROR|WARNING|DEBUG|CRITICAL|FATAL) - {0,2})? /,
  },
  { why: "docker build: step and seconds", pattern: /^#\d{1,4} \d{1,5}\.\d{1,4} / },
  { why: "docker build's summary: seconds", pattern: /^\d{1,4}\.\d{3} (?=\S)/ },
  { why: "docker compose: service", pattern: /^[\w.-]{1,40}[_-]\d{1,3} {1,20}\| / },
  { why: "act: workflow and job", pattern: /^\[[^\]]{1,120}\] {1,40}\| / },
  { why: "ant: task", pattern: /^ {2,12}\[(?:javac|junit|java|exec|junitlauncher|ecj|apply)\] ?/ },
  {
    why: "what a compiler said, in the report of pip, Gradle and MSBuild",
    pattern:
      /^ {2,12}(?=\S(?::[\\/])?[^:'"<>|]{1,300}?(?::\d{1,7}(?::\d{1,7})?|\(\d{1,7}(?:,\d{1,7})?\)): (?:(?:fatal )?error\b|\u9519\u8bef|\u30a8\u30e9\u30fc|\uc624\ub958))/,
  },
  { why: "MSBuild: project number", pattern: /^ {0,12}\d{1,4}>(?=\S)/ },
  { why: "the mark of a runner's or a workflow's own errors", pattern: /^##\[error\]/ },
  { why: "CTest -V: the test's number", pattern: /^\d{1,5}: (?=[\s\S])/ },
  { why: "xUnit.net: its own clock", pattern: /^\[xUnit\.net \d\d:\d\d:\d\d\.\d{1,7}\] {1,8}/ },
  { why: "the kernel's clock", pattern: /^\[ {0,6}\d{1,6}\.\d{6}\] / },
  { why: "Qt's Coin: its agent", pattern: /^agent:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \w{1,40}\.go:\d{1,6}: / },
  { why: "Yarn since 2: its code and its frame", pattern: /^\u27a4 YN\d{4}: (?:[\u2502\u250c\u2514\u00b7] ?)?/ },
  { why: "npm-run-all: which script, padded; not a logger's level", pattern: /^\[(?![A-Z]{4,8} )[\w:.-]{1,40} {1,40}\] / },
  { why: "Nix, Stack: which package", pattern: /^[a-z][\w.+-]{0,80}(?: {2,40})?> / },
  { why: "Kotlin's daemon", pattern: /^exception: (?=\s+at |[Cc]aused by: |[\w.]{1,200}(?:Exception|Error)\b)/ },
  { why: "pytest's own failure", pattern: /^INTERNALERROR> ?/ },
  { why: "prove: the file that dies", pattern: /^\S{1,200}\.t \.{2,80} (?=Can't |Undefined |Global symbol |syntax error |Bareword )/ },
  { why: "turbo, pnpm, lerna: package and script", pattern: RELAY },
  { why: "JUnit's console launcher: its tree", pattern: /^(?:\u2502 {2}){1,8} {0,40}(?=\s*at |caught: |uniqueId: )/ },
  { why: "Terraform's frame", pattern: /^\u2502 (?=[A-Za-z"'`]| {2}on )/ },
  { why: "pytest-xdist worker", pattern: /^\[gw\d{1,3}\] (?=\[)/ },
];

/** How a line with any of them begins, and with colours; most lines begin otherwise, and are spared the list. */
export const PREFIXED =
  /^(?:[\d[#_\t \x1b\ufeff\u2502\u27a4]|agent:\d|[a-z][\w.+-]{0,80} {0,40}> |[^\t]{1,120}\t|[\w.-]{1,40}[_-]\d{1,3} {1,20}\||@\w|INTERNALERROR> |exception: |\S{1,200}\.t \.\.|[\w@./-]{1,80}(?: |:)[\w:-]{0,80}\b(?:build|test|lint|check|compile|tsc|e2e|unit|integration|coverage|bundle)[\w:-]{0,40}: )/;

/** The escape with which GitHub's runner colours the script that it echoes: not output. */
const ECHO = "\x1b[36;1m";

/**
 * UTF-8 shown as code page 437, as a Windows console does: a bullet of U+2000 to U+2FFF becomes three letters of which
 * the first is a Gamma. The letters for 0x80 to 0xBF, which follow it.
 */
const MISREAD = /\u0393[\u0080-\u2fff]{2}/g;
const CODE_PAGE = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐";

function reread(letters: string): string {
  const [second, third] = [CODE_PAGE.indexOf(letters[1] ?? ""), CODE_PAGE.indexOf(letters[2] ?? "")];
  return second < 0 || third < 0 ? letters : String.fromCharCode(0x2000 | (second << 6) | third);
}

/** The cursor goes back to the line's begin. */
const REWIND = /\x1b\[[01]?G/;

/** A file's URL: of a path, whose drive stands behind one more slash. */
const FILE_URL = /file:\/\/(?:\/(?=[A-Za-z]:[\\/]))?(?=[/A-Za-z])/g;

/** A tool's own text of one log line; empty for a script's echo. */
export function plain(line: string): string {
  if (line.includes(ECHO)) return "";
  let text = line.includes("\x1b") ? shown(line) : line;
  text = text.replace(REST, "");
  if (text.includes("\u0393")) text = text.replace(MISREAD, reread);
  if (text.includes("file:/")) text = text.replace(FILE_URL, "");
  for (let round = 0; round < 4 && PREFIXED.test(text); round++) {
    const before = text;
    for (const { pattern } of PREFIXES) text = text.replace(pattern, "");
    if (text === before) break;
  }
  return text.trimEnd();
}

/** What a terminal shows of a line: what was written last from its begin. */
function shown(line: string): string {
  const written = line.split(REWIND).map((part) => part.replace(CONTROL, ""));
  return written.findLast((part) => part.trim() !== "") ?? "";
}

/** Every compiler's quotes as one: 'name'. */
export function straight(text: string): string {
  return text.replace(/[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb`\u00b4"]/g, "'").replace(/''/g, "'");
}
