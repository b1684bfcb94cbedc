/**
 * One flavor's job, as a runner would run it: a clone, a failing build, then the product's own scripts as real processes, step by step, with
 * the environment that Actions gives. It knows of no other flavor.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const scripts = resolve(import.meta.dir, "../../scripts");
const prototype = join(import.meta.dir, "prototype.ts");

export type JobOptions = {
  readonly flavor: string;
  /** Folder of its own: clone, logs, state. */
  readonly folder: string;
  readonly gitUrl: string;
  readonly sha: string;
  readonly branch: string;
  readonly lock: "ref" | "issue" | "prototype";
  /** Variables of the job: what Actions sets, and the token. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of the analyze step alone. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: string;
  readonly module: string;
  readonly onStep: (flavor: string, state: string) => void;
  readonly now: () => number;
};

export type JobDecision = {
  readonly flavor: string;
  readonly analyze: boolean;
  readonly reason: string;
  readonly cause: string;
  readonly ms: number;
};

export type JobResult = {
  readonly flavor: string;
  readonly failed: boolean;
  readonly dead: boolean;
  readonly decisions: readonly JobDecision[];
  /** Reasons of the analyses that it ran. */
  readonly analyses: readonly string[];
  readonly verdict: string;
  readonly branch: string;
  readonly waitedMs: number;
  /** A step that failed for another reason than its answer. */
  readonly broken: string;
};

export type Job = {
  readonly flavor: string;
  /** Clones the repository and builds it once: what happened before fixonce is called. */
  prepare(): Promise<void>;
  run(): Promise<JobResult>;
  /** kill -9: the process that runs now dies, and no further step starts. */
  kill(): void;
  /** Builds a commit in the clone and returns whether it passed. */
  passesAt(branch: string): Promise<boolean>;
};

type StepResult = { readonly code: number; readonly outputs: Readonly<Record<string, string>> };

/** At most this many turns: each is a decision, and attempts are capped. */
const maxTurns = 10;

