import { HttpClient, type Query, type StreamOptions } from './http-client.ts';
import type { Operations } from './operations.ts';

export type OperationName = keyof Operations;

/** What a call asks with: `path`, `query` and `body`, each where the call has one. */
export type OperationRequest<Name extends OperationName> = OptionalWhereEmpty<
  Pick<Operations[Name], 'path' | 'query' | 'body'>
>;

export type OperationAnswer<Name extends OperationName> = Operations[Name]['answer'];

/** Calls that can be followed. */
export type StreamName = Extract<OperationName, `GET ${string}/subscribe` | `GET ${string}/logs`>;

type EmptyKeys<T> = {
  [Key in keyof T]: Record<never, never> extends T[Key] ? Key : undefined extends T[Key] ? Key : never;
}[keyof T];

type OptionalWhereEmpty<T> = Omit<T, EmptyKeys<T>> & Partial<Pick<T, EmptyKeys<T>>>;

/**
 * The whole HTTP contract by the names of its calls, such as `GET /v1/tenants/{tenant}/versions`, with the types of its
 * OpenAPI document.
 */
export class TenonClient {
  readonly #http: HttpClient;

  /** @param url where the server listens, such as `http://127.0.0.1:8787`; `key`: absent for calls that need none */
  constructor(url: string, key?: string) {
    this.#http = new HttpClient(url, key);
  }

  /** @throws RefusedError for any status from 400, with the problem; UnreachableError where no answer came */
  call<Name extends OperationName>(name: Name, request: OperationRequest<Name>): Promise<OperationAnswer<Name>> {
    const {
      path = {},
      query,
      body,
    } = request as {
      readonly path?: Readonly<Record<string, string>>;
      readonly query?: Query;
      readonly body?: unknown;
    };
    const [method = '', pattern = ''] = name.split(' ');
    return this.#http.call(method, addressOf(pattern, path), {
      ...(query !== undefined && { query }),
      ...(body !== undefined && { json: body }),
    });
  }

  /** Opens a call that answers with `text/event-stream` too. @throws RefusedError, UnreachableError */
  openStream<Name extends StreamName>(
    name: Name,
    { path, ...options }: StreamOptions & { readonly path: Operations[Name]['path'] },
  ): Promise<Response> {
    return this.#http.openStream(addressOf(name.slice('GET '.length), path), options);
  }
}

const addressOf = (pattern: string, path: Readonly<Record<string, string>>): string =>
  pattern.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(path[part] ?? ''));
