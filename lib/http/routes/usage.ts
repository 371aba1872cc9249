import { z } from 'zod';
import { invalidField } from '../../core/errors.ts';
import { DAY_MS } from '../../core/limits.ts';
import { type Charge, readUsage } from '../../service/read-usage.ts';
import { TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { instant } from '../schemas.ts';

/** Of a report, so that it stays one answer. */
const MAX_DAYS = 366;

const counts = {
  instances: z.number(),
  steps: z.number(),
  cpuMs: z.number(),
  bytes: z.number(),
  requests: z.number(),
};

const units = z.strictObject(counts).meta({ id: 'Units' });
const day = z.string().meta({ format: 'date' });
const charge = { units, price: z.number() };

const usageShape = z
  .strictObject({
    from: day,
    to: day,
    currency: z.string(),
    pricePerMillion: units,
    total: z.strictObject(charge),
    workflows: z.array(z.strictObject({ workflow: z.string(), ...charge })),
    days: z.array(z.strictObject({ day, ...charge })),
  })
  .meta({ id: 'Usage' });

const chargeView = ({ units: used, price }: Charge) => ({ units: used, price });

export const USAGE_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/usage',
    tag: 'usage',
    summary: "Read a tenant's usage by UTC days, both included, and its price; without `from` the last 30 days",
    access: 'tenant',
    params: { tenant: TENANT },
    query: z.strictObject({ from: instant.exactOptional(), to: instant.exactOptional() }),
    responses: { 200: { description: 'Units and their price', schema: usageShape } },
    problems: [],
    handle: async ({ app, tenant, query }) => {
      const to = query.to ?? app.deps.clock.now();
      const from = query.from ?? to - 29 * DAY_MS;
      if (from > to) throw invalidField('from', 'must not be after to');
      if (to - from > MAX_DAYS * DAY_MS) throw invalidField('from', `must be at most ${MAX_DAYS} days before to`);
      const report = await readUsage(app.deps, { tenant: tenant.id, from, to });
      const { fromDay, toDay, currency, pricePerMillion, total, workflows, days } = report;
      return {
        status: 200,
        body: {
          from: fromDay,
          to: toDay,
          currency,
          pricePerMillion,
          total: chargeView(total),
          workflows: workflows.map(({ workflow, ...rest }) => ({ workflow, ...chargeView(rest) })),
          days: days.map(({ day: on, ...rest }) => ({ day: on, ...chargeView(rest) })),
        },
      };
    },
  }),
];
