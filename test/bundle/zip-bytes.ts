import { crc32, deflateRawSync } from 'node:zlib';

/** An entry with every field that a hostile archive may lie about. */
export interface ZipBytesEntry {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly flags?: number;
  readonly localFlags?: number;
  readonly method?: number;
  /** The mode of a Unix file. */
  readonly mode?: number;
  readonly declaredSize?: number;
  readonly crc?: number;
  readonly localName?: string;
  /** Uses the bytes of the entry of that index instead of its own. */
  readonly sharesDataOf?: number;
}

/** Writes a zip archive field by field, so that each may be wrong. */
export function zipBytes(
  entries: readonly ZipBytesEntry[],
  end: { count?: number; comment?: string } = {},
): Uint8Array {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name as string);
    const content = Buffer.from((entry.content ?? '') as string);
    const method = entry.method ?? 8;
    const data = method === 8 ? deflateRawSync(content) : content;
    const flags = entry.flags ?? 0x0800;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(entry.crc ?? crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(entry.declaredSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const localFields = Buffer.from(fields);
    localFields.writeUInt16LE(entry.localFlags ?? flags, 2);
    const localName = entry.localName === undefined ? name : Buffer.from(entry.localName);
    localFields.writeUInt16LE(localName.length, 22);
    const shared = entry.sharesDataOf === undefined ? undefined : offsets[entry.sharesDataOf];
    offsets.push(shared ?? at);
    if (shared === undefined) {
      const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), localFields, localName, data]);
      locals.push(local);
      at += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offsets.at(-1) ?? 0, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, tail, name]));
  }
  const directory = Buffer.concat(centrals);
  const last = Buffer.alloc(22);
  last.write('PK\x05\x06', 'latin1');
  last.writeUInt16LE(end.count ?? entries.length, 8);
  last.writeUInt16LE(end.count ?? entries.length, 10);
  last.writeUInt32LE(directory.length, 12);
  last.writeUInt32LE(at, 16);
  last.writeUInt16LE(end.comment?.length ?? 0, 20);
  return Buffer.concat([...locals, directory, last, Buffer.from(end.comment ?? '')]);
}
