import { parseDuration, showValue } from '../core/durations.ts';
import { DEFAULT_STORAGE_MB, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { DownloadSigner } from '../ports/downloads.ts';
import { cursorOf, readKey, readOptions, readPageOptions } from './arguments.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, defineBinding } from './define-binding.ts';
import { shownHead, type TenantObjects } from './tenant-objects.ts';

/** What crosses to a guest in one message, in base64 and with room to spare. */
export const MAX_OBJECT_BYTES = 5_242_880;
const MAX_LINK_MS = HOUR_MS;
const DEFAULT_LINK_MS = 5 * MINUTE_MS;
/** As much of it as is of use; it is told, and never the type under which a browser takes a link's answer. */
const CONTENT_TYPE = /^[\x20-\x7e]{1,256}$/;

export interface BucketBindingOptions {
  readonly objects: TenantObjects;
  readonly downloads: DownloadSigner;
  readonly clock: Clock;
  /** `http://host:port` at which callers reach this service, where links lead to it. */
  readonly origin: () => string;
}

/** `env.BUCKET`: objects of the tenant by key. */
export const bucketBinding = ({ objects, downloads, clock, origin }: BucketBindingOptions): BindingDefinition =>
  defineBinding({
    name: 'BUCKET',
    methods: ['get', 'put', 'head', 'delete', 'list', 'link'],
    create: ({ tenant: { id: tenant, limits } }) => ({
      get: ([key]) => objects.get(tenant, readKey('BUCKET.get', key)),
      put: ([key, body, options]) =>
        objects.put(tenant, {
          key: readKey('BUCKET.put', key),
          bytes: readBody(body),
          contentType: readType(options),
          mostBytes: (limits.storageMb ?? DEFAULT_STORAGE_MB) * 1_048_576,
        }),
      head: async ([key]) => {
        const found = await objects.head(tenant, readKey('BUCKET.head', key));
        return found && shownHead(found);
      },
      delete: ([key]) => objects.remove(tenant, readKey('BUCKET.delete', key)),
      list: async ([options]) => {
        const { items, next } = await objects.list(tenant, readPageOptions('BUCKET.list', options));
        return { items, ...(next !== undefined && { cursor: cursorOf(next) }) };
      },
      link: async ([key, options]) => {
        const name = readKey('BUCKET.link', key);
        const expiresAt = clock.now() + readLinkMs(options);
        const found = await objects.head(tenant, name);
        if (found === undefined) throw new BindingError(`BUCKET.link: there is no object ${showValue(name)}`);
        const { blob, size } = found;
        return downloads.sign({ blob, bytes: size, fileName: fileNameOf(name), expiresAt }, origin());
      },
    }),
    removeTenant: (tenant) => objects.removeTenant(tenant),
  });

const readBody = (value: unknown): Uint8Array => {
  const bytes = bytesIn(value);
  if (bytes.length > MAX_OBJECT_BYTES) {
    throw new BindingError(`BUCKET.put: an object has at most ${MAX_OBJECT_BYTES} bytes, this one has ${bytes.length}`);
  }
  return bytes;
};

const bytesIn = (value: unknown): Uint8Array => {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new BindingError(
    `BUCKET.put takes a text, an ArrayBuffer or a view such as Uint8Array, got ${showValue(value)}. Of anything else, put JSON.stringify(value)`,
  );
};

const readType = (value: unknown): string => {
  const { contentType = 'application/octet-stream' } = readOptions('BUCKET.put', value, ['contentType']);
  if (typeof contentType === 'string' && CONTENT_TYPE.test(contentType)) return contentType;
  throw new BindingError(`BUCKET.put: contentType is a text such as "image/png", got ${showValue(contentType)}`);
};

const readLinkMs = (value: unknown): number => {
  const { expiresIn = DEFAULT_LINK_MS } = readOptions('BUCKET.link', value, ['expiresIn']);
  const parsed = parseDuration(expiresIn);
  if (!parsed.ok) throw new BindingError(`BUCKET.link: expiresIn: ${parsed.problem}`);
  if (parsed.ms < SECOND_MS || parsed.ms > MAX_LINK_MS) {
    throw new BindingError(`BUCKET.link: expiresIn is from 1 second to 1 hour, got ${showValue(expiresIn)}`);
  }
  return parsed.ms;
};

/** The end of the key, as a browser may save it. */
const fileNameOf = (key: string): string => {
  const name = key
    .slice(key.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(-120);
  return name === '' ? 'object' : name;
};
