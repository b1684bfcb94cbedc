import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { group } from "../lib/groups.ts";
import { type Failure, readFailure, type Signature } from "../lib/signature.ts";
import { compare, similarity } from "../lib/similarity.ts";
import { bytesOf } from "./bytes.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const signature = (facts: readonly string[], lines: readonly string[] = facts): Signature => ({
  id: JSON.stringify([facts, lines]),
  title: facts[0] ?? "",
  lines,
  facts,
});
const failure = (facts: readonly string[], unrecognized = false): Failure => ({
  ...signature(facts),
  bytes: 0,
  unrecognized,
  infrastructure: false,
});

const FACT = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("at", "test", "undeclared", "undefined-symbol", "network", "crash", "message", "code", "exception", "assert"),
      fc.constantFrom("a.c:1", "Suite.case", "foo", "dns", "segv", "something went very wrong here"),
    )
    .map(([kind, value]) => `${kind}:${value}`),
  fc.string(),
);
const ANY = fc
  .tuple(fc.array(FACT, { maxLength: 8 }), fc.array(fc.string(), { maxLength: 5 }))
  .map(([facts, lines]) => signature(facts, lines));

describe("similarity()", () => {
  test("is between 0 and 1, symmetric, and 1 for a signature and itself", () => {
    fc.assert(
      fc.property(ANY, ANY, (a, b) => {
        const alike = similarity(a, b);
        expect(alike).toBeGreaterThanOrEqual(0);
        expect(alike).toBeLessThanOrEqual(1);
        expect(similarity(b, a)).toBe(alike);
        expect(similarity(a, a)).toBe(1);
      }),
    );
  });

  test("is the same for signatures that travelled as JSON", () => {
    fc.assert(
      fc.property(ANY, ANY, (a, b) => {
        expect(similarity(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))).toBe(similarity(a, b));
      }),
    );
  });

  test.each([
    ["a formatter that looked, and git where it wrote", ["format:lib.rs"], ["changed:lib.rs"]],
    ["one place", ["at:a.c:12", "code:C2065"], ["at:a.c:12", "undeclared:foo"]],
    ["one symbol, in two files", ["undeclared:Foo", "at:a.c:1"], ["undeclared:Foo", "at:b.c:9"]],
    ["a name that is missing to the compiler and to the linker", ["undeclared:foo", "at:a.c:1"], ["undefined-symbol:acme::foo"]],
    [
      "one test, a crash here and an assertion there",
      ["crash:segv", "test:Lru.Evicts"],
      ["at:lru_test.cpp:4", "test:Lru.Evicts", "message:Value of: lru.size() == 3"],
    ],
    [
      "one test that hangs, stopped in two places",
      ["timeout", "at:graph.py:40", "test:reachable", "message:Failed: Timeout after 5 s"],
      ["timeout", "at:graph.py:37", "test:reachable", "message:E Failed: Timeout after 5 s"],
    ],
    ["one test, named with and without its class", ["test:totals"], ["test:InvoiceTest.totals"]],
    [
      "one test, a library's exception that another of its layers throws",
      ["exception:IntegrityError", "at:base.py:359", "test:T.order", "message:UNIQUE constraint failed: person.name"],
      ["exception:IntegrityError", "at:utils.py:105", "test:T.order", "message:duplicate key value violates unique constraint"],
    ],
    [
      "one place in a test, other values",
      ["at:t.py:4", "test:T.order", "message:Lists differ: [1, 2] != [2, 1]"],
      ["at:t.py:4", "test:T.order", "message:Lists differ: [2, 3] != [2, 1]"],
    ],
    ["one fault of the machine", ["network:dns", "message:could not resolve host a"], ["network:dns", "message:getaddrinfo ENOTFOUND"]],
    [
      "a bracket that is not closed, which an older parser misses a line later",
      ["exception:SyntaxError", "at:slots.py:20", "test:test_berths.py", "message:SyntaxError: invalid syntax"],
      ["exception:SyntaxError", "at:slots.py:19", "test:test_berths.py", "message:SyntaxError: '(' was never closed"],
    ],
    [
      "a method without an end that returns, to javac and to ecj",
      ["at:Roman.java:38", "message:missing return statement"],
      ["at:Roman.java:26", "message:This method must return a result of type int"],
    ],
    [
      "a type checker's error, and a TypeError in its file",
      ["at:window.py:16", "code:arg-type"],
      ["at:window.py:11", "test:WindowTest.test_limit", "message:TypeError: '<' not supported between instances of 'int' and 'str'"],
    ],
    [
      "two runners' tests that hang",
      ["at:slots.test.js:34", "test:Planner > tells who waits", "message:thrown: 'Exceeded timeout of <duration> for a test."],
      ["test:planner hands a slot on", "message:Promise resolution is still pending but the event loop has already resolved"],
    ],
    [
      "a header, and the library whose folder it lies in",
      ["missing-include:fmt/format.h", "at:units.cpp:3"],
      ["missing-package:fmt", "at:CMakeLists.txt:10", "code:find_package"],
    ],
    ["one program of tests, more of them there", ["test:t_wire", "numbers:16"], ["test:t_wire", "numbers:2, 14-19"]],
    [
      "a program of tests, and a test in it",
      ["suite:t_ring"],
      ["at:t_ring.c:18", "test:newest, behind the wrap", "suite:t_ring", "message:got: 10 expected: 14"],
    ],
    [
      "one test, two libraries' words",
      ["at:ring.test.js:7", "test:ring > wraps", "message:expect(received).toEqual(expected) // deep equality"],
      ["at:ring.test.js:12", "test:wraps", "message:Expected values to be strictly deep-equal: [1, 2]"],
    ],
    [
      "one test, whose page never came and whose function threw",
      ["at:cart.e2e.mjs:10", "test:shows the total", "message:TimeoutError: Waiting for selector 'h1' failed"],
      ["at:total.ts:18", "test:shows the total", "message:TypeError: Cannot read properties of undefined"],
    ],
    [
      "one exception, in a test and in a program that was only started",
      ["exception:NumberFormatException", "at:Main.java:14", "message:java.lang.NumberFormatException: For input string: '33,25'"],
      ["at:T.java:10", "test:T.crates", "message:java.lang.NumberFormatException: For input string: '33,25'"],
    ],
    [
      "what a file of tests threw, and a bundler that says it without the exception's name",
      ["at:card.test.ts:1", "suite:test/card.test.ts", "message:SyntaxError: Element is missing end tag."],
      ["at:Card.vue:15", "message:Element is missing end tag."],
    ],
    [
      "two suites' tests of one thing",
      ["at:item.test.js:8", "test:item > groups seats by zone", "message:expect(received).toEqual(expected) // deep equality"],
      ["at:house.spec.js:12", "test:house > groups the house by zone", "message:Expected values to be strictly deep-equal: {"],
    ],
    [
      "two suites' tests that found the same",
      ["at:item.test.js:8", "test:item > counts the days left", "message:expect(received).toBe(expected) Expected: 3 Received: 17"],
      ["at:larder.spec.js:17", "test:larder > best before", "message:Expected values to be strictly equal: 17 !== 3"],
    ],
    [
      "a program of tests that hangs, and a test in the file that it is made from",
      ["timeout", "test:stream", "message:Timeout 8.00 sec"],
      ["at:stream_test.cpp:22", "test:finds its way back", "message:test case CRASHED: SIGTERM - Termination request signal"],
    ],
    [
      "a test that hangs, and a job that waited for it",
      ["timeout", "test:stream", "message:Timeout 8.00 sec"],
      ["job:timeout", "message:The action 'Test' has timed out after 1 minutes."],
    ],
    [
      "a signal, and a sanitizer's report on memory",
      ["crash:abort", "message:Aborted (core dumped)"],
      ["sanitizer:heap-buffer-overflow", "frame:index_add", "at:index.c:43", "message:ERROR: AddressSanitizer: heap-buffer-overflow"],
    ],
    [
      "a death that UBSan sees before",
      ["crash:segv", "message:Segmentation fault"],
      ["undefined-behavior", "at:signal.cpp:11", "message:member access within null pointer of type 'const Block'"],
    ],
    [
      "a message, and what passes it on",
      ["message:Failed to parse pyproject.toml: Unclosed array in tool.black"],
      ["at:pyproject.toml:9", "message:Unclosed array in tool.black"],
    ],
    [
      "one name, to a compiler and to whoever loads its module",
      ["at:spool.c:18", "code:implicit-function-declaration", "message:implicit declaration of function 'napi_create_u32'"],
      ["message:spool.node: symbol lookup failed: napi_create_u32"],
    ],
  ])("calls the same: %s", (_, a, b) => {
    expect(similarity(signature(a), signature(b))).toBeGreaterThanOrEqual(0.7);
  });

  test.each([
    [
      "a type checker's error, and what else its module's test finds",
      ["at:history.ts:24", "code:TS2322", "message:Type 'undefined' is not assignable to type 'string'."],
      ["at:history.test.ts:36", "test:History > forgets", "message:AssertionError: expected 'add 1' to be undefined"],
    ],
    [
      "a function that returns a tuple for a list, and what another test of its module finds",
      ["at:money.py:45", "code:return-value"],
      ["at:test_money.py:20", "test:MoneyTest.test_split", "message:AssertionError: Lists differ: [33, 33, 34] != [34, 33, 33]"],
    ],
    [
      "a file of tests that does not load, and a test of it that ran elsewhere",
      ["missing-module:left-pad", "exception:Error", "suite:test/pad.test.js", "message:Error: Failed to load url left-pad"],
      ["at:pad.test.js:8", "test:pads", "message:AssertionError: expected 'a' to be 'b'", "suite:test/pad.test.js"],
    ],
    [
      "a file that does not parse, and a test that ran elsewhere",
      ["exception:SyntaxError", "at:pad.js:3", "suite:test/pad.test.js", "message:SyntaxError: Unexpected token (3:1)"],
      ["at:pad.test.js:8", "test:pads", "message:expect(received).toBe(expected)", "suite:test/pad.test.js"],
    ],
    [
      "a package that is not built, and a test of it",
      ["undeclared:level", "at:kv.go:3", "suite:example.org/kv", "message:undefined: level"],
      ["at:kv_test.go:8", "test:TestFades", "message:got 1, want 2", "suite:example.org/kv"],
    ],
    [
      "a function that was not linked, and one that ran in the same line",
      ["undefined-symbol:indent_block", "at:store_test.cpp:63", "message:undefined reference to 'indent_block'"],
      ["at:store_test.cpp:63", "test:Indent.Block", "message:Expected equality of these values: indent_block('a', 2)"],
    ],
    [
      "one package, by a name that is not found and by a proxy that refuses",
      ["network:dns", "missing-package:tabs", "message:Retrying (Retry(total=0, read=None)) after connection broken"],
      ["network:refused", "missing-package:tabs", "message:Retrying (Retry(total=0, read=None)) after connection broken"],
    ],
    [
      "a list where another type was meant, and a wrong item of another",
      ["at:stock.py:16", "code:assignment"],
      ["at:test_stock.py:43", "test:StockTest.test_low", "message:AssertionError: Lists differ: ['1-4'] != ['2-1']"],
    ],
    [
      "one runner's tests that hang",
      ["at:slots.test.js:34", "test:Planner > tells who waits", "message:thrown: 'Exceeded timeout of <duration> for a test."],
      ["at:slots.test.js:51", "test:Planner > gives up", "message:thrown: 'Exceeded timeout of <duration> for a test."],
    ],
    ["two headers of one folder", ["missing-include:mixer/fade.h", "at:gain.cpp:2"], ["missing-include:mixer/route.h", "at:bus.cpp:4"]],
    [
      "one test, two assertions",
      ["at:t.cpp:53", "test:Path.Join", "message:Expected equality: join_path('a', 'b')"],
      ["at:t.cpp:58", "test:Path.Join", "message:Expected equality: extension('x')"],
    ],
    [
      "one symbol, missing here, called wrongly there",
      ["argument-count:page_tag", "at:f.cpp:39"],
      ["undefined-symbol:page_tag", "at:f.cpp:35"],
    ],
    ["one kind of exception", ["exception:TypeError", "at:a.js:1", "test:A"], ["exception:TypeError", "at:b.js:2", "test:B"]],
    [
      "one test, two of the language's exceptions",
      ["exception:TypeError", "at:base.py:359", "test:T.order", "message:TypeError: 'int' object is not callable"],
      ["exception:TypeError", "at:base.py:105", "test:T.order", "message:TypeError: can only concatenate str"],
    ],
    ["one lint rule, two places", ["at:a.py:1", "code:F401", "unused:re"], ["at:b.py:1", "code:F401", "unused:os"]],
    ["one unused name, in two files", ["unused:os", "at:a.py:1", "code:F401"], ["unused:os", "at:b.py:1", "code:F401"]],
    ["one property of nothing, in two places", ["null-access:length", "at:a.js:10"], ["null-access:length", "at:a.js:50"]],
    [
      "one test, two panics",
      ["panic", "at:lib.rs:88", "test:roundtrip", "message:panicked at lib.rs: assertion 'left == right' failed"],
      ["panic", "at:lib.rs:81", "test:roundtrip", "message:panicked at lib.rs: called 'Result::unwrap()' on an 'Err' value"],
    ],
    [
      "one test, a panic and a check that failed",
      ["panic", "at:decode.go:18", "test:TestDecode", "message:runtime error: index out of range [0]"],
      ["at:decode_test.go:31", "test:TestDecode", "message:got 3 fields, want 2"],
    ],
    [
      "one test, two sanitizers' reports of two functions",
      ["sanitizer:heap-buffer-overflow", "frame:utf8::next", "at:utf8.cpp:66", "test:Utf8.Cut"],
      ["sanitizer:heap-use-after-free", "frame:Cursor::peek", "at:cursor.cpp:14", "test:Utf8.Cut"],
    ],
    ["one test, dead here and hanging there", ["crash:segv", "test:reconnect"], ["timeout", "test:reconnect"]],
    ["one test, the network here and the code there", ["network:dns", "test:fetch"], ["at:f.py:3", "test:fetch"]],
    ["one program of tests, other tests of it", ["test:t_wire", "numbers:16"], ["test:t_wire", "numbers:2, 17-19"]],
    ["two programs of tests that died in one way", ["crash:bus", "suite:gain"], ["crash:bus", "suite:bus"]],
    [
      "a death on the way from a file of tests, and a failure in another",
      ["sanitizer:heap-buffer-overflow", "frame:ring_push", "at:ring.c:25", "within:t_ring.c"],
      ["at:t_wire.c:18", "test:32 bits come back", "message:got: 10 expected: 14"],
    ],
    ["an unused name, and a test of its module", ["at:plan.ts:17", "code:TS6133", "unused:x"], ["at:plan.test.ts:9", "test:labels months"]],
    [
      "two tests that compare the same values",
      ["at:a_test.go:3", "test:TestA", "message:Failed 0.41 sec"],
      ["at:b_test.go:9", "test:TestB", "message:Failed 0.41 sec"],
    ],
    [
      "two faults of a runner, told by one name",
      ["runner:lost", "message:The hosted runner of GitHubActions lost communication"],
      ["job:timeout", "message:The job on GitHubActions has exceeded its time"],
    ],
    [
      "two suites' tests that found what many find",
      ["at:item.test.js:8", "test:item > counts the days left", "message:expect(received).toBe(expected) Expected: 200 Received: 500"],
      ["at:larder.spec.js:17", "test:larder > best before", "message:Expected values to be strictly equal: 500 !== 200"],
    ],
    [
      "two tests of one runner with names alike",
      ["at:name.test.js:8", "test:name > rejects an empty name", "message:expect(received).toThrow(expected)"],
      ["at:price.test.js:17", "test:price > rejects an empty price", "message:expect(received).toBe(expected) // Object.is equality"],
    ],
    [
      "two tests with names alike, of runners that may be one",
      ["at:test_name.py:8", "test:NameTest.test_rejects_empty_name", "message:AssertionError: ValueError not raised"],
      ["at:test_price.py:17", "test:PriceTest.test_rejects_empty_price", "message:AssertionError: None is not true"],
    ],
    [
      "two tests of one suite that found the same",
      ["at:item.test.js:8", "test:item > counts the days left", "message:expect(received).toBe(expected) Expected: 3 Received: 17"],
      ["at:item.test.js:17", "test:item > best before", "message:expect(received).toBe(expected) Expected: 3 Received: 17"],
    ],
    ["a signal, and a leak", ["crash:abort", "message:Aborted (core dumped)"], ["sanitizer:detected memory leaks", "at:index.c:43"]],
    [
      "one name, in two places",
      ["at:a.c:3", "message:'page_tag' is deprecated here"],
      ["at:b.c:9", "message:'page_tag' takes another type"],
    ],
    ["the network and the code", ["network:dns"], ["at:a.c:1", "undeclared:foo"]],
    ["two faults of the machine", ["network:dns"], ["disk:full"]],
    ["two failures that say nothing", [], []],
  ])("calls different: %s", (_, a, b) => {
    expect(similarity({ ...signature(a), id: "a" }, { ...signature(b), id: "b" })).toBeLessThan(0.7);
  });
});

