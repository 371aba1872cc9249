import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeS3Client } from '../../../lib/adapters/aws/aws-clients.ts';
import { S3BlobStore } from '../../../lib/adapters/aws/s3-blob-store.ts';
import { S3UploadSigner } from '../../../lib/adapters/aws/s3-upload-signer.ts';
import { makeS3 } from './s3.ts';
import type { ObjectCreated } from './s3-calls.ts';
import { answerPreflight } from './s3-cors.ts';
import { type ServiceServer, serve, stackOf } from './services-fixture.ts';

const BUCKET_ARN = 'arn:aws:s3:::objects';
const stack = stackOf([
  {
    logicalId: 'Bucket',
    type: 'AWS::S3::Bucket',
    ref: 'objects',
    arn: BUCKET_ARN,
    properties: {
      CorsConfiguration: {
        CorsRules: [
          { AllowedMethods: ['PUT'], AllowedOrigins: ['https://*.example'], AllowedHeaders: ['*'], MaxAge: 60 },
        ],
      },
    },
  },
]);

let server: ServiceServer;
let client: S3Client;
let created: ObjectCreated[];

beforeEach(async () => {
  created = [];
  server = await serve(makeS3({ stack, onObjectCreated: (event) => created.push(event) }));
  client = makeS3Client({ ...server.config, forcePathStyle: true });
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

const put = (Key: string, Body = 'hello') => client.send(new PutObjectCommand({ Bucket: 'objects', Key, Body }));
const getText = async (Key: string, Range?: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'objects', Key, ...(Range && { Range }) }));
  return Body?.transformToString();
};
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

describe('objects', () => {
  it('come back as they were put, under any key, with their permission demanded by the key itself', async () => {
    const key = 'acme/päth & <more>/100%/a+b';
    await put(key);
    expect(await getText(key)).toBe('hello');
    expect(server.authorizer.asked()).toEqual([
      `s3:PutObject ${BUCKET_ARN}/${key}`,
      `s3:GetObject ${BUCKET_ARN}/${key}`,
    ]);
    expect(created).toEqual([{ bucket: 'objects', key, size: 5, etag: '5d41402abc4b2a76b9719d911017c592' }]);
  });

  it('are copied under one more key, which takes leave to read the one and to write the other', async () => {
    await put('acme/a');
    await client.send(new CopyObjectCommand({ Bucket: 'objects', Key: 'acme/b', CopySource: 'objects/acme/a' }));
    expect(server.authorizer.asked().slice(1)).toEqual([
      `s3:GetObject ${BUCKET_ARN}/acme/a`,
      `s3:PutObject ${BUCKET_ARN}/acme/b`,
    ]);
    expect(await getText('acme/b')).toBe('hello');
    const missing = new CopyObjectCommand({ Bucket: 'objects', Key: 'acme/c', CopySource: 'objects/acme/none' });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('are read in part', async () => {
    await put('a', '0123456789');
    expect(await getText('a', 'bytes=2-4')).toBe('234');
    expect(await getText('a', 'bytes=7-')).toBe('789');
    expect(await getText('a', 'bytes=-2')).toBe('89');
    await expect(getText('a', 'bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('are uploaded in parts, one permission for all but the abortion', async () => {
    const of = { Bucket: 'objects', Key: 'acme/long' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(of));
    const bodies = ['a'.repeat(5 * 1024 * 1024), 'b'];
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const part = { ...of, UploadId, PartNumber: index + 1 };
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body }));
      Parts.push({ ETag, PartNumber: part.PartNumber });
    }
    await expect(getText('acme/long')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const complete = (parts: CompletedPart[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload: { Parts: parts } }));
    await expect(complete(Parts.toReversed())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await complete(Parts);
    expect(await getText('acme/long')).toBe(bodies.join(''));
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const asked = new Set(server.authorizer.asked());
    expect(asked).toEqual(
      new Set([
        `s3:PutObject ${BUCKET_ARN}/acme/long`,
        `s3:GetObject ${BUCKET_ARN}/acme/long`,
        `s3:ListBucket ${BUCKET_ARN}`,
      ]),
    );
  });

  it('are not there when their upload is aborted, and small parts make none', async () => {
    const of = { Bucket: 'objects', Key: 'acme/long' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(of));
    const Parts: CompletedPart[] = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client.send(new UploadPartCommand({ ...of, UploadId, PartNumber, Body: 'short' }));
      Parts.push({ ETag, PartNumber });
    }
    const complete = new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload: { Parts } });
    await expect(client.send(complete)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await client.send(new AbortMultipartUploadCommand({ ...of, UploadId }));
    expect(server.authorizer.asked()).toContain(`s3:AbortMultipartUpload ${BUCKET_ARN}/acme/long`);
    await expect(getText('acme/long')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('tell size and type by HEAD', async () => {
    await client.send(new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'hello', ContentType: 'text/plain' }));
    const head = await client.send(new HeadObjectCommand({ Bucket: 'objects', Key: 'a' }));
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'text/plain' });
  });

  it('that are not there are missing for who may list, and denied to who may not', async () => {
    await expect(getText('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
    server.authorizer.deny('s3:ListBucket');
    await expect(getText('none')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('of a bucket that the stack does not have are refused', async () => {
    const command = new GetObjectCommand({ Bucket: 'others', Key: 'a' });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('are put once where the put says so', async () => {
    const once = () => client.send(new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'x', IfNoneMatch: '*' }));
    await once();
    await expect(once()).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    expect(created).toHaveLength(1);
  });

  it('are copied once where the copy says so', async () => {
    await put('a');
    const copy = { Bucket: 'objects', Key: 'b', CopySource: 'objects/a', IfNoneMatch: '*' };
    await client.send(new CopyObjectCommand(copy));
    await expect(client.send(new CopyObjectCommand(copy))).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('are held against the checksums that come with them', async () => {
    const command = (ChecksumSHA256: string) =>
      new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'hello', ChecksumSHA256 });
    await client.send(command(sha256('hello')));
    await expect(client.send(command(sha256('other')))).rejects.toMatchObject({ name: 'BadDigest' });
    const md5 = new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'hello', ContentMD5: 'AAAA' });
    await expect(client.send(md5)).rejects.toMatchObject({ name: 'BadDigest' });
    const crc = new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'hello', ChecksumAlgorithm: 'CRC32' });
    expect(await client.send(crc)).toMatchObject({ ChecksumCRC32: 'NhCmhg==' });
  });

  it('are not changed by a call that nobody was allowed', async () => {
    server.authorizer.deny('s3:PutObject');
    await expect(put('a')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(created).toEqual([]);
  });

  it('have nothing that the local cloud does not know of', async () => {
    const tagged = new PutObjectCommand({ Bucket: 'objects', Key: 'a', Body: 'x', Tagging: 'a=b' });
    await expect(client.send(tagged)).rejects.toMatchObject({ name: 'NotImplemented' });
    const tagging = new PutObjectTaggingCommand({ Bucket: 'objects', Key: 'a', Tagging: { TagSet: [] } });
    await expect(client.send(tagging)).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('removal', () => {
  it('of one object is done even where there is none', async () => {
    await put('a');
    for (let time = 0; time < 2; time += 1) {
      await client.send(new DeleteObjectCommand({ Bucket: 'objects', Key: 'a' }));
    }
    await expect(getText('a')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('of many asks for each, and tells which were denied', async () => {
    for (const key of ['a&b', 'c']) await put(key);
    server.authorizer.deny(`s3:DeleteObject ${BUCKET_ARN}/c`);
    const Delete = { Objects: [{ Key: 'a&b' }, { Key: 'c' }] };
    const result = await client.send(new DeleteObjectsCommand({ Bucket: 'objects', Delete }));
    expect(result.Deleted).toEqual([{ Key: 'a&b' }]);
    expect(result.Errors).toMatchObject([{ Key: 'c', Code: 'AccessDenied' }]);
    expect(await getText('c')).toBe('hello');
  });

  it('of a prefix works as the blob store asks for it', async () => {
    const store = new S3BlobStore({ client, bucket: 'objects' });
    for (const name of ['acme/1', 'acme/2', 'globex/1']) await store.put(name, Buffer.from(name));
    await store.removeAll('acme/');
    expect(await store.get('acme/1')).toBeUndefined();
    expect(await store.get('globex/1')).toEqual(new Uint8Array(Buffer.from('globex/1')));
  });
});

describe('lists', () => {
  const list = (params: object) => client.send(new ListObjectsV2Command({ Bucket: 'objects', ...params }));

  it('come in the order of bytes and in pages, and demand the prefix', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'a/é', 'a/𝄞', 'a/�']) await put(key);
    const keys: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ Prefix: 'a/', MaxKeys: 2, ...(ContinuationToken && { ContinuationToken }) });
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(keys).toEqual(['a/1', 'a/2', 'a/é', 'a/�', 'a/𝄞']);
    const { need } = server.authorizer.demands.at(-1) ?? {};
    expect(need).toMatchObject({ action: 's3:ListBucket', resource: BUCKET_ARN, context: { 's3:prefix': 'a/' } });
  });

  it('gather what lies below a delimiter, once over all pages', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(key);
    const first = await list({ Delimiter: '/', MaxKeys: 1 });
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    const rest = await list({ Delimiter: '/', ContinuationToken: first.NextContinuationToken });
    expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['b']);
    expect(rest.CommonPrefixes).toEqual([{ Prefix: 'c/' }]);
    expect(rest.IsTruncated).toBe(false);
  });
});

