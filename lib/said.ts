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
/** What did not hold, as C and C++ assert it. */
const ASSERTED =
  /Assertion '(.{1,300}?)'? failed|^assert:(.{1,300})$|^(?:critical )?check (.{1,300}?) has failed|^(?:CHECK|REQUIRE)\( (.{1,300}?) \)|^failed: (.{1,300}?) for: /;
/** A call whose arguments hold no other. */
const CALL = /(?<![\w.])((?:[A-Za-z_]\w{0,60}(?:::|\.|->)){0,5}[A-Za-z_]\w{2,60})\(([^()]{1,80})\)/g;
/** What libraries of assertions and languages call, and what says when or where. */
const COMMON_CALLS =
  /(?:^|[.:])(?:assert\w*|expect\w*|check\w*|require\w*|ASSERT\w*|EXPECT\w*|CHECK\w*|REQUIRE\w*|len|size|str|repr|strcmp|memcmp|strlen|sizeof|to[A-Z]\w*|U?INT\d+_C|if|for|while|return|type|line|at|in|Error|exit|status|code)$|^[A-Z\d_]+$/;
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
  /^Expected:? (?<wanted>.{1,120}?) (?:Actual|got):? (?<found>.{1,160})$/i,
  /\b(?:got|was):? (?<found>.{1,120}?),? (?:want|wanted|expected):? (?<wanted>.{1,160})$/,
];
/** What many tests find or look for, each for another reason. */
const COMMON_VALUES = /^(?:true|false|none|null|nil|undefined|-?[012]|[2-5]\d\d|\[\]|\{\}|)$/i;
/** An exception that says of what: the same words are thrown for the same reason, wherever they are caught. */
const SPECIFIC_EXCEPTION =
  /^(?:[\w$]{1,80}\.){0,10}(?!Assert|\w{0,40}Assertion)(?:[A-Z]\w{0,80})?(?:Error|Exception): (?!Command |expected |Process |Snapshot |Time|Test |Uncaught |The |Failed )(?<words>.{12,400})/;

/** Go: what vet says of a format, and what is printed instead. */
const WRONG_VERB = /format %[-+# \d.]{0,8}(\w) has arg .{1,200} of wrong type ([\w.*[\]]{1,60})|%!(\w)\(([\w.*[\]]{1,60})=/;
/** Where in a file its reader stopped. */
const JSON_POSITION = /in JSON at position (\d{1,9})/;

/** How libraries of assertions word what they found. */
const DIALECTS: readonly { readonly name: string; readonly words: RegExp }[] = [
  { name: "Jest", words: /^(?:Error: )?expect\(|^thrown: 'Exceeded timeout / },
  { name: "Mocha", words: /^Error: Timeout of .{1,40} exceeded\. For async tests and hooks/ },
  {
    name: "Node",
    words:
      /^(?:AssertionError \[ERR_ASSERTION\]: )?(?:Expected values to be |Expected '.{1,80}' to be |The expression evaluated to a falsy)|^\S{1,40} [=!]==? \S{1,40}$/,
  },
  { name: "Chai", words: /^(?:AssertionError: )?expected .{1,200} to / },
  { name: "AVA", words: /^(?:Difference \(- actual, \+ expected\):|Value is not )/ },
  { name: "tape", words: /^should be / },
  {
    name: "GoogleTest",
    words: /^(?:Expected equality of these values:|Value of: |Expected: \(|Expected: .{1,80} Actual: |C\+\+ exception with description)/,
  },
  { name: "doctest", words: /^(?:CHECK|REQUIRE|WARN)\w{0,20}\( .{1,300} \) (?:is NOT correct!|THREW exception)/ },
  { name: "Catch2", words: /^(?:(?:CHECK|REQUIRE)\w{0,20}\( .{1,300} \)$|failed: .{1,300} for: )/ },
  { name: "Boost.Test", words: /^(?:critical )?check .{1,300} has failed/ },
  { name: "assert()", words: /^\S{1,200}: \S{1,200}:<line>: .{1,200}: Assertion '/ },
  { name: "Check", words: /^Assertion '.{1,300}' failed: / },
  { name: "cmocka", words: /^(?:Failure!|<address> [!=]= |0x[\da-f]{1,16} != )/ },
];
/** A shorter end may be that of any other. */
const PASSED_CHARACTERS = 20;

/** Whose words the assertions of these messages use, where that can be told. */
export function dialectOf(messages: ReadonlySet<string>): string | undefined {
  return DIALECTS.find(({ words }) => [...messages].some((message) => words.test(message)))?.name;
}

/** What a message is about, beside what rules read from it: a file by its name, or by where its reader stopped; Go's wrong verb. */
export function symbolsIn(message: string, files: ReadonlySet<string>): readonly string[] {
  const position = JSON_POSITION.exec(message)?.[1];
  const verb = WRONG_VERB.exec(message)?.slice(1).filter(Boolean);
  return [
    ...(position === undefined ? [] : [`malformed:${position}`]),
    ...(verb === undefined ? [] : [`verb:${verb.join(" ")}`]),
    ...(/\bJSON\b/.test(message) ? [...files].filter((file) => file.endsWith(".json")).map((file) => `malformed:${file}`) : []),
  ];
}

/** Identifiers in a message: quoted, or with the shape of one. */
export function namesIn(message: string): readonly string[] {
  return [...message.matchAll(IDENTIFIER)].flatMap(([, quoted = "", last = "", shaped = ""]) => {
    const name = quoted || last || shaped;
    return COMMON_NAMES.test(name) ? [] : [name.slice(name.lastIndexOf(":") + 1)];
  });
}

/** What an assertion asks, and the calls in it, `page_count(21, 10)`: two libraries word the rest each its own way. */
export function callsIn(message: string): readonly string[] {
  const asserted = ASSERTED.exec(message)
    ?.slice(1)
    .find((one) => one !== undefined);
  const expression = asserted?.replace(/[\s'"\\]/g, "") ?? "";
  const whole = /[=!<>]=|[<>]/.test(expression) && expression.length >= 8 ? [expression] : [];
  return [
    ...whole,
    ...[...message.matchAll(CALL)].flatMap(([, name = "", given = ""]) =>
      COMMON_CALLS.test(name) || !/[\d'",&]/.test(given) ? [] : [`${name.slice(name.lastIndexOf(":") + 1)}(${given.replace(/\s+/g, "")})`],
    ),
  ];
}

/** The words of a test's own name, without its suites, that say what it is about. */
export function wordsOf(test: string): readonly string[] {
  const last = test.slice(test.lastIndexOf(" > ") + 1).trim();
  const name = /\s/.test(last) ? last : last.replace(/^.*[/.:](?=\w{5,160}(?:\.\w{1,5})?$)/, "");
  const parted = name.replace(/([a-z\d])(?=[A-Z])/g, "$1 ");
  return [...new Set(parted.toLowerCase().match(/[a-z]{3,}/g) ?? [])]
    .filter((word) => !COMMON_WORDS.has(word))
    .map((word) => word.replace(/(?<=[a-z]{3})s$/, ""));
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
