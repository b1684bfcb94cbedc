/**
 * What would fail in CI, said before it does: findings in, a list of checks out, each with what to do.
 *
 * @module
 */
import { get as distance } from "fast-levenshtein";
import type { Config } from "./config.ts";
import type { SeenWorkflow, Unread } from "./workflows.ts";

/** `unknown`: this token, or this GitHub, does not tell. */
export type Check = {
  readonly name: string;
  readonly state: "ok" | "no" | "unknown";
  readonly found: string;
  /** What to do; only where something is. */
  readonly todo?: string;
};

export type Probe = { readonly status: number; readonly message: string };

const ok = (name: string, found: string): Check => ({ name, state: "ok", found });
const no = (name: string, found: string, todo: string): Check => ({ name, state: "no", found, todo });
const unknown = (name: string, found: string, todo?: string): Check => ({ name, state: "unknown", found, ...(todo && { todo }) });

/** What package.json asks for. */
const oldestBun = "1.4.5";

export function bunCheck(version: string): Check {
  return Bun.semver.satisfies(version, `>=${oldestBun}`)
    ? ok("bun", version)
    : no("bun", `${version} is too old`, `install Bun ${oldestBun} or newer`);
}

/** What each permission is for. */
const permissions = {
  contents: "the ledger's refs and the fix branch",
  issues: "the board",
  "pull-requests": "the pull request of a fix",
  actions: "the state of other jobs, re-runs, and starting flavors on a fix",
} as const;
export type Permission = keyof typeof permissions;

/**
 * A permission to write, by the answer to a request that cannot succeed: who may not write is told so, who may is told what is wrong
 * with the request.
 */
export function permissionCheck(permission: Permission, { status, message }: Probe): Check {
  const name = `${permission}: write`;
  if (status === 422 || status === 409 || (status === 404 && permission === "actions")) return ok(name, permissions[permission]);
  if (status === 410) return no(name, message || "switched off", "switch issues on in the repository's settings");
  if ([401, 403, 404].includes(status)) {
    const todo = `add \`${permission}: write\` to the job's permissions (or to the App or token): ${permissions[permission]}`;
    return no(name, `refused: ${message || status}`, todo);
  }
  return status >= 200 && status < 300 ? ok(name, permissions[permission]) : unknown(name, `GitHub answered ${status}`);
}

/** Whether a token of Actions may open pull requests; asked with a pull request from a branch to itself. */
export function pullCheck({ status, message }: Probe): Check {
  const name = "pull requests by Actions";
  if (status === 422) return ok(name, "allowed");
  if (status === 403 && /not permitted to create/i.test(message))
    return no(
      name,
      "not allowed",
      'Settings > Actions > General: tick "Allow GitHub Actions to create and approve pull requests", or use an App token',
    );
  return unknown(name, `not to be seen: ${message || status}`);
}

/** Names that a trigger waits for, and the trigger by which a fix is tested. */
export function workflowChecks(files: readonly (SeenWorkflow | Unread)[], config: Pick<Config, "wait">): readonly Check[] {
  const read = files.flatMap((file) => ("problem" in file ? [] : [file]));
  const broken = files.flatMap((file) =>
    "problem" in file ? [no(`workflow ${file.path}`, file.problem, "mend the file: GitHub ignores it")] : [],
  );
  if (files.length === 0)
    return [no("workflows", "none in .github/workflows", "commit a workflow first, or run it in the repository's folder")];
  const names = read.map(({ name }) => name);
  const watchers = read.filter(({ watches }) => watches.length > 0);
  const dead = watchers.flatMap(({ path, watches }) =>
    watches
      .filter((watched) => !names.includes(watched))
      .map((watched) =>
        no(
          `trigger in ${path}`,
          `waits for "${watched}", and no workflow has that name`,
          `name an existing one, for example "${nearestName(watched, names) ?? ""}"`,
        ),
      ),
  );
  const triggers =
    watchers.length > 0 && dead.length === 0
      ? [ok("workflow_run triggers", `${watchers.flatMap(({ watches }) => watches).length} names, all there`)]
      : [];
  const watched = new Set(watchers.flatMap(({ watches }) => watches));
  const builds = read.filter(({ name, builds }) => (watched.size > 0 ? watched.has(name) : builds));
  // Jobs that stay on their runner test the fix in place; all others are started on its branch.
  const needed = watched.size > 0 || config.wait === "dispatch";
  const silent = builds.filter(({ dispatch }) => !dispatch);
  const todo = "add `workflow_dispatch:` to its `on:`: the only way in which GITHUB_TOKEN may start it on a fix branch";
  const dispatch = silent.map(({ name, path }) =>
    needed
      ? no(`workflow_dispatch in ${path}`, `"${name}" has none`, todo)
      : unknown(`workflow_dispatch in ${path}`, "none: its fixes are tested in place only", todo),
  );
  return [
    ...broken,
    ...dead,
    ...triggers,
    ...dispatch,
    ...(builds.length > 0 && silent.length === 0 ? [ok("workflow_dispatch", `in all ${builds.length} build workflows`)] : []),
  ];
}

