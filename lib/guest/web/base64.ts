import { DOMException } from './dom-exception.ts';
import { TextGatherer } from './utf8.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
const values = new Uint8Array(128);
for (const [value, code] of codes.entries()) values[code] = value;
const padding = '='.charCodeAt(0);

const refuse = (what: string): never => {
  throw new DOMException(what, 'InvalidCharacterError');
};

export function btoa(...args: [data?: string]): string {
  if (args.length === 0) throw new TypeError('btoa needs an argument.');
  const text = `${args[0]}`;
  const gathered = new TextGatherer();
  const add = (index: number) => gathered.addUnit(codes[index] as number);
  for (let at = 0; at < text.length; at += 3) {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    const third = text.charCodeAt(at + 2);
    // NaN, past the end, compares as false and shifts as 0.
    if (first > 255 || second > 255 || third > 255) refuse('btoa takes characters up to U+00FF only.');
    add(first >> 2);
    add(((first & 3) << 4) | (second >> 4));
    if (at + 1 < text.length) add(((second & 15) << 2) | (third >> 6));
    else gathered.addUnit(padding);
    if (at + 2 < text.length) add(third & 63);
    else gathered.addUnit(padding);
  }
  return gathered.finish();
}

export function atob(...args: [data?: string]): string {
  if (args.length === 0) throw new TypeError('atob needs an argument.');
  let text = `${args[0]}`.replace(/[\t\n\f\r ]+/g, '');
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) refuse('The text is not correctly encoded base64.');
  const gathered = new TextGatherer();
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    bits = ((bits << 6) | (values[text.charCodeAt(at)] as number)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    gathered.addUnit((bits >> held) & 255);
  }
  return gathered.finish();
}
