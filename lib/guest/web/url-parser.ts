import { percentEncode } from './percent.ts';
import { parseHost } from './url-host.ts';
import {
  cannotHaveCredentials,
  defaultPorts,
  isNormalizedWindowsLetter,
  isSpecial,
  isWindowsLetter,
  setQuery,
  shortenPath,
  type UrlRecord,
} from './url-record.ts';

/** The states of https://url.spec.whatwg.org/#url-parsing that remain: each one reads a whole part at once. */
export type Override = 'scheme' | 'host' | 'hostname' | 'port' | 'path';

const surroundings = /^[\0-\x20]+|[\0-\x20]+$/g;

const emptyUrl = (): UrlRecord => ({
  scheme: '',
  username: '',
  password: '',
  host: null,
  port: null,
  path: [],
  query: null,
  fragment: null,
});

/** `undefined`: not a URL. */
export function parseUrl(text: string, base?: UrlRecord): UrlRecord | undefined {
  const input = text.replace(surroundings, '').replace(/[\t\n\r]/g, '');
  const url = emptyUrl();
  const hash = input.indexOf('#');
  const body = hash < 0 ? input : input.slice(0, hash);
  // Against an opaque path only a fragment is relative.
  if (typeof base?.path === 'string' && body === '' && hash < 0) return undefined;
  if (!parseBody(url, body, base)) return undefined;
  if (hash >= 0) url.fragment = percentEncode(input.slice(hash + 1), 'fragment');
  return url;
}

function parseBody(url: UrlRecord, body: string, base: UrlRecord | undefined): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(body)?.[1];
  if (scheme === undefined) return base !== undefined && parseRelative(url, body, base);
  url.scheme = scheme.toLowerCase();
  const rest = body.slice(scheme.length + 1);
  if (url.scheme === 'file') return parseFile(url, rest, base?.scheme === 'file' ? base : undefined);
  if (isSpecial(url)) {
    if (base?.scheme === url.scheme && !rest.startsWith('//')) return parseSpecialRelative(url, rest, base);
    return parseAuthority(url, rest.replace(/^[/\\]+/, ''));
  }
  if (rest.startsWith('//')) return parseAuthority(url, rest.slice(2));
  if (rest.startsWith('/')) return parsePathAndQuery(url, rest);
  const [path, query] = cutQuery(rest);
  url.path = encodeOpaquePath(path);
  setQuery(url, query);
  return true;
}

/** Spaces at the end of an opaque path would be lost when the text is parsed again. */
const encodeOpaquePath = (path: string): string => percentEncode(path, 'control').replace(/ $/, '%20');

function cutQuery(text: string): [string, string | null] {
  const mark = text.indexOf('?');
  return mark < 0 ? [text, null] : [text.slice(0, mark), text.slice(mark + 1)];
}

function parseRelative(url: UrlRecord, body: string, base: UrlRecord): boolean {
  if (typeof base.path === 'string') {
    if (body !== '') return false;
    Object.assign(url, base, { fragment: null });
    return true;
  }
  url.scheme = base.scheme;
  return base.scheme === 'file' ? parseFile(url, body, base) : parseSpecialRelative(url, body, base);
}

function parseSpecialRelative(url: UrlRecord, rest: string, base: UrlRecord): boolean {
  const slashes = isSpecial(url) ? /^[/\\]/ : /^\//;
  if (slashes.test(rest) && slashes.test(rest.slice(1))) {
    return parseAuthority(url, isSpecial(url) ? rest.replace(/^[/\\]+/, '') : rest.slice(2));
  }
  const { username, password, host, port } = base;
  Object.assign(url, { username, password, host, port });
  if (slashes.test(rest)) return parsePathAndQuery(url, rest);
  continueFrom(url, rest, base);
  return true;
}

/** `rest` begins with a path segment, a query or nothing, and the base's path stands before it. */
function continueFrom(url: UrlRecord, rest: string, base: UrlRecord): void {
  url.path = [...base.path];
  url.query = base.query;
  if (rest === '') return;
  const [path, query] = cutQuery(rest);
  if (path !== '') {
    shortenPath(url);
    parsePath(url, path);
  }
  setQuery(url, query);
}

function parseFile(url: UrlRecord, rest: string, base: UrlRecord | undefined): boolean {
  url.host = '';
  if (/^[/\\]{2}/.test(rest)) return parseFileHost(url, rest.slice(2));
  const startsWithDrive = /^[a-z][:|](?=[/\\?]|$)/i.test(rest.replace(/^[/\\]/, ''));
  if (/^[/\\]/.test(rest)) {
    if (base !== undefined) {
      url.host = base.host;
      if (!startsWithDrive && isNormalizedWindowsLetter(base.path[0])) url.path = [base.path[0] as string];
    }
    return parsePathAndQuery(url, rest);
  }
  if (base === undefined) return parsePathAndQuery(url, rest);
  url.host = base.host;
  if (!startsWithDrive) {
    continueFrom(url, rest, base);
    return true;
  }
  return parsePathAndQuery(url, rest);
}

function parseFileHost(url: UrlRecord, rest: string): boolean {
  const end = rest.search(/[/\\?]/);
  const name = end < 0 ? rest : rest.slice(0, end);
  // `file://C:/x`: a drive and no host.
  if (isWindowsLetter(name)) return parsePathAndQuery(url, rest);
  const host = name === '' ? '' : parseHost(name, true);
  if (host === undefined) return false;
  url.host = host === 'localhost' ? '' : host;
  return parsePathAndQuery(url, end < 0 ? '' : rest.slice(end));
}

