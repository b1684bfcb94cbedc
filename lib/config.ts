/**
 * `.github/fixonce.yml` and the environment, as one typed and validated value. Environment wins over file, file over default.
 *
 * @module
 */
import { get as distance } from "fast-levenshtein";
import { parse } from "yaml";
import { z } from "zod";
import type { Budget } from "./cost.ts";
import type { Policy } from "./decide.ts";
import { GUARD_LIMITS, type GuardPolicy } from "./guard.ts";
import { priceList } from "./pricelist.ts";

const flag = z.union([z.boolean(), z.stringbool()]);
/** "workflow / job" to a readable name; in the environment as JSON. */
const names = z.preprocess(
  (value) => (typeof value === "string" ? jsonOf(value) : value),
  z.record(z.string(), z.string().trim().min(1).max(200)),
);

/** A number, or in the environment its text. Coercion would take `true`, `[1]` and nothing at all for numbers. */
function numbers(low: number, high: number, preset: number) {
  return z.preprocess(numberOf, z.number().min(low).max(high).default(preset));
}

function wholeNumbers(low: number, high: number, preset: number) {
  return z.preprocess(numberOf, z.number().int().min(low).max(high).default(preset));
}

/** A number, or null: there is no bound. */
function optionalNumbers(low: number, high: number) {
  return z.preprocess(numberOf, z.number().min(low).max(high).nullable().default(null));
}

/** A list of texts, such as globs; in the environment, and where it is one line, separated by commas or line breaks. */
const globs = z.preprocess(
  (value) =>
    typeof value === "string"
      ? value
          .split(/[,\n]/)
          .map((glob) => glob.trim())
          .filter(Boolean)
      : value,
  z.array(z.string().min(1).max(400)).max(200).default([]),
);

const name = z.string().min(1).max(128);

/** `30s`, `5m`, `1h` or a number of seconds; as seconds. */
function spans(low: number, high: number, preset: number) {
  return z.preprocess((value) => {
    const [, amount, unit = "s"] = (typeof value === "string" && /^\s*(\d+(?:\.\d+)?)\s*(s|m|h)?\s*$/.exec(value)) || [];
    return amount === undefined ? value : Number(amount) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1);
  }, z.number().min(low).max(high).default(preset));
}

