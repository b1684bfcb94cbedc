/**
 * What failed, as a value that can be compared: the identity of a failure.
 *
 * A log becomes the lines that may matter (excerpt), these become failures with facts (facts), the failures that explain
 * the others come first (rank, then order), and what they name is the signature. Facts are what identifies: two tools
 * that name the same file and line, symbol or test mean the same thing, however they word it.
 *
 * @module
 */
import { baseOf, type Draft, draftOf, isThrown, RANKS, type Rank } from "./draft.ts";
import { type Excerpt, excerpt, type Line } from "./excerpt.ts";
import { readFacts } from "./facts.ts";
import { normalize, RULES_VERSION } from "./normalize.ts";
import { plain, straight } from "./plain.ts";
import { passes, wraps } from "./read/passing.ts";
import { titleOf } from "./title.ts";

/** A failure's identity: equal ids are equal failures; lines and facts say how alike two others are. */
export type Signature = {
  /** First 16 hex digits of the sha256 of the normalized text: its facts, sorted, and its lines where it has none. */
  readonly id: string;
  /** One line a person would write in a bug report. */
  readonly title: string;
  /** Normalized lines that say what failed, the root first. */
  readonly lines: readonly string[];
  /** Canonical `kind:value` facts, the same across tools: `undeclared:foo`, `test:Suite.case`. */
  readonly facts: readonly string[];
};

/** What a log told: its signature, and whether that is evidence enough to act upon. */
export type Failure = Signature & {
  /** Bytes read. */
  readonly bytes: number;
  /** No error was recognised, or only a generic line that identifies nothing. */
  readonly unrecognized: boolean;
  /** The machine failed, not the code: network, disk, memory, a lost runner. */
  readonly infrastructure: boolean;
};

/** What a test says of a program that it started: what that program died of stands around it. */
const COMMAND_FAILED = /CalledProcessError|returned non-zero exit status|Command failed|exited with (?:code|status) [1-9]/;
const A_FILE = /^(?:[A-Za-z]:)?(?:[\w.@-]{0,80}[\\/]){0,12}[\w.@-]{1,80}\.[A-Za-z]\w{0,5}$/;
/** Where nothing was recognised, so many lines are looked at again: what failed mostly ends the log. */
const ENDING_LINES = 60;
const MAX_LINES = 40;
const MAX_LINE = 240;
const MAX_FACTS = 60;
const MAX_FACT = 160;
/** Words of lines that only say that something failed. */
const EMPTY_WORDS = new Set(
  "error errors fail failed fails failing failure failures fatal build builds job jobs step steps stage task tasks test tests suite suites target command script process program exit exited exits code status with returned return completed number time line this that were was have been some the and see above details more information message found there duration stop stopped stopping abort aborted aborting cannot continue because previous unexpected total exception".split(
    " ",
  ),
);

/**
 * Reads a log and says what failed.
 *
 * @param log The bytes, in pieces of any size.
 * @param mask Takes known secrets out of a line before anything of it is cut: half a secret is still one.
 */
export async function readFailure(log: AsyncIterable<Uint8Array>, mask?: (text: string) => string): Promise<Failure> {
  return failureOf(await excerpt(log), mask);
}

/** What failed, from the kept lines of a log that was read. */
export function failureOf({ lines, bytes }: Excerpt, mask: (text: string) => string = (text) => text): Failure {
  return { ...describe(lines.map(({ text, telling }) => ({ text: mask(text), telling }))), bytes };
}

/** A log that names no failure: nothing was recognised, or no more than a tool's words, such as how many tests failed. */
export function isVague({ unrecognized, facts }: Failure): boolean {
  return unrecognized || !facts.some(identifies);
}

function identifies(fact: string): boolean {
  return !fact.startsWith("message:") && fact !== "exception:Error";
}

