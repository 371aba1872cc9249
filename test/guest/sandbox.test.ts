import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../lib/core/limits.ts';
import { makeSandbox } from '../../lib/guest/bindings/sandbox.ts';

interface Exec {
  exec(command: unknown, options?: unknown): Promise<unknown>;
}

describe('the guest’s env.SANDBOX', () => {
  it('hands the token over as the last argument and gives the deferred result when the command was accepted', async () => {
    const calls: unknown[] = [];
    const deferred = { token: 't-1' };
    let accept: () => void = () => {};
    const accepted = new Promise<void>((resolve) => {
      accept = resolve;
    });
    const call = (method: string, args: readonly unknown[]): Promise<unknown> => {
      calls.push([method, args]);
      return accepted;
    };
    const sandbox = makeSandbox(call, () => deferred) as Exec;
    const given = sandbox.exec(['true'], { workspace: 'w' });
    expect(calls).toEqual([['exec', [['true'], { workspace: 'w' }, 't-1']]]);
    accept();
    expect(await given).toBe(deferred);
  });

  it.each([
    ['ten minutes, as nothing is said', undefined, 10 * MINUTE_MS],
    ['ten minutes, as nothing is said of it', { workspace: 'w' }, 10 * MINUTE_MS],
    ['an hour', { timeout: '1 hour' }, HOUR_MS],
    ['no options that an object could be', null, 10 * MINUTE_MS],
  ])('has a result that outlasts the command and its wait for a place: %s', async (_, options, commandMs) => {
    const asked: unknown[] = [];
    const defer = (options: unknown) => {
      asked.push(options);
      return { token: 't' };
    };
    await (makeSandbox(async () => undefined, defer) as Exec).exec(['true'], options);
    expect(asked).toEqual([{ timeout: commandMs + HOUR_MS }]);
  });

  it('starts nothing where there is no attempt to defer', async () => {
    const calls: unknown[] = [];
    const call = async (method: string): Promise<unknown> => calls.push(method);
    const noAttempt = () => {
      throw new Error('only in a step');
    };
    await expect((makeSandbox(call, noAttempt) as Exec).exec(['true'])).rejects.toThrow('only in a step');
    expect(calls).toEqual([]);
  });

  it('passes on why a command was refused', async () => {
    const refuse = async (): Promise<unknown> => {
      throw new Error('switched off');
    };
    const sandbox = makeSandbox(refuse, () => ({ token: 't' })) as Exec;
    await expect(sandbox.exec(['true'])).rejects.toThrow('switched off');
  });
});
