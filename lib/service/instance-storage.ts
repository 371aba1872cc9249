import { TenonError } from '../core/errors.ts';
import { MAX_INSTANCE_STORAGE_BYTES } from '../core/limits.ts';

/**
 * What comes in from outside counts towards what an instance stores. `stored`: as far as it is known; what is under way
 * beside may pass the bound by itself.
 * @throws TenonError `quota.exceeded`
 */
export const refuseUnlessRoom = (stored: number, bytes: number): void => {
  if (stored + bytes <= MAX_INSTANCE_STORAGE_BYTES) return;
  throw new TenonError(
    'quota.exceeded',
    'The instance stores as much as it may, 1 GiB of events, results and streams: no more fit.',
    { retryAfterS: 60 },
  );
};
