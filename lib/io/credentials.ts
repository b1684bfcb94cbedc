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
  if (!mockLlm && modelVariables(environment).length === 0) throw new CallError(`${NO_MODEL}, or try the flow with --mock-llm`);
}

/** The key of this environment; the workload identity is read by the SDK. */
export function keyOf(environment: Environment): { readonly apiKey?: string } {
  const apiKey = heldIn(environment, "ANTHROPIC_API_KEY");
  return apiKey === "" ? {} : { apiKey };
}

/** Names of the variables that open the model: a key, a token, or both halves of a workload identity. None: there is no model to ask. */
export function modelVariables(environment: Environment): readonly string[] {
  const has = (name: string): boolean => heldIn(environment, name) !== "";
  const identity = ["ANTHROPIC_IDENTITY_TOKEN_FILE", "ANTHROPIC_IDENTITY_TOKEN"].filter(has);
  const federated = has("ANTHROPIC_FEDERATION_RULE_ID") && identity.length > 0 ? ["ANTHROPIC_FEDERATION_RULE_ID", ...identity] : [];
  return [...["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"].filter(has), ...federated];
}

/** The environment without the model's credentials: git, GitHub and the tested command have no use for them. */
export function withoutModel(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("ANTHROPIC_")));
}

/**
 * Unknown to whoever writes a log, and the same for every flavor and attempt of a commit, so that they share the prompt's cache: of the
 * key and the commit. Without a key, or with the empty one that a job passes on, it is random.
 */
export function delimiterOf(sha: string, environment: Environment): string {
  const key = heldIn(environment, "ANTHROPIC_API_KEY") || heldIn(environment, "ANTHROPIC_AUTH_TOKEN") || crypto.randomUUID();
  return new Bun.CryptoHasher("sha256", key).update(`fixonce ${sha}`).digest("hex").slice(0, 12);
}

/** What a variable holds; a job passes on an empty one where the secret is missing, and blanks are nobody's key. */
function heldIn(environment: Environment, name: string): string {
  return (environment[name] ?? "").trim();
}
