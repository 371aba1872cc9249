import { UsageError } from './exit-codes.ts';

/** JSON that stands on the command line; `undefined` where the argument is absent or empty. */
export const parseJsonArgument = (text: string | undefined, what: string): unknown => {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${what} must be JSON, such as '{"name":"Ada"}' (in quotes for the shell): ${reason}`);
  }
};

/** A whole number from 1. */
export const parseCount = (text: string | undefined, flag: string): number | undefined => {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`${flag} must be a whole number from 1, got "${text}"`);
  return count;
};
