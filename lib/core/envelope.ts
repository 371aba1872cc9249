/**
 * The envelope: a tenant's params with the dispatcher's metadata beside them, never merged, persisted with the instance
 * and unwrapped at every wake-up. The metadata is a routing hint and no authorization.
 */
export type Metadata = Readonly<Record<string, unknown>>;

export interface Envelope<P = unknown> {
  readonly __dispatcherMetadata: Metadata;
  readonly params: P;
}

/** Also accepted on reading: the key that the Cloudflare library writes. */
const OLDER_KEY = '__workerLoaderMetadata';
const KEY = '__dispatcherMetadata';

/** `params` is always there: a JSON store would lose the key with `undefined`. */
export const wrapParams = <P>(metadata: Metadata, params: P): Envelope<P | null> => ({
  __dispatcherMetadata: metadata,
  params: params === undefined ? null : params,
});

export type Unwrapped =
  | { readonly ok: true; readonly metadata: Metadata; readonly params: unknown }
  | { readonly ok: false };

export const unwrapParams = (payload: unknown): Unwrapped => {
  if (!isObject(payload)) return { ok: false };
  const metadata = Object.hasOwn(payload, KEY)
    ? payload[KEY]
    : Object.hasOwn(payload, OLDER_KEY)
      ? payload[OLDER_KEY]
      : undefined;
  if (!isObject(metadata)) return { ok: false };
  return { ok: true, metadata, params: payload.params };
};

/** As it is read: a version that an instance was moved to takes the place of the one that it was created with. */
export const metadataOf = (envelope: Pick<Envelope, '__dispatcherMetadata'>, version: string): Metadata => ({
  ...envelope.__dispatcherMetadata,
  version,
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
