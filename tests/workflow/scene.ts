/**
 * A repository that adopted fixonce, broken in one of the scenarios: the small project, the bundles, and a GitHub and a model to talk to.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "../../lib/io/bundle.ts";
import { type GithubSandbox, type SandboxRepository, startGithub } from "../../lib/sandbox/github.ts";
import { type MessagesServer, startMessages } from "../../lib/sandbox/messages.ts";
import { modelReply } from "../../lib/sandbox/model.ts";
import { brokenFiles, logOf, projectFiles, typescript } from "../../lib/sandbox/projects.ts";
import { defectFor, type Scenario } from "../../lib/sandbox/scenarios.ts";
import type { Files } from "../../lib/sandbox/seed.ts";

export type Scene = AsyncDisposable & {
  readonly folder: string;
  readonly github: GithubSandbox;
  readonly repo: SandboxRepository;
  readonly model: MessagesServer;
  readonly sha: string;
  /** Starts what is dispatched from now on, at once, and waits until nothing runs any more. */
  serve(start: (dispatch: Dispatch) => Promise<unknown>): { settled(): Promise<void> };
  /** What a machine of a flavor has: the words of its toolchain, and where the model is. */
  machine(job: string): Record<string, string>;
  readonly secrets: Readonly<Record<string, string>>;
};

export type Dispatch = {
  readonly path: string;
  readonly branch: string;
  readonly sha: string;
  readonly inputs: Readonly<Record<string, string>>;
};

const root = resolve(import.meta.dir, "../..");
let bundled: Promise<Files> | undefined;

/** The bundles as files of a repository, made once. */
export async function bundles(): Promise<Files> {
  bundled ??= (async () => {
    const out = mkdtempSync(join(tmpdir(), "fixonce-dist-"));
    const names = ["coordinate", "wait", "analyze", "publish", "verify", "respond", "triage", "sweep", "follow"];
    const there = names.filter((name) => existsSync(join(root, "scripts", `${name}.ts`)));
    await bundle({ root, names: there, out });
    const files = Object.fromEntries(readdirSync(out).map((file) => [`.github/fixonce/${file}`, readFileSync(join(out, file), "utf8")]));
    await rm(out, { recursive: true, force: true });
    return files;
  })();
  return bundled;
}

/** Opens it; `files` are further files of the repository. */
export async function openScene(name: Scenario["name"], files: Files = {}): Promise<Scene> {
  const scenario = typescript.scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`Cannot open a scene: there is no scenario ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "fixonce-workflow-"));
  const running: Promise<unknown>[] = [];
  let start: (dispatch: Dispatch) => Promise<unknown> = async () => {};
  const github = await startGithub({
    dir: folder,
    limits: false,
    hooks: {
      onDispatch({ workflow, ref, sha, inputs }) {
        const texts = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
        running.push(start({ path: workflow.path, branch: ref.replace("refs/heads/", ""), sha, inputs: texts }));
      },
    },
  });
  const model = await startMessages({ reply: (request) => modelReply(scenario, request, 50) });
  const from = { ...projectFiles(), ...(await bundles()), ...files, ...brokenFiles(typescript, scenario) };
  const repo = await github.createRepository({ owner: "acme", name: "pebble", from, message: "Tidy up" });
  const sha = repo.head() ?? "";
  return {
    ...{ folder, github, repo, model, sha },
    serve(given) {
      start = given;
      return {
        async settled() {
          while (running.length > 0) await Promise.all(running.splice(0));
        },
      };
    },
    secrets: { ANTHROPIC_API_KEY: "sk-sandbox" },
    machine(job) {
      const logs = join(folder, "toolchain", job.replace(/\W/g, "_"));
      mkdirSync(logs, { recursive: true });
      const defect = defectFor(scenario, job);
      writeFileSync(join(logs, `${defect.module}.log`), logOf(defect, job) ?? "");
      return { TOOLCHAIN_LOGS: logs, ANTHROPIC_BASE_URL: model.url, FIXONCE_POLL_SECONDS: "0.3" };
    },
    async [Symbol.asyncDispose]() {
      await github.stop();
      await model.stop();
      if (process.env.KEEP_SCENES === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
