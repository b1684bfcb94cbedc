import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { normalize, RULES } from "../lib/normalize.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

describe("normalize()", () => {
  test.each([
    ["2026-11-22T07:06:46.1464137Z error: x", "error: x"],
    ["linux\tBuild\t2026-11-22T07:06:46.1464137Z error: x", "error: x"],
    ["[2026-11-22T08:08:04.166Z] error: x", "error: x"],
    ["\x1b_bk;t=1795333723624\x07error: x", "error: x"],
    ["\x1b[1m\x1b[31merror\x1b[0m: x\x1b[K", "error: x"],
    ["##[error]Bash exited with code '1'.", "Bash exited with code '1'."],
    ["/home/runner/work/p/p/src/a.cpp:12:5: error: x", "a.cpp:<line>: error: x"],
    ["D:\\a\\p\\p\\src\\a.cpp(12,5): error C2065: x", "a.cpp:<line>: error C2065: x"],
    ["/mnt/c/p/src/a.cpp:12: error: x", "a.cpp:<line>: error: x"],
    ["../src/a.cpp:12:5: error: x", "a.cpp:<line>: error: x"],
    ["src\\deep\\a.cpp:12:5: error: x", "a.cpp:<line>: error: x"],
    ["\u2018foo\u2019 and \u201cbar\u201d and `baz'", "'foo' and 'bar' and 'baz'"],
    ["x86_64-w64-mingw32-ld: no", "<triplet>: no"],
    ["fetching https://acme.example/a?b=c failed", "fetching <url> failed"],
    ["connect 127.0.0.1:8080 refused", "connect <ip> refused"],
    ["at 0x7ffc084f97f0 in f", "at <address> in f"],
    ["commit 9043d27c603dab4a5feac4f4dd1a6d1b63c3d0f4", "commit <hash>"],
    ["run 123e4567-e89b-12d3-a456-426614174000 ended", "run <uuid> ended"],
    ["took 12.5 ms and 3 seconds", "took <duration> and <duration>"],
    ["wrote 12.5 MB", "wrote <size>"],
    ["[12/40] Linking x", "Linking x"],
    ["connect 8.8.8.8:53 refused, 10.0.0.12 too", "connect <ip> refused, <ip> too"],
    ["written by ada@acme.example", "written by <email>"],
    ["\u0393\u00f9\u00c5 mixer \u0393\u00c7\u2551 clamps", "\u25cf mixer \u203a clamps"],
    ["[04-09 22:41:59.538] [error] x", "[error] x"],
  ])("takes out what varies: %j", (line, expected) => {
    expect(normalize(line)).toBe(expected);
  });

  test.each([
    "error C2065: x",
    "error LNK2019: x",
    "error TS2345: x",
    "error[E0308]: x",
    "exit code 139",
    "0xC0000005",
    "0xc0000135",
    "test_case_12",
    "expected 5, got 7",
    "ENOENT",
    "HTTP 503",
    "ring.at(3) == 4",
    "-Werror=unused-variable",
    "nokogiri (1.6.7.2)",
    "react@18.2.0",
    "acme/bus@v1.1.54",
  ])("leaves alone what discriminates: %j", (line) => {
    expect(normalize(line)).toBe(line);
  });

  test("has no rule that puts back what it found: it keeps nothing from the rules behind it", () => {
    expect(RULES.filter(({ to }) => to === "$&")).toEqual([]);
  });

  test("is idempotent on any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), LOGLIKE), (text) => {
        const once = normalize(text);
        expect(normalize(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  test("every rule says why it is there", () => {
    expect(RULES.filter((rule) => rule.why === "")).toEqual([]);
  });
});

/** Pieces of which log lines are made, in any order. */
const LOGLIKE = fc
  .array(
    fc.constantFrom(
      "/usr/lib",
      "/",
      "a.cpp",
      ":12",
      ":5: ",
      "C:\\",
      "src\\",
      "0x7ffee4",
      "12ms",
      " 3 MB",
      "127.0.0.1",
      ":8080",
      "'",
      "\u2018",
      "deadbeef12",
      "2026-01-01T00:00:00Z",
      " ",
      "[1/2] ",
      "(12,5)",
      "==12==",
      "\x1b[31m",
      "https://x.example/y",
      "x86_64-linux-gnu-",
      "<line>",
      "::1",
      "a@b.example",
      "Debug/",
      "thread 4",
      "50%",
      "tmp1a2b3c",
      "\t",
      "#3 1.2 ",
      "::",
      "line 4",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));
