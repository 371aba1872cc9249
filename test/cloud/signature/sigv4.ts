import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalRequest, parseQuery, type WireRequest } from './canonical-request.ts';
import { signatureError } from './signature-error.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** How far the clock of a caller may be off. */
const SKEW_MS = 15 * 60_000;
const LONGEST_LINK_S = 7 * 86_400;

/** An access key as whoever verifies knows it. */
export interface AccessKey {
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch ms; absent: for ever. */
  readonly expiresAt?: number;
}

/** What a request says about its signature, not yet believed. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `<day>/<region>/<service>/aws4_request` */
  readonly scope: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261101T120000Z` */
  readonly time: string;
  readonly sessionToken: string;
  readonly isPresigned: boolean;
  /** Of a link. */
  readonly expiresS?: number;
}

/** @throws AwsError where there is no signature, or half of one */
export const readClaim = ({ headers, query }: WireRequest): SignatureClaim => {
  const { authorization } = headers;
  const parameters = new Map(parseQuery(query));
  if (authorization === undefined && !parameters.has('X-Amz-Signature')) {
    throw signatureError('missing', likelyService(headers), 'The request is not signed.');
  }
  const isPresigned = authorization === undefined;
  const [algorithm, fields] =
    authorization === undefined
      ? [parameters.get('X-Amz-Algorithm'), new Map([...parameters].map(([name, value]) => [nameOf(name), value]))]
      : parseAuthorization(authorization);
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === '') throw incomplete(`${name} is missing`);
    return value;
  };
  if (algorithm !== ALGORITHM) throw incomplete(`the algorithm ${algorithm} is not known`);
  const [accessKeyId = '', day, region = '', service = '', end, ...more] = field('Credential').split('/');
  if (end !== 'aws4_request' || more.length > 0) throw incomplete('not a credential scope');
  const time = isPresigned ? field('Date') : (headers['x-amz-date'] ?? '');
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(`${day}T`)) throw incomplete('the day is not that of the scope');
  return {
    accessKeyId,
    scope: `${day}/${region}/${service}/${end}`,
    region,
    service,
    signedHeaders: field('SignedHeaders').split(';'),
    signature: field('Signature'),
    time,
    sessionToken: (isPresigned ? fields.get('Security-Token') : headers['x-amz-security-token']) ?? '',
    isPresigned,
    ...(isPresigned && { expiresS: Number(field('Expires')) }),
  };
};

/** Whom a request is for whose signature cannot be read: S3 is the one without a target and without a form. */
export const likelyService = (headers: WireRequest['headers']): string =>
  headers['x-amz-target'] === undefined && headers['content-type']?.startsWith('application/x-www-form') !== true
    ? 's3'
    : '';

/**
 * Holds a request against its signature: key, token, time, what must be signed, payload, and the signature itself.
 *
 * @param params.now epoch ms
 * @throws AwsError in the words of the service that the signature names
 */
export const verifySignature = (
  request: WireRequest,
  claim: SignatureClaim,
  params: { readonly key: AccessKey | undefined; readonly region: string; readonly now: number },
): void => {
  const { key, now } = params;
  const { service } = claim;
  const signedAt = Date.parse(claim.time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (key === undefined) throw signatureError('unknown_key', service, 'The access key is not known.');
  if (key.sessionToken !== claim.sessionToken) {
    throw signatureError('wrong_token', service, 'The security token does not belong to the access key.');
  }
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    throw signatureError('expired_token', service, 'The security token has expired.');
  }
  if (claim.region !== params.region) throw signatureError('mismatch', service, `Signed for region ${claim.region}.`);
  verifyTime(claim, signedAt, now);
  verifySignedHeaders(request, claim);
  const canonical = canonicalRequest(request, { ...claim, payloadHash: verifiedPayloadHash(request, claim) });
  const expected = ['aws4_request', service, claim.region, claim.scope.slice(0, 8)].reduceRight<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  const text = [ALGORITHM, claim.time, claim.scope, sha256(canonical)].join('\n');
  if (!isSame(hmac(expected, text).toString('hex'), claim.signature)) {
    throw signatureError('mismatch', service, `The signature does not match this request:\n${canonical}`);
  }
};

const verifyTime = ({ service, expiresS }: SignatureClaim, signedAt: number, now: number): void => {
  if (expiresS === undefined) {
    if (Math.abs(now - signedAt) > SKEW_MS)
      throw signatureError('wrong_time', service, 'The signature is too old or new.');
    return;
  }
  if (!Number.isInteger(expiresS) || expiresS < 1 || expiresS > LONGEST_LINK_S) {
    throw incomplete(`a link is for 1 s to ${LONGEST_LINK_S} s`);
  }
  if (signedAt > now + SKEW_MS) throw signatureError('expired_link', service, 'Request is not yet valid');
  if (now >= signedAt + expiresS * 1_000) throw signatureError('expired_link', service, 'Request has expired');
};

/** Whoever relays a request could add or change whatever is not signed: the host and all that says `x-amz` must be. */
const verifySignedHeaders = ({ headers }: WireRequest, { signedHeaders, service }: SignatureClaim): void => {
  const unsigned = Object.keys(headers)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .find((name) => !signedHeaders.includes(name));
  if (unsigned !== undefined) {
    throw signatureError('unsigned_header', service, `The header ${unsigned} is present and not signed.`);
  }
  const missing = signedHeaders.find((name) => headers[name] === undefined);
  if (missing !== undefined) throw signatureError('mismatch', service, `The signed header ${missing} is missing.`);
};

const verifiedPayloadHash = ({ headers, body }: WireRequest, { service, isPresigned }: SignatureClaim): string => {
  const claimed = headers['x-amz-content-sha256'];
  if (service === 's3') {
    if (isPresigned && claimed === undefined) return UNSIGNED_PAYLOAD;
    if (claimed === UNSIGNED_PAYLOAD) return claimed;
    // Signatures of single chunks are not known here: a body in chunks does not pass.
    if (claimed === undefined) throw signatureError('wrong_payload', service, 'x-amz-content-sha256 is missing.');
  }
  const hash = sha256(body);
  if (claimed !== undefined && claimed !== hash) {
    throw signatureError('wrong_payload', service, `The payload is not the one that was signed, or ${claimed}.`);
  }
  return hash;
};

/** `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...` */
const parseAuthorization = (text: string): readonly [string, ReadonlyMap<string, string>] => {
  const at = text.indexOf(' ');
  const fields = text
    .slice(at + 1)
    .split(',')
    .map((field) => field.trim().split('='));
  return [text.slice(0, at), new Map(fields.map(([name = '', value = '']) => [name, value]))];
};

const nameOf = (parameter: string): string => parameter.replace(/^X-Amz-/, '');

const incomplete = (what: string): Error => signatureError('incomplete', '', `The signature is incomplete: ${what}.`);

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
