/**
 * What can happen to a commit: which modules of the small project it breaks, what each flavor's toolchain says, and what the model answers.
 *
 * The logs are of real compilers and test runners; the checks fail and pass for real, by the source as it is.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Files } from "./seed.ts";

const root = import.meta.dir;

/** A change that breaks a module, and its repairs as search and replace; the last repair is repeated for further attempts. */
export type Defect = {
  /** True cause, for the harness alone. */
  readonly cause: string;
  /** The check that fails. */
  readonly module: string;
  readonly path: string;
  readonly good: string;
  readonly bad: string;
  /** What the model puts in the place of `bad`, attempt by attempt. @default The good text */
  readonly repairs?: readonly string[];
  /** Folder of the logs that the flavors' toolchains print. */
  readonly logs: string;
  /** Text that stands in every one of these logs, and in those of no other cause: how the model recognises it. */
  readonly mark: string;
};

export type Scenario = {
  readonly name: string;
  readonly about: string;
  readonly defects: readonly Defect[];
  /** This many leaders are killed. @default 0 */
  readonly kills?: number;
  /** Flavors after the first this many come late, when the fix is there. */
  readonly late?: number;
  /** No fix is ever right. */
  readonly hopeless?: boolean;
};

const vector: Defect = {
  cause: "missing-header",
  module: "vector",
  path: "src/vector.ts",
  good: 'from "./small_vec.ts"',
  bad: 'from "./smallvec.ts"',
  logs: "vector",
  mark: "small_vec.h",
};
const posix: Defect = {
  cause: "posix-typo",
  module: "cpus",
  path: "src/cpus.ts",
  good: "totalmem() > 0",
  bad: "totalmemory() > 0",
  logs: "cpus-posix",
  mark: "_SC_PAGESZIE",
};
const windows: Defect = {
  cause: "windows-typo",
  module: "cpus",
  path: "src/cpus.ts",
  good: "hostname().length",
  bad: "hostnam().length",
  logs: "cpus-windows",
  mark: "GetSytemInfo",
};
const token: Defect = {
  cause: "renamed-type",
  module: "token",
  path: "src/token.ts",
  good: "const TokenKind",
  bad: "const TokKind",
  logs: "token",
  mark: "TokKind",
};
const ring: Defect = {
  cause: "ring-wraps",
  module: "ring",
  path: "src/ring.ts",
  good: "return n % capacity;",
  bad: "return n;",
  // The first repair is right where the capacity is a power of two, which it is not on Windows.
  repairs: ["return n & (capacity - 1);", "return n % capacity;"],
  logs: "ring",
  mark: "WrapsAround",
};
const config: Defect = {
  cause: "config-type",
  module: "config",
  path: "src/config.ts",
  good: "return Number(line?.slice(key.length + 1));",
  bad: "return line?.length ?? 0;",
  repairs: ["return line?.indexOf(key) ?? 0;", "return key.length;", "return text.length;"],
  logs: "config",
  mark: "config.cpp",
};
const foreign: Defect = { ...token, cause: "unrecognizable", logs: "foreign", mark: "" };

export const scenarios: readonly Scenario[] = [
  { name: "same", about: "all flavors fail with one cause, worded by different compilers", defects: [vector] },
  { name: "platform", about: "the Windows flavors fail with a cause of their own", defects: [posix, windows] },
  { name: "fix-fails", about: "the first fix is wrong on Windows: a retry with what was learnt", defects: [ring] },
  { name: "stubborn", about: "no fix is right: attempts are used up, one person is called", defects: [config], hopeless: true },
  { name: "crash", about: "the leader is killed after its claim: another takes over", defects: [vector], kills: 1 },
  { name: "straggler", about: "the last flavor fails when the fix is there already", defects: [vector], late: 1 },
  { name: "near", about: "errors that are alike and not equal: still one cause", defects: [token] },
  { name: "foreign", about: "a log in which no error can be recognised: nothing is analysed", defects: [foreign], hopeless: true },
];

/** A flavor that the harness knows the system and the toolchains of; any other name is a Linux. */
export type Platform = { readonly system: "Linux" | "Windows" | "macOS"; readonly prefers: readonly string[] };

const platforms: readonly (readonly [RegExp, Platform])[] = [
  [/win/i, { system: "Windows", prefers: ["windows-x64-mingw", "windows"] }],
  [/wsl/i, { system: "Linux", prefers: ["wsl", "linux-x64-gcc12", "windows-x64-clang"] }],
  [/mac|darwin/i, { system: "macOS", prefers: ["macos", "clang19", "libcxx", "clang14"] }],
  [/docker|alpine/i, { system: "Linux", prefers: ["alpine", "clang16", "clang19"] }],
  [/jetson|cuda/i, { system: "Linux", prefers: ["s390x", "armhf", "arm64", "gcc12"] }],
  [/arm/i, { system: "Linux", prefers: ["arm64", "armhf", "clang14"] }],
];

export const defaultFlavors = ["linux-x64", "linux-arm64", "jetson", "windows", "wsl", "docker", "macos"] as const;

/** The names of `n` flavors: the seven of the default, then numbered ones. */
export function flavorNames(n: number): readonly string[] {
  return Array.from({ length: n }, (_, index) => defaultFlavors[index] ?? `linux-${index + 1}`);
}

export function platformOf(flavor: string): Platform {
  return platforms.find(([pattern]) => pattern.test(flavor))?.[1] ?? { system: "Linux", prefers: ["linux-x64"] };
}

/** The defect that a flavor meets. In `platform` the Windows flavors have their own, and so has WSL, which builds both. */
export function defectFor(scenario: Scenario, flavor: string): Defect {
  const [first = vector, other] = scenario.defects;
  return other !== undefined && /win|wsl/i.test(flavor) ? other : first;
}

/** RUNNER_OS of a flavor in a scenario. */
export function systemOf(scenario: Scenario, flavor: string): string {
  return scenario.defects.length > 1 && /wsl/i.test(flavor) ? "Windows" : platformOf(flavor).system;
}

/** What a flavor's toolchain prints about a defect. */
export function logOf(defect: Defect, flavor: string): string {
  const folder = join(root, "logs", defect.logs);
  const names = readdirSync(folder).sort();
  const preferred = platformOf(flavor).prefers.flatMap((part) => names.filter((name) => name.includes(part)))[0];
  const name = preferred ?? names[[...flavor].reduce((sum, character) => sum + character.charCodeAt(0), 0) % names.length];
  return readFileSync(join(folder, name ?? ""), "utf8");
}

const files = [
  "README.md",
  "ci.ts",
  "tests/checks.ts",
  ...["vector", "small_vec", "cpus", "token", "ring", "config"].map((name) => `src/${name}.ts`),
];

/** The small project, whole. */
export function projectFiles(): Files {
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, "project", path), "utf8")]));
}

/** The files that a scenario's commit changes. */
export function brokenFiles(scenario: Scenario): Record<string, string> {
  const broken: Record<string, string> = {};
  for (const { path, good, bad } of scenario.defects) {
    const text = broken[path] ?? readFileSync(join(root, "project", path), "utf8");
    if (!text.includes(good)) throw new Error(`Cannot break ${path}: "${good}" is not in it`);
    broken[path] = text.replace(good, bad);
  }
  return broken;
}
