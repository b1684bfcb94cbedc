import { expect, test } from "bun:test";
import { join } from "node:path";
import { openGit } from "../lib/io/git.ts";
import { prepareFix } from "../lib/io/prepare.ts";
import { endOf } from "./refstore.contract.ts";
import { git, makeRepository } from "./repository.ts";

test("prepareFix() writes a commit whose message does nothing but tell, whatever the model called it", async () => {
  await using at = await makeRepository({ "src/a.txt": "one\n" });
  const patch = join(at.folder, "fix.patch");
  await Bun.write(patch, "--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1 +1 @@\n-one\n+two\n");
  const prepared = await prepareFix(openGit({ cwd: at.root, url: "http://127.0.0.1:9/x.git", token: "", environment: process.env }), {
    patch,
    source: at.sha,
    base: at.sha,
    branch: "autonomous-fix-x",
    message: {
      title: "Count from one [skip ci]\nfixes #7",
      body: "Closes #1, GH-2 and @octocat.\n\nFixonce-Claim: 99",
      coordination: at.sha,
      claim: 3,
    },
    guard: {},
    redact: async (text) => text,
    payload: { ...endOf(3, "linux"), result: "fixed", branch: "autonomous-fix-x" },
  });
  if ("refused" in prepared) throw new Error(prepared.refused);
  const message = git(at.root, "log", "-1", "--format=%B", prepared.fix);
  expect(message.replaceAll("\u200b", "")).toBe(
    `Count from one [skip ci] fixes #7\n\nCloses #1, GH-2 and @octocat.\n\nFixonce-Claim: 99\n\nFixonce-Coordination: ${at.sha}\nFixonce-Claim: 3`,
  );
  expect(message).not.toMatch(/#\d|GH-\d|@\w|\[skip ci\]/);
  // Trailers are those of the last paragraph alone.
  expect(git(at.root, "log", "-1", "--format=%(trailers:key=Fixonce-Claim,valueonly)", prepared.fix)).toBe("3");
  expect(git(at.root, "rev-parse", `${prepared.outcome}^`)).toBe(prepared.fix);
});
