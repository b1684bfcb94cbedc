import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { boardBody, boardTitle, commitLabel, maxBody, statusOf } from "../lib/board.ts";
import type { Coordination } from "../lib/coordination.ts";
import { moneyOf } from "../lib/money.ts";
import { claimOf, coordinationWith, outcomeOf, sha, signatureOf, verdictOf, type World } from "./facts.ts";

const options = { repositoryUrl: "https://github.com/acme/app", runnerUsdPerMinute: 0.008 };
const bodyOf = (world: World) => boardBody(coordinationWith(world), options);
const linux = claimOf(1, "linux_x64");
const failures = [
  { n: 1, flavor: "macos" },
  { n: 1, flavor: "windows|arm" },
];

test("boardTitle() and commitLabel() name the commit by seven digits", () => {
  expect([boardTitle(sha), commitLabel(sha)]).toEqual(["Build Coordination: 5ca1ab1", "commit-5ca1ab1"]);
});

describe("boardBody()", () => {
  test("boardBody() says who analyses and who waits", () => {
    expect(bodyOf({ claims: [linux], failures })).toMatchInlineSnapshot(`
      "**Status:** ⏳ analysing

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` linux_x64 \` |
      | Signature | \` list_size \` |
      | Created | 2026-03-01T12:00:00Z |
      | Cost | $0.00 for 0 analyses; saved about $0.00 net of waiting (an estimate) |

      ### Cause 1: error: list\\_size

      Fix: none yet. Attempts: 1. Coordination of 5ca1ab1, claims 1.

      | Flavor | State |
      |---|---|
      | \` linux_x64 \` | ⏳ analysing (claim 1, attempt 1) |
      | \` macos \` | ⏸ waits for the fix |
      | \` windows\\|arm \` | ⏸ waits for the fix |

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Claims</summary>

      - claim 1: \` linux_x64 \`, cause 1, attempt 1, first\\_flavor: at work

      </details>
      "
    `);
  });

  test("boardBody() shows the fix, and who is green with it", () => {
    const verdicts = [verdictOf(1, "macos", "passed"), verdictOf(1, "linux_x64", "failed")];
    expect(
      bodyOf({ claims: [linux], failures, verdicts, outcomes: { 1: "fixed" }, pulls: [{ cause: 1, pull: 9 }] }),
    ).toMatchInlineSnapshot(`
      "**Status:** 🔧 fix available, being tested

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` linux_x64 \` |
      | Signature | \` list_size \` |
      | Created | 2026-03-01T12:00:00Z |
      | Cost | $0.10 for 1 analysis; saved about $0.09 net of waiting (an estimate) |

      ### Cause 1: error: list\\_size

      Fix: \` autonomous-fix-5ca1ab1 \` at 0000000 in https://github.com/acme/app/pull/9. Attempts: 1, $0.10 for 1 analysis. Coordination of 5ca1ab1, claims 1.

      | Flavor | State |
      |---|---|
      | \` linux_x64 \` | ❌ failed with the fix |
      | \` macos \` | ✅ passed with the fix |
      | \` windows\\|arm \` | 🔧 to test the fix |

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Claims</summary>

      - claim 1: \` linux_x64 \`, cause 1, attempt 1, first\\_flavor: fixed, Fix 1: declare list\\_size

      </details>
      "
    `);
  });

  test("boardBody() says that all is green, with what it cost and saved", () => {
    const verdicts = ["linux_x64", "macos", "windows|arm"].map((flavor) => verdictOf(1, flavor, "passed"));
    expect(
      bodyOf({ claims: [linux], failures, verdicts, outcomes: { 1: "fixed" }, pulls: [{ cause: 1, pull: 9 }] }),
    ).toMatchInlineSnapshot(`
      "**Status:** ✅ fixed: every failing flavor is green with the fix

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` linux_x64 \` |
      | Signature | \` list_size \` |
      | Created | 2026-03-01T12:00:00Z |
      | Cost | $0.10 for 1 analysis; saved about $0.18 net of waiting (an estimate) |

      ### Cause 1: error: list\\_size

      Fix: \` autonomous-fix-5ca1ab1 \` at 0000000 in https://github.com/acme/app/pull/9. Attempts: 1, $0.10 for 1 analysis. Coordination of 5ca1ab1, claims 1.

      | Flavor | State |
      |---|---|
      | \` linux_x64 \` | ✅ passed with the fix |
      | \` macos \` | ✅ passed with the fix |
      | \` windows\\|arm \` | ✅ passed with the fix |

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Claims</summary>

      - claim 1: \` linux_x64 \`, cause 1, attempt 1, first\\_flavor: fixed, Fix 1: declare list\\_size

      </details>
      "
    `);
  });

  test("boardBody() calls a person when attempts are used up", () => {
    const claims = [linux, claimOf(2, "macos", { attempt: 2 }), claimOf(3, "macos", { attempt: 3, reason: "timeout" })];
    expect(
      bodyOf({ claims, failures, outcomes: { 1: "gave-up", 2: "lost", 3: "gave-up" }, notices: ["escalated-1"] }),
    ).toMatchInlineSnapshot(`
      "**Status:** 🙋 a person is needed

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` linux_x64 \` |
      | Signature | \` list_size \` |
      | Created | 2026-03-01T12:00:00Z |
      | Cost | $0.20 for 2 analyses; saved about $0.00 net of waiting (an estimate) |

      ### Cause 1: error: list\\_size

      Fix: none yet (the last analysis: gave-up, Fix 3: declare list\\_size). Attempts: 3, $0.20 for 2 analyses. Coordination of 5ca1ab1, claims 1, 2, 3.

      | Flavor | State |
      |---|---|
      | \` linux_x64 \` | ⏸ no fix yet, nobody is analysing |
      | \` macos \` | ⏸ no fix yet, nobody is analysing |
      | \` windows\\|arm \` | ⏸ no fix yet, nobody is analysing |

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Claims</summary>

      - claim 1: \` linux_x64 \`, cause 1, attempt 1, first\\_flavor: gave-up, Fix 1: declare list\\_size
      - claim 2: \` macos \`, cause 1, attempt 2, retry: lost
      - claim 3: \` macos \`, cause 1, attempt 3, timeout: gave-up, Fix 3: declare list\\_size

      </details>
      "
    `);
  });

  test("boardBody() shows failures without a cause, a second cause, and foreign refs", () => {
    const other = claimOf(2, "arm", {
      cause: 2,
      reason: "different_error",
      signature: { ...claimOf(2, "").signature, ...mutable("endian") },
    });
    const apart = [
      { reason: "unrecognized", flavor: "bsd" },
      { reason: "infrastructure", flavor: "riscv" },
    ] as const;
    const problems = [`refs/coordination/${sha}/claims/x: not a name of ours`];
    expect(bodyOf({ claims: [linux, other], apart, problems, outcomes: { 1: "needs-human", 2: "fixed" } })).toMatchInlineSnapshot(`
      "**Status:** 🙋 a person is needed

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` linux_x64 \` |
      | Signature | \` list_size \` |
      | Created | 2026-03-01T12:00:00Z |
      | Cost | $0.20 for 2 analyses; saved about $0.00 net of waiting (an estimate) |

      ### Cause 1: error: list\\_size

      Fix: none yet (the last analysis: needs-human, Fix 1: declare list\\_size). Attempts: 1, $0.10 for 1 analysis. Coordination of 5ca1ab1, claims 1.

      | Flavor | State |
      |---|---|
      | \` linux_x64 \` | ⏸ no fix yet, nobody is analysing |

      ### Cause 2: error: endian

      Fix: \` autonomous-fix-5ca1ab1 \` at 0000000. Attempts: 1, $0.10 for 1 analysis. Coordination of 5ca1ab1, claims 2.

      | Flavor | State |
      |---|---|
      | \` arm \` | 🔧 to test the fix |

      ### Not coordinated
      - \` bsd \`: no error was recognised in its log
      - \` riscv \`: the machine failed, not the code; run once more where the token allows

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Foreign refs, ignored</summary>

      - refs/coordination/5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e/claims/x: not a name of ours

      </details>

      <details><summary>Claims</summary>

      - claim 1: \` linux_x64 \`, cause 1, attempt 1, first\\_flavor: needs-human, Fix 1: declare list\\_size
      - claim 2: \` arm \`, cause 2, attempt 1, different\\_error: fixed, Fix 2: declare list\\_size

      </details>
      "
    `);
  });

  test("boardBody() says something also when there is nothing", () => {
    expect(bodyOf({})).toMatchInlineSnapshot(`
      "**Status:** ⏸ nobody is analysing

      | | |
      |---|---|
      | Commit | 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e |
      | First failing flavor | \` unknown \` |
      | Signature | \` none \` |
      | Created | unknown |
      | Cost | $0.00 for 0 analyses; saved about $0.00 net of waiting (an estimate) |

      Other flavors: nothing to do. A flavor that fails later at one of these causes tests its fix and pays for no analysis.

      <details><summary>Claims</summary>



      </details>
      "
    `);
  });
});

