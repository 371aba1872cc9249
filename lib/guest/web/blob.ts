import { registerCloner } from './clone-registry.ts';
import { gate } from './gate.ts';
import { type ReadableStream, streamOf } from './streams.ts';
import { bytesOf, decodeUtf8, encodeUtf8 } from './utf8.ts';

export interface BlobOptions {
  type?: string;
  endings?: 'transparent' | 'native';
}

const unprintable = /[^\x20-\x7e]/;

function readPart(part: unknown, options: BlobOptions): Uint8Array {
  if (part instanceof Blob) return blobBytes(part);
  if (part instanceof ArrayBuffer || ArrayBuffer.isView(part)) return bytesOf(part);
  const text = `${part}`;
  return encodeUtf8(options.endings === 'native' ? text.replace(/\r\n?/g, '\n') : text);
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** The bytes themselves, which never change and so may be shared between slices. */
export let blobBytes: (blob: Blob) => Uint8Array<ArrayBuffer>;
let share: (blob: Blob, bytes: Uint8Array<ArrayBuffer>, type: string) => void;

export class Blob {
  #bytes: Uint8Array<ArrayBuffer>;
  #type: string;

  static {
    blobBytes = (blob) => blob.#bytes;
    share = (blob, bytes, type) => {
      blob.#bytes = bytes;
      blob.#type = type;
    };
  }

  constructor(parts: Iterable<unknown> = [], options: BlobOptions = {}) {
    if (typeof parts !== 'object' || parts === null || typeof parts[Symbol.iterator] !== 'function') {
      throw new TypeError('A Blob is made of an iterable of parts.');
    }
    this.#bytes = concatenate(Array.from(parts, (part) => readPart(part, options)));
    const type = `${options?.type ?? ''}`;
    this.#type = unprintable.test(type) ? '' : type.toLowerCase();
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  get type(): string {
    return this.#type;
  }

  slice(start = 0, end: number = this.size, type = ''): Blob {
    const blob = new Blob([], { type });
    share(blob, this.#bytes.subarray(Math.trunc(start) || 0, Math.trunc(end) || 0), blob.type);
    return blob;
  }

  async text(): Promise<string> {
    return decodeUtf8(this.#bytes);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes.slice();
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(() => this.#bytes);
  }

  get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: Iterable<unknown>, name: string, options: BlobOptions & { lastModified?: number } = {}) {
    if (name === undefined) throw new TypeError('A File needs its parts and a name.');
    super(parts, options);
    this.#name = `${name}`.toWellFormed();
    const modified = options?.lastModified === undefined ? gate().now() : Number(options.lastModified);
    this.#lastModified = Math.trunc(modified) || 0;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    return '';
  }

  override get [Symbol.toStringTag](): string {
    return 'File';
  }
}

/** The same bytes under another name or as a file. */
export function toFile(blob: Blob, name: string): File {
  const lastModified = blob instanceof File ? blob.lastModified : gate().now();
  const file = new File([], name, { lastModified });
  share(file, blobBytes(blob), blob.type);
  return file;
}

registerCloner(Blob.prototype, (blob) => (blob as Blob).slice(0, (blob as Blob).size, (blob as Blob).type));
registerCloner(File.prototype, (file) => toFile(file as File, (file as File).name));
