import { jsonSize } from './json-size.ts';
import { encode } from './values.ts';

/** The value has more bytes than it may; encoding itself went well. */
export class TooLargeError extends Error {
  override name = 'TooLargeError';
}

/** An encoding this short is of a small value: parts that it names more than once cannot multiply far enough. */
const SURELY_SMALL_CHARS = 1_024;

/** @throws TooLargeError, or an error that says what cannot be encoded */
export const encodeBounded = (value: unknown, limitBytes: number): string => {
  const encoded = encode(value);
  if (encoded.length > SURELY_SMALL_CHARS && jsonSize(value, limitBytes) > limitBytes) throw new TooLargeError();
  return encoded;
};
