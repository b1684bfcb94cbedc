/**
 * Artifacts of a run, and the failed test cases in one: listed once, downloaded to a file, unzipped and parsed piece by piece.
 *
 * Of what a pull request's own jobs upload nothing is trusted: nothing is written under a name from the archive, and every size is bounded.
 *
 * @see https://docs.github.com/en/rest/actions/artifacts
 * @module
 */
import { rm } from "node:fs/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { z } from "zod";
import { type Artifact, MAX_ARTIFACT } from "../artifacts.ts";
import { type FailedCase, junitReader } from "../junit.ts";
import { download } from "./download.ts";
import type { Github } from "./github.ts";

const artifactSchema = z.object({ id: z.number(), name: z.string(), size_in_bytes: z.number(), expired: z.boolean() });

/** Unpacked, in bytes: of all XML files of an archive, and of one. */
const MAX_UNPACKED = 200 * 2 ** 20;
const MAX_FILE = 32 * 2 ** 20;
const MAX_ENTRIES = 20_000;
/** Over all files of an archive. */
const MAX_CASES = 200;

/** The artifacts of a run, over all its attempts. */
export async function artifactsOf(github: Github, run: number): Promise<readonly Artifact[]> {
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts";
  const { items } = await github.list(route, { run_id: run, per_page: 100 }, { pages: 10, key: "artifacts" });
  return items.flatMap((item) => {
    const found = artifactSchema.safeParse(item).data;
    return found === undefined ? [] : { id: found.id, name: found.name, bytes: found.size_in_bytes, expired: found.expired };
  });
}

/** The failed test cases that an artifact's JUnit XML files report; none where it is gone, broken or holds none. `path` is for the archive. */
export async function failedCases(github: Github, artifact: Artifact, path: string): Promise<readonly FailedCase[]> {
  const route = "GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}";
  const location = await github.locate(route, { artifact_id: artifact.id, archive_format: "zip" });
  if (location === undefined) return [];
  try {
    return (await download(location, path, MAX_ARTIFACT)) === undefined ? [] : await readArchive(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** @param limit What is unpacked at most, in bytes. */
export async function readArchive(path: string, limit = MAX_UNPACKED): Promise<readonly FailedCase[]> {
  const failed: FailedCase[] = [];
  let entries = 0;
  let left = limit;
  const zip = await openPromise(path).catch(() => undefined);
  if (zip === undefined) return failed;
  try {
    for await (const entry of zip.eachEntry()) {
      if (++entries > MAX_ENTRIES || left <= 0 || failed.length >= MAX_CASES) break;
      if (!/\.xml$/i.test(entry.fileName)) continue;
      const read = await readReport(zip, entry, Math.min(left, MAX_FILE));
      left -= read.bytes;
      failed.push(...read.failed);
    }
  } catch {
    // Broken, or with names that lead out of a folder: what was read before is good.
  } finally {
    zip.close();
  }
  return failed.slice(0, MAX_CASES);
}

/** What a file reports as far as it is one of tests, whole and within bounds, and the bytes that it took. */
async function readReport(zip: ZipFile, entry: Entry, limit: number): Promise<{ failed: readonly FailedCase[]; bytes: number }> {
  const reader = junitReader();
  let bytes = 0;
  let decoder: TextDecoder | undefined;
  try {
    for await (const piece of await zip.openReadStreamPromise(entry)) {
      bytes += piece.length;
      if (bytes > limit) break;
      decoder ??= decoderOf(piece);
      reader.write(decoder.decode(piece, { stream: true }));
    }
  } catch {
    // The rest of the archive may be good.
  }
  return { failed: reader.failed, bytes };
}

/** By its byte order mark, or as it declares; UTF-8 without. */
function decoderOf(first: Uint8Array): TextDecoder {
  const [a, b] = first;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return new TextDecoder(a === 0xff ? "utf-16le" : "utf-16be");
  const declared = /^<\?xml[^>]{0,100}encoding=["']([\w-]{1,30})["']/.exec(new TextDecoder("latin1").decode(first.subarray(0, 200)))?.[1];
  try {
    return new TextDecoder((declared ?? "utf-8") as Bun.Encoding);
  } catch {
    return new TextDecoder();
  }
}
