import { HOUR_MS } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantCache } from '../ports/tenant-cache.ts';
import { encodeStored, readExpiry, readKey, readOptions } from './arguments.ts';
import { type BindingDefinition, defineBinding } from './define-binding.ts';
import { decodeValue } from './values.ts';

const DEFAULT_TTL_MS = HOUR_MS;

/** `env.CACHE`: values of the tenant that it can do without. */
export const cacheBinding = ({
  cache,
  clock,
}: {
  readonly cache: TenantCache;
  readonly clock: Clock;
}): BindingDefinition =>
  defineBinding({
    name: 'CACHE',
    methods: ['get', 'put', 'delete'],
    create: ({ tenant: { id: tenant } }) => ({
      get: async ([key]) => {
        const found = await cache.get(tenant, { key: readKey('CACHE.get', key), now: clock.now() });
        return found === undefined ? undefined : decodeValue(found);
      },
      put: ([key, value, options]) => {
        const { ttl = DEFAULT_TTL_MS } = readOptions('CACHE.put', options, ['ttl']);
        return cache.put(tenant, {
          key: readKey('CACHE.put', key),
          value: encodeStored('CACHE.put', value),
          expiresAt: readExpiry('CACHE.put', ttl, clock.now()),
        });
      },
      delete: ([key]) => cache.delete(tenant, readKey('CACHE.delete', key)),
    }),
    removeTenant: (tenant) => cache.removeTenant(tenant),
  });
