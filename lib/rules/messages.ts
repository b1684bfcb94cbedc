/**
 * What a compiler's, linker's, interpreter's or linter's message says, in words that all of them share.
 *
 * The first rule that matches wins, so what is more specific stands first. Quotes are straight by then. `value` is the
 * name the message is about: two tools that name it mean the same thing, however they word it. One long table, since the
 * order of its rows is what decides.
 *
 * Longer than 250 lines, as it is one ordered table: the first rule that matches speaks, so the order must be read in one place.
 *
 * @module
 */

import { NO_SUCH_FILE } from "./locales.ts";

/** One way to say one thing. */
export type MessageRule = {
  /** The fact's kind: the same for every tool. */
  readonly kind: string;
  /** Who says it so. */
  readonly why: string;
  /** With a group `value`, or none when the kind alone says all. */
  readonly pattern: RegExp;
};

/** Messages about a program, from tools that read it. */
export const MESSAGES: readonly MessageRule[] = [
  {
    kind: "null-access",
    why: "JavaScript",
    pattern:
      /Cannot (?:read|set) propert(?:y|ies) (?:of undefined|of null) \((?:reading|setting) '(?<value>[^']{1,120})'\)|Cannot (?:read|set) property '(?<value2>[^']{1,80})' of (?:undefined|null)|(?:undefined|null) is not an object \(evaluating '(?:[^']{0,160}\.)?(?<value3>[\w$]{1,80})'\)/,
  },
  {
    kind: "null-access",
    why: "Java since 14",
    pattern:
      /Cannot (?:invoke|read field|assign field|load from|store to|read the array length|enter synchronized block)[\w ]{0,20}'(?<value>[^']{1,200})' because /,
  },
  {
    kind: "null-access",
    why: "Python, Ruby",
    pattern: /'NoneType' object has no attribute '(?<value>[^']{1,120})'|undefined method '(?<value2>[^']{1,120})' for nil/,
  },

  {
    kind: "missing-include",
    why: "clang, tcc",
    pattern: /'(?<value>[^']{1,160})' file not found|include file '(?<value2>[^']{1,160})' not found/,
  },
  { kind: "missing-include", why: "MSVC, nvcc, Intel", pattern: /annot open (?:include|source) file:? '?(?<value>[^':]{1,160})/ },
  {
    kind: "missing-include",
    why: "gcc",
    pattern: new RegExp(
      String.raw`^(?:fatal error: )?'?(?<value>[\w./+-]{1,120}\.(?:h|hh|hpp|hxx|inc|ipp|cuh|tcc|def)|c?std\w{2,10}|[a-z_]{3,20})'?[ \u00a0]?: (?:${NO_SUCH_FILE})`,
    ),
  },

  {
    kind: "unknown-option",
    why: "Node, getopt",
    pattern: /(?:bad|unknown|invalid|unrecognized) option:?(?: --)? '?(?<value>--?[\w][\w=.-]{0,120})'?$/,
  },
  { kind: "unknown-option", why: "argparse", pattern: /error: unrecognized arguments: (?<value>--?\w[\w=.-]{0,120})/ },
  {
    kind: "unknown-option",
    why: "gcc, clang, nvcc",
    pattern:
      /unrecognized (?:command[- ]line|debug output level|argument in) option '(?<value>[^']{1,120})'|unknown argument:? '(?<value2>[^']{1,120})'|[Uu]nsupported gpu architecture '(?<value3>[^']{1,40})'/,
  },

  {
    kind: "no-tests",
    why: "Vitest, Jest, Mocha",
    pattern: /^(?:No (?:test files|tests) found(?:, exiting with code 1)?|Error: No test files found)\b/,
  },
  {
    kind: "malformed",
    why: "TOML in Python and Rust",
    pattern: /(?:\(at|TOML parse error at) line (?<value>\d{1,7}, column \d{1,7})(?:\)|$)/,
  },
  {
    kind: "malformed",
    why: "JSON, by the name of the file",
    pattern:
      /(?:[Cc]annot parse|Invalid|failed to parse|[Ii]nvalid package config|SyntaxError:|[Uu]nable to parse|JSONDecodeError in) '?(?:\S{0,300}[\\/])?(?<value>[\w.-]{1,80}\.json)\b(?! test)/,
  },
  { kind: "malformed", why: "JSON in JavaScript", pattern: /in JSON at position (?<value>\d{1,9})/ },

  { kind: "missing-library", why: "dlopen", pattern: /(?<value>[\w.+-]{1,120}): cannot open shared object file/ },
  { kind: "missing-library", why: "ld", pattern: /cannot find -l:?(?<value>[\w.+-]{1,80})/ },
  {
    kind: "missing-library",
    why: "ld64, lld",
    pattern:
      /library not found for -l(?<value>[\w.+-]{1,80})|unable to find library -l:?(?<value2>[\w.+-]{1,80})|ld: library '(?<value3>[^']{1,80})' not found/,
  },
  { kind: "missing-library", why: "link.exe", pattern: /cannot open (?:input )?file '(?<value>[^']{1,200}?)(?:\.lib)?'/ },
  { kind: "missing-library", why: "zig", pattern: /unable to find (?:[Dd]ynamic |[Ss]tatic )?system library '(?<value>[^']{1,80})'/ },
  { kind: "missing-library", why: "auditwheel", pattern: /required library '(?<value>[^']{1,160})' could not be located/ },
  {
    kind: "unportable",
    why: "auditwheel: the wheel's name and its platform's differ from flavor to flavor, the reason does not",
    pattern: /cannot repair '[^']{1,300}' to '[^']{1,80}' ABI because of the presence of (?<value>[\w -]{1,80})/,
  },
  { kind: "missing-library", why: "tcc", pattern: /library '(?<value>[^']{1,80})' not found/ },

  { kind: "duplicate-symbol", why: "ld, gold", pattern: /multiple definition of '(?<value>[^']{1,300})'/ },
  { kind: "duplicate-symbol", why: "lld, ld64, mold", pattern: /duplicate symbol:? '?(?<value>[^'\n]{1,300}?)'?(?: in:?$|$)/ },
  {
    kind: "duplicate-symbol",
    why: "link.exe",
    pattern: /(?:^|LNK2005: )(?:'(?<value>[^']{1,300})'(?: \(\?.{1,400}\))?|(?<value2>[^\s')]{1,300})) already defined in \S/,
  },
  {
    kind: "duplicate-symbol",
    why: "zig, tcc",
    pattern: /symbol '(?<value>[^']{1,300})' defined multiple times|'(?<value2>[^']{1,300})' defined twice/,
  },

  { kind: "undefined-symbol", why: "ld, gold, nvlink", pattern: /[Uu]ndefined reference to '(?<value>[^']{1,300})'/ },
  { kind: "undefined-symbol", why: "lld, mold, wasm-ld", pattern: /undefined (?:hidden |protected )?symbol: (?<value>[^\n]{1,300})/ },
  { kind: "undefined-symbol", why: "ptxas", pattern: /Unresolved extern (?:function|variable) '(?<value>[^']{1,300})'/ },
  {
    kind: "undefined-symbol",
    why: "the kernel's modpost",
    pattern: /modpost: '(?<value>\w{1,120})' \[\S{1,200}\] undefined!/,
  },
  {
    kind: "undefined-symbol",
    why: "tcc, zig",
    pattern: /undefined symbol '(?<value>[^']{1,300})'|undefined reference to symbol (?:'(?<value2>[^']{1,300})'|(?<value3>\w{1,300})$)/,
  },
  { kind: "undefined-symbol", why: "ld64's second line", pattern: /^\s*'(?<value>[^']{1,300})', referenced from:/ },
  { kind: "undefined-symbol", why: "xcpretty, xcbeautify", pattern: /^\s{0,4}> Symbol: (?<value>\S{1,300})$/ },
  { kind: "undefined-symbol", why: "link.exe", pattern: /unresolved external symbol (?:'(?<value>[^']{1,300})'|(?<value2>\S{1,300}))/ },

  { kind: "argument-count", why: "gcc", pattern: /too (?:few|many) arguments to (?:function|method|constructor) '(?<value>[^']{1,300})'/ },
  {
    kind: "argument-count",
    why: "clang: said of every call that no candidate fits",
    pattern: /no matching (?:member )?(?:function|constructor) for (?:call to|initialization of) '(?<value>[^']{1,200})'/,
  },
  { kind: "argument-count", why: "gcc: no candidate fits", pattern: /no matching function for call to '(?<value>[^'(]{1,200})/ },
  {
    kind: "argument-count",
    why: "MSVC",
    pattern:
      /'(?<value>[^']{1,200})': (?:function does not take \d+ arguments|no matching overloaded function found|no overloaded function)/,
  },
  { kind: "argument-count", why: "clang", pattern: /too (?:few|many) arguments to (?:function|method|constructor) call/ },
  {
    kind: "argument-count",
    why: "Python",
    pattern:
      /(?:TypeError: )?(?<value>[\w.]{1,120})\(\) (?:takes (?:from )?(?:at (?:most|least) )?\d+ (?:to \d+ )?(?:required )?(?:positional )?arguments?|missing \d+ required|got an unexpected keyword|got multiple values)/,
  },
  {
    kind: "argument-count",
    why: "mypy",
    pattern:
      /(?:Too (?:many|few) (?:positional )?arguments for|Missing positional arguments? .{1,80} in call to|Unexpected keyword argument .{1,80} for) '(?<value>[^']{1,120})'/,
  },
  { kind: "argument-count", why: "Go", pattern: /(?:not enough|too many) arguments in call to (?<value>[\w.]{1,120})/ },
  {
    kind: "argument-count",
    why: "TypeScript, pylint, rustc, javac",
    pattern:
      /Expected \d+(?:-\d+)? arguments?, but got \d+|[Tt]oo many positional arguments for|this (?:function|method) takes \d+ arguments? but|actual and formal argument lists differ/,
  },

  {
    kind: "redefinition",
    why: "gcc, clang",
    pattern:
      /(?:redefinition of|conflicting types for|redeclaration of|conflicting declaration|incompatible types for redefinition of|previous declaration of) '(?<value>[^']{1,200})'/,
  },
  {
    kind: "redefinition",
    why: "MSVC, Java, Go, Rust, TypeScript",
    pattern:
      /'(?<value>[^']{1,200})': (?:redefinition|function .{0,80} already has a body)|variable (?<value2>\w{1,80}) is already defined|(?<value3>\w{1,80}) redeclared in this block|name '(?<value4>[^']{1,80})' is defined multiple times|Duplicate identifier '(?<value5>[^']{1,80})'/,
  },

  {
    kind: "undeclared",
    why: "C++: a name that a namespace lacks, said four ways",
    pattern:
      /no (?:type|template|member) named '(?<value>[^']{1,120})' in (?:the global )?namespace|'(?<value2>[^']{1,120})' in namespace '[^']{1,120}' does not name|'(?<value3>[^']{1,120})' is not a member of '(?:std|::)'|'(?<value4>[^']{1,120})': is not a member of 'std'/,
  },
  {
    kind: "undeclared",
    why: "gcc",
    pattern:
      /'(?<value>[^']{1,160})' (?:was not declared in this scope|has not been declared|does not name a (?:template )?type|undeclared(?: \(first use in this function\))?|is not a class, namespace, or enumeration)/,
  },
  {
    kind: "undeclared",
    why: "clang",
    pattern: /(?:use of undeclared identifier|unknown type name|unknown class name|no template named) '(?<value>[^']{1,160})'/,
  },
  {
    kind: "undeclared",
    why: "C: called before it is declared",
    pattern: /(?:implicit declaration of function|call to undeclared (?:library )?function) '(?<value>[^']{1,160})'/,
  },
  {
    kind: "undeclared",
    why: "MSVC",
    pattern: /'(?<value>[^']{1,160})': (?:undeclared identifier|identifier not found)|'(?<value2>[^']{1,160})' undefined; assuming extern/,
  },
  { kind: "undeclared", why: "nvcc, Intel", pattern: /identifier '(?<value>[^']{1,160})' is undefined/ },
  {
    kind: "undeclared",
    why: "Go",
    pattern:
      /undefined: (?<value>[\w.]{1,120})|undeclared name: (?<value2>[\w.]{1,120})|reference to undefined (?:name|identifier) '?(?<value3>[\w.]{1,120})/,
  },
  {
    kind: "undeclared",
    why: "Go's vet: name and package",
    pattern: /(?<value>\w{1,80}) not (?:declared|exported) by package (?<scope>\w{1,80})/,
  },
  {
    kind: "undeclared",
    why: "rustc",
    pattern:
      /cannot find (?:value|function|type|macro|trait|struct|attribute|method|tuple struct|unit struct|derive macro)[\w, /]{0,60} '(?<value>[^']{1,160})'|use of undeclared [\w ]{1,40}'(?<value2>[^']{1,160})'/,
  },
  { kind: "undeclared", why: "TypeScript", pattern: /Cannot find (?:name|namespace) '(?<value>[^']{1,160})'/ },
  {
    kind: "undeclared",
    why: "Python, mypy, pyright, eslint's no-undef",
    pattern:
      /[Nn]ame '(?<value>[^']{1,160})' (?:is not defined|does not exist in the current context)|[Uu]ndefined name '(?<value2>[^']{1,160})'|Undefined variable '(?<value3>[^']{1,160})'|'(?<value4>[\w$]{1,120})' is not defined/,
  },
  {
    kind: "undeclared",
    why: "Ruby",
    pattern: /undefined (?:local variable or method|method) '(?<value>[^']{1,120})' for|uninitialized constant (?<value2>[\w:]{1,160})/,
  },
  {
    kind: "undeclared",
    why: "Perl",
    pattern: /Undefined subroutine &?(?<value>[\w:]{1,160})|Global symbol '[$@%&](?<value2>[\w:]{1,120})' requires explicit package/,
  },
  {
    kind: "undeclared",
    why: "PHP",
    pattern:
      /Call to undefined (?:method|function) (?<value>[\w:\\]{1,160})|(?:Class|Interface|Trait) '(?<value2>[^']{1,160})' not found|Undefined variable:? \$?(?<value3>\w{1,80})/,
  },
  { kind: "undeclared", why: "pytest", pattern: /^fixture '(?<value>[^']{1,120})' not found/ },
  {
    kind: "undeclared",
    why: "OCaml",
    pattern: /Unbound (?:value|constructor|module(?: type)?|type constructor|record field|class) '?(?<value>[\w.]{1,120})/,
  },
  { kind: "undeclared", why: "JavaScript", pattern: /ReferenceError: (?<value>[\w$]{1,120}) is not defined/ },
  {
    kind: "undeclared",
    why: "ecj, Kotlin, Swift",
    pattern:
      /^(?<value>[\w.]{1,120}) cannot be resolved(?: to a (?:type|variable))?|[Uu]nresolved reference(?::| ')? ?'?(?<value2>\w{1,120})|cannot find '(?<value3>[^']{1,120})' in scope/,
  },
  {
    kind: "undeclared",
    why: "GHC",
    pattern:
      /(?:Variable|Data constructor) not in scope: (?<value>[\w.']{1,120})|Not in scope: (?:type constructor or class|data constructor|record field) '(?<value2>[^']{1,120})'/,
  },
  {
    kind: "undeclared",
    why: "bash, dash",
    pattern: /(?:^|: )(?<value>[A-Za-z_]\w{0,120}): (?:unbound variable|parameter (?:not set|null or not set))$/,
  },
  { kind: "undeclared", why: "C#", pattern: /The type or namespace name '(?<value>[^'<]{1,120})(?:<[^']{0,80})?' could not be found/ },
  { kind: "undeclared", why: "Scala", pattern: /^[Nn]ot found: (?:value |type |object |method )?(?<value>[\w$]{1,120})$/ },
  {
    kind: "undeclared",
    why: "Elixir",
    pattern:
      /undefined (?:function (?<value>[\w?!.]{1,120})\/\d|variable '(?<value2>[^']{1,120})')|(?<value3>[\w?!.]{1,160})\/\d{1,3} is undefined or private/,
  },
  { kind: "undeclared", why: "javac's second line", pattern: /^\s*symbol:\s+(?:class|variable|method|static) (?<value>\w{1,120})/ },
  { kind: "undeclared", why: "ecj: a method", pattern: /The (?:method|constructor) (?<value>\w{1,120})\(.{0,200}\) is undefined/ },

  {
    kind: "missing-module",
    why: "JavaScript, TypeScript, Jest",
    pattern:
      /Cannot find (?:module|package) '(?<value>[^']{1,200})'|Can't resolve '(?<value2>[^']{1,200})'|[Ff]ailed to resolve import '(?<value3>[^']{1,200})'|Failed to load url (?<value6>\S{1,200})|Could not resolve '(?<value4>[^']{1,200})'|failed to resolve import '(?<value5>[^']{1,200})'|Cannot read file: (?<value7>\S{1,200})|ENOENT reading '(?<value8>[^']{1,200})'/,
  },
  {
    kind: "missing-module",
    why: "Python, mypy, pylint",
    pattern:
      /No module named '?(?<value>[\w.]{1,120})|Unable to import '(?<value2>[^']{1,120})'|Cannot find implementation or library stub for module named '(?<value3>[^']{1,120})'|Import '(?<value4>[^']{1,120})' could not be resolved/,
  },
  {
    kind: "missing-module",
    why: "R",
    pattern:
      /Can't (?:install dependency|find package called) '?(?<value>[A-Za-z][\w.]{0,80}\w)|there is no package called '(?<value2>[^']{1,80})'/,
  },
  { kind: "missing-module", why: "Ruby", pattern: /cannot load such file -- (?<value>\S{1,200})/ },
  { kind: "missing-module", why: "Perl", pattern: /Can't locate (?<value>[\w/]{1,160}\.pm) in @INC/ },
  {
    kind: "missing-module",
    why: "Rust",
    pattern:
      /can't find crate for '(?<value>[^']{1,120})'|unresolved import '(?<value2>[^']{1,120})'|no matching package (?:named )?'(?<value3>[^']{1,120})' found|unresolved module or unlinked crate '(?<value4>[^']{1,120})'/,
  },
  {
    kind: "missing-module",
    why: "Go",
    pattern:
      /(?:no required module provides package|cannot find package|package) '?(?<value>[\w./@-]{3,160}?)'?(?:;| is not in| in any of|: cannot find|$)(?=.)/,
  },
  {
    kind: "missing-module",
    why: "Java",
    pattern: /package (?<value>[\w.]{1,160}) does not exist|The import (?<value2>[\w.]{1,160}) cannot be resolved/,
  },
  {
    kind: "missing-module",
    why: "Maven, Gradle",
    pattern:
      /(?:Could not (?:find|resolve)(?: artifact)?|Cannot access|in offline mode and the artifact) (?<value>[\w.-]{2,80}:[\w.-]{2,80})|(?<value2>[\w.-]{2,80}:[\w.-]{2,80}):[\w.:-]{1,80} was not found in /,
  },

  { kind: "no-member", why: "gcc, clang", pattern: /no member named '(?<value>[^']{1,160})'|has no member named '(?<value2>[^']{1,160})'/ },
  { kind: "no-member", why: "MSVC", pattern: /'(?<value>[^']{1,160})': is not a member of/ },
  {
    kind: "no-member",
    why: "TypeScript",
    pattern:
      /Property '(?<value>[^']{1,160})' (?:does not exist on|is missing in) type|has no exported member (?:named )?'?(?<value2>[\w$]{1,160})|declares '(?<value3>[\w$]{1,160})' locally, but it is not exported/,
  },
  {
    kind: "no-member",
    why: "C#, Scala, pyright",
    pattern:
      /does not contain a definition for '(?<value>[^']{1,160})'|value (?<value2>[\w$]{1,120}) is not a member of|Cannot access attribute '(?<value3>[^']{1,160})' for class|'(?<value4>[^']{1,160})' is unknown import symbol/,
  },
  {
    kind: "no-member",
    why: "Python, mypy, pylint",
    pattern:
      /has no attribute '(?<value>[^']{1,160})'|has no '(?<value2>[^']{1,160})' member|cannot import name '(?<value3>[^']{1,160})'|No name '(?<value4>[^']{1,160})' in module/,
  },
  {
    kind: "no-member",
    why: "rustc",
    pattern:
      /no (?:method|field|function or associated item|variant or associated item|variant|associated item|associated function or constant)(?: named)? '(?<value>[^']{1,160})'|has no field named '(?<value2>[^']{1,160})'/,
  },
  {
    kind: "no-member",
    why: "Dart",
    pattern: /The (?:method|getter|setter|operator|function) '(?<value>[^']{1,160})' isn't defined/,
  },
  { kind: "no-member", why: "Perl", pattern: /Can't locate object method '(?<value>[^']{1,120})' via package/ },
  { kind: "no-member", why: "Go", pattern: /(?<value>[\w.]{1,160}) undefined \(type .{1,200} has no field or method/ },
  {
    kind: "no-member",
    why: "JavaScript",
    pattern:
      /(?<value>[\w$.]{1,160}) is not a function|\(0 ?, (?<value3>[\w$.]{1,160})\) is not a function|does not provide an export named '(?<value2>[^']{1,120})'|'(?<value4>[\w$]{1,120})' is not exported by '|^No matching export in '[^']{1,300}' for import '(?<value5>[^']{1,120})'|Export named '(?<value6>[^']{1,120})' not found in module/,
  },

  {
    kind: "forbidden",
    why: "forbidden-apis",
    pattern: /^Forbidden (?:method|class|field)[\w /]{0,24}: (?<value>[\w.$#]{1,200})/,
  },

  {
    kind: "uninitialized",
    why: "gcc, clang, MSVC, cppcheck",
    pattern:
      /variable '(?<value>\w{1,120})' is (?:used )?uninitialized|'(?<value2>\w{1,120})' (?:may be|is) used uninitialized|Uninitialized (?:variable|struct member): (?<value3>[\w.]{1,120})|uninitialized local variable '(?<value4>\w{1,120})' used/,
  },
  {
    kind: "abstract",
    why: "gcc, clang",
    pattern: /abstract class(?: type)? '(?:\w+::|\{anonymous\}::|\(anonymous namespace\)::){0,8}(?<value>\w{1,120})'/,
  },
  {
    kind: "unused",
    why: "Go",
    pattern:
      /(?:^|[ '])(?<value>[\w./-]{1,120})'? imported and not used|imported and not used: '?(?<value2>[\w./-]{1,120})|declared and not used: (?<value3>\w{1,120})|(?:^|[ '])(?<value4>\w{1,120}) declared (?:and|but) not used/,
  },
  {
    kind: "unused",
    why: "flake8, pylint",
    pattern:
      /'(?<value>[^']{1,120})' imported but unused|Unused import (?<value2>[\w.]{1,120})|local variable '(?<value3>[^']{1,80})' is assigned to but never used|Unused variable '(?<value4>[^']{1,80})'/,
  },
  {
    kind: "unused",
    why: "ESLint, TypeScript",
    pattern:
      /'(?<value>[^']{1,120})' is (?:assigned a value but never used|defined but never used|declared but (?:never used|its value is never read))/,
  },
  {
    kind: "unused",
    why: "gcc, clang, rustc",
    pattern:
      /unused (?:variable|import|parameter|function|imports|value)s?:? '(?<value>[^']{1,120})'|(?:private field|variable|function) '(?<value2>[^']{1,120})' (?:is not used|set but not used)|'(?<value3>[^']{1,200})' defined but not used/,
  },
  {
    kind: "unused",
    why: "rustc",
    pattern:
      /variable does not need to be mutable|(?:function|method|struct|field|constant|variant) '(?<value>[^']{1,120})' is never (?:used|read|constructed)/,
  },
];
