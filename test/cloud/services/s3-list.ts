import { type AwsAnswer, AwsError } from '../contract.ts';
import type { BucketCall } from './s3-calls.ts';
import { refuseUnknown } from './s3-requests.ts';
import { type XmlChild, xmlAnswer } from './s3-xml.ts';

const LONGEST_PAGE = 1_000;
const QUERY = ['list-type', 'prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type'];

/** ListObjectsV2 */
export const listObjects = ({ call, bucket, bucketArn, bucketName }: BucketCall): AwsAnswer => {
  const { query } = call;
  call.demand({
    action: 's3:ListBucket',
    resource: bucketArn,
    context: Object.fromEntries(
      ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
        const value = query.get(name);
        return value === null ? [] : [[`s3:${name}`, value]];
      }),
    ),
  });
  refuseUnknown(call, { query: QUERY });
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const maxKeys = Number(query.get('max-keys') ?? LONGEST_PAGE);
  if (!Number.isInteger(maxKeys) || maxKeys < 0) throw invalid('max-keys must be a whole number.');
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') throw invalid('Invalid Encoding Method specified in Request.');
  const encode = (text: string): string =>
    encoding === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

  const max = Math.min(maxKeys, LONGEST_PAGE);
  const after = token === null ? (startAfter ?? '') : keyOfToken(token);
  const page = max === 0 ? { objects: [], commonPrefixes: [] } : bucket.list({ prefix, delimiter, after, max });
  const { objects, commonPrefixes, next } = page;
  return xmlAnswer('ListBucketResult', [
    ['Name', bucketName],
    ['Prefix', encode(prefix)],
    ...optional('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    ['MaxKeys', max],
    ...optional('EncodingType', encoding ?? undefined),
    ['KeyCount', objects.length + commonPrefixes.length],
    ['IsTruncated', next !== undefined],
    ...optional('ContinuationToken', token ?? undefined),
    ...optional('NextContinuationToken', next === undefined ? undefined : tokenOf(next)),
    ...optional('StartAfter', startAfter === null ? undefined : encode(startAfter)),
    ...objects.map(
      ({ key, body, etag, modifiedAt }): XmlChild => [
        'Contents',
        [
          ['Key', encode(key)],
          ['LastModified', new Date(modifiedAt).toISOString()],
          ['ETag', etag],
          ['Size', body.length],
          ['StorageClass', 'STANDARD'],
        ],
      ],
    ),
    ...commonPrefixes.map((common): XmlChild => ['CommonPrefixes', [['Prefix', encode(common)]]]),
  ]);
};

const optional = (name: string, value: string | undefined): readonly XmlChild[] =>
  value === undefined ? [] : [[name, value]];

/** Opaque, and not a key: a caller that makes one up is found out. */
const tokenOf = (key: string): string => Buffer.from(`after:${key}`).toString('base64');

const keyOfToken = (token: string): string => {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('after:')) throw invalid('The continuation token provided is incorrect');
  return text.slice('after:'.length);
};

const invalid = (message: string): AwsError => new AwsError('InvalidArgument', message);
