import { describe, expect, test } from "bun:test";
import { coordinate, isWaiting } from "../lib/coordinate.ts";
import { coordinationOf } from "../lib/coordination.ts";
import { decide } from "../lib/decide.ts";
import type { Claim } from "../lib/ledger.ts";
import type { Memory } from "../lib/sandbox/memory.ts";
import { seeded } from "../lib/sandbox/random.ts";
import { type Mutant, type Setup, simulate } from "./simulation.ts";

/** A world drawn from its seed alone: replay one with `RACE_SEED=n bun test tests/race.test.ts`. */
function drawn(seed: number): Setup {
  const random = seeded(`world-${seed}`);
  const flavors = 2 + Math.floor(random() * 11);
  const kinds = 1 + Math.floor(random() * Math.min(3, flavors));
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  return {
    seed,
    causes: Array.from({ length: flavors }, () => `cause-${Math.floor(random() * kinds)}`),
    lagMs: pick(0, 2000, 10_000),
    faultRate: pick(0, 0.05, 0.2),
    staggerMs: pick(0, 1000, 120_000),
    crashRate: pick(0, 0, 0.01, 0.05),
    restartRate: pick(0, 0.5, 1),
    wrongRate: pick(0, 0.3),
    twins: random() < 0.1,
    analysisMs: pick(10_000, 120_000, 14 * 60_000),
    maxWaiting: pick(0, 2),
  };
}

const races = Number(process.env.RACES ?? 10_000);
const only = process.env.RACE_SEED;

async function violationsOf(seeds: readonly number[], mutate?: Mutant, change: Partial<Setup> = {}) {
  const found: string[] = [];
  for (const seed of seeds) {
    const { violations } = await simulate({ ...drawn(seed), ...change, ...(mutate && { mutate }) });
    found.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
  }
  return found;
}

const seeds = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

describe("race", () => {
  test(
    `coordinate() elects exactly one leader a cause in ${only ? 1 : races} races with lag, lost answers and crashes`,
    async () => {
      expect(await violationsOf(only ? [Number(only)] : seeds(races))).toEqual([]);
    },
    { timeout: 600_000 },
  );

  test("coordinate() pays for one analysis a cause when nobody crashes and fixes are right", async () => {
    for (const seed of seeds(200)) {
      const calm = { crashRate: 0, wrongRate: 0, analysisMs: 60_000, maxWaiting: 0 };
      const { analyses, violations, endings } = await simulate({ ...drawn(seed), ...calm });
      // Where the server answers nobody of a cause, nobody analyses it.
      const causes = new Set(endings.flatMap(({ cause, how }) => (how === "unavailable" ? [] : [cause])));
      expect({ seed, violations, analyses: analyses.map(({ cause }) => cause).sort() }).toEqual({
        seed,
        violations: [],
        analyses: [...causes].sort(),
      });
    }
  });
});

