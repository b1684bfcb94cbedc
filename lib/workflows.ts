/**
 * What a repository's workflows are: their names, triggers, jobs and matrices, as far as `init` and the doctor need to know.
 *
 * @module
 */
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";

export type SeenJob = {
  readonly id: string;
  /** Combinations of its matrix; undefined where they are only known at run time, 1 where there is none. */
  readonly legs: number | undefined;
  /** The reusable workflow that it calls. */
  readonly calls: string | undefined;
};

export type SeenWorkflow = {
  readonly path: string;
  /** What `workflow_run` knows it by: its name, or its path. */
  readonly name: string;
  readonly triggers: readonly string[];
  /** Names of the workflows whose runs start it; GitHub takes any text, and never starts for a name that is not there. */
  readonly watches: readonly string[];
  readonly jobs: readonly SeenJob[];
  /** Builds what somebody pushed or proposed. */
  readonly builds: boolean;
  readonly dispatch: boolean;
};

export type Unread = { readonly path: string; readonly problem: string };

const jobSchema = z.looseObject({ uses: z.string().optional(), strategy: z.looseObject({ matrix: z.unknown() }).optional() });
const workflowSchema = z.looseObject({
  name: z.string().optional(),
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  jobs: z.record(z.string(), jobSchema),
});

const watchSchema = z.looseObject({ workflow_run: z.looseObject({ workflows: z.union([z.string(), z.array(z.string())]).optional() }) });

const building = ["push", "pull_request", "merge_group"];

/** Reads one workflow file. */
export function seeWorkflow(path: string, text: string): SeenWorkflow | Unread {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const [error] = document.errors;
  if (error !== undefined)
    return {
      path,
      problem: `not YAML (line ${lines.linePos(error.pos[0]).line}): ${error.message.split("\n")[0]?.replace(/ at line.*$/, "")}`,
    };
  const parsed = workflowSchema.safeParse(toPlain(document));
  if (!parsed.success)
    return { path, problem: `not a workflow: ${parsed.error.issues[0]?.path.join(".") || "it"} is missing or of another kind` };
  const { name, on, jobs } = parsed.data;
  const triggers = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
  return {
    path,
    name: name ?? path,
    triggers,
    watches: watchedBy(on),
    jobs: Object.entries(jobs).map(([id, { uses, strategy }]) => ({ id, legs: legsOf(strategy?.matrix), calls: uses })),
    builds: triggers.some((trigger) => building.includes(trigger)),
    dispatch: triggers.includes("workflow_dispatch"),
  };
}

function watchedBy(on: unknown): readonly string[] {
  const { data } = watchSchema.safeParse(on);
  return [data?.workflow_run.workflows ?? []].flat();
}

/** YAML that expands without end is refused, not expanded. */
function toPlain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch {
    return undefined;
  }
}

function legsOf(matrix: unknown): number | undefined {
  if (matrix === undefined) return 1;
  if (typeof matrix !== "object" || matrix === null) return undefined;
  const { include, exclude, ...axes } = matrix as Readonly<Record<string, unknown>>;
  const lists = Object.values(axes);
  if (!lists.every(Array.isArray) || !(include === undefined || Array.isArray(include))) return undefined;
  let rows: Readonly<Record<string, unknown>>[] = lists.length === 0 ? [] : [{}];
  for (const [key, values] of Object.entries(axes))
    rows = rows.flatMap((row) => (values as unknown[]).map((value) => ({ ...row, [key]: value })));
  const fits = (row: Readonly<Record<string, unknown>>, part: object, absent: boolean) =>
    Object.entries(part).every(([key, value]) => (key in row ? JSON.stringify(row[key]) === JSON.stringify(value) : absent));
  const left = rows.filter((row) => !(Array.isArray(exclude) ? exclude : []).some((part: object) => fits(row, part, false)));
  const added = (include ?? []).filter((part: object) => !left.some((row) => fits(row, part, true)));
  return left.length + added.length;
}
