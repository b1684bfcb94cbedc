/**
 * The small projects that are broken and repaired: TypeScript, C and Python, each with real tests that really fail.
 *
 * C and Python print what their own toolchains print. TypeScript's checks fail for real too, and then show logs of real compilers of seven
 * platforms, so that one machine sees the words of all of them.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Defect, type Defects, platformOf, type Scenario, scenariosOf } from "./scenarios.ts";
import type { Files } from "./seed.ts";

const root = import.meta.dir;

export type Project = {
  readonly name: string;
  /** Builds and tests it. */
  readonly command: readonly string[];
  /** Programs without which nothing can be built. */
  readonly tools: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly folder: string;
};

const vector: Defect = {
  cause: "missing-header",
  module: "vector",
  path: "src/vector.ts",
  good: 'from "./small_vec.ts"',
  bad: 'from "./smallvec.ts"',
  logs: "vector",
  marks: ["small_vec.h"],
};
const posix: Defect = {
  cause: "posix-typo",
  module: "cpus",
  path: "src/cpus.ts",
  good: "totalmem() > 0",
  bad: "totalmemory() > 0",
  logs: "cpus-posix",
  marks: ["_SC_PAGESZIE"],
};
const windows: Defect = {
  cause: "windows-typo",
  module: "cpus",
  path: "src/cpus.ts",
  good: "hostname().length",
  bad: "hostnam().length",
  logs: "cpus-windows",
  marks: ["GetSytemInfo"],
};
const token: Defect = {
  cause: "renamed-type",
  module: "token",
  path: "src/token.ts",
  good: "const TokenKind",
  bad: "const TokKind",
  logs: "token",
  marks: ["TokKind"],
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
  marks: ["WrapsAround"],
};
const config: Defect = {
  cause: "config-type",
  module: "config",
  path: "src/config.ts",
  good: "return Number(line?.slice(key.length + 1));",
  bad: "return line?.length ?? 0;",
  repairs: ["return line?.indexOf(key) ?? 0;", "return key.length;", "return text.length;"],
  logs: "config",
  marks: ["config.cpp"],
};
const foreign: Defect = { ...token, cause: "unrecognizable", logs: "foreign", marks: [] };

export const typescript: Project = {
  name: "ts",
  command: [process.execPath, "run", "ci.ts"],
  tools: [],
  scenarios: [
    ...scenariosOf({ common: vector, posix, windows, halfway: ring, hopeless: config }),
    { name: "straggler", about: "the last flavor fails when the fix is there already", defects: [vector], late: 1 },
    { name: "near", about: "errors that are alike and not equal: still one cause", defects: [token] },
    { name: "foreign", about: "a log in which no error can be recognised: nothing is analysed", defects: [foreign], hopeless: true },
  ],
  folder: "project",
};

const undeclared = (name: string) => [`'${name}' undeclared`, `undeclared identifier '${name}'`];

const cDefects: Defects = {
  common: {
    ...{ cause: "missing-header", module: "list", path: "src/list.c" },
    ...{ good: '"small_list.h"', bad: '"smalllist.h"' },
    marks: ["smalllist.h: No such file", "'smalllist.h' file not found"],
  },
  posix: {
    ...{ cause: "posix-typo", module: "pages", path: "src/pages.c", good: "_SC_PAGESIZE", bad: "_SC_PAGESZIE" },
    marks: undeclared("_SC_PAGESZIE"),
  },
  windows: {
    ...{ cause: "windows-typo", module: "pages", path: "src/pages.c" },
    ...{ good: "return ALLOCATION_GRANULARITY", bad: "return ALLOCATION_GRANULARTY" },
    marks: undeclared("ALLOCATION_GRANULARTY"),
  },
  halfway: {
    ...{ cause: "ring-wraps", module: "ring", path: "src/ring.c", good: "return n % capacity;", bad: "return n;" },
    repairs: ["return n & (capacity - 1);", "return n % capacity;"],
    marks: ["ring_slot(ring_capacity(), ring_capacity()) is"],
  },
  hopeless: {
    ...{ cause: "config-value", module: "config", path: "src/config.c", good: "strlen(key) + 1)", bad: "strlen(key))" },
    repairs: ["strlen(key) + 2)", "strlen(key) + 0)", "strlen(key) - 1)"],
    marks: [") is 0, expected 2"],
  },
};

const pythonDefects: Defects = {
  common: {
    ...{ cause: "missing-module", module: "lists", path: "pebble/lists.py" },
    ...{ good: "from pebble.small_list import", bad: "from pebble.smalllist import" },
    marks: ["No module named 'pebble.smalllist'"],
  },
  posix: {
    ...{ cause: "posix-typo", module: "pages", path: "pebble/pages.py", good: "os.cpu_count()", bad: "os.cpu_cuont()" },
    marks: ["has no attribute 'cpu_cuont'"],
  },
  windows: {
    ...{ cause: "windows-typo", module: "pages", path: "pebble/pages.py" },
    ...{ good: "sys.getdefaultencoding()", bad: "sys.getdefaultencodin()" },
    marks: ["has no attribute 'getdefaultencodin'"],
  },
  halfway: {
    ...{ cause: "ring-wraps", module: "ring", path: "pebble/ring.py", good: "return n % size", bad: "return n" },
    repairs: ["return n & (size - 1)", "return n % size"],
    marks: ["test_wraps_around (tests"],
  },
  hopeless: {
    ...{ cause: "config-value", module: "config", path: "pebble/config.py" },
    ...{ good: "return int(line[len(key) + 1 :])", bad: "return len(line)" },
    repairs: ["return line.find(key)", "return len(key)", "return len(text)"],
    marks: ["test_config (tests"],
  },
};

export const projects: readonly Project[] = [
  typescript,
  { name: "c", command: ["make", "--silent", "test"], tools: ["make", "cc"], scenarios: scenariosOf(cDefects), folder: "projects/c" },
  {
    name: "python",
    command: ["python3", "-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."],
    tools: ["python3"],
    scenarios: scenariosOf(pythonDefects),
    folder: "projects/python",
  },
];

/** The tools of a project that this machine lacks. */
export function missingTools({ tools }: Project): readonly string[] {
  return tools.filter((tool) => Bun.which(tool) === null);
}

/** What a flavor's toolchain printed about a defect, where it stands in for one. */
export function logOf({ logs }: Defect, flavor: string): string | undefined {
  if (logs === undefined) return undefined;
  const folder = join(root, "logs", logs);
  const names = readdirSync(folder).sort();
  const preferred = platformOf(flavor).prefers.flatMap((part) => names.filter((name) => name.includes(part)))[0];
  const name = preferred ?? names[[...flavor].reduce((sum, character) => sum + character.charCodeAt(0), 0) % names.length];
  return readFileSync(join(folder, name ?? ""), "utf8");
}

/** A project, whole. */
export function projectFiles({ folder }: Project = typescript): Files {
  const at = join(root, folder);
  const paths = [...new Bun.Glob("**/*.{ts,c,h,py,md}").scanSync(at), ...new Bun.Glob("**/Makefile").scanSync(at)].sort();
  return Object.fromEntries(paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(at, path), "utf8")]));
}

/** The files that a scenario's commit changes. */
export function brokenFiles(project: Project, scenario: Scenario): Record<string, string> {
  const broken: Record<string, string> = {};
  for (const { path, good, bad } of scenario.defects) {
    const text = broken[path] ?? readFileSync(join(root, project.folder, path), "utf8");
    if (!text.includes(good)) throw new Error(`Cannot break ${path}: "${good}" is not in it`);
    broken[path] = text.replace(good, bad);
  }
  return broken;
}
