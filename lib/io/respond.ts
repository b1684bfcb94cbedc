/**
 * The whole flow of a flavor's job in one call, on whatever occasion it speaks.
 *
 * 1. A failure of an ordinary commit: decide; as leader analyse and publish, as follower wait; test the fix; on failure decide again.
 * 2. A failure with a fix: the verdict, then perhaps the next attempt. 3. A pass with a fix: the verdict.
 * 4. A pass elsewhere: nothing to pay; a claim that this job left behind is closed. 5. Attempts are used up: a person was called.
 *
 * The model's key is in `secrets` alone, which only the analysis sees.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Cause, coordinationOf } from "../coordination.ts";
import { sameJob } from "../decide.ts";
import { signaturesOf } from "../groups.ts";
import { isFixBranch, type Occasion, occasionOf } from "../occasion.ts";
import type { Verdict } from "../refs.ts";
import type { Failure } from "../signature.ts";
import { similarity } from "../similarity.ts";
import { verdictOn } from "../verdict.ts";
import { annotate, branchOf, type Environment, setOutputs } from "./actions.ts";
import { CallError } from "./command.ts";
import { failureOf } from "./coordinate.ts";
import { finish } from "./finish.ts";
import { gitReads } from "./git.ts";
import { githubRefs } from "./refs.ts";
import { openStep, type Step, withGit } from "./step.ts";
import { nothing, type Responded, type RespondOptions, takeTurns } from "./turns.ts";
import { stateVerdict } from "./verify.ts";

export async function respond(options: RespondOptions): Promise<Responded> {
  const { environment, flags, status } = options;
  const step = openStep(environment, flags, options.secrets);
  const occasion = await occasionIn(step, flags.checkout);
  switch (occasion.kind) {
    case "commit":
      return status === "passed"
        ? passedElsewhere(step)
        : takeTurns(step, 1, await failureOf(needLog(options), step.secrets), needLog(options), options);
    case "fix":
      return onFix(step, occasion, options);
    case "person":
      annotate("notice", `${branchOf(environment)} was continued by a person: nothing is analysed there.`, environment);
      return { ...nothing, case: status === "passed" ? 3 : 2 };
    default:
      return occasion satisfies never;
  }
}

async function occasionIn(step: Step, checkout: string): Promise<Occasion> {
  const branch = branchOf(step.environment);
  if (!isFixBranch(branch)) return { kind: "commit" };
  const { github, place } = step;
  const commit = await gitReads(withGit(step, checkout, 0).git, githubRefs(github, place.sha), Date.now).commit(place.sha);
  return occasionOf(branch, commit?.message ?? "");
}

/** Case 4: an earlier attempt of this very job cannot be at work any more. */
async function passedElsewhere(step: Step): Promise<Responded> {
  const { causes } = coordinationOf(await step.ledger.read());
  const { identity } = step.place;
  const left = causes.flatMap(({ live }) => live).filter((claim) => sameJob(claim, identity) && claim.runAttempt < identity.runAttempt);
  for (const claim of left) await step.ledger.close(claim);
  if (left.length > 0) await finish(step);
  return { ...nothing, case: 4 };
}

/** Cases 2 and 3: this flavor's verdict on the fix that it was built with, and on failure whatever comes next. */
async function onFix(head: Step, { coordination, claim }: Occasion & { kind: "fix" }, options: RespondOptions): Promise<Responded> {
  const { flags, status } = options;
  const environment = { ...options.environment, ...baseOf(options.environment) };
  const opened = openStep(environment, { ...flags, sha: coordination }, options.secrets);
  const step = withGit(opened, flags.checkout, 0);
  const { causes } = coordinationOf(await step.ledger.read({ signatures: true }));
  const { flavor } = step.place.identity;
  const cause = causes.find(({ claims }) => claims.some(({ n }) => n === claim));
  const tested = cause?.claims.find(({ n }) => n === claim)?.outcome;
  if (cause === undefined || tested === undefined || tested.result !== "fixed" || tested.fix !== head.place.sha) {
    annotate(
      "warning",
      `${head.place.sha.slice(0, 7)} says that it is a fix, and the ledger of ${coordination.slice(0, 7)} does not.`,
      environment,
    );
    return { ...nothing, case: status === "passed" ? 3 : 2 };
  }
  const fix = { n: claim, sha: head.place.sha, branch: tested.branch ?? branchOf(options.environment), outcome: tested.sha };
  const known = { branch: fix.branch, pull: cause.pulls[0] ?? ("" as const) };
  const member = cause.flavors.includes(flavor);
  if (status === "passed") {
    // A flavor that never failed with this cause proves nothing about it.
    if (member) await stateVerdict(step, { fix, verdict: "passed", failure: undefined });
    await setOutputs({ verdict: "passed", ...known }, environment);
    return { ...nothing, ...known, case: 3, verdict: "passed" };
  }
  const log = needLog(options);
  const failure = await failureOf(log, step.secrets);
  const verdict = verdictOf(failure, { cause, causes, member, threshold: step.policy.threshold });
  if (verdict === undefined) return { ...nothing, ...known, case: 2 };
  await stateVerdict(step, { fix, verdict, failure });
  await setOutputs({ verdict, ...known }, environment);
  // A failed fix is a matter of its cause, whatever this log says; what is left after a fix that helped is another one.
  const next = verdict === "failed" ? { ...failure, ...(cause.claims[0]?.signature ?? failure), unrecognized: false } : failure;
  return takeTurns(opened, 2, next, log, { ...options, environment, flags: { ...flags, sha: coordination } }, { ...known, verdict });
}

/** What a failure with a fix says about it; nothing, where it is another cause's or the machine's. */
function verdictOf(
  failure: Failure,
  { cause, causes, member, threshold }: { cause: Cause; causes: readonly Cause[]; member: boolean; threshold: number },
): Verdict | undefined {
  if (failure.infrastructure) return undefined;
  if (member) return verdictOn(failure, signaturesOf(cause), threshold);
  const elsewhere = causes.filter((one) => one !== cause).flatMap(signaturesOf);
  // It did not fail with this cause before, and with no other that is known: the fix broke it.
  return elsewhere.some((signature) => similarity(signature, failure) >= threshold) ? undefined : "failed";
}

function needLog({ log }: RespondOptions): string {
  if (log === undefined) throw new CallError("No log: pass --log FILE with what the failing command printed");
  return log;
}

/** On the fix branch the environment names that branch; the pull request's base is that of its event, else the default branch. */
function baseOf({ GITHUB_BASE_REF, GITHUB_EVENT_PATH }: Environment): Environment {
  let base = GITHUB_BASE_REF || "";
  const event = z.object({ repository: z.object({ default_branch: z.string() }) });
  try {
    if (base === "") base = event.parse(JSON.parse(readFileSync(GITHUB_EVENT_PATH ?? "", "utf8"))).repository.default_branch;
  } catch {
    base = "main";
  }
  return { GITHUB_HEAD_REF: "", GITHUB_BASE_REF: base, GITHUB_REF_NAME: base };
}
