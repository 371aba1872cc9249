import { isWorkflowName } from '../core/names.ts';
import { UNITS, type Units } from '../core/usage.ts';
import type { UsageMeter } from '../ports/usage.ts';

/** Workflows of one tenant that one call may tell of. */
const MAX_ROWS = 1_000;
/** Of one unit in one call: no machine does as much in the time. */
const MAX_COUNT = 1e12;

/** Counts what a tenant's own machine says it has used. It may have been taken over: the tenant is who was asked. */
export const countAsked = (meter: UsageMeter | undefined, tenant: string, used: readonly unknown[]): void => {
  for (const row of used.slice(0, MAX_ROWS)) {
    const { workflow, units } = Object(row) as { readonly workflow?: unknown; readonly units?: unknown };
    if (workflow !== undefined && (typeof workflow !== 'string' || !isWorkflowName(workflow))) continue;
    const counts = Object(units) as Partial<Record<keyof Units, unknown>>;
    const known: Record<string, number> = {};
    for (const unit of UNITS) {
      const count = counts[unit];
      if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 && count <= MAX_COUNT) {
        known[unit] = count;
      }
    }
    meter?.count({ tenant, ...(workflow !== undefined && { workflow }) }, known);
  }
};
