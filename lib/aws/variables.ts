import { VARIABLES } from '../aws-environment.ts';
import { type Prices, readPrices } from '../core/usage.ts';
import type { Isolation } from '../ports/tenant-store.ts';

export const variable = (name: keyof typeof VARIABLES): string => {
  const value = process.env[VARIABLES[name]];
  if (value === undefined || value === '') throw new Error(`The variable ${VARIABLES[name]} is not set`);
  return value;
};

export const hasVariable = (name: keyof typeof VARIABLES): boolean => process.env[VARIABLES[name]] !== undefined;

export const isPrivateEgressAllowed = (): boolean => process.env[VARIABLES.allowPrivateEgress] === '1';

export const isolationLevels = (): readonly [Isolation, ...Isolation[]] => {
  const levels = variable('isolationLevels').split(',') as Isolation[];
  return levels as [Isolation, ...Isolation[]];
};

/** `undefined`: as many as there are by default. */
export const suspendAfterStrikes = (): number | undefined =>
  hasVariable('suspendAfterStrikes') ? Number(variable('suspendAfterStrikes')) : undefined;

/** @throws Error that says what is wrong with them */
export const prices = (): { readonly prices?: Prices } => {
  if (!hasVariable('prices')) return {};
  const read = readPrices(JSON.parse(variable('prices')));
  if ('problem' in read) throw new Error(`${VARIABLES.prices}: ${read.problem}`);
  return { prices: read };
};