/** The failure that some lines of a log report. */
function describe(kept: readonly Line[]): Omit<Failure, "bytes"> {
  const { drafts, spoken } = readKept(kept);
  const root = drafts[0];
  if (root === undefined) {
    const lines = ending(kept);
    return {
      id: idOf(lines),
      title: spoken ?? lines[lines.length - 1] ?? "Nothing in the log says what failed",
      lines,
      facts: [],
      unrecognized: true,
      infrastructure: false,
    };
  }
  const facts = distinct(drafts, factsOf, MAX_FACTS);
  const lines = distinct(drafts, (draft) => draft.lines.map(normalize), MAX_LINES).map((line) => line.slice(0, MAX_LINE));
  const tested = facts.some((fact) => fact.startsWith("test:"));
  // A report of tests does not name the program that its console does.
  const identity = facts.filter((fact) => identifies(fact) && !(tested && fact.startsWith("suite:")));
  return {
    id: idOf([...(identity.length > 0 ? identity : lines)].sort()),
    title: titleOf(drafts.find(({ rank, message }) => rank === root.rank && message !== undefined) ?? root, kept),
    lines,
    facts,
    unrecognized: identity.length === 0 && !lines.some(saysSomething),
    infrastructure: root.infrastructure && drafts.every((draft) => draft.infrastructure || isProgram(draft)),
  };
}

/**
 * The failures that the kept lines report. Where none has a known word, the end of the log is read as if each of its lines
 * had one: what a tool's form identifies there counts, and what only sounds wrong makes a title, no evidence.
 */
function readKept(kept: readonly Line[]): { readonly drafts: readonly Draft[]; readonly spoken: string | undefined } {
  const drafts = chosen(readFacts(kept));
  if (drafts.length > 0) return { drafts, spoken: undefined };
  const last = chosen(readFacts(endOf(kept).map(({ text }) => ({ text, telling: true }))));
  const [root] = last;
  if (root === undefined) return { drafts: listed(kept), spoken: undefined };
  return root.rank === "generic" && root.ids.length === 0 ? { drafts, spoken: titleOf(root) } : { drafts: last, spoken: undefined };
}

/** Files, each in a line of its own, with which the output ends: `prettier -l`, `gofmt -l` and `rustfmt -l` say no more. */
function listed(kept: readonly Line[]): readonly Draft[] {
  const files: Draft[] = [];
  for (const { text } of endOf(kept).toReversed()) {
    const line = plain(text).trim();
    if (A_FILE.test(line))
      files.unshift({ ...draftOf("tool", line), ids: [`changed:${baseOf(line)}`], message: `${line}: listed, without a word` });
    else if (line !== "" && (files.length > 0 || !(wraps(straight(line)) || passes(straight(line))))) break;
  }
  return files;
}

/** The first distinct texts of some drafts; the rest are not even looked at. */
function distinct(drafts: readonly Draft[], textsOf: (draft: Draft) => readonly string[], limit: number): readonly string[] {
  const texts = new Set<string>();
  for (const draft of drafts) {
    for (const text of textsOf(draft)) if (text !== "" && texts.size < limit) texts.add(text);
    if (texts.size >= limit) break;
  }
  return [...texts];
}

/** More than "the build failed": a word that is not about failing, running or counting. */
function saysSomething(line: string): boolean {
  const words = line.toLowerCase().match(/[a-z_]{4,}/g) ?? [];
  return words.some((word) => !EMPTY_WORDS.has(word));
}

