import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError, type InvocationResult } from '../contract.ts';
import { ProcessLambdaHost } from './host.ts';
import { HttpApi } from './http-api.ts';
import { CREDENTIALS, ListAuthorizer, StackFixture } from './stack-fixture.ts';

// biome-ignore lint/suspicious/noExplicitAny: events are looked into at many depths
type Event = any;

let fixture: StackFixture;
let authorizer: ListAuthorizer;
let api: HttpApi | undefined;
let invoked: { readonly functionArn: string; readonly payload: Event }[];

beforeEach(() => {
  fixture = new StackFixture();
  authorizer = new ListAuthorizer();
  api = undefined;
  invoked = [];
  fixture.add('AWS::ApiGatewayV2::Api', 'api1', 'api1', {});
});

afterEach(async () => {
  await api?.close();
  fixture.remove();
});

/** Every route leads to a function of its own, named by the route. */
const addRoutes = (routeKeys: readonly string[], integration: object = {}): void => {
  fixture.add('AWS::ApiGatewayV2::Stage', 'stage', 'stage', { ApiId: 'api1', StageName: '$default' });
  for (const [index, RouteKey] of routeKeys.entries()) {
    const id = `integration${index}`;
    const uri = { IntegrationUri: `to ${RouteKey}`, PayloadFormatVersion: '2.0' };
    fixture.add('AWS::ApiGatewayV2::Integration', id, id, { ApiId: 'api1', ...uri, ...integration });
    fixture.add('AWS::ApiGatewayV2::Route', `route${index}`, '', {
      ApiId: 'api1',
      RouteKey,
      Target: `integrations/${id}`,
    });
  }
};

type Answer = () => InvocationResult | Promise<InvocationResult>;

const OK: Answer = () => ({ payload: { statusCode: 200 } });

const start = async (answer: Answer = OK, routeKeys = ['$default'], integration: object = {}): Promise<string> => {
  addRoutes(routeKeys, integration);
  const { stack } = fixture;
  api = await HttpApi.start({
    stack,
    authorizer,
    host: {
      invoke: async (params) => {
        invoked.push(params);
        return answer();
      },
    },
  });
  return api.url;
};

/** The event that such a request becomes. */
const eventOf = async (path: string, init: RequestInit = {}): Promise<Event> => {
  const url = await start();
  await fetch(`${url}${path}`, init);
  return invoked[0]?.payload;
};

const bodyOf = async (answer: Promise<Response>): Promise<{ readonly status: number; readonly body: string }> => {
  const { status } = await answer;
  return { status, body: await (await answer).text() };
};

