import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Row } from './dynamodb-attributes.ts';

/** A row holds 400 KB, its keys and other attributes included; what is larger lies beside it. Bytes as stored. */
const MAX_INLINE_BYTES = 300_000;
/** Shorter text gains nothing. Characters. */
const MIN_DEFLATED = 160;

/**
 * What text in rows mostly consists of. Part of the stored form: rows can be read only with the dictionary they were
 * written with, so it is never changed; another one needs another attribute.
 */
const DICTIONARY = Buffer.from(
  [
    '{"envelope":{"__dispatcherMetadata":{"tenant":"","workflow":"","version":""},"params":null},"trigger":{"source":"api"}}',
    '{"startedAt":,"endedAt":,"waitingFor":[{"kind":"event","name":"","eventType":"","until":}],"stepCount":,"output":""',
    '{"kind":"turn_failed","at":,"cause":"executor_lost","isCounted":true},{"kind":"event_received","at":,"seq":,',
    '"eventId":"","eventType":"","acceptedAt":,"payload":""},{"kind":"wait_started","step":{"kind":"waitForEvent","name":',
    '"eventType":"","until":,"timeoutMs":86400000},{"kind":"event_consumed","step":{"kind":"waitForEvent","name":"","count":1},',
    '{"kind":"sleep_started","step":{"kind":"sleep","name":"","count":1},"ordinal":,"at":,"until":},{"kind":"sleep_completed",',
    '{"kind":"attempt_failed","error":{"name":"Error","message":"","stack":"","encoded":""},"retryAt":},',
    '{"kind":"completed","at":,"output":""},{"kind":"started","at":17},{"kind":"attempt_started","step":{"kind":"do","name":"',
    '{"kind":"step_settled","step":{"kind":"do","name":"step-1","count":1},"ordinal":1,"at":17,"attempt":1,"config":{"retries":',
    '{"limit":5,"delayMs":1000,"backoff":"exponential"},"timeoutMs":600000},"startedAt":17,"outcome":{"ok":true,"value":"["}},',
  ].join(''),
);

/** Text as a row holds it: as it is, deflated, or as the name of an object that holds it deflated. */
export type PackedText = { readonly text: string } | { readonly deflated: Uint8Array } | { readonly object: string };

/** `object`: the name that the text gets where it is too large for a row; put before the row that will refer to it. */
export const packText = async (
  blobs: Pick<BlobStore, 'put'>,
  text: string,
  object: string,
): Promise<{ readonly packed: PackedText; readonly bytes: number }> => {
  if (text.length < MIN_DEFLATED) return { packed: { text }, bytes: Buffer.byteLength(text) };
  const deflated = deflateRawSync(text, { dictionary: DICTIONARY });
  if (deflated.length <= MAX_INLINE_BYTES) return { packed: { deflated }, bytes: deflated.length };
  await blobs.put(object, deflated);
  return { packed: { object }, bytes: object.length };
};

export const unpackText = async (blobs: Pick<BlobStore, 'get'>, packed: PackedText): Promise<string> => {
  if ('text' in packed) return packed.text;
  if ('deflated' in packed) return inflate(packed.deflated);
  const bytes = await blobs.get(packed.object);
  if (bytes === undefined) throw new Error('The object that a row refers to is missing.');
  return inflate(bytes);
};

/** As attributes `<name>`, `<name>Z`, `<name>Ref`: one of the three. */
export const packedAttributes = (name: string, packed: PackedText): Row => {
  if ('text' in packed) return { [name]: packed.text };
  return 'deflated' in packed ? { [`${name}Z`]: packed.deflated } : { [`${name}Ref`]: packed.object };
};

/** `undefined`: the row has none of that name. */
export const packedIn = (row: Row, name: string): PackedText | undefined => {
  const [text, deflated, object] = [row[name], row[`${name}Z`], row[`${name}Ref`]];
  if (typeof text === 'string') return { text };
  if (deflated instanceof Uint8Array) return { deflated };
  return typeof object === 'string' ? { object } : undefined;
};

const inflate = (bytes: Uint8Array): string => inflateRawSync(bytes, { dictionary: DICTIONARY }).toString();
