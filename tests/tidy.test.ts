import { describe, expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");
const transpiler = new Bun.Transpiler({ loader: "ts" });

type Source = { readonly path: string; readonly text: string; readonly code: string; readonly imports: readonly string[] };

/** Everything of ours, with its imports as paths from the root or as names of packages. */
const sources: readonly Source[] = await Promise.all(
  [...new Bun.Glob("{lib,scripts,tests}/**/*.ts").scanSync(root)]
    .filter((path) => !path.startsWith("lib/sandbox/project/") && !path.startsWith("tests/fixtures/"))
    .sort()
    .map(async (path) => {
      const text = await Bun.file(join(root, path)).text();
      return { path, text, code: withoutComments(text), imports: importsOf(path, text) };
    }),
);

function importsOf(path: string, text: string): string[] {
  // The transpiler leaves type imports out, and they are arrows as well.
  const typed = [...text.matchAll(/^(?:import|export)\b[^"';]*?from\s+"([^"]+)"/gms)].map((found) => found[1] ?? "");
  const all = new Set([...typed, ...transpiler.scanImports(text.replace(/^#!.*/, "")).map((found) => found.path)]);
  return [...all].map((name) => (name.startsWith(".") ? relative(root, join(root, dirname(path), name)) : name)).sort();
}

/** Without block comments and lines that are comments: good enough for what is searched here. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const layerOf = (path: string): string =>
  path.startsWith("scripts/")
    ? "scripts"
    : path.startsWith("tests/")
      ? "tests"
      : path.startsWith("lib/io/")
        ? "io"
        : path.startsWith("lib/sandbox/")
          ? "sandbox"
          : "pure";
const of = (...layers: readonly string[]) => sources.filter(({ path }) => layers.includes(layerOf(path)));
const local = (name: string) => /^(lib|scripts|tests)\//.test(name);

/** What each layer may import of ours. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  pure: ["pure"],
  io: ["pure", "io"],
  sandbox: ["pure", "io", "sandbox"],
  scripts: ["pure", "io", "sandbox"],
  tests: ["pure", "io", "sandbox", "scripts", "tests"],
};

describe("the arrows", () => {
  test("imports are seen, those of types as well", () => {
    const { imports = [] } = sources.find(({ path }) => path === "lib/coordinate.ts") ?? {};
    expect(imports).toEqual(["lib/backoff.ts", "lib/coordination.ts", "lib/decide.ts", "lib/groups.ts", "lib/known.ts", "lib/ledger.ts"]);
    expect(importsOf("lib/x.ts", 'import { readFileSync } from "node:fs";\nimport type { A } from "./io/a.ts";')).toEqual([
      "lib/io/a.ts",
      "node:fs",
    ]);
  });

  test("scripts stand on lib/io and lib/sandbox, these on lib, and nothing on a script but its tests", () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports.filter((name) => local(name) && !arrows[layerOf(path)]?.includes(layerOf(name))).map((name) => `${path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("no import is circular", () => {
    const known = new Map(sources.map((source) => [source.path, source.imports.filter(local)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
      else if (!done.has(path)) for (const next of known.get(path) ?? []) visit(next, [...way, path]);
      done.add(path);
    };
    for (const { path } of sources) visit(path, []);
    expect(circles).toEqual([]);
  });

  test("the sandbox is reached by the race, the bench and tests alone", () => {
    const users = of("scripts").filter(({ imports }) => imports.some((name) => name.startsWith("lib/sandbox/")));
    expect(users.map(({ path }) => path).filter((path) => !["scripts/race.ts", "scripts/bench.ts"].includes(path))).toEqual([]);
  });

  test("lib/ reads no file, network, process, clock, random, environment or console", () => {
    const modules = /^(node:)?(fs|net|http|https|http2|child_process|dgram|tls|os|process|timers|worker_threads)(\/|$)/;
    const imported = of("pure").flatMap(({ path, imports }) =>
      imports.filter((name) => modules.test(name)).map((name) => `${path}: ${name}`),
    );
    const reads =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bBun\.(env|file|write|spawn|sleep|serve|nanoseconds)\b|\bconsole\.|(?<![.\w])fetch\(|\bperformance\.|\bsetTimeout\b|\bcrypto\.random/g;
    const read = of("pure").flatMap(({ path, code }) => [...code.matchAll(reads)].map(([found]) => `${path}: ${found}`));
    expect([...imported, ...read]).toEqual([]);
  });

  test("every file of ours is imported with its ending", () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports.filter((name) => local(name) && !/\.(ts|json)$/.test(name)).map((name) => `${path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the files", () => {
  const headerOf = (text: string) => /^(?:#![^\n]*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";

  test("every file in lib and scripts opens with a header that says @module", () => {
    expect(
      of("pure", "io", "sandbox", "scripts")
        .filter(({ text }) => !headerOf(text).includes("@module"))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test("no file has an any, a default export, an enum, a namespace or a re-export", () => {
    const unwanted =
      /(?<=[:<|,&(]\s*|\bas )any\b(?=\s*[\])>;,|&=\n])|^export default\b|^(?:export )?(?:const )?enum\s|^(?:export )?namespace\s|^export (?:\*|\{[^}]*\}) from/gm;
    expect(sources.flatMap(({ path, code }) => [...code.matchAll(unwanted)].map(([found]) => `${path}: ${found}`))).toEqual([]);
  });

  test("a file over 250 lines says why in its header", () => {
    const long = of("pure", "io", "sandbox", "scripts").filter(
      ({ text }) => text.split("\n").length > 251 && !/\blonger than (?:250 lines|most files)\b/i.test(headerOf(text)),
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});