describe('uploads by link', () => {
  const link = (text: string) =>
    new S3UploadSigner({
      client,
      bucket: 'objects',
      clock: { now: () => Date.now() },
      objectOf: () => 'acme/uploads/1',
    }).sign({
      tenant: 'acme',
      bundleId: '1',
      size: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
      expiresAt: Date.now() + 60_000,
    });

  it('take exactly the bytes that were promised, once', async () => {
    const { url, headers } = await link('bundle');
    const upload = (body: string) => fetch(url, { method: 'PUT', headers, body });
    expect((await upload('bundl?')).status).toBe(400);
    expect((await upload('bundle')).status).toBe(200);
    expect((await upload('bundle')).status).toBe(412);
    expect(created).toMatchObject([{ key: 'acme/uploads/1', size: 6 }]);
  });

  it('from a page are allowed by the bucket’s rules, before and after', async () => {
    const { url, headers } = await link('bundle');
    const origin = 'https://app.example';
    const ask = (from: string, method: string) =>
      answerPreflight({
        stack,
        path: new URL(url).pathname,
        headers: {
          origin: from,
          'access-control-request-method': method,
          'access-control-request-headers': 'If-None-Match, x-amz-checksum-sha256',
        },
      });
    expect(ask(origin, 'PUT').headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'if-none-match, x-amz-checksum-sha256',
      'access-control-max-age': '60',
    });
    expect(ask(origin, 'DELETE').status).toBe(403);
    expect(ask('https://app.evil', 'PUT').status).toBe(403);
    const uploaded = await fetch(url, { method: 'PUT', headers: { ...headers, origin }, body: 'bundle' });
    expect(uploaded.headers.get('access-control-allow-origin')).toBe(origin);
  });
});
