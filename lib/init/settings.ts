/**
 * The settings file that `init` writes: every key commented out with its default, and the JSON Schema that editors check it with.
 *
 * @module
 */
import { z } from "zod";
import { configKeys, configSchema } from "../config.ts";

/** What each key of `fixonce.yml` means, in a line. */
export const about: Readonly<Record<string, string>> = {
  enabled: "Coordinate at all; without it every failing flavor analyses for itself.",
  max_wait_minutes: "How long an analysis may take before another flavor takes it over.",
  max_waiting_flavors: "From so many waiting flavors on, one more may analyse as a second opinion; 0 for never.",
  similarity_threshold: "How alike two failures are, from 0 to 1, to be one cause.",
  max_attempts: "Fixes that are tried for one cause before a person is called.",
  max_claims: "Analyses that one commit may cost, over all causes.",
  lock: "Where facts are kept: git refs, or the comments of an issue for tokens with `issues: write` alone.",
  wait: "Wait on the runner and test the fix there, or leave and let the fix start the workflows again.",
  on_error: "What `coordinate` says when GitHub does not answer; `respond` leaves.",
  tries: "Tries of one read before GitHub counts as unavailable: 7 take up to half a minute.",
  poll_seconds: "Shortest time between two looks of a flavor that waits.",
  settle_seconds: "With `lock: issue`, how long GitHub's lists may lag.",
  flavors: "How many flavors start at once; templates set it by themselves.",
  flavor_names: 'Readable names: "workflow / job" to what people call it.',
  fork_label: "Label by which a maintainer lets the failures of a pull request from a fork be analysed.",
  retention_days: "When a coordination without news is over.",
  runner_usd_per_minute: "What a minute of waiting costs, for the board.",
  model: "Model of the first attempt.",
  retry_model: "Model from the second attempt on; null for the same.",
  effort: "How hard the model thinks: low, medium or high.",
  budget_analysis_usd: "What one analysis may cost; null for no bound.",
  budget_commit_usd: "What the analyses of one commit may cost; null for no bound.",
  budget_day_usd: "What the analyses of a day (UTC) may cost, over all commits; null for no bound.",
  prices: "USD per million tokens that override ours: a list, a map by model, or a file of JSON.",
  protect: "Further paths that a fix may not touch.",
  assignees: "Logins of the people who are called when attempts are used up.",
  allow: "Paths that a fix may touch although they are protected; never git's own.",
  max_files: "Files that a fix may change.",
  max_lines: "Lines that a fix may change.",
  max_bytes: "Bytes that a fix may change.",
  allow_larger_fixes: "Must be true where the three limits above are set higher than they are here.",
  analysis_timeout: "Bound of one analysis: seconds, or with a unit as in 10m.",
  command_timeout: "Bound of one run of the failing command in an analysis.",
  verify_timeout: "Bound of one test of a fix by a flavor's own command.",
};

type JsonSchema = { readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/** JSON Schema of `fixonce.yml`. */
export function settingsSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema;
  const defaults = configSchema.parse({}) as Readonly<Record<string, unknown>>;
  const properties = Object.entries(schema.properties ?? {}).map(([key, property]) => [
    key,
    { description: about[key] ?? "", ...property, default: defaults[key] },
  ]);
  const whole = { title: "fixonce.yml", description: "Settings of fixonce.", ...schema, properties: Object.fromEntries(properties) };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** `.github/fixonce.yml` with nothing set. */
export function settingsText(): string {
  const defaults = configSchema.parse({}) as Readonly<Record<string, unknown>>;
  const blocks = configKeys.map(
    ({ key, variables }) => `# ${about[key] ?? ""} (${variables.join(", ")})\n# ${key}: ${textOf(defaults[key])}\n`,
  );
  const head = "# Settings of fixonce, all optional: what stands here is the default. A variable of the environment wins over its key.\n";
  return `# yaml-language-server: $schema=fixonce/schema.json\n${head}\n${blocks.join("\n")}`;
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
