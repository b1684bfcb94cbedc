import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { emptyTree } from "../lib/sandbox/objects.ts";
import { git, gitUrl, scene, tally } from "./sandbox.ts";

setDefaultTimeout(60_000);

describe("refs", () => {
  test("POST git/refs lets one of 50 simultaneous creations win", async () => {
    await using at = await scene();
    const sha = await at.commit("claim");
    const answers = await Promise.all(Array.from({ length: 50 }, () => at.createRef("refs/coordination/x/claims/1", sha)));
    expect(tally(answers.map((answer) => answer.status))).toEqual({ 201: 1, 422: 49 });
    expect(answers.find((answer) => answer.status === 422)?.data.message).toBe("Reference already exists");
  });

  test("POST git/refs refuses unknown objects, bad names, and parents and children of refs with 422", async () => {
    await using at = await scene();
    const sha = await at.commit("claim");
    await at.createRef("refs/coordination/x/claims/1", sha);
    const refused = async (ref: string, object = sha) => {
      const { status, data } = await at.createRef(ref, object);
      return [status, data.message];
    };
    expect(await refused("refs/heads/new", "1".repeat(40))).toEqual([422, "Object does not exist"]);
    expect(await refused("refs/heads/new", emptyTree)).toEqual([422, "Reference update failed"]);
    expect(await refused("refs/heads")).toEqual([422, "Reference name must contain at least three slash-separated components."]);
    for (const bad of [
      "refs/heads/a..b",
      "refs/heads/a b",
      "refs/heads/a.lock",
      "refs/heads/.a",
      "refs/heads/a~1",
      "refs/heads/a//b",
      "heads/a/b",
      "refs/heads/../../x",
    ]) {
      expect(await refused(bad)).toEqual([422, `${bad} is not a valid ref name.`]);
    }
    expect(await refused("refs/coordination/x")).toEqual([422, "Reference update failed"]);
    expect(await refused("refs/coordination/x/claims/1/more")).toEqual([422, "Reference update failed"]);
  });

  test("PATCH and DELETE git/refs answer 422, not 404, for a ref that does not exist", async () => {
    await using at = await scene();
    const sha = await at.commit("claim");
    const patched = await at.ask("PATCH", "~/git/refs/heads/none", { sha });
    const deleted = await at.ask("DELETE", "~/git/refs/heads/none");
    expect([patched.status, patched.data.message]).toEqual([422, "Reference does not exist"]);
    expect([deleted.status, deleted.data.message]).toEqual([422, "Reference does not exist"]);
  });

  test("PATCH git/refs without force lets one of 20 siblings win", async () => {
    await using at = await scene();
    const root = await at.commit("root");
    await at.createRef("refs/heads/work", root);
    const siblings = await Promise.all(Array.from({ length: 20 }, (_, index) => at.commit(`sibling ${index}`, [root])));
    const answers = await Promise.all(siblings.map((sha) => at.ask("PATCH", "~/git/refs/heads/work", { sha, force: false })));
    expect(tally(answers.map((answer) => answer.status))).toEqual({ 200: 1, 422: 19 });
    expect(answers.find((answer) => answer.status === 422)?.data.message).toBe("Update is not a fast forward");
    const forced = await at.ask("PATCH", "~/git/refs/heads/work", { sha: siblings[0], force: true });
    expect(forced.status).toBe(200);
  });

  test("POST git/commits makes the commit that git commit-tree makes, the message verbatim", async () => {
    await using at = await scene();
    const author = { name: "Ana Łuk", email: "ana@example.com", date: "2026-03-01T12:00:00+02:00" };
    const parent = at.repo.head() ?? "";
    for (const message of ["{}", "two\n\nlines\n", "no newline, ünïcode 🎉", "\n leading"]) {
      const { data } = await at.ask("POST", "~/git/commits", { message, tree: emptyTree, parents: [parent], author });
      const env = {
        ...Bun.env,
        ...{ GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email, GIT_AUTHOR_DATE: author.date },
        ...{ GIT_COMMITTER_NAME: author.name, GIT_COMMITTER_EMAIL: author.email, GIT_COMMITTER_DATE: author.date },
      };
      const made = Bun.spawnSync(["git", "--git-dir", at.repo.gitDir, "commit-tree", emptyTree, "-p", parent], {
        env,
        stdin: Buffer.from(message),
      });
      expect(String(data.sha)).toBe(made.stdout.toString().trim());
      expect(data.message).toBe(message);
      expect((await at.ask("GET", `~/git/commits/${data.sha}`)).data).toEqual(data);
    }
    expect((await git(at.repo.gitDir, "fsck", "--strict")).ok).toBe(true);
  });

  test("POST git/commits stamps commits without a date with the server's clock", async () => {
    await using at = await scene({ now: () => Date.UTC(2027, 0, 2, 3, 4, 5) });
    const { data, headers } = await at.ask("POST", "~/git/commits", { message: "m", tree: emptyTree });
    expect(data.committer).toEqual({
      name: "github-actions[bot]",
      email: "41898282+github-actions[bot]@users.noreply.github.com",
      date: "2027-01-02T03:04:05Z",
    });
    expect(headers.get("date")).toBe("Sat, 02 Jan 2027 03:04:05 GMT");
  });

  test("GET matching-refs matches prefixes over all namespaces, in pages", async () => {
    await using at = await scene();
    const sha = await at.commit("claim");
    for (let number = 0; number < 35; number++) await at.createRef(`refs/coordination/x/claims/${number + 100}`, sha);
    await at.createRef("refs/coordination/xy/claims/1", sha);
    const first = await at.ask("GET", "~/git/matching-refs/coordination/x");
    expect(Object.keys(first.data)).toHaveLength(30);
    expect(first.headers.get("link")).toContain('page=2>; rel="next"');
    const all = await at
      .octokit()
      .paginate("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", { owner: "acme", repo: "app", ref: "coordination/x" });
    expect(all).toHaveLength(36);
    expect(await at.ask("GET", "~/git/matching-refs/coordination/none")).toMatchObject({ status: 200, data: [] });
  });
});