describe("compare()", () => {
  test("tells what both sides state and what only one does", () => {
    expect(compare(signature(["at:a.c:1", "code:X1"]), signature(["at:a.c:1", "undeclared:foo"]))).toEqual({
      similarity: 0.945,
      matched: ["at:a.c:1"],
      unmatched: ["code:X1", "undeclared:foo"],
    });
  });

  test("tells by lines when a side has no facts", () => {
    expect(compare(signature([], ["plasma is out", "x"]), signature([], ["plasma is out", "y"]))).toMatchObject({
      matched: ["plasma is out"],
      unmatched: ["x", "y"],
    });
  });
});

describe("group()", () => {
  test("opens a cause for each new failure and joins the others to theirs", () => {
    expect(group([failure(["at:a.c:1"]), failure(["at:b.c:2"]), failure(["at:a.c:1", "code:X"]), failure([], true)])).toEqual({
      groups: [[0, 2], [1]],
      unrecognized: [3],
    });
  });

  test("compares with what opened a cause, and with what the first three that joined had to add", () => {
    expect(group([failure(["at:a.c:1"]), failure(["at:a.c:1", "undeclared:foo"]), failure(["undeclared:foo"])]).groups).toEqual([
      [0, 1, 2],
    ]);
    const joining = ["p", "q", "r", "s"].map((name) => failure(["at:a.c:1", `undeclared:${name}`]));
    expect(group([failure(["at:a.c:1"]), ...joining, failure(["undeclared:r"]), failure(["undeclared:s"])]).groups).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6],
    ]);
  });

  test("passes no guess on: a type checker's error is like a TypeError in its file, and what shares its place is not", () => {
    const places = failure(["at:levels.js:8", "undeclared:groupBy"]);
    const types = failure(["at:levels.js:8", "code:TS2339"]);
    const said = "message:TypeError: levels.map is not a function";
    const tested = failure(["at:levels.js:24", "test:levels > takes the earlier peak", "exception:TypeError", said]);
    expect(compare(types, tested).similarity).toBe(0.7);
    expect(group([places, types, tested]).groups).toEqual([[0, 1], [2]]);
  });

  test("contradicts no claim through another: of one test, two assertions, and a report that names no place", () => {
    const asserted = (line: number, said: string) => failure([`at:test_report.py:${line}`, "test:ReportTest.summary", `message:${said}`]);
    const [pages, day] = [asserted(8, "AssertionError: (11, 21) != (11, 20)"), asserted(7, "AssertionError: today is not yesterday")];
    const bare = failure(["test:ReportTest.summary", "message:AssertionError: today is not yesterday"]);
    expect(group([pages, bare, day]).groups).toEqual([[0, 1], [2]]);
  });

  test("joins what claimed the same before what only was added to another", () => {
    const bridge = failure(["at:a.c:1", "at:b.c:2"]);
    expect(group([failure(["at:a.c:1"]), bridge, failure(["at:b.c:2"])]).groups).toEqual([[0, 1, 2]]);
    expect(group([failure(["at:a.c:1"]), failure(["at:b.c:2"]), bridge, failure(["at:b.c:2"])]).groups).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });
});

