/**
 * The encoding of a log, told by its first bytes: UTF-8, or UTF-16 by its mark or its zero bytes.
 *
 * @module
 */

/** How to read this log's bytes as UTF-8, judged by its first piece. */
export function decoderOf(first: Uint8Array): (piece: Uint8Array) => Uint8Array {
  const encoding = encodingOf(first);
  if (encoding === "utf-8") return (piece) => piece;
  const wide = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  return (piece) => encoder.encode(wide.decode(piece, { stream: true }));
}

function encodingOf(first: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first[0] === 0xff && first[1] === 0xfe) return "utf-16le";
  if (first[0] === 0xfe && first[1] === 0xff) return "utf-16be";
  const seen = Math.min(first.length, 1_024);
  const zeros = [0, 0];
  for (let index = 0; index < seen; index++) if (first[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > seen / 4 && even < seen / 16) return "utf-16le";
  if (even > seen / 4 && odd < seen / 16) return "utf-16be";
  return "utf-8";
}
