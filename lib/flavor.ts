/**
 * Flavor names: any Unicode for people, one valid and unique ref component for git.
 *
 * @see https://git-scm.com/docs/git-check-ref-format
 * @module
 */
import { createHash } from "node:crypto";

/** Longest encoded name: a loose ref is a file, and file names end at 255 bytes. */
const maxLength = 180;

/**
 * The canonical form of a flavor's name: trimmed, well-formed, short enough to be a ref component; empty when there is none.
 * Two different names stay different: what is cut is replaced by its hash.
 */
export function flavorName(raw: string): string {
  const name = raw.trim().toWellFormed().normalize("NFC");
  if (encodeFlavor(name).length <= maxLength) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  let cut = "";
  for (const character of name) {
    if (encodeFlavor(cut + character).length > maxLength - 20) break;
    cut += character;
  }
  return `${cut}~${hash}`;
}

/** A canonical name as a ref component: `[A-Za-z0-9_-]` and inner dots stay, every other byte of its UTF-8 becomes `=XX`. */
export function encodeFlavor(name: string): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9_-]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded.replace(/(?<=[A-Za-z0-9])=2E(?=[A-Za-z0-9])(?!lock$)/g, ".");
}

/** The name behind a ref component; undefined for what `encodeFlavor()` never writes. */
export function decodeFlavor(encoded: string): string | undefined {
  const bytes: number[] = [];
  for (let i = 0; i < encoded.length; i++) {
    const character = encoded.charAt(i);
    if (character === "=") {
      const hex = encoded.slice(i + 1, i + 3);
      if (!/^[0-9A-F]{2}$/.test(hex)) return undefined;
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else bytes.push(character.charCodeAt(0));
  }
  const name = new TextDecoder().decode(Uint8Array.from(bytes));
  return name !== "" && encodeFlavor(name) === encoded ? name : undefined;
}