/** What changes from job to job, and must not change what failed. */
const TOLD = [
  "src/rate.c: In function 'tw_rate':",
  "src/rate.c:4:12: error: implicit declaration of function 'tw_clamp' [-Werror=implicit-function-declaration]",
  "    4 |   micros = tw_clamp(micros);",
  "      |            ^~~~~~~~",
  "cc1: all warnings being treated as errors",
  "make: *** [Makefile:14: out/rate.o] Error 1",
];
const NOISE = [
  "gcc -c src/buf.c -o out/buf.o",
  "[ 12%] Building C object out/name.o",
  "ok 12 - parser reports an error",
  "src/old.c:3:1: warning: unused variable 'failed' [-Wunused-variable]",
];

const CHANGES: readonly (readonly [string, fc.Arbitrary<(lines: readonly string[]) => readonly string[]>])[] = [
  [
    "another checkout",
    fc
      .constantFrom("/home/runner/work/p/p/", "D:\\a\\p\\p\\", "/mnt/c/p/", "/builds/acme/p/", "../", "")
      .map((root) => (lines) => lines.map((line) => line.replaceAll("src/rate.c", `${root}src/rate.c`))),
  ],
  [
    "time stamps",
    fc
      .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
      .map((date) => (lines) => lines.map((line) => `${date.toISOString()} ${line}`)),
  ],
  [
    "a job's name, as gh prints it",
    fc
      .stringMatching(/^[a-z0-9-]{1,20}$/)
      .map((job) => (lines) => lines.map((line) => `${job}\tBuild\t2026-11-22T07:06:46.1464137Z ${line}`)),
  ],
  ["colours", fc.constant((lines: readonly string[]) => lines.map((line) => line.replace(/error/, "\x1b[01;31m\x1b[Kerror\x1b[m\x1b[K")))],
  ["CRLF", fc.constant((lines: readonly string[]) => lines.map((line) => `${line}\r`))],
  ["a job number", fc.nat(64).map((jobs) => (lines) => [`make -j${jobs}`, ...lines])],
  [
    "another make",
    fc.constantFrom("gmake", "mingw32-make", "make[2]").map((make) => (lines) => lines.map((line) => line.replace(/^make:/, `${make}:`))),
  ],
];

