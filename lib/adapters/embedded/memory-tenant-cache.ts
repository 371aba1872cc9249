import type { CacheEntry, TenantCache } from '../../ports/tenant-cache.ts';

/** Of one tenant. */
const MAX_TENANT_BYTES = 8_388_608;
/** Of all of them. */
const MAX_BYTES = 268_435_456;
/** What an entry takes beside its texts. */
const ENTRY_BYTES = 128;

interface OneTenant {
  /** The one that was used last stands last. */
  readonly entries: Map<string, CacheEntry>;
  bytes: number;
}

/**
 * In this process, and gone with it. A tenant that puts too much loses what it has not used for longest; where all together have too
 * much, the one that has most gives way. So none loses anything to a tenant that has less.
 */
export class MemoryTenantCache implements TenantCache {
  readonly #maxTenantBytes: number;
  readonly #maxBytes: number;
  readonly #tenants = new Map<string, OneTenant>();
  #bytes = 0;

  constructor({
    maxTenantBytes = MAX_TENANT_BYTES,
    maxBytes = MAX_BYTES,
  }: { readonly maxTenantBytes?: number; readonly maxBytes?: number } = {}) {
    this.#maxTenantBytes = maxTenantBytes;
    this.#maxBytes = maxBytes;
  }

  async get(tenant: string, { key, now }: { readonly key: string; readonly now: number }): Promise<string | undefined> {
    const one = this.#tenants.get(tenant);
    const entry = one?.entries.get(key);
    if (one === undefined || entry === undefined) return undefined;
    if (entry.expiresAt <= now) {
      this.#drop(one, entry);
      return undefined;
    }
    one.entries.delete(key);
    one.entries.set(key, entry);
    return entry.value;
  }

  async put(tenant: string, entry: CacheEntry): Promise<void> {
    const one = this.#tenants.get(tenant) ?? { entries: new Map<string, CacheEntry>(), bytes: 0 };
    this.#tenants.set(tenant, one);
    const old = one.entries.get(entry.key);
    if (old !== undefined) this.#drop(one, old);
    one.entries.set(entry.key, entry);
    this.#count(one, sizeOf(entry));
    while (one.bytes > this.#maxTenantBytes) this.#dropOldest(one);
    while (this.#bytes > this.#maxBytes) this.#dropOldest(this.#largest());
  }

  async delete(tenant: string, key: string): Promise<void> {
    const one = this.#tenants.get(tenant);
    const entry = one?.entries.get(key);
    if (one !== undefined && entry !== undefined) this.#drop(one, entry);
  }

  async removeTenant(tenant: string): Promise<void> {
    this.#bytes -= this.#tenants.get(tenant)?.bytes ?? 0;
    this.#tenants.delete(tenant);
  }

  #largest(): OneTenant {
    return [...this.#tenants.values()].reduce((most, one) => (one.bytes > most.bytes ? one : most));
  }

  #dropOldest(one: OneTenant): void {
    const [oldest] = one.entries.values();
    if (oldest !== undefined) this.#drop(one, oldest);
  }

  #drop(one: OneTenant, entry: CacheEntry): void {
    one.entries.delete(entry.key);
    this.#count(one, -sizeOf(entry));
  }

  #count(one: OneTenant, bytes: number): void {
    one.bytes += bytes;
    this.#bytes += bytes;
  }
}

/** Two bytes a character, as V8 keeps text that is not all Latin. */
const sizeOf = ({ key, value }: CacheEntry): number => 2 * (key.length + value.length) + ENTRY_BYTES;