function mutable(id: string) {
  const { title, lines, facts } = signatureOf(id);
  return { id, title, lines: [...lines], facts: [...facts] };
}

/** What GitHub would act upon, were it not neutralised. */
const attacks = [
  "@octocat please look",
  "fixes #1, closes acme/app#2 and GH-3",
  "``` \n# heading\n- [ ] task",
  "`; @octocat `",
  "<!-- fixonce:fact AAAA -->",
  "--> <img src=x onerror=alert(1)>",
  "</details><script>alert(1)</script>",
  "| a | b |\n|---|---|",
  "[link](https://evil.example) ![i](https://evil.example/i.png)",
  "https://evil.example www.evil.example mailto:a@b.c",
  "\u202egnirts\u202c \u0000\u001b[31mred",
  "::error::x ##[command]",
  "a\r\n\r\n### Cause 9: forged",
];

function hostile(text: string): Coordination {
  const signature = { id: text, title: text, lines: [text], facts: [text] };
  const claims = [claimOf(1, text, { signature, reason: text }), claimOf(2, `${text} 2`, { signature, attempt: 2 })];
  return coordinationWith({
    claims,
    failures: [{ n: 1, flavor: `f ${text}` }],
    apart: [{ reason: "unrecognized", flavor: `g ${text}` }],
    problems: [`refs/coordination/x/${text}: ${text}`],
    outcomes: { 1: outcomeOf(1, "fixed", { title: text, branch: text, model: text }), 2: outcomeOf(2, "gave-up", { title: text }) },
    verdicts: [verdictOf(1, `h ${text}`, "failed")],
  });
}

