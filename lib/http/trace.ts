import { randomBytes } from 'node:crypto';

/** W3C Trace Context: version, trace id, parent id, flags. A later version may say more behind them. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** Names what follows from a request: the caller's trace where it tells of one, or a new one. 32 hex digits. */
export const traceIdOf = (request: Request): string =>
  TRACEPARENT.exec(request.headers.get('traceparent') ?? '')?.[1] ?? randomBytes(16).toString('hex');

/** The answer with the name of its trace. */
export const withTraceId = (response: Response, traceId: string): Response => {
  const headers = new Headers(response.headers);
  headers.set('x-trace-id', traceId);
  return new Response(response.body, { status: response.status, headers });
};
