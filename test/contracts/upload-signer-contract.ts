import { describe, expect } from 'vitest';
import type { UploadGrant, UploadSigner } from '../../lib/ports/uploads.ts';
import { type ContractOptions, withStore } from './contract.ts';

const GRANT: UploadGrant = {
  tenant: 'acme',
  bundleId: 'b1',
  size: 1_234,
  sha256: 'ab'.repeat(32),
  expiresAt: 1_700_000_300_000,
};

export interface UploadSignerUnderTest {
  readonly signer: UploadSigner;
  /** The part of a link that `verify` takes. */
  tokenOf(url: string): string;
}

/** What a signer does whose links come back to the service itself. */
export const testUploadSigner = (contract: ContractOptions<UploadSignerUnderTest, undefined>): void => {
  describe('an upload signer', () => {
    const test = withStore(contract, () => undefined);

    test('a link gives back exactly the grant that it was signed for', async ({ signer, tokenOf }) => {
      const link = await signer.sign(GRANT, 'http://127.0.0.1:8787');
      expect(link).toMatchObject({ method: 'PUT', expiresAt: GRANT.expiresAt });
      expect(new URL(link.url).protocol).toMatch(/^https?:$/);
      expect(signer.verify(tokenOf(link.url))).toEqual(GRANT);
    });

    test('a link altered in any character is refused', async ({ signer, tokenOf }) => {
      const token = tokenOf((await signer.sign(GRANT, 'http://127.0.0.1:8787')).url);
      for (let index = 0; index < token.length; index += 1) {
        const other = token[index] === 'A' ? 'B' : 'A';
        expect(signer.verify(token.slice(0, index) + other + token.slice(index + 1))).toBeUndefined();
      }
    });

    test('what is no link at all is refused', async ({ signer, tokenOf }) => {
      const token = tokenOf((await signer.sign(GRANT, 'http://127.0.0.1:8787')).url);
      for (const text of [
        '',
        '.',
        '..',
        'a.b',
        token.slice(0, -1),
        `${token}A`,
        `${token}.`,
        `.${token}`,
        `${token}=`,
      ]) {
        expect(signer.verify(text)).toBeUndefined();
      }
    });

    test('the mac of one grant does not pass for another', async ({ signer, tokenOf }) => {
      const tokens = await Promise.all(
        [GRANT, { ...GRANT, size: GRANT.size + 1 }].map(async (grant) =>
          tokenOf((await signer.sign(grant, 'http://h')).url),
        ),
      );
      const [first, second] = tokens.map((token) => token.split('.'));
      expect(signer.verify(`${second?.[0]}.${first?.[1]}`)).toBeUndefined();
    });
  });
};
