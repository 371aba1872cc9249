/** What goes out to the caller. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** The gateway's own answers. */
export const REFUSALS = {
  badRequest: { status: 400, message: 'Bad Request' },
  notFound: { status: 404, message: 'Not Found' },
  tooLarge: { status: 413, message: 'Request Entity Too Large' },
  headersTooLarge: { status: 431, message: 'Request Header Fields Too Large' },
  failed: { status: 500, message: 'Internal Server Error' },
  /** The function has no concurrency left, or has taken too long: an HTTP API makes no difference. */
  unavailable: { status: 503, message: 'Service Unavailable' },
} as const;

export type Refusal = (typeof REFUSALS)[keyof typeof REFUSALS];

export const refusalAnswer = ({ status, message }: Refusal): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: Buffer.from(JSON.stringify({ message })),
});

/**
 * Reads what a function returned by payload format 2.0. What has no `statusCode` is the body itself, as JSON.
 * @returns `undefined`: malformed
 */
export const readAnswer = (returned: unknown): HttpAnswer | undefined => {
  if (!isRecord(returned) || !('statusCode' in returned)) {
    const body = Buffer.from(typeof returned === 'string' ? returned : JSON.stringify(returned));
    return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = returned;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) return undefined;
  if (!isRecord(headers) || !Object.values(headers).every(isHeaderValue)) return undefined;
  if (!Array.isArray(cookies) || !cookies.every((cookie) => typeof cookie === 'string')) return undefined;
  if (typeof body !== 'string' || typeof isBase64Encoded !== 'boolean') return undefined;
  return {
    status: Number(statusCode),
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(
        Object.entries(headers)
          .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
          .filter(([name]) => !OWN_HEADERS.has(name)),
      ),
    },
    cookies,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
};

/** The gateway says these of its own answer, whatever the function says. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHeaderValue = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
