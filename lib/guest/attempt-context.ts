import type { StepConfig } from '../core/records.ts';
import type { Attempt } from './attempt.ts';
import type { Deferred } from './deferred.ts';

/** What a callback gets. Most never look at the signal, so it is made when they do. */
export const attemptContext = (attempt: Attempt, defer: (options?: unknown) => Deferred): object => {
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  attempt.abort = (error) => {
    reason = error;
    controller?.abort(error);
  };
  return {
    step: { name: attempt.call.key.name, count: attempt.call.key.count },
    attempt: attempt.number,
    config: shownConfig(attempt.config),
    defer,
    get signal() {
      controller ??= new AbortController();
      if (reason !== undefined) controller.abort(reason);
      return controller.signal;
    },
  };
};

/** The config as the tenant wrote it, defaults filled in. */
export const shownConfig = ({ retries, timeoutMs, sensitive }: StepConfig): object => ({
  retries: {
    limit: retries.limit,
    // A function is the tenant's own: it knows it.
    ...(retries.delayMs === null ? {} : { delay: retries.delayMs }),
    backoff: retries.backoff,
  },
  timeout: timeoutMs,
  ...(sensitive === undefined ? {} : { sensitive }),
});