describe("the bare repository", () => {
  test("a lock that git holds is waited for, then answered 422 without writing", async () => {
    await using at = await scene();
    const sha = at.repo.head() ?? "";
    const lock = join(at.repo.gitDir, "refs/heads/new.lock");
    await Bun.write(lock, "");
    const { status, data } = await at.createRef("refs/heads/new", sha);
    expect([status, data.message]).toEqual([422, "Reference update failed"]);
    expect(at.repo.head("refs/heads/new")).toBeUndefined();
    await Bun.file(lock).delete();
    expect((await at.createRef("refs/heads/new", sha)).status).toBe(201);
  });

  test("packed refs and packed objects are read, exclude new ones and can be deleted", async () => {
    await using at = await scene();
    const sha = await at.commit("claim");
    await at.createRef("refs/coordination/x/claims/1", sha);
    await git(at.repo.gitDir, "pack-refs", "--all");
    await git(at.repo.gitDir, "repack", "-ad");
    expect((await at.createRef("refs/coordination/x/claims/1", sha)).status).toBe(422);
    expect((await at.createRef("refs/coordination/x", sha)).status).toBe(422);
    expect((await at.createRef("refs/coordination/x/claims/1/2", sha)).status).toBe(422);
    expect((await at.ask("GET", "~/contents/a.txt")).data.size).toBe(4);
    expect((await at.ask("DELETE", "~/git/refs/coordination/x/claims/1")).status).toBe(204);
    expect((await at.createRef("refs/coordination/x/claims/1", sha)).status).toBe(201);
  });

  test("names that are no refs never become paths", async () => {
    await using at = await scene();
    const victim = join(at.repo.gitDir, "victim");
    await Bun.write(victim, `${at.repo.head()}\n`);
    for (const method of ["DELETE", "PATCH"]) {
      const { status } = await at.ask(method, "~/git/refs/heads%2F..%2F..%2Fvictim", { sha: at.repo.head(), force: true });
      expect([status, await Bun.file(victim).exists()]).toEqual([422, true]);
    }
  });

  test("createRepository() takes files, a plain folder, or another repository", async () => {
    await using at = await scene();
    const path = await at.clone("source");
    await Bun.write(join(path, "run.sh"), "#!/bin/sh\n");
    await git(path, "add", ".");
    await git(path, "commit", "--quiet", "-m", "more");
    const copy = await at.github.createRepository({ owner: "acme", name: "copy", from: path });
    expect(copy.head()).toBe((await git(path, "rev-parse", "HEAD")).text);
    await git(path, "checkout", "--quiet", "--detach");
    await Bun.$`rm -rf ${join(path, ".git")} && chmod +x ${join(path, "run.sh")}`.quiet();
    const plain = await at.github.createRepository({ owner: "acme", name: "plain", from: path });
    const files = (await git(plain.gitDir, "ls-tree", "-r", "main")).text.split("\n").map((line) => line.replace(/ blob .{40}\t/, " "));
    expect(files).toEqual(["100644 a.txt", "100644 lib/b.txt", "100755 run.sh"]);
  });
});

