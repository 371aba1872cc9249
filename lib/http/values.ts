import { parse } from 'devalue';
import { withoutScriptFrames } from '../core/guest-scripts.ts';

/**
 * Values as the API shows them: plain JSON where the value is JSON, else `{ "$type": …, "value": … }` at its place.
 *
 * | value | `$type` | `value` |
 * |---|---|---|
 * | `Date` | `Date` | ISO 8601 text; `null`: an invalid date |
 * | `Map` | `Map` | `[[key, value], …]` |
 * | `Set` | `Set` | `[item, …]` |
 * | `bigint` | `BigInt` | decimal text |
 * | an error | `Error` | `{ name, message, stack?, cause?, fields? }` |
 * | `ArrayBuffer`, typed arrays, `DataView` | `Bytes` | base64 |
 * | `RegExp` | `RegExp` | `/source/flags` |
 * | `NaN`, `Infinity`, `-Infinity`, `-0` | `Number` | that text |
 * | `undefined` inside a value, a hole in an array | `Undefined` | `null` |
 * | a step's stream | `Stream` | `{ bytes }`; the bytes by the link that the step's own address answers with |
 * | an object inside itself | `Reference` | JSONPath, from `$`, of where it is shown |
 * | more than fits into an answer, or not readable | `Omitted` | the reason |
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Shown {
  /** `undefined`: the whole value is. */
  readonly json: Json | undefined;
  /** Bytes of the JSON text, UTF-8. */
  readonly bytes: number;
}

/** Two whole values, their steps and the rest fit into an answer of 5 MB. */
export const MAX_SHOWN_BYTES = 1_900_000;

type ErrorParts = readonly [name: string, message: string, stack: string | null, fields: Record<string, unknown>];

/** What stands for a stream wherever values are shown. */
export const shownStream = ({ bytes }: { readonly bytes: number }): Shown => {
  const json = { $type: 'Stream', value: { bytes } };
  return { json, bytes: JSON.stringify(json).length };
};

/** An error on its way through: host errors have a class and a stack of the host, which nobody is to see. */
class ErrorValue {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly fields: Record<string, unknown>;

  constructor([name, message, stack, fields]: ErrorParts) {
    this.name = `${name}`;
    this.message = `${message}`;
    this.stack = typeof stack === 'string' ? stack : null;
    this.fields = typeof fields === 'object' && fields !== null ? fields : {};
  }
}

const REVIVERS = {
  Error: (parts: ErrorParts) => new ErrorValue(parts),
  Instance: (fields: unknown) => fields,
};

/**
 * The JSON of an encoded value. The text comes from tenant code: whatever it holds, this ends within `maxBytes` and does
 * not throw.
 */
export const showValue = (encoded: string, maxBytes: number = MAX_SHOWN_BYTES): Shown => {
  try {
    const value: unknown = parse(encoded, REVIVERS);
    if (value === undefined) return { json: undefined, bytes: 0 };
    const printer = new Printer(maxBytes);
    return { json: printer.show(value), bytes: printer.bytes };
  } catch (error) {
    return error instanceof TooLarge
      ? omitted('The value is too large for an answer.')
      : omitted('The value cannot be shown.');
  }
};

const omitted = (why: string): Shown => {
  const json = typed('Omitted', why);
  return { json, bytes: JSON.stringify(json).length };
};

const typed = (type: string, value: Json): Json => ({ $type: type, value });

/** Bytes of `{"$type":"","value":}` */
const TYPED_BYTES = 21;

class TooLarge extends Error {}

