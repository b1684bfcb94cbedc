/**
 * The sandbox for people: one page with its repositories, their boards, refs and pull requests, and the request log, as they are now.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { JsonObject } from "./answer.ts";
import { readCommit } from "./commits.ts";
import { latest } from "./history.ts";
import type { Issue, Repository } from "./repository.ts";
import type { World } from "./world.ts";

const shownRepositories = 20;
const shownIssues = 40;
const shownRefs = 300;
const shownEntries = 500;
const shownMessage = 4000;

/** Answers requests for the page and its data; undefined for every other request. */
export function servePage(world: World, request: Request): Response | undefined {
  if (request.method !== "GET") return undefined;
  const url = new URL(request.url);
  if (url.pathname === "/_sandbox/state") return stateOf(world, Number(url.searchParams.get("known") ?? -1));
  if (url.pathname === "/_sandbox/log") return logOf(world, Number(url.searchParams.get("after") ?? 0));
  const linked =
    /^\/[^/]+\/[^/]+\/(issues|pull|commit|actions|tree|blob|compare)\//.test(url.pathname) && !url.pathname.startsWith("/repos/");
  if (url.pathname !== "/" && !(linked && (request.headers.get("accept") ?? "").includes("text/html"))) return undefined;
  return document();
}

/** The document; its policy allows its own script by hash, and nothing from elsewhere. */
function document(): Response {
  const html = readFileSync(new URL("page.html", import.meta.url), "utf8");
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? "";
  const hash = new Bun.CryptoHasher("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; connect-src 'self'; base-uri 'none'; form-action 'none'`;
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy, "cache-control": "no-store" },
  });
}

function stateOf(world: World, known: number): Response {
  const revision = world.log.entries.at(-1)?.id ?? 0;
  if (known === revision) return new Response(null, { status: 204 });
  const repositories = [...world.repositories.values()].reverse();
  const { limits, ...tuning } = world.tuning();
  return Response.json({
    revision,
    now: world.now(),
    total: repositories.length,
    tuning,
    limited: Number.isFinite(limits.actionsPerHour),
    repositories: repositories.slice(0, shownRepositories).map(repositoryState),
    senders: [...world.log.bySender].map(([sender, counters]) => ({ sender, ...counters })),
  });
}

function logOf(world: World, after: number): Response {
  return Response.json({ last: world.log.entries.at(-1)?.id ?? 0, entries: world.log.after(after).slice(-shownEntries) });
}

function repositoryState(repo: Repository): JsonObject {
  const issues = repo.issues.entries(latest).map(([, issue]) => issue);
  const refs = repo.refs.matching("refs/coordination/", latest);
  return {
    name: repo.fullName,
    issues: issues
      .slice(-shownIssues)
      .reverse()
      .map((issue) => issueState(repo, issue)),
    refCount: refs.length,
    refs: refs.slice(-shownRefs).map(([name, sha]) => {
      const commit = readCommit(repo.objects, sha);
      return { name, sha, message: commit?.message.slice(0, shownMessage) ?? "", at: (commit?.committer.seconds ?? 0) * 1000 };
    }),
    branches: repo.refs
      .matching("refs/heads/", latest)
      .slice(0, shownRefs)
      .map(([name, sha]) => ({ name: name.slice(11), sha })),
  };
}

function issueState(repo: Repository, issue: Issue): JsonObject {
  const { number, title, state, author, createdAt, updatedAt } = issue;
  const labels = issue.labels.flatMap((id) => repo.labels.get(id, latest) ?? []).map(({ name, color }) => ({ name, color }));
  const comments = repo.comments
    .entries(latest)
    .flatMap(([, comment]) => (comment.issue === number ? [{ author: comment.author, body: comment.body }] : []));
  const pull =
    issue.pull === undefined
      ? null
      : { head: issue.pull.head, base: issue.pull.base, draft: issue.pull.draft, merged: issue.pull.mergedAt !== undefined };
  return {
    number,
    title,
    state,
    reason: issue.stateReason,
    author,
    createdAt,
    updatedAt,
    labels,
    body: issue.body ?? "",
    comments,
    pull,
    assignees: issue.assignees,
  };
}