describe("race of failures that show different sides of one cause", () => {
  /** Two causes, of which some flavors show one side, some another, some both: those of one side alone have nothing in common. */
  const sided = (seed: number): Setup => {
    const random = seeded(`sides-${seed}`);
    const sides = [["a"], ["b"], ["a", "b"]];
    // One that crashes, or has a twin, and sees less than before may join another cause.
    const world = { ...drawn(seed), crashRate: 0, twins: false };
    return { ...world, shown: world.causes.map(() => sides[Math.floor(random() * sides.length)] ?? []) };
  };
  /** Nothing is late: whoever comes knows who joined. */
  const slow = { lagMs: 0, faultRate: 0, wrongRate: 0, staggerMs: 20 * 60_000, analysisMs: 60_000, maxWaiting: 0 };
  const analysesIn = async (change: Partial<Setup>, mutate?: Mutant) => {
    const worlds = await Promise.all(seeds(300).map((seed) => simulate({ ...sided(seed), ...change, ...(mutate && { mutate }) })));
    return worlds.reduce((sum, { analyses }) => sum + analyses.length, 0);
  };

  test("each failure is in one cause, whatever is late, and no claim is analysed twice", async () => {
    for (const seed of seeds(only ? 1 : races / 10, Number(only ?? 1))) {
      const { violations } = await simulate(sided(seed));
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  test("who joined saves analyses by what its log added to the claim's", async () => {
    const deaf: Mutant = {
      ledger: (ledger) => ({ ...ledger, read: async () => ({ ...(await ledger.read()), signatures: [] }) }),
    };
    expect(await analysesIn(slow)).toBeLessThan((await analysesIn(slow, deaf)) - 40);
  });

  test("the checks notice: a failure that joined is moved to whatever is claimed meanwhile", async () => {
    const moved: Mutant = {
      coordinate: async (context, { joined: _joined, ...question }, _store, sleep) => {
        let answer = await coordinate(context, question);
        for (let poll = 0; poll < 200 && isWaiting(answer); poll++) {
          await sleep(20_000);
          answer = await coordinate(context, question);
        }
        return answer;
      },
    };
    const found = async (mutate?: Mutant) => {
      const worlds = seeds(200).map((seed) => simulate({ ...sided(seed), lagMs: 10_000, ...(mutate && { mutate }) }));
      return (await Promise.all(worlds)).flatMap(({ violations }) => violations);
    };
    expect(await found()).toEqual([]);
    expect((await found(moved)).length).toBeGreaterThan(0);
  });
});

/** Each breaks one thing that the protocol says is needed; the checks above must notice. */
const mutants: Record<string, { readonly mutant: Mutant; readonly change?: Partial<Setup>; readonly worlds?: number }> = {
  "no nonce": { mutant: { nonce: () => "constant-nonce" }, change: { twins: true, staggerMs: 0, lagMs: 0 } },
  "no read-back: an unclear answer counts as won": {
    mutant: {
      store: (store) => ({
        ...store,
        async createRef(name, sha) {
          await store.createRef(name, sha);
          return true;
        },
      }),
    },
  },
  "no read-back: an unclear answer counts as lost": {
    mutant: { store: (store) => ({ ...store, ...believeRefusals(store) }) },
    change: { faultRate: 0.2 },
  },
  "retry under the ref write: the second answer is believed": {
    mutant: { store: (store) => ({ ...store, ...retryThenBelieve(store) }) },
    change: { faultRate: 0.2 },
    // What it believes makes most flavors give up, which is their right: it takes many worlds to see one that errs.
    worlds: 400,
  },
  "no parent check: a lost number is followed by the next one, unread": {
    mutant: {
      ledger: (ledger) => ({
        ...ledger,
        async claim(payload, parents) {
          for (let n = payload.n; n < payload.n + 20; n++) {
            const claim = await ledger.claim({ ...payload, n }, parents);
            if (claim !== undefined) return claim;
          }
          return undefined;
        },
      }),
    },
  },
  "a second opinion is followed by a third": {
    mutant: {
      ledger: (ledger) => ({
        ...ledger,
        async read() {
          const facts = await ledger.read();
          return {
            ...facts,
            claims: facts.claims.map((claim) => (claim.reason === "second_flavor" ? { ...claim, reason: "retry" } : claim)),
          };
        },
      }),
    },
    change: { maxWaiting: 2, analysisMs: 14 * 60_000 },
  },
  "forced write: a ref can be written twice": {
    mutant: {
      store: (store) => ({
        ...store,
        async createRef(name, sha) {
          (store.refs as Map<string, unknown>).delete(name);
          return store.createRef(name, sha);
        },
      }),
    },
  },
  "no fence: the branch is pushed whatever became of the claim": {
    mutant: {
      ledger: (ledger) => ({ ...ledger, find: async () => undefined }),
      store: (store) => ({
        ...store,
        async push(prepared) {
          const heads = (store.branches as Map<string, string[]>).get(prepared.branch) ?? [];
          (store.branches as Map<string, string[]>).set(prepared.branch, [...heads, prepared.fix]);
          return store.push(prepared);
        },
      }),
    },
    change: { crashRate: 0, analysisMs: 30 * 60_000 },
  },
  "lowest number wins: a settle time instead of an atomic write": {
    mutant: {
      async coordinate({ ledger, policy, nonce }, question, store, sleep) {
        const coordination = coordinationOf(await ledger.read());
        const decision = decide(coordination, question, policy);
        if (decision.action !== "analyze") return { analyze: false, reason: decision.reason, similarity: 1, coordination };
        const { id, title } = question.failure;
        const mine = `refs/tickets/${1e15 + store.refs.size * 1e6 + Number(question.identity.runId)}`;
        await store.createRef(mine, "f".repeat(40));
        await sleep(1000);
        const tickets = (await store.list("refs/tickets/")).refs.map(({ name }) => name).sort();
        if (tickets.length > 0 && tickets[0] !== mine) return { analyze: false, reason: "fix_in_progress", similarity: 1, coordination };
        const payload = { v: 1, n: 1, cause: 1, attempt: 1, reason: "first_flavor", ...question.identity, nonce: nonce() } as const;
        const claim = { ...payload, signature: { id, title, lines: [], facts: [] }, sha: "f".repeat(40), date: 0 } satisfies Claim;
        return { analyze: true, reason: "first_flavor", similarity: 1, claim, coordination };
      },
    },
    change: { lagMs: 10_000, staggerMs: 1000, crashRate: 0 },
  },
};

function believeRefusals(store: Memory): Pick<Memory, "createRef" | "read"> {
  const refused = new Set<string>();
  return {
    async createRef(name, sha) {
      const created = await store.createRef(name, sha);
      if (!created) refused.add(name);
      return created;
    },
    read: async (name) => (refused.has(name) ? "0".repeat(40) : store.read(name)),
  };
}

function retryThenBelieve(store: Memory): Pick<Memory, "createRef" | "read"> {
  const believing = believeRefusals(store);
  return { ...believing, createRef: async (name, sha) => (await store.createRef(name, sha)) || believing.createRef(name, sha) };
}

test("coordinate() asks for second opinions in these worlds", async () => {
  const worlds = await Promise.all(seeds(60).map((seed) => simulate(drawn(seed))));
  expect(worlds.flatMap(({ analyses }) => analyses).filter(({ reason }) => reason === "second_flavor").length).toBeGreaterThan(10);
});

describe("mutants", () => {
  for (const [name, { mutant, change, worlds = 60 }] of Object.entries(mutants)) {
    test(`the checks notice: ${name}`, async () => {
      expect((await violationsOf(seeds(worlds), mutant, change)).length).toBeGreaterThan(0);
    });
  }

  test("the worlds of the mutants are sound without the mutation", async () => {
    for (const { change } of Object.values(mutants)) expect(await violationsOf(seeds(20), undefined, change)).toEqual([]);
  });
});

test("simulate() is replayed by its seed", async () => {
  const [first, second] = [await simulate(drawn(7)), await simulate(drawn(7))];
  expect(first.analyses).toEqual(second.analyses);
  expect([...first.store.refs]).toEqual([...second.store.refs]);
});
