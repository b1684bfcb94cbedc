import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const scratch = mkdtempSync(join(tmpdir(), "fixonce-bundles-"));
const [first, second, empty] = ["first", "second", "empty"].map((name) => join(scratch, name)) as [string, string, string];

beforeAll(() => {
  for (const out of [first, second]) expect(run(root, join(root, "scripts/build.ts"), "--out", out).code).toBe(0);
  Bun.spawnSync(["mkdir", empty]);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(cwd: string, ...argv: readonly string[]) {
  const env = { PATH: process.env.PATH ?? "", HOME: empty, BUN_CONFIG_REGISTRY: "http://127.0.0.1:9/" };
  const child = Bun.spawnSync([process.execPath, ...argv], { cwd, env: { ...env }, stdout: "pipe", stderr: "pipe" });
  return { code: child.exitCode, text: `${child.stdout}${child.stderr}` };
}

const scripts = () => readdirSync(first).filter((file) => file.endsWith(".js"));

describe("bundles", () => {
  test("build gives the same bytes twice", () => {
    expect(readdirSync(second)).toEqual(readdirSync(first));
    for (const file of readdirSync(first)) expect(readFileSync(join(second, file)).equals(readFileSync(join(first, file)))).toBe(true);
  });

  test("each bundle runs in an empty folder, without node_modules and network, and names no folder of the machine that built it", () => {
    for (const file of scripts()) {
      const { code, text } = run(empty, join(first, file), "--help");
      expect({ file, code, usage: text.includes("Usage:") }).toEqual({ file, code: 0, usage: true });
      expect(readFileSync(join(first, file), "utf8").includes(root)).toBe(false);
    }
    expect(scripts()).toContain("coordinate.js");
  });

  test("a bundle does its work: signature reads a log, coordinate says what is missing", () => {
    const log = join(root, "lib/sandbox/logs/vector/linux-x64-gcc11-cmake-make.log");
    const { code, text } = run(empty, join(first, "signature.js"), log);
    expect(code).toBe(0);
    expect(text).toContain("small_vec.h");
    expect(run(empty, join(first, "coordinate.js"), "--log", log)).toEqual({
      code: 2,
      text: "fixonce: No repository: set GITHUB_REPOSITORY or pass --repo owner/name\n",
    });
  });

  test("a bundle in somebody's repository takes nothing from the packages there", () => {
    const theirs = join(scratch, "theirs");
    const log = join(root, "lib/sandbox/logs/vector/linux-x64-gcc11-cmake-make.log");
    cpSync(first, join(theirs, ".github/fixonce"), { recursive: true });
    writeFileSync(join(theirs, "package.json"), '{ "name": "theirs", "type": "commonjs", "workspaces": ["packages/*"] }\n');
    for (const name of ["yaml", "zod", "octokit", "commander", "fast-levenshtein"]) {
      mkdirSync(join(theirs, "node_modules", name), { recursive: true });
      writeFileSync(join(theirs, "node_modules", name, "package.json"), `{ "name": "${name}", "version": "0.0.1", "main": "index.js" }\n`);
      writeFileSync(join(theirs, "node_modules", name, "index.js"), 'throw new Error("theirs");\n');
    }
    for (const file of scripts()) expect([file, run(theirs, join(theirs, ".github/fixonce", file), "--help").code]).toEqual([file, 0]);
    expect(run(theirs, join(theirs, ".github/fixonce/signature.js"), log).text).toContain("small_vec.h");
  });

  test("LICENSES has the terms of every package that is bundled", () => {
    const text = readFileSync(join(first, "LICENSES"), "utf8");
    for (const name of ["octokit", "yaml", "zod", "commander", "fast-levenshtein", "@anthropic-ai/sdk"])
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
    for (const part of text.split(/^={72}$/m).slice(1))
      expect(part).toMatch(/Permission is hereby granted|Redistribution and use|Apache|ISC|Permission to use|free and unencumbered/i);
    expect(text).toContain("Permission is hereby granted");
  });
});

describe("the package", () => {
  const [home, user] = [join(scratch, "package"), join(scratch, "user")];

  test("holds the bundles and what they read, and nothing else", () => {
    for (const name of ["package.json", "LICENSE", "README.md", "bin", "workflow-templates", "lib", "scripts"])
      cpSync(join(root, name), join(home, name), { recursive: true });
    cpSync(first, join(home, "dist"), { recursive: true });
    mkdirSync(user);
    expect(run(home, "pm", "pack", "--ignore-scripts", "--destination", user).code).toBe(0);
    const { stdout } = Bun.spawnSync(["tar", "-tzf", join(user, tarball())], { stdout: "pipe" });
    const top = stdout
      .toString()
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, ""));
    const whole = ["LICENSE", "README.md", "bin/fixonce.ts", "dist/LICENSES", "package.json"];
    const templates = ["in-job", "matrix", "sweep", "triage"].flatMap((name) => [`${name}.properties.json`, `${name}.yml`]);
    const bundled = scripts().map((name) => `dist/${name}`);
    expect(top.toSorted()).toEqual([...whole, ...bundled, ...templates.map((name) => `workflow-templates/${name}`)].toSorted());
  });

  test("is installed without a network, and bunx runs its scripts, init with its templates", () => {
    writeFileSync(join(user, "package.json"), "{}\n");
    expect(run(user, "add", `./${tarball()}`).code).toBe(0);
    const doctor = run(user, "x", "--no-install", "fixonce", "doctor", "--help");
    expect([doctor.code, doctor.text.includes("Usage: doctor")]).toEqual([0, true]);
    Bun.spawnSync(["git", "init", "--quiet", user]);
    const init = run(user, "x", "--no-install", "fixonce", "init", "--dry-run");
    expect([init.code, init.text.includes("write .github/workflows/fixonce-triage.yml")]).toEqual([0, true]);
  });

  function tarball(): string {
    return readdirSync(user).find((name) => name.endsWith(".tgz")) ?? "";
  }
});

describe("bin/fixonce.ts", () => {
  test("runs a script by its name with its flags and exit code, and lists them", () => {
    const bin = join(root, "bin/fixonce.ts");
    expect(run(empty, bin, "signature", "--help").text).toContain("Usage: signature");
    expect(run(empty, bin, "coordinate", "--lgo", "x").code).toBe(2);
    expect(run(empty, bin).text).toContain("coordinate, ");
    const { code, text } = run(empty, bin, "../evil");
    expect([code, text.startsWith('fixonce: No such script: "../evil"')]).toEqual([2, true]);
  });
});
