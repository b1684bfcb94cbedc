/**
 * A signature's facts, sorted by what they prove.
 *
 * @module
 */
import { baseOf } from "./draft.ts";
import { lastName, libraryOf } from "./names.ts";
import { callsIn, dialectOf, masked, namesIn, symbolsIn, tailsOf, thrownFor, valuesIn, wordsOf } from "./said.ts";
import type { Signature } from "./signature.ts";

/** Kinds that say the same of a name: it is missing, or it is there twice. */
const FAMILIES: Readonly<Record<string, string>> = {
  undeclared: "missing",
  "undefined-symbol": "missing",
  "no-member": "missing",
  "missing-module": "missing",
  "missing-include": "missing",
  "missing-package": "missing",
  "missing-library": "missing",
  "missing-command": "missing-command",
  "missing-script": "missing-script",
  "package-build": "package-build",
  "missing-download": "missing-download",
  "missing-target": "missing-target",
  "unknown-option": "unknown-option",
  unportable: "unportable",
  "missing-file": "missing-file",
  "missing-source": "missing-file",
  "argument-count": "argument-count",
  redefinition: "twice",
  "duplicate-symbol": "twice",
  unused: "unused",
  uninitialized: "uninitialized",
  abstract: "abstract",
  "null-access": "null-access",
  format: "format",
  changed: "format",
  malformed: "malformed",
  lockfile: "lockfile",
  engine: "engine",
};
const LIBRARIES = new Set(["missing-package", "missing-library", "missing-include"]);
/** Where a program died, in its own words; an assertion here may be a sanitizer's report there. */
const MARKS = new Set(["assert", "frame", "undefined-behavior"]);
const MACHINES = new Set(["network", "disk", "memory", "job", "runner", "permission", "conflict"]);
const CRASHES = new Set(["crash", "sanitizer", "panic", "timeout"]);
const SYNTAX =
  /\bsyntax\b|SyntaxError|missing return statement|must return a result of type|IndentationError|unexpected (?:token|end|eof|indent|character)|unterminated|was never closed|parse error|reached end of file|unclosed/i;
