/**
 * The script as a user calls it: a real process on real logs.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { fileURLToPath } from "node:url";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const SCRIPT = fileURLToPath(new URL("../scripts/signature.ts", import.meta.url));
const LOGS = fileURLToPath(new URL("fixtures/logs/", import.meta.url));
const GCC = `${LOGS}infra-style-vs-build/linux-arm64-gcc12.log`;
const CLANG = `${LOGS}infra-style-vs-build/linux-x64-clang14.log`;
const STYLE = `${LOGS}infra-style-vs-build/linux-x64-clang16.log`;

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function signature(args: readonly string[], stdin = ""): Promise<Result> {
  const child = Bun.spawn([process.execPath, SCRIPT, ...args], { stdin: new Blob([stdin]), stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, stderr };
}

describe("signature.ts", () => {
  test("shows what failed and by what it is identified", async () => {
    const { code, stdout, stderr } = await signature([GCC]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toInclude("rate.c: implicit declaration of function 'tw_clamp'");
    expect(stdout).toInclude("    undeclared:tw_clamp\n");
  });

  test("--json prints one document with the promised keys and nothing else", async () => {
    const { code, stdout, stderr } = await signature(["--json", GCC]);
    const document = JSON.parse(stdout);
    expect({ code, stderr, keys: Object.keys(document) }).toEqual({
      code: 0,
      stderr: "",
      keys: ["id", "title", "lines", "facts", "bytes", "unrecognized"],
    });
    expect(document).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{16}$/), unrecognized: false, bytes: Bun.file(GCC).size });
  });

  test("reads standard input for -", async () => {
    const piped = await signature(["-", "--json"], await Bun.file(GCC).text());
    expect(JSON.parse(piped.stdout)).toEqual(JSON.parse((await signature([GCC, "--json"])).stdout));
  });

  test("says so when a log only says that something failed", async () => {
    const { code, stdout } = await signature(["-"], "##[error]Process completed with exit code 1.\n");
    expect(code).toBe(0);
    expect(stdout).toInclude("unrecognized: says nothing of a cause");
  });

  test("says so when the machine failed", async () => {
    expect((await signature(["-"], "curl: (6) Could not resolve host: acme.example\n")).stdout).toInclude(
      "infrastructure: the machine failed, not the code",
    );
  });

  test("compare tells one cause, and what both logs say of it", async () => {
    const { code, stdout } = await signature(["compare", GCC, CLANG, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ same: true, matched: expect.arrayContaining(["undeclared:tw_clamp", "at:rate.c:4"]) });
  });

  test("compare tells two causes, in words", async () => {
    const { code, stdout } = await signature(["compare", GCC, STYLE]);
    expect(code).toBe(0);
    expect(stdout).toStartWith("different causes: similarity ");
  });

  test("compare never calls two silent logs the same", async () => {
    expect(JSON.parse((await signature(["compare", "--json", "-", "/dev/null"])).stdout).same).toBe(false);
  });

  test("group puts each log under its cause, named as given", async () => {
    const { stdout } = await signature(["group", "--json", GCC, STYLE, CLANG, "/dev/null"]);
    expect(JSON.parse(stdout)).toEqual({
      groups: [
        { cause: expect.any(String), title: expect.stringContaining("tw_clamp"), files: [GCC, CLANG] },
        { cause: expect.any(String), title: "table.c: line too long (127)", files: [STYLE] },
      ],
      unrecognized: ["/dev/null"],
    });
  });

  test("--help shows a real example", async () => {
    const { code, stdout } = await signature(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toInclude("gh run view 1234 --log-failed | bun run scripts/signature.ts -");
  });

  test.each([
    [["--jsn", GCC], "signature.ts: unknown option '--jsn' (Did you mean --json?)\n"],
    [["no-such.log"], "signature.ts: cannot read no-such.log: no such file\n"],
    [[LOGS], `signature.ts: cannot read ${LOGS}: it is a folder\n`],
    [[], 'signature.ts: no log given: name a file, or "-" for standard input\n'],
    [["compare", GCC], "signature.ts: missing required argument 'b'\n"],
    [["group", "--wide", GCC], "signature.ts: unknown option '--wide'\n"],
  ])("called wrongly with %j it says so in one line and exits 2", async (args, stderr) => {
    expect(await signature(args)).toEqual({ code: 2, stdout: "", stderr });
  });
});
