/**
 * One flavor's job, as a runner would run it: a clone, a failing build, then the product's own scripts as real processes, step by step, with
 * the environment that Actions gives. It knows of no other flavor.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job, JobOptions, JobResult } from "./racing.ts";
import { runSteps, runWhole, type StepResult } from "./steps.ts";

export function openJob(options: JobOptions): Job {
  const { flavor, folder, onStep, command } = options;
  const clone = join(folder, "work");
  const temp = join(folder, "temp");
  const logs = join(folder, "logs");
  let running: Bun.Subprocess | undefined;
  let dead = false;
  let over = false;
  let passed = false;
  let steps = 0;

  const environment = (output: string): Record<string, string> => ({
    ...systemEnvironment(),
    ...options.environment,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
    GITHUB_WORKSPACE: clone,
    RUNNER_TEMP: temp,
    TOOLCHAIN_LOGS: join(folder, "toolchain"),
  });

  async function spawn(argv: readonly string[], env: Readonly<Record<string, string>>, log: string, cwd = clone): Promise<number> {
    if (dead) return 137;
    const child = Bun.spawn([...argv], {
      cwd,
      env: { ...env },
      stdin: "ignore",
      stdout: Bun.file(`${log}.out`),
      stderr: Bun.file(log),
      detached: true,
    });
    running = child;
    const code = await child.exited;
    running = undefined;
    return dead ? 137 : code;
  }

  async function step(
    name: string,
    script: string,
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<StepResult> {
    onStep(flavor, name);
    const output = join(folder, `output-${++steps}`);
    writeFileSync(output, "");
    const log = join(logs, `${steps}-${name}.log`);
    const code = await spawn([process.execPath, "run", script, ...args], { ...environment(output), ...more }, log);
    return { code, outputs: parseOutputs(readFileSync(output, "utf8")), stdout: code === 137 ? "" : readFileSync(`${log}.out`, "utf8") };
  }

  const run = async (): Promise<JobResult> => {
    const runner = { options, step, log: join(logs, "build.log"), passed, isDead: () => dead };
    const result = await (options.whole ? runWhole(runner) : runSteps(runner));
    over = true;
    return result;
  };

  return {
    flavor,
    run,
    async prepare() {
      for (const path of [folder, temp, logs, join(folder, "toolchain")]) mkdirSync(path, { recursive: true });
      const { toolchain } = options;
      if (toolchain) writeFileSync(join(folder, "toolchain", `${toolchain.module}.log`), toolchain.log);
      writeFileSync(join(folder, "event.json"), JSON.stringify({ repository: { default_branch: options.defaultBranch } }));
      writeFileSync(join(folder, "summary.md"), "");
      const git = gitEnvironment(options.environment.GITHUB_TOKEN ?? "");
      const fetch = ["git", "clone", "--quiet", "--depth", "2", "--branch", options.branch, options.gitUrl, clone];
      let cloned = await spawn(fetch, git, join(logs, "clone.log"), folder);
      // A branch that was just pushed may lag.
      for (let attempt = 0; cloned !== 0 && attempt < 4 && !dead; attempt++) {
        await Bun.sleep(500 * 2 ** attempt);
        cloned = await spawn(fetch, git, join(logs, "clone.log"), folder);
      }
      if (cloned !== 0)
        throw new Error(`Cannot clone ${options.gitUrl} for ${flavor}: ${readFileSync(join(logs, "clone.log"), "utf8").trim()}`);
      passed = (await spawn(command, environment(join(folder, "output-0")), join(logs, "build.err"))) === 0;
      const printed = ["build.err.out", "build.err"].map((name) => readFileSync(join(logs, name), "utf8"));
      writeFileSync(join(logs, "build.log"), printed.join(""));
      return passed;
    },
    kill() {
      if (over) return;
      dead = true;
      if (running) {
        try {
          process.kill(-running.pid, "SIGKILL");
        } catch {
          running.kill("SIGKILL");
        }
      }
    },
    async passesAt(commit) {
      const git = gitEnvironment(options.environment.GITHUB_TOKEN ?? "");
      const fetched = await spawn(["git", "fetch", "--quiet", options.gitUrl, commit], git, join(logs, "fetch.log"));
      const out =
        fetched === 0
          ? await spawn(["git", "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"], git, join(logs, "checkout.log"))
          : 1;
      return out === 0 && (await spawn(command, environment(join(folder, "output-0")), join(logs, "final.log"))) === 0;
    },
  };
}

/** For git commands of the harness: the job's token as a header, as `actions/checkout` leaves it. */
function gitEnvironment(token: string): Record<string, string> {
  const auth = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    ...systemEnvironment(),
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraheader",
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${auth}`,
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** What a runner's machine has of its own: never our caller's credentials. */
function systemEnvironment(): Record<string, string> {
  const kept =
    /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|TEMP|TMP|SYSTEMROOT|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|BUN_.*|npm_config_.*|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|HTTPS?_PROXY|NO_PROXY)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && kept.test(entry[0])),
  );
}

/** Step outputs as Actions reads them: `name=value`, or `name<<delimiter` with the value on the lines up to the delimiter. */
function parseOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, i + 1);
      outputs[name] = lines.slice(i + 1, end).join("\n");
      i = end;
    } else if (line.includes("=")) outputs[line.slice(0, line.indexOf("="))] = line.slice(line.indexOf("=") + 1);
  }
  return outputs;
}