/** The body without its code spans: there GitHub acts on nothing. */
function outsideCode(body: string): string {
  return body
    .split("\n")
    .map((line) => line.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, "CODE"))
    .join("\n");
}

describe("boardBody() with the text of others", () => {
  test.each(attacks)("boardBody() shows %p and does nothing", (text) => {
    const body = boardBody(hostile(text), options);
    const prose = outsideCode(body);
    expect(prose).not.toMatch(/(?<!\\)`/);
    expect(prose).not.toMatch(/@[\w-]/);
    expect(prose).not.toMatch(/(^|[^&\w])#\d|GH-\d/);
    expect(prose).not.toMatch(/<(?!\/?(details|summary)>)/);
    expect(prose.match(/<details>/g)?.length).toBe(prose.match(/<\/details>/g)?.length ?? -1);
    expect(prose).not.toMatch(/(?<!\\)\]\(|(?<!\\)!\[/);
    expect(prose.match(/https?:\/\/\S+/g)?.filter((url) => !url.startsWith(options.repositoryUrl)) ?? []).toEqual([]);
    expect(body).not.toContain("<!--");
    expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    expect(prose.match(/^### .*$/gm)?.map((line) => line.slice(0, 12))).toEqual(["### Cause 1:", "### Not coor"]);
    // Tables keep their columns.
    for (const row of prose.split("\n").filter((line) => line.startsWith("| CODE |")))
      expect(row.replaceAll("\\|", "").match(/\|/g)).toHaveLength(3);
  });

  test("boardBody() stays within GitHub's limit with 300 flavors, 200 claims and long hostile names", () => {
    const claims = Array.from({ length: 200 }, (_, index) =>
      claimOf(index + 1, `${attacks[index % attacks.length]} ${"界".repeat(150)} ${index}`, {
        cause: 1 + (index % 5),
        attempt: 1 + (index % 3),
      }),
    );
    const flavors = Array.from({ length: 300 }, (_, index) => ({ n: 1 + (index % 200), flavor: `${"<&`|".repeat(60)}${index}` }));
    const problems = Array.from({ length: 500 }, (_, index) => `${"<".repeat(400)}${index}`);
    const body = bodyOf({ claims, failures: flavors, problems, apart: flavors.map(({ flavor }) => ({ reason: "unrecognized", flavor })) });
    expect(body.length).toBeLessThanOrEqual(maxBody);
    expect(body.startsWith("**Status:** ⏳ analysing")).toBe(true);
    const prose = outsideCode(body);
    expect(prose.match(/<details>/g)?.length).toBe(prose.match(/<\/details>/g)?.length ?? -1);
    expect(body.isWellFormed()).toBe(true);
    expect(body.endsWith("</details>\n")).toBe(true);
  });

  test("boardBody() keeps the newest claims where not all fit", () => {
    const claims = Array.from({ length: 200 }, (_, index) => claimOf(index + 1, `${"x".repeat(400)} ${index}`, { cause: 1 + index }));
    const body = bodyOf({ claims: claims.slice(0, 100), failures: [], outcomes: {} });
    expect(body.length).toBeLessThanOrEqual(maxBody);
    expect(body).toContain("- claim 100:");
  });

  test("boardBody() is pure, bounded and well-formed for any names", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 12 }), (flavors) => {
        const world = {
          claims: flavors.map((flavor, index) => claimOf(index + 1, flavor)),
          failures: flavors.map((flavor) => ({ n: 1, flavor })),
        };
        const coordination = coordinationWith(world);
        const frozen = structuredClone(coordination);
        const body = boardBody(coordination, options);
        expect(boardBody(coordination, options)).toBe(body);
        expect(coordination).toEqual(frozen);
        expect(body.length).toBeLessThanOrEqual(maxBody);
        expect(body.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("statusOf()", () => {
  const secondFix: World = {
    claims: [linux, claimOf(2, "windows", { attempt: 2 })],
    outcomes: { 1: "fixed", 2: "fixed" },
    verdicts: [verdictOf(1, "linux_x64", "passed"), verdictOf(1, "windows", "failed"), verdictOf(2, "windows", "passed")],
  };
  test.each([
    ["idle", {}],
    ["analyzing", { claims: [linux] }],
    ["idle", { claims: [linux], outcomes: { 1: "lost" } }],
    ["fix-available", { claims: [linux], outcomes: { 1: "fixed" } }],
    ["fix-available", { claims: [linux], failures, outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "linux_x64", "passed")] }],
    ["fixed", { claims: [linux], outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "linux_x64", "passed")] }],
    ["fixed", { claims: [linux], outcomes: { 1: "fixed" }, verdicts: [verdictOf(1, "linux_x64", "different")] }],
    ["escalated", { claims: [linux], outcomes: { 1: "needs-human" } }],
    // What passed an earlier fix counts where its job is over and nobody starts it again, and not while it is being tested anew.
    ["fixed", { ...secondFix }],
    ["fix-available", { ...secondFix, notices: ["dispatched-2-77"] }],
    ["fixed", { ...secondFix, notices: ["dispatched-1-77", "unstarted-2-77"] }],
  ] as readonly (readonly [string, World])[])("statusOf() is %s", (status, world) => {
    expect(statusOf(coordinationWith(world))).toBe(status as ReturnType<typeof statusOf>);
  });
});

test("moneyOf() is unpriced where an analysis is, and never $0", () => {
  const outcomes = { 1: outcomeOf(1, "fixed", { costUsd: null }) };
  expect(moneyOf(coordinationWith({ claims: [linux], outcomes }), 0.008)).toEqual({ analyses: 1, costUsd: null, savedUsd: null });
});
