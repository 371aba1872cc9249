import { isUtf8 } from 'node:buffer';
import { TenonError } from '../core/errors.ts';
import { MAX_BODY_BYTES } from '../core/limits.ts';
import { refuseUnsafeJson } from './json-safety.ts';

const DIGITS = /^\d{1,15}$/;

/** What the caller says the body's size is, bytes. */
export const declaredSize = (request: Request): number | undefined => {
  const length = request.headers.get('content-length');
  return length !== null && DIGITS.test(length) ? Number(length) : undefined;
};

/** The body, or `undefined` as soon as it is larger than `maxBytes`; never holds more than that and one chunk. */
export const readBytes = async (request: Request, maxBytes: number): Promise<Buffer | undefined> => {
  const declared = declaredSize(request);
  if (declared !== undefined && declared > maxBytes) return undefined;
  try {
    if (declared === undefined) return await readChunks(request, maxBytes);
    // HTTP ends the body where it was declared to end.
    const bytes = Buffer.from(await request.arrayBuffer());
    return bytes.length > maxBytes ? undefined : bytes;
  } catch {
    throw new TenonError('request.malformed', 'The body ended before its end. Send it again.');
  }
};

const readChunks = async (request: Request, maxBytes: number): Promise<Buffer | undefined> => {
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
};

export const bodyTooLarge = (maxBytes: number): TenonError =>
  new TenonError('payload.too_large', `The body has more than ${maxBytes} bytes. Send less.`);

export interface JsonBody {
  /** `undefined`: the body was empty. */
  readonly value: unknown;
  readonly bytes: Buffer;
}

/** @throws TenonError `payload.too_large`, `request.malformed`, `request.invalid` */
export const readJson = async (request: Request): Promise<JsonBody> => {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes === undefined) throw bodyTooLarge(MAX_BODY_BYTES);
  if (bytes.length === 0) return { value: undefined, bytes };
  if (!isUtf8(bytes)) throw new TenonError('request.malformed', 'The body is not UTF-8. Send JSON text in UTF-8.');
  const text = bytes.toString('utf8');
  const value = parseJson(text);
  refuseUnsafeJson(value, text);
  return { value, bytes };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TenonError('request.malformed', 'The body is not JSON. Check quotes, commas and brackets.');
  }
};
