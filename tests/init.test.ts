import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { parse } from "yaml";
import { configKeys, readConfig } from "../lib/config.ts";
import { about, settingsSchema } from "../lib/init/settings.ts";
import { judge, lint } from "./workflow/lint.ts";

const root = resolve(import.meta.dir, "..");
const scratch = mkdtempSync(join(tmpdir(), "fixonce-init-"));
const dist = join(scratch, "dist");
mkdirSync(dist);
const scripts = ["analyze", "follow", "publish", "respond", "sweep", "triage"];
for (const name of scripts)
  writeFileSync(join(dist, `${name}.js`), `#!/usr/bin/env bun\n// @bun\n// fixonce 0.1.0: ${name}. A stand-in.\n`);
writeFileSync(join(dist, "LICENSES"), "fixonce 0.1.0 contains the following packages.\n");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;

/** A copy of a sample repository, with what git does not keep in ours. */
function sample(name: string): string {
  const folder = join(scratch, `${name}-${++count}`);
  cpSync(join(import.meta.dir, "fixtures/repositories", name), folder, { recursive: true });
  Bun.spawnSync(["git", "init", "--quiet", "--initial-branch=trunk", folder]);
  if (name === "monorepo") {
    for (const path of ["node_modules/yaml/package.json", "node_modules/zod/package.json"]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '{ "name": "old", "version": "1.0.0", "main": "absent.js" }\n');
    }
  }
  return folder;
}

/** Every file with its bytes, but git's own. */
function snapshot(folder: string): Readonly<Record<string, string>> {
  const paths = [...new Bun.Glob("**/*").scanSync({ cwd: folder, dot: true })].filter((path) => !path.startsWith(".git/"));
  return Object.fromEntries(paths.toSorted().map((path) => [path, readFileSync(join(folder, path), "latin1")]));
}

type Said = { readonly changes: readonly { readonly path: string; readonly kind: string }[]; readonly notes: readonly string[] };

