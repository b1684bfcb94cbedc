/**
 * Workflow runs, jobs, their logs, dispatches and re-runs. The harness makes runs (`runs.ts`); clients read them here.
 *
 * @module
 */
import { type Answer, created, type JsonObject, list, noContent, notFound, ok, refuse } from "./answer.ts";
import { type Call, missingField, numberOf, type Route, text } from "./call.ts";
import { latest } from "./history.ts";
import { type Job, type Repository, type Run, resolveCommit, type Workflow } from "./repository.ts";
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

/** Proves that a log URL was given out by this server; good as long as it runs. */
export function logSignature(repo: Repository, jobId: number): string {
  return new Bun.CryptoHasher("sha256").update(`${repo.gitDir}/${jobId}`).digest("hex").slice(0, 32);
}

/** The text of a job's log as it can be read at a moment: its end may still be on its way. */
export function logText(found: Job, moment: number): string {
  return found.log
    .filter((piece) => piece.at <= moment)
    .map((piece) => piece.text)
    .join("");
}

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
  const attempt = call.params.attempt === undefined ? found.attempt : Number(call.params.attempt);
  const all = call.query.get("filter") === "all";
  const jobs = call.repo.jobs.entries(call.moment).filter(([, inner]) => inner.run === found.id && (all || inner.attempt === attempt));
  return list(
    jobs.map(([, inner]) => jobJson(inner, found, call)),
    (items, total) => ({ total_count: total, jobs: items }),
  );
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
  const location = `${call.url}/_logs/${call.repo.fullName}/${found.id}?sig=${logSignature(call.repo, found.id)}`;
  return { status: 302, headers: { location } };
}

function rerunAll(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), latest);
  return found === undefined ? notFound(`${page}#re-run-a-workflow`) : rerun(call, found, (inner) => inner.attempt === found.attempt);
}

function rerunFailed(call: Call): Answer {
  const found = call.repo.runs.get(numberOf(call, "run"), latest);
  if (found === undefined) return notFound(`${page}#re-run-failed-jobs-from-a-workflow-run`);
  return rerun(call, found, (inner) => inner.attempt === found.attempt && inner.conclusion !== "success");
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
  const jobs = call.repo.jobs
    .entries(latest)
    .map(([, inner]) => inner)
    .filter((inner) => inner.run === found.id && chosen(inner));
  const again = jobs.map((inner): Job => {
    return {
      ...inner,
      id: call.repo.nextId(),
      attempt,
      status: "queued",
      conclusion: null,
      createdAt: call.now,
      startedAt: call.now,
      completedAt: undefined,
      log: [],
    };
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

function dispatch(call: Call): Answer {
  const here = "rest/actions/workflows#create-a-workflow-dispatch-event";
  const workflow = workflowOf(call);
  if (workflow === undefined) return notFound(here);
  const ref = text(call, "ref");
  if (ref === undefined) return missingField("ref", here);
  const sha = resolveCommit(call.repo, ref);
  if (sha === undefined) return refuse(422, `No ref found for: ${ref}`, here);
  if (!workflow.dispatch) return refuse(422, "Workflow does not have 'workflow_dispatch' trigger", here);
  const given = call.body.inputs;
  const inputs = typeof given === "object" && given !== null && !Array.isArray(given) ? (given as JsonObject) : {};
  const { id, name, path } = workflow;
  call.hooks.onDispatch?.({ repo: call.repo.fullName, workflow: { id, name, path }, ref, sha, inputs, sender: call.token.sender });
  return noContent;
}

/** A workflow by id, or by the name of its file. */
function workflowOf(call: Call): Workflow | undefined {
  const wanted = call.params.workflow ?? "";
  return call.repo.workflows
    .entries(latest)
    .find(([id, workflow]) => String(id) === wanted || workflow.path.split("/").at(-1) === wanted)?.[1];
}
