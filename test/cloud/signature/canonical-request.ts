/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without query. */
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The text that a version 4 signature is made of, from the specification and not from the clients' code: both are held
 * against each other.
 *
 * @param params.signedHeaders in the order in which the signature names them
 */
export const canonicalRequest = (
  request: WireRequest,
  params: { readonly service: string; readonly signedHeaders: readonly string[]; readonly payloadHash: string },
): string =>
  [
    request.method,
    canonicalPath(request.path, params.service),
    canonicalQuery(request.query),
    ...params.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name] ?? '')}`),
    '',
    params.signedHeaders.join(';'),
    params.payloadHash,
  ].join('\n');

/** Names and values, decoded. */
export const parseQuery = (query: string): readonly (readonly [string, string])[] =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });

/** An object may be called `a//../b`, so S3 takes a path as it is. Elsewhere the path is signed encoded once more. */
const canonicalPath = (path: string, service: string): string => {
  const segments = path.split('/');
  if (service === 's3') return segments.map((segment) => encode(decodeURIComponent(segment))).join('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(encode(segment));
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

const canonicalQuery = (query: string): string =>
  parseQuery(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted(byBytes)
    .join('&');

/** `=` sorts behind letters and digits, which must not count: names come first. */
const byBytes = (one: string, other: string): number => {
  const [a, b] = [one.replace('=', '\0'), other.replace('=', '\0')];
  return a < b ? -1 : a > b ? 1 : 0;
};

const canonicalHeader = (value: string): string => value.trim().replaceAll(/ +/g, ' ');

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/** All but letters, digits and `-._~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
