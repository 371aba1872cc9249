import { gate } from './gate.ts';

/**
 * Counts from the epoch, as Cloudflare does: an origin taken when the context was made would differ between a live turn and
 * its replay.
 */
export const performance = {
  timeOrigin: 0,
  now(): number {
    return gate().now();
  },
  toJSON(): { timeOrigin: number } {
    return { timeOrigin: 0 };
  },
};
Object.defineProperty(performance, Symbol.toStringTag, { value: 'Performance' });
