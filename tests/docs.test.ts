import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { configKeys, configSchema, readConfig } from "../lib/config.ts";
import { about } from "../lib/init/settings.ts";
import { flavorOf } from "../lib/triage.ts";
import { gitUrl, type Scene, scene } from "./sandbox.ts";

setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "..");
const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
];
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), "utf8")]));
const textOf = (page: string): string => texts.get(page) ?? "";
const scripts = readdirSync(join(root, "scripts")).map((file) => file.replace(/\.ts$/, ""));

type Command = { readonly page: string; readonly line: string };

/** Contents of all fences of a language, with their page. */
function fences(language: string): readonly { readonly page: string; readonly text: string }[] {
  return [...texts].flatMap(([page, text]) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, inside = ""]) => ({ page, text: inside })),
  );
}

/** One command a line, in the order in which a reader types them; no comments. */
const commands: readonly Command[] = fences("sh").flatMap(({ page, text }) =>
  text.split("\n").flatMap((line) => {
    const command = line.replace(/\s+#.*$/, "").trim();
    return command === "" ? [] : [{ page, line: command }];
  }),
);

/**
 * How a command is run. Nothing is run that is not in the table, and nothing is in the table that no page has.
 *
 * - `run`: as written, in a shell, in a copy of this repository beside a copy of a sample project; it must end with 0.
 * - `begin`: as written, and stopped when its output shows that it has begun: it would take too long.
 * - `check`: not run; what it names is there.
 */
type Way = { readonly when: RegExp; readonly how: "run" | "begin" | "check"; readonly shows?: RegExp; readonly check?: () => void };

const ways: readonly Way[] = [
  // The first round has begun: flags are read, the embedded GitHub serves.
  { when: /^npx --yes bun@1\.4\.5 run scripts\/race\.ts$/, how: "begin", shows: /http:\/\// },
  // It would run this test again.
  {
    when: /^npx --yes bun@1\.4\.5 run test$/,
    how: "check",
    check: () => expect(manifest().scripts.test).toBe("bun install --frozen-lockfile && bun run check"),
  },
  // It would go to the network.
  {
    when: /^bun install --frozen-lockfile$/,
    how: "check",
    check: () => {
      expect(existsSync(join(root, "bun.lock"))).toBe(true);
      expect(Bun.spawnSync([process.execPath, "install", "--help"]).stdout.toString()).toContain("--frozen-lockfile");
    },
  },
  { when: /^bun run build$/, how: "run", shows: /LICENSES/ },
  { when: /^bun run scripts\/init\.ts .*--uninstall --dry-run$/, how: "run", shows: /remove .*fixonce-triage\.yml/ },
  { when: /^bun run scripts\/init\.ts .*--uninstall --yes$/, how: "run", shows: /Done: \d+ files/ },
  { when: /^bun run scripts\/init\.ts .*--dry-run$/, how: "run", shows: /--dry-run: nothing was written/ },
  { when: /^bun run scripts\/init\.ts .*--yes$/, how: "run", shows: /Done: \d+ files|Everything is up to date/ },
  // A stand-in for `gh` that knows these commands alone.
  { when: /^gh secret set (ANTHROPIC_API_KEY|FIXONCE_APP_KEY) --repo owner\/name$/, how: "run", shows: /secret set/ },
  { when: /^gh variable set FIXONCE_APP_ID --repo owner\/name --body \w+$/, how: "run", shows: /variable set/ },
  {
    when: /^(GITHUB_(API|SERVER)_URL=\S+ )*GITHUB_TOKEN=\$\(gh auth token\) bun run scripts\/doctor\.ts /,
    how: "run",
    shows: /✓ contents: write/,
  },
  { when: /^GITHUB_TOKEN=\$\(gh auth token\) bun run scripts\/sweep\.ts /, how: "run", shows: /sweep: \d+ / },
  { when: /^bun run scripts\/signature\.ts /, how: "run", shows: /\S/ },
  { when: /^bun run scripts\/analyze\.ts .*--mock-llm/, how: "run", shows: /mock/ },
  { when: /^git -C \.\.\/your-project (add|commit) /, how: "run" },
  { when: /^git -C \.\.\/your-project ls-remote /, how: "run", shows: /refs\/coordination\// },
];

function manifest(): { readonly scripts: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** A folder with a copy of this repository, a project beside it, and an embedded GitHub that has that project. */
type Desk = { readonly at: Scene; readonly home: string; readonly environment: Record<string, string> };
let desk: Desk;

beforeAll(async () => {
  const at = await scene();
  const folder = mkdtempSync(join(tmpdir(), "fixonce-docs-"));
  const [home, bin] = [join(folder, "fixonce"), join(folder, "bin")];
  for (const name of ["bin", "lib", "scripts", "workflow-templates", "package.json", "bun.lock", "bunfig.toml", "tsconfig.json"])
    cpSync(join(root, name), join(home, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
  const logs = join(root, "lib/sandbox/logs/vector");
  const [first = "", second = ""] = readdirSync(logs)
    .filter((file) => file.endsWith(".log"))
    .toSorted();
  cpSync(join(logs, first), join(home, "linux.log"));
  cpSync(join(logs, second), join(home, "windows.log"));
  mkdirSync(bin);
  const gh = `#!/bin/sh\ncase "$*" in\n"auth token") echo ${at.token};;\n"secret set "*" --repo acme/app") echo secret set;;\n"variable set "*" --repo acme/app --body "*) echo variable set;;\n*) exit 9;;\nesac\n`;
  writeFileSync(join(bin, "gh"), gh);
  writeFileSync(join(bin, "bun"), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  for (const name of ["gh", "bun"]) chmodSync(join(bin, name), 0o755);
  // Nothing else is there: what a reader needs besides these would fail here.
  for (const name of ["git", "sh"]) symlinkSync(Bun.which(name) ?? name, join(bin, name));
  const { url } = at.github;
  const server = { GITHUB_API_URL: url, GITHUB_SERVER_URL: url };
  const environment = { PATH: bin, HOME: folder, TMPDIR: folder, GIT_CONFIG_NOSYSTEM: "1", ...server };
  desk = { at, home, environment };
});

/** Every page begins with a project that has nothing of ours, and a coordination in the embedded GitHub. */
async function begin(): Promise<void> {
  const project = join(desk.home, "../your-project");
  rmSync(project, { recursive: true, force: true });
  cpSync(join(root, "tests/fixtures/repositories/many"), project, { recursive: true });
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["config", "user.name", "A"],
    ["config", "user.email", "a@example.com"],
    ["remote", "add", "origin", gitUrl(desk.at.repo, desk.at.token)],
    ["add", "."],
    ["commit", "--quiet", "--message", "A project"],
  ])
    expect(Bun.spawnSync(["git", "-C", project, ...args], { env: desk.environment }).exitCode).toBe(0);
  await desk.at.createRef(`refs/coordination/${"0".repeat(40)}/claims/1`, desk.at.repo.head() ?? "");
}

afterAll(async () => {
  await desk.at[Symbol.asyncDispose]();
  rmSync(dirname(desk.home), { recursive: true, force: true });
});

/** What a reader has of their own in the place of our placeholders. */
function own(line: string): string {
  const { url } = desk.at.github;
  return line
    .replace("npx --yes bun@1.4.5", "bun")
    .replaceAll("owner/name", "acme/app")
    .replaceAll("https://ghe.example/api/v3", url)
    .replaceAll("https://ghe.example", url);
}

async function type({ line }: Command, { how, shows }: Way): Promise<{ readonly code: number | null; readonly said: string }> {
  // A group of its own, so that all of it can be stopped.
  const child = Bun.spawn(["sh", "-c", `${how === "begin" ? "exec " : ""}${own(line)} 2>&1`], {
    cwd: desk.home,
    env: desk.environment,
    stdin: "ignore",
    stdout: "pipe",
  });
  let said = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += part;
    if (how === "begin" && shows?.test(said)) child.kill("SIGINT");
  }
  return { code: await child.exited, said };
}

describe("commands", () => {
  test("there are some, and no way of running is without one", () => {
    expect(commands.length).toBeGreaterThan(15);
    expect(ways.filter(({ when }) => !commands.some(({ line }) => when.test(line))).map(({ when }) => String(when))).toEqual([]);
  });

  for (const [index, command] of commands.entries()) {
    test(`${command.page}: ${command.line}`, async () => {
      if (command.page !== commands[index - 1]?.page) await begin();
      const way = ways.find(({ when }) => when.test(command.line));
      if (way === undefined) throw new Error("no way to run it: add one to the table");
      if (way.how === "check") return way.check?.();
      const { code, said } = await type(command, way);
      expect({ code, said }).toEqual({ code: way.how === "begin" ? 130 : 0, said: way.shows ? expect.stringMatching(way.shows) : said });
    });
  }

  test("every flag that a page gives to a script is one of its flags", () => {
    const uses = [...texts].flatMap(([page, text]) =>
      [...text.matchAll(/scripts\/([a-z]+)\.ts((?: +[^`\n#]*)?)/g)].map(([, script = "", args = ""]) => ({ page, script, args })),
    );
    const help = new Map(
      scripts.map((script) => [script, Bun.spawnSync([process.execPath, join(root, `scripts/${script}.ts`), "--help"]).stdout.toString()]),
    );
    const wrong = uses.flatMap(({ page, script, args }) =>
      [...(args.split(" -- ")[0]?.matchAll(/(?<= )--[a-z-]+/g) ?? [])]
        .filter(([flag]) => !new RegExp(`^ +${flag}\\b`, "m").test(help.get(script) ?? ""))
        .map(([flag]) => `${page}: ${script} ${flag}`),
    );
    expect(wrong).toEqual([]);
    expect(uses.filter(({ script }) => !scripts.includes(script))).toEqual([]);
    // Flags that stand alone in a sentence belong to some script.
    const known = [...help.values()].join("\n");
    const ours = ["README.md", "docs/adopting.md", "docs/faq.md"];
    const alone = ours.flatMap((page) => [...textOf(page).matchAll(/`(--[a-z-]+)[^`\n]*`/g)].map(([, flag = ""]) => ({ page, flag })));
    expect(alone.filter(({ flag }) => flag !== "--help" && !new RegExp(`^ +${flag}\\b`, "m").test(known))).toEqual([]);
  });
});

describe("links", () => {
  /** As GitHub makes anchors of headings. */
  const anchors = (text: string) =>
    [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    );

  test("every relative link leads to a file, and to a heading of it", () => {
    const broken = [...texts].flatMap(([page, text]) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, path = "", anchor]) => {
        const target = path === "" ? page : join(dirname(page), path);
        if (!existsSync(join(root, target))) return [`${page}: ${link}`];
        return anchor === undefined || anchors(readFileSync(join(root, target), "utf8")).includes(anchor) ? [] : [`${page}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  test("every page of docs/ is reached from the README", () => {
    expect(pages.filter((page) => page.startsWith("docs/") && !textOf("README.md").includes(`](${page}`))).toEqual([]);
  });
});

describe("what is named", () => {
  test("every script, in README.md or ARCHITECTURE.md and in its layout", () => {
    const layout = fences("").find(({ page }) => page === "ARCHITECTURE.md")?.text ?? "";
    expect(scripts.filter((name) => !layout.includes(`  ${name}.ts `))).toEqual([]);
    expect(scripts.filter((name) => !textOf("README.md").includes(`${name}.ts`))).toEqual([]);
  });

  test("every file of lib/ and lib/io/, in the layout of ARCHITECTURE.md", () => {
    const layout = fences("").find(({ page }) => page === "ARCHITECTURE.md")?.text ?? "";
    const words = new Set(layout.split(/[^a-z]+/));
    const files = ["lib", "lib/io"].flatMap((folder) => readdirSync(join(root, folder)).filter((name) => name.endsWith(".ts")));
    expect(files.map((name) => name.replace(/\.ts$/, "")).filter((name) => !words.has(name))).toEqual([]);
  });

  test("every template, and its permissions as they are", () => {
    const page = textOf("docs/adopting.md");
    const templates = readdirSync(join(root, "workflow-templates")).filter((name) => name.endsWith(".yml"));
    expect(templates.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const rows = [...page.matchAll(/^\| ([a-z, -]+)(?:: `([a-z]+)`)? +\| (`[^|]*`) +\| /gm)].map(([, names = "", job, granted = ""]) => ({
      names: names.trim().split(", "),
      job,
      granted: granted.replaceAll("`", "").trim(),
    }));
    const wrong = rows.flatMap(({ names, job, granted }) =>
      names.flatMap((name) => {
        const { jobs } = parse(readFileSync(join(root, `workflow-templates/${name}.yml`), "utf8")) as Workflow;
        const real = jobs[job ?? name]?.permissions ?? {};
        const text = Object.entries(real)
          .map(([scope, level]) => `${scope}: ${level}`)
          .toSorted()
          .join(", ");
        return text === granted ? [] : [`${name} ${job}: ${text}`];
      }),
    );
    expect([rows.length, wrong]).toEqual([5, []]);
  });

  test("every reason of the decision table, and no other", () => {
    const source = readFileSync(join(root, "lib/decide.ts"), "utf8");
    const union = /export type Reason =([\s\S]*?);/.exec(source)?.[1] ?? "";
    const reasons = [...union.matchAll(/"([a-z_]+)"/g)].map(([, name]) => name);
    expect(reasons.length).toBeGreaterThan(10);
    expect([...textOf("docs/faq.md").matchAll(/^### `([a-z_]+)`$/gm)].map(([, name]) => name).toSorted()).toEqual(reasons.toSorted());
  });

  test("error lines are those that the code says", () => {
    const source = [...new Bun.Glob("{lib,scripts}/**/*.ts").scanSync(root)]
      .map((path) => readFileSync(join(root, path), "utf8"))
      .join("\n");
    const table = textOf("docs/faq.md").split("## Error lines")[1]?.split("\n## ")[0] ?? "";
    const lines = [...table.matchAll(/^\| `([^|]*?)` +\| /gm)].map(([, line = ""]) => line);
    expect(lines.length).toBeGreaterThan(15);
    const pieces = lines.flatMap((line) => line.split("…").map((piece) => piece.replace(/^Cannot /, "").replace(/^[\s:?]+|[\s:]+$/g, "")));
    expect(pieces.filter((piece) => piece.length > 3 && !source.includes(piece))).toEqual([]);
  });
});

type Workflow = { readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> }>> };

describe("configuration", () => {
  const defaults = configSchema.parse({}) as Readonly<Record<string, unknown>>;
  const shown = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

  /** A Markdown table with even columns. */
  function tableOf(rows: readonly (readonly string[])[]): string {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
    return [lines[0], `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.slice(1)].join("\n");
  }

  test("the table of docs/adopting.md is what the code has", () => {
    const rows = configKeys.map(({ key, variables }) => [
      `\`${key}\``,
      variables.map((name) => `\`${name}\``).join(", "),
      `\`${shown(defaults[key])}\``,
      about[key] ?? "",
    ]);
    const table = tableOf([["key", "variable", "default", "what it means"], ...rows]);
    const written = /<!-- configuration -->\n([\s\S]*?)\n?<!-- \/configuration -->/.exec(textOf("docs/adopting.md"))?.[1]?.trim();
    expect(written).toBe(table);
  });

  test("the keys of the README are keys, with their variable and default", () => {
    const rows = [...textOf("README.md").matchAll(/^\| `([a-z_]+)` +\| `([A-Z_]+)` +\| (.*?) +\|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, key = "", variable = "", value = ""] of rows) {
      const known: readonly string[] = configKeys.find((one) => one.key === key)?.variables ?? [];
      expect(known).toContain(variable);
      expect(value.replaceAll("`", "").split(" ")[0]).toBe(shown(defaults[key]));
    }
  });

  test("every configuration file that is shown is valid, and its names are those of the flavors", () => {
    const shownFiles = fences("yaml").filter(({ text }) => text.startsWith("# .github/fixonce.yml\n"));
    expect(shownFiles.length).toBeGreaterThan(0);
    for (const { text } of shownFiles) {
      const config = readConfig(text, {});
      if ("problem" in config) throw new Error(config.problem);
      const flavors = Object.entries(config.flavor_names).map(([full, name]) => {
        const [workflow = "", ...job] = full.split(" / ");
        const run = {
          id: 1,
          workflow: 1,
          name: workflow,
          event: "push",
          status: "completed",
          conclusion: "failure",
          branch: "main",
          own: true,
        };
        return flavorOf(run, { name: job.join(" / ") }, config.flavor_names) === name;
      });
      expect([flavors.length, flavors.every(Boolean)]).toEqual([7, true]);
    }
  });

  test("every other piece of YAML is YAML", () => {
    for (const { text } of fences("ya?ml")) expect(() => parse(text)).not.toThrow();
  });
});
