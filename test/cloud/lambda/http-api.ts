import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Authorizer, AwsError, type LambdaHost, type LocalStack, type StackResource } from '../contract.ts';
import { type HttpAnswer, REFUSALS, type Refusal, readAnswer, refusalAnswer } from './http-answer.ts';
import { httpEventOf, splitUrl } from './http-event.ts';
import { DEFAULT_STAGE, findRoute, type HttpRoute, type RouteMatch, routesOf } from './http-routes.ts';

const MAX_BODY_BYTES = 10 * 1_024 * 1_024;
/** Of the request line and all headers together. */
const MAX_HEADER_BYTES = 10_240;
/** Long enough for clients that come back: a connection that closes just then would be an error of ours. */
const KEEP_ALIVE_MS = 60_000;

export interface HttpApiOptions {
  readonly stack: LocalStack;
  readonly host: LambdaHost;
  readonly authorizer: Authorizer;
  /** @default 0, any that is free */
  readonly port?: number;
  /** Why a caller was told no more than that there was an error. */
  readonly onError?: (error: unknown) => void;
}

/** The HTTP API of the template, on the loopback: takes requests whole, calls a function for each, answers what it says. */
export class HttpApi {
  readonly #options: HttpApiOptions;
  readonly #api: StackResource;
  readonly #routes: readonly HttpRoute[];
  readonly #server: Server;

  private constructor(options: HttpApiOptions) {
    const { stack } = options;
    this.#options = options;
    this.#api = stack.find('AWS::ApiGatewayV2::Api');
    const isDeployed = stack
      .ofType('AWS::ApiGatewayV2::Stage')
      .some(({ properties }) => properties.ApiId === this.#api.ref && properties.StageName === DEFAULT_STAGE);
    this.#routes = isDeployed ? routesOf(stack, this.#api) : [];
    const settings = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS };
    this.#server = createServer(settings, (request, response) => this.#serve(request, response));
    this.#server.on('clientError', refuseUnread);
  }

  static async start(options: HttpApiOptions): Promise<HttpApi> {
    const api = new HttpApi(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    api.#server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
    await promise;
    return api;
  }

  /** Without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Drops whoever still waits for an answer. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomBytes(9).toString('base64url');
    let answer: HttpAnswer;
    try {
      answer = await this.#answer(request, requestId);
    } catch (error) {
      this.#options.onError?.(error);
      answer = refusalAnswer(REFUSALS.failed);
    }
    try {
      write(response, answer, requestId);
    } catch (error) {
      // A header that HTTP does not know.
      this.#options.onError?.(error);
      write(response, refusalAnswer(REFUSALS.failed), requestId);
    }
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<HttpAnswer> {
    const match = this.#match(request);
    if ('status' in match) return refusalAnswer(match);
    const body = await readBody(request);
    if (body === undefined) return refusalAnswer(REFUSALS.tooLarge);
    const { account } = this.#options.stack;
    const api = { id: this.#api.ref, account };
    return this.#invoke(match.route, httpEventOf({ request, body, match, requestId, api, now: new Date() }));
  }

  #match(request: IncomingMessage): RouteMatch | Refusal {
    const { pathname } = splitUrl(request.url);
    if (!isWellEncoded(pathname)) return REFUSALS.badRequest;
    return findRoute(this.#routes, request.method ?? '', pathname) ?? REFUSALS.notFound;
  }

  async #invoke(route: HttpRoute, payload: object): Promise<HttpAnswer> {
    const { host, authorizer, onError } = this.#options;
    const { functionArn, sourceArn } = route;
    const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), route.timeoutMs);
    try {
      authorizer.demand(
        { kind: 'service', service: 'apigateway.amazonaws.com', sourceArn },
        { action: 'lambda:InvokeFunction', resource: functionArn },
      );
      // The function goes on when the gateway has given up.
      const result = await Promise.race([host.invoke({ functionArn, payload }), timeUp]);
      if (result === undefined) return refusalAnswer(REFUSALS.unavailable);
      const answer = result.functionError === undefined ? readAnswer(result.payload) : undefined;
      if (answer === undefined) onError?.(new Error(`malformed answer: ${JSON.stringify(result).slice(0, 1_000)}`));
      return answer ?? refusalAnswer(REFUSALS.failed);
    } catch (error) {
      onError?.(error);
      return refusalAnswer(refusalOf(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

const refusalOf = (error: unknown): Refusal => {
  switch (error instanceof AwsError ? error.code : '') {
    case 'TooManyRequestsException':
      return REFUSALS.unavailable;
    case 'RequestTooLargeException':
      return REFUSALS.tooLarge;
    default:
      return REFUSALS.failed;
  }
};

const isWellEncoded = (path: string): boolean => {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
};

/** @returns `undefined`: it is too large, and has not been read to its end */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else resolve(undefined);
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', reject);
  return promise;
};

const write = (
  response: ServerResponse,
  { status, headers, cookies, body }: HttpAnswer,
  requestId: string,
): ServerResponse => {
  const isBodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(cookies.length > 0 && { 'set-cookie': [...cookies] }),
    ...(!isBodiless && { 'content-length': body.length }),
    'apigw-requestid': requestId,
  });
  return response.end(isBodiless ? undefined : body);
};

/** To a request of which not even the head could be read. */
const refuseUnread = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable) return void socket.destroy();
  const { status, message } = error.code === 'HPE_HEADER_OVERFLOW' ? REFUSALS.headersTooLarge : REFUSALS.badRequest;
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${message}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
};
