import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bindings } from '../../../lib/bindings/binding-host.ts';
import { fetchBinding } from '../../../lib/bindings/fetch/fetch-binding.ts';
import type { FetchedResponse, FetchGatewayOptions } from '../../../lib/bindings/fetch/fetch-gateway.ts';
import { decode, encode } from '../../../lib/guest/values.ts';
import type { Egress } from '../../../lib/ports/tenant-store.ts';
import { makeCaller, makeTenant } from '../callers.ts';

export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Of the connection that it came on. */
  readonly remotePort: number | undefined;
}

/** A server on 127.0.0.1 that writes down what it gets before it answers. */
export class LocalServer {
  readonly received: Received[] = [];
  readonly #server: Server;

  constructor(listener: RequestListener) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers, socket } = request;
        const body = Buffer.concat(chunks).toString();
        this.received.push({ method, url, headers, body, remotePort: socket.remotePort });
        listener(request, response);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `host:port`, by its address. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, unknown])[];
  readonly body?: unknown;
  readonly redirect?: string;
  readonly tenant?: string;
  readonly signal?: AbortSignal;
}

/** The `$fetch` binding as the guest's `fetch` calls it. */
export const makeFetch = (options: FetchGatewayOptions = {}) => {
  const bindings = new Bindings([fetchBinding(options)]);
  const fetch = async (egress: Egress, url: unknown, more: FetchOptions = {}): Promise<FetchedResponse> => {
    const { tenant = 'ada', signal, ...request } = more;
    const call = { url, method: 'GET', headers: [], body: undefined, redirect: 'follow', ...request };
    const caller = makeCaller(makeTenant(tenant, egress), signal);
    return decode(
      await bindings.call(caller, { binding: '$fetch', method: 'fetch', args: encode([call]) }),
    ) as FetchedResponse;
  };
  return { fetch, close: () => bindings.close() };
};

export const textOf = ({ body }: FetchedResponse): string => (body === null ? '' : new TextDecoder().decode(body));

export const headerOf = ({ headers }: FetchedResponse, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1];
