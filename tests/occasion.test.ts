import { expect, test } from "bun:test";
import { occasionOf, statusOf } from "../lib/occasion.ts";

const sha = "5ca1ab1e".repeat(5);
const trailers = `Fixonce-Coordination: ${sha}\nFixonce-Claim: 2`;
const fix = { kind: "fix", coordination: sha, claim: 2 } as const;

test.each([
  ["an ordinary branch", "main", "Tidy up", { kind: "commit" }],
  ["a merged fix, trailers and all", "main", `Repair\n\n${trailers}\n`, { kind: "commit" }],
  ["a fix", "autonomous-fix-5ca1ab1", `Repair\n\nWhy.\n\n${trailers}\n`, fix],
  ["the fix of a further cause", "autonomous-fix-5ca1ab1-2", `Repair\n\n${trailers}`, fix],
  ["a commit of a person on it", "autonomous-fix-5ca1ab1", "Better so\n", { kind: "person" }],
  ["trailers in a text, and none at the end", "autonomous-fix-5ca1ab1", `Repair\n\n${trailers}\n\nSigned-off-by: Ada`, { kind: "person" }],
  ["a short name of a commit", "autonomous-fix-5ca1ab1", "Repair\n\nFixonce-Coordination: 5ca1ab1\nFixonce-Claim: 2", { kind: "person" }],
  ["no claim", "autonomous-fix-5ca1ab1", `Repair\n\nFixonce-Coordination: ${sha}\nFixonce-Claim: 0`, { kind: "person" }],
] as const)("occasionOf() knows %s", (_name, branch, message, expected) => {
  expect(occasionOf(branch, message)).toEqual(expected);
});

test("statusOf() takes our words and those of Actions, and no others", () => {
  expect(["passed", "success", "failed", "failure", "cancelled", "skipped", ""].map(statusOf)).toEqual([
    ...(["passed", "passed", "failed", "failed", "cancelled"] as const),
    undefined,
    undefined,
  ]);
});
