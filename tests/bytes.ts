/**
 * Texts as the streams of bytes that logs are.
 *
 * @module
 */

/** A text or bytes in one piece, or in pieces of some size. */
export async function* bytesOf(text: string | Uint8Array, size = Number.MAX_SAFE_INTEGER): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
