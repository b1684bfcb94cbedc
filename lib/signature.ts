/**
 * What failed, as a value that can be compared: the identity of a failure.
 *
 * @module
 */

/** A failure's identity: equal ids are equal failures; lines and facts say how alike two others are. */
export type Signature = {
  /** First 16 hex digits of the sha256 of the normalized text. */
  readonly id: string;
  /** One line a person would write in a bug report. */
  readonly title: string;
  /** Normalized lines that say what failed, the root first. */
  readonly lines: readonly string[];
  /** Canonical `kind:value` facts, the same across tools: `undeclared:foo`, `test:Suite.case`. */
  readonly facts: readonly string[];
};

/** What a log told: its signature, and whether that is evidence enough to act upon. */
export type Failure = Signature & {
  /** Bytes read. */
  readonly bytes: number;
  /** No error was recognised, or only a generic line that identifies nothing. */
  readonly unrecognized: boolean;
  /** The machine failed, not the code: network, disk, memory, a lost runner. */
  readonly infrastructure: boolean;
};

export async function readFailure(_log: AsyncIterable<Uint8Array>): Promise<Failure> {
  throw new Error("being written");
}
