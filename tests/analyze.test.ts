import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startMessages } from "../lib/sandbox/messages.ts";
import { FILES } from "./polyglot.ts";
import {
  answerOf,
  answers,
  asked,
  git,
  leftBehind,
  makeRepository,
  type Repository,
  runAnalyze,
  says,
  scripted,
  USAGE,
  USD,
  uses,
} from "./repository.ts";

setDefaultTimeout(60_000);

const FIX = { edits: [{ path: "src/sum.ts", search: "let i = 1", replace: "let i = 0" }] };
/** Fails with the bug, passes with the repair, needs no toolchain. */
const CHECK = ["--", "grep", "-q", "let i = 0", "src/sum.ts"];

let repository: Repository;
beforeAll(async () => {
  repository = await makeRepository(FILES);
});
afterAll(async () => {
  await repository[Symbol.asyncDispose]();
});

/** Run, and check what must hold whatever happened. */
async function analyze(server: { readonly url: string } | null, options: Parameters<typeof runAnalyze>[2] = {}) {
  await rm(join(repository.folder, "out"), { recursive: true, force: true });
  const ran = await runAnalyze(repository, server, options);
  expect(await leftBehind(repository)).toEqual([]);
  expect(`${ran.stdout}${ran.stderr}`).not.toContain("sk-test-key");
  if (ran.report !== null && ran.report.verdict !== "fix") expect(ran.patch).toBeNull();
  if (ran.stdout !== "") expect(JSON.parse(ran.stdout)).toEqual(ran.report);
  return ran;
}

describe("analyze.ts with an answer", () => {
  test("writes a patch that applies, proven, with what it cost", async () => {
    await using server = scripted(answers(FIX));
    const { code, patch, report } = await analyze(server, { args: CHECK });
    expect(code).toBe(0);
    expect(report).toMatchObject({
      verdict: "fix",
      reason: "fix",
      sha: repository.sha,
      model: "claude-sonnet-5-5",
      usage: { inputTokens: 10_000, outputTokens: 1_000, cacheWriteTokens: 4_000, cacheReadTokens: 2_000, requests: 1, estimated: false },
      proof: { before: "failed", after: "passed" },
    });
    expect(report?.costUsd).toBeCloseTo(USD, 10);
    expect(patch).toContain("+  for (let i = 0;");
    const file = join(repository.folder, "out/fix.patch");
    git(repository.root, "apply", "--check", file);
  });

  test("asks in one structured, streamed request whose stable part is cached and whose source has line numbers", async () => {
    await using server = scripted(answers(FIX));
    await analyze(server);
    expect(server.calls.map((call) => [call.endpoint, call.stream])).toEqual([
      ["count_tokens", false],
      ["messages", true],
    ]);
    const request = server.calls[1]?.request as unknown as Record<string, never>;
    expect(request).toMatchObject({
      model: "claude-sonnet-5-5",
      max_tokens: 16_000,
      output_config: { effort: "medium", format: { type: "json_schema" } },
      system: [{ cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: [{ cache_control: { type: "ephemeral" } }, { type: "text" }] }],
    });
    expect(request).not.toHaveProperty("tools");
    expect(JSON.stringify(request)).toContain("    4|   for (let i = 1;");
    expect(JSON.stringify(request)).not.toContain('"parse"');
  });

  test("tells the model the bounds that are configured, not the defaults", async () => {
    await using server = scripted(answers(FIX));
    const env = { FIXONCE_MAX_LINES: "50", FIXONCE_ALLOW: "package.json", FIXONCE_PROTECT: "docs/**" };
    expect((await analyze(server, { env })).report?.verdict).toBe("fix");
    const { system } = JSON.parse(asked(server)[0] ?? "") as { system: readonly { text: string }[] };
    for (const part of ["10 files and 50 changed lines", '"package.json"', '"docs/**"']) expect(system[0]?.text).toContain(part);
  });

  test("keeps the line endings of a CRLF file, and everything else of it", async () => {
    await using windows = await makeRepository({
      "main.c": "\ufeffint main() {\r\n  return 1;\r\n}\r\n",
      "keep.txt": "a\r\n",
    });
    await using server = scripted(
      answers({ edits: [{ path: "main.c", search: "int main() {\n  return 1;", replace: "int main() {\n  return 0;" }] }),
    );
    git(windows.root, "config", "core.autocrlf", "true");
    const { code, report } = await runAnalyze(windows, server);
    expect([code, report?.verdict]).toEqual([0, "fix"]);
    git(windows.root, "apply", "--index", join(windows.folder, "out/fix.patch"));
    expect(await Bun.file(join(windows.folder, "out/fix.patch")).text()).toContain("-  return 1;\r\n+  return 0;\r\n");
    const blob = Bun.spawnSync(["git", "cat-file", "blob", ":main.c"], { cwd: windows.root }).stdout.toString();
    const before = Bun.spawnSync(["git", "cat-file", "blob", "HEAD:main.c"], { cwd: windows.root }).stdout.toString();
    expect(blob).toBe(before.replace("return 1", "return 0"));
  });

  test.each(["flaky", "infra", "needs_human"] as const)("takes %s for a result", async (verdict) => {
    await using server = scripted(answers({ verdict }));
    const { code, report } = await analyze(server, { args: CHECK });
    expect([code, report?.verdict, report?.reason]).toEqual([0, verdict, verdict]);
    expect(report?.costUsd).toBeCloseTo(USD, 10);
  });

  test("reads a fence around the answer and forgives what it can: only verdict and edits are given", async () => {
    await using server = scripted(says(`Here it is:\n\`\`\`json\n${JSON.stringify({ verdict: "fix", ...FIX })}\n\`\`\``));
    const { code, report } = await analyze(server, { args: CHECK });
    expect([code, report?.verdict, report?.rootCause]).toEqual([0, "fix", ""]);
  });

  test("says unpriced, never $0, for a model without a price", async () => {
    await using server = scripted(answers(FIX));
    const { code, report, stderr } = await analyze(server, { args: ["--model", "someone-elses-model"] });
    expect([code, report?.verdict, report?.costUsd]).toEqual([0, "fix", null]);
    expect(stderr).toContain("unpriced");
  });
});

