import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { judge, lint } from "./workflow/lint.ts";

const folder = join(import.meta.dir, "../workflow-templates");
const templates = ["in-job", "matrix", "sweep", "triage"] as const;
const text = (name: string) => readFileSync(join(folder, `${name}.yml`), "utf8");

/** GitHub's conventions for the "New workflow" page. */
const properties = z.strictObject({
  name: z.string().max(60),
  description: z.string().max(160),
  iconName: z.string().regex(/^octicon [a-z-]+$/),
  categories: z.array(z.string()).min(1),
  filePatterns: z.array(z.string()),
});

describe("workflow templates", () => {
  for (const name of templates) {
    test(`${name}.yml: both linters and our own rules find nothing, and it has its properties`, async () => {
      expect(await lint(text(name))).toEqual([]);
      expect(judge(text(name), { inJob: name === "in-job" })).toEqual([]);
      expect(properties.safeParse(JSON.parse(readFileSync(join(folder, `${name}.properties.json`), "utf8"))).success).toBe(true);
    });
  }
});

describe("in-job.yml: a build through a pipe keeps its exit code and its log", () => {
  type Steps = { readonly jobs: { readonly build: { readonly steps: readonly { readonly id?: string; readonly run?: string }[] } } };
  const { steps } = (parse(text("in-job")) as Steps).jobs.build;
  /** How a runner starts a script: its shell, and what it puts around it. */
  const shells = {
    build: ["script.sh", (run: string) => run, (path: string) => ["bash", "--noprofile", "--norc", "-eo", "pipefail", path]],
    windows: [
      "script.ps1",
      (run: string) =>
        `$ErrorActionPreference = 'stop'\n${run}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n`,
      (path: string) => ["pwsh", "-command", `. '${path}'`],
    ],
  } as const;
  for (const [id, [file, around, start]] of Object.entries(shells)) {
    const [shell = ""] = start("");
    test.skipIf(Bun.which(shell) === null)(
      shell,
      async () => {
        const temp = mkdtempSync(join(tmpdir(), "fixonce-pipe-"));
        const path = join(temp, file);
        writeFileSync(path, around(steps.find((step) => step.id === id)?.run ?? ""));
        const codes: (number | null)[] = [];
        for (const command of ["echo out; echo err >&2; exit 3", "true"]) {
          const env = { ...process.env, BUILD_COMMAND: command, RUNNER_TEMP: temp };
          codes.push(await Bun.spawn([...start(path)], { env, cwd: temp, stdout: "ignore", stderr: "ignore" }).exited);
          if (command !== "true") expect(readFileSync(join(temp, "build.log"), "utf8")).toMatch(/out[\s\S]*err/);
        }
        expect(codes).toEqual([3, 0]);
        rmSync(temp, { recursive: true });
      },
      60_000,
    );
  }
});

test("action.yml: as steps of a job both linters and our own rules find nothing", async () => {
  const action = readFileSync(join(folder, "../action.yml"), "utf8");
  const steps = action.slice(action.indexOf("  steps:\n")).replaceAll(/inputs\.[a-z-]+/g, "github.token");
  const head = "name: w\non: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 1\n    permissions: {}\n";
  const asJob = head + steps.replace(/^(?=.)/gm, "  ");
  expect([await lint(asJob), judge(asJob, { inJob: true })]).toEqual([[], []]);
  expect(judge(asJob.replace('--log "$LOG"', "--log ${{ github.ref }}"), { inJob: true })).toEqual([
    "a: Analyse or wait, publish, test: an expression inside run",
  ]);
});

type Broken = readonly [what: string, template: (typeof templates)[number], from: string | RegExp, to: string];

