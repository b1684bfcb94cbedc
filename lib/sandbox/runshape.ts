/**
 * How GitHub's API shows workflows, runs and jobs.
 *
 * @module
 */
import type { JsonObject } from "./answer.ts";
import { type Call, iso } from "./call.ts";
import { readCommit } from "./commits.ts";
import { signerJson } from "./gitdata.ts";
import { latest } from "./history.ts";
import type { Job, Run, Workflow } from "./repository.ts";
import { nodeId, repositoryJson, repositoryUrl, userJson } from "./shapes.ts";

export function workflowJson(workflow: Workflow, call: Call): JsonObject {
  const html = `${call.url}/${call.repo.fullName}`;
  return {
    ...{ id: workflow.id, node_id: nodeId("W", workflow.id), name: workflow.name, path: workflow.path, state: "active" },
    ...{ created_at: iso(workflow.createdAt), updated_at: iso(workflow.createdAt) },
    url: `${repositoryUrl(call.repo, call.url)}/actions/workflows/${workflow.id}`,
    html_url: `${html}/blob/${call.repo.defaultBranch}/${workflow.path}`,
    badge_url: `${html}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  };
}

export function runJson(found: Run, call: Call): JsonObject {
  const api = `${repositoryUrl(call.repo, call.url)}/actions/runs/${found.id}`;
  const workflow = call.repo.workflows.get(found.workflow, latest);
  const commit = readCommit(call.repo.objects, found.headSha);
  const signer = commit === undefined ? { name: "", email: "" } : signerJson(commit.author);
  const repository = repositoryJson(call.repo, call.url);
  const head = { id: found.headSha, tree_id: commit?.tree ?? "", message: commit?.message ?? "", timestamp: iso(found.createdAt) };
  return {
    ...{
      id: found.id,
      node_id: nodeId("WFR", found.id),
      name: workflow?.name ?? "",
      path: workflow?.path ?? "",
      workflow_id: found.workflow,
    },
    ...{ run_number: found.number, run_attempt: found.attempt, event: found.event, status: found.status, conclusion: found.conclusion },
    ...{
      head_branch: found.headBranch,
      head_sha: found.headSha,
      display_title: found.title,
      check_suite_id: found.id,
      check_suite_node_id: nodeId("CS", found.id),
    },
    ...{ created_at: iso(found.createdAt), updated_at: iso(found.updatedAt), run_started_at: iso(found.createdAt) },
    ...{
      url: api,
      html_url: `${call.url}/${call.repo.fullName}/actions/runs/${found.id}`,
      jobs_url: `${api}/jobs`,
      logs_url: `${api}/logs`,
    },
    ...{
      check_suite_url: `${repositoryUrl(call.repo, call.url)}/check-suites/${found.id}`,
      artifacts_url: `${api}/artifacts`,
      cancel_url: `${api}/cancel`,
    },
    ...{ rerun_url: `${api}/rerun`, previous_attempt_url: found.attempt > 1 ? `${api}/attempts/${found.attempt - 1}` : null },
    workflow_url: `${repositoryUrl(call.repo, call.url)}/actions/workflows/${found.workflow}`,
    ...{
      pull_requests: [],
      referenced_workflows: [],
      actor: userJson(found.actor, call.url),
      triggering_actor: userJson(found.actor, call.url),
    },
    head_commit: {
      ...head,
      author: { name: signer.name ?? "", email: signer.email ?? "" },
      committer: { name: signer.name ?? "", email: signer.email ?? "" },
    },
    ...{
      repository,
      head_repository: found.headRepository === undefined ? repository : { ...repository, full_name: found.headRepository },
    },
  };
}

export function jobJson(found: Job, its: Run, call: Call): JsonObject {
  const api = repositoryUrl(call.repo, call.url);
  const started = found.status !== "queued";
  const steps = found.steps.map((step, index) => ({ ...step, status: "completed", number: index + 1 }));
  return {
    ...{ id: found.id, node_id: nodeId("CR", found.id), run_id: found.run, run_attempt: found.attempt, name: found.name },
    workflow_name: call.repo.workflows.get(its.workflow, latest)?.name ?? null,
    ...{ head_branch: its.headBranch, head_sha: its.headSha, status: found.status, conclusion: found.conclusion },
    ...{
      created_at: iso(found.createdAt),
      started_at: iso(found.startedAt),
      completed_at: found.completedAt === undefined ? null : iso(found.completedAt),
    },
    ...{
      url: `${api}/actions/jobs/${found.id}`,
      run_url: `${api}/actions/runs/${found.run}`,
      check_run_url: `${api}/check-runs/${found.id}`,
    },
    html_url: `${call.url}/${call.repo.fullName}/actions/runs/${found.run}/job/${found.id}`,
    ...{ labels: found.labels, steps, runner_id: started ? 1 : null, runner_name: started ? "sandbox" : null },
    ...{ runner_group_id: started ? 1 : null, runner_group_name: started ? "Default" : null },
  };
}
