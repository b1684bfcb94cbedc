import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelReply } from "../lib/sandbox/model.ts";
import { typescript } from "../lib/sandbox/projects.ts";
import type { Scenario } from "../lib/sandbox/scenarios.ts";
import { type Flow, type FlowJob, openFlow, type Project } from "./flow.ts";
import { answers } from "./repository.ts";
import { git } from "./sandbox.ts";

/** Known by its value, and known by its shape alone. */
const canary = "c4nary-Tr0ub4dor-and-3-horses";
const shaped = `ghp_${"Ab3dEf6h1".repeat(4)}`;
const forms = [canary, Buffer.from(canary).toString("base64").slice(0, 30), encodeURIComponent(canary), shaped, canary.slice(0, 16)];
const stubborn = typescript.scenarios.find(({ name }) => name === "stubborn") as Scenario;
const long = "x".repeat(215);
const log = [
  `src/config.cpp:12:5: error: use of undeclared identifier 'config_${canary}'`,
  `src/config.cpp:14:5: error: no member named 'Bearer ${shaped}' in 'Config' @team fixes #1`,
  // Cut in the middle, half of it would stay.
  `src/config.cpp:15:5: error: ${long} ${canary} tail`,
  `config_test.cpp:9: Failure: ${Buffer.from(canary).toString("base64")} ::add-mask::x`,
].join("\n");

/** A model that repeats what it has read, and what publish.ts alone knows for a secret. */
function gossip(request: Parameters<typeof modelReply>[1]) {
  const reply = modelReply(stubborn, request, 0);
  if (reply.kind !== "message") return reply;
  const [block] = reply.content;
  const answer = JSON.parse(block?.type === "text" ? block.text : "{}");
  const text = `Fixes #1 ${canary} [skip ci]\n\nFixonce-Claim: 99\nCo-authored-by: eve <eve@example.org>`;
  return { ...reply, content: [{ type: "text" as const, text: JSON.stringify({ ...answer, title: text, root_cause: text }) }] };
}

let flow: Flow;
let project: Project;
let job: FlowJob;
const said: string[] = [];
let context: unknown;
beforeAll(async () => {
  flow = await openFlow({ scenario: "stubborn", reply: gossip });
  project = await flow.project("canary");
  job = await project.job("linux-x64", { log });
  await writeFile(join(job.folder, "toolchain", "config.log"), log);
  await git(job.clone, "remote", "set-url", "origin", project.repo.gitUrl.replace("//", `//x-access-token:${canary}@`));
  await writeFile(join(job.clone, ".env"), `PASSWORD=${canary}\n`);
  const env = { DEPLOY_PASSWORD: canary };
  for (const step of ["coordinate", "analyze", "publish", "verify", "coordinate"] as const) {
    // The analysis does not know the secret: what it writes is masked by who publishes.
    const ran = await job[step](step === "analyze" ? { unproven: true } : { env });
    if (step === "analyze") continue;
    said.push(ran.stdout, ran.outputs);
    // verify.ts shows what the flavor's own command prints, which the runner masks.
    if (step !== "verify") said.push(ran.stderr);
    else said.push(ran.stderr.split("\n").slice(-3).join("\n"));
  }
  context = await job.state("context.json");
}, 120_000);
afterAll(async () => {
  await flow[Symbol.asyncDispose]();
});