describe("analyze.ts hands an answer back once", () => {
  const bad = {
    "not JSON": says("I think the loop is wrong."),
    "without a verdict": says(JSON.stringify({ ...answerOf(FIX), verdict: undefined })),
    "a fix without edits": answers({}),
    nothing: says(""),
    "a blank": says("\n "),
    "cut off in a call of a tool": { ...uses({ name: "read", input: {} }), stopReason: "max_tokens" } as ReturnType<typeof uses>,
    "a word and a call, cut off": {
      kind: "message",
      content: [
        { type: "text", text: "" },
        { type: "text", text: "I look." },
        { type: "tool_use", name: "read", input: { path: "src" } },
      ],
      stopReason: "max_tokens",
      usage: USAGE,
    } as const,
    "cut off": says('{"verdict":"fix","edi', { stopReason: "max_tokens" }),
    "an edit that matches twice": answers({ edits: [{ path: "src/sum.ts", search: "return", replace: "return" }] }),
    "an edit that matches nowhere": answers({
      edits: [{ path: "src/sum.ts", search: "for (let i = 1; i < value.length; i++)", replace: "x" }],
    }),
    "an edit of no file": answers({ edits: [{ path: "src/summ.ts", search: "x", replace: "y" }] }),
    "a change that repairs nothing": answers({ edits: [{ path: "src/sum.ts", search: "let total = 0", replace: "let total = 1" }] }),
  };
  test.each(Object.entries(bad))("%s", async (name, first) => {
    {
      await using server = scripted(first, answers(FIX));
      const { code, report } = await analyze(server, { args: CHECK });
      expect([code, report?.verdict]).toEqual([0, "fix"]);
      expect(report?.costUsd).toBeCloseTo(2 * USD, 10);
      const repair = asked(server)[1] ?? "";
      if (name.includes("nowhere")) expect(repair).toContain("4|   for (let i = 1; i < values.length; i++)");
      if (name.includes("twice")) expect(repair).toContain("occurs more than once (lines 5, 9)");
    }
    await using server = scripted(first, first, answers(FIX));
    const { code, report } = await analyze(server, { args: CHECK });
    expect([code, report?.verdict, asked(server).length]).toEqual([0, "gave_up", 2]);
    expect(report?.costUsd).toBeCloseTo(2 * USD, 10);
  });

  test("but not a refusal, and not what the guard refuses", async () => {
    await using refusal = scripted(says("", { stopReason: "refusal" }));
    const declined = await analyze(refusal);
    expect([declined.code, declined.report?.verdict, asked(refusal).length]).toEqual([0, "gave_up", 1]);
    expect(declined.report?.costUsd).toBeCloseTo(USD, 10);
    await using escalation = scripted(answers({ edits: [{ path: ".github/workflows/ci.yml", search: "make test", replace: "true" }] }));
    const refused = await analyze(escalation);
    expect([refused.code, refused.report?.verdict, asked(escalation).length]).toEqual([0, "gave_up", 1]);
    expect(refused.report?.reason).toContain("protected_path");
  });
});

