import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallCounts } from './call-counts.ts';
import { type Authorizer, type AwsAnswer, AwsError, type AwsService, type Faults, noFaults } from './contract.ts';
import type { CredentialBook, KnownKey } from './credential-book.ts';
import { principalName } from './iam/authorizer.ts';
import { actionOf, errorAnswer, faultError, operationOf } from './protocols.ts';
import type { WireRequest } from './signature/canonical-request.ts';
import { likelyService, readClaim, type SignatureClaim, verifySignature } from './signature/sigv4.ts';

/** What stands behind the gateway. */
export interface Backend {
  readonly region: string;
  readonly services: readonly AwsService[];
  readonly credentials: CredentialBook;
  readonly authorizer: Authorizer;
  readonly faults?: Faults;
  /** Of S3, whose links browsers use. */
  readonly cors?: {
    /** Answers `OPTIONS`, which carries no signature. */
    preflight(request: WireRequest): AwsAnswer;
    /** What every other answer carries, a refusal too. */
    headersOf(request: WireRequest): Readonly<Record<string, string>>;
  };
}

export interface Gateway {
  /** `http://127.0.0.1:<port>`: the endpoint of every service. */
  readonly endpoint: string;
  readonly counts: CallCounts;
  /** Faults of the gateway itself or of a service: not refusals, but what is broken here. A test expects none. */
  readonly crashes: readonly unknown[];
  /**
   * From now on calls are answered; before, they get 503. Apart from opening, since names of queues hold the address of
   * the gateway, and services are made of names.
   */
  serve(backend: Backend): void;
  close(): Promise<void>;
}

/** The one address of all services: tells by the signature which is meant and who calls. */
export const openGateway = async (): Promise<Gateway> => {
  const counts = new CallCounts();
  const crashes: unknown[] = [];
  let backend: Backend | undefined;
  const server = createServer((request, response) => {
    answer(request, response, { backend, counts, crashes }).catch((error: unknown) => {
      // A caller that dies in the middle of its call breaks nothing here.
      if (request.complete) crashes.push(error);
      response.destroy();
    });
  });
  // An idle connection stays: a client that writes just when it closes would see a fault that nobody asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    crashes,
    serve: (given) => {
      backend = given;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

interface Desk {
  readonly backend: Backend | undefined;
  readonly counts: CallCounts;
  readonly crashes: unknown[];
}

const answer = async (incoming: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> => {
  const requestId = randomUUID();
  const request = await readRequest(incoming);
  const given = await answerOf(request, desk, requestId);
  if (given === 'lost') {
    response.destroy();
    return;
  }
  const body = given.body === undefined ? undefined : Buffer.from(given.body);
  const isBodiless = request.method === 'HEAD' || given.status === 204;
  response.writeHead(given.status ?? 200, {
    'x-amzn-requestid': requestId,
    'x-amz-request-id': requestId,
    // Of a `HEAD` the service tells the length itself.
    ...(!isBodiless && { 'content-length': body?.length ?? 0 }),
    ...desk.backend?.cors?.headersOf(request),
    ...given.headers,
  });
  response.end(isBodiless ? undefined : body);
};

const answerOf = async (
  request: WireRequest,
  { backend, counts, crashes }: Desk,
  requestId: string,
): Promise<AwsAnswer | 'lost'> => {
  let service = likelyService(request.headers);
  try {
    if (backend === undefined) throw new AwsError('ServiceUnavailable', 'The cloud is not up yet.', 503);
    if (request.method === 'OPTIONS' && backend.cors !== undefined) return backend.cors.preflight(request);
    const claim = readClaim(request);
    service = claim.service;
    return await serveCall(request, claim, backend, counts);
  } catch (error) {
    return errorAnswer(service, toAwsError(error, crashes), requestId);
  }
};

const serveCall = async (
  request: WireRequest,
  claim: SignatureClaim,
  { region, services, credentials, authorizer, faults = noFaults }: Backend,
  counts: CallCounts,
): Promise<AwsAnswer | 'lost'> => {
  const key: KnownKey | undefined = credentials.find(claim.accessKeyId);
  verifySignature(request, claim, { key, region, now: Date.now() });
  const service = services.find(({ name }) => name === claim.service);
  if (key === undefined || service === undefined) {
    throw new AwsError('UnknownOperationException', `Nothing here stands in for ${claim.service}.`, 404);
  }
  const { principal } = key;
  const action = operationOf(service.name, request);
  const count = (isError: boolean): void =>
    counts.add({ service: service.name, action, principal: principalName(principal), isError });
  try {
    const fault = faults.ofCall(service.name, action);
    if (fault !== undefined && fault !== 'lost_answer') {
      const { code, status } = faultError(service.name, fault);
      throw new AwsError(code, `A fault that the test asked for: ${fault}`, status);
    }
    const given = await service.handle({
      principal,
      action: actionOf(request),
      method: request.method,
      path: request.path,
      query: new URLSearchParams(request.query),
      headers: request.headers,
      body: request.body,
      isPresigned: claim.isPresigned,
      demand: (need) => authorizer.demand(principal, need),
    });
    count((given.status ?? 200) >= 400);
    return fault === 'lost_answer' ? 'lost' : given;
  } catch (error) {
    count(true);
    throw error;
  }
};

const readRequest = async (incoming: IncomingMessage): Promise<WireRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: incoming.method ?? '',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ''].flat().join(',')]),
    ),
    body: Buffer.concat(chunks),
  };
};

const toAwsError = (error: unknown, crashes: unknown[]): AwsError => {
  if (error instanceof AwsError) return error;
  if (error instanceof URIError) return new AwsError('InvalidURI', 'The address is not percent-encoded well.');
  if (error instanceof SyntaxError) return new AwsError('SerializationException', 'The body is not JSON.');
  crashes.push(error);
  // Clients try again after 500, which only delays the news: a stand-in that breaks is looked at, not outlasted.
  return new AwsError('ValidationException', `The stand-in broke: ${error instanceof Error ? error.message : error}`);
};
