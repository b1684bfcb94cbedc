import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { branchCheck, bunCheck, type Check, limitCheck, modelCheck, permissionCheck, workflowChecks } from "../lib/doctor.ts";
import type { Github } from "../lib/io/github.ts";
import { secretOf, tokenChecks } from "../lib/io/probe.ts";
import { seeWorkflow } from "../lib/workflows.ts";
import { quickGithub } from "./coordinations.ts";
import { type Scene, scene } from "./sandbox.ts";
import { runScript } from "./script.ts";

const secret = "sk-ant-never-shown-0123456789";
const build = (name: string, more = "  workflow_dispatch:\n") =>
  `name: ${name}\non:\n  push:\n${more}jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: []\n`;
const triage = (...names: readonly string[]) =>
  `name: fixonce\non:\n  workflow_run:\n    workflows: ${JSON.stringify(names)}\n    types: [completed]\njobs: {}\n`;

function checkout(at: Scene, files: Readonly<Record<string, string>>): string {
  const folder = join(at.folder, "checkout");
  mkdirSync(join(folder, ".github/workflows"), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, ".github", path), text);
  return folder;
}

async function doctor(at: Scene, folder: string, more: Readonly<Record<string, string>> = {}) {
  const ran = await runScript(at, "doctor", ["--json", "--checkout", folder], { ANTHROPIC_API_KEY: secret, ...more });
  const { ok, checks } = ran.json() as { readonly ok: boolean; readonly checks: readonly Check[] };
  return {
    code: ran.code,
    ok,
    wrong: checks.filter(({ state }) => state === "no"),
    states: Object.fromEntries(checks.map(({ name, state }) => [name, state])),
    ran,
  };
}

const good = {
  "workflows/linux.yml": build("Linux"),
  "workflows/windows.yml": build("Windows"),
  "workflows/fixonce.yml": triage("Linux", "Windows"),
};

