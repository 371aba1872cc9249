import { isInstanceId, isWorkflowName } from '../core/names.ts';
import type { Wake } from '../ports/wake-queue.ts';
import type { Dependencies } from './dependencies.ts';

/** Wake-ups that one call of a tenant's machine may ask for. */
const MAX_ASKED = 10_000;
/** Of lives and of owners of leases. */
const RANDOM_ID = /^[0-9a-f]{32}$/;

/**
 * Sends the wake-ups that a tenant's own machine asks for. They were made beside that tenant's code, so each is checked:
 * nothing but instances of that tenant can be named, whatever else it says.
 */
export const sendAsked = async (
  { wakes, onError }: Pick<Dependencies, 'wakes'> & { readonly onError: (error: unknown) => void },
  tenant: string,
  asked: readonly unknown[],
): Promise<void> => {
  if (asked.length > MAX_ASKED) onError(new Error(`A machine of ${tenant} asks for ${asked.length} wake-ups`));
  for (const wake of asked.slice(0, MAX_ASKED)) {
    if (isWakeOf(tenant, wake)) await wakes.wake(wake);
    else onError(new Error(`A machine of ${tenant} asks for what is no wake-up of that tenant`));
  }
};

const isWakeOf = (tenant: string, value: unknown): value is Wake => {
  if (typeof value !== 'object' || value === null) return false;
  const { key, incarnation, at, leaseOwner, isForced } = value as { readonly [K in keyof Wake]?: unknown };
  if (typeof key !== 'object' || key === null) return false;
  const { tenant: owner, workflow, id } = key as Record<string, unknown>;
  return (
    owner === tenant &&
    typeof workflow === 'string' &&
    isWorkflowName(workflow) &&
    typeof id === 'string' &&
    isInstanceId(id) &&
    isRandomIdOrAbsent(incarnation) &&
    isRandomIdOrAbsent(leaseOwner) &&
    (isForced === undefined || isForced === true) &&
    (at === undefined || (typeof at === 'number' && Number.isFinite(at)))
  );
};

const isRandomIdOrAbsent = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && RANDOM_ID.test(value));
