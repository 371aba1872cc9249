import { afterEach, expect, it } from 'vitest';
import { makeS3Client } from '../../lib/adapters/aws/aws-clients.ts';
import { S3BlobStore } from '../../lib/adapters/aws/s3-blob-store.ts';
import { objectService, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { testBlobStore } from './blob-store-contract.ts';

let standIn: StandIn;
const setup = async (): Promise<S3BlobStore> => {
  standIn = await startStandIn(objectService(2));
  return new S3BlobStore({ client: makeS3Client({ ...standIn.config, forcePathStyle: true }), bucket: 'tenon' });
};

testBlobStore({ setup, teardown: async () => standIn.close() });

afterEach(() => standIn.close().catch(() => {}));

it('a prefix is removed page by page, however many objects it has', async () => {
  const store = await setup();
  for (let index = 0; index < 7; index += 1) await store.put(`acme/values/${index}`, new Uint8Array([index]));
  await store.put('globex/values/0', new Uint8Array([1]));
  await store.removeAll('acme/');
  for (let index = 0; index < 7; index += 1) expect(await store.get(`acme/values/${index}`)).toBeUndefined();
  expect(await store.get('globex/values/0')).toBeDefined();
  expect(standIn.calls.filter(({ operation }) => operation.startsWith('POST')).length).toBe(4);
});
