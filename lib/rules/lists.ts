/**
 * Lists of what failed: a head that says nothing of its own, and the lines beneath it that do.
 *
 * @module
 */

/** One list. Groups of `item`: `test`, or what is the tool's own `message`. */
export type ListRule = {
  readonly why: string;
  /** The head. */
  readonly pattern: RegExp;
  /** One line beneath it; the list ends with the first other one. */
  readonly item: RegExp;
  /** `open`: its item names the test whose report is being read, in place of one more. */
  readonly names?: "open";
  /** What an item further in says is why the one above it failed: of each branch the innermost speaks. */
  readonly deepens?: true;
};

export const LISTS: readonly ListRule[] = [
  {
    why: "xcodebuild: commands, of which the one for all sources names none",
    pattern: /^The following build commands failed:$/,
    item: /^\s{1,8}(?:(?:CompileSwiftSources|Building (?:project|workspace)|SwiftDriver|SwiftCompile normal \w{1,20} Compiling).{0,2000}|(?<message>[A-Z]\w{1,60} .{1,2000}))$/,
  },
  {
    why: "Surefire before 3: tests with their class in brackets or before a line",
    pattern: /^(?:\[ERROR\] )?(?:Failed tests|Tests in error): {0,4}$/,
    item: /^(?:\[ERROR\])?\s{2,8}(?<test>[\w$]{1,160}(?:\[.{0,80}\])?\([\w.$]{1,300}\)|[A-Z][\w$]{0,160}\.[\w$]{1,160}(?=:\d))(?::\d{1,7}(?:->\S{1,200})?)?:? ?(?<message>.*)$/,
  },
  {
    why: "Gradle: what it was about to do, and at the deepest step why it could not",
    pattern: /^\* What went wrong:$/,
    item: /^(?:\s{0,24}> (?<message>\S.{3,600})|(?:A problem occurred|Execution failed for|Some problems were found) .{1,400}|(?<message2>(?!.{1,300}[:(]\d)[^\s>*].{3,600}))$/,
    deepens: true,
  },
  {
    why: "sbt: classes",
    pattern: /^\[error\] (?:Failed|Error) tests:$|^\[error\] Error during tests:$/,
    item: /^\[error\] \s{1,8}(?<test>[\w.$]{1,300})$/,
  },
  {
    why: "Composer: what cannot be had together",
    pattern: /^Your requirements could not be resolved to an installable set of packages\.$/,
    item: /^\s{2,8}(?:Problem \d{1,4}|- (?:Installation request for .{1,400}|(?<message>.{1,400})))$/,
  },
  {
    why: "PHPUnit, told to fail on them: what tests triggered",
    pattern: /^\d{1,6} tests? triggered \d{1,6} (?:PHP |PHPUnit )?(?:deprecation|warning|notice|error)s?:$/,
    item: /^(?:\d{1,4}\) \S{1,300}:\d{1,7}|(?!Triggered by:|\* )(?<message>\S.{10,300}))$/,
  },
  {
    why: "Playwright: its summary",
    pattern: /^ {2}\d{1,6} (?:failed|flaky|interrupted)$/,
    item: /^ {4}(?:\[[\w -]{1,40}\] \u203a )?\S{1,200}:\d{1,7}:\d{1,7} \u203a (?<test>.{1,300}?) {0,4}$/,
  },
  {
    why: "Flutter: the test in whose report this stands",
    pattern: /^The test description was:$/,
    item: /^\s{1,4}(?<test>\S.{0,300})$/,
    names: "open",
  },
];
