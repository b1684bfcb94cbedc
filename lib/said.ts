/**
 * What the words of messages and of tests' names tell: identifiers, values, what it is about.
 *
 * @module
 */

/** A name in a message: quoted, at its end, or with the shape that only programs give to names. */
const IDENTIFIER =
  /'([\w$:]{4,80})'|(?:: |-l)([A-Za-z_]\w{2,60})$|(?<![\w.:/\\-])(?:[A-Za-z_$][\w$]{0,60}::){0,6}((?:[A-Za-z$][a-z\d$]{0,40}|[A-Z][A-Z\d]{0,40})(?:[A-Z_][A-Za-z\d$]{1,40}){1,8})(?!::|\.\w|[\w/\\-])/g;
/** What languages, systems and tools call their own: many messages name it, each for another reason. */
const COMMON_NAMES =
  /(?:Error|Exception|Sanitizer|Test)$|^(?:E[A-Z]{4,12}|ERR_\w+|SIG[A-Z]+|to[A-Z]\w+|\w*[dD]eepEqual|strictEqual|undefined|true|false|null|None\w*|string|number|object|boolean|void|const|char|unsigned|failed|error|timeout|aborted|Git(?:Hub|Lab)|(?:Java|Type)Script|PowerShell|CMake|CTest|ESLint|OpenSSL|My?SQL\w*|PostgreSQL|macOS)$/;
/** Words of tests' names that are in many. */
const COMMON_WORDS = new Set(
  "the and for with when its from into that test tests should does not are has have returns handles works".split(" "),
);
/** How libraries of assertions say what they found, and what they looked for. */
const VALUES: readonly RegExp[] = [
  /Expected values to be [\w -]{1,30}: (?<found>.{1,120}?) !== (?<wanted>.{1,160})$/,
  /^(?:Error: )?expect\(.{0,120}?Expected: (?<wanted>.{1,120}?) Received: (?<found>.{1,160})$/,
  /expected (?<found>.{1,120}?) to (?:be|equal|deeply equal|strictly equal) (?<wanted>.{1,120}?)(?: \/\/.{0,160})?$/,
  /^(?:\w{0,40}Error: )?(?:assert )?(?<found>.{1,120}?) (?:==|!=) (?<wanted>.{1,160})$/,
  /^assertion '?left == right'? failed.{0,80}? left: (?<found>.{1,120}?) right: (?<wanted>.{1,160})$/,
  /expected:? ?<(?<wanted>.{1,120}?)> but was:? ?<(?<found>.{1,120}?)>/,
  /\b(?:got|was):? (?<found>.{1,120}?),? (?:want|wanted|expected):? (?<wanted>.{1,160})$/,
];
/** What many tests find or look for, each for another reason. */
const COMMON_VALUES = /^(?:true|false|none|null|nil|undefined|-?[012]|[2-5]\d\d|\[\]|\{\}|)$/i;
/** An exception that says of what: the same words are thrown for the same reason, wherever they are caught. */
const SPECIFIC_EXCEPTION =
  /^(?:[\w$]{1,80}\.){0,10}(?!Assert|\w{0,40}Assertion)(?:[A-Z]\w{0,80})?(?:Error|Exception): (?!Command |expected |Process |Snapshot |Time|Test |Uncaught |The |Failed )(?<words>.{12,400})/;

/** A shorter end may be that of any other. */
const PASSED_CHARACTERS = 20;

/** Identifiers in a message: quoted, or with the shape of one. */
export function namesIn(message: string): readonly string[] {
  return [...message.matchAll(IDENTIFIER)].flatMap(([, quoted = "", last = "", shaped = ""]) => {
    const name = quoted || last || shaped;
    return COMMON_NAMES.test(name) ? [] : [name.slice(name.lastIndexOf(":") + 1)];
  });
}

/** The words of a test's own name, without its suites, that say what it is about. */
export function wordsOf(test: string): readonly string[] {
  const last = test.slice(test.lastIndexOf(" > ") + 1).trim();
  const name = /\s/.test(last) ? last : last.replace(/^.*[/.:](?=\w{5,160}(?:\.\w{1,5})?$)/, "");
  return (name.toLowerCase().match(/[a-z]{3,}/g) ?? []).filter((word) => !COMMON_WORDS.has(word));
}

/** What an assertion found and what it looked for, without quotes; runners differ in which they name first. */
export function valuesIn(message: string): readonly string[] {
  for (const pattern of VALUES) {
    const groups = pattern.exec(message)?.groups;
    if (groups === undefined) continue;
    const pair = [groups.found, groups.wanted].map((value) => (value ?? "").replaceAll("'", "").trim());
    return pair.every((value) => COMMON_VALUES.test(value)) ? [] : [pair.sort().join(" and ")];
  }
  return [];
}

/** What an exception says that tells of what, its numbers masked; undefined for any other message. */
export function thrownFor(message: string): string | undefined {
  const words = SPECIFIC_EXCEPTION.exec(message)?.groups?.words;
  return words === undefined ? undefined : masked(words);
}

/** A message without its numbers: which of them it was differs by flavor. */
export function masked(message: string): string {
  return message.replace(/\d{1,20}/g, "#");
}

/** What a message ends with, behind each colon: whoever passes it on says first what it was about to do. */
export function tailsOf(message: string): readonly string[] {
  const tails: string[] = [];
  for (let colon = message.indexOf(": "); colon >= 0; colon = message.indexOf(": ", colon + 2)) {
    if (message.length - colon - 2 >= PASSED_CHARACTERS) tails.push(message.slice(colon + 2));
  }
  return tails;
}
