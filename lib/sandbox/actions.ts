/**
 * Workflow runs, jobs, their logs, dispatches and re-runs. The harness makes runs (`runs.ts`); clients read them here.
 *
 * @module
 */
import { type Answer, created, list, notFound, ok, refuse } from "./answer.ts";
import { locationOf } from "./blobs.ts";
import { type Call, numberOf, type Route } from "./call.ts";
import { dispatch, workflowOf } from "./dispatches.ts";
import { latest } from "./history.ts";
import type { Job, Run } from "./repository.ts";
import { newestJobs } from "./runs.ts";
import { jobJson, runJson, workflowJson } from "./runshape.ts";

const base = "/repos/:owner/:repo/actions";
const run = `${base}/runs/:run`;
const job = `${base}/jobs/:job`;
const read = ["actions:read"] as const;
const write = ["actions:write"] as const;
const page = "rest/actions/workflow-runs";

export const actionRoutes: readonly Route[] = [
  { method: "GET", path: `${base}/runs`, needs: read, lag: "list", handle: listRuns },
  { method: "GET", path: run, needs: read, lag: "read", handle: getRun },
  { method: "GET", path: `${run}/attempts/:attempt`, needs: read, lag: "read", handle: getRun },
  { method: "GET", path: `${run}/jobs`, needs: read, lag: "list", handle: listJobs },
  { method: "GET", path: `${run}/attempts/:attempt/jobs`, needs: read, lag: "list", handle: listJobs },
  { method: "POST", path: `${run}/rerun`, needs: write, handle: rerunAll },
  { method: "POST", path: `${run}/rerun-failed-jobs`, needs: write, handle: rerunFailed },
  { method: "GET", path: job, needs: read, lag: "read", handle: getJob },
  { method: "GET", path: `${job}/logs`, needs: read, handle: getLog },
  { method: "POST", path: `${job}/rerun`, needs: write, handle: rerunJob },
  { method: "GET", path: `${base}/workflows`, needs: read, lag: "list", handle: listWorkflows },
  { method: "GET", path: `${base}/workflows/:workflow/runs`, needs: read, lag: "list", handle: listRuns },
  { method: "GET", path: `${base}/workflows/:workflow`, needs: read, handle: getWorkflow },
  { method: "POST", path: `${base}/workflows/:workflow/dispatches`, needs: write, creates: true, handle: dispatch },
];

function listRuns(call: Call): Answer {
  const wanted = (name: string, value: string | number | null) => {
    const asked = call.query.get(name);
    return asked === null || asked === String(value);
  };
  const status = call.query.get("status");
  const workflow = call.params.workflow === undefined ? undefined : workflowOf(call);
  if (call.params.workflow !== undefined && workflow === undefined) return notFound(`${page}#list-workflow-runs-for-a-workflow`);
  const runs = call.repo.runs
    .entries(call.moment)
    .map(([, found]) => found)
    .filter(
      (found) =>
        wanted("head_sha", found.headSha) &&
        wanted("branch", found.headBranch) &&
        wanted("event", found.event) &&
        wanted("actor", found.actor),
    )
    .filter((found) => workflow === undefined || found.workflow === workflow.id)
    .filter((found) => status === null || found.status === status || found.conclusion === status)
    .reverse();
  return list(
    runs.map((found) => runJson(found, call)),
    (items, total) => ({ total_count: total, workflow_runs: items }),
  );
}

function getRun(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), call.moment);
  const attempt = call.params.attempt;
  if (found === undefined || (attempt !== undefined && Number(attempt) > found.attempt)) return notFound(`${page}#get-a-workflow-run`);
  if (attempt === undefined || Number(attempt) === found.attempt) return ok(runJson(found, call));
  return ok(runJson({ ...found, attempt: Number(attempt), status: "completed", conclusion: "failure" }, call));
}

function listJobs(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), call.moment);
  if (found === undefined) return notFound("rest/actions/workflow-jobs#list-jobs-for-a-workflow-run");
  const { attempt } = call.params;
  const all = call.query.get("filter") === "all";
  const own = jobsOf(call, found, call.moment);
  const latestOnes = call.repo.settings.latestJobs === "each" ? newestJobs(own) : own.filter((inner) => inner.attempt === found.attempt);
  const jobs = attempt !== undefined ? own.filter((inner) => inner.attempt === Number(attempt)) : all ? own : latestOnes;
  return list(
    jobs.map((inner) => jobJson(inner, found, call)),
    (items, total) => ({ total_count: total, jobs: items }),
  );
}

function jobsOf(call: Call, { id }: Run, moment: number): readonly Job[] {
  return call.repo.jobs.entries(moment).flatMap(([, inner]) => (inner.run === id ? [inner] : []));
}

function getJob(call: Call): Answer {
  const found = call.repo.jobs.get(numberOf(call, "job"), call.moment);
  const its = found === undefined ? undefined : call.repo.runs.get(found.run, latest);
  return found === undefined || its === undefined
    ? notFound("rest/actions/workflow-jobs#get-a-job-for-a-workflow-run")
    : ok(jobJson(found, its, call));
}

function getLog(call: Call): Answer {
  const found = call.repo.jobs.get(numberOf(call, "job"), latest);
  if (found === undefined || found.status !== "completed")
    return notFound("rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run");
  return { status: 302, headers: { location: locationOf("logs", found.id, call.repo, call.url) } };
}

function rerunAll(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), latest);
  return found === undefined ? notFound(`${page}#re-run-a-workflow`) : rerun(call, found, () => true);
}

function rerunFailed(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), latest);
  if (found === undefined) return notFound(`${page}#re-run-failed-jobs-from-a-workflow-run`);
  return rerun(call, found, (inner) => inner.conclusion !== "success");
}

function rerunJob(call: Call): Answer {
  const found = call.repo.jobs.get(numberOf(call, "job"), latest);
  const its = found === undefined ? undefined : call.repo.runs.get(found.run, latest);
  if (found === undefined || its === undefined) return notFound(`${page}#re-run-a-job-from-a-workflow-run`);
  return rerun(call, its, (inner) => inner.id === found.id);
}

/** Starts the next attempt of a run: every chosen job again under a new id, and the harness is told. */
function rerun(call: Call, found: Run, chosen: (inner: Job) => boolean): Answer {
  if (found.status !== "completed") return refuse(403, "This workflow is already running", page);
  const attempt = found.attempt + 1;
  call.repo.runs.set(found.id, { ...found, attempt, status: "queued", conclusion: null, updatedAt: call.now }, call.at);
  const times = { createdAt: call.now, startedAt: call.now, completedAt: undefined };
  const jobs = newestJobs(jobsOf(call, found, latest)).filter(chosen);
  const again = jobs.map((inner): Job => {
    return { ...inner, id: call.repo.nextId(), attempt, status: "queued", conclusion: null, ...times, log: [], steps: [] };
  });
  for (const inner of again) call.repo.jobs.set(inner.id, inner, call.at);
  call.hooks.onRerun?.({
    repo: call.repo.fullName,
    run: found.id,
    jobs: again.map((inner) => inner.id),
    attempt,
    sender: call.token.sender,
  });
  return created({});
}

function listWorkflows(call: Call): Answer {
  const found = call.repo.workflows.entries(call.moment).map(([, workflow]) => workflowJson(workflow, call));
  return list(found, (items, total) => ({ total_count: total, workflows: items }));
}

function getWorkflow(call: Call): Answer {
  const found = workflowOf(call);
  return found === undefined ? notFound("rest/actions/workflows#get-a-workflow") : ok(workflowJson(found, call));
}