describe("doctor", () => {
  test("finds nothing wrong where nothing is, shows no key, and changes nothing", async () => {
    await using at = await scene();
    const before = [at.repo.refs("refs/"), at.repo.issues()];
    const { code, ok, wrong, states, ran } = await doctor(at, checkout(at, good));
    expect({ code, ok, wrong }).toEqual({ code: 0, ok: true, wrong: [] });
    expect(states).toEqual({
      ...{
        bun: "ok",
        configuration: "ok",
        token: "ok",
        git: "ok",
        "git push --atomic": "ok",
        labels: "ok",
        "rate limit": "ok",
        model: "ok",
      },
      ...{
        "contents: write": "ok",
        "issues: write": "ok",
        "pull-requests: write": "ok",
        "actions: write": "ok",
        "pull requests by Actions": "ok",
      },
      ...{ "workflow_run triggers": "ok", workflow_dispatch: "ok", "fix branches": "unknown" },
    });
    expect(`${ran.out}${ran.said}`).not.toContain("sk-ant");
    expect(`${ran.out}${ran.said}`).not.toContain(at.token);
    expect([at.repo.refs("refs/"), at.repo.issues()]).toEqual(before);
  });

  test("names each permission that the token has not, and what to do", async () => {
    await using at = await scene();
    const folder = checkout(at, good);
    const all = { contents: "write", issues: "write", pull_requests: "write", actions: "write" } as const;
    const scopes = ["contents", "issues", "pull_requests", "actions"] as const;
    const asked = scopes.map((scope) => doctor(at, folder, { GITHUB_TOKEN: at.issue({ permissions: { ...all, [scope]: "read" } }) }));
    for (const [index, { code, wrong }] of (await Promise.all(asked)).entries()) {
      const name = `${scopes[index]?.replace("_", "-")}: write`;
      expect([code, wrong[0]?.name, wrong[0]?.todo]).toEqual([1, name, expect.stringContaining(`add \`${name}\``)]);
      expect(wrong.slice(1).map(({ name }) => name)).toEqual(index === 0 ? ["git push --atomic"] : []);
    }
  });

  test("sees what the settings forbid: pull requests by Actions, protected fix branches", async () => {
    await using at = await scene();
    await at.createRef("refs/heads/autonomous-fix-0123456", at.repo.head() ?? "");
    at.repo.settings({ actionsMayOpenPulls: false, protectedBranches: ["autonomous-fix-*"] });
    const { wrong } = await doctor(at, checkout(at, good));
    expect(wrong.map(({ name, todo }) => [name, todo?.slice(0, 20)])).toEqual([
      ["pull requests by Actions", "Settings > Actions >"],
      ["fix branches", "exempt `autonomous-f"],
    ]);
  });

  test("sees dead triggers, missing workflow_dispatch, broken files and a wrong configuration", async () => {
    await using at = await scene();
    const files = {
      ...good,
      "workflows/windows.yml": build("Windows", ""),
      "workflows/bad.yml": "on: [push\n",
      "workflows/fixonce.yml": triage("linux", "Windows"),
      "fixonce.yml": "max_atempts: 2\n",
    };
    const { wrong } = await doctor(at, checkout(at, files));
    expect(wrong.map(({ name, found, todo }) => `${name}: ${found} -> ${todo}`)).toEqual([
      'configuration: fixonce.yml: unknown key "max_atempts", did you mean "max_attempts"? -> correct the file or the variable that it names',
      "workflow .github/workflows/bad.yml: not YAML (line 2): Flow sequence in block collection must be sufficiently indented and end with a ] -> mend the file: GitHub ignores it",
      'trigger in .github/workflows/fixonce.yml: waits for "linux", and no workflow has that name -> name an existing one, for example "Linux"',
      'workflow_dispatch in .github/workflows/windows.yml: "Windows" has none -> add `workflow_dispatch:` to its `on:`: the only way in which GITHUB_TOKEN may start it on a fix branch',
    ]);
  });

  test("sees the rulesets that hold for a fix branch", async () => {
    await using at = await scene();
    const github = quickGithub(at, "doctor");
    const data = [{ type: "deletion" }, { type: "required_signatures" }];
    const probe: Github["probe"] = async (route, params) =>
      route.includes("/rules/") ? { status: 200, message: "", data } : github.probe(route, params);
    const found = (await tokenChecks({ ...github, probe })).filter(({ name }) => name === "fix branches");
    expect(found).toMatchObject([{ state: "no", found: "autonomous-fix-* take signed commits only" }]);
  });

  test("takes an identity for access to the model, and shows neither", async () => {
    await using at = await scene();
    const identity = { ANTHROPIC_API_KEY: "", ANTHROPIC_FEDERATION_RULE_ID: "fdrl_1", ANTHROPIC_IDENTITY_TOKEN: secret };
    const { states, ran } = await doctor(at, checkout(at, good), identity);
    expect([states.model, ran.out.includes("ANTHROPIC_IDENTITY_TOKEN set (not shown)"), ran.out.includes(secret)]).toEqual([
      "ok",
      true,
      false,
    ]);
  });

  test("looks at what it can without a token, and with a wrong one", async () => {
    await using at = await scene();
    const folder = checkout(at, good);
    const without = await doctor(at, folder, { GITHUB_TOKEN: "", ANTHROPIC_API_KEY: "" });
    expect([without.code, without.wrong.map(({ name }) => name), without.states.model]).toEqual([1, ["token"], "unknown"]);
    // Blanks are no key for the analysis either.
    expect((await doctor(at, folder, { GITHUB_TOKEN: "", ANTHROPIC_API_KEY: " " })).states.model).toBe("unknown");
    const wrong = await doctor(at, folder, { GITHUB_TOKEN: "ghs_wrong" });
    expect([wrong.code, wrong.wrong.map(({ found }) => found)]).toEqual([1, ["GitHub refuses it"]]);
  });

  test("prints a table, and what to do below each ✗; reads the workflows of GitHub where there is no checkout", async () => {
    await using at = await scene();
    const { code, out, said } = await runScript(at, "doctor", [], {
      GITHUB_TOKEN: at.issue({ permissions: { contents: "write", pull_requests: "write", actions: "write", issues: "none" } }),
    });
    expect([code, said]).toEqual([1, "fixonce: 2 things would fail\n"]);
    expect(out).toContain("✓ contents: write");
    expect(out).toMatch(/✗ issues: write {3,}refused: Resource not accessible by integration\n +-> add `issues: write`/);
    expect(out).toMatch(/✗ workflows +none in/);
  });
});

