import { TextDecoder } from './encoding.ts';
import { type ReadableStream, TransformStream, type WritableStream } from './streams.ts';
import { encodeUtf8 } from './utf8.ts';

const isLead = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export class TextEncoderStream {
  readonly #transform: TransformStream<unknown, Uint8Array>;

  constructor() {
    // A surrogate pair may be cut between two chunks.
    let held = '';
    this.#transform = new TransformStream<unknown, Uint8Array>({
      transform(chunk, controller) {
        let text = `${held}${chunk}`;
        held = isLead(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
        text = text.slice(0, text.length - held.length);
        if (text !== '') controller.enqueue(encodeUtf8(text));
      },
      flush(controller) {
        if (held !== '') controller.enqueue(encodeUtf8(held));
      },
    });
  }

  get encoding(): string {
    return 'utf-8';
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<unknown> {
    return this.#transform.writable;
  }

  get [Symbol.toStringTag](): string {
    return 'TextEncoderStream';
  }
}

export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: TransformStream<ArrayBuffer | ArrayBufferView, string>;

  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream<ArrayBuffer | ArrayBufferView, string>({
      transform(chunk, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }

  get readable(): ReadableStream<string> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<ArrayBuffer | ArrayBufferView> {
    return this.#transform.writable;
  }

  get [Symbol.toStringTag](): string {
    return 'TextDecoderStream';
  }
}