function init(folder: string, ...flags: readonly string[]) {
  const argv = [process.execPath, join(root, "scripts/init.ts"), "--checkout", folder, "--bundles", dist, "--json", ...flags];
  const child = Bun.spawnSync(argv, { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const said = child.stdout.toString();
  return {
    code: child.exitCode,
    text: child.stderr.toString(),
    ...((said === "" ? { changes: [], notes: [] } : JSON.parse(said)) as Said),
  };
}

const triage = [
  ".github/fixonce.yml",
  ...[".gitattributes", "LICENSES", "analyze.js", "follow.js", "publish.js", "schema.json", "sweep.js", "triage.js"].map(
    (name) => `.github/fixonce/${name}`,
  ),
  ...[".github/workflows/fixonce-sweep.yml", ".github/workflows/fixonce-triage.yml"],
];
const needed = (path: string, why: string) => `${path} has no workflow_dispatch, which starts it on the branch of a fix: ${why}`;
const offer = "add it, or pass --dispatch";
const unedited = "its `on:` is written in a way that init does not edit";

/** What the triage file waits for, and what a person is told. */
const samples: Readonly<Record<string, { readonly watched: readonly string[]; readonly notes?: readonly string[] }>> = {
  one: { watched: ["CI"] },
  many: { watched: ["CI-Linux", "CI-Linux-ARM64", "CI-MacOSX-NoCUDA", "CI-Windows"] },
  reusable: { watched: [".github/workflows/ci.yaml"] },
  matrix: { watched: ['Build & "test"'] },
  dispatchless: { watched: ["A", "B", "C"], notes: ["a", "b", "c"].map((name) => needed(`.github/workflows/${name}.yml`, offer)) },
  anchors: {
    watched: ["Aliased", "CI (nightly, too)"],
    notes: [needed(".github/workflows/aliased.yml", unedited), needed(".github/workflows/ci.yml", offer)],
  },
  broken: {
    watched: ["CI"],
    notes: [
      ".github/workflows/broken.yml: not YAML (line 6): Flow sequence in block collection must be sufficiently indented and end with a ]; it is left out",
      ".github/workflows/notes.yml: not a workflow: on is missing or of another kind; it is left out",
    ],
  },
  monorepo: { watched: ["CI"] },
  empty: { watched: ["CI"], notes: ["No workflow builds on push or pull_request yet: add its name to the list in the files below"] },
};

describe("init", () => {
  for (const [name, { watched, notes = [] }] of Object.entries(samples)) {
    test(`${name}: the right files and nothing else, clean under both linters, the same bytes twice, and --uninstall takes all back`, async () => {
      const folder = sample(name);
      const before = snapshot(folder);
      const dry = init(folder, "--dry-run");
      expect([dry.code, snapshot(folder)]).toEqual([0, before]);
      const first = init(folder, "--yes");
      expect({ ...first, text: "" }).toEqual({ code: 0, text: "", changes: dry.changes, notes });
      const after = snapshot(folder);
      const added = Object.keys(after).filter((path) => !(path in before));
      expect(added.toSorted()).toEqual(triage.toSorted());
      for (const path of Object.keys(before)) expect(after[path]).toBe(before[path] as string);
      for (const path of added.filter((one) => one.includes("workflows/"))) {
        const text = readFileSync(join(folder, path), "utf8");
        expect([await lint(text), judge(text)]).toEqual([[], []]);
        expect(parse(text).on.workflow_run.workflows).toEqual(watched);
      }
      expect(init(folder, "--yes")).toMatchObject({ code: 0, changes: [] });
      expect(snapshot(folder)).toEqual(after);
      expect(init(folder, "--uninstall", "--yes").code).toBe(0);
      expect(snapshot(folder)).toEqual(before);
    });
  }

  test("for GitHub Enterprise Server, which the remote tells, artifacts are of the kind that it has", async () => {
    const folder = sample("one");
    const file = join(folder, ".github/workflows/fixonce-triage.yml");
    const pins = () => [...new Set(readFileSync(file, "utf8").match(/(?:up|down)load-artifact@.*/g))];
    const remote = (url: string) => Bun.spawnSync(["git", "config", "remote.origin.url", url], { cwd: folder });
    for (const url of [
      "https://github.com/a/b.git",
      "git@github.com-work:a/b",
      "git@work:a/b",
      "ssh://git@ssh.github.com:443/a/b",
      "https://acme.ghe.com/a/b",
    ]) {
      remote(url);
      expect([url, init(folder, "--yes").code, pins().some((pin) => pin.includes("v3"))]).toEqual([url, 0, false]);
    }
    for (const url of ["https://github.company.example/a/b", "git@git.acme.example:a/b.git"]) {
      remote(url);
      expect([url, init(folder, "--yes").code, pins().every((pin) => pin.includes(" # v3."))]).toEqual([url, 0, true]);
      expect([await lint(readFileSync(file, "utf8")), judge(readFileSync(file, "utf8"))]).toEqual([[], []]);
      expect(init(folder, "--yes", "--no-ghes").changes).toMatchObject([{ path: ".github/workflows/fixonce-triage.yml", kind: "upgrade" }]);
    }
    expect(init(folder, "--ghes", "--template", "matrix", "--yes").code).toBe(0);
    expect(readFileSync(join(folder, ".github/workflows/fixonce-matrix.yml"), "utf8")).not.toMatch(/artifact@.* # v[4-9]/);
  });

  for (const name of ["matrix", "in-job"] as const) {
    test(`--template ${name} brings a build with the repository's command and branch, clean under both linters`, async () => {
      const folder = sample("matrix");
      expect(init(folder, "--template", name, "--yes").code).toBe(0);
      const text = readFileSync(join(folder, `.github/workflows/fixonce-${name}.yml`), "utf8");
      expect([await lint(text), judge(text, { inJob: name === "in-job" })]).toEqual([[], []]);
      expect([parse(text).on.push.branches, parse(text).jobs.build.env.BUILD_COMMAND]).toEqual([["trunk"], "cargo test"]);
      // The other way in takes its place.
      const { changes } = init(folder, "--yes");
      expect(changes).toContainEqual({ path: `.github/workflows/fixonce-${name}.yml`, kind: "remove" });
    });
  }

  test("--dispatch adds the trigger in one line and keeps every other byte: comments, anchors, quotes, line ends", () => {
    const [folder, anchors] = [sample("dispatchless"), sample("anchors")];
    const before = { ...snapshot(folder), ...snapshot(anchors) };
    expect(init(folder, "--yes", "--dispatch").notes).toEqual([]);
    expect(init(anchors, "--yes", "--dispatch").notes).toEqual([needed(".github/workflows/aliased.yml", unedited)]);
    const after = { ...snapshot(folder), ...snapshot(anchors) };
    const edits = {
      a: ["on: push\n", "on: [push, workflow_dispatch]\n"],
      b: ["[ push", "[workflow_dispatch,  push"],
      c: ["on:\r\n", "on:\r\n    workflow_dispatch:\r\n"],
      ci: ["# the triggers\n", "# the triggers\n  workflow_dispatch:\n"],
    };
    for (const [name, [from = "", to = ""]] of Object.entries(edits)) {
      const path = `.github/workflows/${name}.yml`;
      expect(after[path]).toBe((before[path] ?? "").replace(from, to));
    }
    expect(init(folder, "--yes", "--dispatch").changes).toEqual([]);
  });

  test("upgrades what an older version wrote, keeps what a person edited, and keeps an edited list of names", () => {
    const folder = sample("many");
    init(folder, "--yes");
    const path = (name: string) => join(folder, ".github", name);
    const edit = (name: string, from: string | RegExp, to: string) =>
      writeFileSync(path(name), readFileSync(path(name), "utf8").replace(from, to));
    writeFileSync(path("fixonce/triage.js"), "#!/usr/bin/env bun\n// @bun\n// fixonce 0.0.9: triage. An older one.\n");
    edit("workflows/fixonce-triage.yml", /workflows: \[.*\]/, "workflows: [CI-Linux, Gone]");
    edit("workflows/fixonce-sweep.yml", "17 3", "18 4");
    edit("fixonce.yml", "# max_attempts: 3", "max_attempts: 2");
    const { changes, notes } = init(folder, "--yes");
    expect(changes.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: ".github/fixonce/triage.js", kind: "upgrade" },
      { path: ".github/workflows/fixonce-triage.yml", kind: "upgrade" },
    ]);
    expect(notes).toEqual([
      '.github/workflows/fixonce-triage.yml does not wait for "CI-Linux-ARM64", "CI-MacOSX-NoCUDA", "CI-Windows": add to its list what builds',
      ".github/workflows/fixonce-sweep.yml was edited: it is kept as it is",
    ]);
    expect(parse(readFileSync(path("workflows/fixonce-triage.yml"), "utf8")).on.workflow_run.workflows).toEqual(["CI-Linux"]);
    expect(readConfig(readFileSync(path("fixonce.yml"), "utf8"), {})).toMatchObject({ max_attempts: 2 });
    const removed = init(folder, "--uninstall", "--yes");
    expect(removed.notes).toEqual([
      ".github/fixonce.yml was edited or is not of init: it is kept",
      ".github/workflows/fixonce-sweep.yml was edited or is not of init: it is kept",
    ]);
  });

  test("says which workflows it found with their triggers, jobs and matrices, and shows every line of a change", () => {
    const [matrix, reusable] = [init(sample("matrix"), "--dry-run").text, init(sample("reusable"), "--dry-run").text];
    // Two systems by two compilers, one left out and one added; a matrix that is known at run time alone.
    expect(matrix).toContain(
      'build .github/workflows/build.yml: "Build & "test"" on push, pull_request, workflow_dispatch; jobs build × 4, later × ?\n',
    );
    expect(reusable.split("\n").slice(0, 2)).toEqual([
      'build .github/workflows/ci.yaml: ".github/workflows/ci.yaml" on push, workflow_dispatch; jobs call → ./.github/workflows/reusable.yaml',
      'other .github/workflows/reusable.yaml: ".github/workflows/reusable.yaml" on workflow_call; jobs build',
    ]);
    const lines = matrix.split("\n");
    const at = lines.findIndex((line) => line.startsWith("write .github/fixonce.yml"));
    expect(lines.slice(at, at + 3)).toEqual([
      expect.stringMatching(/^write \.github\/fixonce\.yml \(\+\d+ -0\)$/),
      expect.stringMatching(/^\+ {3}1 # Written by fixonce /),
      "+   2 # yaml-language-server: $schema=fixonce/schema.json",
    ]);
    const edit = init(sample("dispatchless"), "--dry-run", "--dispatch").text.split("\n");
    const from = edit.indexOf("edit .github/workflows/a.yml (+1 -1)");
    expect(edit.slice(from + 1, from + 3)).toEqual(["-   2 on: push", "+   2 on: [push, workflow_dispatch]"]);
  });

  test("asks on a terminal, for the repository's own workflows apart from its files, and writes what it is allowed", async () => {
    const asks = async (folder: string, ...answers: readonly string[]) => {
      let [said, at] = ["", 0];
      const child = Bun.spawn([process.execPath, join(root, "scripts/init.ts"), "--checkout", folder, "--bundles", dist], {
        cwd: folder,
        terminal: {
          cols: 200,
          data(terminal, bytes) {
            said += new TextDecoder().decode(bytes);
            if (said.split("[y/N]").length - 1 > at) terminal.write(`${answers[at++] ?? "n"}\r`);
          },
        },
      });
      return { code: await child.exited, asked: at, said };
    };
    const folder = sample("dispatchless");
    const before = snapshot(folder);
    const refused = await asks(folder, "n", "n");
    expect([refused.code, refused.asked, snapshot(folder)]).toEqual([2, 2, before]);
    expect(refused.said.indexOf("+   2 on: [push, workflow_dispatch]")).toBeLessThan(refused.said.indexOf("to these workflows of yours?"));
    const allowed = await asks(folder, "n", "y");
    expect([allowed.code, allowed.said.includes("Write these 11 files? [y/N]")]).toEqual([0, true]);
    for (const path of Object.keys(before)) expect(snapshot(folder)[path]).toBe(before[path] as string);
    expect([(await asks(folder, "y", "y")).code, readFileSync(join(folder, ".github/workflows/a.yml"), "utf8")]).toEqual([
      0,
      (before[".github/workflows/a.yml"] ?? "").replace("on: push", "on: [push, workflow_dispatch]"),
    ]);
  });

  test("writes nothing without consent, outside a repository, through a link, or without the bundles; says why in a line", () => {
    const folder = sample("one");
    const before = snapshot(folder);
    const last = (said: { readonly text: string }) => said.text.trim().split("\n").at(-1);
    expect([init(folder).code, last(init(folder))]).toEqual([2, "fixonce: Nothing was written: pass --yes to write without being asked"]);
    expect(last(init(folder, "--yes", "--bundles", join(scratch, "absent")))).toBe(
      "fixonce: Cannot write the scripts: the bundle LICENSES is missing. In a source checkout, run: bun run build",
    );
    expect(last(init(folder, "--template", "inline"))).toBe('fixonce: "inline" is not a template: triage, matrix, in-job');
    expect(snapshot(folder)).toEqual(before);
    expect(last(init(dist))).toStartWith("fixonce: Not a git repository: ");
    mkdirSync(join(scratch, "elsewhere"), { recursive: true });
    symlinkSync(join(scratch, "elsewhere"), join(folder, ".github/fixonce"));
    expect(last(init(folder, "--yes"))).toBe("fixonce: Cannot use .github/fixonce: it is a link");
  });
});

describe("settings", () => {
  test("every key is explained, and the schema takes the file as written and refuses what readConfig() refuses", () => {
    expect(configKeys.filter(({ key }) => about[key] === undefined)).toEqual([]);
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(settingsSchema()));
    const folder = sample("one");
    init(folder, "--yes");
    const text = readFileSync(join(folder, ".github/fixonce.yml"), "utf8");
    expect([valid(parse(text) ?? {}), "problem" in readConfig(text, {})]).toEqual([true, false]);
    const set = text.replace(/^# ([a-z_]+: )/gm, "$1");
    expect([valid(parse(set)), "problem" in readConfig(set, {})]).toEqual([true, false]);
    for (const wrong of ["max_atempts: 2", "max_attempts: 0", "lock: file"])
      expect([valid(parse(wrong)), "problem" in readConfig(wrong, {})]).toEqual([false, true]);
  });
});
