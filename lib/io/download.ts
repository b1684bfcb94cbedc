/**
 * A download, streamed to a file: what is large is never held in memory.
 *
 * @module
 */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Streams a download to a file, cut off after so many bytes; undefined when it broke off. */
export async function download(location: string, path: string, maxBytes: number): Promise<number | undefined> {
  let bytes = 0;
  async function* bounded(body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      const room = maxBytes - bytes;
      bytes += Math.min(chunk.length, room);
      yield chunk.subarray(0, room);
      if (bytes >= maxBytes) return;
    }
  }
  try {
    const response = await fetch(location, { signal: AbortSignal.timeout(600_000) });
    if (!response.ok || response.body === null) return undefined;
    await pipeline(bounded(response.body), createWriteStream(path));
    return bytes;
  } catch {
    return undefined;
  }
}
