import { readFlat } from './values.ts';

/**
 * Bytes of an encoded value as UTF-8 JSON text, byte arrays by their length: the measure of every limit on values.
 * `Infinity` for a value that contains itself, or is nested deeper than the stack goes. Takes time linear in the encoded text, however often its parts are shared.
 */
export const encodedSize = (encoded: string): number => {
  const flat = readFlat(encoded);
  // `undefined` and the numbers that JSON lacks are encoded without a list, where they are the whole.
  if (flat.length === 0) return constantSize(Number(encoded));
  const sizes = new Map<number, number>();

  const sizeAt = (index: unknown): number => {
    if (typeof index !== 'number') return 0;
    if (index < 0) return constantSize(index);
    const known = sizes.get(index);
    if (known !== undefined) return known;
    // Found again while it is being measured: it stands inside itself.
    sizes.set(index, Number.POSITIVE_INFINITY);
    const size = partSize(flat[index]);
    sizes.set(index, size);
    return size;
  };
  const listSize = (items: readonly number[]): number =>
    items.reduce((sum, item) => sum + item, 2 + Math.max(0, items.length - 1));
  const fieldsSize = (fields: readonly (readonly [unknown, unknown])[]): number =>
    listSize(fields.filter(([, at]) => at !== UNDEFINED).map(([key, at]) => textSize(String(key)) + 1 + sizeAt(at)));

  const partSize = (part: unknown): number => {
    if (typeof part === 'string') return textSize(part);
    if (typeof part !== 'object' || part === null) return String(part).length;
    if (!Array.isArray(part)) return fieldsSize(Object.entries(part));
    const [type, first, second] = part as readonly unknown[];
    if (type === SPARSE) {
      const items = (part as readonly unknown[]).slice(2).filter((_, place) => place % 2 === 1);
      const holes = Math.max(0, Number(first) - items.length);
      return listSize(items.map(sizeAt)) + holes * HOLE_SIZE + (items.length === 0 ? -1 : 0);
    }
    if (typeof type !== 'string') return listSize(part.map(sizeAt));
    const rest = part.slice(1) as readonly unknown[];
    switch (type) {
      case 'Date':
        return DATE_SIZE;
      case 'BigInt':
        return String(first).length;
      case 'Set':
        return listSize(rest.map(sizeAt));
      case 'Map':
        return listSize(pairsOf(rest).map((pair) => listSize(pair.map(sizeAt))));
      case 'null':
        return fieldsSize(pairsOf(rest));
      case 'ArrayBuffer':
        return byteLength(first);
      case 'Object':
      case 'Instance':
      case 'Error':
        return sizeAt(first);
      default:
        // A view (its own length where it shows a part of its buffer), or text: RegExp, URL.
        if (typeof first !== 'number') return textSize(String(first));
        return typeof second === 'number' && typeof part[3] === 'number' ? part[3] * elementSize(type) : sizeAt(first);
    }
  };
  try {
    return sizeAt(0);
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
};

const UNDEFINED = -1;
const SPARSE = -7;
/** `null,` */
const HOLE_SIZE = 5;
/** An ISO text in quotes. */
const DATE_SIZE = 26;

/** `undefined` and holes as `null`; the numbers that JSON lacks as they are written. */
const constantSize = (index: number): number => {
  switch (index) {
    case -3:
      return 3;
    case -4:
      return 8;
    case -5:
      return 9;
    case -6:
      return 1;
    default:
      return 4;
  }
};

const textSize = (text: string): number => Buffer.byteLength(JSON.stringify(text));

const byteLength = (base64: unknown): number => {
  if (typeof base64 !== 'string') return 0;
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
};

const elementSize = (type: string): number => Number(/(8|16|32|64)/.exec(type)?.[0] ?? 8) / 8;

const pairsOf = (parts: readonly unknown[]): (readonly [unknown, unknown])[] => {
  const pairs: (readonly [unknown, unknown])[] = [];
  for (let place = 0; place + 1 < parts.length; place += 2) pairs.push([parts[place], parts[place + 1]]);
  return pairs;
};
