/**
 * Tells whether tenant code has changed what the next turn in the same context would see: names on the global object, or
 * the built-in prototypes and namespaces. What it cannot see (a property of a property) can survive between two turns
 * of one version, and the tenants' guide says so.
 */
const NAMES = [
  'Object',
  'Function',
  'Array',
  'String',
  'Number',
  'Boolean',
  'Symbol',
  'Date',
  'RegExp',
  'Promise',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Error',
  'TypeError',
  'RangeError',
  'BigInt',
  'ArrayBuffer',
  'Uint8Array',
  'Proxy',
  'Reflect',
  'JSON',
  'Math',
  'Intl',
] as const;

interface Watched {
  readonly target: object;
  readonly keys: readonly PropertyKey[];
  readonly values: readonly unknown[];
}

const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { is } = Object;

const contentOf = (target: object, key: PropertyKey): unknown => {
  const descriptor = getOwnPropertyDescriptor(target, key);
  return descriptor?.get ?? descriptor?.value;
};

export class ContextWatch {
  readonly #global: object;
  readonly #globalKeys: readonly PropertyKey[];
  /** By key; `undefined` where an accessor of the platform stands, which is looked after elsewhere. */
  readonly #globalValues: readonly unknown[];
  readonly #watched: readonly Watched[];

  constructor(global: object) {
    this.#global = global;
    this.#globalKeys = ownKeys(global);
    this.#globalValues = this.#globalKeys.map((key) => getOwnPropertyDescriptor(global, key)?.value);
    const targets = new Set<object>();
    for (const name of NAMES) {
      const value = (global as Record<string, unknown>)[name] as { prototype?: object } | undefined;
      if (value === undefined) continue;
      targets.add(value);
      if (typeof value.prototype === 'object' && value.prototype !== null) targets.add(value.prototype);
    }
    // Iterators and async functions share prototypes that no global names.
    const iterator = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()) ?? {});
    if (iterator !== null) targets.add(iterator);
    this.#watched = [...targets].map((target) => {
      const keys = ownKeys(target);
      return { target, keys, values: keys.map((key) => contentOf(target, key)) };
    });
  }

  isClean(): boolean {
    const keys = ownKeys(this.#global);
    if (keys.length !== this.#globalKeys.length) return false;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as PropertyKey;
      if (key !== this.#globalKeys[index]) return false;
      const value = this.#globalValues[index];
      if (value !== undefined && !is(getOwnPropertyDescriptor(this.#global, key)?.value, value)) return false;
    }
    return this.#watched.every(isUnchanged);
  }
}

const isUnchanged = ({ target, keys, values }: Watched): boolean => {
  if (ownKeys(target).length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) {
    if (!is(contentOf(target, keys[index] as PropertyKey), values[index])) return false;
  }
  return true;
};
