/**
 * What the doctor looks at: the token by requests that cannot succeed, git by a push that is not sent, the repository's workflows.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { branchCheck, type Check, limitCheck, permissionCheck, pullCheck } from "../doctor.ts";
import { seeWorkflow } from "../workflows.ts";
import type { Environment, Home } from "./actions.ts";
import { openGit } from "./git.ts";
import type { Github } from "./github.ts";
import { emptyTree } from "./refs.ts";
import { temporaryFolder } from "./temporary.ts";

const repositorySchema = z.object({ default_branch: z.string() });
const limitSchema = z.object({ resources: z.object({ core: z.object({ remaining: z.number(), limit: z.number(), reset: z.number() }) }) });

const secretsSchema = z.object({ secrets: z.array(z.object({ name: z.string() })) });

/** Checks the token: the repository, every permission, the limit. Changes nothing. */
export async function tokenChecks(github: Github): Promise<readonly Check[]> {
  const { status, message, data } = await github.probe("GET /repos/{owner}/{repo}");
  const name = `${github.owner}/${github.repo}`;
  const repository = repositorySchema.safeParse(data).data;
  if (status === 401)
    return [{ name: "token", state: "no", found: "GitHub refuses it", todo: "make a new one: it is wrong, expired or revoked" }];
  if (repository === undefined)
    return [
      {
        name: "token",
        state: "no",
        found: `${name} is not to be seen: ${message || status}`,
        todo: "check the name, and that the token has access to it",
      },
    ];
  const branch = repository.default_branch;
  // Each lacks what it needs, or names what is not there: nothing can come of it.
  const contents = await github.probe("DELETE /repos/{owner}/{repo}/git/refs/{+ref}", { ref: "coordination/doctor/none" });
  const issues = await github.probe("POST /repos/{owner}/{repo}/issues", {});
  const pulls = await github.probe("POST /repos/{owner}/{repo}/pulls", {});
  const actions = await github.probe("POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun", { run_id: 0 });
  const self = await github.probe("POST /repos/{owner}/{repo}/pulls", { title: "fixonce doctor", head: branch, base: branch });
  const label = await github.probe("GET /repos/{owner}/{repo}/labels/{name}", { name: "autonomous-coordination" });
  const limit = limitSchema.safeParse((await github.probe("GET /rate_limit")).data).data?.resources.core;
  return [
    { name: "token", state: "ok", found: `may read ${name}` },
    permissionCheck("contents", contents),
    permissionCheck("issues", issues),
    permissionCheck("pull-requests", pulls),
    permissionCheck("actions", actions),
    ...(pulls.status === 422 ? [pullCheck(self)] : []),
    await fixBranchCheck(github),
    {
      name: "labels",
      state: label.status === 200 || label.status === 404 ? "ok" : "unknown",
      found: label.status === 200 ? "autonomous-coordination is there" : "made with the first board",
    },
    ...(limit === undefined ? [] : [limitCheck(limit.remaining, limit.limit, limit.reset * 1000)]),
  ];
}

async function fixBranchCheck(github: Github): Promise<Check> {
  const asked = await github.probe("GET /repos/{owner}/{repo}/rules/branches/{branch}", { branch: "autonomous-fix-0000000" });
  const rules =
    asked.status === 200
      ? z
          .array(z.object({ type: z.string() }))
          .safeParse(asked.data)
          .data?.map(({ type }) => type)
      : undefined;
  // Rules of the older kind are seen at branches that are there.
  const { data } = await github.probe("GET /repos/{owner}/{repo}/git/matching-refs/{+ref}", { ref: "heads/autonomous-fix-" });
  const branches =
    z
      .array(z.object({ ref: z.string() }))
      .safeParse(data)
      .data?.slice(0, 3) ?? [];
  const closed: string[] = [];
  for (const { ref } of branches) {
    const branch = ref.slice("refs/heads/".length);
    const found = await github.probe("GET /repos/{owner}/{repo}/branches/{branch}", { branch });
    if (z.object({ protected: z.literal(true) }).safeParse(found.data).success) closed.push(branch);
  }
  return branchCheck(rules, closed);
}

/**
 * Whether the repository has the model's key, its own or its organisation's: only an administrator's token may ask, and even then not for its
 * value. Undefined where that is not to be seen.
 */
export async function secretOf(github: Pick<Github, "probe">): Promise<boolean | undefined> {
  const name = "ANTHROPIC_API_KEY";
  const listed = await github.probe("GET /repos/{owner}/{repo}/actions/secrets");
  if (listed.status !== 200) return undefined;
  const { status } = await github.probe("GET /repos/{owner}/{repo}/actions/secrets/{secret_name}", { secret_name: name });
  if (status === 200) return true;
  const shared = await github.probe("GET /repos/{owner}/{repo}/actions/organization-secrets", { per_page: 100 });
  // A person's repository has no organisation.
  const names = shared.status === 404 ? [] : secretsSchema.safeParse(shared.data).data?.secrets.map((secret) => secret.name);
  if (names?.includes(name)) return true;
  return status === 404 && names !== undefined ? false : undefined;
}

/** git, and whether the server takes several refs all or nothing: asked with a push that is not sent. */
export async function gitChecks(home: Home, environment: Environment): Promise<readonly Check[]> {
  const name = "git push --atomic";
  await using folder = await temporaryFolder();
  try {
    const git = openGit({ cwd: folder.path, url: home.gitUrl, token: home.token, environment, timeoutMs: 30_000 });
    const version = (await git.must("--version")).replace("git version ", "");
    await git.must("init", "--quiet", "--bare", ".");
    await git.must("hash-object", "-t", "tree", "-w", "/dev/null");
    const commit = await git.commitTree(emptyTree, [], "fixonce doctor: never pushed");
    const pushed = await git.run("push", "--dry-run", "--atomic", git.url, `${commit}:refs/coordination/doctor/none`);
    const there: Check = { name: "git", state: "ok", found: version };
    if (pushed.code === 0) return [there, { name, state: "ok", found: "the server takes it" }];
    const why = pushed.stderr.trim().split("\n").at(-1)?.slice(0, 160) ?? "";
    const todo = /atomic/.test(why)
      ? "the server is too old: fixes could not be published safely"
      : "check that the token may push (contents: write), and the server's address (GITHUB_SERVER_URL)";
    return [there, { name, state: "no", found: why, todo }];
  } catch (error) {
    return [
      {
        name: "git",
        state: "no",
        found: error instanceof Error ? error.message : "does not run",
        todo: "install git 2.30 or newer, and put it on the PATH",
      },
    ];
  }
}

/** The workflow files of a checkout; of the default branch where there are none. */
export async function workflowFiles(github: Github | undefined, checkout: string) {
  const folder = join(checkout, ".github", "workflows");
  const local = namesIn(folder).map((file) => seeWorkflow(`.github/workflows/${file}`, readFileSync(join(folder, file), "utf8")));
  if (local.length > 0 || github === undefined) return local;
  const listed = await github.probe("GET /repos/{owner}/{repo}/contents/{+path}", { path: ".github/workflows" });
  const paths = z.array(z.object({ path: z.string() })).safeParse(listed.data).data ?? [];
  const files = [];
  for (const { path } of paths.filter(({ path }) => isWorkflow(path)).slice(0, 100)) {
    const { data } = await github.probe("GET /repos/{owner}/{repo}/contents/{+path}", { path });
    const content = z.object({ content: z.string() }).safeParse(data).data?.content ?? "";
    files.push(seeWorkflow(path, Buffer.from(content, "base64").toString("utf8")));
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isWorkflow).sort();
  } catch {
    return [];
  }
}

function isWorkflow(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
