/**
 * Messages whose first line says that something is wrong, and whose essence stands a few lines below.
 *
 * @module
 */

/** One such message. Groups of `item`: `message`, or `value`, a name; `code`. */
export type EssenceRule = {
  readonly why: string;
  /** The line from which on the essence is looked for. */
  readonly pattern: RegExp;
  readonly item: RegExp;
  /** It stands so many lines below at most. */
  readonly within: number;
  /** There may be several items, and each names something. */
  readonly kind?: "missing-module" | "missing-package" | "checksum" | "format" | "unused" | "numbers";
  /** It goes on in the lines right below. */
  readonly more?: RegExp;
  /** It is all there is to say, and not more of the first line; or each line is, and not more of the one before. */
  readonly instead?: true | "each";
  /** It is the rest of the sentence. */
  readonly rest?: true;
};

export const ESSENCES: readonly EssenceRule[] = [
  {
    why: "CMake's pkg_check_modules",
    pattern: /^\s{0,4}The following required packages were not found:$/,
    item: /^\s{1,6}- (?<value>[^\s<>=]{1,120})/,
    within: 3,
    kind: "missing-package",
  },
  {
    why: "conda",
    pattern: /^PackagesNotFoundError: The following packages are /,
    item: /^\s{2,6}- (?<value>[\w.-]{1,100})/,
    within: 3,
    kind: "missing-package",
  },
  {
    why: "npm: which package of no registry it wanted",
    pattern: /^npm (?:error|ERR!) 404 Not Found - GET /,
    item: /^npm (?:error|ERR!) 404 {1,2}(?<message>'\S{1,200}' is not in .{1,200})$/,
    within: 3,
    instead: true,
  },
  {
    why: "npm: what the lock file lacks",
    pattern: /can only install packages when your package\.json and package-lock\.json/,
    item: /^npm (?:error|ERR!) (?<message>(?:Missing: |Invalid: lock file's )(?<value>(?:@[\w.-]{1,80}\/)?[\w.-]{1,120})@.{0,200})$/,
    within: 3,
    kind: "missing-module",
    instead: true,
  },
  {
    why: "pnpm",
    pattern: /^\s{0,3}ERR_PNPM_FETCH_404\s/,
    item: /^(?<message>(?<value>\S{1,200}) is not in the npm registry.{0,200})$/,
    within: 4,
    kind: "missing-package",
    instead: true,
  },
  {
    why: "a JVM that does not start",
    pattern: /^Error occurred during initialization of VM$/,
    item: /^(?<message>\S.{5,300})$/,
    within: 1,
    instead: true,
  },
  {
    why: "Spotless",
    pattern: /^> The following files had format violations:$/,
    item: /^\s{4,12}(?<value>[^\s@]\S{0,300})$/,
    within: 1,
    kind: "format",
  },
  {
    why: "Elixir's formatter",
    pattern: /^\*\* \(Mix\) mix format failed due to --check-formatted\.$/,
    item: /^\s{0,4}\* (?<value>\S{1,300})$/,
    within: 4,
    kind: "format",
  },
  {
    why: "PowerShell: script and line, its source, and then what was thrown",
    pattern: /^[\w.]{1,80}: (?:[A-Za-z]:)?\S{1,300}\.ps1:\d{1,7}$/,
    item: /^\s{1,12}\| (?!\s{0,400}~)(?<message>\S.{3,300})$/,
    within: 5,
    instead: true,
  },
  {
    why: "AVA: what was thrown",
    pattern: /^\s{2}\S{0,80}Error \{$/,
    item: /^\s{4}message: '(?<message>.{1,300}?)',?$/,
    within: 8,
    instead: true,
  },
  {
    why: "RSpec: what was thrown, below the source",
    pattern: /^\s{1,8}Failure\/Error: /,
    item: /^\s{2,12}(?<message>[A-Z][\w:]{0,80}(?:Error|Exception)[\w:]{0,40}:)$/,
    within: 6,
    instead: true,
    more: /^\s{4,16}(?<message>[^\s#].{0,300})$/,
  },
  {
    why: "Rust since 1.73: what it panicked with",
    pattern: /^thread '.{1,200}'(?: \(\d{1,12}\))? panicked at [^\s:]{1,300}:\d{1,7}:\d{1,7}:$/,
    item: /^(?<message>\S.{0,300})$/,
    within: 1,
    instead: true,
  },
  {
    why: "Django",
    pattern: /^SystemCheckError: System check identified some issues:$/,
    item: /^(?<message>\S{1,120}: \([\w.]{1,40}\) .{1,300})$/,
    within: 5,
  },
  {
    why: "libstdc++: what an exception says of itself",
    pattern: /^terminate called after throwing an instance of '/,
    item: /^\s{1,4}what\(\): {1,2}(?<message>\S.{0,300})$/,
    within: 2,
  },
  {
    why: "Vitest's and AVA's TAP",
    pattern: /^\s{2,40}error:$/,
    item: /^\s{4,60}message: '(?<message>.{1,300}?)'$/,
    within: 3,
    instead: true,
  },
  {
    why: "V8's checks",
    pattern: /^\s{0,8}# Fatal error in .{1,300}, line \d{1,7}$/,
    item: /^\s{0,8}# {1,2}(?<message>\S.{3,300})$/,
    within: 1,
    instead: true,
  },
  {
    why: "prove: which tests of a program, by their numbers",
    pattern: /^\S{1,200}\s{1,80}\(Wstat: \d{1,6}.{0,40} Tests: \d{1,6} Failed: \d{1,6}\)$/,
    item: /^ {2}Failed tests?: {1,4}(?<value>[\d, -]{1,120})$/,
    within: 1,
    kind: "numbers",
  },
  {
    why: "knip",
    pattern: /^Un(?:used|listed|resolved) [\w ]{3,40} \(\d{1,6}\)$/,
    item: /^(?<value>(?!Un)\S{1,300})(?: .{0,300})?$/,
    within: 1,
    kind: "unused",
  },
  {
    why: "cargo, and programs whose errors have causes",
    pattern: /^error: failed to (?!run custom build|compile )/,
    item: /^ {2}(?<message>\S.{4,300})$/,
    within: 4,
  },
  {
    why: "vcpkg: what the system lacks",
    pattern: / currently requires the following (?:programs|libraries|packages) from the system package manager:$/,
    item: /^\s{4,8}(?<message>[\w.+-]{1,60}(?: [\w.+-]{1,60}){0,12})$/,
    within: 2,
    rest: true,
  },
  {
    why: "Playwright: what it waited for",
    pattern: /^\s{0,8}(?:Error: )?(?:\w{1,40}\.\w{1,40}: )(?:Test t|T)imeout (?:of )?\d{1,9}ms exceeded\.$/,
    item: /^\s{1,12}- (?<message>waiting for .{1,200})$/,
    within: 4,
  },
  {
    why: "rustc: the label under the source line",
    pattern: /^error(?:\[E\d{4}\])?: (?:evaluation of .{1,200} failed|mismatched types)$/,
    item: /\^{1,200} (?<message>[a-z].{4,300})$/,
    within: 8,
  },
  {
    why: "MSVC since 2017",
    pattern: /: error C2220: the following warning is treated as an error/,
    item: /: warning (?<code>C\d{4}): (?<message>.{1,400})/,
    within: 2,
    instead: true,
  },
  {
    why: "Elixir's type checker: which clause, which expression",
    pattern: /^\s{0,8}warning: .{1,200}:$/,
    item: /^\s{4,24}(?<message>\S.{0,200})$/,
    within: 2,
  },
  {
    why: "R's pak: what its subprocess could not do",
    pattern: /^! error in pak subprocess$/,
    item: /^! (?<message>[A-Z].{4,300})$/,
    within: 3,
    instead: "each",
    more: /^\* (?<message>\S.{0,200})$/,
  },
  {
    why: "vcpkg: what was downloaded",
    pattern: /^error: File does not have the expected hash:$/,
    item: /^url: \S{1,300}\/(?<value>[\w.+-]{1,120})$/,
    within: 1,
    kind: "checksum",
  },
  {
    why: "forbidden-apis: where",
    pattern: /^Forbidden [\w /]{3,40}: /,
    item: /^ {2}(?<message>in \S{1,300} \([\w$]{1,120}\.\w{1,8}(?::\d{1,7})?\))$/,
    within: 2,
    rest: true,
  },
  {
    why: "Bundler, which breaks its lines",
    pattern: /^Your bundle only supports platforms .{1,400} but your(?: local(?: platform)?)?$/,
    item: /^(?<message>(?:local )?(?:platform )?is \S{1,80}?)\.?(?: .{0,200})?$/,
    within: 1,
    rest: true,
  },
  {
    why: "Terraform, OpenTofu: place, source, and then what is wrong with it",
    pattern: /^ {2}on \S{1,300}\.(?:tf|tofu)(?:vars|\.json)? line \d{1,7}[,:]/,
    item: /^(?<message>[A-Z].{8,400})$/,
    within: 8,
    more: /^(?<message>[\w'].{0,400})$/,
  },
];
