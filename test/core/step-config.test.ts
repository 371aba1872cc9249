import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../lib/core/limits.ts';
import type { StepConfig } from '../../lib/core/records.ts';
import { DEFAULT_STEP_CONFIG, readStepConfig, retryDelayMs } from '../../lib/core/step-config.ts';

const read = (value: unknown): StepConfig => {
  const result = readStepConfig(value);
  if (!result.ok) throw new Error(result.problem);
  return result.config;
};

describe('the config of a step', () => {
  it('has the defaults of the contract', () => {
    expect(DEFAULT_STEP_CONFIG).toEqual({
      retries: { limit: 5, delayMs: 1_000, backoff: 'exponential' },
      timeoutMs: 10 * MINUTE_MS,
    });
    expect(read(undefined)).toBe(DEFAULT_STEP_CONFIG);
    expect(read({})).toEqual(DEFAULT_STEP_CONFIG);
  });

  it('takes every field', () => {
    expect(
      read({
        retries: { limit: 3, delay: '2 seconds', backoff: 'linear' },
        timeout: '1 minute',
        sensitive: 'output',
      }),
    ).toEqual({
      retries: { limit: 3, delayMs: 2_000, backoff: 'linear' },
      timeoutMs: MINUTE_MS,
      sensitive: 'output',
    });
    expect(read({ retries: { limit: 0, delay: 0 } }).retries).toEqual({ limit: 0, delayMs: 0, backoff: 'exponential' });
    expect(read({ retries: { limit: 1, delay: 5, backoff: 'constant' } }).retries.backoff).toBe('constant');
    expect(read({ timeout: 1 }).timeoutMs).toBe(1);
  });

  it('may retry without end, in a number that JSON can hold', () => {
    const { limit } = read({ retries: { limit: Number.POSITIVE_INFINITY, delay: 1 } }).retries;
    expect(JSON.parse(JSON.stringify(limit))).toBe(limit);
    expect(limit).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    [5, 'config must be an object, got 5'],
    ['fast', 'config must be an object, got "fast"'],
    [null, 'config must be an object, got null'],
    [[], 'config must be an object, got a value of type object'],
    [{ retry: 1 }, 'config has no field "retry"'],
    [{ retries: 3 }, 'retries must be an object, got 3'],
    [{ retries: null }, 'retries must be an object, got null'],
    [{ retries: { limit: 1, delay: 1, jitter: true } }, 'retries has no field "jitter"'],
    [{ retries: { delay: 1 } }, 'retries.limit is missing'],
    [{ retries: { limit: 1 } }, 'retries.delay is missing'],
    [{ retries: { limit: -1, delay: 1 } }, 'retries.limit must be a whole number from 0, got -1'],
    [{ retries: { limit: 1.5, delay: 1 } }, 'retries.limit must be a whole number from 0, got 1.5'],
    [{ retries: { limit: Number.NaN, delay: 1 } }, 'retries.limit must be a whole number from 0, got NaN'],
    [{ retries: { limit: '3', delay: 1 } }, 'retries.limit must be a whole number from 0, got "3"'],
    [{ retries: { limit: 1, delay: 'banana' } }, 'retries.delay: "banana" is not a duration'],
    [{ retries: { limit: 1, delay: '400 days' } }, 'retries.delay: "400 days" is longer than the limit'],
    [{ retries: { limit: 1, delay: 1, backoff: 'fibonacci' } }, 'retries.backoff must be'],
    [{ timeout: 0 }, 'timeout must be longer than 0'],
    [{ timeout: '0 seconds' }, 'timeout must be longer than 0'],
    [{ timeout: 'soon' }, 'timeout: "soon" is not a duration'],
    [{ timeout: -5 }, 'timeout: -5 is not a duration'],
    [{ sensitive: true }, 'sensitive must be "output", got true'],
    [{ sensitive: 'input' }, 'sensitive must be "output", got "input"'],
  ])('%j is refused with the field at fault', (value, problem) => {
    expect(readStepConfig(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('is a whole config or a problem, for any value whatever', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const result = readStepConfig(value);
        return result.ok ? result.config.timeoutMs > 0 : result.problem !== '';
      }),
    );
  });
});

describe('the delay before a retry', () => {
  const config = (backoff: StepConfig['retries']['backoff'], delayMs: number | null = 1_000): StepConfig => ({
    ...DEFAULT_STEP_CONFIG,
    retries: { limit: 5, delayMs, backoff },
  });

  it('doubles where it is exponential', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(config('exponential'), attempt))).toEqual([
      1_000, 2_000, 4_000, 8_000,
    ]);
  });

  it('grows by one delay where it is linear', () => {
    expect([1, 2, 3].map((attempt) => retryDelayMs(config('linear'), attempt))).toEqual([1_000, 2_000, 3_000]);
  });

  it('stays where it is constant', () => {
    expect([1, 9].map((attempt) => retryDelayMs(config('constant'), attempt))).toEqual([1_000, 1_000]);
  });

  it('is at most a day', () => {
    expect(retryDelayMs(config('exponential'), 30)).toBe(DAY_MS);
    expect(retryDelayMs(config('linear', DAY_MS), 2)).toBe(DAY_MS);
    expect(retryDelayMs(config('constant', 2 * DAY_MS), 1)).toBe(DAY_MS);
  });

  it('is the default one where a function would decide', () => {
    expect(retryDelayMs(config('constant', null), 1)).toBe(1_000);
  });

  it('is a moment in the journal however many attempts there were, without a delay too', () => {
    for (const attempt of [1_025, 40_000]) {
      expect(retryDelayMs(config('exponential', 0), attempt)).toBe(0);
      expect(retryDelayMs(config('exponential'), attempt)).toBe(DAY_MS);
    }
  });
});
