import { DOMException } from './dom-exception.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const refuse = (what: string): never => {
  throw new DOMException(what, 'InvalidCharacterError');
};

export function btoa(...args: [data?: string]): string {
  if (args.length === 0) throw new TypeError('btoa needs an argument.');
  const text = `${args[0]}`;
  let encoded = '';
  for (let at = 0; at < text.length; at += 3) {
    const [first, second, third] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
    // NaN past the end compares as false.
    if (first > 255 || second > 255 || third > 255) refuse('btoa takes characters up to U+00FF only.');
    encoded += alphabet.charAt(first >> 2) + alphabet.charAt(((first & 3) << 4) | (second >> 4));
    encoded += at + 1 < text.length ? alphabet.charAt(((second & 15) << 2) | (third >> 6)) : '=';
    encoded += at + 2 < text.length ? alphabet.charAt(third & 63) : '=';
  }
  return encoded;
}

export function atob(...args: [data?: string]): string {
  if (args.length === 0) throw new TypeError('atob needs an argument.');
  let text = `${args[0]}`.replace(/[\t\n\f\r ]+/g, '');
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) refuse('The text is not correctly encoded base64.');
  let decoded = '';
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    bits = ((bits << 6) | alphabet.indexOf(text.charAt(at))) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded += String.fromCharCode((bits >> held) & 255);
  }
  return decoded;
}