function parseAuthority(url: UrlRecord, rest: string): boolean {
  const end = rest.search(isSpecial(url) ? /[/\\?]/ : /[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const credentials = authority.slice(0, at);
    const colon = credentials.indexOf(':');
    url.username = percentEncode(colon < 0 ? credentials : credentials.slice(0, colon), 'userinfo');
    url.password = colon < 0 ? '' : percentEncode(credentials.slice(colon + 1), 'userinfo');
  }
  const place = authority.slice(at + 1);
  const colon = findPortColon(place);
  const name = colon < 0 ? place : place.slice(0, colon);
  // Credentials or a port need a host; a special URL needs one always.
  if (name === '' && (isSpecial(url) || at >= 0 || colon >= 0)) return false;
  const host = name === '' ? '' : parseHost(name, isSpecial(url));
  if (host === undefined) return false;
  url.host = host;
  if (colon >= 0 && !parsePort(url, place.slice(colon + 1))) return false;
  return parsePathAndQuery(url, end < 0 ? '' : rest.slice(end));
}

/** The first colon that stands outside the brackets of an IPv6 address. */
function findPortColon(place: string): number {
  let isInBrackets = false;
  for (let at = 0; at < place.length; at++) {
    const character = place.charAt(at);
    if (character === '[') isInBrackets = true;
    else if (character === ']') isInBrackets = false;
    else if (character === ':' && !isInBrackets) return at;
  }
  return -1;
}

function parsePort(url: UrlRecord, text: string): boolean {
  if (text === '') return true;
  if (!/^\d+$/.test(text) || Number(text) > 65_535) return false;
  url.port = Number(text) === defaultPorts[url.scheme] ? null : Number(text);
  return true;
}

function parsePathAndQuery(url: UrlRecord, rest: string): boolean {
  const [path, query] = cutQuery(rest);
  if (isSpecial(url) || path !== '') parsePath(url, path.replace(isSpecial(url) ? /^[/\\]/ : /^\//, ''));
  setQuery(url, query);
  return true;
}

/** Adds the segments of `text`, which stand after the slash, to the path. */
export function parsePath(url: UrlRecord, text: string): void {
  const path = url.path as string[];
  const segments = text.split(isSpecial(url) ? /[/\\]/ : '/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const plain = segment.replace(/%2e/gi, '.');
    if (plain === '..') {
      shortenPath(url);
      if (isLast) path.push('');
    } else if (plain === '.') {
      if (isLast) path.push('');
    } else if (url.scheme === 'file' && path.length === 0 && isWindowsLetter(segment)) {
      path.push(`${segment.charAt(0)}:`);
    } else path.push(percentEncode(segment, 'path'));
  }
}

/** What a setter does with one part: the parser with a state override. A part that cannot be set leaves the URL as it is. */
export function setPart(url: UrlRecord, part: Override, value: string): void {
  const input = value.replace(/[\t\n\r]/g, '');
  switch (part) {
    case 'scheme':
      setScheme(url, input);
      return;
    case 'host':
    case 'hostname':
      setHost(url, input, part === 'host');
      return;
    case 'port': {
      const digits = /^\d+/.exec(input)?.[0];
      if (digits !== undefined) parsePort(url, digits);
      return;
    }
    case 'path': {
      url.path = [];
      const slash = isSpecial(url) ? /^[/\\]/ : /^\//;
      if (isSpecial(url) || input !== '') {
        // Here a question mark or a hash is part of the path.
        parsePath(url, input.replace(slash, ''));
        url.path = url.path.map((segment) => segment.replaceAll('?', '%3F').replaceAll('#', '%23'));
      } else if (url.host === null) url.path.push('');
      return;
    }
  }
}

function setScheme(url: UrlRecord, input: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*)(:|$)/i.exec(input)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme in defaultPorts !== isSpecial(url)) return;
  const hasCredentials = url.username !== '' || url.password !== '' || url.port !== null;
  if ((hasCredentials && scheme === 'file') || (url.scheme === 'file' && url.host === '')) return;
  url.scheme = scheme;
  if (url.port === defaultPorts[scheme]) url.port = null;
}

function setHost(url: UrlRecord, input: string, mayHavePort: boolean): void {
  const end = input.search(isSpecial(url) ? /[/\\?#]/ : /[/?#]/);
  const place = end < 0 ? input : input.slice(0, end);
  const colon = url.scheme === 'file' ? -1 : findPortColon(place);
  // `hostname` takes no port: a colon makes the whole value void.
  if (colon >= 0 && (!mayHavePort || colon === 0)) return;
  const name = colon < 0 ? place : place.slice(0, colon);
  if (name === '' && url.scheme !== 'file' && (isSpecial(url) || !cannotHaveCredentialsNow(url))) return;
  const host = name === '' ? '' : parseHost(name, isSpecial(url));
  if (host === undefined) return;
  url.host = url.scheme === 'file' && host === 'localhost' ? '' : host;
  const digits = colon < 0 ? undefined : /^\d+/.exec(place.slice(colon + 1))?.[0];
  if (digits !== undefined) parsePort(url, digits);
}

const cannotHaveCredentialsNow = (url: UrlRecord): boolean =>
  cannotHaveCredentials(url) || (url.username === '' && url.password === '' && url.port === null);
