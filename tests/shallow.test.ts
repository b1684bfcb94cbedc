import { expect, test } from "bun:test";
import { join } from "node:path";
import { gitReads, openGit } from "../lib/io/git.ts";
import { openGithub } from "../lib/io/github.ts";
import { githubRefs } from "../lib/io/refs.ts";
import { prefixOf } from "../lib/refs.ts";
import { here, scene } from "./sandbox.ts";

test("gitReads() brings the facts, not the history, into the shallow checkout of a pull request's merge commit", async () => {
  await using at = await scene();
  // A branch of 30 commits, and the merge commit that GitHub makes of it: the checkout has that one alone.
  const clone = await at.clone("person");
  const environment = process.env;
  const person = openGit({ cwd: clone, url: at.repo.gitUrl, token: at.token, environment });
  await person.must("checkout", "--quiet", "-b", "topic");
  for (let i = 0; i < 30; i++) await person.must("commit", "--quiet", "--allow-empty", "-m", `step ${i}`);
  const head = await person.must("rev-parse", "HEAD");
  await person.must("checkout", "--quiet", "-b", "merged", "main");
  await person.must("merge", "--quiet", "--no-ff", "-m", "merge", "topic");
  await Bun.write(join(clone, "fix.txt"), "fixed\n");
  await person.must("checkout", "--quiet", "-b", "fix", head);
  await person.must("add", "fix.txt");
  await person.must("commit", "--quiet", "-m", "fix");
  const fix = await person.must("rev-parse", "HEAD");
  await person.must("push", "--quiet", at.repo.gitUrl, "topic", "merged", `fix:${prefixOf(head)}verdicts/1/linux/passed`);

  const cwd = join(at.folder, "runner");
  await person.must("clone", "--quiet", "--depth", "1", "--branch", "merged", at.repo.gitUrl, cwd);
  const runner = openGit({ cwd, url: at.repo.gitUrl, token: at.token, environment });
  expect((await runner.run("cat-file", "-e", head)).code).not.toBe(0);

  const github = openGithub({ token: at.token, apiUrl: at.github.url, ...here, sleep: Bun.sleep, random: Math.random });
  const { refs } = await gitReads(runner, githubRefs(github, head), Date.now).list(prefixOf(head));

  expect(refs).toEqual([{ name: `${prefixOf(head)}verdicts/1/linux/passed`, sha: fix, type: "commit" }]);
  expect(await runner.must("show", `${fix}:fix.txt`)).toBe("fixed");
  expect(Number(await runner.must("rev-list", "--all", "--count"))).toBe(2);
  expect(await runner.ensure(head)).toBe(true);
  expect(Number(await runner.must("rev-list", "--all", "--count"))).toBe(2);

  // With what the commit changed, and not more; a whole checkout stays whole.
  expect(await runner.ensure(head, { parent: true })).toBe(true);
  expect(await runner.must("diff", "--stat", `${head}^`, head)).toBe("");
  expect((await runner.run("rev-parse", "--verify", "--quiet", `${head}^^^`)).code).not.toBe(0);
  expect(await person.ensure(head, { parent: true })).toBe(true);
  expect(await person.must("rev-parse", "--is-shallow-repository")).toBe("false");
});
