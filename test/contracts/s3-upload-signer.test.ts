import { createHash, randomBytes } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeS3Client } from '../../lib/adapters/aws/aws-clients.ts';
import { S3BlobStore } from '../../lib/adapters/aws/s3-blob-store.ts';
import { S3UploadSigner } from '../../lib/adapters/aws/s3-upload-signer.ts';
import type { UploadGrant } from '../../lib/ports/uploads.ts';
import { objectService, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { ManualClock } from './contract.ts';
import { otherAws, serviceOr } from './other-aws.ts';

const clock = new ManualClock();
const objectOf = ({ tenant, bundleId }: UploadGrant): string => `${tenant}/uploads/${bundleId}`;
const signer = new S3UploadSigner({
  client: makeS3Client({ region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  bucket: 'tenon',
  clock,
  objectOf,
});
const grant: UploadGrant = {
  tenant: 'acme',
  bundleId: 'b1',
  size: 1_234,
  sha256: 'ab'.repeat(32),
  expiresAt: clock.at + 300_000,
};
const sign = async (more: Partial<UploadGrant> = {}) => {
  const link = await signer.sign({ ...grant, ...more });
  const url = new URL(link.url);
  return { link, url, signature: url.searchParams.get('X-Amz-Signature') };
};

describe('an upload link to S3', () => {
  it('leads to the place of this upload, over TLS, until it expires', async () => {
    const { link, url } = await sign();
    expect(link).toMatchObject({ method: 'PUT', expiresAt: grant.expiresAt });
    expect(`${url.origin}${url.pathname}`).toBe('https://tenon.s3.us-east-1.amazonaws.com/acme/uploads/b1');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
  });

  it('leads where the signer says that all of them lead', async () => {
    expect((await sign()).url.origin).toBe(await signer.origin());
  });

  it('signs size, digest and that nothing may be there yet, and no checksum of an empty body', async () => {
    const { link, url } = await sign();
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host;if-none-match;x-amz-checksum-sha256');
    expect(link.headers).toEqual({
      'x-amz-checksum-sha256': Buffer.from(grant.sha256, 'hex').toString('base64'),
      'if-none-match': '*',
    });
    expect(link.url).not.toMatch(/crc32|checksum-sha256=/i);
  });

  it('is another one for another size, digest, tenant or bundle', async () => {
    const { signature } = await sign();
    expect((await sign()).signature).toBe(signature);
    const others = [{ size: 1_235 }, { sha256: 'cd'.repeat(32) }, { tenant: 'globex' }, { bundleId: 'b2' }];
    for (const other of others) expect((await sign(other)).signature).not.toBe(signature);
  });

  it('is verified by S3 alone: the service takes no upload by token', () => {
    expect(signer.verify()).toBeUndefined();
  });
});

/** Wrong size, wrong digest and expired links are S3's own to refuse: neither stand-in nor moto holds a signature against them. */
describe('an upload by a link', () => {
  const source = new TextEncoder().encode('export class W {}');
  const other = new TextEncoder().encode('export class V {}');
  const upload: UploadGrant = {
    ...grant,
    size: source.length,
    sha256: createHash('sha256').update(source).digest('hex'),
  };
  const bucket = `tenon-${randomBytes(8).toString('hex')}`;
  let standIn: StandIn;
  let store: S3BlobStore;
  let uploads: S3UploadSigner;

  beforeEach(async () => {
    standIn = await startStandIn(serviceOr(objectService(1_000)));
    const client = makeS3Client({ ...standIn.config, forcePathStyle: true });
    if (otherAws !== undefined) await client.send(new CreateBucketCommand({ Bucket: bucket }));
    store = new S3BlobStore({ client, bucket });
    uploads = new S3UploadSigner({ client, bucket, clock, objectOf });
  });
  afterEach(() => standIn.close());

  it('lies where the services look for it, and a second one by the same link changes nothing', async () => {
    const { url, headers } = await uploads.sign(upload);
    const put = (body: Uint8Array<ArrayBuffer>) => fetch(url, { method: 'PUT', headers, body });
    expect((await put(source)).status).toBe(200);
    expect((await put(other)).status).toBe(412);
    expect(await store.get(objectOf(upload))).toEqual(source);
  });
});
