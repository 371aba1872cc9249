import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDynamoClient, makeS3Client } from '../../../lib/adapters/aws/aws-clients.ts';
import { S3UploadSigner } from '../../../lib/adapters/aws/s3-upload-signer.ts';
import { AwsError } from '../contract.ts';
import type { WireRequest } from './canonical-request.ts';
import { type AccessKey, readClaim, verifySignature } from './sigv4.ts';

const REGION = 'eu-central-1';
const key: AccessKey = { secretAccessKey: 'secret/+=', sessionToken: 'token/+==' };
const credentials = { accessKeyId: 'ASIAEXAMPLE', ...key };
/** A name with everything that is encoded in some way or other. */
const ODD_NAME = "T/a b+c/ü'(1)*!~$&,:;=@/%2F/x..y";

/** The request that came last, as it came. */
let received: WireRequest;
let server: Server;
let config: { endpoint: string; region: string; credentials: typeof credentials; maxAttempts: number };

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const headers = request.headers as Record<string, string>;
    received = { method: request.method ?? '', path, query, headers, body };
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  config = { endpoint, region: REGION, credentials, maxAttempts: 1 };
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** `fine`, or the code by which the request is refused. */
const verdictOn = (request: WireRequest, params: { readonly now?: number; readonly key?: AccessKey } = {}): string => {
  try {
    const claim = readClaim(request);
    verifySignature(request, claim, { key, region: REGION, now: Date.now(), ...params });
    return 'fine';
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
};

/** The answer is empty, which not every client likes; what counts is what was sent. */
const sent = async (call: Promise<unknown>): Promise<WireRequest> => {
  await call.catch(() => {});
  return received;
};

const s3 = () => makeS3Client({ ...config, forcePathStyle: true });
const put = (Key: string, Body: string | Uint8Array = 'bytes') =>
  sent(s3().send(new PutObjectCommand({ Bucket: 'bucket', Key, Body })));
const getItem = () =>
  sent(makeDynamoClient(config).send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'ü' } } })));

