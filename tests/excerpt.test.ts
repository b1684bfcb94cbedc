import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { excerpt } from "../lib/excerpt.ts";
import { readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const ERROR = "src/app.cpp:3:10: fatal error: acme/config.h: No such file or directory";
const TITLE = "app.cpp: config.h: No such file or directory";

const textsOf = async (text: string | Uint8Array, size?: number): Promise<readonly string[]> =>
  (await excerpt(bytesOf(text, size))).lines.map((line) => line.text);
const passing = (count: number): string =>
  Array.from({ length: count }, (_, index) => `[${index}/${count}] Building CXX object part${index}.o`).join("\n");

/** A log of some megabytes, made as it is read, never held. */
async function* endless(megabytes: number, block: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(block.repeat(Math.ceil(1_000_000 / block.length)));
  for (let count = 0; count < megabytes; count++) yield bytes;
}

describe("excerpt()", () => {
  test("keeps every line when the log is short", async () => {
    expect(await textsOf("one\ntwo\nthree")).toEqual(["one", "two", "three"]);
  });

  test("counts the bytes it read, whatever their encoding", async () => {
    expect((await excerpt(bytesOf(Buffer.from("\ufeffab\r\n", "utf16le")))).bytes).toBe(10);
  });

  test("keeps a line with a keyword and its neighbours when it stands in the middle of a long log", async () => {
    const lines = await textsOf(`${passing(4_000)}\nbefore\n${ERROR}\nafter\n${passing(4_000)}`);
    const at = lines.indexOf(ERROR);
    expect(lines.slice(at - 1, at + 2)).toEqual(["before", ERROR, "after"]);
    expect(lines.length).toBeLessThan(1_500);
  });

  test("keeps the end of a log whole, since unknown tools speak there", async () => {
    const lines = await textsOf(`${passing(40_000)}\nthe frobnicator is out of plasma\nbye`);
    expect(lines.slice(-2)).toEqual(["the frobnicator is out of plasma", "bye"]);
  });

  test.each([1, 3, 7, 64, 4_096])("gives the same lines when the log comes in pieces of %d bytes", async (size) => {
    const log = `${passing(300)}\n${ERROR}\n${passing(300)}\n\u25cf Suite \u203a caf\u00e9\n`;
    expect(await textsOf(log, size)).toEqual(await textsOf(log));
  });

  test.each([
    ["UTF-16 with a mark", Buffer.from(`\ufeff${passing(50)}\r\n${ERROR}\r\n`, "utf16le")],
    ["UTF-16 without", Buffer.from(`${passing(50)}\r\n${ERROR}\r\n`, "utf16le")],
    ["UTF-16, the other way round", Buffer.from(`\ufeff${ERROR}\r\n`, "utf16le").swap16()],
    ["CRLF", Buffer.from(`${passing(50)}\r\n${ERROR}\r\n`)],
    ["carriage returns alone", Buffer.from(`progress 1%\rprogress 2%\r${ERROR}\r`)],
    ["broken bytes", Buffer.concat([Buffer.from([0xff, 0xc3, 0x28, 0x0a]), Buffer.from(`${ERROR}\n`), Buffer.from([0x80, 0xfe])])],
  ])("readFailure() reads %s", async (_, bytes) => {
    expect((await readFailure(bytesOf(bytes, 5))).title).toBe(TITLE);
  });

  test("keeps no more than its bound when every line has a keyword", async () => {
    const lines = await textsOf(
      Array.from(
        { length: 60_000 },
        (_, index) => `error: ${String.fromCharCode(97 + (index % 26), 97 + (index % 25), 97 + (index % 23))} failed`,
      ).join("\n"),
    );
    expect(lines.length).toBeLessThan(8_000);
  });

  test("cuts a line of a hundred megabytes without holding it", async () => {
    const before = process.memoryUsage().rss;
    const { lines } = await excerpt(endless(100, "x error y "));
    expect(Math.max(...lines.map((line) => line.text.length))).toBeLessThanOrEqual(2_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(120_000_000);
  });

  test.each(["", "\n", "\n##[error]Process completed with exit code 1.\n"])(
    "reads no bytes of an earlier block when a progress bar fills the end of the log, ended by %j",
    async (end) => {
      const old = `${"x".repeat(100)} error: undefined reference to 'foo'\n`;
      const bar = Array.from({ length: 4_000 }, (_, index) => `\rloading ${index} of 4000`).join("");
      const log = `${old.repeat(Math.ceil(1_600_000 / old.length))}first of the end\n${bar}\rthe frobnicator is out of plasma${end}`;
      const lines = await textsOf(log, 65_536);
      expect(lines[lines.length - 1]?.slice(-200)).not.toContain("xxx");
      expect(lines).toContain("the frobnicator is out of plasma");
    },
  );

  test.each([
    ["a word that is looked for", `${ERROR}\n`],
    ["an empty line", `\n${ERROR}\n`],
    ["the word itself", "FAILED: first\n"],
  ])("keeps the lines of a block that begins with %s", async (_, head) => {
    const [first = "", second = ""] = head.split("\n");
    const lines = await textsOf(`${head}${passing(20_000)}\n${ERROR}2\n${passing(40_000)}`, 65_536);
    expect(lines.slice(0, 2)).toEqual(second === "" ? [first, "[0/20000] Building CXX object part0.o"] : [first, second]);
    expect(lines).toContain(`${ERROR}2`);
  });

  test("finds the error when noise of one shape would fill the bound", async () => {
    const noise = Array.from({ length: 50_000 }, (_, index) => `test ${index} failed to fail: expected error ${index}`).join("\n");
    expect(await textsOf(`${noise}\n${ERROR}\n${noise}`)).toContain(ERROR);
  });
});