/** The drafts that tell the cause, the root first. */
function chosen(drafts: readonly Draft[]): readonly Draft[] {
  const has = (rank: Rank): boolean => drafts.some((draft) => draft.rank === rank);
  const proper = has("code") || has("crash") || has("test");
  // By the runner's own words: a daemon that does not answer may be the commit's fault.
  const lost = drafts.some(({ ids, message }) => ids[0] === "runner:lost" && /shutdown signal|lost communication/.test(message ?? ""));
  const exhausted = drafts.some(({ ids }) => ids[0] === "memory:heap");
  const fatal =
    lost || exhausted || drafts.some((draft) => draft.infrastructure && /^(?:disk:full|memory:killed)/.test(draft.ids[0] ?? ""));
  const located = drafts.some((draft) => (draft.rank === "code" || draft.rank === "test") && draft.at !== undefined);
  const reported = drafts.some(
    ({ rank, at, message }) => (rank === "crash" && at !== undefined) || (rank === "test" && message !== undefined),
  );
  const tested = drafts.some((draft) => draft.rank === "test" && draft.test !== undefined && !/\.\w{2,4}$/.test(draft.test));
  const relayed = drafts.some(({ rank, message }) => rank === "test" && COMMAND_FAILED.test(message ?? ""));
  const reasoned = drafts.some(({ rank, ids }) => rank === "code" && !ids.some(builds));
  // A name that nobody uses is often one that somebody misspelt, which another line says.
  const misspelt = drafts.some(({ ids }) => ids.some((id) => /^(?:undeclared|no-member):/.test(id)));
  const follows = ({ ids }: Draft): boolean => misspelt && ids.length > 0 && ids.every((id) => id.startsWith("unused:"));
  const telling = drafts.filter((draft) => {
    // A package that could not be built, where it is said why: that is what follows.
    if (reasoned && draft.ids.some(builds)) return false;
    // Whoever ended the job says so last, and why before.
    if (draft.ids[0] === "job:cancelled" && drafts.some(({ rank, ids }) => rank === "machine" && ids[0] !== "job:cancelled")) return false;
    switch (draft.rank) {
      case "generic":
      case "bare":
        return !proper && !has("machine") && !(draft.rank === "generic" && (has("tool") || has("bare")));
      case "tool":
        return (isProgram(draft) && (has("test") || has("crash"))) || (!proper && !has("machine"));
      case "machine":
        return !proper || fatal;
      case "crash":
        // Exceptions that passing tests print are not why the job failed, when something else says where.
        return !(
          (located || tested || lost || exhausted || (reported && draft.at === undefined && draft.test === undefined)) &&
          !relayed &&
          !drafts.some(({ test }) => test !== undefined && test === draft.suite) &&
          isThrown(draft)
        );
      default:
        return true;
    }
  });
  return telling
    .map((draft, order) => ({ draft, order }))
    .sort(
      (a, b) =>
        RANKS.indexOf(a.draft.rank) - RANKS.indexOf(b.draft.rank) ||
        Number(follows(a.draft)) - Number(follows(b.draft)) ||
        a.order - b.order,
    )
    .map(({ draft }) => draft);
}

/** A program of tests that failed, beside what of it: it stays, as who knows no more than that means the same. */
function isProgram({ rank, suite }: Draft): boolean {
  return rank === "tool" && suite !== undefined;
}

function builds(id: string): boolean {
  return id.startsWith("package-build:");
}

function factsOf(draft: Draft): string[] {
  const facts = draft.ids.map((id) => id);
  if (draft.at !== undefined) facts.push(`at:${draft.at}`);
  if (draft.test !== undefined) facts.push(`test:${draft.test}`);
  if (draft.suite !== undefined && draft.test === undefined) facts.push(`suite:${draft.suite}`);
  for (const code of draft.codes) facts.push(`code:${code}`);
  if (draft.message !== undefined) facts.push(`message:${normalize(draft.message).slice(0, 120)}`);
  return facts.map((fact) => fact.slice(0, MAX_FACT));
}

/** Where what failed ends: at the service's last error, since what it tidies up afterwards passed. */
function endOf(kept: readonly Line[]): readonly Line[] {
  const end = kept.findLastIndex(({ text }) => text.includes("##[error]")) + 1 || kept.length;
  return kept.slice(Math.max(0, end - ENDING_LINES), end);
}

/** The last lines, when nothing was recognised; those that only wrap, where no other is. */
function ending(kept: readonly Line[]): readonly string[] {
  const last = endOf(kept)
    .map(({ text }) => plain(text))
    .filter((line) => line.trim() !== "");
  const telling = last.filter((line) => !wraps(straight(line)) && !passes(straight(line)) && !/^\s{2,}at /.test(line));
  return (telling.length > 0 ? telling : last).slice(-5).map((line) => normalize(line).slice(0, MAX_LINE));
}

function idOf(parts: readonly string[]): string {
  return new Bun.CryptoHasher("sha256")
    .update(`v${RULES_VERSION}\n${parts.join("\n")}`)
    .digest("hex")
    .slice(0, 16);
}
