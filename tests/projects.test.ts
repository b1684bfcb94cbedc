import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { missingTools, projects } from "../lib/sandbox/projects.ts";
import { runRound } from "./arena.ts";

setDefaultTimeout(120_000);

/** What must be so with any project, seen from outside. */
async function outcomeOf(project: string, scenario: string, more: Parameters<typeof runRound>[0] | object = {}) {
  return runRound({ project, scenario, ...more }, ({ result }) => {
    const { causes, analyses, duplicates, missed, green, problems } = result;
    return { causes, analyses, duplicates, missed, green, problems };
  });
}
const once = { causes: 1, analyses: 1, duplicates: 0, missed: 0, green: true, problems: [] };

for (const project of projects) {
  const missing = missingTools(project);
  describe.skipIf(missing.length > 0)(`project ${project.name}${missing.length > 0 ? ` (skipped: no ${missing.join(", ")})` : ""}`, () => {
    test("three flavors fail with one cause, one analyses, all are green", async () => {
      expect(await outcomeOf(project.name, "same")).toEqual(once);
    });

    test("a fix that is wrong on one flavor is followed by one that is right on all", async () => {
      const outcome = await outcomeOf(project.name, "fix-fails");
      // Whoever leads: where the first fix is wrong for the leader itself, it gives up, and the second attempt is right.
      expect(outcome).toEqual({ ...once, analyses: 2 });
    });
  });
}

describe("wait: dispatch", () => {
  test("followers leave, runs on the fix branch test the fix, and all are green", async () => {
    await runRound({ scenario: "same", wait: "dispatch" }, ({ result }) => {
      const { analyses, green, problems } = result;
      expect({ analyses, green, problems }).toEqual({ analyses: 1, green: true, problems: [] });
      expect(result.decisions.some(({ reason }) => reason === "fix_available")).toBe(false);
    });
  });

  test("a dispatched run that fails with the fix claims the retry", async () => {
    await runRound({ scenario: "fix-fails", wait: "dispatch" }, ({ result }) => {
      expect({ green: result.green, problems: result.problems }).toEqual({ green: true, problems: [] });
      expect(result.analyses).toBe(2);
    });
  });
});

test("respond.ts alone does what the steps do one by one", async () => {
  expect(await outcomeOf("ts", "fix-fails", { whole: true })).toEqual({ ...once, analyses: 2 });
});
