/**
 * What real tools printed of one commit's failures, cut down to what identifies them: which of them are one cause.
 *
 * In the fixture `## ` begins a commit and `@@ cause flavor` a log of it.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { group } from "../lib/groups.ts";
import { readFailure } from "../lib/signature.ts";
import { bytesOf } from "./bytes.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

type Log = { readonly cause: string; readonly flavor: string; readonly text: string };

const text = await Bun.file(new URL("fixtures/tools/printed.txt", import.meta.url)).text();
const commits = text
  .split(/^## /m)
  .slice(1)
  .map((commit): readonly [string, readonly Log[]] => {
    const [head = "", ...logs] = commit.split(/^@@ /m);
    return [head.trim(), logs.map(logOf)];
  });

function logOf(block: string): Log {
  const [head = "", ...lines] = block.split("\n");
  const [cause = "", flavor = ""] = head.split(" ");
  return { cause, flavor, text: lines.join("\n") };
}

describe("group() parts a commit's failures by their causes:", () => {
  test.each(commits)("%s", async (_, logs) => {
    const failures = await Promise.all(logs.map((log) => readFailure(bytesOf(log.text))));
    const found = group(failures).groups.map((members) => members.map((index) => logs[index]?.flavor));
    const wanted = [...Map.groupBy(logs, ({ cause }) => cause).values()].map((same) => same.map(({ flavor }) => flavor));
    expect(found).toEqual(wanted);
  });
});

/** What a service, a container or a runner of scripts writes before each line that it passes on. */
const RELAYS = [
  "tests-1  | ",
  "tests_1     | ",
  "web:test: ",
  "packages/core test: ",
  "@acme/core: ",
  "[CI/build]   | ",
  "[10:00:00] ",
  "#12 3.456 ",
  "2026-02-03T10:00:00.000000Z 01O ",
  "[task 2026-02-03T10:00:00.000Z] ",
  "\x1b_bk;t=1700000000000\x07",
  "\x1b[0K",
];

describe("readFailure() sees through what is written before each line:", () => {
  test.each(RELAYS)("%j", async (relay) => {
    const logs = commits.flatMap(([, all]) => all);
    const seen = await Promise.all(logs.map((log) => readFailure(bytesOf(log.text))));
    const relayed = await Promise.all(logs.map((log) => readFailure(bytesOf(log.text.replace(/^/gm, relay)))));
    for (const [index, failure] of relayed.entries()) expect([logs[index], failure.title]).toEqual([logs[index], seen[index]?.title ?? ""]);
  });
});
