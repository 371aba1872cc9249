import { percentDecode, percentEncode } from './percent.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';
import { Utf8Decoder } from './utf8.ts';

/**
 * Hosts of https://url.spec.whatwg.org/#host-parsing, as their serialized text; `undefined` is a failure.
 *
 * Unicode domains follow UTS #46 by the tables that the engine has (case, NFKC, properties) in place of the 200 KB that the
 * full mapping takes: labels in scripts written from right to left are not checked for mixed direction. The host that makes a
 * request parses its address again with the full tables.
 */
export function parseHost(input: string, isSpecial: boolean): string | undefined {
  if (input.startsWith('[')) return input.endsWith(']') ? parseIpv6(input.slice(1, -1)) : undefined;
  if (!isSpecial) return forbiddenHost.test(input) ? undefined : percentEncode(input, 'control');
  const decoded = input.includes('%') ? decodeUtf8KeepingMark(percentDecode(input)) : input;
  const domain = domainToAscii(decoded);
  if (domain === undefined || domain === '' || forbiddenDomain.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIpv4(domain) : domain;
}

const forbiddenHost = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const forbiddenDomain = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

const decodeUtf8KeepingMark = (bytes: Uint8Array): string => new Utf8Decoder(false).decode(bytes, true);

/** What UTS #46 maps to nothing: soft hyphen, joiners of words, variation selectors and the like. */
const ignored =
  /\u00ad|\u034f|[\u180b-\u180d\u180f]|[\u200b\u2060\u2064\ufeff]|[\ufe00-\ufe0f]|[\u{1bca0}-\u{1bca3}]|[\u{e0100}-\u{e01ef}]/gu;
/** Controls, private use, unassigned, separators, and format characters but for the two joiners. */
const disallowed = /[\u2ff0-\u2fff\ufffc\ufffd\p{Cc}\p{Co}\p{Cn}\p{Cs}\p{Z}]|(?![\u200c\u200d])\p{Cf}/u;
const joinerOutOfPlace = /(?<!\p{M})[\u200c\u200d]/u;

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

// One character at a time: a whole word would get a final sigma.
const lowerCase = (text: string): string => Array.from(text, (character) => character.toLowerCase()).join('');

function mapDomain(domain: string): string {
  const folded = lowerCase(lowerCase(domain.replace(ignored, '')).normalize('NFKC')).normalize('NFC');
  return folded.replace(/[\u3002]/g, '.');
}

const isValidLabel = (label: string): boolean =>
  !disallowed.test(label) && !/^\p{M}/u.test(label) && !joinerOutOfPlace.test(label);

function domainToAscii(domain: string): string | undefined {
  const mapped = isAscii(domain) ? domain.toLowerCase() : mapDomain(domain);
  const labels: string[] = [];
  for (const label of mapped.split('.')) {
    if (isAscii(label)) {
      if (label.startsWith('xn--') && !isValidPunycode(label.slice(4))) return undefined;
      labels.push(label);
      continue;
    }
    const encoded = isValidLabel(label) && !label.startsWith('xn--') ? encodePunycode(label) : undefined;
    if (encoded === undefined) return undefined;
    labels.push(`xn--${encoded}`);
  }
  return labels.join('.');
}

function isValidPunycode(encoded: string): boolean {
  const label = decodePunycode(encoded);
  return label !== undefined && !isAscii(label) && mapDomain(label) === label && isValidLabel(label);
}

function endsInNumber(domain: string): boolean {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  return /^(\d+|0x[\da-f]*)$/i.test(parts.at(-1) as string);
}

function parseIpv4Number(part: string): number {
  if (/^0x[\da-f]*$/i.test(part)) return part.length === 2 ? 0 : Number.parseInt(part.slice(2), 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number(part) : Number.NaN;
}

function parseIpv4(domain: string): string | undefined {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parseIpv4Number);
  const last = numbers.pop() as number;
  if (!numbers.every((number) => number <= 255) || !(last < 256 ** (4 - numbers.length))) return undefined;
  const address = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function parseIpv6(input: string): string | undefined {
  const halves = input.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parsePieces(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const pieces = [...head];
  if (tail === undefined) return pieces.length === 8 ? serializeIpv6(pieces) : undefined;
  if (head.length + tail.length > 7) return undefined;
  return serializeIpv6([...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

function parsePieces(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const pieces: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) pieces.push(Number.parseInt(part, 16));
    else {
      const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1);
      if (bytes === undefined || !mayEndInIpv4 || index !== parts.length - 1) return undefined;
      if (!bytes.every((byte) => Number(byte) <= 255 && !/^0\d/.test(byte))) return undefined;
      const [a, b, c, d] = bytes.map(Number) as [number, number, number, number];
      pieces.push(a * 256 + b, c * 256 + d);
    }
  }
  return pieces;
}

function serializeIpv6(pieces: readonly number[]): string {
  // The first of the longest runs of two zeroes or more is shortened.
  let longest = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (pieces[from + length] === 0) length += 1;
    if (length > longest.length) longest = { from, length };
  }
  const text = (part: readonly number[]) => part.map((piece) => piece.toString(16)).join(':');
  if (longest.from < 0) return `[${text(pieces)}]`;
  return `[${text(pieces.slice(0, longest.from))}::${text(pieces.slice(longest.from + longest.length))}]`;
}
