/**
 * What a test or a compiler says of the network is not the machine's failure: nobody would analyse it.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { type Failure, readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

const read = (log: string): Promise<Failure> => readFailure(bytesOf(log));

const jest = (...message: readonly string[]): string =>
  [
    " FAIL  src/api.test.js",
    "  \u25cf api \u203a lists users",
    "",
    ...message.map((line) => `    ${line}`),
    "",
    "      at Object.<anonymous> (src/api.test.js:13:10)",
    "",
  ].join("\n");
const go = (message: string, ...after: readonly string[]): string =>
  ["--- FAIL: TestServer (0.01s)", `    server_test.go:22: ${message}`, ...after, "FAIL", "FAIL\tacme/server\t0.012s", ""].join("\n");
const pytest = (message: string): string =>
  [
    "=================================== FAILURES ===================================",
    "___________________________________ test_api ___________________________________",
    "",
    "    def test_api():",
    ">       assert fetch() == 'ok', 'Rate limit exceeded'",
    `E       ${message}`,
    "",
    "tests/test_api.py:12: AssertionError",
    "",
  ].join("\n");

describe("readFailure() blames no machine for what a test or a compiler says:", () => {
  test.each([
    ["a server under test that answers 500", jest("Request failed with status code 500"), "at:api.test.js:13"],
    ["the same as an exception", jest("AxiosError: Request failed with status code 500"), "at:api.test.js:13"],
    ["an exit code that was received", jest("Expected: exit code 0", "Received: exit code 137"), "at:api.test.js:13"],
    ["a limit that was asserted", pytest("AssertionError: Rate limit exceeded"), "at:test_api.py:12"],
    ["a server under test that does not listen", go("dial tcp 127.0.0.1:8080: connect: connection refused"), "at:server_test.go:22"],
    ["the same over IPv6", go("dial tcp [::1]:8080: connect: connection refused"), "at:server_test.go:22"],
    ["a host that nobody names", go("read: connection reset by peer"), "at:server_test.go:22"],
    ["a cancellation that was compared", go('got "The operation was canceled", want nil'), "at:server_test.go:22"],
    ["a host in an assertion", go('got "lookup db.acme.example: no such host", want nil'), "at:server_test.go:22"],
    [
      "a test that failed before the job was cancelled",
      go("got 3, want 4", "##[error]The operation was canceled."),
      "at:server_test.go:22",
    ],
    [
      "a test that failed before the runner was killed",
      go("got 3, want 4", "##[error]Process completed with exit code 137."),
      "memory:killed",
    ],
    ["a compiler's words about a pipe", "src/pipe.rs:3:5: error: Broken pipe is not a variant\n", "at:pipe.rs:3"],
    ["the same with its place below", "error: Broken pipe is not a variant\n --> src/pipe.rs:3:5\n", "at:pipe.rs:3"],
    ["a constant that is missing", "src/a.c:12:5: error: use of undeclared identifier 'ENOSPC'\n", "undeclared:ENOSPC"],
    ["the same in Rust", "error[E0425]: cannot find value `ENOSPC` in this scope\n --> src/a.rs:3:5\n", "undeclared:ENOSPC"],
    ["a number of bytes", "config.yml: error: 512 bytes expected\n", "message:config.yml: error: <size> expected"],
    [".NET's own cancellation", "Error: System.OperationCanceledException: The operation was canceled.\n", "message:"],
  ])("%s", async (_, log, fact) => {
    const { infrastructure, facts } = await read(log);
    expect({ infrastructure, fact: facts.find((each) => each.startsWith(fact)) !== undefined }).toEqual({
      infrastructure: false,
      fact: true,
    });
    expect(facts.filter((each) => /^(?:network|job|disk):/.test(each))).toEqual([]);
  });
});

describe("readFailure() blames the machine when", () => {
  test.each([
    ["a test names another host", go('Get "https://proxy.acme.example/x": dial tcp 10.1.2.3:443: connect: connection refused')],
    ["a local resolver does not know the host", go("dial tcp: lookup db.acme.example on 127.0.0.53:53: no such host")],
    ["a test cannot resolve a name", pytest("socket.gaierror: [Errno -3] Temporary failure in name resolution")],
    ["a test finds the disk full", go("write /tmp/x: no space left on device")],
    ["a compiler cannot write", "src/big.c:100:1: fatal error: error writing to /tmp/ccXYZ123.s: No space left on device\n"],
    ["a compiler has no memory left", "C:\\a\\p\\src\\big.cpp(1200): fatal error C1060: compiler is out of heap space\n"],
    [
      "a build file cannot fetch",
      "CMake Error at CMakeLists.txt:17 (file):\n  file DOWNLOAD failed: Could not resolve hostname zlib.example\n",
    ],
    ["wget is turned away", "2026-01-02 10:11:12 ERROR 503: Service Unavailable.\n"],
    ["pip is turned away", "ERROR: HTTP error 503 while getting https://files.acme.example/x.whl\n"],
    ["wget asks too often", "2026-01-02 10:11:12 ERROR 429: Too Many Requests.\n"],
    ["the job is cancelled", "##[error]The operation was canceled.\n"],
  ])("%s", async (_, log) => {
    expect((await read(log)).infrastructure).toBe(true);
  });
});
