/**
 * `workflow_dispatch`: checked against the workflow file at the commit that it starts on, where that has the file.
 *
 * @see https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
 * @module
 */
import { parse } from "yaml";
import { z } from "zod";
import { type Answer, type JsonObject, noContent, notFound, refuse } from "./answer.ts";
import { type Call, missingField, text } from "./call.ts";
import { readCommit } from "./commits.ts";
import { latest } from "./history.ts";
import { type Repository, resolveCommit, type Workflow } from "./repository.ts";
import { findPath } from "./trees.ts";

const inputSchema = z.looseObject({ required: z.boolean().optional(), default: z.unknown().optional() });
const triggerSchema = z.looseObject({ inputs: z.record(z.string(), inputSchema.nullable()).nullish() }).nullish();
const workflowSchema = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.looseObject({ workflow_dispatch: triggerSchema })]),
});

type Inputs = Readonly<Record<string, { readonly required?: boolean | undefined; readonly default?: unknown } | null>>;

/** Starts a workflow: tells the harness, which runs it or not. */
export function dispatch(call: Call): Answer {
  const here = "rest/actions/workflows#create-a-workflow-dispatch-event";
  const workflow = workflowOf(call);
  if (workflow === undefined) return notFound(here);
  const ref = text(call, "ref");
  if (ref === undefined) return missingField("ref", here);
  const sha = resolveCommit(call.repo, ref);
  if (sha === undefined) return refuse(422, `No ref found for: ${ref}`, here);
  const given = call.body.inputs;
  const inputs = typeof given === "object" && given !== null && !Array.isArray(given) ? (given as JsonObject) : {};
  const problem = problemWith(call.repo, workflow, sha, inputs);
  if (problem !== undefined) return refuse(422, problem, here);
  const { id, name, path } = workflow;
  call.hooks.onDispatch?.({ repo: call.repo.fullName, workflow: { id, name, path }, ref, sha, inputs, sender: call.token.sender });
  return noContent;
}

/** A workflow by id, or by the name of its file. */
export function workflowOf(call: Call): Workflow | undefined {
  const wanted = call.params.workflow ?? "";
  return call.repo.workflows
    .entries(latest)
    .find(([id, workflow]) => String(id) === wanted || workflow.path.split("/").at(-1) === wanted)?.[1];
}

/** Why GitHub would not start it, in its words; a workflow that the harness made up without a file takes any inputs. */
function problemWith(repo: Repository, workflow: Workflow, sha: string, given: JsonObject): string | undefined {
  const noTrigger = "Workflow does not have 'workflow_dispatch' trigger";
  const file = fileAt(repo, sha, workflow.path);
  if (file === undefined) return workflow.dispatch ? undefined : noTrigger;
  const declared = inputsOf(file);
  if (declared === undefined) return noTrigger;
  const unexpected = Object.keys(given).filter((name) => !(name in declared));
  if (unexpected.length > 0) return `Unexpected inputs provided: ${JSON.stringify(unexpected)}`;
  const [missing] = Object.entries(declared).filter(([name, input]) => input?.required && input.default === undefined && !(name in given));
  return missing === undefined ? undefined : `Required input '${missing[0]}' not provided`;
}

function fileAt(repo: Repository, sha: string, path: string): string | undefined {
  const entry = findPath(repo.objects, readCommit(repo.objects, sha)?.tree ?? "", path);
  return entry === undefined ? undefined : repo.objects.read(entry.sha)?.content.toString("utf8");
}

/** The inputs that a workflow declares; undefined where it has no such trigger. */
function inputsOf(file: string): Inputs | undefined {
  const { on } = workflowSchema.parse(parse(file));
  if (typeof on === "string" || Array.isArray(on)) return [on].flat().includes("workflow_dispatch") ? {} : undefined;
  return "workflow_dispatch" in on ? (on.workflow_dispatch?.inputs ?? {}) : undefined;
}
