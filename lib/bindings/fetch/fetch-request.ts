import { showValue } from '../../core/durations.ts';

/** What the guest's `fetch` sends, checked: it comes from tenant code. */
export interface FetchRequest {
  readonly url: URL;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
  readonly redirect: 'follow' | 'manual' | 'error';
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_HEADER_VALUE = /[\0\r\n\u0100-\uffff]/;
const REFUSED_METHODS = ['CONNECT', 'TRACE', 'TRACK'];

/** Those that concern the connection, which is ours. `host` would also decide whose certificate is asked for. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @throws TypeError as `fetch` itself would */
export const readFetchRequest = (call: unknown, maxBodyBytes: number): FetchRequest => {
  if (typeof call !== 'object' || call === null) throw new TypeError('fetch takes one request');
  const { url, method, headers, body, redirect } = call as Readonly<Record<string, unknown>>;
  const request = {
    url: readUrl(url),
    method: readMethod(method),
    headers: readHeaders(headers),
    body: readBody(body, maxBodyBytes),
    redirect: readRedirect(redirect),
  };
  if (request.body !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
    throw new TypeError('A request of method GET or HEAD cannot have a body');
  }
  return request;
};

/** @throws TypeError */
export const readUrl = (value: unknown, base?: URL): URL => {
  const url = typeof value === 'string' ? URL.parse(value, base?.href) : null;
  if (url === null) throw new TypeError(`${showValue(value)} is no URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`fetch reaches URLs of http and https, not of ${url.protocol.slice(0, -1)}`);
  }
  if (url.username !== '' || url.password !== '') throw new TypeError('A URL with credentials cannot be fetched');
  url.hash = '';
  return url;
};

const readMethod = (value: unknown): string => {
  if (typeof value !== 'string' || !TOKEN.test(value)) throw new TypeError(`${showValue(value)} is no method`);
  if (REFUSED_METHODS.includes(value.toUpperCase())) throw new TypeError(`fetch does not send ${value}`);
  return value;
};

const readHeaders = (value: unknown): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>();
  if (value === undefined) return headers;
  if (!Array.isArray(value)) throw new TypeError('The headers of a request are a list of pairs');
  for (const pair of value as readonly unknown[]) {
    const [name, text] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof name !== 'string' || !TOKEN.test(name)) throw new TypeError(`${showValue(name)} is no name of a header`);
    if (typeof text !== 'string' || NO_HEADER_VALUE.test(text)) {
      throw new TypeError(`The header ${showValue(name)} has a value that cannot be sent`);
    }
    const key = name.toLowerCase();
    if (CONNECTION_HEADERS.has(key) || key.startsWith('proxy-')) continue;
    const before = headers.get(key);
    headers.set(key, before === undefined ? text : `${before}${key === 'cookie' ? '; ' : ', '}${text}`);
  }
  return headers;
};

const readBody = (value: unknown, maxBytes: number): Uint8Array | undefined => {
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Uint8Array)) throw new TypeError('The body of a request is bytes');
  if (value.byteLength > maxBytes) {
    throw new TypeError(`The body of the request has ${value.byteLength} bytes; ${maxBytes} is the limit`);
  }
  return value;
};

const readRedirect = (value: unknown): FetchRequest['redirect'] => {
  if (value === undefined) return 'follow';
  if (value === 'follow' || value === 'manual' || value === 'error') return value;
  throw new TypeError(`${showValue(value)} is no redirect mode: follow, manual and error are`);
};
