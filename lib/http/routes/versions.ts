import { z } from 'zod';
import { activateVersion } from '../../service/activate-version.ts';
import { listVersions, type VersionView } from '../../service/list-versions.ts';
import { readSource } from '../../service/read-source.ts';
import { isoTime } from '../instance-view.ts';
import { readPage } from '../pages.ts';
import { TENANT, VERSION } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { cursor, DEFAULT_PAGE, pageQuery, time } from '../schemas.ts';

const tag = 'versions';

const versionShape = z
  .strictObject({
    version: z.string(),
    active: z.boolean(),
    createdAt: time,
    workflows: z.array(z.strictObject({ name: z.string() })),
    hasFetch: z.boolean(),
    size: z.int(),
    apiLevel: z.int(),
  })
  .meta({ id: 'Version' });

const sourceShape = z
  .strictObject({
    version: z.string(),
    contentType: z
      .enum(['text/typescript', 'text/javascript', 'application/zip'])
      .describe('What the files can be uploaded as again'),
    files: z.array(z.strictObject({ path: z.string(), text: z.string() })).describe('By path'),
  })
  .meta({ id: 'VersionSource' });

const view = ({ version, isActive, createdAt, workflows, hasFetch, size, apiLevel }: VersionView) => ({
  version,
  active: isActive,
  createdAt: isoTime(createdAt),
  workflows,
  hasFetch,
  size,
  apiLevel,
});

export const VERSION_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/versions',
    tag,
    summary: "List the tenant's versions, newest first",
    access: 'tenant',
    params: { tenant: TENANT },
    query: z.strictObject(pageQuery),
    responses: {
      200: { description: 'A page of versions', schema: z.strictObject({ versions: z.array(versionShape), cursor }) },
    },
    problems: [],
    handle: async ({ app, tenant, query }) => {
      const { limit = DEFAULT_PAGE, ...from } = query;
      const read = (max: number) => listVersions(app.deps, { ...from, tenant: tenant.id, limit: max });
      const page = await readPage(limit, read, view);
      return { status: 200, body: { versions: page.views, cursor: page.cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/versions/{version}/source',
    tag,
    summary: 'The modules that a version was made of, as they were uploaded',
    access: 'tenant',
    params: { tenant: TENANT, version: VERSION },
    responses: { 200: { description: 'The source', schema: sourceShape } },
    problems: ['version.not_found', 'source.not_found', 'source.too_large'],
    handle: async ({ app, tenant, path }) => ({
      status: 200,
      body: await readSource(app.deps, { tenant: tenant.id, version: path.version }),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/versions/{version}/activate',
    tag,
    summary: 'Make a version the one that new instances take',
    access: 'tenant',
    params: { tenant: TENANT, version: VERSION },
    body: {
      kind: 'optional_json',
      schema: z.strictObject({
        requireCheck: z
          .union([z.boolean(), z.string().min(1).max(128)])
          .exactOptional()
          .describe('`true`: only after a fresh check that has passed; an id: after that one'),
      }),
    },
    responses: { 200: { description: 'Active', schema: versionShape } },
    problems: [
      'version.not_found',
      'check.not_found',
      'version.check_failed',
      'version.check_stale',
      'tenant.suspended',
    ],
    isRefusedWhenSuspended: true,
    handle: async ({ app, tenant, path, body }) => {
      const version = await activateVersion(app.deps, { tenant: tenant.id, version: path.version, ...body });
      return { status: 200, body: view(version) };
    },
  }),
];
