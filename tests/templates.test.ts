import { describe, expect, test } from "bun:test";
import { ourAction } from "./workflow/actions.ts";
import type { Workflow } from "./workflow/plan.ts";
import { type RunOptions, type RunResult, runWorkflow, template } from "./workflow/runner.ts";
import { openScene, type Scene } from "./workflow/scene.ts";

const flavors = ["linux-x64", "linux-arm64", "jetson"];

/** A template for the small project: its three flavors, and its command. */
function adopt(workflow: Workflow): void {
  const { build } = workflow.jobs;
  if (build?.strategy === undefined) throw new Error("the template has no build job with a matrix");
  build.strategy.matrix = { include: flavors.map((flavor) => ({ flavor, runner: "ubuntu-24.04" })) };
  build.env.BUILD_COMMAND = "bun run ci.ts";
}

type Options = Omit<RunOptions, "sandbox" | "repo" | "sha" | "branch" | "folder" | "machine" | "secrets">;

/** Runs a workflow in a scene, as a push to its default branch. */
async function run(scene: Scene, options: Options): Promise<RunResult> {
  const { github: sandbox, repo, sha, folder, machine, secrets } = scene;
  const result = await runWorkflow({ sandbox, repo, sha, branch: "main", folder, machine, secrets, ...options });
  if (process.env.SHOW_LOGS !== undefined)
    for (const job of result.jobs) console.log(job.id, job.name, job.result, job.ran, job.log.slice(-3000));
  return result;
}

const analyses = (scene: Scene) => scene.model.calls.filter(({ endpoint }) => endpoint === "messages").length;

/** What each flavor said about each claim's fix. */
function verdicts({ repo, sha }: Scene): readonly string[] {
  return repo
    .refs(`refs/coordination/${sha}/verdicts/`)
    .map(([name]) => name.split("/").slice(-3).join(" "))
    .toSorted();
}

/** Whether the pull request of the only fix is there, and no draft any more. */
function pull({ repo }: Scene) {
  return repo.issues().flatMap(({ pull }) => (pull === undefined ? [] : [{ head: pull.head, draft: pull.draft }]));
}

describe("in-job.yml", () => {
  const inJob = { path: ".github/workflows/in-job.yml", content: template("in-job") };

  test("takes three flavors that fail with one cause to green: one analysis, one fix, three verdicts", async () => {
    await using scene = await openScene("same");
    const { conclusion, jobs } = await run(scene, { ...inJob, change: adopt });
    // The commit stays red, pipe or not; its fix is green.
    expect([conclusion, jobs.map(({ steps }) => steps.build?.outcome)]).toEqual(["failure", ["failure", "failure", "failure"]]);
    expect([analyses(scene), verdicts(scene)]).toEqual([1, flavors.map((flavor) => `1 ${flavor} passed`).toSorted()]);
    expect(pull(scene)).toEqual([{ head: `autonomous-fix-${scene.sha.slice(0, 7)}`, draft: false }]);
  });

  test("gives no step what its job did not ask for: without contents: write nothing is claimed, without pull-requests: write it says so", async () => {
    await using scene = await openScene("same");
    const without = (scope: string) => (workflow: Workflow) => {
      adopt(workflow);
      const job = workflow.jobs.build;
      if (job === undefined || typeof job.permissions !== "object") throw new Error("the template asks for no permissions");
      job.permissions[scope] = "read";
    };
    const first = await run(scene, { ...inJob, change: without("contents") });
    expect([analyses(scene), first.jobs.map(({ steps }) => steps.coordinate?.outputs.reason)]).toEqual([
      0,
      Array(3).fill("read_only_token"),
    ]);
    const second = await run(scene, { ...inJob, change: without("pull-requests") });
    expect(second.jobs.filter(({ steps }) => steps.publish?.outcome === "failure").length).toBe(1);
    expect(pull(scene)).toEqual([]);
  });
});

test("action.yml: the same steps as one action take three flavors to green", async () => {
  await using scene = await openScene("same");
  const [before] = template("in-job").split(/^ +# From here on/m);
  const content = `${before}
      - name: Repair once
        if: failure() && steps.build.outcome == 'failure'
        uses: ${ourAction}
        with:
          log: \${{ runner.temp }}/build.log
          command: \${{ env.BUILD_COMMAND }}
          flavor: \${{ env.BUILD_FLAVOR }}
          anthropic-api-key: \${{ secrets.ANTHROPIC_API_KEY }}
`;
  await run(scene, { path: ".github/workflows/action.yml", content, change: adopt });
  expect([analyses(scene), verdicts(scene)]).toEqual([1, flavors.map((flavor) => `1 ${flavor} passed`).toSorted()]);
});