/** Each takes one thing away that GitHub would refuse or do wrong. */
const broken: readonly Broken[] = [
  ["an unknown key of a job", "triage", "timeout-minutes:", "timeout_minutes:"],
  ["a job that is needed and not there", "triage", "needs: [decide]", "needs: [decides]"],
  ["jobs that need each other", "triage", "    timeout-minutes: 10\n", "    timeout-minutes: 10\n    needs: [publish]\n"],
  ["a misspelled runner key", "sweep", "runs-on:", "runs_on:"],
  ["an unknown context", "triage", "secrets.ANTHROPIC_API_KEY", "secret.ANTHROPIC_API_KEY"],
  ["an unknown step", "triage", "steps.triage.outputs.causes }}", "steps.triaje.outputs.causes }}"],
  ["an unknown output of a job", "matrix", "      causes: ${{ steps", "      cause: ${{ steps"],
  ["an unknown property of the matrix", "in-job", "${{ matrix.flavor }}", "${{ matrix.flavour }}"],
  ["a time that is none", "sweep", "timeout-minutes: 15", "timeout-minutes: soon"],
  ["an unknown permission", "sweep", "pull-requests: read", "pull_requests: read"],
  ["an unknown level of a permission", "sweep", "issues: write", "issues: writes"],
  ["an unknown shell", "triage", "shell: bash", "shell: bsh"],
  ["an expression that does not end", "triage", "${{ github.token }}", "${{ github.token }"],
  ["an unknown function", "triage", "fromJSON(", "fromJson5("],
  ["an unknown event", "triage", "workflow_run:\n", "workflow_runs:\n"],
  ["an unknown type of an event", "triage", "types: [completed]", "types: [complete]"],
  ["a time of day that is none", "sweep", "17 3 * * *", "17 33 * * *"],
  ["two steps of one id", "in-job", "id: windows", "id: build"],
  ["both uses and run", "in-job", "        uses: oven-sh", "        run: true\n        uses: oven-sh"],
  ["an action without a version", "in-job", "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout"],
  ["a title from outside in a script", "matrix", 'bash -c "$BUILD_COMMAND"', 'echo "${{ github.event.pull_request.title }}"'],
  [
    "a context where it is not there",
    "in-job",
    "      FIXONCE_FLAVORS:",
    "      FIXONCE_JOB_ID: ${{ job.check_run_id }}\n      FIXONCE_FLAVORS:",
  ],
  ["a key twice", "triage", "    timeout-minutes: 10\n", "    timeout-minutes: 10\n    timeout-minutes: 10\n"],
  ["a tab", "sweep", "    runs-on:", "\truns-on:"],
];

/** Each breaks one rule of ours. */
const unruly: readonly Broken[] = [
  ["permissions: not empty", "sweep", "permissions: {}", "permissions: write-all"],
  ["no timeout-minutes", "sweep", /^ +timeout-minutes.*\n/m, ""],
  ["no permissions", "sweep", /^ {4}permissions:\n( {6}.*\n)+/m, ""],
  ["API key in a job that can write", "triage", "contents: read #", "contents: write #"],
  ["the API key beside a token", "triage", "          ANTHROPIC_API_KEY:", "          GITHUB_TOKEN: x\n          ANTHROPIC_API_KEY:"],
  ["an expression inside run", "in-job", 'build.log" --in-place', '${{ github.ref }}" --in-place'],
  ["credentials stay", "triage", "persist-credentials: false", "persist-credentials: true"],
  ["without pipefail", "in-job", /shell: bash\n(.*tee)/, "shell: sh\n$1"],
  ["without exit", "in-job", "exit $LASTEXITCODE", "exit 0"],
  ["not pinned", "triage", /@[0-9a-f]{40} # v7.0.1/, "@v7"],
  ["without its reason", "triage", / # the source at.*/, ""],
  ["decides twice at once", "triage", /^ {4}concurrency:\n.*\n.*\n/m, ""],
  ["decides twice at once", "matrix", "github.event.pull_request.head.sha || github.sha", "github.ref"],
  ["decides twice at once", "matrix", "cancel-in-progress: false", "cancel-in-progress: true"],
  ["decides twice at once", "in-job", /^concurrency:\n.*\n.*\n/m, ""],
  ["a secret for all steps", "in-job", "      BUILD_COMMAND:", "      ANTHROPIC_API_KEY: x\n      BUILD_COMMAND:"],
];

function vary([what, template, from, to]: Broken): string {
  const varied = text(template).replace(from, to);
  if (varied === text(template)) throw new Error(`Cannot break ${template} with ${what}: it has nothing of this`);
  return varied;
}

describe("broken variants", () => {
  test(`the linters find each of ${broken.length}`, async () => {
    const missed: string[] = [];
    for (const variant of broken) if ((await lint(vary(variant))).length === 0) missed.push(variant[0]);
    expect(missed).toEqual([]);
  });

  test(`our own rules find each of ${unruly.length}`, () => {
    for (const variant of unruly) expect(judge(vary(variant), { inJob: variant[1] === "in-job" }).join("\n")).toContain(variant[0]);
  });
});
