import { type AwsCall, AwsError } from '../contract.ts';

/** Of every call: the signature's, the client's own, and the name of the operation that SDKs add. */
const COMMON_HEADERS = [
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amz-sdk-checksum-algorithm',
];
const COMMON_QUERY = ['x-id'];
const PRESIGNED_QUERY = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
  'X-Amz-Content-Sha256',
  // The SDK's signer moves it there; whoever follows a link reads the whole object anyway.
  'x-amz-checksum-mode',
];

/** Headers that change what an operation does, beside those in `x-amz-`. */
const MEANINGFUL_HEADERS = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'range',
  'content-encoding',
  'content-disposition',
  'cache-control',
  'expires',
];

/** Browsers say it of their own accord, and S3 does not look at it in a PUT. */
const IDLE_CACHE_CONTROL = ['no-cache', 'max-age=0'];

export interface Expected {
  readonly headers?: readonly string[];
  readonly query?: readonly string[];
}

/** @throws AwsError `NotImplemented` 501 where the call asks for something that is not among what is expected */
export const refuseUnknown = (call: AwsCall, expected: Expected = {}): void => {
  const headers = [...COMMON_HEADERS, ...(expected.headers ?? [])];
  const isMeaningful = (name: string): boolean => name.startsWith('x-amz-') || MEANINGFUL_HEADERS.includes(name);
  const isIdle = (name: string): boolean =>
    name === 'cache-control' && IDLE_CACHE_CONTROL.includes(call.headers['cache-control'] ?? '');
  const header = Object.keys(call.headers).find(
    (name) => isMeaningful(name) && !isIdle(name) && !headers.includes(name),
  );
  if (header !== undefined) throw notImplemented(`header ${header}`);
  const names = [...COMMON_QUERY, ...(call.isPresigned ? PRESIGNED_QUERY : []), ...(expected.query ?? [])];
  const parameter = [...call.query.keys()].find((name) => !names.includes(name));
  if (parameter !== undefined) throw notImplemented(`parameter ${parameter}`);
};

export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `A ${what} implies functionality that the local cloud does not have.`, 501);
