import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('structuredClone', () => {
  same('copies every cloneable type', () => {
    const source = {
      text: 'x',
      nothing: null,
      missing: undefined,
      big: 2n ** 70n,
      zero: -0,
      nan: Number.NaN,
      date: new Date(5),
      pattern: /a+/gi,
      boxed: [Object(true), Object(1), Object('s'), Object(3n)],
      map: new Map<unknown, unknown>([[{ k: 1 }, new Set([1, 'two'])]]),
      holes: Object.assign(new Array(3), { 0: 1, 2: 3 }),
    };
    const copy = structuredClone(source);
    const [[key, set] = []] = [...copy.map];
    return [
      copy.text,
      copy.nothing,
      'missing' in copy,
      copy.big.toString(),
      Object.is(copy.zero, -0),
      Number.isNaN(copy.nan),
      copy.date instanceof Date && copy.date.getTime(),
      [copy.pattern.source, copy.pattern.flags, copy.pattern.lastIndex],
      copy.boxed.map((each) => [typeof each, `${each}`]),
      [key, [...(set as Set<unknown>)]],
      [copy.holes.length, 1 in copy.holes],
      copy !== source && copy.map !== source.map,
    ];
  });

  same('keeps identity and cycles', () => {
    interface Node {
      self?: Node;
      list: unknown[];
    }
    const shared = { n: 1 };
    const source: Node = { list: [shared, shared] };
    source.self = source;
    const copy = structuredClone(source);
    return [copy.self === copy, copy.list[0] === copy.list[1], copy.list[0] !== shared];
  });

  same('copies errors by class, with message, stack and cause', () => {
    const source = Object.assign(new RangeError('far', { cause: new Error('deep') }), { extra: 1 });
    const copy = structuredClone(source);
    const other = structuredClone(Object.assign(new Error('own'), { name: 'OwnError' }));
    return [
      copy instanceof RangeError,
      copy.message,
      copy.stack === source.stack,
      (copy.cause as Error).message,
      'extra' in copy,
      other.name,
      other instanceof Error,
    ];
  });

  same('copies buffers and views, which share their buffer as before', () => {
    const buffer = new ArrayBuffer(8);
    const source = {
      bytes: new Uint8Array(buffer, 2, 4),
      wide: new Float64Array(buffer),
      view: new DataView(buffer, 1),
    };
    source.bytes[0] = 7;
    const copy = structuredClone(source);
    return [
      copy.bytes.buffer === copy.wide.buffer && copy.view.buffer === copy.wide.buffer,
      copy.bytes.buffer !== buffer,
      [...copy.bytes],
      copy.bytes.byteOffset,
      copy.view.byteOffset,
      copy.view.byteLength,
      [...structuredClone(new BigInt64Array([1n, -1n]))].map(String),
    ];
  });

  same('transfers buffers', ({ thrown }) => {
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const view = new Uint8Array(buffer, 1);
    const copy = structuredClone({ view }, { transfer: [buffer] });
    return [
      buffer.byteLength,
      view.length,
      [...copy.view],
      thrown(() => structuredClone(buffer)),
      thrown(() => structuredClone(1, { transfer: [buffer] })),
      thrown(() => structuredClone(1, { transfer: [{} as ArrayBuffer] })),
    ];
  });

  same('detaches nothing when something cannot be cloned', ({ thrown }) => {
    const buffer = new ArrayBuffer(4);
    return [thrown(() => structuredClone([buffer, () => {}], { transfer: [buffer] })), buffer.byteLength];
  });

  same('refuses functions, symbols and what has a life of its own', ({ thrown }) =>
    [() => {}, Symbol('s'), new WeakMap(), new WeakSet(), Promise.resolve(), [Symbol('s')], { deep: { f() {} } }].map(
      (value) => thrown(() => structuredClone(value)),
    ),
  );

  same('makes plain objects of instances and reads own enumerable properties only', () => {
    class Point {
      x = 1;
      #hidden = 2;
      get sum() {
        return this.x + this.#hidden;
      }
    }
    const source = Object.defineProperty({ seen: 1 }, 'unseen', { value: 2 });
    const copy = structuredClone(new Point());
    return [
      copy,
      Object.getPrototypeOf(copy) === Object.prototype,
      structuredClone(source),
      structuredClone({
        get a() {
          return 3;
        },
      }),
      Object.keys(structuredClone(JSON.parse('{"__proto__":{"x":1}}'))),
    ];
  });

  same('copies a DOMException and refuses streams', ({ thrown }) => [
    thrown(() => structuredClone(new ReadableStream())),
    thrown(() => structuredClone(new Headers())) !== undefined,
    thrown(() => Reflect.apply(structuredClone, undefined, [])),
  ]);

  it('copies blobs, files and exceptions of the platform', async () => {
    const seen = await run(async () => {
      const file = structuredClone(new File(['abc'], 'a.txt', { type: 'text/plain', lastModified: 5 }));
      const blob = structuredClone({ blob: new Blob(['x']) }).blob;
      const error = structuredClone(new DOMException('gone', 'NotFoundError'));
      return [
        file instanceof File && [file.name, file.type, file.lastModified, await file.text()],
        blob instanceof Blob && (await blob.text()),
        error instanceof DOMException && [error.name, error.message, error.code],
      ];
    });
    expect(seen).toEqual([['a.txt', 'text/plain', 5, 'abc'], 'x', ['NotFoundError', 'gone', 8]]);
  });
});
