/**
 * The title names the failure: a table of logs, each also with megabytes of passing noise around it.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
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

/** Two megabytes of a job that passes: names of tests with bad words, warnings, commands with bad file names. */
const NOISE = Array.from(
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

describe("readFailure() gives the title a person would:", () => {
  test.each(titles)("%s", async (log, title) => {
    const failure = await readFailure(Bun.file(new URL(log, LOGS)).stream());
    expect(failure.title).toBe(title);
    expect(failure.unrecognized).toBe(false);
  });
});

describe("readFailure() gives the same title within megabytes of passing noise:", () => {
  test.each(titles.filter((_, index) => index % 8 === 0))("%s", async (log, title) => {
    const text = await Bun.file(new URL(log, LOGS)).text();
    const failure = await readFailure(bytesOf(`${NOISE}\n${text}\n${NOISE}\n##[error]Process completed with exit code 1.\n`, 65_536));
    expect(failure.title).toBe(title);
  });
});
