import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import type { BindingCaller } from '../../ports/binding-host.ts';
import { BindingError } from '../binding-error.ts';
import { checkAddresses, hostOf, portOf, routeFor } from './egress-policy.ts';
import type { FetchRequest } from './fetch-request.ts';
import { gatewayHeaders } from './gateway-headers.ts';
import { type HostResolver, systemResolver } from './host-resolver.ts';
import { networkFailure } from './network-failure.ts';
import { PinnedConnections } from './pinned-connections.ts';
import { isRedirect, MAX_REDIRECTS, redirected } from './redirect.ts';
import { ACCEPTED_ENCODINGS, BodyTooLarge, decodersFor, readBody } from './response-body.ts';

export const MAX_FETCH_BODY_BYTES = 10_000_000;
export const FETCH_TIMEOUT_MS = 60_000;

export interface FetchGatewayOptions {
  /** Lets allow-lists name loopback and private addresses. @default false */
  readonly allowPrivateEgress?: boolean;
  /** @default the machine's own */
  readonly resolver?: HostResolver;
  /** For the whole of a `fetch`, redirects included. @default 60 s */
  readonly timeoutMs?: number;
  /** Of an answer's body, unpacked. @default 10 MB */
  readonly maxBodyBytes?: number;
}

/** What the guest makes a `Response` of. `body: null`: none. */
export interface FetchedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  readonly url: string;
  readonly redirected: boolean;
}

const BODYLESS_STATUSES = [101, 103, 204, 205, 304];

/**
 * The way of tenant code to the network. Each hop of each request is held against the tenant's policy: host and port before
 * the name is resolved, every address after, and the connection goes to these addresses and no other.
 */
export class FetchGateway {
  readonly #resolver: HostResolver;
  readonly #allowsPrivate: boolean;
  readonly #timeoutMs: number;
  readonly #maxBodyBytes: number;
  readonly #connections = new PinnedConnections();

  constructor(options: FetchGatewayOptions = {}) {
    this.#resolver = options.resolver ?? systemResolver;
    this.#allowsPrivate = options.allowPrivateEgress ?? false;
    this.#timeoutMs = options.timeoutMs ?? FETCH_TIMEOUT_MS;
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_FETCH_BODY_BYTES;
  }

  /** @throws BindingError, TypeError: both for the tenant */
  async fetch(request: FetchRequest, caller: BindingCaller): Promise<FetchedResponse> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([caller.signal, deadline]);
    const progress = { host: request.url.host };
    try {
      return await this.#follow(request, caller, signal, progress);
    } catch (error) {
      if (caller.signal.aborted) throw new BindingError('fetch was given up: its attempt has ended');
      if (deadline.aborted) {
        throw new BindingError(`fetch to ${progress.host} took longer than the limit of ${this.#timeoutMs} ms`);
      }
      if (error instanceof BindingError || error instanceof TypeError) throw error;
      throw networkFailure(error, progress.host);
    }
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #follow(
    first: FetchRequest,
    caller: BindingCaller,
    signal: AbortSignal,
    progress: { host: string },
  ): Promise<FetchedResponse> {
    let request = first;
    for (let redirects = 0; ; redirects++) {
      progress.host = request.url.host;
      const response = await this.#send(request, caller, signal);
      const { location } = response.headers;
      if (!isRedirect(response.statusCode) || typeof location !== 'string' || request.redirect === 'manual') {
        return this.#read(response, request, { isRedirected: redirects > 0, signal });
      }
      // Read to its end where that is near, so that the connection can be used again.
      await response.body.dump({ limit: 65_536, signal });
      if (request.redirect === 'error') {
        throw new TypeError(`fetch to ${request.url.host} was redirected, which the request forbids`);
      }
      if (redirects === MAX_REDIRECTS) throw new TypeError(`fetch was redirected more than ${MAX_REDIRECTS} times`);
      request = redirected(request, response.statusCode, location);
    }
  }

  async #send(request: FetchRequest, caller: BindingCaller, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const route = routeFor(caller.tenant.egress, request.url);
    const isDirect = route.kind === 'direct';
    const next = isDirect ? request.url : route.gateway;
    const headers = isDirect ? request.headers : gatewayHeaders(request.headers, request.url, caller);
    const host = hostOf(next);
    const addresses = await this.#addressesOf(host, signal);
    // A gateway is a host that the operator named.
    checkAddresses(isDirect ? host : 'the egress gateway', addresses, {
      isNamed: isDirect ? route.isNamed : true,
      allowsPrivate: this.#allowsPrivate,
    });
    const origin = `${next.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${portOf(next)}`;
    const dispatcher = this.#connections.to({ tenant: caller.tenant.id, origin, addresses });
    return dispatcher.request({
      path: `${next.pathname}${next.search}`,
      method: request.method as Dispatcher.HttpMethod,
      headers: [...withDefaults(headers)].flat(),
      body: request.body ?? null,
      signal,
    });
  }

  async #addressesOf(host: string, signal: AbortSignal): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      const addresses = await Promise.race([this.#resolver.resolve(host), aborted]);
      if (addresses.length > 0) return addresses;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    throw new BindingError(`fetch to ${host} failed: the name could not be resolved`);
  }

  async #read(
    { statusCode, statusText, headers, body }: Dispatcher.ResponseData,
    request: FetchRequest,
    { isRedirected, signal }: { readonly isRedirected: boolean; readonly signal: AbortSignal },
  ): Promise<FetchedResponse> {
    const encoding = headers['content-encoding'];
    const decoders = typeof encoding === 'string' ? decodersFor(encoding) : [];
    const isEmpty = request.method === 'HEAD' || BODYLESS_STATUSES.includes(statusCode);
    const isDecoded = !isEmpty && decoders !== undefined && decoders.length > 0;
    if (isEmpty) await body.dump({ limit: 65_536, signal });
    return {
      status: statusCode,
      statusText,
      headers: pairsOf(headers).filter(
        // They speak of bytes that the tenant's code never sees.
        ([name]) => !isDecoded || (name !== 'content-encoding' && name !== 'content-length'),
      ),
      body: isEmpty ? null : await this.#bodyOf(body, decoders ?? [], request.url.host),
      url: request.url.href,
      redirected: isRedirected,
    };
  }

  async #bodyOf(
    body: Dispatcher.ResponseData['body'],
    decoders: Parameters<typeof readBody>[1],
    host: string,
  ): Promise<Uint8Array> {
    try {
      return await readBody(body, decoders, this.#maxBodyBytes);
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      throw new BindingError(
        `fetch to ${host} failed: the answer has more than the limit of ${this.#maxBodyBytes} bytes`,
      );
    }
  }
}

const withDefaults = (headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([['accept', '*/*'], ['accept-encoding', ACCEPTED_ENCODINGS], ['user-agent', 'tenon'], ...headers]);

const pairsOf = (headers: Dispatcher.ResponseData['headers']): (readonly [string, string])[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): readonly [string, string] => [name, one]),
  );
