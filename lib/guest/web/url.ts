import { percentEncode } from './percent.ts';
import { type Override, parseUrl, setPart } from './url-parser.ts';
import {
  cannotHaveCredentials,
  serializeOrigin,
  serializePath,
  serializeUrl,
  setQuery,
  type UrlRecord,
} from './url-record.ts';
import { bindSearchParams, refillSearchParams, type URLSearchParams } from './url-search-params.ts';

const wellFormed = (value: unknown): string => `${value}`.toWellFormed();

function parse(input: unknown, base: unknown): UrlRecord | undefined {
  const baseUrl = base === undefined ? undefined : parseUrl(wellFormed(base));
  if (base !== undefined && baseUrl === undefined) return undefined;
  return parseUrl(wellFormed(input), baseUrl);
}

/** https://url.spec.whatwg.org/#url-class */
export class URL {
  #url: UrlRecord;
  #params: URLSearchParams | undefined;

  constructor(input: unknown, base?: unknown) {
    const url = parse(input, base);
    if (url === undefined) {
      throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: `${input}` });
    }
    this.#url = url;
  }

  static canParse(input: unknown, base?: unknown): boolean {
    return parse(input, base) !== undefined;
  }

  static parse(input: unknown, base?: unknown): URL | null {
    return URL.canParse(input, base) ? new URL(input, base) : null;
  }

  get href(): string {
    return serializeUrl(this.#url);
  }

  set href(value: string) {
    const url = parseUrl(wellFormed(value));
    if (url === undefined) throw new TypeError('Invalid URL');
    this.#url = url;
    this.#refillParams();
  }

  get origin(): string {
    if (this.#url.scheme === 'blob') {
      const inner = parseUrl(serializePath(this.#url));
      return inner !== undefined && /^https?$/.test(inner.scheme) ? serializeOrigin(inner) : 'null';
    }
    return serializeOrigin(this.#url);
  }

  get protocol(): string {
    return `${this.#url.scheme}:`;
  }

  set protocol(value: string) {
    this.#set('scheme', value);
  }

  get username(): string {
    return this.#url.username;
  }

  set username(value: string) {
    if (!cannotHaveCredentials(this.#url)) this.#url.username = percentEncode(wellFormed(value), 'userinfo');
  }

  get password(): string {
    return this.#url.password;
  }

  set password(value: string) {
    if (!cannotHaveCredentials(this.#url)) this.#url.password = percentEncode(wellFormed(value), 'userinfo');
  }

  get host(): string {
    const { host, port } = this.#url;
    return host === null ? '' : `${host}${port === null ? '' : `:${port}`}`;
  }

  set host(value: string) {
    if (typeof this.#url.path !== 'string') this.#set('host', value);
  }

  get hostname(): string {
    return this.#url.host ?? '';
  }

  set hostname(value: string) {
    if (typeof this.#url.path !== 'string') this.#set('hostname', value);
  }

  get port(): string {
    return this.#url.port === null ? '' : `${this.#url.port}`;
  }

  set port(value: string) {
    if (cannotHaveCredentials(this.#url)) return;
    if (`${value}` === '') this.#url.port = null;
    else this.#set('port', value);
  }

  get pathname(): string {
    return serializePath(this.#url);
  }

  set pathname(value: string) {
    if (typeof this.#url.path !== 'string') this.#set('path', value);
  }

  get search(): string {
    const { query } = this.#url;
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(value: string) {
    const query = wellFormed(value);
    setQuery(this.#url, query === '' ? null : query.replace(/^\?/, '').replace(/[\t\n\r]/g, ''));
    this.#refillParams();
  }

  get searchParams(): URLSearchParams {
    this.#params ??= bindSearchParams(this.#url.query ?? '', (query) => {
      this.#url.query = query === '' ? null : query;
    });
    return this.#params;
  }

  get hash(): string {
    const { fragment } = this.#url;
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(value: string) {
    const hash = wellFormed(value);
    const fragment = hash.replace(/^#/, '').replace(/[\t\n\r]/g, '');
    this.#url.fragment = hash === '' ? null : percentEncode(fragment, 'fragment');
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }

  #set(part: Override, value: unknown): void {
    setPart(this.#url, part, wellFormed(value));
  }

  #refillParams(): void {
    if (this.#params !== undefined) refillSearchParams(this.#params, this.#url.query ?? '');
  }

  get [Symbol.toStringTag](): string {
    return 'URL';
  }
}
