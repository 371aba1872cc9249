import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { StorageOutcome, StorageWrite, StoredValue, TenantStorage } from '../ports/tenant-storage.ts';
import { cursorOf, readKey, readPageOptions } from './arguments.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, defineBinding } from './define-binding.ts';
import { readDelete, readPut, readWrites } from './storage-arguments.ts';
import { decodeValue } from './values.ts';

/** `env.STORAGE`. An `ifMatch` that does not hold is an outcome and no error: a step would try it again in vain. */
export const storageBinding = ({
  storage,
  clock,
  randomness,
}: {
  readonly storage: TenantStorage;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): BindingDefinition =>
  defineBinding({
    name: 'STORAGE',
    methods: ['get', 'put', 'delete', 'list', 'transaction'],
    create: ({ tenant: { id: tenant } }) => {
      const now = clock.now();
      const commit = async (writes: readonly StorageWrite[]) => {
        const etag = randomness.id();
        return { etag, outcome: noneFull(await storage.commit(tenant, { writes, etag, now })) };
      };
      return {
        get: async ([key]) => {
          const found = await storage.get(tenant, { key: readKey('STORAGE.get', key), now });
          return found && shown(found);
        },
        put: async (args) => {
          const { outcome, etag } = await commit([readPut('STORAGE.put', args, now)]);
          return outcome.kind === 'done' ? { etag } : null;
        },
        delete: async (args) => {
          const { outcome } = await commit([readDelete('STORAGE.delete', args)]);
          return outcome.kind === 'done';
        },
        list: async ([options]) => {
          const { items, next } = await storage.list(tenant, { ...readPageOptions('STORAGE.list', options), now });
          const found = items.map((item) => ({ key: item.key, ...shown(item) }));
          return { items: found, ...(next !== undefined && { cursor: cursorOf(next) }) };
        },
        transaction: async ([writes]) => {
          const { outcome, etag } = await commit(readWrites('STORAGE.transaction', writes, now));
          return outcome.kind === 'done' ? { committed: true, etag } : { committed: false, failed: outcome.index };
        },
      };
    },
    removeTenant: (tenant) => storage.removeTenant(tenant),
  });

const noneFull = (outcome: StorageOutcome): Exclude<StorageOutcome, { readonly kind: 'full' }> => {
  if (outcome.kind === 'full') throw new BindingError('STORAGE is full: delete something first');
  return outcome;
};

const shown = ({ value, etag, expiresAt }: StoredValue) => ({
  value: decodeValue(value),
  etag,
  ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
});
