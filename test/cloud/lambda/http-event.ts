import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { DEFAULT_STAGE, type RouteMatch } from './http-routes.ts';

export interface EventParams {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly match: RouteMatch;
  readonly requestId: string;
  readonly api: { readonly id: string; readonly account: string };
  readonly now: Date;
}

/** Of the connection, not of the request: the gateway's own to the function is another. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The types whose bodies an HTTP API hands over as text. Everything else is Base64: forms, and a body without type, too. */
const TEXT = /^(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

/**
 * What a function gets by payload format 2.0.
 * @throws URIError the path is not percent-encoded well
 */
export const httpEventOf = ({ request, body, match, requestId, api, now }: EventParams): object => {
  const { pathname, search } = splitUrl(request.url);
  const rawPath = decodeURIComponent(pathname);
  const { headers, cookies } = headersOf(request);
  const { host = '' } = headers;
  const query = queryOf(search);
  const isText = TEXT.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  const sourceIp = request.socket.remoteAddress ?? '';
  const { pathParameters, route } = match;
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString: search,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      'content-length': String(body.length),
      'x-amzn-trace-id': traceId(now),
      'x-forwarded-for': [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', '),
      // What is true here. On AWS it is always https and 443.
      'x-forwarded-port': String(request.socket.localPort),
      'x-forwarded-proto': 'http',
    },
    ...(query !== undefined && { queryStringParameters: query }),
    requestContext: {
      accountId: api.account,
      apiId: api.id,
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.routeKey,
      stage: DEFAULT_STAGE,
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

/** Both still percent-encoded. */
export const splitUrl = (url = '/'): { readonly pathname: string; readonly search: string } => {
  const mark = url.indexOf('?');
  return mark < 0 ? { pathname: url, search: '' } : { pathname: url.slice(0, mark), search: url.slice(mark + 1) };
};

const headersOf = ({
  rawHeaders,
}: IncomingMessage): {
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
} => {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(';').map((cookie) => cookie.trim()));
    else if (!HOP_BY_HOP.has(name)) headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
};

/** Values of one name are joined by commas. */
const queryOf = (search: string): Readonly<Record<string, string>> | undefined => {
  if (search === '') return undefined;
  const values = Map.groupBy(new URLSearchParams(search), ([name]) => name);
  return Object.fromEntries([...values].map(([name, pairs]) => [name, pairs.map(([, value]) => value).join(',')]));
};

const traceId = (now: Date): string => {
  const seconds = Math.floor(now.getTime() / 1_000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
};

/** `12/Mar/2020:19:03:58 +0000` */
const logTime = (now: Date): string => {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
};
