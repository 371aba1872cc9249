/** What a tenant has used. Counts, from zero. */
export interface Units {
  /** Instances created. */
  readonly instances: number;
  /** Steps made by `step.do` that got their outcome. */
  readonly steps: number;
  /** CPU time of the tenant's code, ms. */
  readonly cpuMs: number;
  /** Of values put into storage: params, event payloads, results, outputs; bytes of their encoded text. */
  readonly bytes: number;
  /** Requests to the API in the tenant's name, and to its front door. */
  readonly requests: number;
}

export type Unit = keyof Units;

export const UNITS: readonly Unit[] = ['instances', 'steps', 'cpuMs', 'bytes', 'requests'];

export const NO_UNITS: Units = { instances: 0, steps: 0, cpuMs: 0, bytes: 0, requests: 0 };

export const addUnits = (a: Units, b: Partial<Units>): Units => ({
  instances: a.instances + (b.instances ?? 0),
  steps: a.steps + (b.steps ?? 0),
  cpuMs: a.cpuMs + (b.cpuMs ?? 0),
  bytes: a.bytes + (b.bytes ?? 0),
  requests: a.requests + (b.requests ?? 0),
});

/** What the operator asks for a million of each unit, in `currency`. */
export interface Prices {
  /** ISO 4217. */
  readonly currency: string;
  readonly perMillion: Units;
}

/**
 * What AWS bills for them, about, by the measured units of `docs/cost.md`: an instance without steps less the request that
 * creates it; one more effectful step; a virtual processor of Lambda (1,769 MB, arm64); a kilobyte written to DynamoDB and
 * kept for a month; a request to the front door with its turn of `api`.
 */
export const DEFAULT_PRICES: Prices = {
  currency: 'USD',
  perMillion: { instances: 8.8, steps: 0.83, cpuMs: 0.0236, bytes: 0.00088, requests: 1.63 },
};

/** Prices as an operator wrote them, or what is wrong with them. */
export const readPrices = (value: unknown): Prices | { readonly problem: string } => {
  const no = (problem: string): { readonly problem: string } => ({ problem });
  if (!isRecord(value)) return no('prices must be { currency, perMillion }');
  const { currency, perMillion, ...others } = value;
  const unknownField = Object.keys(others)[0];
  if (unknownField !== undefined) return no(`prices have no field "${unknownField}"`);
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    return no('currency must be three capital letters, such as "USD"');
  }
  if (!isRecord(perMillion)) return no(`perMillion must have a number for each of ${UNITS.join(', ')}`);
  const strange = Object.keys(perMillion).find((unit) => !UNITS.some((known) => known === unit));
  if (strange !== undefined) return no(`perMillion has no unit "${strange}": there are ${UNITS.join(', ')}`);
  for (const unit of UNITS) {
    const price = perMillion[unit];
    if (typeof price !== 'number' || !Number.isFinite(price) || price < 0) {
      return no(`perMillion.${unit} must be a number from 0`);
    }
  }
  return { currency, perMillion: { ...NO_UNITS, ...(perMillion as Partial<Units>) } };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In the currency of `prices`, to a billionth. */
export const priceOf = (units: Units, { perMillion }: Prices): number => {
  let price = 0;
  for (const unit of UNITS) price += (units[unit] / 1e6) * perMillion[unit];
  return Math.round(price * 1e9) / 1e9;
};

/** A UTC day as `2026-01-31`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
