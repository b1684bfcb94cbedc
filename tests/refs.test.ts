import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { flavorName } from "../lib/flavor.ts";
import { aparts, type Fact, parseRef, prefixOf, refName, verdicts } from "../lib/refs.ts";
import { sha } from "./facts.ts";

const number = fc.integer({ min: 1, max: 999_999_999_999_999 });
const flavor = fc
  .string({ unit: "binary", minLength: 1 })
  .map(flavorName)
  .filter((name) => name !== "");
const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({ kind: fc.constant("claim" as const), n: number }),
  fc.record({ kind: fc.constant("outcome" as const), n: number }),
  fc.record({ kind: fc.constant("failure" as const), n: number, flavor }),
  fc.record({ kind: fc.constant("signature" as const), n: number, flavor }),
  fc.record({ kind: fc.constant("verdict" as const), n: number, flavor, verdict: fc.constantFrom(...verdicts) }),
  fc.record({ kind: fc.constant("board" as const), issue: number }),
  fc.record({ kind: fc.constant("pull" as const), cause: number, pull: number }),
  fc.record({ kind: fc.constant("apart" as const), reason: fc.constantFrom(...aparts), flavor }),
  fc.record({ kind: fc.constant("notice" as const), name: fc.stringMatching(/^[a-z0-9-]{1,20}$/) }),
);

describe("refName()", () => {
  test("refName() names each fact as protocol has it", () => {
    const all: readonly Fact[] = [
      { kind: "claim", n: 12 },
      { kind: "outcome", n: 1 },
      { kind: "failure", n: 1, flavor: "linux x64" },
      { kind: "signature", n: 1, flavor: "win" },
      { kind: "verdict", n: 2, flavor: "a/b", verdict: "failed" },
      { kind: "board", issue: 7 },
      { kind: "pull", cause: 1, pull: 9 },
      { kind: "apart", reason: "unrecognized", flavor: "arm.64" },
      { kind: "notice", name: "escalated-1" },
    ];
    expect(all.map((fact) => refName(sha, fact).replace(prefixOf(sha), ""))).toEqual([
      "claims/12",
      "outcomes/1",
      "failures/1/linux=20x64",
      "signatures/1/win",
      "verdicts/2/a=2Fb/failed",
      "board/7",
      "pulls/1/9",
      "apart/unrecognized/arm.64",
      "notices/escalated-1",
    ]);
  });

  test("parseRef() reads every fact back from its name", () => {
    fc.assert(
      fc.property(facts, (fact) => expect(parseRef(sha, refName(sha, fact))).toEqual(fact)),
      { numRuns: 1000 },
    );
  });

  test("refName() gives no name that lies beneath another", () => {
    fc.assert(
      fc.property(facts, facts, (a, b) => expect(refName(sha, b).startsWith(`${refName(sha, a)}/`)).toBe(false)),
      { numRuns: 1000 },
    );
  });
});

describe("parseRef()", () => {
  test.each([
    "refs/heads/main",
    `refs/coordination/${"0".repeat(40)}/claims/1`,
    `refs/coordination/${sha}`,
    ...[
      "",
      "claims",
      "claims/",
      "claims/0",
      "claims/01",
      "claims/-1",
      "claims/1e3",
      "claims/1.0",
      "claims/1/more",
      "claims/9999999999999999",
      "claims/one",
      "outcomes/1/x",
      "failures/1",
      "failures/1/",
      "failures/1/a b",
      "failures/1/=41",
      "failures/x/linux",
      "verdicts/1/linux",
      "verdicts/1/linux/maybe",
      "verdicts/1/linux/passed/twice",
      "board/x",
      "pulls/1",
      "pulls/1/x",
      "pulls/1/02",
      "apart/bored/linux",
      "apart/unrecognized",
      "notices/Shout",
      "notices/a/b",
      "unknown/1",
      "constructor/1",
    ].map((path) => `refs/coordination/${sha}/${path}`),
  ])("parseRef() refuses the foreign name %p", (name) => {
    expect(parseRef(sha, name)).toBeUndefined();
  });

  test("parseRef() refuses or gives back any name whatever", () => {
    const paths = fc.array(fc.oneof(fc.constantFrom("claims", "failures", "verdicts", "1", "02", "linux", "passed", ""), fc.string()), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(paths, (path) => {
        const name = prefixOf(sha) + path.join("/");
        const fact = parseRef(sha, name);
        if (fact !== undefined) expect(refName(sha, fact)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });
});
