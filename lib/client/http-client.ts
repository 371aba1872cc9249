/** `application/problem+json`, as the server answers every refusal. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** The server answered, and said no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problem: Problem;
  /** The body as it came, for `--json`. */
  readonly body: unknown;

  constructor(problem: Problem, body: unknown) {
    super(problem.detail);
    this.problem = problem;
    this.body = body;
  }
}

/** Nobody answered, or the connection broke. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, in place of `json`. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
  /** Told when the server answered, epoch ms by its own clock, to the second. */
  readonly onServerTime?: (at: number) => void;
}

export interface StreamOptions {
  readonly query?: Query;
  /** The last one that was seen: the stream goes on after it. */
  readonly lastEventId?: string | undefined;
  readonly signal: AbortSignal;
}

/** A long poll is answered within 20 s; a minute without an answer is a dead server. */
const ANSWER_WITHIN_MS = 60_000;

/** Speaks the HTTP contract, version 1. */
export class HttpClient {
  readonly #url: string;
  readonly #key: string | undefined;

  /** @param url where the server listens, such as `http://127.0.0.1:8787` */
  constructor(url: string, key: string | undefined) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /**
   * @param path already encoded, from `/v1` on
   * @throws RefusedError for any status from 400, UnreachableError where no answer came
   */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const url = addressOf(`${this.#url}${path}`, options.query);
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    if (this.#key !== undefined) headers.authorization = `Bearer ${this.#key}`;
    if (options.json !== undefined) headers['content-type'] = 'application/json';
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    const { signal, onServerTime } = options;
    return (await exchange(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal !== undefined && { signal }),
      ...(onServerTime !== undefined && { onServerTime }),
    })) as T;
  }

  /**
   * Opens `text/event-stream`; whoever reads it ends it by `signal`.
   * @throws RefusedError, UnreachableError
   */
  async openStream(path: string, { query, lastEventId, signal }: StreamOptions): Promise<Response> {
    const url = addressOf(`${this.#url}${path}`, query);
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.#key !== undefined) headers.authorization = `Bearer ${this.#key}`;
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    let response: Response;
    try {
      response = await fetch(url, { headers, signal });
    } catch (error) {
      throw new UnreachableError(`cannot reach ${url.origin}: ${reasonOf(error)}`);
    }
    if (response.status >= 400) throw refusalOf(response.status, await response.text());
    return response;
  }

  /** Puts a file at a presigned address: no key goes along. */
  async put(address: string, headers: Readonly<Record<string, string>>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await exchange(new URL(address, this.#url), { method: 'PUT', headers: { ...headers }, body: bytes });
  }
}

const addressOf = (address: string, query: Query = {}): URL => {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
};

interface Exchange {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
  readonly onServerTime?: (at: number) => void;
}

const exchange = async (url: URL, { signal, onServerTime, ...request }: Exchange): Promise<unknown> => {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      ...request,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    status = response.status;
    const at = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(at)) onServerTime?.(at);
    text = await response.text();
  } catch (error) {
    throw new UnreachableError(`cannot reach ${url.origin}: ${reasonOf(error)}`);
  }
  if (status >= 400) throw refusalOf(status, text);
  return parse(text);
};

const refusalOf = (status: number, text: string): RefusedError => {
  const body = parse(text);
  return new RefusedError(problemOf(status, body, text), body ?? text);
};

const parse = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const problemOf = (status: number, body: unknown, text: string): Problem => {
  const fields = typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {};
  return {
    status,
    code: fields.code ?? `http.${status}`,
    title: fields.title ?? `HTTP ${status}`,
    detail: fields.detail ?? fields.title ?? (text.slice(0, 200) || `the server answered ${status}`),
    ...(fields.errors === undefined ? {} : { errors: fields.errors }),
  };
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer within a minute';
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
};
