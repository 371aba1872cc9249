import { encodeUtf8 } from './utf8.ts';

/** The percent-encode sets of https://url.spec.whatwg.org/#percent-encoded-bytes, by name; each holds all non-ASCII. */
export type EncodeSet = 'control' | 'fragment' | 'query' | 'specialQuery' | 'path' | 'userinfo' | 'form';

const control = new Uint8Array(128);
control.fill(1, 0, 0x20);
control[0x7f] = 1;

function extend(base: Uint8Array, characters: string): Uint8Array {
  const set = base.slice();
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

const query = extend(control, ' "#<>');
const path = extend(query, '?^`{}');
const userinfo = extend(path, '/:;=@[\\]|');
const sets: Readonly<Record<EncodeSet, Uint8Array>> = {
  control,
  fragment: extend(control, ' "<>`'),
  query,
  specialQuery: extend(query, "'"),
  path,
  userinfo,
  form: extend(userinfo, "$%&+,!'()~"),
};

const hex = (byte: number): string => `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;

export function percentEncode(text: string, setName: EncodeSet): string {
  const set = sets[setName];
  let encoded = '';
  let plainFrom = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80 && set[unit] === 0) continue;
    encoded += text.slice(plainFrom, at);
    if (unit < 0x80) encoded += hex(unit);
    else {
      const isPair = unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
      for (const byte of encodeUtf8(text.slice(at, at + (isPair ? 2 : 1)))) encoded += hex(byte);
      if (isPair) at += 1;
    }
    plainFrom = at + 1;
  }
  return plainFrom === 0 ? text : encoded + text.slice(plainFrom);
}

const digit = (unit: number): number => {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const letter = (unit | 32) - 87;
  return letter >= 10 && letter <= 15 ? letter : -1;
};

export function percentDecode(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  let to = 0;
  for (let at = 0; at < bytes.length; at++, to++) {
    const byte = bytes[at] as number;
    const high = byte === 0x25 ? digit(bytes[at + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : digit(bytes[at + 2] ?? 0);
    bytes[to] = low < 0 ? byte : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return bytes.subarray(0, to);
}
