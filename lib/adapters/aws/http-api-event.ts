import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * The request that a caller made, out of an HTTP API's event (payload format 2.0). The API has decoded the path once, so its
 * parts are encoded again: what reads them decodes them, and finds what the caller meant.
 */
export const requestOf = (event: APIGatewayProxyEventV2): Request => {
  const { method } = event.requestContext.http;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.set(name, value);
  if (event.cookies !== undefined) headers.set('cookie', event.cookies.join('; '));
  const scheme = headers.get('x-forwarded-proto') ?? 'https';
  const host = headers.get('host') ?? event.requestContext.domainName;
  const path = event.rawPath.split('/').map(encodeURIComponent).join('/');
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  const body =
    event.body === undefined ? undefined : Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  const hasBody = body !== undefined && body.length > 0 && method !== 'GET' && method !== 'HEAD';
  return new Request(`${scheme}://${host}${path}${query}`, { method, headers, ...(hasBody && { body }) });
};

/** Text as it is, anything else in base64; cookies apart, as the format has it. */
export const resultOf = async (response: Response): Promise<APIGatewayProxyStructuredResultV2> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value;
  const cookies = response.headers.getSetCookie();
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = isUtf8(bytes);
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 && { cookies }),
    ...(bytes.length > 0 && { body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }),
  };
};
