/** UTF-8 to and from text: what the encoding globals, URLs and bodies share. Lone surrogates become U+FFFD. */

/** How many UTF-16 units are handed to `fromCharCode` at once; more arguments would use up the stack. */
const chunkUnits = 4096;

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  // Three bytes a unit is the most that any text needs; ASCII, the usual case, is tried with one.
  const { length } = text;
  const narrow = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) {
      const wide = new Uint8Array(at + (length - at) * 3);
      wide.set(narrow.subarray(0, at));
      const { written } = encodeUtf8Into(text, wide, at, at);
      return wide.slice(0, written);
    }
    narrow[at] = unit;
  }
  return narrow;
}

/** Writes whole characters only, as many as fit. `read` counts UTF-16 units, `written` bytes, both from the start. */
export function encodeUtf8Into(
  text: string,
  bytes: Uint8Array,
  from = 0,
  to = 0,
): { readonly read: number; readonly written: number } {
  let read = from;
  let written = to;
  while (read < text.length) {
    const point = text.codePointAt(read) as number;
    const isLone = point >= 0xd800 && point <= 0xdfff;
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (written + size > bytes.length) break;
    const scalar = isLone ? 0xfffd : point;
    if (size === 1) bytes[written] = scalar;
    else {
      bytes[written] = (0xf00 >> size) | (scalar >> (6 * (size - 1)));
      for (let left = size - 2; left >= 0; left--)
        bytes[written + size - 1 - left] = 0x80 | ((scalar >> (6 * left)) & 0x3f);
    }
    written += size;
    read += size === 4 ? 2 : 1;
  }
  return { read, written };
}

/** Gathers UTF-16 units into text in chunks. */
export class TextGatherer {
  #text = '';
  readonly #units = new Uint16Array(chunkUnits);
  #count = 0;

  addUnit(unit: number): void {
    if (this.#count === chunkUnits) this.#flush();
    this.#units[this.#count++] = unit;
  }

  /** Bytes below 0x80 only. */
  addAscii(bytes: Uint8Array): void {
    this.#flush();
    for (let at = 0; at < bytes.length; at += chunkUnits) {
      this.#text += String.fromCharCode.apply(null, bytes.subarray(at, at + chunkUnits) as never);
    }
  }

  addPoint(point: number): void {
    if (point > 0xffff) this.addUnit(0xd7c0 + (point >> 10));
    this.addUnit(point > 0xffff ? 0xdc00 + (point & 0x3ff) : point);
  }

  finish(): string {
    this.#flush();
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #flush(): void {
    if (this.#count > 0) this.#text += String.fromCharCode.apply(null, this.#units.subarray(0, this.#count) as never);
    this.#count = 0;
  }
}

/** From here on a run of ASCII is faster as a piece of its own. */
const longRun = 32;

function endOfAscii(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) < 0x80) at += 1;
  return at;
}

/** The decoder of https://encoding.spec.whatwg.org/#utf-8-decoder, which keeps a cut character between chunks. */
export class Utf8Decoder {
  #point = 0;
  #needed = 0;
  #seen = 0;
  #lower = 0x80;
  #upper = 0xbf;
  readonly #isFatal: boolean;

  constructor(isFatal: boolean) {
    this.#isFatal = isFatal;
  }

  decode(bytes: Uint8Array, isLast: boolean): string {
    const gathered = new TextGatherer();
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (this.#needed === 0) {
        const end = endOfAscii(bytes, at);
        if (end - at > longRun) gathered.addAscii(bytes.subarray(at, end));
        else for (let each = at; each < end; each++) gathered.addUnit(bytes[each] as number);
        at = Math.max(end, at + 1);
        if (byte >= 0x80 && !this.#begin(byte)) this.#replace(gathered);
        continue;
      }
      if (byte < this.#lower || byte > this.#upper) {
        // The byte is looked at again: it may begin a character.
        this.#reset();
        this.#replace(gathered);
        continue;
      }
      at += 1;
      this.#lower = 0x80;
      this.#upper = 0xbf;
      this.#point = (this.#point << 6) | (byte & 0x3f);
      if (++this.#seen < this.#needed) continue;
      gathered.addPoint(this.#point);
      this.#reset();
    }
    if (isLast && this.#needed !== 0) {
      this.#reset();
      this.#replace(gathered);
    }
    return gathered.finish();
  }

  #begin(byte: number): boolean {
    if (byte >= 0xc2 && byte <= 0xdf) this.#expect(1, byte & 0x1f);
    else if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) this.#lower = 0xa0;
      if (byte === 0xed) this.#upper = 0x9f;
      this.#expect(2, byte & 0xf);
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) this.#lower = 0x90;
      if (byte === 0xf4) this.#upper = 0x8f;
      this.#expect(3, byte & 0x7);
    } else return false;
    return true;
  }

  #expect(needed: number, point: number): void {
    this.#needed = needed;
    this.#seen = 0;
    this.#point = point;
  }

  #reset(): void {
    this.#needed = 0;
    this.#lower = 0x80;
    this.#upper = 0xbf;
  }

  #replace(gathered: TextGatherer): void {
    if (this.#isFatal) {
      this.#reset();
      throw new TypeError('The encoded data was not valid for encoding utf-8');
    }
    gathered.addUnit(0xfffd);
  }
}

/** A leading byte order mark is dropped, as in `TextDecoder` and in `Response.text`. */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = new Utf8Decoder(false).decode(bytes, true);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** A view of any `BufferSource` as bytes, without a copy. */
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
  }
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  throw new TypeError('The value is no ArrayBuffer and no view of one.');
}
