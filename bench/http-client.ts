import { Pool } from 'undici';

export type Answer = Readonly<{ status: number; body: unknown }>;

export type Sending = Readonly<{
  json?: unknown;
  bytes?: Uint8Array;
  headers?: Readonly<Record<string, string>>;
}>;

/** One way of asking for every system, so that what the client costs is the same for all. */
export type HttpClient = Readonly<{
  send(method: 'GET' | 'POST' | 'PUT', path: string, sending?: Sending): Promise<Answer>;
  close(): Promise<void>;
}>;

/** workerd and Node close a connection that was idle for 5 s; ours goes first, so that no request meets a closing one. */
const idleConnectionMs = 2000;

/** Keeps one connection a caller open, one request at a time on each. JSON answers are parsed, others stay text. */
export function openHttpClient(origin: string, connections: number): HttpClient {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: idleConnectionMs,
    headersTimeout: 60_000,
  });
  return {
    async send(method, path, sending = {}) {
      const isJson = sending.json !== undefined;
      const response = await pool.request({
        method,
        path,
        headers: isJson ? { 'content-type': 'application/json', ...sending.headers } : { ...sending.headers },
        body: isJson ? JSON.stringify(sending.json) : (sending.bytes ?? null),
      });
      const text = await response.body.text();
      return { status: response.statusCode, body: parsed(text) };
    },
    close: () => pool.destroy(),
  };
}

/** Node and undici give such errors a code of capital letters (ECONNRESET, UND_ERR_SOCKET); wrong answers have none. */
export function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^[A-Z_]+$/.test(String(error.code));
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The named field of a JSON object, or undefined: for reading answers whose shape the caller checks. */
export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

/** The named text field, or an error that shows the answer. */
export function textField(body: unknown, name: string): string {
  const value = field(body, name);
  if (typeof value !== 'string') throw new Error(`expected "${name}" in ${JSON.stringify(body)?.slice(0, 500)}`);
  return value;
}
