/**
 * The title names the failure: a table of logs, each also with megabytes of passing noise around it.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { passingOutput } from "../lib/sandbox/passing.ts";
import { readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

const LOGS = new URL("fixtures/logs/", import.meta.url);
const titles = (await Bun.file(new URL("titles.tsv", LOGS)).text())
  .trim()
  .split("\n")
  .slice(1)
  .map((row) => row.split("\t") as [log: string, title: string]);

/** Forms of tools, each after the title it should have. */
const forms = (await Bun.file(new URL("fixtures/tools/titles.txt", import.meta.url)).text())
  .split(/^@@ /m)
  .slice(1)
  .map((section) => [section.slice(0, section.indexOf("\n")), section.slice(section.indexOf("\n") + 1)] as [title: string, log: string]);

/** Two megabytes of a job that passes, all of them names with bad words. */
const BAD_WORDS = Array.from(
  { length: 20_000 },
  (_, index) =>
    [
      `ok ${index} - parser reports an error: case ${index}`,
      `tests/test_parse.py::test_invalid_input_fails[${index}] PASSED [ 12%]`,
      `[       OK ] ErrorTest.FailsOnCase${index} (0 ms)`,
      `gcc -Wall -Werror -c src/error${index}.c -o build/error${index}.o`,
      `test errors::tests::not_found_${index} ... ok`,
      `src/legacy.cpp:${(index % 300) + 1}:9: warning: unused variable 'failed' [-Wunused-variable]`,
    ][index % 6],
).join("\n");
/** What many tools print while all is well, long enough that whatever is kept first is full. */
const PASSING = passingOutput(20_000_000, 1);
/** A service under test that logs errors of its own. */
const LOGGED = Array.from(
  { length: 40_000 },
  (_, index) =>
    `2026-01-05 10:11:${(index % 50) + 10},${(index % 900) + 100} ERROR com.acme.Handler - request ${index.toString(36)} failed: ${index.toString(26)} expected`,
).join("\n");

describe("readFailure() gives the title a person would:", () => {
  test.each(titles)("%s", async (log, title) => {
    const failure = await readFailure(Bun.file(new URL(log, LOGS)).stream());
    expect(failure.title).toBe(title);
    expect(failure.unrecognized).toBe(false);
  });
});

describe("readFailure() finds in a tool's own form:", () => {
  test.each(forms)("%s", async (title, log) => {
    const failure = await readFailure(bytesOf(log));
    expect(failure.title).toBe(title);
    expect(failure.unrecognized).toBe(false);
  });
});

describe("readFailure() gives the same title within megabytes of passing noise:", () => {
  const within = async (noise: string, log: string): Promise<string> => {
    const text = await Bun.file(new URL(log, LOGS)).text();
    return (await readFailure(bytesOf(`${noise}\n${text}\n${noise}\n##[error]Process completed with exit code 1.\n`, 65_536))).title;
  };
  const some = titles.filter((_, index) => index % 8 === 0);

  test.each(some)("names with bad words, %s", async (log, title) => expect(await within(BAD_WORDS, log)).toBe(title));
  test.each(some)("many tools, %s", async (log, title) => expect(await within(PASSING, log)).toBe(title));
  test.each(some)("a service that logs errors, %s", async (log, title) => expect(await within(LOGGED, log)).toBe(title));
});

describe("readFailure() ends where the service's last error stands, when nothing is known:", () => {
  const [failed, after] = ["2026-03-01T13:46:48.1Z took a wrong turn at the mixer", "2026-03-01T13:46:48.3Z put the faders back"];
  const mark = "2026-03-01T13:46:48.2Z ##[error]Process completed with exit code 1.";
  test.each([
    ["what is tidied up passed", [failed, mark, after], "took a wrong turn at the mixer"],
    ["of two errors the last ends it", [after, mark, failed, mark], "took a wrong turn at the mixer"],
    ["without a mark the log ends it", [failed, after], "put the faders back"],
  ])("%s", async (_, lines, title) => expect((await readFailure(bytesOf(lines.join("\n")))).title).toBe(title));
});
