import { type AwsAnswer, AwsError } from '../contract.ts';
import { checked } from './s3-addresses.ts';
import type { StoredObject } from './s3-bucket.ts';
import type { BucketCall } from './s3-calls.ts';
import { CHECKSUM_HEADERS, verifyBody } from './s3-checksums.ts';
import { notImplemented, refuseUnknown } from './s3-requests.ts';
import { unescapeText, type XmlChild, xmlAnswer } from './s3-xml.ts';

/** More would need an upload in parts. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_DELETED = 1_000;

const arnOf = ({ bucketArn }: BucketCall, key: string): string => `${bucketArn}/${key}`;

export const putObject = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, key } = bucketCall;
  call.demand({ action: 's3:PutObject', resource: arnOf(bucketCall, key) });
  refuseUnknown(call, { headers: [...CHECKSUM_HEADERS, 'if-none-match'] });
  if (call.body.length > MAX_PUT_BYTES) throw new AwsError('EntityTooLarge', 'Your proposed upload is too large.');
  const checksums = verifyBody(call.headers, call.body);
  demandAbsence(bucketCall);
  const contentType = call.headers['content-type'] ?? 'binary/octet-stream';
  const { etag, body } = bucket.put({ key, body: call.body, contentType, checksums });
  bucketCall.onObjectCreated({
    bucket: bucketCall.bucketName,
    key,
    size: body.length,
    etag: etag.slice(1, -1),
  });
  return { headers: { etag, ...checksums } };
};

/** What `If-None-Match: *` asks for: nothing stands under the key yet. */
export const demandAbsence = ({ call, bucket, key }: BucketCall): void => {
  const ifNoneMatch = call.headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('value of If-None-Match other than *');
  if (ifNoneMatch === '*' && bucket.get(key) !== undefined) {
    const message = 'At least one of the pre-conditions you specified did not hold';
    throw new AwsError('PreconditionFailed', message, 412);
  }
};

/** What a link may say of how its answer is to be taken. */
const OVERRIDES = ['response-content-disposition', 'response-content-type'];

export const getObject = (bucketCall: BucketCall): AwsAnswer => {
  const object = find(bucketCall, OVERRIDES);
  const { range } = bucketCall.call.headers;
  if (range === undefined) {
    return { headers: { ...headersOf(object, bucketCall), ...overridesOf(bucketCall) }, body: object.body };
  }
  const { first, last } = rangeOf(range, object.body.length);
  // Checksums are of the whole object.
  const { etag, 'content-type': contentType = '', 'last-modified': modified = '' } = headersOf(object, bucketCall);
  return {
    status: 206,
    headers: {
      'content-type': contentType,
      'last-modified': modified,
      'accept-ranges': 'bytes',
      etag: etag ?? '',
      'content-length': String(last - first + 1),
      'content-range': `bytes ${first}-${last}/${object.body.length}`,
    },
    body: object.body.subarray(first, last + 1),
  };
};

export const headObject = (bucketCall: BucketCall): AwsAnswer => {
  const object = find(bucketCall);
  if (bucketCall.call.headers.range !== undefined) throw notImplemented('Range of HEAD');
  return { headers: headersOf(object, bucketCall) };
};

/** Done where nothing is there, too. */
export const deleteObject = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, key } = bucketCall;
  call.demand({ action: 's3:DeleteObject', resource: arnOf(bucketCall, key) });
  refuseUnknown(call);
  bucket.remove(key);
  return { status: 204 };
};

/** Each object needs its permission; those that lack it are told in the answer, the others are gone. */
export const deleteObjects = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket } = bucketCall;
  refuseUnknown(call, { headers: CHECKSUM_HEADERS, query: ['delete'] });
  const hasDigest = [...CHECKSUM_HEADERS, 'content-md5'].some((header) => call.headers[header] !== undefined);
  if (!hasDigest) throw new AwsError('InvalidRequest', 'Missing required header for this request: Content-MD5');
  verifyBody(call.headers, call.body);
  const { keys, isQuiet } = readDeletion(call.body.toString());
  const results = keys.flatMap((key): readonly XmlChild[] => {
    try {
      call.demand({ action: 's3:DeleteObject', resource: arnOf(bucketCall, key) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [
        [
          'Error',
          [
            ['Key', key],
            ['Code', 'AccessDenied'],
            ['Message', error.message],
          ],
        ],
      ];
    }
    bucket.remove(key);
    return isQuiet ? [] : [['Deleted', [['Key', key]]]];
  });
  return xmlAnswer('DeleteResult', results);
};

const overridesOf = ({ call }: BucketCall): Readonly<Record<string, string>> =>
  Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const value = call.query.get(name);
      return value === null ? [] : [[name.slice('response-'.length), value]];
    }),
  );

const find = (bucketCall: BucketCall, query: readonly string[] = []): StoredObject => {
  const { call, bucket, key, bucketArn } = bucketCall;
  call.demand({ action: 's3:GetObject', resource: arnOf(bucketCall, key) });
  refuseUnknown(call, { headers: ['x-amz-checksum-mode', 'range'], query });
  const object = bucket.get(key);
  if (object !== undefined) return object;
  // Who may not list is not told whether an object is there: `AccessDenied`.
  call.demand({ action: 's3:ListBucket', resource: bucketArn });
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
};

const headersOf = (object: StoredObject, { call }: BucketCall): Readonly<Record<string, string>> => ({
  'content-type': object.contentType,
  'content-length': String(object.body.length),
  'last-modified': new Date(object.modifiedAt).toUTCString(),
  'accept-ranges': 'bytes',
  etag: object.etag,
  ...(call.headers['x-amz-checksum-mode'] === 'ENABLED' && object.checksums),
});

/** `bytes=a-b`, `bytes=a-`, `bytes=-count`; both ends belong to it. */
const rangeOf = (header: string, size: number): { readonly first: number; readonly last: number } => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (from === '' && to === '') throw notImplemented(`Range of the form ${header}`);
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { first, last };
};

const readDeletion = (xml: string): { readonly keys: readonly string[]; readonly isQuiet: boolean } => {
  const elements = new Set([...xml.matchAll(/<([A-Za-z]+)[\s/>]/g)].map(([, name = '']) => name));
  const unknown = [...elements].find((name) => !['Delete', 'Object', 'Key', 'Quiet'].includes(name));
  if (unknown !== undefined) throw notImplemented(`${unknown} in Delete`);
  const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => checked(unescapeText(key)));
  if (keys.length === 0 || keys.length > MAX_DELETED) {
    throw new AwsError('MalformedXML', 'The XML you provided was not well-formed.');
  }
  return { keys, isQuiet: /<Quiet>true<\/Quiet>/.test(xml) };
};
