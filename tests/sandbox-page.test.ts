import { expect, setDefaultTimeout, test } from "bun:test";
import { scene } from "./sandbox.ts";

setDefaultTimeout(60_000);

test("the page is one document without anything from elsewhere, and its policy says so", async () => {
  await using at = await scene();
  const response = await fetch(at.github.url);
  const html = await response.text();
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(html.match(/(?:src|href)=["']https?:/g)).toBeNull();
  expect((await fetch(`${at.github.url}/acme/app/issues/1`, { headers: { accept: "text/html" } })).headers.get("content-type")).toContain(
    "text/html",
  );
});

test("its data shows issues, coordination refs with their payload, and the log, but no token", async () => {
  await using at = await scene();
  const sha = await at.commit('{"reason":"first_flavor"}');
  await at.createRef("refs/coordination/abc/claims/1", sha);
  await at.ask("POST", "~/issues", { title: "Build Coordination: abc", body: "# <b>", labels: ["autonomous-coordination"] });
  const text = await (await fetch(`${at.github.url}/_sandbox/state`)).text();
  const state = JSON.parse(text) as { readonly revision: number; readonly repositories: readonly unknown[] };
  expect(text).not.toContain(at.token);
  expect(state.repositories).toMatchObject([
    {
      name: "acme/app",
      issues: [{ number: 1, title: "Build Coordination: abc" }],
      refs: [{ name: "refs/coordination/abc/claims/1", sha, message: '{"reason":"first_flavor"}' }],
    },
  ]);
  expect((await fetch(`${at.github.url}/_sandbox/state?known=${state.revision}`)).status).toBe(204);
  const log = (await (await fetch(`${at.github.url}/_sandbox/log?after=1`)).json()) as { readonly entries: readonly unknown[] };
  expect(log.entries).toMatchObject([
    { method: "POST", status: 201, sender: "linux" },
    { method: "POST", path: "/repos/acme/app/issues" },
  ]);
});
