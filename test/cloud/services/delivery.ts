import { AwsError } from '../contract.ts';
import type { Timers } from './timers.ts';

/** What EventBridge and its Scheduler do where the template says nothing. */
const DEFAULT_RETRIES = 185;
const DEFAULT_MAX_AGE_S = 86_400;
const LONGEST_DELAY_MS = 60_000;

export interface RetryPolicy {
  readonly maxRetries: number;
  readonly maxAgeMs: number;
}

/** Something that a service did on its own, which nobody waits for, and that failed for good. */
export interface DeliveryFailure {
  /** ARN of the rule or schedule. */
  readonly source: string;
  readonly error: unknown;
}

export const readRetryPolicy = (policy: {
  readonly MaximumRetryAttempts?: number | string;
  readonly MaximumEventAgeInSeconds?: number | string;
}): RetryPolicy => ({
  maxRetries: Number(policy.MaximumRetryAttempts ?? DEFAULT_RETRIES),
  maxAgeMs: Number(policy.MaximumEventAgeInSeconds ?? DEFAULT_MAX_AGE_S) * 1_000,
});

/** Tries until it works, the retries are used up or the event is too old. What is forbidden or missing stays so. */
export const deliver = async (params: {
  readonly source: string;
  readonly attempt: () => unknown;
  readonly policy: RetryPolicy;
  readonly firstDelayMs: number;
  readonly timers: Timers;
  readonly onFailure: (failure: DeliveryFailure) => void;
}): Promise<void> => {
  const { source, attempt, policy, timers, onFailure } = params;
  const until = Date.now() + policy.maxAgeMs;
  let delayMs = params.firstDelayMs;
  for (let retries = 0; ; retries += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (isFinal(error) || retries >= policy.maxRetries || Date.now() + delayMs > until) {
        onFailure({ source, error });
        return;
      }
    }
    await new Promise<void>((resolve) => timers.after(delayMs, resolve));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }
};

const isFinal = (error: unknown): boolean =>
  error instanceof AwsError && (error.code.startsWith('AccessDenied') || error.code === 'ResourceNotFoundException');
