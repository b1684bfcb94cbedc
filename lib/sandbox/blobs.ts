/**
 * The blob store beside the API: logs and artifacts behind addresses that the API gives out. An address is its own permission: a request that
 * brings a token as well is refused, as the real store refuses a header that it cannot read.
 *
 * @see https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
 * @module
 */
import { latest } from "./history.ts";
import type { Job, Repository } from "./repository.ts";

type Kind = "logs" | "artifacts";

/** Where a blob can be had, by anybody who knows the address, as long as this server runs. */
export function locationOf(kind: Kind, id: number, repo: Repository, url: string): string {
  return `${url}/_${kind}/${repo.fullName}/${id}?sig=${signatureOf(kind, id, repo)}`;
}

/** The kind, repository (`owner/name`) and id in the path of a blob; undefined where it is none. */
export function blobOf(path: string): { readonly kind: Kind; readonly name: string; readonly id: number } | undefined {
  const [, kind = "", name = "", id = ""] = /^\/_(logs|artifacts)\/([^/]+\/[^/]+)\/(\d+)$/.exec(path) ?? [];
  return id === "" ? undefined : { kind: kind as Kind, name, id: Number(id) };
}

/** Answers a request for a blob: 403 with a token, 404 without the address's own signature. */
export function serveBlob(
  { kind, id }: { readonly kind: Kind; readonly id: number },
  repo: Repository | undefined,
  request: Request,
  now: number,
): Response {
  const notFound = () => new Response("Not found\n", { status: 404 });
  if (request.headers.has("authorization")) return new Response("AuthenticationFailed\n", { status: 403 });
  if (repo === undefined || new URL(request.url).searchParams.get("sig") !== signatureOf(kind, id, repo)) return notFound();
  const [job, artifact] = [repo.jobs.get(id, latest), repo.artifacts.get(id, latest)];
  if (kind === "logs" && job !== undefined)
    return new Response(logText(job, now), { headers: { "content-type": "text/plain; charset=utf-8" } });
  if (kind === "artifacts" && artifact !== undefined) return new Response(artifact.zip, { headers: { "content-type": "application/zip" } });
  return notFound();
}

/** The text of a job's log as it can be read at a moment: its end may still be on its way. */
function logText(job: Job, moment: number): string {
  const readable = job.log.filter((piece) => piece.at <= moment);
  return readable.map((piece) => piece.text).join("");
}

function signatureOf(kind: Kind, id: number, repo: Repository): string {
  return new Bun.CryptoHasher("sha256").update(`${repo.gitDir}/${kind}/${id}`).digest("hex").slice(0, 32);
}
