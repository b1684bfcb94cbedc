import { describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGithub } from "../lib/sandbox/github.ts";
import { allows, evaluate, resolve } from "./workflow/expressions.ts";
import { combinations, readWorkflow } from "./workflow/plan.ts";
import { runWorkflow } from "./workflow/runner.ts";

const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1";
const upload = "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f";
const download = "actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131";

/** Runs a workflow in a repository with one file. */
async function run(content: string, secrets: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "fixonce-runner-"));
  await using sandbox = await startGithub({ dir: folder, limits: false });
  const repo = await sandbox.createRepository({ owner: "acme", name: "app", from: { "a.txt": "one\n" } });
  const options = { sandbox, repo, sha: repo.head() ?? "", branch: "main", path: ".github/workflows/w.yml", content, folder, secrets };
  const { jobs, conclusion, runId } = await runWorkflow(options);
  const kept = repo.runs.jobs(runId).map(({ name, conclusion }) => `${name}: ${conclusion}`);
  await rm(folder, { recursive: true, force: true });
  return { conclusion, kept, jobs: Object.fromEntries(jobs.map((job) => [job.name, job])) };
}

describe("expressions", () => {
  const contexts = { github: { token: "t", run_id: "7" }, steps: { a: { outputs: { x: "" } } }, matrix: { n: 2 } };
  test("are GitHub's own: missing values are empty, numbers stay numbers, text takes them in", () => {
    expect(evaluate("steps.a.outputs.x || 'none'", contexts)).toBe("none");
    expect(evaluate("steps.b.outputs.y == ''", contexts)).toBe(true);
    expect(resolve("${{ matrix.n }}", contexts)).toBe(2);
    expect(resolve("run ${{ github.run_id }} of ${{ matrix.n }}", contexts)).toBe("run 7 of 2");
  });
  test("an if without a status means success()", () => {
    expect([allows("true", {}, "failure"), allows("failure()", {}, "failure"), allows("always()", {}, "cancelled")]).toEqual([
      false,
      true,
      true,
    ]);
    expect([
      allows(undefined, {}, "success"),
      allows("${{ !cancelled() }}", {}, "failure"),
      allows("github.x", contexts, "success"),
    ]).toEqual([true, true, false]);
  });
});

describe("combinations()", () => {
  test("multiply, exclude, extend and add as GitHub documents it", async () => {
    const { jobs } = await readWorkflow(
      "w.yml",
      `on: push
jobs:
  a:
    runs-on: x
    steps: [{ run: "true" }]
    strategy:
      matrix:
        fruit: [apple, pear]
        animal: [cat, dog]
        exclude: [{ fruit: pear, animal: dog }]
        include: [{ color: green }, { fruit: apple, color: pink, animal: cat }, { fruit: banana }]
`,
    );
    const rows = jobs.a === undefined ? [] : combinations(jobs.a, {});
    expect(rows).toEqual([
      { fruit: "apple", animal: "cat", color: "pink" },
      { fruit: "apple", animal: "dog", color: "green" },
      { fruit: "pear", animal: "cat", color: "green" },
      { fruit: "banana" },
    ]);
  });
  test("readWorkflow() refuses what GitHub refuses", async () => {
    expect(readWorkflow("w.yml", "on: push\njobs:\n  a:\n    steps: []\n")).rejects.toThrow("Cannot run w.yml");
  });
});

describe("runWorkflow()", () => {
  test("honours needs, if, outputs, continue-on-error and the exit code of a pipe", async () => {
    const { conclusion, jobs, kept } = await run(`on: push
jobs:
  first:
    runs-on: x
    outputs: { said: "\${{ steps.say.outputs.word }}" }
    steps:
      - { id: say, run: 'echo "word=hello" >> "$GITHUB_OUTPUT"; echo "LATER=yes" >> "$GITHUB_ENV"' }
      - { id: forgiven, run: exit 3, continue-on-error: true }
      - { name: later, run: 'test "$LATER" = yes', if: steps.forgiven.outcome == 'failure' && steps.forgiven.conclusion == 'success' }
  red:
    name: red \${{ matrix.n }}
    runs-on: x
    strategy: { matrix: { n: [1, 2] } }
    steps:
      - { run: 'false | cat', shell: bash, if: matrix.n == 2 }
      - { name: never, run: exit 9 , if: matrix.n == 2 }
      - { name: behind, run: "true", if: failure() }
  skipped: { needs: red, runs-on: x, steps: [{ run: exit 1 }] }
  then-skipped: { needs: skipped, runs-on: x, steps: [{ run: exit 1 }] }
  after:
    needs: [first, red, skipped]
    if: \${{ !cancelled() && contains(needs.*.result, 'failure') }}
    runs-on: x
    steps:
      - { name: heard, run: 'test "$SAID" = hello', env: { SAID: "\${{ needs.first.outputs.said }}" } }
`);
    expect(conclusion).toBe("failure");
    expect(kept.toSorted()).toEqual(["after: success", "first: success", "red 1: success", "red 2: failure"]);
    expect([jobs.first?.ran.at(-1), jobs["red 2"]?.ran, jobs.after?.ran]).toEqual(["later", ["false | cat", "behind"], ["heard"]]);
    expect([jobs.skipped?.result, jobs["then-skipped"]?.result]).toEqual(["skipped", "skipped"]);
  });

  test("gives a job exactly the permissions that it asks for, and files only by artifacts", async () => {
    const curl = `curl -sf -X POST -H "authorization: token $TOKEN" -d '{"title":"t"}' "$GITHUB_API_URL/repos/acme/app/issues"`;
    const ask = (permissions: string) => `
    runs-on: x
    permissions: ${permissions}
    steps:
      - { uses: ${checkout}, with: { persist-credentials: false } }
      - run: |
          ${curl}
        env: { TOKEN: "\${{ github.token }}" }`;
    const { jobs } = await run(`on: push
permissions: {}
jobs:
  writes:${ask("{ contents: read, issues: write }")}
      - { uses: ${upload}, with: { name: n, path: a.txt, if-no-files-found: error } }
  reads:${ask("{ contents: read, issues: read }")}
  nothing:${ask("{}")}
  down:
    needs: writes
    runs-on: x
    steps:
      - { uses: ${download}, with: { name: n, path: got } }
      - run: test -s got/a.txt && ! test -e a.txt
`);
    const results = Object.fromEntries(Object.entries(jobs).map(([name, { result, ran }]) => [name, [result, ran.length]]));
    expect(results).toEqual({ writes: ["success", 3], reads: ["failure", 2], nothing: ["failure", 1], down: ["success", 2] });
  });

  test("refuses actions that it does not know or that are not pinned", async () => {
    const { jobs } = await run(`on: push
jobs:
  a: { runs-on: x, steps: [{ uses: actions/checkout@v4 }] }
  b: { runs-on: x, steps: [{ uses: "actions/cache@${"0".repeat(40)}" }] }
`);
    expect([jobs.a?.log.includes("not pinned by SHA"), jobs.b?.log.includes("unknown here")]).toEqual([true, true]);
  });
});