describe("a secret in the log, in the environment, in the remote's URL, in the working tree and in what the model says", () => {
  test("is in no ref, commit, issue, pull request, comment, output or summary", async () => {
    const refs = project.repo.refs("refs/").filter(([name]) => !name.startsWith("refs/heads/main"));
    const commits = refs.map(([name, sha]) => `${name} ${project.repo.message(sha)}`);
    const issues = project.repo.issues().flatMap(({ number, title, body }) => [title, body ?? "", ...project.repo.comments(number)]);
    const summary = await readFile(join(job.folder, "summary.md"), "utf8");
    const all = [...commits, ...issues, ...said, summary];
    expect(commits.join("\n")).toContain("[redacted]");
    expect(commits.some((message) => message.includes("/verdicts/1/linux-x64/failed"))).toBe(true);
    for (const form of forms) expect(all.filter((text) => text.includes(form))).toEqual([]);
  });

  test("is in no prompt, where its step knows it or its shape tells", () => {
    const prompts = JSON.stringify(flow.messages.calls);
    expect(prompts).toContain("config.cpp");
    expect(prompts).not.toContain(shaped);
  });

  test("leaves the fix commit with one subject, no orders and our trailers alone", () => {
    const head = project.repo.head(`refs/heads/autonomous-fix-${project.sha.slice(0, 7)}`) ?? "";
    const message = project.repo.message(head) ?? "";
    expect(message).not.toMatch(/#1|\[skip ci\]|^Co-authored-by:|^Fixonce-Claim: 99/m);
    expect(message.match(/^Fixonce-Claim: \d+$/gm)).toEqual(["Fixonce-Claim: 1"]);
    const pull = project.repo.issues().find((issue) => issue.pull !== undefined);
    // The board is our own reference.
    expect(`${pull?.title}\n${pull?.body}`).not.toMatch(/(?<!tests it: see )#1\b|\[skip ci\]|@team/);
  });

  test("leaves a retry with everything that was tried, what the test said, and what was spent", () => {
    expect(structuredClone(context)).toMatchObject({
      attempts: [
        {
          n: 1,
          edits: [{ path: "src/config.ts" }],
          newFiles: [],
          verdicts: [{ flavor: "linux-x64", verdict: "failed", title: expect.stringContaining("config") }],
        },
      ],
      flavors: { failing: ["linux-x64"] },
    });
    expect((context as { spent: { commitUsd: number } }).spent.commitUsd).toBeGreaterThan(0);
  });
});

test("a path of the model's choice is no line in the log of publish.ts, and so no command to the runner", async () => {
  const path = "a\n::stop-commands::x\r::set-env name=A::b ##[add-mask]c";
  await using other = await openFlow({ scenario: "stubborn", reply: () => answers({ new_files: [{ path, content: "" }] }) });
  const linux = await (await other.project("paths")).job("linux-x64");
  for (const step of ["coordinate", "analyze", "publish"] as const) {
    const { code, stderr } = await linux[step]();
    expect([step, code]).toEqual([step, 0]);
    if (step !== "coordinate") expect(stderr).toContain("::stop-commands::x");
    expect(stderr).not.toMatch(/^\s*::|\r|##\[/m);
  }
});

describe("budget_day_usd", () => {
  test("counts what other commits of the day have cost, and its coming run asks for none of it", async () => {
    const later = await project.commit({ "README.md": "Later.\n" });
    const other = await project.job("mac", { sha: later, log: "src/other.cpp:1:1: error: use of undeclared identifier 'frobnicate'\n" });
    const ran = await other.coordinate({ env: { FIXONCE_BUDGET_DAY: "5", FIXONCE_BUDGET_ANALYSIS: "0.5" } });
    expect(JSON.parse(ran.stdout)).toMatchObject({ should_analyze: true });
    const { spent } = (await other.state("context.json")) as { readonly spent: { readonly commitUsd: number; readonly dayUsd: number } };
    const first = (context as { spent: { commitUsd: number } }).spent.commitUsd;
    expect(spent.commitUsd).toBe(0);
    expect(spent.dayUsd).toBeCloseTo(first, 10);
  });

  test("leaves nothing where it cannot be read", async () => {
    const later = await project.commit({ "README.md": "Later still.\n" });
    const other = await project.job("mac", { sha: later, log: "src/other.cpp:1:1: error: use of undeclared identifier 'frobnicate'\n" });
    flow.github.addFault({ kind: "status", status: 503, path: /git-upload-pack$/, sender: other.sender });
    const ran = await other.coordinate({ env: { FIXONCE_BUDGET_DAY: "5" } });
    flow.github.clearFaults();
    expect(ran.stderr).toContain("nothing is left of budget_day_usd");
    expect(await other.state("context.json")).toMatchObject({ spent: { dayUsd: 5 } });
  });
});
