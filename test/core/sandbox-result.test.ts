import { describe, expect, it } from 'vitest';
import { HOUR_MS, MAX_WAIT_MS, MINUTE_MS } from '../../lib/core/limits.ts';
import { sandboxResultMs } from '../../lib/core/replay/sandbox-result.ts';

describe('the result of a sandboxed command', () => {
  it('may take an hour more than the command, which has ten minutes by default', () => {
    expect(sandboxResultMs('1 hour')).toBe(2 * HOUR_MS);
    expect(sandboxResultMs(undefined)).toBe(HOUR_MS + 10 * MINUTE_MS);
  });

  it('leaves it to the sandbox to refuse a timeout', () => {
    expect(sandboxResultMs('banana')).toBe(sandboxResultMs(undefined));
    expect(sandboxResultMs('366 days')).toBe(MAX_WAIT_MS);
  });
});
