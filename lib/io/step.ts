/**
 * One step of a flavor's job: place, configuration, GitHub, git and ledger, opened together; and what one step leaves for the next.
 *
 * @module
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Config, policyOf } from "../config.ts";
import { type Answer, causeOf } from "../coordinate.ts";
import type { Policy } from "../decide.ts";
import { encodeFlavor } from "../flavor.ts";
import { type Ledger, openLedger, type RefStore } from "../ledger.ts";
import { claimSchema, identitySchema, parsePayload, signatureSchema } from "../payload.ts";
import { knownRedactor, redactAll, redactor, secretValues } from "../redact.ts";
import { type Failure, readFailure } from "../signature.ts";
import { type Environment, type Place, placeOf } from "./actions.ts";
import { bytesOf } from "./bytes.ts";
import { CallError } from "./command.ts";
import { configOf } from "./configure.ts";
import { type Git, gitReads, openGit } from "./git.ts";
import { type Github, openGithub } from "./github.ts";
import { type IssueLock, issueLock } from "./issuelock.ts";
import { githubRefs } from "./refs.ts";
import { temporaryRoot } from "./temporary.ts";

export type StepFlags = {
  readonly repo?: string;
  readonly sha?: string;
  readonly flavor?: string;
  readonly config?: string;
  readonly checkout?: string;
};

export type Step = {
  readonly environment: Environment;
  readonly place: Place;
  readonly config: Config;
  readonly policy: Policy;
  readonly github: Github;
  readonly store: RefStore;
  readonly ledger: Ledger;
  /** Values that may not leave. */
  readonly secrets: readonly string[];
  /** Masks them and whatever looks like a token: for everything that leaves. */
  readonly redact: (text: string) => Promise<string>;
  /** Set where the lock is the issue. */
  readonly lock?: IssueLock;
};

export const sleep = (ms: number): Promise<void> => Bun.sleep(ms);
export const random = (): number => Math.random();
export const nonce = (): string => crypto.randomUUID();

/** @param hidden Where secrets stand that may not leave. @default the environment */
export function openStep(environment: Environment, flags: StepFlags = {}, hidden: Environment = environment): Step {
  const config = configOf(environment, flags.config);
  const place = placeOf(environment, flags);
  const github = openGithub({ ...place, sleep, random, tries: config.tries });
  const lock = config.lock === "issue" ? issueLock({ github, sha: place.sha, settleMs: config.settle_seconds * 1000, sleep }) : undefined;
  const store = lock ?? githubRefs(github, place.sha);
  const ledger = openLedger(store, place.sha, { sleep, random });
  const secrets = secretValues(hidden);
  const opened = { environment, place, config, policy: policyOf(config), github, store, ledger };
  return { ...opened, secrets, redact: redactor(secrets), ...(lock && { lock }) };
}

/** What a log says failed, without a secret: it is going into the ledger, which everybody may read. */
export async function failureIn(log: string, secrets: readonly string[]): Promise<Failure> {
  const failure = await readFailure(bytesOf(log), knownRedactor(secrets));
  const { title, lines, facts } = failure;
  return { ...failure, ...(await redactAll({ title, lines, facts }, redactor(secrets))) };
}

/** The same step for the coordination of another commit. */
export function stepAt<S extends Step>(step: S, sha: string): S {
  return { ...step, place: { ...step.place, sha }, ledger: openLedger(step.store, sha, { sleep, random }) };
}

/** The same step reading over git instead of the API: free of the hourly limit, and every commit comes with its ref. */
export function withGit(step: Step, checkout: string, skewMs: number): Step & { readonly git: Git } {
  const { place, store, environment } = step;
  const git = openGit({ cwd: checkout, url: place.gitUrl, token: place.token, environment });
  // The issue lock's facts are not in git.
  if (step.lock !== undefined) return { ...step, git };
  const reads = gitReads(git, store, () => Date.now() + skewMs);
  return { ...step, git, store: reads, ledger: openLedger(reads, place.sha, { sleep, random }) };
}

const failureSchema = signatureSchema.extend({ bytes: z.number(), unrecognized: z.boolean(), infrastructure: z.boolean() });
const stateSchema = z.object({
  v: z.literal(1),
  sha: z.string(),
  identity: identitySchema,
  failure: failureSchema,
  /** The server's clock less ours, in milliseconds. */
  skewMs: z.number(),
  /** The claim held or joined. */
  claim: claimSchema.extend({ sha: z.string(), date: z.number() }).optional(),
  /** The commit whose coordination the claim and the fix belong to, where it is an ancestor's. */
  known: z.string().optional(),
  /** This job holds it. */
  held: z.boolean(),
  /** The newest fix that this job has seen: a later read may lag behind it. */
  fix: z.object({ n: z.number(), sha: z.string(), branch: z.string(), outcome: z.string() }).optional(),
});
export type State = z.infer<typeof stateSchema>;

/** Where one step of a flavor leaves its state for the next: of this runner, never of the repository. */
export function stateFolder(environment: Environment, place: Place): string {
  const folder = join(temporaryRoot(environment), "fixonce", place.sha, encodeFlavor(place.identity.flavor));
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function saveState(folder: string, state: State): void {
  writeJson(folder, "state.json", state);
}

/** Whole or not at all: a process that is killed while it writes leaves what was there before. */
export function writeJson(folder: string, name: string, value: unknown): void {
  writeFileSync(join(folder, `${name}.tmp`), JSON.stringify(value));
  renameSync(join(folder, `${name}.tmp`), join(folder, name));
}

export function loadState(folder: string): State {
  let text: string;
  try {
    text = readFileSync(join(folder, "state.json"), "utf8");
  } catch {
    throw new CallError("No decision of this flavor for this commit: run coordinate.ts first, in the same job");
  }
  const parsed = parsePayload(stateSchema, text);
  if ("problem" in parsed) throw new CallError(`The state in ${folder} is of another version, or cut off: run coordinate.ts again`);
  return parsed.value;
}

export type Decided = {
  readonly should_analyze: boolean;
  readonly reason: string;
  readonly cause: number | "";
  readonly claim: number | "";
  readonly wait_for_branch: string;
  readonly issue_number: number | "";
  readonly similarity: number;
  /** It left: the fix is tested by a run that is started for it (`wait: dispatch`). */
  readonly dispatched?: true;
};

/** An answer as step outputs. */
export function outputsOf(answer: Answer): Decided {
  const cause = causeOf(answer);
  const branch = answer.fix?.branch ?? "";
  const { boards } = (answer.known?.coordination ?? answer.coordination).facts;
  const issue = boards.toSorted((a, b) => a - b)[0];
  return {
    should_analyze: answer.analyze,
    reason: answer.reason,
    cause: answer.claim?.cause ?? cause?.cause ?? "",
    claim: answer.claim?.n ?? "",
    wait_for_branch: branch,
    issue_number: issue ?? "",
    similarity: Math.round(answer.similarity * 1000) / 1000,
  };
}
