import { percentEncode } from './percent.ts';

/** https://url.spec.whatwg.org/#concept-url. The host is in its serialized form. */
export interface UrlRecord {
  scheme: string;
  username: string;
  password: string;
  host: string | null;
  port: number | null;
  /** One text where the path is opaque (`data:`, `mailto:`). */
  path: string[] | string;
  query: string | null;
  fragment: string | null;
}

export const defaultPorts: Readonly<Record<string, number | null>> = {
  __proto__: null as never,
  ftp: 21,
  file: null,
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
};

export const isSpecial = (url: UrlRecord): boolean => url.scheme in defaultPorts;

export const serializePath = (url: UrlRecord): string =>
  typeof url.path === 'string' ? url.path : url.path.map((segment) => `/${segment}`).join('');

export function serializeUrl(url: UrlRecord): string {
  let text = `${url.scheme}:`;
  if (url.host !== null) {
    text += '//';
    if (url.username !== '' || url.password !== '') {
      text += `${url.username}${url.password === '' ? '' : `:${url.password}`}@`;
    }
    text += url.host + (url.port === null ? '' : `:${url.port}`);
  } else if (typeof url.path !== 'string' && url.path.length > 1 && url.path[0] === '') text += '/.';
  text += serializePath(url);
  if (url.query !== null) text += `?${url.query}`;
  if (url.fragment !== null) text += `#${url.fragment}`;
  return text;
}

export function serializeOrigin(url: UrlRecord): string {
  if (url.scheme === 'blob' && typeof url.path === 'string') return 'null';
  if (!isSpecial(url) || url.scheme === 'file') return 'null';
  return `${url.scheme}://${url.host}${url.port === null ? '' : `:${url.port}`}`;
}

export const cannotHaveCredentials = (url: UrlRecord): boolean =>
  url.host === null || url.host === '' || url.scheme === 'file';

export function setQuery(url: UrlRecord, query: string | null): void {
  url.query = query === null ? null : percentEncode(query, isSpecial(url) ? 'specialQuery' : 'query');
}

export const isWindowsLetter = (text: string): boolean => /^[a-z][:|]$/i.test(text);
export const isNormalizedWindowsLetter = (text: string | undefined): boolean =>
  text !== undefined && /^[a-z]:$/i.test(text);

export function shortenPath(url: UrlRecord): void {
  const path = url.path as string[];
  if (url.scheme === 'file' && path.length === 1 && isNormalizedWindowsLetter(path[0])) return;
  path.pop();
}
