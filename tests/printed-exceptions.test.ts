/**
 * Exceptions that a program prints and survives, and the one that it died of.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { readFacts } from "../lib/facts.ts";
import { type Failure, readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

const read = (lines: readonly string[]): Promise<Failure> => readFailure(bytesOf(`${lines.join("\n")}\n`));
const printed = ["stderr | test/slug.test.js > slug > ignores nothing", "Error: upstream returned 502 (expected by this test)", ""];

describe("what a passing test prints is not why the job failed:", () => {
  test.each([
    [
      "a file of tests that does not load",
      [
        "\u23af\u23af\u23af\u23af Failed Suites 1 \u23af\u23af\u23af\u23af",
        "",
        " FAIL  test/cart.test.js [ test/cart.test.js ]",
        "Error: Failed to load url ./format.js (resolved id: ./format.js) in /home/ci/shop/src/cart.js. Does the file exist?",
        " \u276f loadAndTransform node_modules/vite/dist/node/chunks/dep.js:51969:17",
      ],
      "missing-module:format",
    ],
    [
      "a heap that was used up",
      [
        "<--- Last few GCs --->",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "----- Native stack trace -----",
        " 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node (vitest 1)]",
        "Error: Worker exited unexpectedly",
        " \u276f ChildProcess.onUnexpectedExit node_modules/tinypool/dist/index.js:118:30",
      ],
      "memory:heap",
    ],
    [
      "a file that is no JavaScript",
      [
        "\u25b6 slug",
        "  \u2714 ignores nothing (0.2ms)",
        "file:///home/ci/shop/src/palette.js:1",
        "import palette from '../palette.json' assert { type: 'json' };",
        "                                      ^^^^^^",
        "",
        "SyntaxError: Unexpected identifier 'assert'",
        "    at compileSourceTextModule (node:internal/modules/esm/utils:319:16)",
        "",
        "Node.js v24.21.0",
        "\u2716 test/palette.test.js (58.5ms)",
        "\u25b6 parser",
        "  \u2714 reads (0.2ms)",
        "\u2139 fail 1",
        "\u2716 failing tests:",
        "",
        "test at test/palette.test.js:1:1",
        "\u2716 test/palette.test.js (58.5ms)",
        "  'test failed'",
      ],
      "at:palette.js:1",
    ],
  ])("%s", async (_, lines, fact) => {
    const failure = await read([...printed, ...lines]);
    expect(failure.facts).toContain(fact);
    expect(failure.facts.join("\n")).not.toMatch(/502|parser/);
    expect(failure.title).toBe((await read(lines)).title);
  });

  test("unless nothing else is said", async () => {
    expect((await read(printed)).title).toBe("Error: upstream returned 502 (expected by this test)");
  });
});

test("a test that somebody ended by the keyboard hung", async () => {
  const { facts } = await read([
    "test_opens (tests.test_gate.GateTest) ... ok",
    "test_add (tests.test_pump.PumpTest) ... Traceback (most recent call last):",
    '  File "/home/ci/weir/tests/test_pump.py", line 8, in test_add',
    "    pump.add(3)",
    '  File "/home/ci/weir/weir/pump.py", line 15, in _notify',
    "    with self._lock:",
    "KeyboardInterrupt",
    "##[error]Process completed with exit code 124.",
  ]);
  expect(facts).toEqual(expect.arrayContaining(["timeout", "at:pump.py:15", "test:PumpTest.test_add"]));
});

test("node:test says where the next test begins, not the one before", async () => {
  const { facts } = await read([
    "\u2716 rates by category (11.8ms)",
    "\u2716 slug of a title",
    "\u2139 fail 2",
    "\u2716 failing tests:",
    "",
    "test at spec/rates.test.js:22:1",
    "\u2716 rates by category (11.8ms)",
    "  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:",
    "",
    "  3 !== 4",
    "",
    "      at TestContext.<anonymous> (/home/ci/shop/spec/rates.test.js:24:10)",
    "",
    "test at spec/slug.test.js:30:1",
    "\u2716 slug of a title",
    "  'Promise resolution is still pending but the event loop has already resolved'",
  ]);
  expect(facts.filter((fact) => /^(?:at|test):/.test(fact))).toEqual([
    "at:rates.test.js:24",
    "test:rates by category",
    "at:slug.test.js:30",
    "test:slug of a title",
  ]);
});

test("a suite that its runner marks and does not list is no test that failed", async () => {
  const { facts } = await read([
    "\u25b6 table",
    "  \u2714 sorts (0.5ms)",
    "  \u2716 groups rows (1.2ms)",
    "\u2716 table (3.4ms)",
    "\u2139 fail 1",
    "",
    "\u2716 failing tests:",
    "",
    "test at test/text.test.js:66:3",
    "\u2716 groups rows (1.2ms)",
    "  TypeError [Error]: Cannot read properties of undefined (reading 'length')",
    "      at TestContext.<anonymous> (/home/ci/shop/test/text.test.js:68:30)",
  ]);
  expect(facts.filter((fact) => fact.startsWith("test:"))).toEqual(["test:groups rows"]);
});

test("a test that was not begun is one that failed, and its place is not the next one's", () => {
  const lines = [
    "\u2716 reads (1.2ms)",
    "\u2716 writes",
    "\u2716 failing tests:",
    "test at spec/text.test.js:3:1",
    "\u2716 reads (1.2ms)",
    "  'Promise resolution is still pending but the event loop has already resolved'",
    "test at spec/text.test.js:9:1",
    "\u2716 writes",
    "not ok 1 - closes",
  ];
  const drafts = readFacts(lines.map((text) => ({ text, telling: true })));
  expect(drafts.map(({ test, at }) => [test, at])).toEqual([
    ["reads", "text.test.js:3"],
    ["writes", "text.test.js:9"],
    ["closes", undefined],
  ]);
});

test("a suite of which tests failed is no test that did", async () => {
  const { facts } = await read([
    "# Subtest: table",
    "    # Subtest: groups rows",
    "    not ok 1 - groups rows",
    "      ---",
    "      location: '/home/ci/shop/test/text.test.js:66:3'",
    "      failureType: 'testCodeFailure'",
    "      error: 'Cannot read properties of undefined'",
    "      ...",
    "    1..1",
    "not ok 1 - table",
    "  ---",
    "  type: 'suite'",
    "  failureType: 'subtestsFailed'",
    "  error: '1 subtest failed'",
    "  code: 'ERR_TEST_FAILURE'",
    "  ...",
  ]);
  expect(facts.filter((fact) => fact.startsWith("test:"))).toEqual(["test:groups rows"]);
});

test("a relay of TAP puts no mark into the title", async () => {
  const { title } = await read([
    "# FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "# Subtest: test/silo.test.js",
    "not ok 4 - test/silo.test.js",
    "  ---",
    "  failureType: 'testCodeFailure'",
    "  signal: 'SIGABRT'",
    "  error: 'test failed'",
    "  ...",
  ]);
  expect(title).toBe("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory");
});
