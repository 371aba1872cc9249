import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HmacDownloadSigner } from '../../lib/adapters/embedded/hmac-download-signer.ts';
import { HmacUploadSigner } from '../../lib/adapters/embedded/hmac-upload-signer.ts';
import { makeFolder } from './embedded-folder.ts';

const GRANT = { blob: 'acme/values/W/i/streams/1/a', bytes: 5, fileName: 'i.bin', expiresAt: 1_700_000_300_000 };

let folder: ReturnType<typeof makeFolder>;
const makeSigner = (name = 'download.key'): HmacDownloadSigner => new HmacDownloadSigner(join(folder.path, name));
const sign = async (grant = GRANT): Promise<string> =>
  new URL(await makeSigner().sign(grant, 'http://h:1')).pathname.slice('/v1/downloads/'.length);

beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

it('a link gives back exactly the grant that it was signed for, after a restart too', async () => {
  expect(await makeSigner().sign(GRANT, 'http://h:1')).toMatch(/^http:\/\/h:1\/v1\/downloads\//);
  expect(makeSigner().verify(await sign())).toEqual(GRANT);
});

it('a link that was altered, or signed elsewhere, opens nothing', async () => {
  const token = await sign();
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A';
    expect(makeSigner().verify(token.slice(0, index) + other + token.slice(index + 1))).toBeUndefined();
  }
  const [first, second] = [token.split('.'), (await sign({ ...GRANT, blob: 'globex/values/x' })).split('.')];
  expect(makeSigner().verify(`${second[0]}.${first[1]}`)).toBeUndefined();
  expect(makeSigner('other.key').verify(token)).toBeUndefined();
});

it('an upload link is no download link', async () => {
  const uploads = new HmacUploadSigner(join(folder.path, 'upload.key'));
  const grant = { tenant: 'acme', bundleId: 'b1', size: 1, sha256: 'ab'.repeat(32), expiresAt: 1 };
  const { url } = await uploads.sign(grant, 'http://h');
  expect(makeSigner().verify(new URL(url).pathname.slice('/v1/uploads/'.length))).toBeUndefined();
});
