import { findCloner } from './clone-registry.ts';
import { DOMException } from './dom-exception.ts';

type View = ArrayBufferView<ArrayBuffer> & { readonly length?: number };
type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => View;

const errorClasses: Readonly<Record<string, ErrorConstructor>> = {
  __proto__: null as never,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const viewClasses: Readonly<Record<string, ViewConstructor>> = {
  __proto__: null as never,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ...('Float16Array' in globalThis ? { Float16Array: Reflect.get(globalThis, 'Float16Array') } : {}),
};

const getter = (prototype: object, name: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => unknown;

const mapSize = getter(Map.prototype, 'size');
const setSize = getter(Set.prototype, 'size');
const bufferSize = getter(ArrayBuffer.prototype, 'byteLength');
const isDetached = getter(ArrayBuffer.prototype, 'detached');
const viewName = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const sliceBuffer = ArrayBuffer.prototype.slice;
const transferBuffer = ArrayBuffer.prototype.transfer;

/** Whether a getter or method that only works on one kind of built-in object works on this one. */
function passes(method: (this: unknown) => unknown, value: object): boolean {
  try {
    method.call(value);
    return true;
  } catch {
    return false;
  }
}

const refuse = (what: string): never => {
  throw new DOMException(`${what} could not be cloned.`, 'DataCloneError');
};

const describe = (value: unknown): string => {
  if (typeof value === 'function') return Function.prototype.toString.call(value).slice(0, 200);
  return typeof value === 'symbol'
    ? String(value)
    : Object.prototype.toString.call(value).replace('[object ', '#<').replace(']', '>');
};

/** https://html.spec.whatwg.org/#structuredserializeinternal, both halves in one walk over the value. */
class Cloning {
  readonly #copies = new Map<object, object>();

  clone(value: unknown): unknown {
    if (typeof value === 'symbol' || typeof value === 'function') return refuse(describe(value));
    if (typeof value !== 'object' || value === null) return value;
    return this.#copies.get(value) ?? this.#cloneObject(value);
  }

  #cloneObject(value: object): object {
    const prototype = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return this.#fill(value, new Array(value.length));
    const cloner = prototype === Object.prototype || prototype === null ? undefined : findCloner(value);
    if (cloner === 'refused') return refuse(describe(value));
    if (cloner !== undefined) return this.#keep(value, cloner(value));
    if (ArrayBuffer.isView(value)) return this.#cloneView(value as View);
    const tagged = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    // Without a tag of its own an object cannot hide from toString what it is.
    const kind = tagged === undefined ? Object.prototype.toString.call(value).slice(8, -1) : undefined;
    switch (kind) {
      case 'Date':
        return this.#keep(value, new Date(Date.prototype.getTime.call(value)));
      case 'RegExp':
        return this.#keep(value, new RegExp((value as RegExp).source, (value as RegExp).flags));
      case 'Boolean':
      case 'Number':
      case 'String':
        return this.#keep(value, Object((value as { valueOf(): unknown }).valueOf()));
      case 'Error':
        return this.#cloneError(value as Error);
      case undefined:
        return this.#cloneTagged(value);
      default:
        return this.#fill(value, {});
    }
  }

  #cloneTagged(value: object): object {
    if (passes(mapSize, value)) {
      const copy = this.#keep(value, new Map());
      // Taken before the walk: getters on the way may change the map.
      for (const [key, item] of [...Map.prototype.entries.call(value)]) copy.set(this.clone(key), this.clone(item));
      return copy;
    }
    if (passes(setSize, value)) {
      const copy = this.#keep(value, new Set());
      for (const item of [...Set.prototype.values.call(value)]) copy.add(this.clone(item));
      return copy;
    }
    if (passes(bufferSize, value)) return this.#cloneBuffer(value as ArrayBuffer);
    if (passes(BigInt.prototype.valueOf, value)) return this.#keep(value, Object(BigInt.prototype.valueOf.call(value)));
    const isUncloneable =
      value instanceof Promise ||
      value instanceof WeakMap ||
      value instanceof WeakSet ||
      passes(Symbol.prototype.valueOf, value);
    return isUncloneable ? refuse(describe(value)) : this.#fill(value, {});
  }

  #cloneBuffer(buffer: ArrayBuffer): ArrayBuffer {
    if (isDetached.call(buffer) === true) return refuse('A detached ArrayBuffer');
    return this.#keep(buffer, sliceBuffer.call(buffer, 0));
  }

  #cloneView(view: View): object {
    const buffer = this.clone(view.buffer) as ArrayBuffer;
    const name = viewName.call(view) as string | undefined;
    if (name === undefined) return this.#keep(view, new DataView(buffer, view.byteOffset, view.byteLength));
    const viewClass = viewClasses[name] ?? refuse(describe(view));
    return this.#keep(view, new viewClass(buffer, view.byteOffset, view.length as number));
  }

  #cloneError(error: Error): Error {
    const { name } = error;
    const copy = this.#keep(error, Object.create((errorClasses[`${name}`] ?? Error).prototype) as Error);
    for (const key of ['stack', 'message', 'cause'] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(error, key);
      if (descriptor === undefined) continue;
      const found = descriptor.get === undefined && key !== 'stack' ? descriptor.value : error[key];
      const item = key === 'cause' ? this.clone(found) : `${found}`;
      Object.defineProperty(copy, key, { value: item, writable: true, configurable: true });
    }
    return copy;
  }

  #fill(source: object, empty: object): object {
    const copy = this.#keep(source, empty) as Record<string, unknown>;
    for (const key of Object.keys(source)) {
      // A getter before may have removed it.
      if (!Object.hasOwn(source, key)) continue;
      const value = this.clone((source as Record<string, unknown>)[key]);
      if (key === '__proto__')
        Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true });
      else copy[key] = value;
    }
    return copy;
  }

  #keep<Copy extends object>(source: object, copy: Copy): Copy {
    this.#copies.set(source, copy);
    return copy;
  }
}

function checkTransfer(transfer: readonly unknown[]): asserts transfer is ArrayBuffer[] {
  const seen = new Set<unknown>();
  for (const item of transfer) {
    if (typeof item !== 'object' || item === null || !passes(bufferSize, item)) {
      throw new DOMException('Only an ArrayBuffer can be transferred.', 'DataCloneError');
    }
    if (seen.has(item) || isDetached.call(item) === true) {
      throw new DOMException('An ArrayBuffer is detached or transferred twice.', 'DataCloneError');
    }
    seen.add(item);
  }
}

export function structuredClone(...args: [value?: unknown, options?: { transfer?: Iterable<unknown> }]): unknown {
  const [value, options] = args;
  if (args.length === 0) throw new TypeError('structuredClone needs a value.');
  const transfer = [...(options?.transfer ?? [])];
  checkTransfer(transfer);
  const copy = new Cloning().clone(value);
  // A transferred buffer is copied like any other and then emptied: nothing is detached when something cannot be cloned.
  for (const buffer of transfer) transferBuffer.call(buffer);
  return copy;
}
