/**
 * Lines that look like something else: each was once read as what it only resembles.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { type Failure, readFailure } from "../lib/signature.ts";
import { similarity } from "../lib/similarity.ts";
import { bytesOf } from "./bytes.ts";

const read = (log: string): Promise<Failure> => readFailure(bytesOf(log));
const identityOf = async (log: string): Promise<readonly string[]> =>
  (await read(log)).facts.filter((fact) => !fact.startsWith("message:")).sort();

describe("a signal's name in a compiler's message is no crash:", () => {
  test.each([
    ["src/sig.c:12:20: error: use of undeclared identifier 'SIGBUS'", ["at:sig.c:12", "undeclared:SIGBUS"]],
    ["lib/other.c:99:3: error: expected ';' before 'SIGBUS'", ["at:other.c:99"]],
    [`src/sig.ts(12,20): error TS2322: Type '"SIGABRT"' is not assignable to type 'Signal'.`, ["at:sig.ts:12", "code:TS2322"]],
    ["src/sig.go:12:20: undefined: syscall.SIGBUS", ["at:sig.go:12", "undeclared:SIGBUS"]],
    ["error[E0425]: cannot find value `SIGBUS` in crate `libc`\n --> src/sig.rs:3:5", ["at:sig.rs:3", "code:E0425", "undeclared:SIGBUS"]],
  ])("%s", async (line, facts) => {
    expect(await identityOf(`${line}\n`)).toEqual([...facts]);
  });

  test("so two errors about one signal are two causes", async () => {
    const [one, other] = await Promise.all([
      read("src/sig.c:12:20: error: use of undeclared identifier 'SIGBUS'\n"),
      read("lib/other.c:99:3: error: expected ';' before 'SIGBUS'\n"),
    ]);
    expect(similarity(one, other)).toBeLessThan(0.7);
  });

  test.each([
    ["src/a.cpp:12:3: internal compiler error: Segmentation fault", ["crash:segv"]],
    ["make: *** [Makefile:12: check] Segmentation fault (core dumped)", ["crash:segv"]],
    [`Command failed with signal "SIGSEGV"`, ["crash:segv"]],
    ["build.sh: line 12:  4711 Aborted                 (core dumped) ./a.out", ["crash:abort"]],
  ])("but whoever dies says so: %s", async (line, facts) => {
    expect(await identityOf(`${line}\n`)).toEqual([...facts]);
  });
});

describe("without the word 'command', only a shell misses one:", () => {
  test.each([
    ["sh: 1: jq: not found"],
    ["/bin/sh: jq: not found"],
    ["sh: jq: command not found"],
    ["./build.sh: 12: jq: not found"],
    ["./build.sh: line 12: jq: not found"],
    ["build.sh[12]: jq: not found"],
    ["build.sh: line 12: jq: command not found"],
    ["jq: command not found"],
  ])("%s", async (line) => {
    expect((await read(`${line}\n`)).facts).toContain("missing-command:jq");
  });

  test("so two tests that miss a user are two causes", async () => {
    const [one, other] = await Promise.all([
      read("--- FAIL: TestA (0.01s)\n    a_test.go:12: load: user: not found\nFAIL\n"),
      read("--- FAIL: TestB (0.01s)\n    b_test.go:40: save: user: not found\nFAIL\n"),
    ]);
    expect(one.facts).toEqual(["at:a_test.go:12", "test:TestA", "message:load: user: not found"]);
    expect(similarity(one, other)).toBeLessThan(0.7);
  });
});
