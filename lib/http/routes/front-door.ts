import { z } from 'zod';
import { TenonError } from '../../core/errors.ts';
import { MAX_BODY_BYTES } from '../../core/limits.ts';
import type { Tenant } from '../../service/read-tenant.ts';
import { bodyTooLarge, readBytes } from '../body.ts';
import { TENANT } from '../path-params.ts';
import { type AppContext, type Call, defineRoute, type Route } from '../route.ts';
import { containResponse } from '../tenant-response.ts';

const tag = 'front door';

/** No `Request` can be made with these. */
const IMPOSSIBLE_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** What reaches the tenant: the same request with its body whole, and without a key of ours. */
const passedRequest = async (app: AppContext, request: Request): Promise<Request> => {
  if (IMPOSSIBLE_METHODS.has(request.method)) {
    throw new TenonError('request.method_not_allowed', `${request.method} is not passed on.`);
  }
  const headers = new Headers(request.headers);
  const authorization = headers.get('authorization');
  if (authorization !== null && app.keys.isSecret(authorization)) headers.delete('authorization');
  const { method, url } = request;
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const body = await readBytes(request, MAX_BODY_BYTES);
  if (body === undefined) throw bodyTooLarge(MAX_BODY_BYTES);
  return new Request(url, { method, headers, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) });
};

const enter = async ({
  app,
  request,
  traceId,
  address,
  tenant,
}: Pick<Call<'/t/{tenant}', unknown, unknown>, 'app' | 'request' | 'traceId' | 'address'> & {
  readonly tenant: Tenant;
}) => {
  const afterTenant = address.path.indexOf('/', '/t/'.length);
  const path = afterTenant === -1 ? '/' : address.path.slice(afterTenant);
  const response = await app.useCases.handleTenantRequest({
    tenant: tenant.id,
    request: await passedRequest(app, request),
    path: `${path}${address.search}`,
    traceId,
  });
  return containResponse(response);
};

export const FRONT_DOOR_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/healthz',
    tag,
    summary: 'Whether the service answers',
    access: 'public',
    params: {},
    responses: { 200: { description: 'It does', schema: z.strictObject({ status: z.literal('ok') }) } },
    problems: [],
    handle: async () => ({ status: 200, body: { status: 'ok' } }),
  }),
  defineRoute({
    method: 'ANY',
    path: '/t/{tenant}/*',
    tag,
    summary: "The `default.fetch` of the tenant's active version",
    access: 'public',
    params: { tenant: TENANT },
    body: { kind: 'bytes' },
    responses: {},
    problems: [
      'tenant.not_found',
      'tenant.suspended',
      'fetch.not_exported',
      'version.none_active',
      'payload.too_large',
      'request.malformed',
      'request.method_not_allowed',
    ],
    isRefusedWhenSuspended: true,
    handle: enter,
  }),
];
