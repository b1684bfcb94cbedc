/**
 * The credentials for the model: whether there are any, and what else is made of them. Small, so that a step may ask before it loads a client.
 *
 * @module
 */
import type { Environment } from "./actions.ts";
import { CallError } from "./command.ts";

/** What a step says, and a board shows, where there is no model to ask. */
export const NO_MODEL = "Cannot analyse without a model: set ANTHROPIC_API_KEY";

/** Without a model and without a mock nothing can be analysed: called wrongly, before anything is claimed. */
export function needModel(mockLlm: boolean, environment: Environment): void {
  if (!mockLlm && !hasCredentials(environment)) throw new CallError(`${NO_MODEL}, or try the flow with --mock-llm`);
}

/** The key of this environment; the workload identity is read by the SDK. */
export function keyOf({ ANTHROPIC_API_KEY: apiKey }: Environment): { readonly apiKey?: string } {
  return (apiKey ?? "") === "" ? {} : { apiKey: apiKey ?? "" };
}

/** A key, or the workload identity that the SDK reads by itself. */
function hasCredentials(environment: Environment): boolean {
  const has = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  const identity = has("ANTHROPIC_IDENTITY_TOKEN_FILE") || has("ANTHROPIC_IDENTITY_TOKEN");
  return has("ANTHROPIC_API_KEY") || has("ANTHROPIC_AUTH_TOKEN") || (has("ANTHROPIC_FEDERATION_RULE_ID") && identity);
}

/**
 * Unknown to whoever writes a log, and the same for every flavor and attempt of a commit, so that they share the prompt's cache: of the
 * key and the commit. Without a key, or with the empty one that a job passes on, it is random.
 */
export function delimiterOf(sha: string, environment: Environment): string {
  const key = environment.ANTHROPIC_API_KEY || environment.ANTHROPIC_AUTH_TOKEN || crypto.randomUUID();
  return new Bun.CryptoHasher("sha256", key).update(`fixonce ${sha}`).digest("hex").slice(0, 12);
}
