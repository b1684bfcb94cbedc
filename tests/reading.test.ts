/**
 * Lines that look like something else: each was once read as what it only resembles.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { passes } from "../lib/read/passing.ts";
import { FOREIGN } from "../lib/rules/noise.ts";
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

describe("a project's own folders are not the toolchain's:", () => {
  test.each([
    ["/home/runner/work/acme/acme/src/net/socket.c:12:5: error: expected ';' before 'x'", "at:socket.c:12"],
    ["src/net/socket.c:12:5: error: expected ';' before 'x'", "at:socket.c:12"],
    ["/go/src/app/main.go:12:5: undefined: run", "at:main.go:12"],
    ["  1) Thing works\n     Failure/Error: expect(1).to eq(2)\n     # ./gems/thing/spec/a_spec.rb:12:in `block'", "at:a_spec.rb:12"],
  ])("%s", async (log, at) => {
    expect((await read(`${log}\n`)).facts).toContain(at);
  });

  test.each([
    "/usr/local/go/src/testing/testing.go",
    "/usr/lib/go-1.19/src/runtime/panic.go",
    "/opt/hostedtoolcache/go/1.21.3/x64/src/net/http/server.go",
    "/opt/homebrew/Cellar/go/1.21.0/libexec/src/runtime/panic.go",
    "/root/sdk/go1.22.0/src/runtime/panic.go",
    "/goroot/src/time/sleep.go",
    "C:/Go/src/testing/testing.go",
    "/x/ruby/3.2.0/gems/rspec-core-3.12.0/lib/a.rb",
    "/x/bundler/gems/rails-0a1b2c3d4e5f/lib/a.rb",
    "C:\\Ruby\\gems\\json-2.6.3-java\\lib\\a.rb",
    "D:\\a\\_temp\\x.js",
  ])("%s is", (path) => {
    expect(FOREIGN.test(path)).toBe(true);
  });
});

describe("a line that fails is none that passes:", () => {
  test.each([
    ["writing output... error: template index.html has no block 'main'"],
    ["Downloading https://files.acme.example/x.tgz failed: 404"],
    ["Pass the --config flag: error: no configuration"],
    ["deadline passed: error: no answer"],
    ["2 failed, 0 errors: see the report of mixer"],
    ["0 failures, 3 errors: see the report of mixer"],
    ["Error: mixer: 0 errors, and yet no output"],
  ])("%s", async (line) => {
    expect((await read(`${line}\n`)).unrecognized).toBe(false);
  });

  test.each([
    "PASS src/error.test.js",
    "  Passed Acme.Tests.ErrorTests.Fails [< 1 ms]",
    "  passed Mix.Tests.ErrorTests.Fails (2ms)",
    "tests/test_error.py::test_fails PASSED [ 12%]",
    "OK 12 - reports an error",
    "copying src/error.py -> build/failed.py",
    "Downloading failed-1.0.tar.gz (12 kB)",
    "npm WARN deprecated x: error: y",
    "org.acme.ErrorTests > testFailsWhenFirstIsInvalid PASSED",
    "12% done 40 passed 0 failed (t=0:00:12)",
    "    0 Warning(s), 0 errors",
    "UTC client backend[59638] pg_regress/foreign_key ERROR:  permission denied for table atest2",
    "Using error-signal 6.6.0",
  ])("%s passes", (line) => {
    expect(passes(line)).toBe(true);
  });
});

describe("npm's conflict is that of the package which asks:", () => {
  const conflict = (mark: string, peer: string): string =>
    [
      "code ERESOLVE",
      "ERESOLVE unable to resolve dependency tree",
      "",
      "While resolving: acme@1.0.0",
      "Found: react@18.2.0",
      "node_modules/react",
      '  react@"^18.2.0" from the root project',
      "",
      "Could not resolve dependency:",
      peer,
      "",
    ]
      .map((line) => `npm ${mark} ${line}\n`)
      .join("");

  test.each(["ERR!", "error"])("npm %s", async (mark) => {
    const one = await read(conflict(mark, 'peer react@"^17.0.0" from react-thing@3.1.0'));
    const other = await read(conflict(mark, 'peer vue@"^3.0.0" from vue-thing@2.0.0'));
    expect(one.facts.slice(0, 1)).toEqual(["conflict:react-thing"]);
    expect(one.title).toEndWith("ERESOLVE unable to resolve dependency tree: peer react@'^17.0.0' from react-thing@3.1.0");
    expect(similarity(one, other)).toBeLessThan(0.7);
  });
});

test("pytest's two files of one name are the title, though no exception is", async () => {
  const { title } = await read(
    [
      "==================================== ERRORS ====================================",
      "__________________ ERROR collecting tests/unit/test_api.py ___________________",
      "import file mismatch:",
      "imported module 'test_api' has this __file__ attribute:",
      "  /w/tests/e2e/test_api.py",
      "which is not the same as the test file we want to collect:",
      "  /w/tests/unit/test_api.py",
      "=========================== short test summary info ============================",
      "ERROR tests/unit/test_api.py",
      "",
    ].join("\n"),
  );
  expect(title).toBe("test_api.py: import file mismatch");
});

describe("a job whose time runs out", () => {
  const limit = "##[error]The action 'Test' has timed out after 10 minutes.\n";

  test.each([
    ["Go", "=== RUN   TestFetch\n--- PASS: TestFetch (0.00s)\n=== RUN   TestReconnect\n", "test:TestReconnect"],
    ["GoogleTest", "[ RUN      ] Pool.Adds\n[       OK ] Pool.Adds (0 ms)\n[ RUN      ] Pool.Waits\n", "test:Pool.Waits"],
  ])("within a test hangs in it: %s", async (_, log, hung) => {
    const { facts, infrastructure } = await read(log + limit);
    expect({ facts: facts.slice(0, 2), infrastructure }).toEqual({ facts: ["timeout", hung], infrastructure: false });
  });

  test.each([
    ["=== RUN   TestFetch\n--- PASS: TestFetch (0.00s)\nPASS\nok  \tacme/pool\t0.012s\n"],
    ["[ RUN      ] Pool.Adds\n[       OK ] Pool.Adds (0 ms)\n"],
    ["Testcase: adds took 0.1 sec\n"],
  ])("after all tests have ended does not: %j", async (log) => {
    const { facts, infrastructure } = await read(log + limit);
    expect({ facts: facts.slice(0, 1), infrastructure }).toEqual({ facts: ["job:timeout"], infrastructure: true });
  });

  test.each([
    ["Go", "=== RUN   TestPool\n--- FAIL: TestPool (0.00s)\n    pool_test.go:31: got 3, want 4\n", "at:pool_test.go:31"],
    ["GoogleTest", "[ RUN      ] Pool.Adds\na_test.cc:3: Failure\nno\n[  FAILED  ] Pool.Adds (0 ms)\n", "at:a_test.cc:3"],
  ])("after a test failed leaves that to be analysed: %s", async (_, log, at) => {
    const { facts, infrastructure } = await read(log + limit);
    expect({ place: facts.includes(at), hangs: facts.includes("timeout"), infrastructure }).toEqual({
      place: true,
      hangs: false,
      infrastructure: false,
    });
  });
});

describe("one symbol has one name:", () => {
  test.each([
    [
      "with a template for a result, as lld-link writes it",
      "lld-link: error: undefined symbol: class std::unique_ptr<class acme::Ring> __cdecl acme::CreateRing(class acme::Env const &)",
      "ring.cc:(.text+0x412): undefined reference to `acme::CreateRing(acme::Env const&)'",
    ],
    [
      "a helper for the division of 64 bits, on two machines of 32",
      'ERROR: modpost: "__aeabi_uldivmod" [drivers/ring/ring.ko] undefined!',
      'ERROR: modpost: "__udivdi3" [drivers/ring/ring.ko] undefined!',
    ],
  ])("%s", async (_, one, other) => {
    const [a, b] = [await read(`${one}\n`), await read(`${other}\n`)];
    expect(similarity(a, b)).toBeGreaterThanOrEqual(0.85);
  });
});

describe("an exception is why, ", () => {
  const thrown = "java.io.IOException: Broken ring\n\tat org.acme.Ring.read(Ring.java:41)\n";
  test.each([
    ["unless the runner was lost", "##[error]The runner has received a shutdown signal.", true],
    ["and not a daemon that does not answer", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", false],
  ])("%s", async (_, line, infrastructure) => {
    expect((await read(`${thrown}\n${line}\n`)).infrastructure).toBe(infrastructure);
  });
});

describe("what is no failed test:", () => {
  const failed = "FAILED tests/test_page.py::PageTest::test_last - AssertionError: 2 != 3";
  const passes = [
    "==================================== PASSES ====================================",
    "___________________________ IndexTest.test_unicode_5 ___________________________",
    "----------------------------- Captured stdout call -----------------------------",
    "Error: upstream returned 502",
  ];

  test.each([
    ["its end told", "=========================== short test summary info ============================"],
    ["its end left out", ""],
  ])("one that passed, as pytest -rA shows it, %s", async (_, end) => {
    expect(await identityOf([...passes, end, failed, ""].join("\n"))).toEqual(["test:PageTest.test_last"]);
  });

  test("and the next step is read, whatever the one before ended with", async () => {
    const log = [
      ...passes,
      "##[group]Run make",
      "make",
      "##[endgroup]",
      "src/a.c:3:1: error: unknown type name 'u8'",
      "##[error]Process",
      "",
    ];
    expect(await identityOf(log.join("\n"))).toContain("at:a.c:3");
  });

  test("an item of a numbered list, unless Jasmine's messages stand below", async () => {
    const list = ["To go on:", "1) install the tools", "2) run the build", "src/a.c:3:1: error: unknown type name 'u8'", ""];
    expect((await identityOf(list.join("\n"))).filter((fact) => fact.startsWith("test:"))).toEqual([]);
    const jasmine = [
      "Failures:",
      "1) chunk keeps the last",
      "  Message:",
      "    Expected 1 to equal 2.",
      "  Stack:",
      "    at <Jasmine>",
      "",
    ];
    expect(await identityOf(jasmine.join("\n"))).toEqual(["test:chunk keeps the last"]);
  });

  test("a name alone in a line", async () => {
    expect(await identityOf("test_parser\ntestdata\nsrc/a.c:3:1: error: expected ';' before '}' token\n")).toEqual(["at:a.c:3"]);
  });
});
