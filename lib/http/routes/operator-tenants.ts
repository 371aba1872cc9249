import { z } from 'zod';
import { isTenantId } from '../../core/names.ts';
import { createTenant } from '../../service/create-tenant.ts';
import { deleteTenant } from '../../service/delete-tenant.ts';
import { listTenants } from '../../service/list-tenants.ts';
import { updateTenant } from '../../service/update-tenant.ts';
import { readPage } from '../pages.ts';
import { TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { cursor, DEFAULT_PAGE, pageQuery } from '../schemas.ts';
import { egress, isolation, limitChanges, limits, tenantName, tenantShape, tenantView } from './tenant-shapes.ts';

const tag = 'tenants';

export const OPERATOR_TENANT_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/tenants',
    tag,
    summary: 'Create a tenant; its first key is shown here and never again',
    access: 'operator',
    params: {},
    body: {
      kind: 'json',
      schema: z.strictObject({
        id: z
          .string()
          .refine(isTenantId, 'must match ^[a-z0-9][a-z0-9-]{0,62}$')
          .meta({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }),
        name: tenantName.optional(),
        isolation: isolation.optional(),
        limits: limits.optional(),
        egress: egress.optional(),
      }),
    },
    responses: {
      201: { description: 'Created', schema: z.strictObject({ tenant: tenantShape, apiKey: z.string() }) },
    },
    problems: ['tenant.already_exists'],
    concerns: ({ id }) => id,
    handle: async ({ app, body }) => {
      const { tenant, keyId, apiKey } = await createTenant(app.deps, body);
      return { status: 201, body: { tenant: tenantView(tenant), apiKey }, made: { madeKeyId: keyId } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants',
    tag,
    summary: 'List the tenants',
    access: 'operator',
    params: {},
    query: z.strictObject(pageQuery),
    responses: {
      200: { description: 'A page of tenants', schema: z.strictObject({ tenants: z.array(tenantShape), cursor }) },
    },
    problems: [],
    handle: async ({ app, query }) => {
      const { limit = DEFAULT_PAGE, ...from } = query;
      const page = await readPage(limit, (max) => listTenants(app.deps, { ...from, limit: max }), tenantView);
      return { status: 200, body: { tenants: page.views, cursor: page.cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}',
    tag,
    summary: 'Read a tenant',
    access: 'tenant',
    params: { tenant: TENANT },
    responses: { 200: { description: 'The tenant', schema: tenantShape } },
    problems: [],
    handle: async ({ tenant }) => ({ status: 200, body: tenantView(tenant) }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/v1/tenants/{tenant}',
    tag,
    summary: "Change a tenant's name, limits, egress or isolation, suspend it or lift that",
    access: 'operator',
    params: { tenant: TENANT },
    body: {
      kind: 'json',
      schema: z
        .strictObject({ name: tenantName, isolation, limits: limitChanges, egress, suspended: z.boolean() })
        .partial(),
    },
    responses: { 200: { description: 'The tenant as it is now', schema: tenantShape } },
    problems: [],
    handle: async ({ app, tenant, body }) => ({
      status: 200,
      body: tenantView(await updateTenant(app.deps, { ...body, tenant: tenant.id })),
    }),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}',
    tag,
    summary: 'Delete a tenant with all its data',
    access: 'operator',
    params: { tenant: TENANT },
    responses: { 202: { description: 'Deleted', schema: z.strictObject({ id: z.string() }) } },
    problems: [],
    handle: async ({ app, tenant }) => {
      await deleteTenant(app.deps, { tenant: tenant.id });
      return { status: 202, body: { id: tenant.id } };
    },
  }),
];
