/**
 * Writes zip archives for tests, hostile ones as well: no library would write these names and sizes.
 *
 * @module
 */
import { deflateRawSync } from "node:zlib";

export type ZipEntry = {
  readonly name: string;
  readonly data: Uint8Array | string;
  /** What the headers say that it unpacks to. @default the truth */
  readonly claimed?: number;
};

export function zip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, claimed } of entries) {
    const raw = Buffer.from(data);
    const packed = deflateRawSync(raw);
    const title = Buffer.from(name);
    const common = Buffer.alloc(26);
    // Version 2.0, UTF-8 names, deflate.
    for (const [value, at] of [
      [20, 0],
      [0x800, 2],
      [8, 4],
    ] as const)
      common.writeUInt16LE(value, at);
    common.writeUInt32LE(Bun.hash.crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimed ?? raw.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, title, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, rest, title]));
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, index, end]));
}
