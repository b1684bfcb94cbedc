/**
 * A file's bytes, in pieces that share one buffer: whoever reads them copies what is kept.
 *
 * @module
 */
import { open } from "node:fs/promises";

const PIECE_BYTES = 1 << 20;

/** Reads a file from its beginning to its end; pipes and devices too. Each piece is overwritten by the next. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
