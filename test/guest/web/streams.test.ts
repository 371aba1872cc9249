import { describe } from 'vitest';
import { useIsolate } from './isolate.ts';

const { same } = useIsolate();

describe('streams', () => {
  same('pull on demand, in order, and end', async ({ readAll }) => {
    let next = 0;
    const source = new ReadableStream<number>({
      pull(controller) {
        if (next < 4) controller.enqueue(next++);
        else controller.close();
      },
    });
    return readAll(source.pipeThrough(new TransformStream({ transform: (chunk, to) => to.enqueue(chunk * 2) })));
  });

  same('can be walked, made of an iterable, and teed', async ({ readAll }) => {
    const walked: unknown[] = [];
    for await (const chunk of ReadableStream.from(['a', 'b'])) walked.push(chunk);
    const [left, right] = ReadableStream.from([1, 2]).tee();
    return [walked, await readAll(left), await readAll(right)];
  });

  same('read into a buffer that is brought', async () => {
    const source = new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2, 3]));
        controller.close();
      },
    });
    const reader = source.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(2));
    const second = await reader.read(new Uint8Array(2));
    const last = await reader.read(new Uint8Array(2));
    return [[...(first.value ?? [])], [...(second.value ?? [])], last.done];
  });

  same('carry errors through a pipe, and stop at a signal', async ({ rejected }) => {
    const written: unknown[] = [];
    const failing = new ReadableStream({
      start(controller) {
        controller.enqueue(1);
        controller.error(new RangeError('broken'));
      },
    });
    const sink = () => new WritableStream({ write: (chunk) => void written.push(chunk) });
    const signal = AbortSignal.abort();
    return [
      await rejected(() => failing.pipeTo(sink())),
      await rejected(() => new ReadableStream().pipeTo(sink(), { signal })),
      written.length <= 1,
    ];
  });

  same('apply back pressure by their strategy', async () => {
    const stream = new WritableStream({}, new CountQueuingStrategy({ highWaterMark: 2 }));
    const writer = stream.getWriter();
    const sizes = [writer.desiredSize];
    void writer.write('a');
    sizes.push(writer.desiredSize);
    await writer.close();
    return [sizes, new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size(new Uint8Array(3))];
  });

  same('know when they are locked', ({ thrown }) => {
    const stream = new ReadableStream();
    const reader = stream.getReader();
    const before = [stream.locked, thrown(() => stream.getReader())];
    reader.releaseLock();
    return [...before, stream.locked, ReadableStreamDefaultReader.name, reader instanceof ReadableStreamDefaultReader];
  });
});