describe("analyze.ts when the API does not answer", () => {
  test.each([
    ["429 with retry-after: 3600", { kind: "error", status: 429, retryAfterSeconds: 3600 }, 1, "rate_limited: 429 rate_limit_error"],
    ["400", { kind: "error", status: 400 }, 1, "rejected: 400 invalid_request_error"],
    ["401", { kind: "error", status: 401 }, 1, "rejected: 401 authentication_error"],
    ["402", { kind: "error", status: 402 }, 1, "rejected: 402 billing_error"],
    ["403", { kind: "error", status: 403 }, 1, "rejected: 403 permission_error"],
    ["529 for good", { kind: "error", status: 529, retryAfterSeconds: 0 }, 2, "overloaded: 529 overloaded_error"],
    ["500 for good", { kind: "error", status: 500, retryAfterSeconds: 0 }, 2, "unavailable: 500 api_error"],
    ["a dropped connection", { kind: "drop" }, 2, "dropped: the connection failed"],
  ] as const)("%s: exit 3, a report, nothing paid", async (_name, reply, requests, reason) => {
    await using server = scripted(reply);
    const started = performance.now();
    const { code, report, stderr } = await analyze(server);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(code).toBe(3);
    expect(report).toMatchObject({ verdict: "gave_up", reason, costUsd: 0, usage: { requests: 0 } });
    expect(asked(server).length).toBe(requests);
    expect(stderr.trim().split("\n").at(-1)).toStartWith("fixonce: The model would not answer");
  });

  test.each([
    ["529", { kind: "error", status: 529, retryAfterSeconds: 0 }],
    ["a short 429", { kind: "error", status: 429, retryAfterSeconds: 1 }],
  ] as const)("%s once: repeated by hand", async (_name, reply) => {
    await using server = scripted(reply, answers(FIX));
    const { code, report } = await analyze(server);
    expect([code, report?.verdict, asked(server).length]).toEqual([0, "fix", 2]);
    expect(report?.costUsd).toBeCloseTo(USD, 10);
  });

  test.each(["error", "drop"] as const)("a stream broken by %s: repeated once, and both are on the bill", async (by) => {
    const broken = says(JSON.stringify(answerOf(FIX)), { broken: { by } });
    {
      await using server = scripted(broken, answers(FIX));
      const { code, report } = await analyze(server);
      expect([code, report?.verdict]).toEqual([0, "fix"]);
      expect(report?.usage).toMatchObject({ inputTokens: 20_000, cacheReadTokens: 4_000, requests: 2, estimated: true });
      expect(Number(report?.costUsd)).toBeGreaterThan(2 * USD - 0.01);
    }
    await using server = scripted(broken);
    const { code, report } = await analyze(server);
    expect([code, report?.verdict, asked(server).length]).toEqual([3, "gave_up", 2]);
    expect(Number(report?.costUsd)).toBeGreaterThan(2 * USD - 0.02);
    expect((report?.usage as { outputTokens: number } | undefined)?.outputTokens ?? 0).toBeGreaterThan(20);
  });

  test("a spend limit is a 429 that is not repeated", async () => {
    using server = raw(() =>
      Response.json(
        { type: "error", error: { type: "rate_limit_error", message: "limit", details: { error_code: "enforced_spend_limit_reached" } } },
        { status: 429, headers: { "retry-after": "1" } },
      ),
    );
    const { code, report } = await analyze(server);
    expect([code, report?.reason, server.count()]).toEqual([3, "spend_limit: 429 rate_limit_error enforced_spend_limit_reached", 1]);
  });

  test("a stream that ends without message_stop is billed from its events", async () => {
    const start = {
      type: "message_start",
      message: {
        id: "m",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5_000, output_tokens: 1 },
      },
    };
    using server = raw(
      () => new Response(`event: message_start\ndata: ${JSON.stringify(start)}\n\n`, { headers: { "content-type": "text/event-stream" } }),
    );
    const { code, report } = await analyze(server);
    expect([code, server.count()]).toEqual([3, 2]);
    expect(report?.usage).toMatchObject({ inputTokens: 10_000, requests: 2, estimated: true });
    expect(Number(report?.costUsd)).toBeGreaterThan(0.02);
  });

  test("one deadline bounds it all", async () => {
    await using server = scripted({ ...says("late"), delayMs: 20_000 } as never);
    const started = performance.now();
    const { code, report } = await analyze(server, { args: ["--timeout", "2s"] });
    expect(performance.now() - started).toBeLessThan(6_000);
    expect([code, report?.verdict]).toEqual([3, "gave_up"]);
    expect(report?.reason).toStartWith("deadline");
  });

  test("Ctrl-C leaves a report and nothing else, exit 130", async () => {
    let asked = false;
    await using server = startMessages({
      reply: () => {
        asked = true;
        return { ...says("late"), delayMs: 20_000 } as never;
      },
    });
    const { code, report } = await analyze(server, { interrupt: () => asked });
    expect([code, report?.verdict]).toEqual([130, "gave_up"]);
  });

  test("Ctrl-C while the command runs ends it with its children and removes the worktree", async () => {
    await using server = scripted(answers(FIX));
    const started = performance.now();
    const begun = join(repository.folder, "begun");
    const args = ["--", "sh", "-c", `sleep 30.8151 & touch ${begun}; sleep 30.8151`];
    const { code, report } = await analyze(server, { args, interrupt: () => existsSync(begun) });
    expect([code, report?.verdict]).toEqual([130, "gave_up"]);
    expect(report?.costUsd).toBeCloseTo(USD, 10);
    expect(Bun.spawnSync(["ps", "-eo", "args"]).stdout.toString()).not.toContain("sleep 30.8151");
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("analyze.ts lets the model look around", () => {
  const reads = (path: string) => ({ name: "read", input: { path } });
  test("when it asks for files: read, grep, list, read_log, and nothing outside", async () => {
    const escapes = [
      "../../etc/passwd",
      "/etc/passwd",
      ".git/config",
      "linked/outside.txt",
      "link.txt",
      "../outside.txt",
      "src/../../outside.txt",
    ];
    await using server = scripted(
      answers({ verdict: "need_files", need_files: ["src/queue.h"] }),
      uses(
        reads("src/queue.h"),
        { name: "grep", input: { text: "class Queue" } },
        { name: "list", input: { path: "src" } },
        { name: "read_log", input: { flavor: "linux" } },
        { name: "write", input: {} },
      ),
      uses(...escapes.map(reads)),
      uses(
        { name: "list", input: { path: "linked" } },
        { name: "grep", input: { text: "outside of the tree" } },
        { name: "list", input: { path: ".." } },
      ),
      answers(FIX),
    );
    const { code, report } = await analyze(server);
    expect([code, report?.verdict]).toEqual([0, "fix"]);
    expect(report?.costUsd).toBeCloseTo(5 * USD, 10);
    const results = (at: number): readonly string[] => {
      const request = server.calls.filter((call) => call.endpoint === "messages")[at]?.request;
      const content = request?.messages.at(-1)?.content;
      return Array.isArray(content) ? content.map((block) => String((block as { content?: unknown }).content)) : [];
    };
    expect(results(2)[0]).toContain("3| class Queue {");
    expect(results(2)[1]).toContain("src/queue.h:3: class Queue {");
    expect(results(2)[2]).toContain("queue.cpp");
    expect(results(2)[3]).toContain("expected 6, received 5");
    expect(results(2)[4]).toContain("There is no tool write");
    for (const result of results(3)) expect(result).toContain("There is no");
    expect(results(4)).toEqual([
      'There is no "linked" in this copy of the repository.',
      "No line contains it.",
      'There is no ".." in this copy of the repository.',
    ]);
    for (const request of asked(server)) {
      expect(request).not.toContain("root:x:0");
      expect(request).not.toContain("repositoryformatversion");
      expect(request).not.toContain("1| outside of the tree");
    }
  });

  test("for 12 turns at most, and asks for the answer in the last", async () => {
    await using server = scripted(answers({ verdict: "need_files" }), uses(reads("src/sum.ts")));
    const { code, report } = await analyze(server);
    expect([code, report?.verdict, asked(server).length]).toEqual([0, "gave_up", 12]);
    expect(report?.costUsd).toBeCloseTo(12 * USD, 10);
    expect(asked(server).at(-1)).toContain('"tool_choice":{"type":"none"}');
    expect(asked(server).at(-1)).toContain("answer now with the JSON object");
  });

  test("until 80% of the budget are used, then asks for the answer", async () => {
    const dear = { ...uses(reads("src/sum.ts")), usage: { ...USAGE, output_tokens: 80_000 } } as ReturnType<typeof uses>;
    await using server = scripted(answers({ verdict: "need_files" }), dear, answers(FIX));
    const { report } = await analyze(server, { args: ["--budget", "1.02", "--max-tokens", "1000"] });
    expect(report?.verdict).toBe("fix");
    expect(asked(server)[2]).toContain('"tool_choice":{"type":"none"}');
  });

  test("at once on a retry, which knows what was tried, on the retry's model", async () => {
    const context = join(repository.folder, "context.json");
    const attempts = [
      {
        n: 1,
        edits: [{ path: "src/sum.ts", search: "let i = 1", replace: "let i = 2" }],
        rootCause: "off by one",
        verdicts: [{ flavor: "windows", verdict: "failed", title: "still 5" }],
      },
    ];
    await writeFile(context, JSON.stringify({ attempts, flavors: { failing: ["linux", "windows"], passing: ["macos"] } }));
    await using server = scripted(uses(reads("src/sum.ts")), answers(FIX));
    const { report } = await analyze(server, { args: ["--attempt", "2", "--context", context, "--retry-model", "claude-opus-5-5"] });
    expect(report).toMatchObject({ verdict: "fix", attempt: 2, model: "claude-opus-5-5" });
    expect(report?.costUsd).toBeCloseTo(2 * (0.04 + 0.02 + 0.02 + 0.0004), 10);
    const [first = ""] = asked(server);
    for (const part of ["let i = 2", "still 5", "Explain first", "NOT in the source", "macos", '"name":"read_log"'])
      expect(first).toContain(part);
  });
});

describe("analyze.ts does not overspend", () => {
  test("asks nothing when the worst case does not fit the budget", async () => {
    await using server = scripted(answers(FIX));
    const { code, report } = await analyze(server, { args: ["--budget", "0.05"] });
    expect([code, report?.verdict, asked(server).length]).toEqual([0, "gave_up", 0]);
    expect(report?.reason).toStartWith("over_budget");
  });

  test("counts what the commit and the day have cost", async () => {
    const context = join(repository.folder, "spent.json");
    await writeFile(context, JSON.stringify({ spent: { commitUsd: 0.9, dayUsd: 4.9 } }));
    for (const [name, limit] of [
      ["FIXONCE_BUDGET_COMMIT", "1"],
      ["FIXONCE_BUDGET_DAY", "5"],
    ] as const) {
      await using server = scripted(answers(FIX));
      const { report } = await analyze(server, { args: ["--context", context], env: { [name]: limit } });
      expect([report?.verdict, asked(server).length]).toEqual(["gave_up", 0]);
    }
  });

  test("keeps no budget for a model without a price", async () => {
    await using server = scripted(answers(FIX));
    const { report } = await analyze(server, { args: ["--budget", "5", "--model", "unknown-model"] });
    expect(report?.reason).toContain("unknown-model has no price");
    expect(asked(server)).toEqual([]);
  });
});

describe("analyze.ts believes a patch only when it is proven", () => {
  test("a command that passes without the change makes the failure flaky", async () => {
    await using server = scripted(answers(FIX));
    const { code, report } = await analyze(server, { args: ["--", "true"] });
    expect([code, report?.verdict, report?.proof]).toEqual([0, "flaky", { before: "passed", after: "skipped" }]);
  });

  test("a command that fails in another way than the log proves nothing", async () => {
    await using server = scripted(answers(FIX));
    const missing = "echo 'src/main.ts(1,1): error TS2307: Cannot find module left-pad'; exit 2";
    const { report, stderr } = await analyze(server, { args: ["--", "sh", "-c", missing] });
    expect([report?.verdict, report?.proof]).toEqual(["fix", { before: "skipped", after: "skipped" }]);
    expect(stderr).toContain("fails in another way");
  });

  test("a command that fails as alike as is configured is the log's failure", async () => {
    await using server = scripted(answers(FIX));
    const missing = "grep -q 'let i = 0' src/sum.ts || { echo 'src/main.ts(1,1): error TS2307: Cannot find module left-pad'; exit 2; }";
    const options = { args: ["--", "sh", "-c", missing], env: { SIMILARITY_THRESHOLD: "0.01" } };
    expect((await analyze(server, options)).report?.proof).toEqual({ before: "failed", after: "passed" });
  });

  test("a command runs in the folder that the checkout names", async () => {
    await using server = scripted(answers(FIX));
    const { report } = await analyze(server, {
      args: ["--checkout", join(repository.root, "src"), "--", "grep", "-q", "let i = 0", "sum.ts"],
    });
    expect(report?.proof).toEqual({ before: "failed", after: "passed" });
  });

  test("a command that runs out of time proves nothing", async () => {
    await using server = scripted(answers(FIX));
    const { report } = await analyze(server, { args: ["--command-timeout", "300ms", "--", "sh", "-c", "sleep 20 & sleep 20"] });
    expect([report?.verdict, report?.proof]).toEqual(["fix", { before: "skipped", after: "skipped" }]);
  });

  test("a command gets no credentials, and what it prints of them does not reach the model", async () => {
    await using server = scripted(answers({ edits: [{ path: "src/sum.ts", search: "let total = 0", replace: "let total = 1" }] }));
    const { report } = await analyze(server, {
      env: {
        GITHUB_TOKEN: "ghs_thetokenofthisjob1234567890abcdefghij",
        GITHUB_ENV: "/tmp/env",
        DEPLOY_KEY: "deploy-key-0815",
        HARMLESS: "harmless-value",
      },
      args: ["--", "sh", "-c", "env; exit 1"],
    });
    expect(report?.verdict).toBe("gave_up");
    const repair = asked(server)[1] ?? "";
    expect(repair).toContain("harmless-value");
    for (const name of ["GITHUB_TOKEN", "ANTHROPIC_API_KEY", "GITHUB_ENV", "DEPLOY_KEY", "ghs_the"]) expect(repair).not.toContain(name);
  });
});

describe("analyze.ts called wrongly: exit 2, one line, nothing done", () => {
  test.each([
    ["no key", [], {}, "set ANTHROPIC_API_KEY"],
    ["an empty key", [], { ANTHROPIC_API_KEY: " " }, "set ANTHROPIC_API_KEY"],
    ["an unknown flag", ["--modle", "x"], {}, "Did you mean --model?"],
    ["no such log", ["--log", "nothing.log"], { ANTHROPIC_API_KEY: "k" }, "no such file"],
    ["no repository", ["--checkout", "/"], { ANTHROPIC_API_KEY: "k" }, "not a git repository"],
    ["a claim that is none", ["--claim", "claim.json"], { ANTHROPIC_API_KEY: "k" }, "sha"],
    ["a budget that is none", ["--budget", "much"], {}, "not a number"],
  ] as const)("%s", async (_name, args, env, line) => {
    await writeFile(join(repository.folder, "claim.json"), '{"sha":"main"}');
    const { code, stderr, stdout, report } = await analyze(null, { args: [...args], env });
    expect([code, stdout, report]).toEqual([2, "", null]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(line);
  });

  test("without a key but for a claim it leaves a report, so that the claim ends and its board says what is missing", async () => {
    const claim = join(repository.folder, "claim.json");
    const sha = "a".repeat(40);
    await writeFile(claim, JSON.stringify({ sha, n: 3, attempt: 1, flavor: "linux" }));
    const { code, stderr, report, patch } = await analyze(null, { args: ["--claim", claim], env: { ANTHROPIC_API_KEY: "" } });
    expect([code, stderr.trim().split("\n").length, patch]).toEqual([2, 1, null]);
    expect(report as unknown).toEqual({
      ...{ verdict: "needs_human", reason: "Cannot analyse without a model: set ANTHROPIC_API_KEY", costUsd: 0 },
      ...{ sha, claim: 3, attempt: 1, flavor: "linux" },
    });
  });

  test("--mock-llm needs no key and no network, and says that no model was called", async () => {
    const { code, report, stderr, patch } = await analyze(null, { args: ["--mock-llm", ...CHECK] });
    expect([code, report?.verdict, report?.costUsd, report?.model]).toEqual([0, "fix", 0, "mock"]);
    expect(stderr).toContain("no model is called");
    expect(patch).toContain("fixonce-mock-fix.md");
  });
});

test("analyze.ts fetches the claim's commit when a shallow checkout has it not, and stands on it", async () => {
  await using origin = await makeRepository(FILES);
  const shallow = join(origin.folder, "shallow");
  await writeFile(join(origin.root, "src/sum.ts"), (FILES["src/sum.ts"] ?? "").replace("let i = 1", "let i = 2"));
  git(origin.root, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qam", "First attempt");
  const fix = git(origin.root, "rev-parse", "HEAD");
  git(origin.root, "branch", "autonomous-fix", fix);
  git(origin.root, "reset", "-q", "--hard", origin.sha);
  git(origin.folder, "clone", "-q", "--depth=1", "--branch=main", `file://${origin.root}`, shallow);
  const claim = join(origin.folder, "claim.json");
  const context = join(origin.folder, "context.json");
  await writeFile(claim, JSON.stringify({ sha: fix, attempt: 2, flavor: "linux" }));
  const edits = [{ path: "src/sum.ts", search: "let i = 1", replace: "let i = 2" }];
  const verdicts = [{ flavor: "linux", verdict: "failed" }];
  await writeFile(context, JSON.stringify({ attempts: [{ n: 1, edits, rootCause: "?", verdicts }] }));
  await using server = scripted(answers({ edits: [{ path: "src/sum.ts", search: "let i = 2", replace: "let i = 0" }] }));
  const { code, report } = await runAnalyze(origin, server, {
    args: ["--checkout", shallow, "--claim", claim, "--context", context, ...CHECK],
  });
  expect([code, report?.verdict, report?.sha]).toEqual([0, "fix", fix]);
  expect(asked(server)[0]).toContain("already IN the source");
});

test("analyze.ts reads the claim's commit, whatever the working tree and its hooks hold", async () => {
  await using other = await makeRepository(FILES);
  await mkdir(join(other.root, ".git/hooks"), { recursive: true });
  await writeFile(join(other.root, ".git/hooks/post-checkout"), `#!/bin/sh\ntouch ${join(other.folder, "hooked")}\n`, { mode: 0o755 });
  await writeFile(join(other.root, "src/sum.ts"), "uncommitted\n");
  const claim = join(other.folder, "claim.json");
  await writeFile(claim, JSON.stringify({ sha: other.sha, n: 1, cause: 1, attempt: 1, flavor: "linux", signature: {} }));
  await using server = scripted(answers(FIX));
  const { code, report } = await runAnalyze(other, server, { args: ["--claim", claim, ...CHECK] });
  expect([code, report?.verdict, report?.sha]).toEqual([0, "fix", other.sha]);
  expect(await Bun.file(join(other.folder, "hooked")).exists()).toBe(false);
  expect(await Bun.file(join(other.root, "src/sum.ts")).text()).toBe("uncommitted\n");
});

/** A server that answers every message in the same raw way; token counts are answered properly. */
function raw(answer: () => Response): Disposable & { readonly url: string; readonly count: () => number } {
  let count = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      if (request.url.endsWith("/count_tokens")) return Response.json({ input_tokens: 5_000 });
      count += 1;
      return answer();
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, count: () => count, [Symbol.dispose]: () => void server.stop(true) };
}
