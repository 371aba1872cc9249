import { bytesOf, encodeUtf8, encodeUtf8Into, TextGatherer, Utf8Decoder } from './utf8.ts';

type EncodingName = 'utf-8' | 'utf-16le' | 'windows-1252';

const labels: Readonly<Record<EncodingName, string>> = {
  'utf-8': 'utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8',
  'utf-16le': 'utf-16le utf-16 ucs-2 unicode unicodefeff csunicode iso-10646-ucs-2',
  // The standard calls this one by its Windows name, whatever it is asked for as.
  'windows-1252':
    'windows-1252 latin1 l1 ascii us-ascii iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 cp1252 cp819 ibm819 x-cp1252 ansi_x3.4-1968 iso-ir-100 csisolatin1',
};

/** Bytes 0x80 to 0x9f of windows-1252; the others stand for themselves. */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

function findEncoding(label: string): EncodingName {
  const wanted = label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase();
  for (const name of Object.keys(labels) as EncodingName[]) {
    if (labels[name].split(' ').includes(wanted)) return name;
  }
  throw new RangeError(`The encoding "${label}" is not supported; utf-8, utf-16le and latin1 are.`);
}

interface ChunkDecoder {
  decode(bytes: Uint8Array, isLast: boolean): string;
}

class Utf16Decoder implements ChunkDecoder {
  #heldByte = -1;
  #heldLead = -1;
  readonly #isFatal: boolean;

  constructor(isFatal: boolean) {
    this.#isFatal = isFatal;
  }

  decode(bytes: Uint8Array, isLast: boolean): string {
    const gathered = new TextGatherer();
    for (const byte of bytes) {
      if (this.#heldByte < 0) {
        this.#heldByte = byte;
        continue;
      }
      const unit = this.#heldByte | (byte << 8);
      this.#heldByte = -1;
      this.#take(unit, gathered);
    }
    if (isLast && (this.#heldByte >= 0 || this.#heldLead >= 0)) {
      this.#heldByte = -1;
      this.#heldLead = -1;
      this.#replace(gathered);
    }
    return gathered.finish();
  }

  #take(unit: number, gathered: TextGatherer): void {
    const isTrail = unit >= 0xdc00 && unit <= 0xdfff;
    const lead = this.#heldLead;
    this.#heldLead = -1;
    if (lead >= 0 && isTrail) {
      gathered.addUnit(lead);
      gathered.addUnit(unit);
      return;
    }
    if (lead >= 0) this.#replace(gathered);
    if (unit >= 0xd800 && unit <= 0xdbff) this.#heldLead = unit;
    else if (isTrail) this.#replace(gathered);
    else gathered.addUnit(unit);
  }

  #replace(gathered: TextGatherer): void {
    if (this.#isFatal) throw new TypeError('The encoded data was not valid for encoding utf-16le');
    gathered.addUnit(0xfffd);
  }
}

const windows1252Decoder: ChunkDecoder = {
  decode(bytes) {
    const gathered = new TextGatherer();
    for (const byte of bytes) {
      gathered.addUnit(byte >= 0x80 && byte <= 0x9f ? windows1252.charCodeAt(byte - 0x80) : byte);
    }
    return gathered.finish();
  },
};

function makeDecoder(name: EncodingName, isFatal: boolean): ChunkDecoder {
  switch (name) {
    case 'utf-8':
      return new Utf8Decoder(isFatal);
    case 'utf-16le':
      return new Utf16Decoder(isFatal);
    case 'windows-1252':
      return windows1252Decoder;
  }
}

/** https://encoding.spec.whatwg.org/#interface-textdecoder, for three encodings. */
export class TextDecoder {
  readonly #name: EncodingName;
  readonly #isFatal: boolean;
  readonly #keepsMark: boolean;
  #decoder: ChunkDecoder | undefined;
  #isPastMark = false;

  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    this.#name = findEncoding(`${label}`);
    this.#isFatal = Boolean(options?.fatal);
    this.#keepsMark = Boolean(options?.ignoreBOM);
  }

  get encoding(): string {
    return this.#name;
  }

  get fatal(): boolean {
    return this.#isFatal;
  }

  get ignoreBOM(): boolean {
    return this.#keepsMark;
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: boolean } = {}): string {
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    const isLast = !options?.stream;
    this.#decoder ??= makeDecoder(this.#name, this.#isFatal);
    let text: string;
    try {
      text = this.#decoder.decode(bytes, isLast);
    } catch (error) {
      this.#begin();
      throw error;
    }
    if (!this.#isPastMark && text !== '') {
      this.#isPastMark = true;
      if (!this.#keepsMark && this.#name !== 'windows-1252' && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (isLast) this.#begin();
    return text;
  }

  #begin(): void {
    this.#decoder = undefined;
    this.#isPastMark = false;
  }

  get [Symbol.toStringTag](): string {
    return 'TextDecoder';
  }
}

export class TextEncoder {
  get encoding(): string {
    return 'utf-8';
  }

  encode(input: unknown = ''): Uint8Array<ArrayBuffer> {
    return encodeUtf8(`${input}`);
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    if (!(destination instanceof Uint8Array)) throw new TypeError('encodeInto writes into a Uint8Array.');
    return { ...encodeUtf8Into(`${source}`, destination) };
  }

  get [Symbol.toStringTag](): string {
    return 'TextEncoder';
  }
}