describe("git over HTTP", () => {
  test("20 racing pushes of one new ref have one winner", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    const make = (index: number) => git(path, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", `from ${index}`);
    const commits = await Promise.all(Array.from({ length: 20 }, async (_, index) => (await make(index)).text));
    const pushes = await Promise.all(
      commits.map((sha) => git(path, "push", "--quiet", at.repo.gitUrl.replace("//", `//x:${at.token}@`), `${sha}:refs/heads/fix`)),
    );
    expect(pushes.filter((push) => push.ok)).toHaveLength(1);
    const winner = commits[pushes.findIndex((push) => push.ok)] ?? "";
    expect((await at.ask("GET", "~/git/ref/heads/fix")).data.object).toMatchObject({ sha: winner });
  });

  test("a push and API requests for one new ref have one winner", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    const sha = await at.commit("from the API");
    await git(path, "commit", "--quiet", "--allow-empty", "-m", "pushed");
    const pushed: boolean[] = [];
    for (let round = 0; round < 10; round++) {
      const ref = `refs/heads/fix-${round}`;
      const push = async () => (await git(path, "push", "--quiet", "origin", `HEAD:${ref}`)).ok;
      const request = async () => {
        await Bun.sleep(round * 10);
        return (await at.createRef(ref, sha)).status === 201;
      };
      const requests = () => Promise.all([request(), request(), request()]);
      // Whoever is alone at first wins; in between they meet.
      const early = round === 0 ? await requests() : [];
      const won = round === 9 ? await push() : undefined;
      const [by, created] = await Promise.all([won ?? push(), round === 0 ? early : requests()]);
      expect([by, ...created].filter(Boolean)).toHaveLength(1);
      pushed.push(by);
      expect(at.repo.head(ref)).toBe(by ? (await git(path, "rev-parse", "HEAD")).text : sha);
    }
    expect([pushed[0], pushed[9]]).toEqual([false, true]);
  });

  test("an atomic push is refused as a whole when one of its refs exists", async () => {
    await using at = await scene();
    const path = await at.clone("c");
    await at.createRef("refs/coordination/x/claims/1", await at.commit("claim"));
    const push = await git(path, "push", "--atomic", "origin", "HEAD:refs/heads/new", "HEAD:refs/coordination/x/claims/1");
    expect(push.ok).toBe(false);
    expect(at.repo.head("refs/heads/new")).toBeUndefined();
  });

  test("coordination refs are not in a clone but can be fetched, by name and by SHA", async () => {
    await using at = await scene();
    const sha = await at.commit("claim 1");
    await at.createRef("refs/coordination/x/claims/1", sha);
    const path = await at.clone("c");
    expect((await git(path, "cat-file", "-t", sha)).ok).toBe(false);
    expect((await git(path, "fetch", "--quiet", "origin", sha)).ok).toBe(true);
    expect((await git(path, "fetch", "--quiet", "origin", "+refs/coordination/*:refs/coordination/*")).ok).toBe(true);
    expect((await git(path, "log", "-1", "--format=%B", "refs/coordination/x/claims/1")).text).toBe("claim 1");
  });

  test("a shallow clone can push, and the API sees the push at once", async () => {
    await using at = await scene();
    const path = join(at.folder, "shallow");
    await git(at.folder, "clone", "--quiet", "--depth=1", gitUrl(at.repo, at.token), path);
    await git(path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "fix");
    expect((await git(path, "push", "--quiet", "origin", "HEAD:refs/heads/fix")).ok).toBe(true);
    const sha = (await git(path, "rev-parse", "HEAD")).text;
    expect((await at.ask("GET", "~/git/ref/heads/fix")).data.object).toMatchObject({ sha });
    expect((await at.ask("GET", "~/compare/main...fix")).data).toMatchObject({ status: "ahead", ahead_by: 1, behind_by: 0 });
  });
});
