import { randomBytes } from 'node:crypto';

/** W3C Trace Context: version, trace id, parent id, flags. A later version may say more behind them. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/;

/** Where a request stands in its trace. */
export interface RequestTrace {
  /** Names what follows from the request: the caller's trace where it tells of one, or a new one. 32 hex digits. */
  readonly traceId: string;
  /** Names the request itself, 16 hex digits. */
  readonly id: string;
  /** What it is a part of at the caller. */
  readonly parentId?: string;
}

export const traceOf = (request: Request): RequestTrace => {
  const [, traceId = randomBytes(16).toString('hex'), parentId] =
    TRACEPARENT.exec(request.headers.get('traceparent') ?? '') ?? [];
  return { traceId, id: randomBytes(8).toString('hex'), ...(parentId !== undefined && { parentId }) };
};

/** The answer with the name of its trace. `isTold`: a collector hears of the request. */
export const withTrace = (response: Response, { traceId, id }: RequestTrace, isTold: boolean): Response => {
  const headers = new Headers(response.headers);
  headers.set('x-trace-id', traceId);
  headers.set('traceparent', `00-${traceId}-${id}-${isTold ? '01' : '00'}`);
  return new Response(response.body, { status: response.status, headers });
};
