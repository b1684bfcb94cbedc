/**
 * What a job does after its build failed: the product's scripts one by one, as the templates have them, or `respond.ts` alone.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { JobDecision, JobOptions, JobResult } from "./racing.ts";

const scripts = resolve(import.meta.dir, "../../scripts");
const prototype = join(import.meta.dir, "prototype.ts");

export type StepResult = { readonly code: number; readonly outputs: Readonly<Record<string, string>>; readonly stdout: string };

/** The job as its steps see it. */
export type Runner = {
  readonly options: JobOptions;
  /** Log of the build, and whether that passed. */
  readonly log: string;
  readonly passed: boolean;
  readonly isDead: () => boolean;
  readonly step: (name: string, script: string, args: readonly string[], more?: Readonly<Record<string, string>>) => Promise<StepResult>;
};

/** At most this many turns: each is a decision, and attempts are capped. */
const maxTurns = 10;

/** One script a step. */
export async function runSteps({ options, step, isDead, log: built }: Runner): Promise<JobResult> {
  const { flavor, folder, onStep, now, command } = options;
  const started = now();
  const decisions: JobDecision[] = [];
  const analyses: string[] = [];
  let [waitedMs, verdict, branch, broken] = [0, "", "", ""];
  let log = built;
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
    onStep(flavor, isDead() ? "killed" : verdict || (broken ? `failed: ${broken}` : (decisions.at(-1)?.reason ?? "")));
    return { flavor, dead: isDead(), decisions, analyses, verdict, branch, waitedMs, broken };
  };

  for (let turn = 0; turn < maxTurns && !isDead(); turn++) {
    const coordinated = await step("coordinate", options.lock === "prototype" ? prototype : join(scripts, "coordinate.ts"), ["--log", log]);
    if (coordinated.code !== 0 && !isDead()) broken = `coordinate exited with ${coordinated.code}`;
    if (coordinated.code !== 0 || isDead()) return end();
    const state = coordinated.outputs.state ?? "";
    let decision = decided(coordinated);
    if (coordinated.outputs.dispatched === "true") return end();
    if (decision.reason === "fix_in_progress" || decision.reason === "multiple_flavors_waiting") {
      if (options.lock === "prototype") return end();
      const from = now();
      const waited = await step("wait", join(scripts, "wait.ts"), []);
      waitedMs += now() - from;
      if (waited.code !== 0 && !isDead()) broken = `wait exited with ${waited.code}`;
      if (waited.code !== 0 || isDead()) return end();
      decision = decided(waited);
    }
    if (decision.analyze) {
      onStep(flavor, "leader");
      const fix = join(folder, `fix-${turn}`);
      const known = options.lock === "prototype" ? [] : ["--claim", join(state, "claim.json"), "--context", join(state, "context.json")];
      const analyzed = await step(
        "analyze",
        join(scripts, "analyze.ts"),
        ["--log", log, "--out", fix, ...known, "--", ...command],
        options.secrets,
      );
      if (!isDead()) analyses.push(decision.reason);
      if (options.lock === "prototype" || isDead()) return end();
      if (analyzed.code === 2) broken = "analyze was called wrongly";
      const published = await step("publish", join(scripts, "publish.ts"), ["--from", fix]);
      if (published.code !== 0 && !isDead()) broken = `publish exited with ${published.code}`;
      if (published.code !== 0 || isDead()) return end();
      if (published.outputs.result !== "fixed") continue;
    } else if (decision.reason !== "fix_available" && decision.reason !== "known_failure") return end();
    const verified = await step("verify", join(scripts, "verify.ts"), ["--", ...command]);
    ({ verdict = "", branch = branch } = verified.outputs);
    if (verified.code > 1 && !isDead()) broken = `verify exited with ${verified.code}`;
    if (verified.code !== 1 || isDead()) return end();
    log = verified.outputs.log ?? log;
  }
  return end();
}

type Told = {
  readonly decisions: readonly { readonly should_analyze: boolean; readonly reason: string; readonly cause: number | "" }[];
  readonly verdict: string;
  readonly branch: string;
};

/** All of it in `respond.ts`. */
export async function runWhole({ options, step, isDead, log, passed }: Runner): Promise<JobResult> {
  const { flavor, onStep, now, command, secrets } = options;
  const started = now();
  const args = ["--log", log, "--status", passed ? "success" : "failure", "--json", "--", ...command];
  const { code, stdout } = await step("respond", join(scripts, "respond.ts"), args, secrets);
  const told: Told = stdout.startsWith("{") ? JSON.parse(stdout) : { decisions: [], verdict: "", branch: "" };
  const ms = now() - started;
  const decisions = told.decisions.map(({ should_analyze: analyze, reason, cause }) => ({
    flavor,
    analyze,
    reason,
    cause: `${cause}`,
    ms,
  }));
  const analyses = decisions.filter(({ analyze }) => analyze).map(({ reason }) => reason);
  const broken = code > 1 && !isDead() ? `respond exited with ${code}` : "";
  onStep(flavor, isDead() ? "killed" : told.verdict || broken || (decisions.at(-1)?.reason ?? "passed"));
  return { flavor, dead: isDead(), decisions, analyses, verdict: told.verdict, branch: told.branch, waitedMs: 0, broken };
}
