import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HmacUploadSigner, UPLOAD_PATH } from '../../lib/adapters/embedded/hmac-upload-signer.ts';
import { makeFolder } from './embedded-folder.ts';
import { testUploadSigner } from './upload-signer-contract.ts';

let folder: ReturnType<typeof makeFolder>;
const makeSigner = (name = 'upload.key'): HmacUploadSigner => new HmacUploadSigner(join(folder.path, name));
const tokenOf = (url: string): string => new URL(url).pathname.slice(UPLOAD_PATH.length);

beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

testUploadSigner({ setup: async () => ({ signer: makeSigner(), tokenOf }), teardown: async () => {} });

it('a link outlives a restart and opens nothing in another installation', async () => {
  const grant = { tenant: 'acme', bundleId: 'b1', size: 1, sha256: 'ab'.repeat(32), expiresAt: 1 };
  const token = tokenOf((await makeSigner().sign(grant, 'http://h')).url);
  expect(makeSigner().verify(token)).toEqual(grant);
  expect(makeSigner('other.key').verify(token)).toBeUndefined();
});
