import * as streams from 'web-streams-polyfill';
import { registerCloner } from './clone-registry.ts';

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';

for (const stream of [streams.ReadableStream, streams.WritableStream, streams.TransformStream]) {
  registerCloner(stream.prototype, 'refused');
}

/** Reads to the end. Chunks that are no bytes are a TypeError, as in a body. */
export async function collectBytes(stream: streams.ReadableStream): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = stream.getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read()) {
    if (!(result.value instanceof Uint8Array)) {
      const error = new TypeError('A body stream gives Uint8Array chunks only.');
      await reader.cancel(error);
      throw error;
    }
    chunks.push(result.value);
    total += result.value.byteLength;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** A byte stream of bytes that are already here; `find` is asked when the first are pulled. */
export function streamOf(find: () => Uint8Array): streams.ReadableStream<Uint8Array> {
  const chunkBytes = 65_536;
  let at = 0;
  return new streams.ReadableStream({
    type: 'bytes',
    pull(controller) {
      const bytes = find();
      // A copy: the stream takes the buffer of a chunk over.
      if (at < bytes.byteLength) controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
      if (at < bytes.byteLength) return;
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

/** The standard's "disturbed": read from or cancelled, which no public property of a stream tells. */
export function isDisturbed(stream: streams.ReadableStream): boolean {
  return (stream as unknown as { readonly _disturbed: boolean })._disturbed;
}
