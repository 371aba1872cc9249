/**
 * Bytes of a value as UTF-8 JSON text, byte arrays by their length; gives up above `limit`, so that shared parts which
 * multiply (or a cycle) cost no more than the limit. What JSON has no form for counts as its nearest text.
 */
export const jsonSize = (value: unknown, limit: number): number => {
  let size = 0;
  const visit = (part: unknown): void => {
    if (size > limit) return;
    switch (typeof part) {
      case 'string':
        size += stringSize(part);
        return;
      case 'number':
      case 'bigint':
        size += `${part}`.length;
        return;
      case 'boolean':
        size += part ? 4 : 5;
        return;
      case 'object':
        break;
      default:
        size += 4;
        return;
    }
    if (part === null) size += 4;
    else if (ArrayBuffer.isView(part) || part instanceof ArrayBuffer) size += part.byteLength;
    else if (part instanceof Date) size += 26;
    else if (part instanceof RegExp) size += stringSize(part.source);
    else if (Array.isArray(part) || part instanceof Set || part instanceof Map) list(part, visitItem);
    else list(Object.entries(part), visitField);
    if (part instanceof Error) size += stringSize(part.message) + stringSize(part.name);
  };
  /** Brackets, the parts, the commas between them; `visitOne` gives the extra bytes of a part, -1: it is left out. */
  const list = <T>(parts: Iterable<T>, visitOne: (part: T) => number): void => {
    size += 2;
    let count = 0;
    for (const part of parts) {
      if (size > limit) return;
      const before = size;
      const extra = visitOne(part);
      if (extra < 0) size = before;
      else {
        size += extra + (count > 0 ? 1 : 0);
        count += 1;
      }
    }
  };
  const visitItem = (item: unknown): number => {
    visit(item);
    return 0;
  };
  const visitField = ([key, item]: [string, unknown]): number => {
    if (item === undefined) return -1;
    visit(item);
    return stringSize(key) + 1;
  };
  visit(value);
  return size;
};

/** Bytes of a JSON text literal, quotes and escapes counted. */
const stringSize = (text: string): number => {
  let size = 2;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22 || code === 0x5c) size += 2;
    else if (code < 0x20) size += code === 8 || code === 9 || code === 10 || code === 12 || code === 13 ? 2 : 6;
    else if (code < 0x80) size += 1;
    else if (code < 0x800) size += 2;
    else if (code >= 0xd800 && code <= 0xdfff) {
      const isPair = code < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
      if (isPair) {
        size += 4;
        index += 1;
      } else size += 6;
    } else size += 3;
  }
  return size;
};
