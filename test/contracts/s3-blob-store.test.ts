import { randomBytes } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { makeS3Client } from '../../lib/adapters/aws/aws-clients.ts';
import { S3BlobStore } from '../../lib/adapters/aws/s3-blob-store.ts';
import { objectService, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { testBlobStore } from './blob-store-contract.ts';
import { otherAws, serviceOr } from './other-aws.ts';

let standIn: StandIn;
/** Lists come in pages of two: another implementation has to be told so when it is started. */
const setup = async (): Promise<S3BlobStore> => {
  standIn = await startStandIn(serviceOr(objectService(2)));
  const client = makeS3Client({ ...standIn.config, forcePathStyle: true });
  const bucket = `tenon-${randomBytes(8).toString('hex')}`;
  if (otherAws !== undefined) await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return new S3BlobStore({ client, bucket });
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
