import { createHmac, timingSafeEqual } from 'node:crypto';

/** JSON and its HMAC-SHA-256, in base64url with a dot between: nothing is kept of what was signed. */
export const signToken = (key: Buffer, value: unknown): string => {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${macOf(key, text).toString('base64url')}`;
};

/** What was signed with this key, or `undefined`. */
export const openToken = (key: Buffer, token: string): unknown => {
  const [text, mac, ...rest] = token.split('.');
  if (text === undefined || mac === undefined || rest.length > 0) return undefined;
  const expected = macOf(key, text);
  const given = Buffer.from(mac, 'base64url');
  // Base64 has several spellings of the same bytes; a link has one.
  if (given.toString('base64url') !== mac) return undefined;
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString());
};

const macOf = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
