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
    const notice = { kind: "notice", name: `dispatched-${fix.n}-${run.workflow_id}` } as const;
    if (facts.notices.includes(notice.name)) continue;
    const problem = await dispatch(step, run.workflow_id, fix.branch);
    // A workflow that cannot be started is told of once.
    await step.ledger.state(notice, fix.sha);
    if (problem === needsInput) continue;
    const name = neutralize(run.path ?? run.name ?? String(run.workflow_id));
    if (problem !== undefined) annotate("warning", `Cannot start ${name} on ${fix.branch} to test the fix: ${problem}`, step.environment);
    else process.stderr.write(`dispatch: ${name} on ${fix.branch}\n`);
  }
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

/** Starts a workflow; undefined, or why it cannot be. */
async function dispatch({ github }: Step, workflow_id: number, ref: string): Promise<string | undefined> {
  let why = "";
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      const route = "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches";
      const written = await github.write(route, { workflow_id, ref });
      if (written.clear) return undefined;
      ({ why } = written);
      if (written.status === 422 && /workflow_dispatch/.test(why)) return "it has no workflow_dispatch trigger";
      if (written.status === 422 && /required input/i.test(why)) return needsInput;
    } catch (error) {
      if (!(error instanceof Denied)) throw error;
      return "the token needs the permission actions: write";
    }
    await github.pause(attempt + 1);
  }
  return why;
}
