import { AwsError, type InvocationResult } from '../contract.ts';
import type { AsyncSettings } from './function-settings.ts';

export interface AsyncOptions {
  /** After the first failure, after the second. Lambda waits one minute, then two. */
  readonly retryDelaysMs: readonly number[];
  /** The shortest wait after a refusal for want of concurrency; doubled each time, up to five minutes. */
  readonly throttledDelayMs: number;
}

export const LAMBDA_ASYNC: AsyncOptions = { retryDelaysMs: [60_000, 120_000], throttledDelayMs: 1_000 };

const MAX_THROTTLED_DELAY_MS = 300_000;

/** Events that Lambda has taken and will hand to a function: again when it fails, until it has failed too often. */
export class AsyncInvocations {
  readonly #options: AsyncOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: AsyncOptions) {
    this.#options = options;
  }

  /** `onGivenUp`: the event is lost, as it is on Lambda without a destination for failures. */
  add(
    { maxRetries, maxAgeMs }: AsyncSettings,
    invoke: () => Promise<InvocationResult>,
    onGivenUp: (reason: unknown) => void,
  ): void {
    const { retryDelaysMs, throttledDelayMs } = this.#options;
    const startedAt = Date.now();
    const attempt = async (failures: number, refusals: number): Promise<void> => {
      try {
        const { functionError, payload } = await invoke();
        if (functionError === undefined) return;
        const delayMs = retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)] ?? 0;
        if (failures === maxRetries || Date.now() + delayMs - startedAt > maxAgeMs) onGivenUp(payload);
        else this.#after(delayMs, () => attempt(failures + 1, 0));
      } catch (error) {
        const delayMs = Math.min(throttledDelayMs * 2 ** refusals, MAX_THROTTLED_DELAY_MS);
        const isThrottled = error instanceof AwsError && error.code === 'TooManyRequestsException';
        if (!isThrottled || Date.now() + delayMs - startedAt > maxAgeMs) onGivenUp(error);
        else this.#after(delayMs, () => attempt(failures, refusals + 1));
      }
    };
    this.#after(0, () => attempt(0, 0));
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #after(delayMs: number, then: () => void): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, delayMs);
    this.#timers.add(timer);
  }
}
