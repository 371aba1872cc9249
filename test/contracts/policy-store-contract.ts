import { describe, expect } from 'vitest';
import type { Policy, PolicyStore } from '../../lib/ports/policy-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const policy = (name: string, more: Partial<Policy> = {}): Policy => ({
  name,
  before: { step: 'charge *' },
  action: { kind: 'approve', timeoutMs: 1_000 },
  updatedAt: 5,
  ...more,
});

/** What every `PolicyStore` does, whatever it stands on. */
export const testPolicyStore = (contract: ContractOptions<PolicyStore, undefined>): void => {
  describe('a policy store', () => {
    const test = withStore(contract, () => undefined);

    test('lists what was put, by name', async (store) => {
      expect(await store.list()).toEqual([]);
      const second = policy('second', {
        tenants: ['acme'],
        workflows: ['Orders'],
        before: { binding: 'BANK', method: 'pay' },
        action: { kind: 'refuse', reason: 'not here' },
      });
      await store.put(second);
      await store.put(policy('first'));
      expect(await store.list()).toEqual([policy('first'), second]);
    });

    test('puts a policy in the place of one of the same name', async (store) => {
      await store.put(policy('one'));
      expect(await store.list()).toHaveLength(1);
      await store.put(policy('one', { before: { step: 'other' } }));
      expect(await store.list()).toEqual([policy('one', { before: { step: 'other' } })]);
    });

    test('removes a policy, once', async (store) => {
      await store.put(policy('one'));
      await store.put(policy('two'));
      expect(await store.remove('one')).toBe(true);
      expect(await store.remove('one')).toBe(false);
      expect(await store.list()).toEqual([policy('two')]);
    });
  });
};