describe("readFailure() tells the same failure whatever stands around it:", () => {
  const read = (lines: readonly string[]): Promise<Failure> => readFailure(bytesOf(lines.join("\n")));

  test.each(CHANGES)("%s", async (_, change) => {
    const plain = await read(TOLD);
    await fc.assert(
      fc.asyncProperty(change, async (apply) => {
        const changed = await read(apply(TOLD));
        expect({ id: changed.id, title: changed.title }).toEqual({ id: plain.id, title: plain.title });
      }),
      { numRuns: 20 },
    );
  });

  test("other jobs' lines between", async () => {
    const plain = await read(TOLD);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(TOLD.length), fc.constantFrom(...NOISE)), { maxLength: 20 }), async (insertions) => {
        const lines = [...TOLD];
        for (const [at, line] of insertions) lines.splice(at, 0, line);
        expect((await read(lines)).id).toBe(plain.id);
      }),
      { numRuns: 50 },
    );
  });

  test("any bytes: it never throws, and keeps its bounds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), fc.integer({ min: 1, max: 500 }), async (bytes, size) => {
        const { facts, lines, title } = await readFailure(bytesOf(bytes, size));
        expect([facts.length <= 60, lines.length <= 40, title.length > 0]).toEqual([true, true, true]);
      }),
      { numRuns: 200 },
    );
  });

  test("a signature fits into a commit message", async () => {
    const flood = Array.from(
      { length: 5_000 },
      (_, index) =>
        `src/${"deep/".repeat(50)}file${index}.cpp:${index}:1: error: use of undeclared identifier '${"x".repeat(200)}${index}'`,
    );
    expect(JSON.stringify(await read(flood)).length).toBeLessThan(20_000);
  });
});
