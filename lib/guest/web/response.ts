import { Body, type ExtractedBody, extractBody } from './body.ts';
import { registerCloner } from './clone-registry.ts';
import { guardedHeaders, type Headers } from './headers.ts';
import { URL } from './url.ts';

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: unknown;
}

type ResponseType = 'default' | 'basic' | 'error';

/** What the network gave. `body: null`: none. */
export interface FetchedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  readonly url: string;
  readonly redirected: boolean;
}

const bodylessStatuses = [101, 103, 204, 205, 304];
const redirectStatuses = [301, 302, 303, 307, 308];

export let fromNetwork: (fetched: FetchedResponse) => Response;

/** https://fetch.spec.whatwg.org/#response-class */
export class Response extends Body {
  #status: number;
  #statusText: string;
  #headers: Headers;
  #type: ResponseType = 'default';
  #url = '';
  #isRedirected = false;

  static {
    fromNetwork = (fetched) => {
      const response = new Response();
      if (fetched.body !== null && !bodylessStatuses.includes(fetched.status)) {
        response.adopt({ kind: 'bytes', bytes: fetched.body });
      }
      response.#status = fetched.status;
      response.#statusText = fetched.statusText;
      response.#headers = guardedHeaders(fetched.headers, 'immutable');
      response.#type = 'basic';
      response.#url = fetched.url.split('#', 1)[0] as string;
      response.#isRedirected = fetched.redirected;
      return response;
    };
  }

  constructor(body: unknown = null, init: ResponseInit = {}) {
    const extracted = extractBody(body);
    super(extracted.source);
    const status = init?.status === undefined ? 200 : Math.trunc(Number(init.status));
    if (!(status >= 200 && status <= 599)) {
      throw new RangeError('The status of a Response is in the range of 200 to 599, inclusive.');
    }
    this.#status = status;
    this.#statusText = checkedStatusText(init?.statusText ?? '');
    this.#headers = guardedHeaders(init?.headers, 'none');
    if (extracted.source.kind !== 'none') this.#accept(extracted);
  }

  static error(): Response {
    const response = new Response();
    response.#status = 0;
    response.#type = 'error';
    response.#headers = guardedHeaders(undefined, 'immutable');
    return response;
  }

  static redirect(url: string, status = 302): Response {
    const { href } = new URL(url);
    if (!redirectStatuses.includes(status)) throw new RangeError(`${status} is no status of a redirect.`);
    const response = new Response(null, { headers: { location: href } });
    response.#status = status;
    response.#headers = guardedHeaders(response.#headers, 'immutable');
    return response;
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text: string | undefined = JSON.stringify(data);
    if (text === undefined) throw new TypeError('The value has no JSON form.');
    const response = new Response(null, init);
    const { source } = extractBody(text);
    response.adopt(source);
    response.#accept({ source, type: 'application/json' });
    return response;
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get type(): string {
    return this.#type;
  }

  get url(): string {
    return this.#url;
  }

  get redirected(): boolean {
    return this.#isRedirected;
  }

  clone(): Response {
    const copy = new Response();
    copy.adopt(this.duplicate());
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = guardedHeaders(this.#headers, this.#type === 'default' ? 'none' : 'immutable');
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#isRedirected = this.#isRedirected;
    return copy;
  }

  #accept({ type }: ExtractedBody): void {
    if (bodylessStatuses.includes(this.#status)) {
      throw new TypeError(`A Response with status ${this.#status} cannot have a body.`);
    }
    if (type !== null && !this.#headers.has('content-type')) this.#headers.set('content-type', type);
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }
}

function checkedStatusText(value: unknown): string {
  const text = `${value}`;
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) throw new TypeError('The statusText of a Response is one line of Latin-1.');
  return text;
}

registerCloner(Response.prototype, 'refused');
