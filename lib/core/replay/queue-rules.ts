import { SECOND_MS } from '../limits.ts';

/**
 * A message of `env.QUEUE` is an instance of this workflow, which each bundle has that exports `default.queue`. So it is
 * durable, pinned to the version that sent it, and seen, steered and kept as every instance is.
 */
export const QUEUE_WORKFLOW = '$queue';

/** Then a message is dead: its instance has errored. */
export const MAX_DELIVERIES = 6;

/** How long a message waits after it was delivered so many times, unless its handler says. */
export const redeliveryDelayMs = (deliveries: number): number => SECOND_MS * 2 ** (deliveries - 1);
