import { BindingError } from '../binding-error.ts';

/** By the code of the error, since its message names addresses. */
const REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection was closed'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'the connection took too long'],
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'the name could not be resolved'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'the host cannot be reached'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'the headers of the answer are too large'],
  [/^(HPE_\w+|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/, 'the answer is not valid HTTP'],
  [/^(Z_|ERR__ERROR|ERR_BROTLI|BROTLI)/, 'the answer could not be unpacked'],
  [/CERT|^ERR_TLS|^DEPTH_ZERO|^UNABLE_TO|^ERR_SSL|^EPROTO$/, 'no secure connection could be made'],
];

/** What the tenant reads of a request that the network failed. */
export const networkFailure = (error: unknown, host: string): BindingError => {
  const code = codeOf(error);
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'the connection failed';
  return new BindingError(`fetch to ${host} failed: ${reason}`);
};

const codeOf = (error: unknown): string => {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  // undici's parser leaves out the code where the very first bytes are no HTTP.
  if (typeof code !== 'string') return name === 'HTTPParserError' ? 'HPE_INVALID' : '';
  return code;
};
