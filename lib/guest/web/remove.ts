const { defineProperty, deleteProperty, construct } = Reflect;

const removed = [
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'FinalizationRegistry',
  'Temporal',
  'ShadowRealm',
];

/**
 * Takes from a fresh context what a memory limit does not contain, what lets two threads share memory, and what shows when
 * the collector ran. Before tenant code: afterwards a native function could have been kept.
 */
export function removeGlobals(target: object): void {
  for (const name of removed) deleteProperty(target, name);
  guardArrayBuffer(target);
}

/** An ArrayBuffer class without options: resizable memory is reserved outside what the isolate's limit counts. */
function guardArrayBuffer(target: object): void {
  const Native = (target as { ArrayBuffer: ArrayBufferConstructor }).ArrayBuffer;
  const { prototype } = Native;
  const Guarded = function GuardedBuffer(length: unknown, options?: { maxByteLength?: unknown }): object {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    if (typeof options === 'object' && options?.maxByteLength !== undefined) {
      throw new TypeError('A resizable ArrayBuffer is not available: maxByteLength cannot be set.');
    }
    return construct(Native, [length], new.target);
  };
  const hidden = { writable: true, configurable: true, enumerable: false };
  defineProperty(Guarded, 'name', { value: 'ArrayBuffer', configurable: true });
  defineProperty(Guarded, 'length', { value: 1, configurable: true });
  defineProperty(Guarded, 'prototype', { value: prototype, writable: false });
  defineProperty(Guarded, 'isView', { value: Native.isView, ...hidden });
  defineProperty(Guarded, Symbol.species, {
    get(this: unknown) {
      return this;
    },
    configurable: true,
  });
  defineProperty(prototype, 'constructor', { value: Guarded, ...hidden });
  defineProperty(target, 'ArrayBuffer', { value: Guarded, ...hidden });
  for (const name of ['resize', 'resizable', 'maxByteLength']) deleteProperty(prototype, name);
  guardTransfer(prototype, Native);
}

/** `transfer` without growth: a longer buffer is made by the constructor, which the limit sees. */
function guardTransfer(prototype: ArrayBuffer, Native: ArrayBufferConstructor): void {
  const apply = Function.prototype.call.bind(Function.prototype.call);
  const byteLengthOf = Object.getOwnPropertyDescriptor(prototype, 'byteLength')?.get;
  const { transfer } = prototype;
  const { set } = Object.getPrototypeOf(Uint8Array.prototype);
  const Bytes = Uint8Array;
  const guarded = {
    transfer(this: ArrayBuffer, newLength?: number): ArrayBuffer {
      const byteLength = apply(byteLengthOf, this) as number;
      const wanted = newLength === undefined ? byteLength : Math.trunc(Number(newLength)) || 0;
      if (wanted <= byteLength) return apply(transfer, this, wanted);
      const longer = new Native(wanted);
      apply(set, new Bytes(longer), new Bytes(apply(transfer, this)));
      return longer;
    },
  };
  const hidden = { writable: true, configurable: true, enumerable: false };
  for (const name of ['transfer', 'transferToFixedLength']) {
    defineProperty(prototype, name, { value: guarded.transfer, ...hidden });
  }
}
