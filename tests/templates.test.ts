import { describe, expect, test } from "bun:test";
import type { Workflow } from "./workflow/plan.ts";
import { runWorkflow, template } from "./workflow/runner.ts";
import { openScene } from "./workflow/scene.ts";

const flavors = ["linux-x64", "linux-arm64", "jetson"];

/** A template for the small project: its three flavors, and its command. */
function adopt(workflow: Workflow): void {
  const { build } = workflow.jobs;
  if (build?.strategy === undefined) throw new Error("the template has no build job with a matrix");
  build.strategy.matrix = { include: flavors.map((flavor) => ({ flavor, runner: "ubuntu-24.04" })) };
  build.env.BUILD_COMMAND = "bun run ci.ts";
}

describe("in-job.yml", () => {
  test("takes three flavors that fail with one cause to green: one analysis, one fix, three verdicts", async () => {
    await using scene = await openScene("same");
    const { repo, sha, github: sandbox } = scene;
    const options = {
      sandbox,
      repo,
      sha,
      branch: "main",
      path: ".github/workflows/in-job.yml",
      content: template("in-job"),
      folder: scene.folder,
    };
    const run = await runWorkflow({ ...options, change: adopt, machine: scene.machine, secrets: scene.secrets });
    if (process.env.SHOW_LOGS) for (const job of run.jobs) console.log(job.name, job.ran, job.log);
    expect(run.conclusion).toBe("failure");
    expect(scene.model.calls.filter(({ endpoint }) => endpoint === "messages").length).toBe(1);
    const verdicts = repo.refs(`refs/coordination/${sha}/verdicts/`).map(([name]) => name.split("/").slice(-2).join(" "));
    expect(verdicts.toSorted()).toEqual(flavors.map((flavor) => `${flavor} passed`).toSorted());
  });
});
