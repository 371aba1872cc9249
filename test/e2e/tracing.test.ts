import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { TenantWorld, workflow } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { TenonProcess } from './tenon-process.ts';

const OPERATOR_KEY = 'operator-key-of-the-tests';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

/** Prints each package of OpenTelemetry that is asked for. */
const TELL_LOADS = `--import=data:text/javascript,${encodeURIComponent(
  "import { registerHooks } from 'node:module'; registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@opentelemetry')) console.log('loads ' + name); return next(name, context); } });",
)}`;

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: SentSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** Takes spans as a collector does, by OTLP over HTTP. */
const startCollector = async (answer: 'takes' | 'refuses' | 'is silent' = 'takes') => {
  const bodies: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'POST' && request.url === '/v1/traces') bodies.push(Buffer.concat(chunks).toString('utf8'));
    if (answer === 'is silent') return;
    response.writeHead(answer === 'takes' ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sent = (): Sent['resourceSpans'] => bodies.flatMap((body) => (JSON.parse(body) as Sent).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    sent,
    spans: () => sent().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};

const told = ({ attributes }: Pick<SentSpan, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

let folder: ReturnType<typeof makeFolder>;
let collector: Awaited<ReturnType<typeof startCollector>>;
let server: TenonProcess;
const ledger = new Ledger();

beforeAll(() => ledger.listen());
afterAll(() => ledger.close());
beforeEach(() => {
  folder = makeFolder();
});
afterEach(async () => {
  await server.stop('SIGKILL');
  await collector.close();
  folder.remove();
});

const start = async (env: Record<string, string>): Promise<TenantWorld> => {
  const args = ['dev', '--port', '0', '--data', 'data', '--no-demo'];
  server = new TenonProcess(args, {
    cwd: folder.path,
    env: { ...env, TENON_OPERATOR_KEY: OPERATOR_KEY, NODE_OPTIONS: TELL_LOADS },
  });
  const url = await server.listening();
  const operator = new Api(url, OPERATOR_KEY);
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id: 'acme' } });
  return new TenantWorld('acme', new Api(url, body.apiKey), operator, ledger);
};

/** Two turns, an attempt that fails with the params in its message, a call to the outside, and a child. */
const PARENT_AND_CHILD = workflow(`
  if (event.payload.isChild) return 'hush-child';
  await step.do('store', { retries: { limit: 1, delay: 1 } }, async (context) => {
    if (context.attempt === 1) throw new RangeError(event.payload.secret);
    await this.env.STORAGE.put('hush-key', event.payload.secret);
    return event.payload.secret;
  });
  await step.do('start', async () => { await this.env.WORKFLOWS.create({ id: 'child', params: { isChild: true } }); });
  await step.waitForEvent('go on', { type: 'go' });
  return event.payload.secret;`);

/** Runs the instance `one` to its end, and its child. */
const runBoth = async (tenant: TenantWorld): Promise<void> => {
  await tenant.deploy(PARENT_AND_CHILD);
  const created = await tenant.api.expect(201, 'POST', `${tenant.instances()}?wait=0`, {
    json: { id: 'one', params: { secret: 'hush-value' } },
    headers: { traceparent: `00-${TRACE}-${PARENT}-01` },
  });
  expect(created.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-0[01]$`));
  await tenant.instance('one').waiting('go on');
  await tenant.instance('one').send('go', 'hush-event');
  expect(await tenant.instance('one').completed()).toBe('hush-value');
  expect(await tenant.instance('child').completed()).toBe('hush-child');
  expect(await server.stop('SIGTERM')).toBe(0);
};

it('sends one trace from the call that creates an instance to its steps, its later turns and its children', async () => {
  collector = await startCollector();
  await runBoth(await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'ours' }));
  const ofTrace = collector.spans().filter(({ traceId }) => traceId === TRACE);
  const named = (name: string): SentSpan[] => ofTrace.filter((span) => span.name === name);

  const [creation] = named('POST /v1/tenants/{tenant}/workflows/{workflow}/instances');
  expect(creation?.parentSpanId).toBe(PARENT);
  expect(told(creation as SentSpan)).toMatchObject({ 'http.response.status_code': 201 });

  const turns = named('turn W').map((span) => ({ ...told(span), id: span.spanId }));
  const mine = turns.filter((turn) => 'tenon.instance' in turn && turn['tenon.instance'] === 'one');
  expect(mine).toEqual([
    expect.objectContaining({ 'tenon.tenant': 'acme', 'tenon.workflow': 'W', 'tenon.outcome': 'waiting' }),
    expect.objectContaining({ 'tenon.outcome': 'complete', 'tenon.version': expect.stringMatching(/^[0-9a-f]{32}$/) }),
  ]);
  expect(turns).toContainEqual(expect.objectContaining({ 'tenon.instance': 'child', 'tenon.outcome': 'complete' }));

  const attempts = named('do store');
  expect(attempts.map(told)).toEqual([
    expect.objectContaining({ 'tenon.step.count': expect.anything(), 'error.type': 'RangeError' }),
    expect.not.objectContaining({ 'error.type': expect.anything() }),
  ]);
  const [call] = named('STORAGE.put');
  expect([...attempts, call].map((span) => span?.parentSpanId)).toEqual(Array(3).fill(mine[0]?.id));

  expect(told(collector.sent()[0]?.resource ?? { attributes: [] })).toMatchObject({ 'service.name': 'ours' });
  expect(collector.bodies.join()).not.toContain('hush');
  expect(server.out).toContain('loads @opentelemetry/');
});

it.each(['refuses', 'is silent'] as const)('touches no instance where the collector %s', async (answer) => {
  collector = await startCollector(answer);
  await runBoth(await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
  expect(collector.bodies).not.toEqual([]);
});

it.each([
  ['no collector is named', () => ({})],
  [
    'it is switched off',
    ({ url }: { url: string }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: 'true' }),
  ],
])('sends nothing and loads nothing where %s', async (_, envOf) => {
  collector = await startCollector();
  await runBoth(await start(envOf(collector)));
  expect(collector.bodies).toEqual([]);
  expect(server.out).not.toContain('loads @opentelemetry/');
});