export function openJob(options: JobOptions): Job {
  const { flavor, folder, onStep, now } = options;
  const clone = join(folder, "work");
  const temp = join(folder, "temp");
  const logs = join(folder, "logs");
  let running: Bun.Subprocess | undefined;
  let dead = false;
  let steps = 0;
  let started = 0;

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
    const code = await spawn(
      [process.execPath, "run", script, ...args],
      { ...environment(output), ...more },
      join(logs, `${steps}-${name}.log`),
    );
    return { code, outputs: parseOutputs(readFileSync(output, "utf8")) };
  }

  const run = async (): Promise<JobResult> => {
    started = now();
    const decisions: JobDecision[] = [];
    const analyses: string[] = [];
    let [waitedMs, verdict, branch, broken] = [0, "", "", ""];
    let log = join(logs, "build.log");
    const decided = ({ outputs }: StepResult): JobDecision => {
      const decision = {
        flavor,
        analyze: outputs.should_analyze === "true",
        reason: outputs.reason ?? "",
        cause: outputs.cause ?? "",
        ms: now() - started,
      };
      decisions.push(decision);
      return decision;
    };
    const end = (): JobResult => {
      onStep(flavor, dead ? "killed" : verdict || (broken ? `failed: ${broken}` : (decisions.at(-1)?.reason ?? "")));
      return { flavor, failed: true, dead, decisions, analyses, verdict, branch, waitedMs, broken };
    };

    for (let turn = 0; turn < maxTurns && !dead; turn++) {
      const coordinated = await step("coordinate", options.lock === "prototype" ? prototype : join(scripts, "coordinate.ts"), [
        "--log",
        log,
      ]);
      if (coordinated.code !== 0) broken = `coordinate exited with ${coordinated.code}`;
      if (coordinated.code !== 0 || dead) return end();
      const state = coordinated.outputs.state ?? "";
      let decision = decided(coordinated);
      if (decision.reason === "fix_in_progress" || decision.reason === "multiple_flavors_waiting") {
        if (options.lock === "prototype") return end();
        const from = now();
        const waited = await step("wait", join(scripts, "wait.ts"), []);
        waitedMs += now() - from;
        if (waited.code !== 0) broken = `wait exited with ${waited.code}`;
        if (waited.code !== 0 || dead) return end();
        decision = decided(waited);
      }
      if (decision.analyze) {
        onStep(flavor, "leader");
        const fix = join(folder, `fix-${steps}`);
        const known = options.lock === "prototype" ? [] : ["--claim", join(state, "claim.json"), "--context", join(state, "context.json")];
        const analyzed = await step(
          "analyze",
          join(scripts, "analyze.ts"),
          ["--log", log, "--out", fix, ...known, "--", ...command],
          options.secrets,
        );
        if (!dead) analyses.push(decision.reason);
        if (options.lock === "prototype" || dead) return end();
        if (analyzed.code === 2) broken = "analyze was called wrongly";
        const published = await step("publish", join(scripts, "publish.ts"), ["--from", fix]);
        if (published.code !== 0) broken = `publish exited with ${published.code}`;
        if (published.code !== 0 || dead) return end();
        if (published.outputs.result !== "fixed") continue;
      } else if (decision.reason !== "fix_available" && decision.reason !== "known_failure") return end();
      const verified = await step("verify", join(scripts, "verify.ts"), ["--", ...command]);
      ({ verdict = "", branch = branch } = verified.outputs);
      if (verified.code > 1) broken = `verify exited with ${verified.code}`;
      if (verified.code !== 1 || dead) return end();
      log = verified.outputs.log ?? log;
    }
    return end();
  };

  return {
    flavor,
    run,
    async prepare() {
      for (const path of [folder, temp, logs, join(folder, "toolchain")]) mkdirSync(path, { recursive: true });
      writeFileSync(join(folder, "toolchain", `${options.module}.log`), options.log);
      writeFileSync(join(folder, "event.json"), "{}");
      writeFileSync(join(folder, "summary.md"), "");
      const auth = Buffer.from(`x-access-token:${options.environment.GITHUB_TOKEN}`).toString("base64");
      const git = {
        ...systemEnvironment(),
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "http.extraheader",
        GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${auth}`,
        GIT_TERMINAL_PROMPT: "0",
      };
      const cloned = await spawn(
        ["git", "clone", "--quiet", "--depth", "2", "--branch", options.branch, options.gitUrl, clone],
        git,
        join(logs, "clone.log"),
        folder,
      );
      if (cloned !== 0)
        throw new Error(`Cannot clone ${options.gitUrl} for ${flavor}: ${readFileSync(join(logs, "clone.log"), "utf8").trim()}`);
      const built = await spawn([process.execPath, "run", "ci.ts"], environment(join(folder, "output-0")), join(logs, "build.err"));
      writeFileSync(join(logs, "build.log"), readFileSync(join(logs, "build.err.out")));
      if (built === 0) throw new Error(`The build of ${flavor} passes: there is nothing to race for`);
    },
    kill() {
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
      const auth = Buffer.from(`x-access-token:${options.environment.GITHUB_TOKEN}`).toString("base64");
      const git = {
        ...systemEnvironment(),
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "http.extraheader",
        GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${auth}`,
      };
      const fetched = await spawn(["git", "fetch", "--quiet", options.gitUrl, commit], git, join(logs, "fetch.log"));
      const out =
        fetched === 0
          ? await spawn(["git", "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"], git, join(logs, "checkout.log"))
          : 1;
      return (
        out === 0 && (await spawn([process.execPath, "run", "ci.ts"], environment(join(folder, "output-0")), join(logs, "final.log"))) === 0
      );
    },
  };
}

/** The flavor's own build command. */
const command = [process.execPath, "run", "ci.ts"];

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
