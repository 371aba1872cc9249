import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { StoragePageParams, StorageWrite, TenantStorage } from '../ports/tenant-storage.ts';
import { BindingError } from './binding-error.ts';

/** What is known of an object beside its bytes. */
export interface ObjectHead {
  readonly key: string;
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
  readonly uploadedAt: Date;
}

export interface TenantObject extends ObjectHead {
  /** Name of the blob. */
  readonly blob: string;
}

interface PutParams {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Of all objects of the tenant. */
  readonly mostBytes: number;
}

interface ObjectsParams {
  /** One row an object: that alone says what is there. */
  readonly rows: TenantStorage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

const MEBIBYTE = 1_048_576;
/** Attempts at one object that others write at the same time. */
const MAX_ROUNDS = 10;

/**
 * Objects of tenants by key: bytes in a blob of a name of its own, and a row by the key that leads there. So keys are no
 * names of files, lists are those of rows, and a put is seen whole or not at all. What a crash leaves between the two is a
 * blob that nothing leads to; it goes with the tenant.
 */
export class TenantObjects {
  readonly #params: ObjectsParams;

  constructor(params: ObjectsParams) {
    this.#params = params;
  }

  async head(tenant: string, key: string): Promise<TenantObject | undefined> {
    const { rows, clock } = this.#params;
    const row = await rows.get(tenant, { key, now: clock.now() });
    return row && fromRow(tenant, row);
  }

  async get(tenant: string, key: string): Promise<(ObjectHead & { readonly bytes: Uint8Array }) | undefined> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const found = await this.head(tenant, key);
      if (found === undefined) return undefined;
      const bytes = await this.#params.blobs.get(found.blob);
      // Gone between the two: another put or a delete came.
      if (bytes !== undefined) return { ...shownHead(found), bytes };
    }
    throw busy(key);
  }

  async put(tenant: string, { key, bytes, contentType, mostBytes }: PutParams): Promise<ObjectHead> {
    const { rows, blobs, clock, randomness } = this.#params;
    const id = randomness.id();
    const size = bytes.length;
    const uploadedAt = clock.now();
    // Counted first: of what a crash leaves between the two the count is right, since its blob is there.
    if (!(await rows.reserve(tenant, { bytes: size, mostBytes }))) throw full(mostBytes);
    await blobs.put(blobName(tenant, id), bytes).catch(async (error: unknown) => {
      await rows.release(tenant, size);
      throw error;
    });
    const value = JSON.stringify({ id, size, contentType, uploadedAt } satisfies RowBody);
    const { etag } = await this.#replace(tenant, key, (ifMatch) => ({ kind: 'put', key, value, ifMatch }));
    return { key, size, contentType, etag, uploadedAt: new Date(uploadedAt) };
  }

  /** `false`: there was none. */
  async remove(tenant: string, key: string): Promise<boolean> {
    const { was } = await this.#replace(tenant, key, (ifMatch) =>
      ifMatch === null ? undefined : { kind: 'delete', key, ifMatch },
    );
    return was !== undefined;
  }

  async list(
    tenant: string,
    page: Omit<StoragePageParams, 'now'>,
  ): Promise<{ readonly items: readonly ObjectHead[]; readonly next?: string }> {
    const { rows, clock } = this.#params;
    const { items, next } = await rows.list(tenant, { ...page, now: clock.now() });
    const heads = items.map((row) => shownHead(fromRow(tenant, row)));
    return next === undefined ? { items: heads } : { items: heads, next };
  }

  /** Of the rows; the blobs go with everything that has the tenant's name. */
  removeTenant(tenant: string): Promise<void> {
    return this.#params.rows.removeTenant(tenant);
  }

  /** Each blob that a row led to is removed by the one who took its place: so none is removed twice, and none is left. */
  async #replace(
    tenant: string,
    key: string,
    writeFor: (ifMatch: string | null) => StorageWrite | undefined,
  ): Promise<{ readonly etag: string; readonly was: TenantObject | undefined }> {
    const { rows, blobs, clock, randomness } = this.#params;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const was = await this.head(tenant, key);
      const etag = randomness.id();
      const write = writeFor(was?.etag ?? null);
      if (write === undefined) return { etag, was };
      const outcome = await rows.commit(tenant, { writes: [write], etag, now: clock.now() });
      if (outcome.kind === 'full') throw new BindingError('BUCKET has too many keys: delete something first');
      if (outcome.kind === 'conflict') continue;
      if (was !== undefined) {
        await blobs.remove(was.blob);
        await rows.release(tenant, was.size);
      }
      return { etag, was };
    }
    throw busy(key);
  }
}

export const shownHead = ({ key, size, contentType, etag, uploadedAt }: ObjectHead): ObjectHead => ({
  key,
  size,
  contentType,
  etag,
  uploadedAt,
});

interface RowBody {
  readonly id: string;
  readonly size: number;
  readonly contentType: string;
  /** Epoch ms. */
  readonly uploadedAt: number;
}

const fromRow = (
  tenant: string,
  { key, value, etag }: { readonly key: string; readonly value: string; readonly etag: string },
): TenantObject => {
  const { id, size, contentType, uploadedAt } = JSON.parse(value) as RowBody;
  return { key, size, contentType, etag, uploadedAt: new Date(uploadedAt), blob: blobName(tenant, id) };
};

const blobName = (tenant: string, id: string): string => `${tenant}/bucket/${id}`;

const full = (mostBytes: number): BindingError =>
  new BindingError(
    `BUCKET is full: all objects of a tenant may have ${mostBytes / MEBIBYTE} MiB together. Delete something first, or ask for more`,
  );

const busy = (key: string): BindingError =>
  new BindingError(
    `BUCKET: others write ${JSON.stringify(key)} all the time. Try again later, or use keys of your own`,
  );
