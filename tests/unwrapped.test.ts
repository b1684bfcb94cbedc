import { describe, expect, test } from "bun:test";
import { excerpt } from "../lib/excerpt.ts";
import { unwrapped } from "../lib/read/reports.ts";
import { readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

const lines = (text: string) => text.split("\n").map((line) => ({ text: line, telling: false }));
const told = (text: string) => unwrapped(lines(text)).map((line) => line.text);
const eslint = [
  { filePath: "/home/runner/work/a/a/src/clean.js", messages: [] },
  {
    filePath: "/home/runner/work/a/a/src/cart.js",
    messages: [
      { ruleId: "no-undef", severity: 2, message: "'total' is not defined.", line: 12, column: 5 },
      { ruleId: "no-console", severity: 1, message: "Unexpected console statement.", line: 3, column: 1 },
    ],
  },
];

/** What a tool prints for machines, and what is read of it. */
const reports: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "ESLint",
    JSON.stringify(eslint),
    [
      "/home/runner/work/a/a/src/cart.js:12:1: 'total' is not defined. [Error/no-undef]",
      "/home/runner/work/a/a/src/cart.js:3:1: warning: Unexpected console statement.",
    ],
  ],
  [
    "shellcheck",
    '2026-04-17T06:31:27.6515964Z {"comments":[{"file":"bin/a.sh","line":6,"endLine":6,"column":17,"level":"info","code":2086,"message":"Double quote."}]}',
    ["bin/a.sh:6:1: note: Double quote. [SC2086]"],
  ],
  [
    "ruff",
    '[{"code":"F401","filename":"src/a.py","location":{"column":8,"row":1},"message":"`os` imported but unused"}]',
    ["src/a.py:1:1: F401 `os` imported but unused"],
  ],
  [
    "RuboCop",
    '{"files":[{"path":"lib/a.rb","offenses":[{"severity":"convention","message":"Use snake_case.","cop_name":"Naming/MethodName","location":{"line":4}}]}]}',
    ["lib/a.rb:4:1: Use snake_case. [Error/Naming/MethodName]"],
  ],
  [
    "RSpec",
    '{"examples":[{"full_description":"Hall is open","status":"passed"},{"full_description":"Hall has seats","status":"failed","file_path":"./spec/hall_spec.rb","line_number":9,"exception":{"class":"X","message":"\\nexpected: 1\\n     got: 0\\n","backtrace":["./spec/hall_spec.rb:10:in `block\'"]}}]}',
    ["not ok 1 - Hall has seats", "expected: 1", "     got: 0", "./spec/hall_spec.rb:10:in `block'", "#   at ./spec/hall_spec.rb line 9."],
  ],
  [
    "Mocha, over many lines",
    JSON.stringify(
      {
        stats: { failures: 1 },
        failures: [{ fullTitle: "cart adds", err: { message: "1 !== 2", stack: "Error\n    at x (cart.js:3:1)" } }],
      },
      null,
      2,
    ),
    ["not ok 1 - cart adds", "1 !== 2", "Error", "    at x (cart.js:3:1)"],
  ],
  [
    "npm",
    '{\n  "error": {\n    "code": "EBADENGINE",\n    "summary": "Unsupported engine\\nNot compatible: a@1.0.0",\n    "detail": ""\n  }\n}',
    ["npm error code EBADENGINE", "npm error Unsupported engine", "npm error Not compatible: a@1.0.0"],
  ],
  [
    "cargo",
    '{"reason":"compiler-message","message":{"rendered":"error[E0382]: borrow of moved value: `a`\\n --> src/lib.rs:3:5\\n"}}',
    ["error[E0382]: borrow of moved value: `a`", " --> src/lib.rs:3:5", ""],
  ],
  [
    "a path that was pasted into the JSON",
    '{"files":[{"path":"D:\\a\\x.rb","offenses":[{"message":"Bad.","location":{"line":4}}]}]}',
    ["D:\\a\\x.rb:4:1: error: Bad."],
  ],
  [
    "JUnit's XML",
    '<testsuites>\n<testsuite name="t.bats" failures="1">\n  <testcase name="is short" />\n  <testcase classname="t.bats" name="is &quot;long&quot;">\n    <failure type="failure">(in test file t.bats, line 9)\n  `false&#39; failed</failure>\n  </testcase>\n</testsuite>',
    [
      "<testsuites>",
      '<testsuite name="t.bats" failures="1">',
      '  <testcase name="is short" />',
      'not ok 1 - is "long"',
      "(in test file t.bats, line 9)",
      "  `false' failed",
      "</testsuite>",
    ],
  ],
];

describe("unwrapped()", () => {
  test.each(reports)("reads what %s says", (_, text, wanted) => {
    expect(told(text)).toEqual([...wanted]);
  });

  test.each([
    ["JSON that lost its end", '{"files":[{"path":"a.rb","offenses":[{"message":"Bad."'],
    ["JSON over many lines without its end", '{\n  "error": {'],
    ["JSON of something else", '{"level":"error","msg":"it is logged"}'],
    ["a case that did not fail", '<testcase name="a">\n</testcase>'],
    ["a case without its end", '<testcase name="a">\n<failure>x'],
    ["XML that declares", '<testcase name="a"><!DOCTYPE x [<!ENTITY e "e">]>\n<failure>&e;</failure></testcase>'],
    ["Go's events", '{"Time":"2026-01-01T00:00:00Z","Action":"output","Output":"--- FAIL: TestA (0.00s)\\n"}'],
    ["no report", "[ERROR] it failed\n{ 1 }"],
  ])("leaves %s as it is", (_, text) => {
    expect(told(text)).toEqual(text.split("\n"));
  });

  test("keeps within bounds, whatever is nested", () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    expect(told(deep)).toEqual([deep]);
    const many = JSON.stringify([
      { filePath: "a.js", messages: Array.from({ length: 5_000 }, (_, line) => ({ message: "x", line: line + 1 })) },
    ]);
    expect(told(many).length).toBeLessThan(120);
  });
});

describe("excerpt() of a report in one line", () => {
  const noise = Array.from({ length: 3_000 }, (_, at) => `step ${at} of the build does nothing that matters, and says so at some length`);
  const report = (bytes: number) => {
    const passed = { filePath: "/x/clean.js", messages: [] };
    const all: unknown[] = [...eslint];
    while (JSON.stringify(all).length < bytes) all.push(passed);
    return JSON.stringify(all);
  };

  test.each([
    ["in the midst of a log", [...noise, report(40_000), ...noise]],
    ["at its end", [report(40_000), "##[error]Process completed with exit code 1."]],
  ])("keeps it whole %s", async (_, log) => {
    const failure = await readFailure(bytesOf(log.join("\n")));
    expect(failure.facts).toContain("at:cart.js:12");
  });

  test("cuts what is too long, or too many", async () => {
    const { lines } = await excerpt(
      bytesOf([report(80_000), ...Array.from({ length: 9 }, (_, at) => `{"error":"${at}","x":"${"y".repeat(30_000)}"}`)].join("\n")),
    );
    expect(lines.filter(({ text }) => text.length > 2_000).length).toBe(4);
  });
});
