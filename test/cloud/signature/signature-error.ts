import { AwsError } from '../contract.ts';

/** What can be wrong with a signature. */
export type SignatureFault =
  | 'missing'
  | 'incomplete'
  | 'unknown_key'
  | 'wrong_token'
  | 'expired_token'
  | 'mismatch'
  | 'expired_link'
  | 'wrong_time'
  | 'wrong_payload'
  | 'unsigned_header';

/** S3 and STS have words of their own for it; a service of JSON protocols throws `...Exception`. */
const CODES: Readonly<Record<SignatureFault, { readonly json: string; readonly sts: string; readonly s3: string }>> = {
  missing: { json: 'MissingAuthenticationTokenException', sts: 'MissingAuthenticationToken', s3: 'AccessDenied' },
  incomplete: { json: 'IncompleteSignatureException', sts: 'IncompleteSignature', s3: 'AuthorizationHeaderMalformed' },
  unknown_key: { json: 'UnrecognizedClientException', sts: 'InvalidClientTokenId', s3: 'InvalidAccessKeyId' },
  wrong_token: { json: 'UnrecognizedClientException', sts: 'InvalidClientTokenId', s3: 'InvalidToken' },
  expired_token: { json: 'ExpiredTokenException', sts: 'ExpiredToken', s3: 'ExpiredToken' },
  mismatch: { json: 'InvalidSignatureException', sts: 'SignatureDoesNotMatch', s3: 'SignatureDoesNotMatch' },
  expired_link: { json: 'InvalidSignatureException', sts: 'SignatureDoesNotMatch', s3: 'AccessDenied' },
  wrong_time: { json: 'InvalidSignatureException', sts: 'SignatureDoesNotMatch', s3: 'RequestTimeTooSkewed' },
  wrong_payload: {
    json: 'InvalidSignatureException',
    sts: 'SignatureDoesNotMatch',
    s3: 'XAmzContentSHA256Mismatch',
  },
  unsigned_header: { json: 'InvalidSignatureException', sts: 'SignatureDoesNotMatch', s3: 'AccessDenied' },
};

/** @param service of the signature's scope; empty where there is none */
export const signatureError = (fault: SignatureFault, service: string, message: string): AwsError => {
  const codes = CODES[fault];
  const code = service === 's3' ? codes.s3 : service === 'sts' ? codes.sts : codes.json;
  return new AwsError(code, message, fault === 'incomplete' || fault === 'wrong_payload' ? 400 : 403);
};
