import { describe, expect, it } from 'vitest';
import { invalidField, TenonError } from '../../lib/core/errors.ts';
import * as limits from '../../lib/core/limits.ts';
import { isEnvName, isEventType, isInstanceId, isStepName, isTenantId, isWorkflowName } from '../../lib/core/names.ts';

const sorted = (is: (value: string) => boolean, good: readonly string[], bad: readonly string[]): void => {
  expect(good.filter((value) => !is(value))).toEqual([]);
  expect(bad.filter(is)).toEqual([]);
};

describe('the name', () => {
  it('of a tenant is lower case, at most 63 long', () => {
    sorted(
      isTenantId,
      ['a', '0', 'acme', 'a-b-0', 'x'.repeat(63)],
      ['', '-a', 'A', 'a_b', 'a.b', 'x'.repeat(64), 'a\n'],
    );
  });

  it('of an instance is at most 100 letters, digits, _ and -', () => {
    const bad = ['', '-a', 'a/b', 'a b', 'a.b', 'ä', 'x'.repeat(101), 'a\n', '../a', 'a\u0000'];
    sorted(isInstanceId, ['a', '_a', 'A-1_b', 'x'.repeat(100)], bad);
  });

  it('of an event type may hold dots too', () => {
    sorted(isEventType, ['go', 'order.paid', 'a_b-c', 'x'.repeat(100)], ['', '.a', '-a', 'a b', 'x'.repeat(101)]);
  });

  it('of a workflow is an identifier of at most 64', () => {
    sorted(isWorkflowName, ['A', '$a', '_1', 'x'.repeat(64)], ['', '1a', 'a-b', 'ä', 'x'.repeat(65)]);
  });

  it('of a variable is an identifier without dollar', () => {
    sorted(isEnvName, ['A', '_a1', 'x'.repeat(64)], ['', '1A', '$A', 'A-B', 'x'.repeat(65)]);
  });

  it('of a step is any text of 1 to 256 characters without control characters', () => {
    const bad = ['', 'x'.repeat(257), 'a\nb', 'a\u0000', '\u007f', 5, null, undefined, {}, ['a']];
    expect(
      ['a', 'send the mail', 'ä ö ü 🎉', '__proto__', 'x'.repeat(256)].filter((name) => !isStepName(name)),
    ).toEqual([]);
    expect(bad.filter(isStepName)).toEqual([]);
  });
});

describe('the limits', () => {
  it('are those of the contract', () => {
    expect(limits).toMatchObject({
      MAX_VALUE_BYTES: 1_048_576,
      MAX_BUNDLE_BYTES: 10_000_000,
      MAX_BODY_BYTES: 5_000_000,
      MAX_WAIT_MS: 366 * 86_400_000,
      MAX_BATCH: 100,
      MAX_BUFFERED_EVENTS: 10_000,
      MAX_INSTANCE_STORAGE_BYTES: 1024 ** 3,
      DEFAULT_STEP_LIMIT: 10_000,
      MAX_STEP_LIMIT: 25_000,
      RECORDS_PER_STEP_LIMIT: 4,
      DEFAULT_RETRY_LIMIT: 5,
      DEFAULT_RETRY_DELAY_MS: 1_000,
      MAX_BACKOFF_MS: 86_400_000,
      DEFAULT_ATTEMPT_TIMEOUT_MS: 600_000,
      DEFAULT_EVENT_TIMEOUT_MS: 86_400_000,
      DEFAULT_CPU_MS: 30_000,
      MAX_CPU_MS: 300_000,
      DEFAULT_MEMORY_MB: 128,
      DEFAULT_CREATES_PER_SECOND: 300,
      DEFAULT_RETENTION_MS: 30 * 86_400_000,
      LEASE_MS: 30_000,
      LEASE_RENEWAL_MS: 10_000,
      MAX_UNCLEAN_TURNS: 3,
      INBOX_GAP_MS: 10_000,
      COMMIT_RECORDS: 64,
      COMMIT_BYTES: 32_768,
      COMMIT_AFTER_MS: 20,
    });
  });
});

describe('a refusal', () => {
  it('bears a code, and what belongs to it', () => {
    const plain = new TenonError('instance.not_found', 'There is none');
    expect(plain).toBeInstanceOf(Error);
    expect(plain).toMatchObject({ name: 'TenonError', code: 'instance.not_found', message: 'There is none' });
    expect(plain.fields).toBeUndefined();
    expect(plain.retryAfterS).toBeUndefined();
    expect(new TenonError('rate.limited', 'Slower', { retryAfterS: 2 }).retryAfterS).toBe(2);
  });

  it('of a field names the field', () => {
    const error = invalidField('params.id', 'must be a text');
    expect(error.code).toBe('request.invalid');
    expect(error.fields).toEqual([{ path: 'params.id', message: 'must be a text' }]);
  });
});
