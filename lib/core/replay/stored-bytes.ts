import { MAX_INSTANCE_STORAGE_BYTES } from '../limits.ts';
import type { StoredValue } from '../records.ts';

/** Bytes that a value takes, wherever it lies: of its text in UTF-8, or of its stream. */
export const storedBytes = (value: StoredValue): number => (typeof value === 'string' ? utf8Bytes(value) : value.bytes);

/** Whether so many bytes more are still within what an instance may store. */
export const hasRoom = (
  state: { readonly storedBytes: number },
  { storedBytes: limit = MAX_INSTANCE_STORAGE_BYTES }: { readonly storedBytes?: number },
  bytes: number,
): boolean => state.storedBytes + bytes <= limit;

const utf8Bytes = (text: string): number => {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) bytes += utf8Cost(text.charCodeAt(at));
  return bytes;
};

/** Of one UTF-16 code unit: half a pair costs half of what the pair does. */
export const utf8Cost = (code: number): number => (code < 0x80 ? 1 : code < 0x800 || isSurrogate(code) ? 2 : 3);

export const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
