import { percentDecode, percentEncode } from './percent.ts';
import { Utf8Decoder } from './utf8.ts';

type Pair = [string, string];

const decodePart = (part: string): string => {
  const plain = part.replaceAll('+', ' ');
  return plain.includes('%') ? new Utf8Decoder(false).decode(percentDecode(plain), true) : plain;
};

/** https://url.spec.whatwg.org/#urlencoded-parsing */
export function parseForm(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    pairs.push([decodePart(name), equals < 0 ? '' : decodePart(part.slice(equals + 1))]);
  }
  return pairs;
}

const encodePart = (part: string): string => percentEncode(part, 'form').replaceAll('%20', '+');

export function serializeForm(pairs: Iterable<Pair>): string {
  return Array.from(pairs, ([name, value]) => `${encodePart(name)}=${encodePart(value)}`).join('&');
}

const wellFormed = (value: unknown): string => `${value}`.toWellFormed();

function readPairs(init: object): Pair[] {
  if (typeof (init as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') {
    return Array.from(init as Iterable<Iterable<unknown>>, (entry) => {
      const pair = typeof entry === 'object' && entry !== null ? [...entry] : [];
      if (pair.length !== 2) throw new TypeError('Each query pair must be an iterable of a name and a value.');
      return [wellFormed(pair[0]), wellFormed(pair[1])];
    });
  }
  // A record: names that become equal when well-formed count once, the last value wins.
  const record = new Map<string, string>();
  for (const key of Reflect.ownKeys(init)) {
    if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
    if (typeof key === 'symbol') throw new TypeError('A query name cannot be a symbol.');
    record.set(wellFormed(key), wellFormed((init as Record<string, unknown>)[key]));
  }
  return [...record];
}

let bind: (params: URLSearchParams, update: (query: string) => void) => void;
let refill: (params: URLSearchParams, query: string) => void;

export class URLSearchParams {
  #pairs: Pair[];
  #update: ((query: string) => void) | undefined;

  static {
    bind = (params, update) => {
      params.#update = update;
    };
    refill = (params, query) => {
      params.#pairs = parseForm(query);
    };
  }

  constructor(init: unknown = '') {
    if ((typeof init === 'object' && init !== null) || typeof init === 'function') this.#pairs = readPairs(init);
    else this.#pairs = parseForm(wellFormed(init).replace(/^\?/, ''));
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: string, value: string): void {
    this.#pairs.push([wellFormed(name), wellFormed(value)]);
    this.#changed();
  }

  delete(name: string, value?: string): void {
    const matches = matcher(name, value);
    this.#pairs = this.#pairs.filter((pair) => !matches(pair));
    this.#changed();
  }

  get(name: string): string | null {
    return this.#pairs.find(matcher(name))?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(matcher(name)).map(([, value]) => value);
  }

  has(name: string, value?: string): boolean {
    return this.#pairs.some(matcher(name, value));
  }

  set(name: string, value: string): void {
    const replaced: Pair = [wellFormed(name), wellFormed(value)];
    const matches = matcher(name);
    const first = this.#pairs.findIndex(matches);
    if (first < 0) this.#pairs.push(replaced);
    else
      this.#pairs = this.#pairs.flatMap((pair, index) => (index === first ? [replaced] : matches(pair) ? [] : [pair]));
    this.#changed();
  }

  sort(): void {
    // By UTF-16 units, which is how `<` compares; equal names keep their order.
    this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    this.#changed();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    if (typeof callback !== 'function') throw new TypeError('forEach takes a function.');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  /** Live, as the standard has it: sees pairs that are added meanwhile. */
  *entries(): IterableIterator<Pair> {
    for (let at = 0; at < this.#pairs.length; at++) {
      const [name, value] = this.#pairs[at] as Pair;
      yield [name, value];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }

  toString(): string {
    return serializeForm(this.#pairs);
  }

  #changed(): void {
    this.#update?.(this.toString());
  }

  get [Symbol.toStringTag](): string {
    return 'URLSearchParams';
  }
}

function matcher(name: string, value?: string): (pair: Pair) => boolean {
  const wanted = wellFormed(name);
  const wantedValue = value === undefined ? undefined : wellFormed(value);
  return (pair) => pair[0] === wanted && (wantedValue === undefined || pair[1] === wantedValue);
}

/** The parameters of a URL: changes on either side reach the other. */
export function bindSearchParams(query: string, update: (query: string) => void): URLSearchParams {
  const params = new URLSearchParams();
  refill(params, query);
  bind(params, update);
  return params;
}

export function refillSearchParams(params: URLSearchParams, query: string): void {
  refill(params, query);
}