/** One value on its way to JSON; counts bytes as it goes, so that shared parts that multiply cannot outgrow the bound. */
class Printer {
  bytes = 0;
  readonly #maxBytes: number;
  /** The keys from the root to where we are, in the JSON as it is shown. */
  readonly #path: (string | number)[] = [];
  /** Objects that are being shown, with the length of their path. */
  readonly #open = new Map<object, number>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  show(value: unknown): Json {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return this.#number(value);
      case 'boolean':
        this.#count(value ? 4 : 5);
        return value;
      case 'bigint':
        return this.#typed('BigInt', this.#text(`${value}`));
      case 'object':
        return value === null ? this.#nothing() : this.#object(value);
      default:
        return this.#typed('Undefined', this.#nothing());
    }
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.#maxBytes) throw new TooLarge();
  }

  #nothing(): null {
    this.#count(4);
    return null;
  }

  #text(text: string): string {
    if (text.length > this.#maxBytes) throw new TooLarge();
    this.#count(Buffer.byteLength(JSON.stringify(text)));
    return text;
  }

  #number(number: number): Json {
    if (Object.is(number, -0)) return this.#typed('Number', this.#text('-0'));
    if (!Number.isFinite(number)) return this.#typed('Number', this.#text(`${number}`));
    this.#count(`${number}`.length);
    return number;
  }

  #typed(type: string, value: Json): Json {
    this.#count(TYPED_BYTES + type.length);
    return typed(type, value);
  }

  #object(value: object): Json {
    const shownAt = this.#open.get(value);
    if (shownAt !== undefined) return this.#typed('Reference', this.#text(jsonPath(this.#path.slice(0, shownAt))));
    this.#open.set(value, this.#path.length);
    const json = this.#parts(value);
    this.#open.delete(value);
    return json;
  }

  #parts(value: object): Json {
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Date) {
      return this.#typed('Date', Number.isNaN(value.getTime()) ? this.#nothing() : this.#text(value.toISOString()));
    }
    if (value instanceof Map) {
      return this.#inside('value', () => this.#typed('Map', this.#list([...value])));
    }
    if (value instanceof Set) return this.#inside('value', () => this.#typed('Set', this.#list([...value])));
    if (value instanceof ErrorValue) return this.#inside('value', () => this.#error(value));
    if (value instanceof RegExp) return this.#typed('RegExp', this.#text(`${value}`));
    if (value instanceof ArrayBuffer) return this.#base64(Buffer.from(value));
    if (ArrayBuffer.isView(value)) {
      return this.#base64(Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof URL || value instanceof URLSearchParams) return this.#text(`${value}`);
    if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) {
      return this.show(value.valueOf());
    }
    return this.#fields(Object.entries(value));
  }

  #inside(key: string | number, show: () => Json): Json {
    this.#path.push(key);
    const json = show();
    this.#path.pop();
    return json;
  }

  #list(items: readonly unknown[]): Json {
    this.#count(2);
    const list: Json[] = [];
    // By index: `length` may be far larger than what the array holds, and each hole counts.
    for (let index = 0; index < items.length; index++) {
      this.#count(1);
      list.push(this.#inside(index, () => this.show(items[index])));
    }
    return list;
  }

  #fields(entries: readonly (readonly [string, unknown])[]): Json {
    this.#count(2);
    const fields: Record<string, Json> = {};
    for (const [key, value] of entries) {
      this.#text(key);
      this.#count(2);
      fields[key] = this.#inside(key, () => this.show(value));
    }
    return fields;
  }

  #error({ name, message, stack, fields }: ErrorValue): Json {
    const { cause, ...others } = fields;
    return this.#typed(
      'Error',
      this.#fields([
        ['name', name],
        ['message', message],
        ...(stack === null ? [] : [['stack', withoutScriptFrames(stack)] as const]),
        ...(cause === undefined ? [] : [['cause', cause] as const]),
        ...(Object.keys(others).length === 0 ? [] : [['fields', others] as const]),
      ]),
    );
  }

  #base64(bytes: Buffer): Json {
    this.#count(Math.ceil(bytes.length / 3) * 4 + 2);
    return this.#typed('Bytes', bytes.toString('base64'));
  }
}

const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

const jsonPath = (keys: readonly (string | number)[]): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return PLAIN_KEY.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
  }, '$');
