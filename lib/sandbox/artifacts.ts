/**
 * Artifacts of workflow runs: listed, shown, and downloaded by way of an address of the blob store (`blobs.ts`).
 *
 * @see https://docs.github.com/en/rest/actions/artifacts
 * @module
 */
import { type Answer, type JsonObject, list, notFound, ok, refuse } from "./answer.ts";
import { locationOf } from "./blobs.ts";
import { type Call, iso, numberOf, type Route } from "./call.ts";
import { latest } from "./history.ts";
import type { Artifact } from "./repository.ts";
import { nodeId, repositoryUrl } from "./shapes.ts";

const base = "/repos/:owner/:repo/actions";
const needs = ["actions:read"] as const;
const page = "rest/actions/artifacts";
const keptMs = 90 * 86_400_000;

export const artifactRoutes: readonly Route[] = [
  { method: "GET", path: `${base}/runs/:run/artifacts`, needs, lag: "list", handle: listArtifacts },
  { method: "GET", path: `${base}/artifacts/:artifact`, needs, lag: "read", handle: getArtifact },
  { method: "GET", path: `${base}/artifacts/:artifact/zip`, needs, handle: locateArtifact },
];

function listArtifacts(call: Call): Answer {
  const run = numberOf(call, "run");
  if (call.repo.runs.get(run, call.moment) === undefined) return notFound(`${page}#list-workflow-run-artifacts`);
  const name = call.query.get("name");
  const found = call.repo.artifacts
    .entries(call.moment)
    .map(([, artifact]) => artifact)
    .filter((artifact) => artifact.run === run && (name === null || artifact.name === name));
  if (call.query.get("direction") !== "asc") found.reverse();
  return list(
    found.map((artifact) => artifactJson(artifact, call)),
    (items, total) => ({ total_count: total, artifacts: items }),
  );
}

function getArtifact(call: Call): Answer {
  const found = call.repo.artifacts.get(numberOf(call, "artifact"), call.moment);
  return found === undefined ? notFound(`${page}#get-an-artifact`) : ok(artifactJson(found, call));
}

function locateArtifact(call: Call): Answer {
  const found = call.repo.artifacts.get(numberOf(call, "artifact"), latest);
  if (found === undefined) return notFound(`${page}#download-an-artifact`);
  if (found.expired) return refuse(410, "Artifact has expired", `${page}#download-an-artifact`);
  return { status: 302, headers: { location: locationOf("artifacts", found.id, call.repo, call.url) } };
}

function artifactJson(artifact: Artifact, call: Call): JsonObject {
  const { id, name, zip, expired, createdAt, run } = artifact;
  const url = `${repositoryUrl(call.repo, call.url)}/actions/artifacts/${id}`;
  const its = call.repo.runs.get(run, latest);
  const times = { created_at: iso(createdAt), updated_at: iso(createdAt), expires_at: iso(createdAt + keptMs) };
  return {
    ...{ id, node_id: nodeId("A", id), name, size_in_bytes: zip.length, url, archive_download_url: `${url}/zip`, expired, ...times },
    digest: `sha256:${new Bun.CryptoHasher("sha256").update(zip).digest("hex")}`,
    workflow_run: {
      ...{ id: run, repository_id: call.repo.id, head_repository_id: call.repo.id },
      ...{ head_branch: its?.headBranch ?? "", head_sha: its?.headSha ?? "" },
    },
  };
}
