import { registerCloner } from './clone-registry.ts';

/**
 * Headers of what came from the network are `immutable`. There is no list of forbidden names as in a page: the gateway that
 * sends a request decides what it takes.
 */
export type HeadersGuard = 'none' | 'immutable';

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i;

const whitespace = /^[\t\n\r ]+|[\t\n\r ]+$/g;

function checkedName(name: unknown): string {
  const text = `${name}`;
  if (!token.test(text)) throw new TypeError(`Headers: "${text}" is an invalid header name.`);
  return text.toLowerCase();
}

function checkedValue(value: unknown, name: string): string {
  const text = `${value}`.replace(whitespace, '');
  if (/[\0\n\r]|[^\0-\xff]/.test(text))
    throw new TypeError(`Headers: the value of "${name}" is an invalid header value.`);
  return text;
}

let setGuard: (headers: Headers, guard: HeadersGuard) => void;

/** https://fetch.spec.whatwg.org/#headers-class */
export class Headers {
  /** Values in the order of adding, under the lower-case name. */
  readonly #lists = new Map<string, string[]>();
  #guard: HeadersGuard = 'none';

  static {
    setGuard = (headers, guard) => {
      headers.#guard = guard;
    };
  }

  constructor(init?: unknown) {
    if (init === undefined) return;
    if (typeof init !== 'object' || init === null) throw new TypeError('Headers are made of pairs or of an object.');
    for (const [name, value] of readHeaders(init)) this.append(name as string, value as string);
  }

  append(name: string, value: string): void {
    const key = checkedName(name);
    const text = checkedValue(value, key);
    this.#refuseIfImmutable();
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [text]);
    else list.push(text);
  }

  set(name: string, value: string): void {
    const key = checkedName(name);
    const text = checkedValue(value, key);
    this.#refuseIfImmutable();
    this.#lists.set(key, [text]);
  }

  delete(name: string): void {
    const key = checkedName(name);
    this.#refuseIfImmutable();
    this.#lists.delete(key);
  }

  get(name: string): string | null {
    const key = checkedName(name);
    return this.#lists.get(key)?.join(', ') ?? null;
  }

  has(name: string): boolean {
    return this.#lists.has(checkedName(name));
  }

  getSetCookie(): string[] {
    return [...(this.#lists.get('set-cookie') ?? [])];
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    if (typeof callback !== 'function') throw new TypeError('forEach takes a function.');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  /** Sorted by name; cookies that are set stay apart, since a comma may stand in them. */
  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#lists.keys()].sort()) {
      const list = this.#lists.get(name) as string[];
      if (name === 'set-cookie') for (const value of list) yield [name, value];
      else yield [name, list.join(', ')];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  #refuseIfImmutable(): void {
    if (this.#guard === 'immutable') throw new TypeError('These headers are immutable.');
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }
}

function readHeaders(init: object): Iterable<[unknown, unknown]> {
  if (init instanceof Headers) return init;
  if (typeof (init as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') {
    return Array.from(init as Iterable<Iterable<unknown>>, (entry) => {
      const pair = typeof entry === 'object' && entry !== null ? [...entry] : [];
      if (pair.length !== 2) throw new TypeError('Headers: each pair must be an iterable of a name and a value.');
      return [pair[0], pair[1]];
    });
  }
  return Object.entries(init);
}

export function guardedHeaders(init: unknown, guard: HeadersGuard): Headers {
  const headers = new Headers(init ?? undefined);
  setGuard(headers, guard);
  return headers;
}

registerCloner(Headers.prototype, 'refused');
