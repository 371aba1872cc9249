import type { FunctionName } from '../../lib/infra/tenon-props.ts';
import { dollarsOf } from './bill.ts';
import type { KindName } from './kinds.ts';
import type { CostResult, KindResult } from './result.ts';
import { minus, sumOf, times, type Usage, writeUnitsOf } from './usage.ts';

/** Reading what became of an instance is the caller's choice, and stands apart. */
const readers: readonly FunctionName[] = ['long-poll'];

/** Of one instance, from its creation to its end, without whoever reads it. */
export function usageOf(kind: KindResult): Usage {
  const functions = Object.entries(kind.functions).filter(([name]) => !readers.includes(name as FunctionName));
  return times(sumOf(functions.map(([, { usage }]) => usage)), 1 / kind.instances);
}

/** Of one read with `?wait=20`. */
export function usageOfReading(kind: KindResult): Usage {
  const { usage, invocations } = kind.functions['long-poll'];
  return times(usage, 1 / invocations);
}

/** Dollars of a million instances. */
export function millionOf(kind: KindResult): number {
  return 1_000_000 * dollarsOf(usageOf(kind));
}

export type StepCosts = Readonly<{ writeUnits: number; usdPerMillion: number }>;

/** What one step more costs in an instance that there is anyway: the difference to an instance without steps, by step. */
export function marginalStep({ kinds }: CostResult, name: KindName, steps: number): StepCosts {
  const step = times(minus(usageOf(kinds[name]), usageOf(kinds.none)), 1 / steps);
  return { writeUnits: writeUnitsOf(step), usdPerMillion: 1_000_000 * dollarsOf(step) };
}

/** Messages that a dispatcher got at once. */
export function batchSizeOf(kind: KindResult): number {
  const { api, dispatcher } = kind.functions;
  return ((api.usage.queueRequests ?? 0) + ownSends(kind)) / dispatcher.invocations;
}

/** Messages that turns sent, beside the receipts and deletions that are counted with them. */
function ownSends({ functions: { dispatcher } }: KindResult): number {
  return (dispatcher.usage.queueRequests ?? 0) - 2 * dispatcher.invocations;
}
