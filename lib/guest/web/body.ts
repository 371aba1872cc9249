import { Blob, blobBytes } from './blob.ts';
import { FormData } from './form-data.ts';
import type { Headers } from './headers.ts';
import { decodeMultipart, encodeMultipart } from './multipart.ts';
import { collectBytes, isDisturbed, ReadableStream, streamOf } from './streams.ts';
import { parseForm, URLSearchParams } from './url-search-params.ts';
import { bytesOf, decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Bytes that are here already, or a stream: asked for by the tenant or given by it. */
export type Source =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly stream: ReadableStream };

export interface ExtractedBody {
  readonly source: Source;
  /** The Content-Type that goes with it unless the headers name one. */
  readonly type: string | null;
}

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init: unknown): ExtractedBody {
  if (init === null || init === undefined) return { source: { kind: 'none' }, type: null };
  if (init instanceof ReadableStream) {
    if (init.locked || isDisturbed(init)) throw new TypeError('The stream of a body is locked or was read from.');
    return { source: { kind: 'stream', stream: init }, type: null };
  }
  const give = (bytes: Uint8Array, type: string | null): ExtractedBody => ({ source: { kind: 'bytes', bytes }, type });
  if (init instanceof Blob) return give(blobBytes(init), init.type === '' ? null : init.type);
  // A copy: the tenant may go on writing into its buffer.
  if (init instanceof ArrayBuffer || ArrayBuffer.isView(init)) return give(bytesOf(init).slice(), null);
  if (init instanceof FormData) {
    const { bytes, type } = encodeMultipart(init);
    return give(bytes, type);
  }
  if (init instanceof URLSearchParams) {
    return give(encodeUtf8(init.toString()), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  return give(encodeUtf8(`${init}`), 'text/plain;charset=UTF-8');
}

/** The body half of Request and Response. */
export abstract class Body {
  #source: Source;
  #isUsed = false;

  abstract readonly headers: Headers;

  constructor(source: Source) {
    this.#source = source;
  }

  get body(): ReadableStream<Uint8Array> | null {
    const source = this.#source;
    if (source.kind === 'none') return null;
    if (source.kind === 'stream') return source.stream;
    // From here on the stream is the body: what is read from it is read from the body.
    const stream = streamOf(() => source.bytes);
    if (this.#isUsed) void stream.cancel();
    this.#source = { kind: 'stream', stream };
    return stream;
  }

  get bodyUsed(): boolean {
    return this.#isUsed || (this.#source.kind === 'stream' && isDisturbed(this.#source.stream));
  }

  /** The bytes to send, or `undefined` where there is no body at all. */
  protected async collect(): Promise<Uint8Array | undefined> {
    return this.#source.kind === 'none' ? undefined : this.#consume();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#consume()).slice();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#consume()).slice().buffer;
  }

  async text(): Promise<string> {
    return decodeUtf8(await this.#consume());
  }

  async json(): Promise<unknown> {
    return JSON.parse(decodeUtf8(await this.#consume()));
  }

  async blob(): Promise<Blob> {
    const bytes = await this.#consume();
    return new Blob([bytes], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type') ?? '';
    const bytes = await this.#consume();
    const essence = type.split(';', 1)[0]?.trim().toLowerCase();
    if (essence === 'multipart/form-data') return decodeMultipart(bytes, type);
    if (essence !== 'application/x-www-form-urlencoded') {
      throw new TypeError('A body is read as form data when its Content-Type is one of the two of forms.');
    }
    const form = new FormData();
    for (const [name, value] of parseForm(decodeUtf8(bytes))) form.append(name, value);
    return form;
  }

  /** Marks the body as used and gives what it was, for one that takes it over. */
  protected take(): Source {
    this.#refuseUsed();
    const source = this.#source;
    if (source.kind === 'none') return source;
    this.#isUsed = true;
    if (source.kind === 'bytes') return source;
    // The old one stays visible, locked to the reader of the new one.
    return { kind: 'stream', stream: passOn(source.stream) };
  }

  /** For one whose body is known only after it was made. */
  protected adopt(source: Source): void {
    this.#source = source;
  }

  protected duplicate(): Source {
    this.#refuseUsed();
    if (this.#source.kind !== 'stream') return this.#source;
    const [mine, theirs] = this.#source.stream.tee();
    this.#source = { kind: 'stream', stream: mine };
    return { kind: 'stream', stream: theirs };
  }

  async #consume(): Promise<Uint8Array> {
    this.#refuseUsed();
    const source = this.#source;
    switch (source.kind) {
      case 'none':
        return new Uint8Array(0);
      case 'bytes':
        this.#isUsed = true;
        return source.bytes;
      case 'stream':
        this.#isUsed = true;
        return collectBytes(source.stream);
    }
  }

  #refuseUsed(): void {
    if (this.bodyUsed || (this.#source.kind === 'stream' && this.#source.stream.locked)) {
      throw new TypeError('Body is unusable: it has already been read, or its stream is locked.');
    }
  }
}

function passOn(stream: ReadableStream): ReadableStream {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