describe('requests of the real clients', () => {
  it.each<[string, () => Promise<WireRequest>]>([
    ['DynamoDB', getItem],
    [
      'STS',
      () => sent(new STSClient(config).send(new AssumeRoleCommand({ RoleArn: 'arn:x', RoleSessionName: 'a+b' }))),
    ],
    [
      'Lambda, whose paths are signed encoded once more',
      () =>
        sent(
          new LambdaClient(config).send(
            new InvokeCommand({ FunctionName: 'arn:aws:lambda:x:1:function:f', Payload: '{}', Qualifier: 'a b' }),
          ),
        ),
    ],
    ['S3, an object', () => put('a/b')],
    ['S3, an object with an odd name', () => put(ODD_NAME, Buffer.from([0, 255]))],
    [
      'S3, a list by an odd prefix',
      () => sent(s3().send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: ODD_NAME, Delimiter: '/' }))),
    ],
  ])('pass: %s', async (_, make) => {
    expect(verdictOn(await make())).toBe('fine');
  });

  it.each<[string, (request: WireRequest) => WireRequest, string]>([
    ['another body', (request) => ({ ...request, body: Buffer.from('{}') }), 'InvalidSignatureException'],
    ['another path', (request) => ({ ...request, path: '/x' }), 'InvalidSignatureException'],
    ['another query', (request) => ({ ...request, query: 'x=1' }), 'InvalidSignatureException'],
    ['another method', (request) => ({ ...request, method: 'PUT' }), 'InvalidSignatureException'],
    ['another operation', (request) => withHeader(request, 'x-amz-target', 'X.PutItem'), 'InvalidSignatureException'],
    ['an amz header more', (request) => withHeader(request, 'x-amz-more', '1'), 'InvalidSignatureException'],
    ['another token', (request) => withHeader(request, 'x-amz-security-token', 'x'), 'UnrecognizedClientException'],
    [
      'no signature',
      (request) => withHeader(request, 'authorization', undefined),
      'MissingAuthenticationTokenException',
    ],
    [
      'half a signature',
      (request) => withHeader(request, 'authorization', 'AWS4-HMAC-SHA256 Credential=a'),
      'IncompleteSignatureException',
    ],
  ])('fail with %s', async (_, alter, code) => {
    expect(verdictOn(alter(await getItem()))).toBe(code);
  });

  it('fail with another secret, long after, for another region, and once the session is over', async () => {
    const request = await getItem();
    expect(verdictOn(request, { key: { ...key, secretAccessKey: 'other' } })).toBe('InvalidSignatureException');
    expect(verdictOn(request, { now: Date.now() + 16 * 60_000 })).toBe('InvalidSignatureException');
    expect(verdictOn(request, { key: { ...key, expiresAt: Date.now() } })).toBe('ExpiredTokenException');
    const elsewhere = makeDynamoClient({ ...config, region: 'us-east-1' });
    const abroad = await sent(elsewhere.send(new GetItemCommand({ TableName: 't', Key: {} })));
    expect(verdictOn(abroad)).toBe('InvalidSignatureException');
  });

  it('fail at S3 where the payload is not the one that was announced', async () => {
    const request = await put('a');
    expect(verdictOn({ ...request, body: Buffer.from('other') })).toBe('XAmzContentSHA256Mismatch');
    expect(verdictOn(withHeader(request, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD'))).toBe('SignatureDoesNotMatch');
  });
});

describe('presigned links', () => {
  const digest = Buffer.alloc(32, 7);

  /** As the service signs an upload, and as its user sends it. */
  const uploadOf = async (body: string): Promise<WireRequest> => {
    const now = Date.now();
    const signer = new S3UploadSigner({
      client: s3(),
      bucket: 'bucket',
      clock: { now: () => now },
      objectOf: () => ODD_NAME,
    });
    const grant = {
      tenant: 't',
      bundleId: 'b',
      size: body.length,
      sha256: digest.toString('hex'),
      expiresAt: now + 300_000,
    };
    const { url, headers } = await signer.sign(grant);
    await fetch(url, { method: 'PUT', headers, body });
    return received;
  };

  it('pass with what they were signed for, whatever the bytes: those S3 holds against the digest', async () => {
    expect(verdictOn(await uploadOf('12345'))).toBe('fine');
  });

  it.each<[string, (request: WireRequest) => WireRequest, string]>([
    ['another length', (request) => withHeader(request, 'content-length', '6'), 'SignatureDoesNotMatch'],
    ['another digest', (request) => withHeader(request, 'x-amz-checksum-sha256', 'x'), 'SignatureDoesNotMatch'],
    ['no digest', (request) => withHeader(request, 'x-amz-checksum-sha256', undefined), 'SignatureDoesNotMatch'],
    ['no condition', (request) => withHeader(request, 'if-none-match', undefined), 'SignatureDoesNotMatch'],
    ['a header that S3 would heed', (request) => withHeader(request, 'x-amz-acl', 'public-read'), 'AccessDenied'],
    ['another object', (request) => ({ ...request, path: `${request.path}x` }), 'SignatureDoesNotMatch'],
    [
      'a longer time',
      (request) => ({ ...request, query: request.query.replace('Expires=300', 'Expires=3000') }),
      'SignatureDoesNotMatch',
    ],
    ['a method of its own', (request) => ({ ...request, method: 'GET' }), 'SignatureDoesNotMatch'],
  ])('fail with %s', async (_, alter, code) => {
    expect(verdictOn(alter(await uploadOf('12345')))).toBe(code);
  });

  it('fail once they are expired', async () => {
    const request = await uploadOf('12345');
    expect(verdictOn(request, { now: Date.now() + 298_000 })).toBe('fine');
    expect(verdictOn(request, { now: Date.now() + 301_000 })).toBe('AccessDenied');
  });

  it('pass for reading, and not for reading something else', async () => {
    const url = await getSignedUrl(s3(), new GetObjectCommand({ Bucket: 'bucket', Key: ODD_NAME }), { expiresIn: 60 });
    await fetch(url);
    expect(verdictOn(received)).toBe('fine');
    expect(verdictOn({ ...received, path: '/bucket/other' })).toBe('SignatureDoesNotMatch');
  });
});

const withHeader = (request: WireRequest, name: string, value: string | undefined): WireRequest => {
  const { [name]: _, ...others } = request.headers;
  return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
};