describe('the event', () => {
  it('has all that payload format 2.0 says', async () => {
    const event = await eventOf('/v1/a%20b/%C3%A9?x=1&y=%2F&x=2', { headers: { 'User-Agent': 'test', 'X-One': 'A' } });
    const host = new URL(api?.url ?? '').host;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/v1/a b/é',
      rawQueryString: 'x=1&y=%2F&x=2',
      headers: { host, 'x-one': 'A', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
      queryStringParameters: { x: '1,2', y: '/' },
      requestContext: {
        accountId: '111122223333',
        apiId: 'api1',
        domainName: host,
        domainPrefix: '127',
        http: { method: 'GET', path: '/v1/a b/é', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        requestId: expect.stringMatching(/^[\w-]{12}$/),
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    for (const absent of ['body', 'cookies', 'pathParameters']) expect(event).not.toHaveProperty(absent);
    expect(event.headers).not.toHaveProperty('connection');
  });

  it('decodes the path once', async () => {
    expect((await eventOf('/a%252Fb')).rawPath).toBe('/a%2Fb');
  });

  it('has cookies apart, and headers of one name joined', async () => {
    const url = await start();
    const { host } = new URL(url);
    const call = request(url, { setHost: false });
    for (const [name, values] of Object.entries({ Host: [host], Cookie: ['a=1; b=2'], 'X-Many': ['1', '2'] })) {
      call.setHeader(name, values);
    }
    call.end();
    await once(call, 'response');
    const { cookies, headers } = invoked[0]?.payload ?? {};
    expect(cookies).toEqual(['a=1', 'b=2']);
    expect(headers['x-many']).toBe('1,2');
    expect(headers).not.toHaveProperty('cookie');
  });

  it('names the origin that the client knows', async () => {
    const url = await start();
    const call = request(url, { headers: { Host: 'api.example.com' } }).end();
    await once(call, 'response');
    expect(invoked[0]?.payload.requestContext).toMatchObject({ domainName: 'api.example.com', domainPrefix: 'api' });
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/xml', 'text/typescript'])(
    'has a body of %s as text',
    async (type) => {
      const event = await eventOf('/', { method: 'POST', body: '{"é":1}', headers: { 'Content-Type': type } });
      expect(event).toMatchObject({ body: '{"é":1}', isBase64Encoded: false });
      expect(event.headers['content-length']).toBe('8');
    },
  );

  it.each(['application/zip', 'application/x-www-form-urlencoded', 'application/problem+json', ''])(
    'has a body of type "%s" in Base64',
    async (type) => {
      const body = new Uint8Array([0, 255]);
      const event = await eventOf('/', { method: 'POST', body, headers: type ? { 'Content-Type': type } : {} });
      expect(event).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
    },
  );

  it('has a body that came in chunks, whole', async () => {
    const url = await start();
    const call = request(url, { method: 'POST', headers: { 'Content-Type': 'text/plain' } });
    call.write('one ');
    call.end('two');
    await once(call, 'response');
    const { body, headers } = invoked[0]?.payload ?? {};
    expect(body).toBe('one two');
    expect(headers['content-length']).toBe('7');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('routes', () => {
  const ROUTES = ['$default', 'GET /v1/{kind}/{id}', 'GET /v1/things/{id}', 'GET /v1/things/all', 'ANY /files/{path+}'];

  it.each([
    ['GET', '/v1/things/all', 'GET /v1/things/all', undefined],
    ['GET', '/v1/things/a%20b', 'GET /v1/things/{id}', { id: 'a b' }],
    ['GET', '/v1/others/1', 'GET /v1/{kind}/{id}', { kind: 'others', id: '1' }],
    ['POST', '/v1/things/1', '$default', undefined],
    ['HEAD', '/v1/things/1', '$default', undefined],
    ['GET', '/v1/things/1/more', '$default', undefined],
    ['GET', '/v1/things/', '$default', undefined],
    ['PUT', '/files/a/b', 'ANY /files/{path+}', { path: 'a/b' }],
  ])('take %s %s to %s', async (method, path, routeKey, pathParameters) => {
    const url = await start(OK, ROUTES);
    await fetch(`${url}${path}`, { method });
    const [call] = invoked;
    expect(call?.functionArn).toBe(`to ${routeKey}`);
    expect(call?.payload.routeKey).toBe(routeKey);
    expect(call?.payload.pathParameters).toEqual(pathParameters);
  });

  it('are invoked in the name of the gateway, each by an ARN of its own', async () => {
    const url = await start(OK, ROUTES);
    await fetch(`${url}/v1/things/1`);
    await fetch(`${url}/else`);
    const of = (route: string, path: string) => ({
      principal: {
        kind: 'service',
        service: 'apigateway.amazonaws.com',
        sourceArn: `arn:aws:execute-api:eu-central-1:111122223333:api1/$default/${path}`,
      },
      need: { action: 'lambda:InvokeFunction', resource: `to ${route}` },
    });
    expect(authorizer.asked).toEqual([of('GET /v1/things/{id}', 'GET/v1/things/{id}'), of('$default', '$default')]);
  });

  it('that nobody has are not found', async () => {
    const url = await start(OK, ['GET /a']);
    expect(await bodyOf(fetch(`${url}/b`))).toEqual({ status: 404, body: '{"message":"Not Found"}' });
  });

  it('are not there before they are deployed to a stage', async () => {
    const { stack } = fixture;
    api = await HttpApi.start({ stack, authorizer, host: { invoke: async () => OK() } });
    expect((await fetch(api.url)).status).toBe(404);
  });
});

describe('the answer', () => {
  const answerTo = async (payload: unknown, init: RequestInit = {}): Promise<Response> =>
    fetch(await start(() => ({ payload })), init);

  it('has status, headers, cookies and body of the function', async () => {
    const answer = await answerTo({
      statusCode: 201,
      headers: { 'Content-Type': 'application/json', Location: '/x', 'Retry-After': 3, 'Content-Length': '999' },
      cookies: ['a=1; Secure', 'b=2'],
      body: '{"é":1}',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('location')).toBe('/x');
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(answer.headers.get('apigw-requestid')).toMatch(/^[\w-]{12}$/);
    expect(await answer.text()).toBe('{"é":1}');
  });

  it('may be bytes', async () => {
    const answer = await answerTo({ statusCode: 200, body: 'AP8=', isBase64Encoded: true });
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array([0, 255]));
  });

  it('is text where the function names no type', async () => {
    expect((await answerTo({ statusCode: 200, body: 'x' })).headers.get('content-type')).toBe(
      'text/plain; charset=utf-8',
    );
  });

  it('is JSON with 200 where the function returns no status', async () => {
    const answer = await answerTo({ hello: 'world' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ hello: 'world' });
  });

  it('has no body to HEAD', async () => {
    const answer = await answerTo({ statusCode: 200, body: 'four' }, { method: 'HEAD' });
    expect(answer.headers.get('content-length')).toBe('4');
    expect(await answer.text()).toBe('');
  });

  it('has no body with 204', async () => {
    const answer = await answerTo({ statusCode: 204 });
    expect({ status: answer.status, length: answer.headers.get('content-length') }).toEqual({
      status: 204,
      length: null,
    });
  });

  it.each([
    { statusCode: 'fine' },
    { statusCode: 99 },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, headers: { x: ['list'] } },
    { statusCode: 200, headers: { 'no name': 'x' } },
    { statusCode: 200, cookies: 'a=1' },
  ])('is an error for the malformed %j', async (payload) => {
    expect(await bodyOf(answerTo(payload))).toEqual({ status: 500, body: '{"message":"Internal Server Error"}' });
  });
});

describe('what goes wrong', () => {
  const UNAVAILABLE = { status: 503, body: '{"message":"Service Unavailable"}' };
  const FAILED = { status: 500, body: '{"message":"Internal Server Error"}' };

  it('in the function is not told', async () => {
    const url = await start(() => ({ payload: { errorMessage: 'secret' }, functionError: 'Unhandled' }));
    expect(await bodyOf(fetch(url))).toEqual(FAILED);
  });

  it('for want of permission is not told, and nothing runs', async () => {
    const url = await start();
    authorizer.denied.add('lambda:InvokeFunction');
    expect(await bodyOf(fetch(url))).toEqual(FAILED);
    expect(invoked).toEqual([]);
  });

  it('for want of concurrency is one that may be tried again', async () => {
    const url = await start(() => {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    });
    expect(await bodyOf(fetch(url))).toEqual(UNAVAILABLE);
  });

  it('by taking longer than the integration may is one that may be tried again', async () => {
    const url = await start(() => new Promise(() => {}), ['$default'], { TimeoutInMillis: 50 });
    expect(await bodyOf(fetch(url))).toEqual(UNAVAILABLE);
  });

  it('by a path that is encoded badly is the client’s fault', async () => {
    const url = await start();
    const call = request(`${url}/`, { path: '/%E0%A4' }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(400);
  });

  it('by a body above ten megabytes is the client’s fault, with a length or in chunks', async () => {
    const url = await start();
    const body = Buffer.alloc(10 * 1_024 * 1_024 + 1);
    expect(await bodyOf(fetch(url, { method: 'POST', body }))).toEqual({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
    const call = request(url, { method: 'POST' });
    call.on('error', () => {});
    call.write(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    call.destroy();
    expect(invoked).toEqual([]);
  });

  it('by headers above ten kilobytes is the client’s fault', async () => {
    const url = await start();
    expect(await bodyOf(fetch(url, { headers: { 'X-Long': 'x'.repeat(10_300) } }))).toMatchObject({ status: 431 });
    expect(await bodyOf(fetch(url, { headers: { 'X-Long': 'x'.repeat(9_500) } }))).toMatchObject({ status: 200 });
  });
});

describe('with a real function', () => {
  it('a request gets there and back', async () => {
    const arn = fixture.addFunction(
      'f',
      `export const handler = async ({ rawPath, body }) => ({ statusCode: 202, body: rawPath + ' ' + body });`,
    );
    addRoutes(['$default'], { IntegrationUri: arn });
    const { stack } = fixture;
    const host = new ProcessLambdaHost({ stack, authorizer, endpointUrl: '', credentialsOf: () => CREDENTIALS });
    try {
      api = await HttpApi.start({ stack, authorizer, host });
      const headers = { 'Content-Type': 'text/plain' };
      expect(await bodyOf(fetch(`${api.url}/v1`, { method: 'POST', body: 'hello', headers }))).toEqual({
        status: 202,
        body: '/v1 hello',
      });
    } finally {
      await host.close();
    }
  });
});
