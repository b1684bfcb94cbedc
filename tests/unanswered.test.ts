import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Reply } from "../lib/sandbox/messages.ts";
import { endOf, type Flow, openFlow } from "./flow.ts";
import { answerOf, answers, says } from "./repository.ts";

let flow: Flow;
let reply: Reply;
beforeAll(async () => {
  flow = await openFlow({ reply: () => reply });
}, 120_000);
afterAll(async () => {
  await flow[Symbol.asyncDispose]();
});

const edit = { path: "src/vector.ts", search: 'from "./smallvec.ts"', replace: 'from "./small_vec.ts"' };
const fix = JSON.stringify(answerOf({ edits: [edit] }));

/** The reply to every question; how the claim ends; the exit code; whether something was paid. */
const cases: readonly (readonly [string, Reply, string, number, boolean])[] = [
  ["a refusal", says("", { stopReason: "refusal" }), "gave-up", 0, true],
  ["an answer that is cut off", says('{"verdict":"fix"', { stopReason: "max_tokens" }), "gave-up", 0, true],
  ["what is no JSON", says("The import is wrong."), "gave-up", 0, true],
  ["an answer without a verdict", says(JSON.stringify({ ...answerOf({ edits: [edit] }), verdict: undefined })), "gave-up", 0, true],
  ["an edit that matches nowhere", answers({ edits: [{ ...edit, search: "no such line" }] }), "gave-up", 0, true],
  ["an edit that matches twice", answers({ edits: [{ ...edit, search: "e" }] }), "gave-up", 0, true],
  ["an edit of a workflow", answers({ edits: [{ ...edit, path: ".github/workflows/ci.yml" }] }), "gave-up", 0, true],
  ["a change that repairs nothing", answers({ edits: [{ ...edit, replace: 'from "./smallvec2.ts"' }] }), "gave-up", 0, true],
  ["flaky", answers({ verdict: "flaky" }), "flaky", 0, true],
  ["infra", answers({ verdict: "infra" }), "infra", 0, true],
  ["needs_human", answers({ verdict: "needs_human" }), "needs-human", 0, true],
  ["429 with retry-after: 3600", { kind: "error", status: 429, retryAfterSeconds: 3600 }, "gave-up", 3, false],
  ["529", { kind: "error", status: 529, retryAfterSeconds: 0 }, "gave-up", 3, false],
  ["401", { kind: "error", status: 401 }, "gave-up", 3, false],
  ["a dropped connection", { kind: "drop" }, "gave-up", 3, false],
  ["an overload in mid-stream", says(fix, { broken: { by: "error" } }), "gave-up", 3, true],
  ["a stream that is cut", says(fix, { broken: { by: "drop" } }), "gave-up", 3, true],
];

describe("an analysis that comes to no fix ends its claim, with its cost, and pushes nothing:", () => {
  test.each(cases)("%s", async (name, given, result, exit, paid) => {
    reply = given;
    const project = await flow.project(name.replaceAll(/\W+/g, "-").toLowerCase());
    const job = await project.job("linux-x64");
    const env = { ANTHROPIC_API_KEY: "sk-test-key", ANTHROPIC_BASE_URL: flow.messages.url, MAX_ATTEMPTS: "1" };
    const ran = await job.step("respond", ["--log", job.log, "--json", "--", "bun", "run", "ci.ts"], { env });
    expect({ code: ran.code, stderr: ran.code === exit ? "" : ran.stderr }).toEqual({ code: exit, stderr: "" });
    const end = endOf(project.repo, project.sha);
    expect(end).toMatchObject({ outcome: result, branches: [], pulls: [] });
    expect(Number(end.costUsd) > 0).toBe(paid);
    const lines = ran.stderr.split("\n").filter((line) => line.startsWith("fixonce: ") && !line.includes("warning"));
    expect(lines.length).toBe(exit === 0 ? 0 : 1);
    expect(`${ran.stdout}${ran.stderr}`).not.toContain("sk-test-key");
    // Nobody waits for it: the next flavor decides at once.
    const next = JSON.parse((await (await project.job("mac")).coordinate({ env: { MAX_ATTEMPTS: "1" } })).stdout);
    expect(next).toMatchObject({ should_analyze: false, wait_for_branch: "" });
    expect(["escalated", "flaky_failure", "infrastructure"]).toContain(next.reason);
  });
});
