import { AbortController, AbortSignal } from './abort.ts';
import { Body, type ExtractedBody, extractBody } from './body.ts';
import { registerCloner } from './clone-registry.ts';
import { guardedHeaders, type Headers } from './headers.ts';
import { URL } from './url.ts';

export type RedirectMode = 'follow' | 'error' | 'manual';

export interface RequestInit {
  method?: string;
  headers?: unknown;
  body?: unknown;
  redirect?: RedirectMode;
  signal?: AbortSignal | null;
  duplex?: string;
  /** Taken and shown, without effect: there is no page, no cookie store and no cache here. */
  mode?: string;
  credentials?: string;
  cache?: string;
  referrer?: string;
  referrerPolicy?: string;
  integrity?: string;
  keepalive?: boolean;
}

/** Methods that are written in capitals however they come. */
const normalizedMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

function checkedMethod(value: unknown): string {
  const method = `${value}`;
  const upper = method.toUpperCase();
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
  if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
  return normalizedMethods.includes(upper) ? upper : method;
}

function checkedUrl(input: unknown): string {
  const url = URL.parse(input);
  if (url === null) throw new TypeError(`Failed to parse URL from ${input}`);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`A request cannot be made of a URL with credentials: ${url.host}`);
  }
  return url.href;
}

function checkedRedirect(value: unknown): RedirectMode {
  if (value === 'follow' || value === 'error' || value === 'manual') return value;
  throw new TypeError(`'${value}' is no redirect mode; follow, error and manual are.`);
}

export let collectBody: (request: Request) => Promise<Uint8Array | undefined>;

/** https://fetch.spec.whatwg.org/#request-class */
export class Request extends Body {
  readonly #url: string;
  readonly #method: string;
  readonly #headers: Headers;
  readonly #redirect: RedirectMode;
  readonly #signal: AbortSignal;
  readonly #shown: Readonly<
    Pick<RequestInit, 'mode' | 'credentials' | 'cache' | 'referrer' | 'keepalive' | 'integrity'>
  >;

  static {
    collectBody = (request) => request.collect();
  }

  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof Request ? input : undefined;
    const options = init ?? {};
    const url = from === undefined ? checkedUrl(input) : from.#url;
    const method =
      options.method === undefined ? (from === undefined ? 'GET' : from.#method) : checkedMethod(options.method);
    const hasOwnBody = options.body !== undefined && options.body !== null;
    if (hasOwnBody && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    const body: ExtractedBody = hasOwnBody
      ? extractBody(options.body)
      : { source: from?.take() ?? { kind: 'none' }, type: null };
    if (hasOwnBody && body.source.kind === 'stream' && options.duplex !== 'half') {
      throw new TypeError("RequestInit: duplex option is required when sending a body, as 'half'.");
    }
    super(body.source);
    this.#url = url;
    this.#method = method;
    this.#redirect =
      options.redirect === undefined
        ? from === undefined
          ? 'follow'
          : from.#redirect
        : checkedRedirect(options.redirect);
    this.#headers = guardedHeaders(options.headers ?? from?.headers, 'none');
    if (body.type !== null && !this.#headers.has('content-type')) this.#headers.set('content-type', body.type);
    const signal = options.signal === undefined ? from?.signal : options.signal;
    if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
      throw new TypeError('The signal of a request is an AbortSignal.');
    }
    this.#signal = signal instanceof AbortSignal ? AbortSignal.any([signal]) : new AbortController().signal;
    this.#shown = { ...(from === undefined ? {} : from.#shown), ...options };
  }

  get url(): string {
    return this.#url;
  }

  get method(): string {
    return this.#method;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get redirect(): RedirectMode {
    return this.#redirect;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  get mode(): string {
    return `${this.#shown.mode ?? 'cors'}`;
  }

  get credentials(): string {
    return `${this.#shown.credentials ?? 'same-origin'}`;
  }

  get cache(): string {
    return `${this.#shown.cache ?? 'default'}`;
  }

  get referrer(): string {
    return `${this.#shown.referrer ?? 'about:client'}`;
  }

  get integrity(): string {
    return `${this.#shown.integrity ?? ''}`;
  }

  get keepalive(): boolean {
    return Boolean(this.#shown.keepalive);
  }

  get destination(): string {
    return '';
  }

  get duplex(): string {
    return 'half';
  }

  clone(): Request {
    const copy = new Request(this.#url, { ...this.#shown, ...this.#essentials() });
    copy.adopt(this.duplicate());
    return copy;
  }

  #essentials(): RequestInit {
    return { method: this.#method, headers: this.#headers, redirect: this.#redirect, signal: this.#signal, body: null };
  }

  get [Symbol.toStringTag](): string {
    return 'Request';
  }
}

registerCloner(Request.prototype, 'refused');
