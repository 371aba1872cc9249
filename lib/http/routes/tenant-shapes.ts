import { z } from 'zod';
import type { Tenant } from '../../service/read-tenant.ts';
import { effectiveLimits, TENANT_LIMIT_BOUNDS, type TENANT_LIMIT_NAMES } from '../../service/tenant-limits.ts';
import { given, isoTime } from '../instance-view.ts';
import { time } from '../schemas.ts';

/** A host's name, an IPv4 address, or `[IPv6]`; before a name `*.`; after any of them `:port`. */
const HOST = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(:\d{1,5})?$/i;
const IPV6_HOST = /^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/i;
const MAX_HOSTS = 100;
const MAX_PORT = 65_535;

const isHost = (text: string): boolean => {
  if (text.length > 255 || !(HOST.test(text) || IPV6_HOST.test(text))) return false;
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= MAX_PORT);
};

const isGateway = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
};

export const egress = z.union(
  [
    z.enum(['none', 'public']),
    z.strictObject({
      allow: z
        .array(z.string().refine(isHost, 'must be a host such as api.example.com, *.example.org or 127.0.0.1:9000'))
        .max(MAX_HOSTS, `has at most ${MAX_HOSTS} hosts`),
    }),
    z.strictObject({
      gateway: z.string().max(2_048).refine(isGateway, 'must be an http or https URL without user and password'),
    }),
  ],
  { error: 'must be "none", "public", { allow: [hosts] } or { gateway: url }' },
);

export const isolation = z.enum(['isolate', 'microvm']);

const MAX_TENANT_NAME = 200;
export const tenantName = z.string().min(1).max(MAX_TENANT_NAME);

const limitField = (name: (typeof TENANT_LIMIT_NAMES)[number]) =>
  z.int().min(TENANT_LIMIT_BOUNDS[name].min).max(TENANT_LIMIT_BOUNDS[name].max);

const limitFields = {
  cpuMs: limitField('cpuMs'),
  memoryMb: limitField('memoryMb'),
  steps: limitField('steps'),
  createPerSecond: limitField('createPerSecond'),
  concurrent: limitField('concurrent'),
  subrequests: limitField('subrequests'),
  storageMb: limitField('storageMb'),
};

export const limits = z.strictObject(limitFields).partial();

/** `null` takes a limit back to its default. */
export const limitChanges = z
  .strictObject({
    cpuMs: limitFields.cpuMs.nullable(),
    memoryMb: limitFields.memoryMb.nullable(),
    steps: limitFields.steps.nullable(),
    createPerSecond: limitFields.createPerSecond.nullable(),
    concurrent: limitFields.concurrent.nullable(),
    subrequests: limitFields.subrequests.nullable(),
    storageMb: limitFields.storageMb.nullable(),
  })
  .partial();

export const tenantShape = z
  .strictObject({
    id: z.string(),
    name: z.string().optional(),
    isolation,
    limits: z.strictObject(limitFields),
    egress,
    suspended: z.boolean(),
    suspension: z
      .strictObject({ at: time, reason: z.string() })
      .optional()
      .describe('Why the service has suspended it by itself'),
    strikes: z
      .array(z.strictObject({ at: time, what: z.string() }))
      .optional()
      .describe('When its code has cost a process; the latest ones'),
    createdAt: time,
  })
  .meta({ id: 'Tenant' });

/** Limits are shown as they hold, defaults filled in. */
export const tenantView = (tenant: Tenant) => ({
  id: tenant.id,
  ...given('name', tenant.name, (name) => name),
  isolation: tenant.isolation,
  limits: effectiveLimits(tenant.limits),
  egress: tenant.egress,
  suspended: tenant.suspended,
  ...given('suspension', tenant.suspension, ({ at, reason }) => ({ at: isoTime(at), reason })),
  ...given('strikes', tenant.strikes, (strikes) => strikes.map(({ at, what }) => ({ at: isoTime(at), what }))),
  createdAt: isoTime(tenant.createdAt),
});
