import type { Dependencies } from './dependencies.ts';
import { valuePrefix } from './stored-values.ts';

/** At one time; the next one finds the rest. */
const MAX_REMOVED = 1_000;

/** Instances whose retention is over, with journal, inbox, values and streams; how many. */
export const removeExpired = (deps: Pick<Dependencies, 'clock' | 'instances' | 'blobs'>): Promise<number> =>
  deps.instances.removeExpired({
    now: deps.clock.now(),
    limit: MAX_REMOVED,
    clear: (key) => deps.blobs.removeAll(valuePrefix(key)),
  });
