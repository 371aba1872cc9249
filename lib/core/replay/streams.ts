import type { StoredStream, StoredValue } from '../records.ts';

/** Of one message on the way into or out of an isolate: neither end holds more of a stream than a few of these. */
export const STREAM_PART_BYTES = 1_048_576;
/** What a stream may give at once. */
export const MAX_STREAM_CHUNK_BYTES = 16_777_216;

export const isStoredStream = (value: StoredValue): value is StoredStream =>
  typeof value !== 'string' && 'stream' in value;
