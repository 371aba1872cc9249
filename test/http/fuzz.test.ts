import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiRoute } from '../../lib/http/openapi.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { type Api, createApi, OPERATOR_KEY } from './api.ts';

/** Of each route. A failing run prints its seed and path; `fc.assert(..., { seed, path })` plays it again. */
const RUNS = 40;

const ALL = [...ROUTES, openApiRoute(ROUTES)];

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Hello', 'one', 'a'.repeat(32), 'go', 'batch', 'NAME') },
  fc.string().map(encodeURIComponent),
  fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('%', '%ff', '%00', '%2e%2e%2f', '__proto__', 'constructor', '%F0%9F%98%80'),
);

const fields = [
  'id',
  'name',
  'limits',
  'steps',
  'egress',
  'allow',
  'gateway',
  'isolation',
  'suspended',
  'value',
  'secret',
  'size',
  'sha256',
  'contentType',
  'activate',
  'requireCheck',
  'retention',
  'success',
  'determinism',
  'params',
  'version',
  'instances',
  'count',
  'ids',
  'status',
  'from',
  'rollback',
  'concurrency',
  'concurrent',
  'limit',
  'schedules',
  'cron',
  'type',
  'toString',
  '__proto__',
  'constructor',
];
const leaf = fc.oneof(
  fc.constantFrom('none', 'pause', 'restart', 'terminate', 'strict', '1 day', 'a'.repeat(64), 'text/typescript', 'one'),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 4 }), tie('object')),
  object: fc.array(fc.tuple(fc.constantFrom(...fields), tie('any')), { maxLength: 6 }),
}));

/** As text, so that `__proto__` and fields given twice are really sent. */
const toText = (node: unknown): string => {
  if (!Array.isArray(node)) return JSON.stringify(node);
  const isObject =
    node.length > 0 && node.every((entry) => Array.isArray(entry) && fields.includes(entry[0] as string));
  if (!isObject) return `[${node.map(toText).join(',')}]`;
  return `{${(node as [string, unknown][]).map(([key, item]) => `${JSON.stringify(key)}:${toText(item)}`).join(',')}}`;
};

const body = fc.oneof(
  {
    weight: 5,
    arbitrary: value.object.map((node) => (Array.isArray(node) && node.length === 0 ? '{}' : toText(node))),
  },
  fc.json(),
  fc.string(),
  fc.uint8Array(),
  fc.constant(undefined),
);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    '?wait=0',
    '?limit=1',
    '?status=queued',
    '?cursor=x',
    '?name=a&count=1',
    '?from=2026-01-01T00:00:00Z',
    '?%',
  ),
  fc.webQueryParameters().map((text) => `?${text}`),
);

const headers = fc.dictionary(
  fc.constantFrom('idempotency-key', 'content-type'),
  fc.string({ unit: 'grapheme-ascii' }).map((text) => text.trim()),
);

/** What only somebody who sees into the server could say. */
const INNER = /node_modules|node:internal|\.ts:\d|SQLITE|\bat \S+ \(/;

describe('whatever is sent', () => {
  let api: Api;
  let key: string;
  beforeAll(async () => {
    api = await createApi({
      startValidation: () => undefined,
      handleTenantRequest: async () => new Response('a page'),
    });
    const tenant = await api.makeTenant('ours');
    key = tenant.key;
    await api.call('POST', `${tenant.base}/workflows/Hello/instances`, { key, body: { id: 'one' } });
  });
  afterAll(() => api.close());

  it.each(ALL.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s answers as the document says, never by a failure of ours, and tells nothing of what is inside',
    async (_, route) => {
      // What removes a tenant is not let near the one that all the others need.
      const tenant = route.method === 'DELETE' && route.path === '/v1/tenants/{tenant}' ? '{tenant}' : 'ours';
      // These wait by themselves for what is to come.
      const isWaiting = /\/(?:subscribe|logs)$/.test(route.path);
      await fc.assert(
        fc.asyncProperty(
          fc.array(part, { minLength: 3, maxLength: 3 }),
          query,
          body,
          headers,
          fc.boolean(),
          async (parts, search, sent, more, isOperator) => {
            let index = 0;
            const filled = route.path
              .replace('{tenant}', tenant)
              .replace(/\{[A-Za-z]+\}|\*/g, () => parts[index++] || 'x');
            // Parts such as `.` are taken out of an address before it is sent.
            const address = new URL(`http://x${filled}`).pathname;
            const method = route.method === 'ANY' ? 'POST' : route.method;
            const asked = isWaiting && search.length <= 1 ? '?wait=0' : search;
            const response = await api.call(method, `${address}${asked}`, {
              key: isOperator ? OPERATOR_KEY : key,
              ...(method === 'GET' ? {} : { body: sent }),
              headers: more,
            });
            if (response.status >= 500) expect([response.status, address]).toEqual([501, address]);
            const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
            const text = isEndless ? '' : await response.text();
            expect(text).not.toMatch(INNER);
            expect(text).not.toContain(api.folder);
          },
        ),
        { numRuns: RUNS },
      );
      expect(api.errors).toEqual([]);
    },
    60_000,
  );
});
