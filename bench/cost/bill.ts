import { type MonthlyPart, meterPrices, monthlyPrices, type Price } from './prices.ts';
import { METERS, type Meter, type Usage } from './usage.ts';

/** The lines of a bill: which meters belong together for whoever reads it. */
export const services = {
  DynamoDB: ['tableWriteUnits', 'indexWriteUnits', 'readUnits'],
  'Lambda time': ['lambdaGbSeconds', 'tenantEnvironmentsGb'],
  'Lambda requests': ['lambdaRequests'],
  SQS: ['queueRequests'],
  'API Gateway': ['httpRequests'],
  Logs: ['logGb'],
  others: ['objectWrites', 'objectReads', 'schedules', 'keyRequests', 'secretRequests', 'executions'],
} as const satisfies Readonly<Record<string, readonly Meter[]>>;

export type Service = keyof typeof services;

export function dollarsOf(usage: Usage): number {
  return dollarsOfMeters(usage, METERS);
}

export function dollarsByService(usage: Usage): Readonly<Record<Service, number>> {
  const lines = Object.entries(services).map(([name, meters]) => [name, dollarsOfMeters(usage, meters)]);
  return Object.fromEntries(lines);
}

/** A month of so many of something that only stands there. */
export function dollarsAMonth(part: MonthlyPart, amount: number): number {
  return priceOf(monthlyPrices[part], amount);
}

function dollarsOfMeters(usage: Usage, meters: readonly Meter[]): number {
  return meters.reduce((sum, meter) => sum + priceOf(meterPrices[meter], usage[meter] ?? 0), 0);
}

function priceOf({ usd, per }: Price, amount: number): number {
  return (usd * amount) / per;
}
