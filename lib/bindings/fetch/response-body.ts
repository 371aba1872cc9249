import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** What we ask for where the tenant's code does not say. */
export const ACCEPTED_ENCODINGS = 'gzip, br, deflate';
/** More layers than anybody means. */
const MAX_LAYERS = 3;

export class BodyTooLarge extends Error {}

type Decoder = () => NodeJS.ReadWriteStream & Readable;

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', createGunzip as Decoder],
  ['x-gzip', createGunzip as Decoder],
  ['deflate', createInflate as Decoder],
  ['br', createBrotliDecompress as Decoder],
]);

/** The decoders for a `content-encoding`, in order of use; `undefined`: one that we do not know, and the bytes stay as they are. */
export const decodersFor = (contentEncoding: string): readonly Decoder[] | undefined => {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const decoders = names.toReversed().flatMap((name) => DECODERS.get(name) ?? []);
  return decoders.length === names.length && names.length <= MAX_LAYERS ? decoders : undefined;
};

/**
 * The whole body, decoded. The limit is on what comes out, so that a little that unpacks to a lot is stopped on its way.
 * @throws BodyTooLarge, or whatever broke the stream
 */
export const readBody = async (
  body: Readable,
  decoders: readonly Decoder[],
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  let stream: Readable = body;
  // Heard of by whoever reads below; one that is given up has nobody else to tell.
  body.on('error', () => {});
  // A failure of one reaches the last as its own, which is where we read.
  for (const make of decoders) stream = pipeline(stream, make(), () => {}) as unknown as Readable;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      body.destroy();
      throw new BodyTooLarge();
    }
    chunks.push(chunk);
  }
  // A buffer of its own: what is encoded later is this and nothing beside it.
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
};
