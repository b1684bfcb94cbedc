/**
 * One step of a flavor's job: place, configuration, GitHub, git and ledger, opened together; and what one step leaves for the next.
 *
 * @module
 */
import { createReadStream, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Config, policyOf } from "../config.ts";
import { type Answer, causeOf } from "../coordinate.ts";
import type { Policy } from "../decide.ts";
import { encodeFlavor } from "../flavor.ts";
import { type Claim, type Ledger, openLedger, type RefStore } from "../ledger.ts";
import { claimSchema, identitySchema, signatureSchema } from "../payload.ts";
import { knownRedactor, redactAll, redactor, secretValues } from "../redact.ts";
import { type Failure, readFailure } from "../signature.ts";
import { type Environment, type Place, placeOf, setOutputs } from "./actions.ts";
import { CallError } from "./command.ts";
import { configOf } from "./configure.ts";
import { contextOf } from "./context.ts";
import { type Git, gitReads, openGit } from "./git.ts";
import { type Github, openGithub } from "./github.ts";
import { type IssueLock, issueLock } from "./issuelock.ts";
import { githubRefs } from "./refs.ts";

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
  /** Masks the environment's secrets and whatever looks like a token: for everything that leaves. */
  readonly redact: (text: string) => Promise<string>;
  /** Set where the lock is the issue. */
  readonly lock?: IssueLock;
};

export const sleep = (ms: number): Promise<void> => Bun.sleep(ms);
export const random = (): number => Math.random();
export const nonce = (): string => crypto.randomUUID();

export function openStep(environment: Environment, flags: StepFlags = {}): Step {
  const config = configOf(environment, flags.config);
  const place = placeOf(environment, flags);
  const github = openGithub({ ...place, sleep, random });
  const lock = config.lock === "issue" ? issueLock({ github, sha: place.sha, settleMs: config.settle_seconds * 1000, sleep }) : undefined;
  const store = lock ?? githubRefs(github, place.sha);
  const ledger = openLedger(store, place.sha, { sleep, random });
  const redact = redactor(secretValues(environment));
  return { environment, place, config, policy: policyOf(config), github, store, ledger, redact, ...(lock && { lock }) };
}

/** What a log says failed, without a secret of this job: it is going into the ledger, which everybody may read. */
export async function failureIn(log: string, environment: Environment): Promise<Failure> {
  const secrets = secretValues(environment);
  const failure = await readFailure(createReadStream(log), knownRedactor(secrets));
  const { title, lines, facts } = failure;
  return { ...failure, ...(await redactAll({ title, lines, facts }, redactor(secrets))) };
}

/** The same step reading over git instead of the API: free of the hourly limit, and every commit comes with its ref. */
export function withGit(step: Step, checkout: string, skewMs: number): Step & { readonly git: Git } {
  const { place, store, environment } = step;
  const git = openGit({ cwd: checkout, url: place.gitUrl, token: place.token, environment });
  // The issue lock's facts are not in git.
  if (step.lock !== undefined) return { ...step, git };
  const reads = gitReads(git, store, () => Date.now() + skewMs);
  return { ...step, git, ledger: openLedger(reads, place.sha, { sleep, random }) };
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
  const folder = join(environment.RUNNER_TEMP ?? tmpdir(), "fixonce", place.sha, encodeFlavor(place.identity.flavor));
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
  const parsed = stateSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new CallError(`The state in ${folder} is of another version: run coordinate.ts again`);
  return parsed.data;
}

export type Decided = {
  readonly should_analyze: boolean;
  readonly reason: string;
  readonly cause: number | "";
  readonly claim: number | "";
  readonly wait_for_branch: string;
  readonly issue_number: number | "";
  readonly similarity: number;
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

/** Leaves an answer for the next steps: outputs, state, and the claim with what its analysis must stand on. */
export async function leave(step: Step, failure: Failure, answer: Answer, skewMs: number): Promise<Decided> {
  const { environment, place } = step;
  const outputs = outputsOf(answer);
  const folder = stateFolder(environment, place);
  setOutputs({ ...outputs, state: folder }, environment);
  const { id, title, lines, facts, bytes, unrecognized, infrastructure } = failure;
  const plain = { id, title, lines: [...lines], facts: [...facts], bytes, unrecognized, infrastructure };
  const claim = answer.claim && plainClaim(answer.claim);
  saveState(folder, {
    v: 1,
    sha: place.sha,
    identity: place.identity,
    failure: plain,
    skewMs,
    ...(claim && { claim }),
    ...(answer.known && { known: answer.known.sha }),
    held: answer.analyze,
    ...(answer.fix && { fix: { ...answer.fix } }),
  });
  if (answer.analyze && answer.claim) {
    const { n, cause, attempt, flavor, signature } = answer.claim;
    writeJson(folder, "claim.json", { sha: place.sha, n, cause, attempt, flavor, signature });
    writeJson(folder, "context.json", await contextOf(step, answer));
  }
  return outputs;
}

function plainClaim(claim: Claim) {
  return claimSchema.extend({ sha: z.string(), date: z.number() }).parse(claim);
}