/** A file, a list or a map; in the environment the latter as JSON. */
const prices = z.preprocess(
  (value) => {
    if (typeof value !== "string" || !/^\s*[{[]/.test(value)) return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  },
  z
    .union([z.string().min(1).max(400), priceList])
    .nullable()
    .default(null),
);

function numberOf(value: unknown): unknown {
  return typeof value === "string" && value.trim() !== "" ? Number(value) : value;
}

/** Key in the file, schema with its default, environment variables. */
const keys = {
  enabled: { schema: flag.default(true), variables: ["COORDINATION_ENABLED", "ENABLE_FLAVOR_COORDINATION"] },
  max_wait_minutes: { schema: numbers(0.01, 360, 15), variables: ["MAX_COORDINATION_WAIT_MINUTES"] },
  max_waiting_flavors: { schema: wholeNumbers(0, 1000, 0), variables: ["MAX_WAITING_FLAVORS"] },
  similarity_threshold: { schema: numbers(0.01, 1, 0.7), variables: ["SIMILARITY_THRESHOLD"] },
  max_attempts: { schema: wholeNumbers(1, 10, 3), variables: ["MAX_ATTEMPTS"] },
  max_claims: { schema: wholeNumbers(1, 100, 20), variables: ["FIXONCE_MAX_CLAIMS"] },
  lock: { schema: z.enum(["ref", "issue"]).default("ref"), variables: ["FIXONCE_LOCK"] },
  wait: { schema: z.enum(["poll", "dispatch"]).default("poll"), variables: ["FIXONCE_WAIT"] },
  on_error: { schema: z.enum(["analyze", "skip"]).default("skip"), variables: ["FIXONCE_ON_ERROR"] },
  /** Tries of one read before GitHub counts as unavailable: 7 take up to half a minute, 105 s where nothing answers at all. */
  tries: { schema: wholeNumbers(1, 20, 7), variables: ["FIXONCE_TRIES"] },
  poll_seconds: { schema: numbers(0.05, 600, 10), variables: ["FIXONCE_POLL_SECONDS"] },
  settle_seconds: { schema: numbers(0, 600, 10), variables: ["FIXONCE_SETTLE_SECONDS"] },
  flavors: { schema: wholeNumbers(1, 1000, 1), variables: ["FIXONCE_FLAVORS"] },
  flavor_names: { schema: names.default({}), variables: ["FIXONCE_FLAVOR_NAMES"] },
  fork_label: { schema: z.string().min(1).max(50).default("fixonce"), variables: ["FIXONCE_FORK_LABEL"] },
  retention_days: { schema: numbers(0, 3650, 30), variables: ["FIXONCE_RETENTION_DAYS"] },
  runner_usd_per_minute: { schema: numbers(0, 10, 0.008), variables: ["FIXONCE_RUNNER_USD_PER_MINUTE"] },
  model: { schema: name.default("claude-sonnet-5-5"), variables: ["FIXONCE_MODEL"] },
  /** From the second attempt on; null: the same. */
  retry_model: { schema: name.nullable().default(null), variables: ["FIXONCE_RETRY_MODEL"] },
  effort: { schema: z.enum(["low", "medium", "high"]).default("medium"), variables: ["FIXONCE_EFFORT"] },
  budget_analysis_usd: { schema: optionalNumbers(0.001, 1000), variables: ["FIXONCE_BUDGET_ANALYSIS"] },
  budget_commit_usd: { schema: optionalNumbers(0.001, 10_000), variables: ["FIXONCE_BUDGET_COMMIT"] },
  budget_day_usd: { schema: optionalNumbers(0.001, 100_000), variables: ["FIXONCE_BUDGET_DAY"] },
  prices: { schema: prices, variables: ["FIXONCE_PRICES"] },
  protect: { schema: globs, variables: ["FIXONCE_PROTECT"] },
  allow: { schema: globs, variables: ["FIXONCE_ALLOW"] },
  assignees: { schema: globs, variables: ["FIXONCE_ASSIGNEES"] },
  max_files: { schema: wholeNumbers(1, 1000, GUARD_LIMITS.maxFiles), variables: ["FIXONCE_MAX_FILES"] },
  max_lines: { schema: wholeNumbers(1, 100_000, GUARD_LIMITS.maxLines), variables: ["FIXONCE_MAX_LINES"] },
  max_bytes: { schema: wholeNumbers(1, 10_000_000, GUARD_LIMITS.maxBytes), variables: ["FIXONCE_MAX_BYTES"] },
  /** Without it the three limits above can only be narrowed. */
  allow_larger_fixes: { schema: flag.default(false), variables: ["FIXONCE_ALLOW_LARGER_FIXES"] },
  analysis_timeout: { schema: spans(10, 3600, 600), variables: ["FIXONCE_ANALYSIS_TIMEOUT"] },
  command_timeout: { schema: spans(1, 36_000, 300), variables: ["FIXONCE_COMMAND_TIMEOUT"] },
  verify_timeout: { schema: spans(1, 36_000, 1800), variables: ["FIXONCE_VERIFY_TIMEOUT"] },
} as const;

type Key = keyof typeof keys;
export type Config = { readonly [K in Key]: z.output<(typeof keys)[K]["schema"]> };

/** Keys of the file, in the order of the documentation, with the environment variables that override them. */
export const configKeys = Object.entries(keys).map(([key, { variables }]) => ({ key, variables }));

/** The file as one schema, for editors and for `init`. */
export const configSchema = z.strictObject(Object.fromEntries(Object.entries(keys).map(([key, { schema }]) => [key, schema])));

/**
 * @param yaml Text of the configuration file; undefined where there is none.
 * @param environment Environment variables.
 * @returns The configuration, or one line that says what is wrong and where.
 */
export function readConfig(
  yaml: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Config | { readonly problem: string } {
  let file: unknown;
  try {
    file = (yaml === undefined ? undefined : parse(yaml)) ?? {};
  } catch (error) {
    return { problem: `fixonce.yml: ${error instanceof Error ? (error.message.split("\n")[0] ?? "not YAML") : "not YAML"}` };
  }
  if (typeof file !== "object" || file === null || Array.isArray(file)) return { problem: "fixonce.yml: expected keys and values" };
  for (const key of Object.keys(file)) {
    if (!Object.hasOwn(keys, key)) return { problem: `fixonce.yml: unknown key "${key}", did you mean "${nearest(key)}"?` };
  }
  const config: Record<string, unknown> = {};
  for (const [key, { schema, variables }] of Object.entries(keys)) {
    const variable = variables.find((name) => (environment[name] ?? "") !== "");
    const value: unknown = variable === undefined ? (file as Record<string, unknown>)[key] : environment[variable];
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      return {
        problem: `${variable ?? `fixonce.yml: ${key}`}: ${parsed.error.issues[0]?.message ?? "invalid"} (got ${JSON.stringify(value)})`,
      };
    config[key] = parsed.data;
  }
  return widened(config as Config) ?? unbounded(config as Config) ?? (config as Config);
}

/** A bound that nobody could keep is not promised. */
function unbounded({ lock, budget_day_usd: day }: Config): { readonly problem: string } | undefined {
  return lock === "issue" && day !== null
    ? {
        problem:
          "fixonce.yml: budget_day_usd: with lock: issue nobody can see what other commits have cost; set budget_commit_usd, or lock: ref",
      }
    : undefined;
}

/** A limit that is wider than ours must be meant: a typing error would otherwise open the guard. */
function widened(config: Config): { readonly problem: string } | undefined {
  const limits = { max_files: GUARD_LIMITS.maxFiles, max_lines: GUARD_LIMITS.maxLines, max_bytes: GUARD_LIMITS.maxBytes } as const;
  for (const [key, limit] of Object.entries(limits)) {
    const value = config[key as keyof typeof limits];
    if (value > limit && !config.allow_larger_fixes)
      return { problem: `${key}: ${value} is more than ${limit}; where that is meant, set allow_larger_fixes: true` };
  }
  return undefined;
}

/** What a fix may touch and how large it may be: one policy for who makes the patch and who publishes it. */
export function guardOf(config: Config): GuardPolicy {
  const { protect, allow, max_files, max_lines, max_bytes } = config;
  return { protect, allow, maxFiles: max_files, maxLines: max_lines, maxBytes: max_bytes };
}

/** The model of an attempt. */
export function modelOf({ model, retry_model }: Config, attempt: number): string {
  return attempt > 1 ? (retry_model ?? model) : model;
}

export function budgetOf({ budget_analysis_usd, budget_commit_usd, budget_day_usd }: Config): Budget {
  return {
    ...(budget_analysis_usd !== null && { perAnalysisUsd: budget_analysis_usd }),
    ...(budget_commit_usd !== null && { perCommitUsd: budget_commit_usd }),
    ...(budget_day_usd !== null && { perDayUsd: budget_day_usd }),
  };
}

export function policyOf(config: Config): Policy {
  return {
    threshold: config.similarity_threshold,
    leaseMs: config.max_wait_minutes * 60_000,
    maxAttempts: config.max_attempts,
    maxClaims: config.max_claims,
    maxWaiting: config.max_waiting_flavors,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nearest(key: string): string {
  return Object.keys(keys).reduce((best, known) => (distance(key, known) < distance(key, best) ? known : best));
}