/** The name most like another. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
}

/** Rules that would refuse a push of an unsigned commit to a fix branch. */
const blocking: Readonly<Record<string, string>> = {
  creation: "may not be created",
  update: "may not be updated",
  pull_request: "take changes only by pull request",
  required_signatures: "take signed commits only",
  required_deployments: "wait for deployments",
  merge_queue: "take changes only by merge queue",
};

/** @param rules types of the rules for `autonomous-fix-*`, undefined where GitHub does not tell. @param closed fix branches that are protected. */
export function branchCheck(rules: readonly string[] | undefined, closed: readonly string[]): Check {
  const name = "fix branches";
  const todo = "exempt `autonomous-fix-*` from the rule, or let the App bypass it";
  if (closed.length > 0) return no(name, `${closed.join(", ")} is protected`, todo);
  const against = (rules ?? []).filter((rule) => rule in blocking);
  if (against.length > 0) return no(name, `autonomous-fix-* ${against.map((rule) => blocking[rule]).join(", ")}`, todo);
  return rules === undefined ? unknown(name, "rules are not to be seen with this token") : ok(name, "no rule against autonomous-fix-*");
}

/** @param secrets of the repository that are known to be there (true), not there (false), or not to be seen (undefined). */
export function modelCheck(variables: readonly string[], secret: boolean | undefined): Check {
  const name = "model";
  if (variables.length > 0) return ok(name, `${variables.join(" and ")} set (not shown)`);
  if (secret === true) return ok(name, "secret ANTHROPIC_API_KEY is there");
  const todo =
    "add the repository secret ANTHROPIC_API_KEY, or set up workload identity (ANTHROPIC_FEDERATION_RULE_ID with ANTHROPIC_IDENTITY_TOKEN_FILE)";
  return secret === false
    ? no(name, "neither a key nor an identity", todo)
    : unknown(name, "no key here; this token may not look at the repository's secrets", todo);
}

export function limitCheck(remaining: number, limit: number, resetMs: number): Check {
  const name = "rate limit";
  const found = `${remaining} of ${limit} requests left this hour`;
  return remaining >= Math.min(100, limit / 10)
    ? ok(name, found)
    : no(name, found, `wait until ${new Date(resetMs).toISOString().slice(11, 16)} UTC, or use an App token: its limit is its own`);
}

/** The checks as a table, and a line each for what is to be done. */
export function tableOf(checks: readonly Check[]): string {
  const marks = { ok: "✓", no: "✗", unknown: "?" } as const;
  const width = Math.min(40, Math.max(...checks.map(({ name }) => name.length)));
  return checks
    .map(
      ({ name, state, found, todo }) =>
        `${marks[state]} ${name.padEnd(width)}  ${found}${todo && state !== "ok" ? `\n  ${" ".repeat(width)}  -> ${todo}` : ""}`,
    )
    .join("\n");
}
