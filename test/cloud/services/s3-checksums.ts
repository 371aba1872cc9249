import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../contract.ts';

const digest = (algorithm: string, body: Uint8Array): string => createHash(algorithm).update(body).digest('base64');

/** By the header that carries them. */
const CHECKSUMS: Readonly<Record<string, (body: Uint8Array) => string>> = {
  'x-amz-checksum-sha256': (body) => digest('sha256', body),
  'x-amz-checksum-sha1': (body) => digest('sha1', body),
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
};

export const CHECKSUM_HEADERS: readonly string[] = Object.keys(CHECKSUMS);

type Headers = Readonly<Record<string, string>>;

/**
 * Holds a body against all that its headers say of it.
 * @returns the `x-amz-checksum-` headers that hold, for the answer
 * @throws AwsError `MissingContentLength`, `IncompleteBody`, `BadDigest`, `XAmzContentSHA256Mismatch`
 */
export const verifyBody = (headers: Headers, body: Uint8Array): Headers => {
  const length = headers['content-length'];
  if (length === undefined) throw new AwsError('MissingContentLength', 'You must provide Content-Length.', 411);
  if (Number(length) !== body.length) {
    throw new AwsError('IncompleteBody', `Content-Length says ${length} bytes, ${body.length} came.`);
  }
  const signed = headers['x-amz-content-sha256'];
  if (signed !== undefined && /^[0-9a-f]{64}$/.test(signed)) {
    const actual = createHash('sha256').update(body).digest('hex');
    if (actual !== signed) throw new AwsError('XAmzContentSHA256Mismatch', 'The body is not the one that was signed.');
  }
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== digest('md5', body)) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const given = Object.entries(CHECKSUMS).filter(([header]) => headers[header] !== undefined);
  if (given.length > 1) throw new AwsError('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  for (const [header, checksum] of given) {
    if (headers[header] !== checksum(body)) {
      throw new AwsError('BadDigest', `The ${header} you specified did not match the calculated checksum.`);
    }
  }
  return Object.fromEntries(given.map(([header]) => [header, headers[header] ?? '']));
};
