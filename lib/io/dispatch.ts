/**
 * The flavors that left (`wait: dispatch`) are tested by runs of their own workflows on the fix branch. `workflow_dispatch` is the one
 * event that a `GITHUB_TOKEN` may start runs with; the workflow needs that trigger, on the default branch.
 *
 * Whoever writes a fact looks whether somebody still has to be called, so a leader that died after its push is made up for. Two callers at
 * once may start a workflow twice: the second run costs a test, and says the same.
 *
 * @see https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
 * @module
 */
import { z } from "zod";
import { type Cause, type Coordination, type Fix, waitingFlavors } from "../coordination.ts";
import { Denied } from "../ledger.ts";
import { neutralize } from "../neutralize.ts";
import { isFixBranch } from "../occasion.ts";
import { identitySchema, parsePayload } from "../payload.ts";
import { annotate } from "./actions.ts";
import type { Github } from "./github.ts";
import type { Step } from "./step.ts";

const runSchema = z.object({
  workflow_id: z.number(),
  name: z.string().nullish(),
  path: z.string().nullish(),
  event: z.string().nullish(),
});
const identifiedSchema = identitySchema.extend({ v: z.literal(1) });
/** What GitHub says of a workflow like the triage's. */
const needsInput = "it needs an input";
/** Tries of one dispatch. */
const tries = 4;

/** Starts the workflow of every flavor that waits for a fix and is in no job any more. */
export async function dispatchWaiting(step: Step, coordination: Coordination): Promise<void> {
  for (const cause of coordination.causes)
    if (cause.fix !== undefined && isFixBranch(cause.fix.branch) && cause.live.length === 0)
      await dispatchCause(step, coordination, cause, cause.fix);
}

async function dispatchCause(step: Step, { facts }: Coordination, cause: Cause, fix: Fix): Promise<void> {
  // Who published the fix tests it in its own job, and so does whoever runs this.
  const here = [cause.claims.find(({ n }) => n === fix.n)?.flavor, step.place.identity.flavor];
  const started = new Set<number>();
  for (const flavor of waitingFlavors(cause)) {
    if (here.includes(flavor)) continue;
    const runId = await runOf(step, facts.failures, cause, flavor);
    const run = runId === undefined ? undefined : await readRun(step, runId);
    // A triage holds claims as well, and is no build: it follows one, or was started with the run to look at.
    if (run === undefined || run.event === "workflow_run" || started.has(run.workflow_id)) continue;
    started.add(run.workflow_id);
    const workflow = { id: run.workflow_id, name: run.path ?? run.name ?? String(run.workflow_id) };
    await startOnce(step, fix, workflow, facts.notices);
  }
}

/** Starts a workflow on the branch of a fix, unless somebody has; true where it was started now. */
export async function startOnce(
  { github, ledger, environment }: Step,
  fix: Fix,
  workflow: { readonly id: number; readonly name: string },
  notices: readonly string[],
): Promise<boolean> {
  const of = `${fix.n}-${workflow.id}`;
  if (notices.includes(`dispatched-${of}`) || notices.includes(`unstarted-${of}`)) return false;
  const name = neutralize(workflow.name);
  const { started, why, final } = await startWorkflow(github, { workflow_id: workflow.id, ref: fix.branch });
  // What cannot be started is told of once; what GitHub would not answer is tried again by whoever writes the next fact.
  if (started || final) await ledger.state({ kind: "notice", name: `${started ? "dispatched" : "unstarted"}-${of}` }, fix.sha);
  if (started) process.stderr.write(`dispatch: ${name} on ${fix.branch}\n`);
  else if (why !== needsInput) annotate("warning", `Cannot start ${name} on ${fix.branch} to test the fix: ${why}`, environment);
  return started;
}

/** The last run in which a flavor claimed, or which it left; undefined where it waits in its job. */
async function runOf(step: Step, failures: Coordination["facts"]["failures"], cause: Cause, flavor: string): Promise<number | undefined> {
  const claimed = cause.claims.findLast((claim) => claim.flavor === flavor && claim.runId > 0);
  if (claimed !== undefined) return claimed.runId;
  const left = failures.findLast((one) => one.flavor === flavor && cause.claims.some(({ n, sha }) => n === one.n && sha !== one.sha));
  const commit = left?.sha && (await step.store.commit(left.sha));
  const parsed = commit ? parsePayload(identifiedSchema, commit.message) : undefined;
  return parsed !== undefined && "value" in parsed && parsed.value.runId > 0 ? parsed.value.runId : undefined;
}

async function readRun({ github }: Step, run_id: number): Promise<z.infer<typeof runSchema> | undefined> {
  const reply = await github.read("GET /repos/{owner}/{repo}/actions/runs/{run_id}", { run_id }, { etag: true });
  return runSchema.safeParse(reply?.data).data;
}

export type Start = {
  readonly started: boolean;
  readonly why: string;
  /** It will not start next time either. */
  readonly final: boolean;
};

/** Starts a workflow, by its number or the name of its file. */
export async function startWorkflow(
  github: Github,
  workflow: { readonly workflow_id: number | string; readonly ref: string; readonly inputs?: Readonly<Record<string, string>> },
): Promise<Start> {
  const never = (why: string): Start => ({ started: false, why, final: true });
  let why = "";
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      const written = await github.write("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", workflow);
      if (written.clear) return { started: true, why: "", final: true };
      ({ why } = written);
      if (written.status === 422 && /workflow_dispatch/.test(why)) return never("it has no workflow_dispatch trigger");
      if (written.status === 422 && /required input/i.test(why)) return never(needsInput);
    } catch (error) {
      if (!(error instanceof Denied)) throw error;
      return never("the token needs the permission actions: write");
    }
    await github.pause(attempt + 1);
  }
  return { started: false, why, final: false };
}
