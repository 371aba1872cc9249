import { z } from 'zod';
import { createKey } from '../../service/create-key.ts';
import { listKeys } from '../../service/list-keys.ts';
import { revokeKey } from '../../service/revoke-key.ts';
import { isoTime } from '../instance-view.ts';
import { KEY, TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { time } from '../schemas.ts';

const tag = 'keys';

export const KEY_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/keys',
    tag,
    summary: 'Make one more key for a tenant; it is shown here and never again',
    access: 'operator',
    params: { tenant: TENANT },
    body: { kind: 'optional_json', schema: z.strictObject({}) },
    responses: { 201: { description: 'Made', schema: z.strictObject({ keyId: z.string(), apiKey: z.string() }) } },
    problems: [],
    handle: async ({ app, tenant }) => ({ status: 201, body: await createKey(app.deps, { tenant: tenant.id }) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/keys',
    tag,
    summary: "List the ids of a tenant's keys",
    access: 'operator',
    params: { tenant: TENANT },
    responses: {
      200: {
        description: 'The keys',
        schema: z.strictObject({ keys: z.array(z.strictObject({ keyId: z.string(), createdAt: time })) }),
      },
    },
    problems: [],
    handle: async ({ app, tenant }) => {
      const keys = await listKeys(app.deps, { tenant: tenant.id });
      return {
        status: 200,
        body: { keys: keys.map(({ keyId, createdAt }) => ({ keyId, createdAt: isoTime(createdAt) })) },
      };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}/keys/{keyId}',
    tag,
    summary: 'Revoke a key: it is refused from the next call on',
    access: 'operator',
    params: { tenant: TENANT, keyId: KEY },
    responses: { 204: { description: 'Revoked' } },
    problems: ['key.not_found'],
    handle: async ({ app, tenant, path }) => {
      await revokeKey(app.deps, { tenant: tenant.id, keyId: path.keyId });
      return { status: 204 };
    },
  }),
];
