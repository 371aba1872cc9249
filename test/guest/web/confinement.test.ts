import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('what is removed', () => {
  it('is gone from the global object', async () => {
    const seen = await run(() =>
      [
        'WebAssembly',
        'SharedArrayBuffer',
        'Atomics',
        'WeakRef',
        'FinalizationRegistry',
        'Temporal',
        'ShadowRealm',
      ].filter((name) => name in globalThis),
    );
    expect(seen).toEqual([]);
  });

  it('leaves no way to a resizable buffer', async () => {
    const seen = await run(({ thrown }) => {
      const options = { maxByteLength: 1_000 };
      class Sub extends ArrayBuffer {}
      const ways: (() => unknown)[] = [
        () => new ArrayBuffer(1, options),
        () => new (new ArrayBuffer(1).constructor as ArrayBufferConstructor)(1, options),
        () => new (new Uint8Array(1).buffer.constructor as ArrayBufferConstructor)(1, options),
        () => new (ArrayBuffer.prototype.constructor as ArrayBufferConstructor)(1, options),
        () => new (ArrayBuffer as unknown as { [Symbol.species]: ArrayBufferConstructor })[Symbol.species](1, options),
        () => Reflect.construct(ArrayBuffer, [1, options]),
        () => Reflect.construct(ArrayBuffer, [1, options], Sub),
        () => Reflect.construct(Sub, [1, options]),
        () => new (Object.getPrototypeOf(Sub) as ArrayBufferConstructor)(1, options),
        () => new (structuredClone(new ArrayBuffer(1)).constructor as ArrayBufferConstructor)(1, options),
      ];
      const left = ['resize', 'resizable', 'maxByteLength'].filter((name) => name in ArrayBuffer.prototype);
      return [ways.map(thrown), left, (Object.getPrototypeOf(ArrayBuffer) as object) === Function.prototype];
    });
    expect(seen).toEqual([Array(10).fill('TypeError'), [], true]);
  });

  same('leaves plain buffers as they are', ({ thrown }) => {
    class Sub extends ArrayBuffer {}
    const moved = new Uint8Array([1, 2, 3]).buffer;
    const longer = moved.transfer(5);
    const shorter = longer.transferToFixedLength(2);
    return [
      new ArrayBuffer(8).byteLength,
      new ArrayBuffer('3' as never).byteLength,
      thrown(() => new ArrayBuffer(-1)),
      thrown(() => Reflect.apply(ArrayBuffer, undefined, [1])),
      [ArrayBuffer.name, ArrayBuffer.length, ArrayBuffer.isView(new DataView(new ArrayBuffer(1)))],
      new ArrayBuffer(1) instanceof ArrayBuffer && new Uint8Array(1).buffer instanceof ArrayBuffer,
      new Sub(2) instanceof Sub && new Sub(2).slice(1) instanceof Sub,
      ArrayBuffer.prototype.constructor === ArrayBuffer,
      [moved.detached, longer.detached, [...new Uint8Array(shorter)]],
      thrown(() => moved.transfer()),
      Object.prototype.toString.call(new ArrayBuffer(1)),
    ];
  });
});

describe('code of text', () => {
  it('is refused wherever a constructor of functions is reached', async () => {
    const seen = await run(({ thrown }) => {
      type Maker = new (code: string) => unknown;
      const makers = [
        () => {},
        async () => {},
        function* () {},
        async function* () {},
        class {},
        Array.prototype.map,
        { method() {} }.method,
        Function.prototype,
        (() => {}).bind(null),
        new Proxy(() => {}, {}),
        setTimeout,
        Date,
        ArrayBuffer,
        Reflect.get(globalThis, 'eval'),
        Object.getOwnPropertyDescriptor(globalThis, 'fetch')?.get,
        Reflect.construct,
      ].map((each) => (each as unknown as { constructor: Maker }).constructor);
      makers.push(
        ...makers
          .map((maker) => Object.getPrototypeOf(maker) as Maker)
          .filter((each) => typeof each === 'function' && each !== (Function.prototype as unknown)),
      );
      class Sub extends Function {}
      makers.push(Sub, ...makers.map((maker) => maker.constructor as Maker));
      const ways = [
        ...makers.flatMap((maker) => [
          () => new maker('return 1'),
          () => Reflect.apply(maker as never, undefined, ['return 1']),
          () => Reflect.construct(maker, ['return 1'], Object),
        ]),
        () => Reflect.get(globalThis, 'eval')('1'),
        () => Reflect.apply(Reflect.get(globalThis, 'eval'), undefined, ['1']),
      ];
      const names = new Set(ways.map(thrown));
      // A class cannot be called without `new`, which is a refusal too.
      return [...names].sort();
    });
    expect(seen).toEqual(['EvalError', 'TypeError']);
  });

  it('is refused in a direct eval too, and by import', async () => {
    const direct = "({ thrown }) => [thrown(() => eval('1 + 1')), thrown(() => (0, eval)('globalThis')), eval(5)]";
    expect(await run(direct)).toEqual(['EvalError', 'EvalError', 5]);
    expect(await run("({ rejected }) => rejected(() => import('data:text/javascript,1'))")).not.toBe('nothing');
  });

  it('is not helped by the callers of a sloppy function', async () => {
    const snippet = `async (_, { gate }) => {
      const seen = [];
      setTimeout(function sloppy() { seen.push(sloppy.caller); });
      const target = new EventTarget();
      target.addEventListener('x', function sloppy() { seen.push(sloppy.caller); });
      target.dispatchEvent(new Event('x'));
      new URLSearchParams('a=1').forEach(function sloppy() { seen.push(sloppy.caller); });
      await gate.advance(1);
      return seen;
    }`;
    expect(await run(snippet)).toEqual([null, null, null]);
  });

  same('is all that is refused: functions keep their kind', () => [
    (() => {}) instanceof Function,
    Function.name,
    Function.length,
    Function.prototype.constructor === Function,
    (async () => {}).constructor.name,
    Object.getPrototypeOf((async () => {}).constructor) === Function,
    function* () {}.constructor.name,
    Object.getPrototypeOf(Function) === Function.prototype,
    typeof Reflect.get(globalThis, 'eval'),
  ]);
});
