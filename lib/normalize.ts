/**
 * What varies from run to run and from machine to machine, taken out of a line; what discriminates stays.
 *
 * An ordered table, the most specific rule first. Idempotent: no placeholder matches a rule. Error codes (C2065, LNK2019,
 * TS2345, E0308), symbols, test and file names, expected and actual values are left alone.
 *
 * @module
 */
import { plain, straight } from "./plain.ts";

/** Changes with every release that changes a rule, since every rule changes every hash. */
export const RULES_VERSION = 2;

type Rule = {
  readonly why: string;
  readonly pattern: RegExp;
  readonly to: string;
};

/** In the order in which they apply. */
export const RULES: readonly Rule[] = [
  { why: "e-mail, no version: name@1.2.3", pattern: /\b[\w.+-]{1,64}@(?!v?\d)[\w-]{1,64}(?:\.[\w-]{1,64}){1,6}\b/g, to: "<email>" },
  { why: "URL", pattern: /\b(?:https?|ftp|git|ssh|file):\/\/[^\s'"<>)\]]{1,500}/g, to: "<url>" },
  { why: "UUID", pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, to: "<uuid>" },
  { why: "date and time", pattern: /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, to: "<time>" },
  { why: "time of day", pattern: /\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, to: "<time>" },
  { why: "meson's and CMake's object folders: the source's name stays", pattern: /[\w.+/-]{0,200}\.(?:p|dir)\/(?=[\w.+-])/g, to: "" },
  {
    why: "Windows path: the base name stays",
    pattern: /(?<![\w>])[A-Za-z]:[\\/](?:[^\\/:*?"<>|\s']{1,120}[\\/]){0,30}(?=[^\\/:*?"<>|\s'])/g,
    to: "",
  },
  {
    why: "relative Windows path",
    pattern: /(?<![\w\\>])(?:\.{1,2}\\|(?:[A-Za-z_][\w.+-]{0,80}\\)(?=[\w.\\+-]{0,200}\.\w{1,6}\b))(?:[\w.+-]{1,80}\\){0,20}(?=[\w.+-])/g,
    to: "",
  },
  { why: "POSIX path: the base name stays", pattern: /(?<![\w>.~@-])(?:~|\.{1,2}|@)?\/(?:[\w.+@~-]{1,120}\/){0,30}(?=[\w.+@~-])/g, to: "" },
  {
    why: "relative POSIX path to a file",
    pattern: /(?<![\w>./@'-])(?:[\w.+@-]{1,80}\/){1,20}(?=[\w.+-]{0,80}\.[A-Za-z]\w{0,7}\b)/g,
    to: "",
  },
  {
    why: "line and column in brackets",
    pattern:
      /(?<=\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|cu|cuh|m|mm|swift|go|rs|java|kts?|scala|groovy|cs|fs|vb|py|pyx|[cm]?[jt]sx?|vue|svelte|rb|php|pl|pm|t|sh|bash|ps1|cmake|txt|ya?ml|json|toml|xml|gradle|proto|lua|hs|ml|y|l|s|S|asm|f90|md|css|scss|html|build|vcxproj|targets|zig|dart|rst|tex|tf|adoc|ex|exs|erl|clj|R|jl))[([]\d{1,7}(?:[,:] ?\d{1,7}){0,3}[)\]]/g,
    to: ":<line>",
  },
  {
    why: "line and column",
    pattern:
      /(?<=\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|cu|cuh|m|mm|swift|go|rs|java|kts?|scala|groovy|cs|fs|vb|py|pyx|[cm]?[jt]sx?|vue|svelte|rb|php|pl|pm|t|sh|bash|ps1|cmake|txt|ya?ml|json|toml|xml|gradle|proto|lua|hs|ml|y|l|s|S|asm|f90|md|css|scss|html|build|vcxproj|targets|zig|dart|rst|tex|tf|adoc|ex|exs|erl|clj|R|jl)):\d{1,7}(?::\d{1,7})?(?!\d)/g,
    to: ":<line>",
  },
  { why: "line in words", pattern: /\b(line|col|column) \d{1,7}\b/g, to: "$1 <line>" },
  {
    why: "target triplet",
    pattern:
      /\b(?:x86_64|i[3-6]86|aarch64|arm64|armv?\w{0,4}|riscv\d\d|s390x|ppc64(?:le)?|powerpc64(?:le)?|wasm32|mips\w{0,6})-[a-z0-9_]{1,20}(?:-[a-z0-9_]{1,20}){1,2}\b/g,
    to: "<triplet>",
  },
  {
    why: "IPv4 and port; four parts of one and two digits are a version",
    pattern: /\b(?!\d(?:\.\d\d?){3}\b(?!:\d))\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b/g,
    to: "<ip>",
  },
  {
    why: "IPv6 and port",
    pattern: /(?<![\w:])(?:\[[0-9a-f:]{2,45}\]:\d{1,5}|::1(?::\d{4,5})?|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4})(?![\w:])/gi,
    to: "<ip>",
  },
  {
    why: "Java: a local variable, whose name not every build keeps",
    pattern: /(because )'(?:<local\d{1,4}>|\w{1,80})'( is null)/g,
    to: "$1'<local>'$2",
  },
  { why: "Node: any host, and port", pattern: /:::\d{1,5}\b/g, to: "<host>" },
  { why: "host and port", pattern: /\b(?:localhost|[a-z][\w-]{0,60}(?:\.[a-z][\w-]{0,60}){1,5}):\d{2,5}\b/g, to: "<host>" },
  { why: "address, no exit code of a Windows exception", pattern: /\b0x(?!c0000[0-9a-f]{3}\b)[0-9a-f]{5,16}\b/gi, to: "<address>" },
  { why: "hash: hexadecimal with a digit and a letter", pattern: /\b(?=[0-9a-f]{0,64}\d)(?=\d{0,64}[a-f])[0-9a-f]{7,64}\b/g, to: "<hash>" },
  { why: "temporary name", pattern: /\b(tmp|temp|cc|rustc|go-build)[-._]?(?=\w{0,12}\d)\w{6,14}\b/g, to: "$1<temp>" },
  {
    why: "duration",
    pattern: /(?<![\w.])\d{1,9}(?:\.\d{1,9})? ?(?:ns|us|\u00b5s|ms|s|sec|secs|seconds?|minutes?|min|m\d{1,2}(?:\.\d{1,6})?s)\b/g,
    to: "<duration>",
  },
  { why: "size", pattern: /(?<![\w.])\d{1,12}(?:\.\d{1,6})? ?(?:[kMGT]i?B|bytes?|KB)\b/g, to: "<size>" },
  { why: "percentage", pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,4})?%/g, to: "<percent>" },
  { why: "Rust's number of a thread", pattern: /(?<=^thread '[^']{1,200}') \(\d{1,12}\)(?= panicked)/g, to: "" },
  {
    why: "process and thread",
    pattern: /==\d{1,9}==|\b(pid|PID|tid|thread|process|goroutine|worker|Thread|T) ?[=#:]? ?\d{1,9}\b/g,
    to: "$1 <number>",
  },
  {
    why: "build directory and build type",
    pattern: /\b(?:cmake-build-\w{1,20}|Debug|Release|RelWithDebInfo|MinSizeRel)\b(?=[\\/])/g,
    to: "build",
  },
  { why: "ninja's progress", pattern: /^\[\d{1,6}\/\d{1,6}\] /g, to: "" },
  { why: "spaces", pattern: /[\t ]{2,}/g, to: " " },
];

/** What one rule leaves may be another's: until nothing changes, which takes two rounds, or a few for what no tool prints. */
const MAX_ROUNDS = 20;

/** One line, normalized. `normalize(normalize(x))` is `normalize(x)`. */
export function normalize(line: string): string {
  let text = line;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = text;
    text = straight(plain(text)).trim();
    for (const rule of RULES) text = text.replace(rule.pattern, rule.to);
    text = text.trim();
    if (text === before) break;
  }
  return text;
}
