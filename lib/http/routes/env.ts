import { z } from 'zod';
import { deleteEnv } from '../../service/delete-env.ts';
import { listEnv } from '../../service/list-env.ts';
import { putEnv } from '../../service/put-env.ts';
import { given } from '../instance-view.ts';
import { ENV_NAME, TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';

const tag = 'env';

export const ENV_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/env',
    tag,
    summary: "List the tenant's variables; a secret's value is not shown",
    access: 'tenant',
    params: { tenant: TENANT },
    responses: {
      200: {
        description: 'The variables by name',
        schema: z.strictObject({
          env: z.array(z.strictObject({ name: z.string(), secret: z.boolean(), value: z.string().optional() })),
        }),
      },
    },
    problems: [],
    handle: async ({ app, tenant }) => {
      const entries = await listEnv(app.deps, { tenant: tenant.id });
      const env = entries.map(({ name, isSecret, value }) => ({
        name,
        secret: isSecret,
        ...given('value', value, (text) => text),
      }));
      return { status: 200, body: { env } };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/tenants/{tenant}/env/{NAME}',
    tag,
    summary: 'Set a variable',
    access: 'tenant',
    auditedBy: 'anyone',
    params: { tenant: TENANT, NAME: ENV_NAME },
    body: { kind: 'json', schema: z.strictObject({ value: z.string(), secret: z.boolean().optional() }) },
    responses: { 200: { description: 'Set', schema: z.strictObject({ name: z.string(), secret: z.boolean() }) } },
    problems: ['quota.exceeded'],
    handle: async ({ app, tenant, path, body }) => {
      const { value, secret = false } = body;
      await putEnv(app.deps, { tenant: tenant.id, name: path.NAME, value, isSecret: secret });
      return { status: 200, body: { name: path.NAME, secret } };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}/env/{NAME}',
    tag,
    summary: 'Remove a variable',
    access: 'tenant',
    auditedBy: 'anyone',
    params: { tenant: TENANT, NAME: ENV_NAME },
    responses: { 204: { description: 'Removed' } },
    problems: ['env.not_found'],
    handle: async ({ app, tenant, path }) => {
      await deleteEnv(app.deps, { tenant: tenant.id, name: path.NAME });
      return { status: 204 };
    },
  }),
];
