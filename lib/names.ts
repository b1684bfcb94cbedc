/**
 * Names as every tool would write them: symbols, modules, tests.
 *
 * @module
 */
import { baseOf } from "./draft.ts";

/** Kinds that name a symbol of the linker. */
export const LINKED: ReadonlySet<string> = new Set(["undefined-symbol", "duplicate-symbol"]);

/** The name that a message is about, as all tools would write it. */
export function nameOf(kind: string, value: string, scope: string | undefined): string {
  if (LINKED.has(kind)) return symbolOf(value);
  if (kind === "unknown-option") return value;
  const name = scope === undefined ? value : `${scope}.${value}`;
  if (kind === "missing-include") return name.replaceAll("\\", "/").replace(/^(?:[A-Za-z]:|\.{0,2}\/)(?:.{0,200}\/)?/, "");
  if (kind === "malformed") return baseOf(name);
  if (kind === "missing-module") return moduleOf(name.replace(/^node:/, ""));
  if (kind === "missing-library") return baseOf(name).replace(/\.(?:lib|a|so|dylib|dll)$/, "");
  const bare = withoutTypes(name.replace(/\(.*$/, "")).trim();
  const parts = bare.split(/::|[.#]/).filter((part) => part !== "");
  return parts[parts.length - 1] ?? name;
}

/** A package as it is called, a file of the project by its name alone: it is asked for by many paths. */
function moduleOf(name: string): string {
  if (!/^(?:\.{0,2}\/|[@~]\/|[A-Za-z]:[\\/])/.test(name)) return name;
  return baseOf(name).replace(/\.(?:[cm]?[jt]sx?|vue|svelte)$/, "");
}

/** `vector<pair<int, int>>::push_back` without what its templates are given. */
function withoutTypes(name: string): string {
  let text = name;
  for (let depth = 0; depth < 4; depth++) text = text.replace(/<[^<>]*>/g, "");
  return text.replace(/<.*$/, "");
}

/** A test's name as every runner would give it: class and case. */
export function testOf(raw: string, suite: string | undefined): string {
  let name = raw
    .trim()
    .replace(/\s{1,4}\[ {0,4}\d{1,3}%\]$/, "")
    .replace(/ FAILED$/, "");
  const unit = /^(\w{1,200}) \(([\w.<>]{1,300})\)/.exec(name);
  if (unit !== null) {
    const scope = (unit[2] ?? "").replace(new RegExp(`\\.${unit[1]}$`), "");
    return `${scope.split(".").slice(-1)[0]}.${unit[1]}`;
  }
  const junit = /^([\w$]{1,160}(?:\[.{0,80}\])?)\(([\w.$]{1,300})\)$/.exec(name);
  if (junit !== null) return `${(junit[2] ?? "").split(".").slice(-1)[0]}.${junit[1]}`;
  name = name.replace(/\(\)$/, "").replace("]/[method:", ".");
  if (name.includes(" with data")) name = dataSetOf(name);
  if (name.includes(".py::")) return name.replace(/^.{1,300}\.py::/, "").replaceAll("::", ".");
  if (/^[\w/.-]{1,300}\.(?:py|[cm]?[jt]sx?)$/.test(name)) return baseOf(name);
  if (name.startsWith("/") || /^[A-Za-z]:\\/.test(name)) return baseOf(name);
  name = name.replaceAll(" \u203a ", " > ");
  const gradle = /^([\w.$]{1,200}) > (.{1,300})$/.exec(name);
  if (
    gradle !== null &&
    /^[\w.$]{1,200}$/.test(gradle[1] ?? "") &&
    /^(?:[a-z]\w*\.)*[A-Z]/.test(gradle[1] ?? "") &&
    /^\w+(?:\(\))?$/.test(gradle[2] ?? "")
  )
    return `${(gradle[1] ?? "").split(".").slice(-1)[0]}.${(gradle[2] ?? "").replace(/\(\)$/, "")}`;
  const objective = /^(?:\w{1,160}\.)?([A-Z]\w{0,160}) (test[A-Z0-9_]\w{0,160})$/.exec(name);
  if (objective !== null) return `${objective[1]}.${objective[2]}`;
  const launcher = /^(\w{1,160}):(\w{1,160})$/.exec(name);
  if (launcher !== null) return `${launcher[1]}.${launcher[2]}`;
  if (/^(?:[a-z][\w]{0,60}\.){1,12}[A-Z]\w{0,160}\.\w{1,160}$/.test(name)) return name.split(".").slice(-2).join(".");
  if (suite !== undefined && /^\w{1,160}$/.test(name) && /^[\w.$]{1,300}$/.test(suite) && /^[a-z]\w*\..*[A-Z]/.test(suite))
    return `${suite.split(".").slice(-1)[0]}.${name}`;
  return name;
}

/** PHPUnit's case of a test with data, whose values stand beside its number or name since version 10 as they did before. */
function dataSetOf(name: string): string {
  return name
    .replace(/ with data set (?:#(?=\d)|(?='))(\d{1,6}|'[^']{1,120}'?)(?: \(.*)?$/, "#$1")
    .replace(/((?:#|@)[^()]{1,120}) with data \(.*$/, "$1")
    .replace(/(?<=#)'([^']{1,120})'?$/, "$1")
    .replace(/@(?=[^@]{1,120}$)(?<=::\w{1,200}@)/, "#");
}

/** The same test, though not every runner gives its class. */
export function sameTest(a: string | undefined, b: string): boolean {
  return a !== undefined && (a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`));
}

/** `kestrel::page_tag` and `page_tag` are one name: not every tool gives the scope. */
export function lastName(value: string): string {
  const parts = value.split(/::/);
  return parts[parts.length - 1] ?? value;
}

/** `maxminddb` for libmaxminddb, maxminddb.h and libmaxminddb-dev: what is missing is one thing, by whichever name it is looked for. */
export function libraryOf(value: string): string {
  return value.replace(/^lib(?=[a-z]{3})/, "").replace(/(?:-dev(?:el)?|\.h(?:pp)?|\.pc)$/, "");
}

/** True when a name is another without its class, or ends in another's case, if that is more than one word. */
export function endsAlike(long: string, short: string): boolean {
  // All that follow ask for the same end: most names are told apart by their last letter.
  if (long.charCodeAt(long.length - 1) !== short.charCodeAt(short.length - 1)) return false;
  if (long.endsWith(`.${short}`) || long.endsWith(`::${short}`) || long.endsWith(` > ${short}`) || long.endsWith(`/${short}`)) return true;
  if (short.includes(" > ") && long === short.replaceAll(" > ", " ")) return true;
  const last = short.slice(short.lastIndexOf(" > ") + 1).replace(/^> /, "");
  return last.includes(" ") && long.endsWith(` ${last}`);
}

/** Compilers' helpers for the division of 64 bits, which each 32-bit machine names its own way. */
const DIVISION = /^_{0,2}(?:aeabi_u?ldivmod|u?(?:div|mod|divmod)di[34])$/;

/**
 * A symbol as every tool would write it: demangled as far as names need it, without arguments, import marks, ABI tags.
 *
 * `__imp_foo`, `_foo`, `foo@8`, `kestrel::page_tag(char const*, int)` and `_ZN7kestrel8page_tagEPKci` meet.
 */
export function symbolOf(raw: string): string {
  if (DIVISION.test(raw)) return "udivdi3";
  let name = raw
    .trim()
    .replace(/^__imp_+/, "")
    .replace(/^(?:vtable|typeinfo|VTT|construction vtable|guard variable|non-virtual thunk to|thunk) (?:name )?(?:for )?/, "");
  const mangled = /^_{0,2}Z(N?)K?(.{2,400})/.exec(name.replace(/^_(?=_Z)/, ""));
  if (mangled !== null) name = demangle(mangled[2] ?? "") || name;
  const decorated = /^\?(\w{1,200})@((?:\w{1,80}@){0,6})@/.exec(name);
  if (decorated !== null) name = [...(decorated[2] ?? "").split("@").filter(Boolean).reverse(), decorated[1]].join("::");
  // link.exe: "int __cdecl kestrel::page_tag(char const *,int)" (?page_tag@…)
  name = name.replace(/\[abi:\w{1,20}\]/g, "").replace(/ ?\(\?.{0,300}$/, "");
  name = name.replace(/^.{0,300}?(?:__cdecl|__stdcall|__thiscall|__fastcall|__vectorcall) /, "");
  const open = name.search(/[(<]/);
  if (open > 0 && !name.includes("operator")) name = name.slice(0, open);
  name = name.replace(/^.{0,200} (?=[\w:~]{1,200}$)/, "");
  name = name.replace(/@\d{1,4}$/, "").replace(/^(?:\(anonymous namespace\)::)/, "");
  const parts = name.split(/::|\.(?=[A-Za-z_])/).filter((part) => part !== "");
  return (parts.slice(-2).join("::") || name).replace(/^_+(?=[A-Za-z])/, "");
}

/** The nested name at the start of an Itanium-mangled symbol: `7kestrel8page_tagE…` is `kestrel::page_tag`. */
function demangle(text: string): string {
  const parts: string[] = [];
  let rest = text;
  for (let count = 0; count < 12; count++) {
    const match = /^(\d{1,3})/.exec(rest);
    if (match === null) break;
    const length = Number(match[1]);
    const start = (match[1] ?? "").length;
    parts.push(rest.slice(start, start + length));
    rest = rest.slice(start + length);
  }
  return parts.join("::");
}
