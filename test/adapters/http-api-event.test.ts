import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { requestOf, resultOf } from '../../lib/adapters/aws/http-api-event.ts';

const event = (
  more: Partial<Omit<APIGatewayProxyEventV2, 'requestContext'>> & { readonly method?: string } = {},
): APIGatewayProxyEventV2 => {
  const { method = 'GET', ...rest } = more;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/v1/tenants',
    rawQueryString: '',
    headers: { host: 'api.example.com', 'x-forwarded-proto': 'https' },
    isBase64Encoded: false,
    requestContext: {
      accountId: '1',
      apiId: 'a',
      domainName: 'a.execute-api.example.com',
      domainPrefix: 'a',
      http: { method, path: '/v1/tenants', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...rest,
  };
};

describe('the request out of an event', () => {
  it('has method, address, headers and cookies of the caller', () => {
    const request = requestOf(event({ rawQueryString: 'limit=2&cursor=a%2Bb', cookies: ['a=1', 'b=2'] }));
    expect(request.url).toBe('https://api.example.com/v1/tenants?limit=2&cursor=a%2Bb');
    expect(request.headers.get('cookie')).toBe('a=1; b=2');
  });

  it.each([
    ['/v1/tenants/a b', '/v1/tenants/a%20b'],
    ['/v1/tenants/100%', '/v1/tenants/100%25'],
    ['/v1/tenants/ä', '/v1/tenants/%C3%A4'],
    ['/v1/tenants/?x#y', '/v1/tenants/%3Fx%23y'],
    ['//evil.example.com/x', '//evil.example.com/x'],
  ])('encodes again what the API decoded: %s', (rawPath, path) => {
    expect(requestOf(event({ rawPath })).url).toBe(`https://api.example.com${path}`);
  });

  it('has the body as it was sent, text or not, and none where there can be none', async () => {
    const text = event({ method: 'POST', body: '{"ä":1}' });
    expect(await requestOf(text).text()).toBe('{"ä":1}');
    const bytes = Buffer.from([0, 255, 1]);
    const binary = event({ method: 'PUT', body: bytes.toString('base64'), isBase64Encoded: true });
    expect(Buffer.from(await requestOf(binary).arrayBuffer())).toEqual(bytes);
    expect(requestOf(event({ body: 'ignored' })).body).toBeNull();
  });
});

describe('the result of a response', () => {
  it('is text where it is text, and base64 where it is not', async () => {
    expect(await resultOf(new Response('{"ä":1}', { status: 201, headers: { 'x-a': '1' } }))).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-a': '1' },
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
    const bytes = new Uint8Array([0, 255, 1]);
    expect(await resultOf(new Response(bytes))).toMatchObject({ body: 'AP8B', isBase64Encoded: true });
  });

  it('has cookies apart, and no body where there is none', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2; Path=/'],
    ]);
    expect(await resultOf(new Response(null, { status: 204, headers }))).toEqual({
      statusCode: 204,
      headers: {},
      cookies: ['a=1', 'b=2; Path=/'],
    });
  });
});
