import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

/** What one caller may take of the server's time and memory, whoever it is. */
export interface ConnectionLimits {
  /** For the first line and all headers of a request, from when it could begin; also for a connection that says nothing. */
  readonly headersMs: number;
  /** For the whole request. */
  readonly requestMs: number;
  /** Without a byte in either direction: an answer that nobody takes, in the end. Longer than any answer keeps silent. */
  readonly silenceMs: number;
  /** Of the first line and headers. */
  readonly headerBytes: number;
  /** Open at the same time; what comes then is closed at once. */
  readonly connections: number;
}

/** An upload of 10 MB has two minutes; long polls and streams say something every 20 s. */
const DEFAULT_LIMITS: ConnectionLimits = {
  headersMs: 10_000,
  requestMs: 120_000,
  silenceMs: 60_000,
  headerBytes: 16_384,
  connections: 10_000,
};
/** Of the end of the process, which may take 5 s. */
const ANSWER_WITHIN_MS = 1_000;
const BACKLOG = 1_024;

export interface HttpServerOptions {
  /** `address`: the other end of the connection. */
  readonly fetch: (request: Request, from: { readonly address: string | undefined }) => Promise<Response>;
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface HttpServer {
  /** `http://host:port` */
  readonly url: string;
  /** Takes nothing new, lets what is under way be answered for a moment, then cuts it off. */
  close(): Promise<void>;
}

/** @throws Error `EADDRINUSE` or whatever else keeps this process from listening there */
export const serveHttp = async ({ fetch, port, host, limits }: HttpServerOptions): Promise<HttpServer> => {
  const { headersMs, requestMs, silenceMs, headerBytes, connections } = { ...DEFAULT_LIMITS, ...limits };
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => fetch(request, { address: (incoming as IncomingMessage).socket.remoteAddress }),
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(headersMs, requestMs) / 2,
      maxHeaderSize: headerBytes,
    },
  }) as Server;
  server.maxConnections = connections;
  server.setTimeout(silenceMs);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () => closeServer(server),
  };
};

/** @throws Error `EADDRINUSE` or whatever else keeps this process from listening there */
export const refuseTakenPort = async ({ port, host }: Pick<HttpServerOptions, 'port' | 'host'>): Promise<void> => {
  const probe = createNetServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ port, host }, () => probe.close(() => resolve()));
  });
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    // A connection is idle once its answer is out.
    const looking = setInterval(() => server.closeIdleConnections(), 20);
    const cutting = setTimeout(() => server.closeAllConnections(), ANSWER_WITHIN_MS);
    server.close(() => {
      clearInterval(looking);
      clearTimeout(cutting);
      resolve();
    });
    server.closeIdleConnections();
  });
