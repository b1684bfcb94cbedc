/**
 * A workflow file as the runner executes it: read by GitHub's own parser, which refuses what GitHub would refuse, with matrices expanded.
 *
 * @module
 */
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { parse } from "yaml";
import { z } from "zod";
import { type Contexts, type Json, resolve } from "./expressions.ts";

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);
const permissions = z.union([z.enum(["read-all", "write-all"]), z.record(z.string(), z.enum(["none", "read", "write"]))]);

export const stepSchema = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: json.optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  "working-directory": z.string().optional(),
  env: z.record(z.string(), json).default({}),
  with: z.record(z.string(), json).default({}),
  "continue-on-error": json.optional(),
  "timeout-minutes": json.optional(),
});

const jobSchema = z.looseObject({
  name: z.string().optional(),
  needs: z.union([z.string().transform((name) => [name]), z.array(z.string())]).default([]),
  if: json.optional(),
  permissions: permissions.optional(),
  "runs-on": json,
  strategy: z.looseObject({ matrix: json.optional(), "fail-fast": json.optional() }).optional(),
  outputs: z.record(z.string(), z.string()).default({}),
  env: z.record(z.string(), json).default({}),
  steps: z.array(stepSchema),
});

const workflowSchema = z.looseObject({
  name: z.string().optional(),
  on: json,
  permissions: permissions.optional(),
  env: z.record(z.string(), json).default({}),
  jobs: z.record(z.string(), jobSchema),
});

export type Step = z.output<typeof stepSchema>;
export type Job = z.output<typeof jobSchema>;
export type Workflow = z.output<typeof workflowSchema>;
export type Permissions = z.output<typeof permissions>;

/** @throws with GitHub's words where the file is no valid workflow */
export async function readWorkflow(name: string, content: string): Promise<Workflow> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  const [error] = context.errors.getErrors();
  if (error !== undefined || value === undefined) throw new Error(`Cannot run ${name}: ${error?.message ?? "it is empty"}`);
  return workflowSchema.parse(parse(content, { merge: true }));
}

/** The combinations of a job's matrix, in order; one empty one where there is none. */
export function combinations(job: Job, contexts: Contexts): readonly Readonly<Record<string, Json>>[] {
  const matrix = job.strategy?.matrix === undefined ? undefined : resolve(job.strategy.matrix, contexts);
  if (typeof matrix !== "object" || matrix === null || Array.isArray(matrix)) return [{}];
  const { include, exclude, ...axes } = matrix as Record<string, Json>;
  const excluded = listOf(exclude);
  let rows: Record<string, Json>[] = Object.keys(axes).length === 0 ? [] : [{}];
  for (const [name, values] of Object.entries(axes))
    rows = rows.flatMap((row) => (values as Json[]).map((value) => ({ ...row, [name]: value })));
  rows = rows.filter((row) => !excluded.some((out) => Object.entries(out).every(([key, value]) => same(row[key], value))));
  const original = rows.map((row) => ({ ...row }));
  for (const extra of listOf(include)) {
    const fits = original.flatMap((row, index) =>
      Object.keys(extra).every((key) => !(key in row) || same(row[key], extra[key])) ? [index] : [],
    );
    if (fits.length === 0) rows.push({ ...extra });
    for (const index of fits) Object.assign(rows[index] ?? {}, extra);
  }
  return rows;
}

function listOf(value: Json | undefined): Record<string, Json>[] {
  return Array.isArray(value) ? (value as Record<string, Json>[]) : [];
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
