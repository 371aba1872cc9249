import { readFileSync } from 'node:fs';
import { type Prices, readPrices } from '../core/usage.ts';
import { UsageError } from './exit-codes.ts';

/** @throws UsageError that says what to write */
export const readPricesFile = (path: string): Prices => {
  const prices = readPrices(parse(path));
  if ('problem' in prices) throw new UsageError(`--prices ${path}: ${prices.problem}`);
  return prices;
};

const parse = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--prices ${path} cannot be read: ${(error as Error).message}`);
  }
};
