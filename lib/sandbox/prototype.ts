/**
 * The first prototype's algorithm, faithfully, to be compared with: it races. Nothing but the race harness starts it.
 *
 * List the issues by label, three tries with 0.5 s and 1 s between; none: create one, wait 1 s, list again (GitHub's default order, newest
 * first), and give way when the first one listed has an older number.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import { Octokit } from "octokit";

if (import.meta.main) await run();

async function run(): Promise<void> {
  const environment = process.env;
  const [owner = "", repo = ""] = (environment.GITHUB_REPOSITORY ?? "").split("/");
  const sha7 = (environment.GITHUB_SHA ?? "").slice(0, 7);
  const octokit = new Octokit({ auth: environment.GITHUB_TOKEN, baseUrl: environment.GITHUB_API_URL ?? "", throttle: { enabled: false } });
  const labels = ["autonomous-coordination", `commit-${sha7}`];
  const list = async () => (await octokit.rest.issues.listForRepo({ owner, repo, labels: labels.join(","), state: "open" })).data;
  const first = async (): Promise<boolean> => {
    for (const pause of [0, 500, 1000]) {
      await Bun.sleep(pause);
      if ((await list()).length > 0) return false;
    }
    const title = `Build Coordination: ${sha7}`;
    const created = await octokit.rest.issues.create({
      owner,
      repo,
      title,
      labels,
      body: `First failing flavor: ${environment.BUILD_FLAVOR}`,
    });
    await Bun.sleep(1000);
    const newest = (await list())[0];
    return newest === undefined || newest.number >= created.data.number;
  };
  const analyze = await first().catch(() => true);
  appendFileSync(
    environment.GITHUB_OUTPUT ?? "",
    `should_analyze=${analyze}\nreason=${analyze ? "first_flavor" : "fix_in_progress"}\ncause=1\n`,
  );
}