/** A parser's words too, unless a test says them: assertions expect something as well. */
const EXPECTED =
  /expected (?:'|unqualified|initializer|primary|identifier|expression|declaration|statement|function body)|'[^'\w]{1,3}' expected|missing '[^'\w]{1,3}'/i;
/** A runner that waited in vain: it tells where it waited, not why. */
const HANGS =
  /^(?:\w{0,40}Error: )?(?:Waiting for |Timeout of |Timed out |thrown: 'Exceeded timeout |Test timed out|Promise returned by test never resolved|Promise resolution is still pending|test exited without ending|.{0,40}(?:CRASHED: |killed by signal 15 |terminated by signal )SIGTERM\b|.{0,60}Timeout \d{1,9}ms exceeded)/;
/** What Rust looks for in a debug build alone. */
const OVERFLOW = /^attempt to \w{1,20} with overflow$/;
/** Text beyond this hardly changes the ratio, and edit distance costs its square. */
const TEXT_CHARACTERS = 160;

/** Exceptions of C++'s library. */
const STANDARD_EXCEPTIONS =
  /^(?:std::)?(?:exception|(?:runtime|logic|domain|range|overflow|underflow|system|length|format|future|regex|filesystem)_error|invalid_argument|out_of_range|bad_\w{1,30})$/;
/** Exceptions of languages and of their test runners. */
const COMMON_EXCEPTIONS =
  /^(?:Assert|Comparison|Multiple|Test)|^(?:\w{0,12}Argument|Arithmetic|Attribute|Base|Cast|Class|Concurrent\w{0,20}|Expectation|File\w{0,12}|Format|IO|Illegal\w{1,16}|Import|Index\w{0,16}|Invalid\w{1,20}|Invocation\w{0,12}|Key\w{0,8}|Lookup|Module\w{0,12}|Name|NoMethod|NoSuch\w{1,16}|Not\w{1,20}|Null\w{0,16}|Number\w{0,12}|OS|Out\w{1,16}|Permission|Process\w{0,12}|Range|Reference|Runtime|Socket|Standard|State|Stop|Syntax|System|Timeout|Type\w{0,8}|Unicode\w{0,12}|Unsupported\w{1,16}|Value|Zero\w{0,12})?(?:Error|Exception|Failure|Exit|Iteration|Timeout)$/;
const LEAK = /\bleak of memory\b|\bmemory leaks?\b|: definitely lost$|^sanitizer:(?:detected memory leaks|definitely lost)/i;
const NULL_POINTER = /\bnull pointer\b/;
/** What a runner of programs says of any that failed. */
const UNTOLD = /^(?:(?:Failed|FAIL|TIMEOUT|Timeout)\b.{0,16}|Wstat: .*)$/;
/** A shorter message says nothing. */
const MESSAGE_CHARACTERS = 12;

/** A signature, sorted by what its facts prove. */
export type Evidence = {
  readonly places: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** Files, as `stem`, that a type checker or compiler complained about. */
  readonly stems: ReadonlySet<string>;
  readonly tests: ReadonlySet<string>;
  /** The words of each test's own name that say what it is about, where there are two at least. */
  readonly topics: readonly (readonly string[])[];
  readonly words: ReadonlySet<string>;
  /** Numbers of the tests that failed in such a program, as prove lists them. */
  readonly numbers: ReadonlySet<number>;
  /** Programs of tests in which something died, where no test is named. */
  readonly suites: ReadonlySet<string>;
  readonly symbols: ReadonlySet<string>;
  /** A linker misses a symbol. */
  readonly unlinked: boolean;
  /** Packages and libraries that are missing; and folders of headers that are. */
  readonly packages: ReadonlySet<string>;
  readonly headers: ReadonlySet<string>;
  /** Files that are not as they were committed. */
  readonly changed: ReadonlySet<string>;
  /** Lines that the stack of a death goes through, in files of the project. */
  readonly via: ReadonlySet<string>;
  readonly marks: ReadonlySet<string>;
  readonly machines: ReadonlySet<string>;
  readonly crashes: ReadonlySet<string>;
  /** It died in code without memory safety, where one bug shows in many ways. */
  readonly unsafe: boolean;
  readonly hangs: boolean;
  /** Of a library or the project: the language's own say little. */
  readonly exceptions: ReadonlySet<string>;
  readonly weak: ReadonlySet<string>;
  readonly messages: ReadonlySet<string>;
  /** What the messages end with, behind what whoever passed them on was about to do. */
  readonly tails: ReadonlySet<string>;
  /** What exceptions of them say that tells of what, numbers masked; and so what any says. */
  readonly thrown: ReadonlySet<string>;
  readonly masked: ReadonlySet<string>;
  /** Identifiers that the messages are about. */
  readonly names: ReadonlySet<string>;
  /** Calls that assertions are about, with what they were given. */
  readonly calls: ReadonlySet<string>;
  /** What assertions found and looked for, in either order. */
  readonly values: ReadonlySet<string>;
  /** Whose words its assertions use, where that can be told. */
  readonly dialect: string | undefined;
  readonly facts: ReadonlySet<string>;
  /** Some message complains of syntax: every flavor reads the same text, though not each sees the fault on the same line. */
  readonly syntax: boolean;
  readonly text: string;
};

const known = new WeakMap<Signature, Evidence>();

/** What a signature proves; the same object for the same signature. */
export function evidenceOf(signature: Signature): Evidence {
  const before = known.get(signature);
  if (before !== undefined) return before;
  const places = new Set<string>();
  const files = new Set<string>();
  const via = new Set<string>();
  const packages = new Set<string>();
  const headers = new Set<string>();
  const changed = new Set<string>();
  const stems = new Set<string>();
  const tests = new Set<string>();
  const suites = new Set<string>();
  const numbers = new Set<number>();
  const symbols = new Set<string>();
  const marks = new Set<string>();
  const machines = new Set<string>();
  const crashes = new Set<string>();
  const weak = new Set<string>();
  const messages = new Set<string>();
  const exceptions = new Set<string>();
  let unlinked = false;
  for (const fact of signature.facts) {
    const colon = fact.indexOf(":");
    const kind = colon < 0 ? fact : fact.slice(0, colon);
    const value = colon < 0 ? "" : fact.slice(colon + 1);
    const family = FAMILIES[kind];
    if (kind === "undefined-symbol") unlinked = true;
    if (kind === "missing-package" || kind === "missing-library") packages.add(libraryOf(value).toLowerCase());
    // A library's header often lies in a folder that is called after it: 'fmt/format.h'.
    if (kind === "missing-include" && value.includes("/")) headers.add(value.slice(0, value.indexOf("/")).toLowerCase());
    if (kind === "at") {
      places.add(value);
      files.add(value.replace(/:\d+$/, ""));
      stems.add(stemOf(value));
    } else if (kind === "within") via.add(value);
    else if (kind === "test") tests.add(value);
    else if (kind === "suite") suites.add(value);
    else if (kind === "numbers") for (const number of numbersOf(value)) numbers.add(number);
    else if (family !== undefined && value !== "")
      symbols.add(`${family}:${LIBRARIES.has(kind) ? libraryOf(baseOf(value)) : lastName(value)}`);
    else if (MARKS.has(kind) && value !== "") marks.add(fact);
    else if (MACHINES.has(kind)) machines.add(fact);
    else if (CRASHES.has(kind)) crashes.add(fact === "sanitizer:SEGV" ? "crash:segv" : fact);
    else if (kind === "message") {
      if (value.length >= MESSAGE_CHARACTERS && !UNTOLD.test(value)) messages.add(value);
    } else if (kind !== "exception") weak.add(fact);
    else if (!COMMON_EXCEPTIONS.test(value) && !STANDARD_EXCEPTIONS.test(value)) exceptions.add(value);
  }
  // What UBSan sees before it happens, elsewhere the system ends.
  if (weak.has("undefined-behavior") && [...messages].some((message) => NULL_POINTER.test(message))) crashes.add("crash:segv");
  // Who looks at the source says what who looks at the run does.
  if ([...messages, ...crashes].some((said) => LEAK.test(said))) crashes.add("sanitizer:leak");
  for (const message of messages) for (const symbol of symbolsIn(message, files)) symbols.add(symbol);
  for (const symbol of symbols) if (symbol.startsWith("format:")) changed.add(symbol.slice("format:".length));
  const hangs = crashes.has("timeout") || [...messages].some((message) => HANGS.test(message));
  const topics = [...tests].map(wordsOf).filter((words) => words.length > 1);
  const evidence = {
    places,
    files,
    stems,
    tests,
    topics,
    words: new Set(topics.flat()),
    suites,
    numbers,
    symbols,
    unlinked,
    packages,
    headers,
    changed,
    via,
    marks,
    machines,
    crashes,
    unsafe:
      [...crashes].some((fact) => /^(?:crash|sanitizer):/.test(fact)) ||
      weak.has("undefined-behavior") ||
      [...messages].some((message) => OVERFLOW.test(message)),
    hangs,
    exceptions,
    weak,
    messages,
    tails: new Set([...messages].flatMap(tailsOf)),
    thrown: new Set([...messages].flatMap((message) => thrownFor(message) ?? [])),
    masked: new Set([...messages].map(masked)),
    names: new Set([...messages].flatMap(namesIn)),
    calls: new Set([...messages, ...marks].flatMap(callsIn)),
    values: new Set([...messages].flatMap(valuesIn)),
    dialect: dialectOf(messages),
    facts: new Set(signature.facts),
    syntax: [...messages].some((message) => SYNTAX.test(message) || (tests.size === 0 && EXPECTED.test(message))),
    text: signature.lines.join("\n").slice(0, TEXT_CHARACTERS),
  };
  known.set(signature, evidence);
  return evidence;
}

/** 2, 7, 8 and 9 of "2, 7-9". */
function numbersOf(list: string): readonly number[] {
  return list.split(",").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: Math.min(last - first + 1, 1_000) }, (_, index) => first + index);
  });
}

/** `stats` for stats.py:9, test_stats.py:11, stats.test.ts:4, StatsTest.java:3. */
function stemOf(place: string): string {
  const name = place.replace(/:\d+$/, "").replace(/\.[^.]{1,8}$/, "");
  const bare = name.replace(/(?:[._-](?:test|spec)|Test|Tests)$|^(?:test[._-]|Test)/, "");
  return bare === name ? name : `test ${bare.toLowerCase()}`;
}
