import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lib/http/routes.ts';
import { type Api, createApi, OPERATOR_KEY } from './api.ts';

/** A failing run prints its seed and path; `fc.assert(..., { seed, path })` plays it again. */
const RUNS = 1_500;

const OPEN = ROUTES.filter(
  ({ path, method }) => path !== '/t/{tenant}/*' && !(method === 'DELETE' && path === '/v1/tenants/{tenant}'),
);

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

describe('whatever is sent', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi({ startValidation: () => undefined });
    const { key, base } = await api.makeTenant('ours');
    await api.call('POST', `${base}/workflows/Hello/instances`, { key, body: { id: 'one' } });
  });
  afterAll(() => api.close());

  it('is answered as the document says, and never by a failure of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...OPEN),
        fc.array(part, { minLength: 3, maxLength: 3 }),
        query,
        body,
        fc.dictionary(fc.constantFrom('idempotency-key', 'content-type'), fc.string({ unit: 'grapheme-ascii' })),
        async (route, parts, search, sent, headers) => {
          let index = 0;
          const path = route.path.replace('{tenant}', 'ours').replace(/\{[A-Za-z]+\}/g, () => parts[index++] || 'x');
          // Parts such as `.` are taken out of an address before it is sent.
          const address = new URL(`http://x${path}`).pathname;
          const hasBody = route.method !== 'GET';
          // These wait by themselves for what is to come.
          const isWaiting = /\/(?:subscribe|logs)$/.test(route.path) && search.length <= 1;
          const asked = isWaiting ? '?wait=0' : search;
          const response = await api.call(route.method, `${address}${asked}`, {
            key: OPERATOR_KEY,
            ...(hasBody ? { body: sent } : {}),
            headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text.trim()])),
          });
          if (response.status >= 500) expect([response.status, path]).toEqual([501, path]);
        },
      ),
      { numRuns: RUNS },
    );
    expect(api.errors).toEqual([]);
  }, 60_000);
});
