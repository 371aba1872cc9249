import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Timer } from '../../ports/timer.ts';

/** The longest that Node's timers can count, ms. */
const MAX_TIMER_MS = 2_147_483_647;

/** Time and randomness as the machine has them. */
export const clock: Clock = { now: () => Date.now() };

export const randomness: Randomness = {
  id: () => randomBytes(16).toString('hex'),
  secret: () => randomBytes(32).toString('base64url'),
};

export const timer: Timer = {
  after: (delayMs, action) => {
    const timeout = setTimeout(action, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    return () => clearTimeout(timeout);
  },
};
