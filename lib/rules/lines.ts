/**
 * What lines look like, whichever tool wrote them: what begins a message, goes on with it, stands beside it or sounds wrong.
 *
 * @module
 */

/** fork-ts-checker's message ends with its code. */
export const CODE_LAST = / {1,4}(TS\d{4,5})$/;
/** And ts-loader's begins with it. */
export const CODE_BEGINS = /^(TS\d{4,5}): /;
/** What was being built when its compiler was killed. */
export const KILLED_TARGET = /\*{3} \[(?:[^\]]{1,300}: )?([^\]\s:]{1,300}\.(?:o|lo|obj))\] Error/;
/** A tool's complaint whose other half is the next line. */
export const UNFINISHED = /:$|^! [A-Z].{0,200}\.$|^CMake Error: (?:Error: )?generator : /;
/** Lines drawn before a message. */
export const FRAME = /^[\u2500-\u257f\u25b6> ]{1,8}/;
/** What an unknown tool says when something is wrong. */
export const WRONG =
  /error|fail|fatal|undefined|multiple definition|duplicate symbol|cannot|unable|not found|no such|missing|panic|unresolved|referenced from|> symbol: |not declared|not resolve|denied|refused|forbidden (?:method|class|field)|invalid|unexpected|expected|illegal|abort|can not be used|bad option|recompile with|exceed|violat|conflict|overflowed|not fit in|could ?n[o']t|mismatch|not met\b|not meet|^diff (?:--git )?\S{1,300} |^reformatted |^un(?:used|listed) |^no tests?\b/i;
/** Names of files and of things, whose words say nothing of how it went: `memory_error.vtc`, `timeout_test`. */
export const NAMES = /(?<![\w.-])[\w.-]{0,120}[a-z\d][/_][\w./-]{0,300}\w|\b[\w-]{1,80}\.(?=\w{1,8}\b)(?=[\w.]{0,80}[a-z])[\w.]{1,80}/gi;
/** What a line without a keyword must have to be read while nothing is open: a place, a runner's mark, a file alone. */
export const STRUCTURE =
  /\.py::\S{1,300} ?$|\.\w{1,8}(?::\[?|\()\d|: line \d|\.(?:p[lm]|t) line \d|\.(?:sh|bash|ksh): \d|^[\w./+-]{1,200}: \d{1,7}: |^node: bad option: |^\d{1,6} tests? triggered \d|^\s{0,16}(?:at |(?:E {1,8})?File |#\d|\d{1,5}\) |JUnit |-{3,4} |[\u25cf\u2716\u2717\u2718\u276f\u00d7])|^At line \d{1,7} of file |^test[A-Z]\w{1,80}$|^ {2}Message:$|^== \S{1,300} ==$|^\u2502 .{0,60}uniqueId: |^(?:\s{0,8}nvcc (?:fatal|error)|\[ RUN|\[ {7}OK|=== |== \[|FILE: |Test|TEST CASE|Started: |test at|In \S|\s{1,8}(?:FAILED|Caused an ERROR)$|\s{1,8}\d{1,5} - \S{1,200} \(|\d{1,3}:\d\d \+\d|\(fail\) | {2,4}Line {2}|\S{1,2} {1,2}Test |\S{1,300}\.\w{1,6}$)|, referenced from|^\s{0,4}> Symbol: |^[\w:]{1,200}#test_/;
/** A warning whose place stands below it, as Elixir's does, or which has none, as MkDocs'. */
export const WARNING = /^(?:\s{0,8}warning: |WARNING {1,4}- {1,4})(.{1,300})/;
/** CMake sets apart what its sentence is about: "Target "core" links to:", "Generator", and the name below. */
export const INCOMPLETE = /:$|^Generator$|^The \S{1,12} compiler(?: '.{1,200}')?$/;
/** Without a word that is looked for: whom npm's ERESOLVE is about, what rustfmt and Biome would change. */
export const NAMED = /^npm error peer|^\S{1,300} format \u2501|^Diff in \S{1,300}\.rs(?: at line |:)\d/;
/** A runner names a test before it runs; what it dies of goes on in that line. */
export const GLUED =
  /^(?:(?:\d{1,5}\/\d{1,5} )?(?<test>\S{1,200}\.py::\S{1,300}|\w{1,200} \([\w.<>]{1,300}\)(?= \.\.\.)|(?<=^\d{1,5}\/\d{1,5} )\S.{0,200}?(?=\.\.\. (?:thread|expected|FAIL)))(?: ?\.\.\.)? (?=thread \d{1,12} panic: |expected |FAIL \(|Timeout \(\d|\+{10}|Fatal Python error: |Segmentation fault|Traceback \(most)|(?:\S{1,200}\.py )?[.sxXFEp]{1,200}(?=Timeout \(\d|Fatal Python error: ))/;
/** A script's own error, in what a failed test of it printed. */
export const SCRIPT_ERROR =
  /^# {1,4}((?:\S{1,200}\.(?:sh|bash|ksh)|[\w.+-]{1,80}(?:\/[\w.+-]{1,80}){1,8}|\S{1,200}(?=: line \d)): (?:line )?\d{1,7}: .*)/;
/** The exit code of timeout(1). */
export const EXPIRED = /exit(?:ed with)? (?:code|status):? 124\b/;
/** A line that is drawn. */
export const SEPARATOR = /^\s*[-=_.~*#]+\s*$|^=+ .* =+$/;
/** TAP's details: what was thrown stands below. */
export const YAML_ERROR = /^\s{2,40}error:$/;
/** What a test's report shows beside its message. */
export const BESIDE =
  /^(?:\S{1,200}\.lua @ \d{1,7}$|stack traceback:$|\[C\]: in |Error Trace:|- (?:hook id|exit code|duration): |parallel group \(|Test ended at |CURRENT_TEST: |\[Diff\]|Error: {2,}\S{1,300}:\d|Failure\/Error: (?:DEFAULT_FAILURE_NOTIFIER|Unable to find |raise )|1\.\.\d|TAP version \d|(?:severity|exitcode): |\(node:\d{1,9}\) |\(Use .node --|node:[\w/]{1,80}:\d|\^$|throw \w{1,20};$|#\s*$|self = |def |[-=_. ]+$|duration_ms|(?:type|exitCode|signal): |\.\.\.$|\}$|(?:Error Message|Stack Trace):$|location:|failureType|---|>|at |MethodSource|ClassSource|\d+ \||stack:|code:)/;
/** Two lines of one message: "Expected equality of these values:" says it in what follows. */
export const DETAIL = /^(?:actual|expected|which is|received|got|want|left|right)\b/i;
/** Which of Maven's goals failed where. */
export const GOAL = /^(?:\[ERROR\] )?Failed to execute goal \S{1,200} (?:\(\S{1,80}\) )?on project \S{1,120}: (?=\S)/;
/** Rust's assertions: what was compared stands below, a line each. */
export const VALUELESS = /^assertion '?left [=!]= right'? failed/;
/** A place in a source file, as whoever writes it: `lib/a.ml", line 12`, `a.d(12): `, `a.vue:12:5`. */
export const ANY_PLACE =
  /(?<![\w@:/\\.-])(?<file>(?:[A-Za-z]:[\\/])?(?:[\w.@~+-]{0,80}[\\/]){0,20}[\w.@+-]{1,100}\.(?:[chlmprtvy]|c[crusx]|c(?:c|pp|xx|uh?)|h(?:h|pp|xx|s|x)|[fF]\d{0,2}|[cm]?[jt]sx?|[jt]l|java|kts?|scala|sc|groovy|gradle|clj[cs]?|[ef]s[ix]?|vb|swift|mm|dart|exs?|[eh]rl|mli?|lhs|elm|lua|p[lmpsy]|pyx|rb|erb|rs|go|php|phtml|nim|zig|d|v|sv|vhdl?|s|S|asm|sql|sh|bash|bats|zsh|psm?1|bat|cmake|txt|ya?ml|toml|json|xml|html?|s?css|less|vue|svelte|astro|md|rst|tex|tf|proto|graphql|sol|tcl|el|lisp|cr|odin|gd|Rmd|feature|t|test|spec))(?:(?::\[?|[([]|#L)(?<line>\d{1,7})\b|: (?:line )?(?<line3>\d{1,7}): |'?,? (?:on )?line (?<line2>\d{1,7})(?=$|[,:.)\]]))/;
/** A test that failed, as a runner that no rule knows may say: its mark or its verdict, and the name. */
export const ANY_TEST = new RegExp(
  [
    String.raw`^\s{0,16}(?:not ok(?: \d{1,6})?[ -]{1,3}|[\u2715\u2716\u2717\u2718\u00d7\u274c\u274e]\s{1,4}|\[(?:FAIL|FAILED|KO)\]:?\s{1,8}|(?:FAIL|FAILURE|BROKEN): {1,4})`,
    String.raw`(?<test>(?!(?:An? |The )?(?:tests?|suites?|\d{1,6}|[Ee]rrors?|[Uu]ndefined|[Ff]ail(?:ed)?|[Cc]ould|[Cc]annot|[Uu]nable|[Nn]o such|[Mm]issing|[Ii]nvalid|[Uu]nexpected|[Bb]uild|[Cc]ommand)\b)[^\s(].{2,200}?)(?:: (?<message>(?:expected|got|want)\b.*)| [([]?\d{1,6}(?:\.\d{1,9})? ?m?s[)\]]?)?$`,
    String.raw`|^\s{0,16}(?:[Tt]est )?(?<test2>(?!tests?\b|suites?\b)[A-Za-z_][\w.:/ -]{3,160}?)(?: ?\.{2,80} ?|: | - | {2,40})(?:FAIL|FAILED)!?$`,
  ].join(""),
);
/** Why an exception of Node's was thrown, below its stack. */
export const NODE_CAUSE = /^\s{0,12}\[cause\]: /;
/** What ends a section of pytest's, and the head of the one that shows what passed. */
export const SECTION = /^(?:={3,200} [A-Za-z].{0,200}? ={3,200}|(?:FAILED|ERROR) \S.{0,400})$/;
export const PASSES = /^={3,200} PASSES ={3,200}$/;
