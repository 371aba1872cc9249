import { MINUTE_MS, SECOND_MS } from '../core/limits.ts';

/** An invocation ends after 15 minutes; what has to be written and sent at the end takes its time, too. */
export const CALLBACK_MS = 14 * MINUTE_MS;
/** Before the end of an invocation: no attempt lasts into this, and what is at work all the same is cut off in its middle. */
export const CLOSING_MS = 20 * SECOND_MS;
/** A message to a turn that is at work here may reach another process. */
export const LOOK_EVERY_MS = SECOND_MS / 4;
/** Units that tenants have used are written down as often as that while events come in: it would else cost a write each. */
export const WRITE_USAGE_EVERY_MS = 10 * SECOND_MS;
export const MAX_TURNS = 256;
/** Of the 512 MB that `/tmp` has. */
export const MAX_CACHED_BYTES = 300_000_000;
