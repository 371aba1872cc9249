import { expect, it } from 'vitest';
import { makeS3Client } from '../../lib/adapters/aws/aws-clients.ts';
import { S3DownloadSigner } from '../../lib/adapters/aws/s3-download-signer.ts';
import { ManualClock } from './contract.ts';

const clock = new ManualClock();
const signer = new S3DownloadSigner({
  client: makeS3Client({ region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  bucket: 'tenon',
  clock,
});
const sign = async (blob: string): Promise<URL> =>
  new URL(await signer.sign({ blob, bytes: 5, fileName: 'one.bin', expiresAt: clock.at + 300_000 }));

it('a link reads one object for as long as it was granted, as a file to be saved', async () => {
  const url = await sign('acme/values/W/one/streams/1/a');
  expect(url.pathname).toMatch(/\/acme\/values\/W\/one\/streams\/1\/a$/);
  expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
  expect(url.searchParams.get('response-content-disposition')).toBe('attachment; filename="one.bin"');
  expect(url.searchParams.get('response-content-type')).toBe('application/octet-stream');
});

it('another object has another signature', async () => {
  const signatures = [await sign('acme/a'), await sign('acme/b')].map((url) => url.searchParams.get('X-Amz-Signature'));
  expect(new Set(signatures).size).toBe(2);
});

it('nothing comes to the service itself', () => {
  expect(signer.verify()).toBeUndefined();
});
