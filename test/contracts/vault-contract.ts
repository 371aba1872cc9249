import { describe, expect } from 'vitest';
import type { Vault } from '../../lib/ports/vault.ts';
import { type ContractOptions, withStore } from './contract.ts';

/** What every `Vault` does, whatever it stands on. */
export const testVault = (contract: ContractOptions<Vault, undefined>): void => {
  describe('a vault', () => {
    const test = withStore(contract, () => undefined);

    test('what was sealed opens under the same context', async (vault) => {
      for (const text of ['', 'secret', 'ü \u0000 \u{1f511}', 'x'.repeat(4_000)]) {
        expect(await vault.open(await vault.seal(text, 'acme/TOKEN'), 'acme/TOKEN')).toBe(text);
      }
    });

    test('the sealed text does not show the text, and two sealings differ', async (vault) => {
      const sealed = await vault.seal('hunter2', 'acme/TOKEN');
      expect(sealed).not.toContain('hunter2');
      expect(await vault.seal('hunter2', 'acme/TOKEN')).not.toBe(sealed);
    });

    test('it opens under no other name (E8)', async (vault) => {
      const sealed = await vault.seal('hunter2', 'acme/TOKEN');
      await expect(vault.open(sealed, 'globex/TOKEN')).rejects.toThrow();
      await expect(vault.open(sealed, '')).rejects.toThrow();
    });

    test('an altered or foreign text is refused', async (vault) => {
      const sealed = await vault.seal('hunter2', 'acme/TOKEN');
      const middle = Math.floor(sealed.length / 2);
      const other = sealed[middle] === 'A' ? 'B' : 'A';
      const altered = sealed.slice(0, middle) + other + sealed.slice(middle + 1);
      for (const text of [altered, sealed.slice(0, -8), sealed.slice(0, 10), '', 'hunter2', `x${sealed}`]) {
        await expect(vault.open(text, 'acme/TOKEN')).rejects.toThrow();
      }
    });
  });
};
