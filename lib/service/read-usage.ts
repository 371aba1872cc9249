import { addUnits, DEFAULT_PRICES, dayOf, NO_UNITS, priceOf, type Units } from '../core/usage.ts';
import type { Dependencies } from './dependencies.ts';

export interface Charge {
  readonly units: Units;
  /** In the currency of the report. */
  readonly price: number;
}

export interface UsageReport {
  /** The first and the last day of it, UTC, both included: `2026-01-31`. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly currency: string;
  /** Of a million of each unit. */
  readonly pricePerMillion: Units;
  readonly total: Charge;
  readonly workflows: readonly (Charge & { readonly workflow: string })[];
  /** Days on which something was used. */
  readonly days: readonly (Charge & { readonly day: string })[];
}

/** What a tenant has used on the days from `from` to `to` (epoch ms), and what that costs by the operator's prices. */
export const readUsage = async (
  deps: Pick<Dependencies, 'usageStore' | 'prices'>,
  { tenant, from, to }: { readonly tenant: string; readonly from: number; readonly to: number },
): Promise<UsageReport> => {
  const fromDay = dayOf(from);
  const toDay = dayOf(to);
  const prices = deps.prices ?? DEFAULT_PRICES;
  const rows = await deps.usageStore.read({ tenant, fromDay, toDay });
  let total = NO_UNITS;
  const workflows = new Map<string, Units>();
  const days = new Map<string, Units>();
  for (const { workflow, day, units } of rows) {
    total = addUnits(total, units);
    days.set(day, addUnits(days.get(day) ?? NO_UNITS, units));
    if (workflow !== undefined) workflows.set(workflow, addUnits(workflows.get(workflow) ?? NO_UNITS, units));
  }
  const charge = (units: Units): Charge => ({ units, price: priceOf(units, prices) });
  return {
    fromDay,
    toDay,
    currency: prices.currency,
    pricePerMillion: prices.perMillion,
    total: charge(total),
    workflows: [...workflows].toSorted(byName).map(([workflow, units]) => ({ workflow, ...charge(units) })),
    days: [...days].map(([day, units]) => ({ day, ...charge(units) })),
  };
};

const byName = ([a]: readonly [string, Units], [b]: readonly [string, Units]): number => (a < b ? -1 : 1);
