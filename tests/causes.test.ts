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

const text = await Bun.file(new URL("fixtures/tools/causes.txt", import.meta.url)).text();
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
