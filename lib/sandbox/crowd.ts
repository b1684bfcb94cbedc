/**
 * A crowd in virtual time: hundreds of flavors fail in one second and wait, over real HTTP against the embedded GitHub with its real limits.
 * What the product would sleep passes at once; what it would ask is asked.
 *
 * @module
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstDelay } from "../backoff.ts";
import { type Answer, coordinate, waitForFix } from "../coordinate.ts";
import type { Policy, Question } from "../decide.ts";
import { lookElsewhere } from "../io/elsewhere.ts";
import { openGithub } from "../io/github.ts";
import { githubRefs } from "../io/refs.ts";
import { openLedger, type RefStore } from "../ledger.ts";
import type { Failure } from "../signature.ts";
import { startGithub } from "./github.ts";
import { seeded } from "./random.ts";
import { virtualTime } from "./virtual.ts";

export type CrowdResult = {
  readonly flavors: number;
  readonly analyses: number;
  readonly joined: number;
  /** Requests of the primary limit, in all: less than an hour passes. */
  readonly requests: number;
  readonly limited: number;
  /** The worst minute. */
  readonly pointsPerMinute: number;
  readonly contentPerMinute: number;
  /** Looks into the ledger over git, which cost no request, in the worst second. */
  readonly gitReadsPerSecond: number;
};

const policy: Policy = { threshold: 0.7, leaseMs: 15 * 60_000, maxAttempts: 3, maxClaims: 20, maxWaiting: 0 };
/** Each names something that no other does, so each has something to add to what is claimed. */
const failureOf = (flavor: string): Failure => ({
  ...{ id: flavor, title: "small_vec.h: No such file", lines: ["small_vec.h: No such file"], facts: [flavor] },
  ...{ bytes: 1, unrecognized: false, infrastructure: false },
});

/**
 * Lets `flavors` fail within a second with one cause, and wait until the lease ends without a fix.
 *
 * @param checkout Whether they have a checkout, and so decide over git as well as they wait over it.
 */
export async function runCrowd(flavors: number, checkout: boolean, seed = "crowd"): Promise<CrowdResult> {
  const dir = mkdtempSync(join(tmpdir(), "fixonce-crowd-"));
  const time = virtualTime(Date.UTC(2026, 0, 1));
  const sandbox = await startGithub({ dir, seed, now: time.now });
  try {
    const repo = await sandbox.createRepository({ owner: "acme", name: "crowd" });
    const sha = repo.head() ?? "";
    const random = seeded(seed);
    const gitReads: number[] = [];
    const answers: Answer[] = [];
    const start = time.now();
    const one = async (index: number) => {
      const flavor = `flavor-${index}`;
      const token = sandbox.issueToken({ repo: repo.fullName, sender: flavor });
      const github = openGithub({
        token,
        apiUrl: sandbox.url,
        owner: "acme",
        repo: "crowd",
        sleep: time.sleep,
        random,
        fetch: time.watch(fetch),
      });
      const store = githubRefs(github, sha);
      // As over git: the refs as they are, and no request of the API.
      const overGit: RefStore = {
        ...store,
        async list(prefix) {
          gitReads.push(time.now());
          return { refs: repo.refs(prefix).map(([name, target]) => ({ name, sha: target, type: "commit" })), now: time.now() };
        },
        async commit(wanted) {
          const commit = repo.commit(wanted);
          return commit && { sha: wanted, message: commit.message, parents: commit.parents, date: commit.committer.seconds * 1000 };
        },
      };
      const question = {
        failure: failureOf(flavor),
        identity: { flavor, runId: 1000 + index, runAttempt: 1, job: "build" },
        similarity: () => 1,
      };
      const context = (refs: RefStore) => ({
        ledger: openLedger(refs, sha, { sleep: time.sleep, random }),
        policy,
        nonce: () => `nonce-${flavor}`,
        elsewhere: (asked: Question) => lookElsewhere({ github, head: sha, threshold: policy.threshold, sleep: time.sleep, random }, asked),
      });
      await time.sleep(random() * 1000 + firstDelay(flavors, random()));
      const answer = await coordinate(context(checkout ? overGit : store), question);
      answers.push(answer);
      if (answer.analyze) return;
      // They wait for a leader that never comes back, until just before its lease ends.
      await waitForFix(context(overGit), question, {
        pollMs: 10_000,
        waitMs: policy.leaseMs - (time.now() - start) - 60_000,
        sleep: time.sleep,
        random,
      });
    };
    const all = Promise.all(Array.from({ length: flavors }, (_, index) => one(index)));
    await time.run();
    await all;
    const entries = sandbox.requests.entries;
    return {
      flavors,
      analyses: answers.filter(({ analyze }) => analyze).length,
      joined: ["failures", "signatures"].reduce((sum, kind) => sum + repo.refs(`refs/coordination/${sha}/${kind}/`).length, 0),
      requests: entries.reduce((sum, { primaryCost }) => sum + primaryCost, 0),
      limited: entries.filter(({ limit }) => limit !== undefined).length,
      pointsPerMinute: worst(
        entries.map(({ at, points }) => [at, points]),
        60_000,
      ),
      contentPerMinute: worst(
        entries.filter(({ method }) => method !== "GET").map(({ at }) => [at, 1]),
        60_000,
      ),
      gitReadsPerSecond: worst(
        gitReads.map((at) => [at, 1]),
        1000,
      ),
    };
  } finally {
    await sandbox.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The greatest sum within any window. */
function worst(events: readonly (readonly [number, number])[], windowMs: number): number {
  const sorted = events.toSorted(([a], [b]) => a - b);
  let [sum, most, first] = [0, 0, 0];
  for (const [at, weight] of sorted) {
    sum += weight;
    for (let old = sorted[first]; old !== undefined && old[0] <= at - windowMs; old = sorted[++first]) sum -= old[1];
    most = Math.max(most, sum);
  }
  return most;
}
