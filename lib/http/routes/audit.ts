import { z } from 'zod';
import { isTenantId } from '../../core/names.ts';
import type { AuditEntry } from '../../ports/audit-log.ts';
import { type ReadAuditParams, readAudit } from '../../service/read-audit.ts';
import { given, isoTime } from '../instance-view.ts';
import { readPage } from '../pages.ts';
import { TENANT } from '../path-params.ts';
import { type AppContext, defineRoute, type Route } from '../route.ts';
import { cursor, DEFAULT_PAGE, instant, pageQuery, time } from '../schemas.ts';

const tag = 'audit';

const entryShape = z
  .strictObject({
    id: z.string(),
    at: time,
    by: z.union([
      z.strictObject({ kind: z.literal('operator') }),
      z.strictObject({ kind: z.literal('key'), keyId: z.string() }),
    ]),
    operation: z.string(),
    names: z.record(z.string(), z.string()),
    tenant: z.string().optional(),
    traceId: z.string(),
    status: z.int().optional().describe('Absent: whether the call took effect is not known'),
  })
  .meta({ id: 'AuditEntry' });

const span = { from: instant.exactOptional(), to: instant.exactOptional(), ...pageQuery };
const responses = {
  200: { description: 'A page of entries', schema: z.strictObject({ entries: z.array(entryShape), cursor }) },
};

const entryView = ({ at, tenant, status, ...entry }: AuditEntry) => ({
  ...entry,
  at: isoTime(at),
  ...given('tenant', tenant, (id) => id),
  ...given('status', status, (number) => number),
});

const pageOf = async ({ deps }: AppContext, { limit, ...params }: ReadAuditParams) => {
  const page = await readPage(limit, (max) => readAudit(deps, { ...params, limit: max }), entryView);
  return { status: 200, body: { entries: page.views, cursor: page.cursor } };
};

export const AUDIT_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/audit',
    tag,
    summary: 'Who changed what, newest first: all calls of the operator, and what was done to keys and variables',
    access: 'operator',
    params: {},
    query: z.strictObject({
      tenant: z.string().refine(isTenantId, 'must match ^[a-z0-9][a-z0-9-]{0,62}$').exactOptional(),
      ...span,
    }),
    responses,
    problems: [],
    handle: ({ app, query: { limit = DEFAULT_PAGE, ...query } }) => pageOf(app, { ...query, limit }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/audit',
    tag,
    summary: 'The same of one tenant, from after it was made',
    access: 'tenant',
    params: { tenant: TENANT },
    query: z.strictObject(span),
    responses,
    problems: [],
    handle: ({ app, tenant, query: { limit = DEFAULT_PAGE, from = 0, ...query } }) => {
      // What was before is of another tenant that had this id. An entry is older than what comes of it.
      const since = Math.max(from, tenant.createdAt + 1);
      return pageOf(app, { ...query, tenant: tenant.id, from: since, limit });
    },
  }),
];
