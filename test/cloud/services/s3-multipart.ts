import { createHash, randomUUID } from 'node:crypto';
import { type AwsAnswer, AwsError } from '../contract.ts';
import type { BucketCall } from './s3-calls.ts';
import { CHECKSUM_HEADERS, verifyBody } from './s3-checksums.ts';
import { notImplemented, refuseUnknown } from './s3-requests.ts';
import { unescapeText, xmlAnswer } from './s3-xml.ts';

/** Of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

interface Part {
  readonly body: Buffer;
  readonly etag: string;
}

interface Upload {
  readonly key: string;
  readonly contentType: string;
  readonly parts: Map<number, Part>;
}

/** Uploads in parts that are neither completed nor aborted, by id. */
export type Uploads = Map<string, Upload>;

const demandWrite = ({ call, bucketArn, key }: BucketCall): void =>
  call.demand({ action: 's3:PutObject', resource: `${bucketArn}/${key}` });

export const createMultipartUpload = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, bucketName, key } = bucketCall;
  demandWrite(bucketCall);
  refuseUnknown(call, { query: ['uploads'] });
  const id = randomUUID();
  bucket.uploads.set(id, {
    key,
    contentType: call.headers['content-type'] ?? 'binary/octet-stream',
    parts: new Map(),
  });
  return xmlAnswer('InitiateMultipartUploadResult', [
    ['Bucket', bucketName],
    ['Key', key],
    ['UploadId', id],
  ]);
};

export const uploadPart = (bucketCall: BucketCall): AwsAnswer => {
  const { call } = bucketCall;
  demandWrite(bucketCall);
  refuseUnknown(call, { headers: CHECKSUM_HEADERS, query: ['partNumber', 'uploadId'] });
  const number = Number(call.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw new AwsError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
  }
  const { parts } = findUpload(bucketCall);
  const checksums = verifyBody(call.headers, call.body);
  const etag = `"${md5(call.body).toString('hex')}"`;
  parts.set(number, { body: call.body, etag });
  return { headers: { etag, ...checksums } };
};

export const completeMultipartUpload = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, bucketName, key, onObjectCreated } = bucketCall;
  demandWrite(bucketCall);
  refuseUnknown(call, { query: ['uploadId'] });
  const upload = findUpload(bucketCall);
  const chosen = chosenParts(call.body.toString(), upload);
  bucket.uploads.delete(call.query.get('uploadId') ?? '');
  const body = Buffer.concat(chosen.map((part) => part.body));
  const digests = Buffer.concat(chosen.map((part) => md5(part.body)));
  const etag = `"${md5(digests).toString('hex')}-${chosen.length}"`;
  bucket.put({ key, body, contentType: upload.contentType, checksums: {}, etag });
  onObjectCreated({ bucket: bucketName, key, size: body.length, etag: etag.slice(1, -1) });
  return xmlAnswer('CompleteMultipartUploadResult', [
    ['Bucket', bucketName],
    ['Key', key],
    ['ETag', etag],
  ]);
};

export const abortMultipartUpload = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, bucketArn, key } = bucketCall;
  call.demand({ action: 's3:AbortMultipartUpload', resource: `${bucketArn}/${key}` });
  refuseUnknown(call, { query: ['uploadId'] });
  findUpload(bucketCall);
  bucket.uploads.delete(call.query.get('uploadId') ?? '');
  return { status: 204 };
};

const findUpload = ({ call, bucket, key }: BucketCall): Upload => {
  const upload = bucket.uploads.get(call.query.get('uploadId') ?? '');
  if (upload?.key === key) return upload;
  throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
};

/** The parts that the call names, which have to be there, in ascending order, and long enough. */
const chosenParts = (xml: string, { parts }: Upload): readonly Part[] => {
  const named = [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1]),
    etag: unescapeText(/<ETag>([^<]*)<\/ETag>/.exec(part)?.[1] ?? ''),
  }));
  if (named.length === 0) throw new AwsError('MalformedXML', 'The XML you provided was not well-formed.');
  if (/<Checksum/.test(xml)) throw notImplemented('checksum of a part in CompleteMultipartUpload');
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  return named.map(({ number, etag }, index) => {
    const part = parts.get(number);
    if (part === undefined || part.etag !== etag) {
      throw new AwsError('InvalidPart', 'One or more of the specified parts could not be found.');
    }
    if (part.body.length < MIN_PART_BYTES && index < named.length - 1) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    return part;
  });
};

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();