describe("checks", () => {
  test.each([
    [422, "", "ok"],
    [403, "Resource not accessible by integration", "no"],
    [404, "Not Found", "no"],
    [410, "Issues are disabled for this repo", "no"],
    [0, "", "unknown"],
  ] as const)("permissionCheck() reads %i %s as %s", (status, message, state) => {
    expect(permissionCheck("issues", { status, message }).state).toBe(state);
  });

  test("bunCheck() wants the version that package.json asks for", () => {
    const { engines } = JSON.parse(readFileSync(join(import.meta.dir, "../package.json"), "utf8")) as { engines: { bun: string } };
    const oldest = engines.bun.replace(">=", "");
    expect([bunCheck(oldest).state, bunCheck("1.4.4")]).toEqual([
      "ok",
      { name: "bun", state: "no", found: "1.4.4 is too old", todo: `install Bun ${oldest} or newer` },
    ]);
  });

  test.each([
    ["its own", 200, 404, [], true],
    ["its organisation's", 404, 200, ["OTHER", "ANTHROPIC_API_KEY"], true],
    ["none", 404, 200, ["OTHER"], false],
    ["none, of a person's repository", 404, 404, [], false],
    ["none of its own, and the organisation's not to be seen", 404, 403, [], undefined],
  ] as const)("secretOf() and modelCheck() tell the repository's key: %s", async (_, own, shared, names, found) => {
    const data = { secrets: names.map((name) => ({ name })) };
    const probe: Github["probe"] = async (route) => ({
      status: route.includes("organization") ? shared : route.includes("secret_name") ? own : 200,
      message: "",
      data: shared === 200 ? data : {},
    });
    const secret = await secretOf({ probe });
    expect([secret, modelCheck([], secret).state]).toEqual([found, found === undefined ? "unknown" : found ? "ok" : "no"]);
  });

  test("branchCheck() knows which rules refuse a push of ours", () => {
    expect(branchCheck(["non_fast_forward", "deletion"], []).state).toBe("ok");
    expect(branchCheck(["required_signatures"], []).found).toBe("autonomous-fix-* take signed commits only");
  });

  test("limitCheck() asks for a tenth of the limit, or 100", () => {
    expect([limitCheck(99, 1000, 0).state, limitCheck(100, 1000, 0).state, limitCheck(7, 60, 0).state]).toEqual(["no", "ok", "ok"]);
  });

  test("workflowChecks() wants workflow_dispatch only where a fix is tested elsewhere", () => {
    const file = seeWorkflow("ci.yml", build("CI", ""));
    expect([workflowChecks([file], { wait: "poll" })[0]?.state, workflowChecks([file], { wait: "dispatch" })[0]?.state]).toEqual([
      "unknown",
      "no",
    ]);
  });

  test("seeWorkflow() reads every form of on:", () => {
    const events = ["on: push", "on: [push, pull_request]", "'on':\n  push:\n  workflow_run: { workflows: CI }"].map((text) =>
      seeWorkflow("a.yml", `${text}\njobs: {}\n`),
    );
    expect(events.map((file) => ("problem" in file ? file.problem : [file.name, ...file.triggers, ...file.watches]))).toEqual([
      ["a.yml", "push"],
      ["a.yml", "push", "pull_request"],
      ["a.yml", "push", "workflow_run", "CI"],
    ]);
  });
});
