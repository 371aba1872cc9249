import { describe, expect, it } from 'vitest';
import { BindingError } from '../../lib/bindings/binding-error.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { encodedSize } from '../../lib/bindings/encoded-size.ts';
import { type SandboxBindingOptions, sandboxBinding } from '../../lib/bindings/sandbox.ts';
import { sandboxOutcome, tellStep } from '../../lib/bindings/sandbox-outcome.ts';
import { TenonError } from '../../lib/core/errors.ts';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import { showStream } from '../../lib/core/sandbox-output.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import { type SandboxCommand, SandboxRefusal } from '../../lib/ports/sandbox.ts';
import { makeCaller, makeTenant } from './callers.ts';

const ADA = makeTenant('ada');

const calling = (options: Omit<SandboxBindingOptions, 'sandbox'> = {}) => {
  const started: SandboxCommand[] = [];
  const sandbox = {
    start: async (command: SandboxCommand) => {
      started.push(command);
    },
    removeTenant: async () => {},
  };
  const bindings = new Bindings([sandboxBinding({ sandbox, ...options })]);
  const exec = async (...args: readonly unknown[]): Promise<unknown> =>
    decode(await bindings.call(makeCaller(ADA), { binding: 'SANDBOX', method: 'exec', args: encode(args) }));
  return { started, exec };
};

describe('env.SANDBOX', () => {
  it('is declared as what the guest makes a deferred result with', () => {
    expect(new Bindings([sandboxBinding({})]).declare({ tenant: ADA })).toEqual([
      { name: 'SANDBOX', type: 'sandbox', methods: ['exec'] },
    ]);
  });

  it('starts the command for the tenant that calls, under the token of its deferred result', async () => {
    const { exec, started } = calling();
    await exec(['git', 'status'], { workspace: 'repo', env: { DEPTH: '1' }, timeout: '5 minutes' }, 't-1');
    await exec(['true'], undefined, 't-2');
    expect(started).toEqual([
      {
        tenant: 'ada',
        token: 't-1',
        command: ['git', 'status'],
        workspace: 'repo',
        env: { DEPTH: '1' },
        timeoutMs: 300_000,
      },
      { tenant: 'ada', token: 't-2', command: ['true'], env: {}, timeoutMs: 600_000 },
    ]);
  });

  it.each([
    ['no list', 'git status', 'as a list of strings'],
    ['an empty list', [], 'as a list of strings'],
    ['a number', ['sleep', 1], 'Argument 1 of the command is a string, not 1'],
    ['a hole', Array(2), 'Argument 0 of the command is a string'],
    ['no program', [''], 'begins with the name of a program'],
    ['a NUL', ['echo', 'a\0b'], 'NUL'],
    ['too many arguments', Array.from({ length: 257 }, () => 'a'), 'at most 256 arguments'],
    ['too many bytes', ['echo', 'é'.repeat(40_000)], 'more than 65536'],
  ])('refuses a command that is %s', async (_, command, message) => {
    const { exec, started } = calling();
    await expect(exec(command, {}, 't')).rejects.toThrow(message);
    expect(started).toEqual([]);
  });

  it.each([
    ['an unknown option', { workdir: '/' }, 'exec has no option "workdir": it takes workspace, env, timeout, image'],
    ['options that are no object', ['a'], 'The options of exec are an object'],
    ['a path as workspace', { workspace: '../other' }, 'workspace is a name'],
    ['an empty workspace', { workspace: '' }, 'workspace is a name'],
    ['a long workspace', { workspace: 'a'.repeat(64) }, 'workspace is a name'],
    ['an env that is no object', { env: 'A=1' }, 'env is an object'],
    ['a bad name in env', { env: { 'A=B': '1' } }, 'env: "A=B" is no name'],
    ['a value in env that is no text', { env: { A: 1 } }, 'env.A is a string, not 1'],
    ['a NUL in env', { env: { A: '\0' } }, 'NUL'],
    ['a large env', { env: { A: 'x'.repeat(65_536) } }, 'env has 65539 bytes'],
    [
      'many variables',
      { env: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`A${at}`, ''])) },
      'at most 64',
    ],
    ['a bad timeout', { timeout: 'soon' }, 'timeout: "soon" is not a duration'],
    ['no time', { timeout: 0 }, 'longer than 0'],
    ['too long a timeout', { timeout: '61 minutes' }, 'longer than this platform allows, 60 minutes'],
    ['an image', { image: 'node' }, 'offers no images'],
  ])('refuses %s', async (_, options, message) => {
    const { exec, started } = calling();
    const failed = exec(['true'], options, 't');
    await expect(failed).rejects.toThrow(BindingError);
    await expect(failed).rejects.toThrow(message);
    expect(started).toEqual([]);
  });

  it('takes images where the operator offers them', async () => {
    const { exec, started } = calling({ hasImages: true });
    await exec(['true'], { image: 'node-24' }, 't');
    expect(started[0]).toMatchObject({ image: 'node-24' });
    await expect(exec(['true'], { image: 24 }, 't')).rejects.toThrow('image is the name of an image');
  });

  it('keeps within the time that the operator allows, also where none is named', async () => {
    const { exec, started } = calling({ maxTimeoutMs: 30_000 });
    await exec(['true'], {}, 't');
    expect(started[0]?.timeoutMs).toBe(30_000);
    await expect(exec(['true'], { timeout: '31 seconds' }, 't')).rejects.toThrow('30 seconds');
  });

  it.each([undefined, '', 7, 'a b', 'a/../b', 'x'.repeat(1_025)])(
    'refuses a call without a token of a step: %j',
    async (token) => {
      await expect(calling().exec(['true'], {}, token)).rejects.toThrow('in the callback of a step');
    },
  );

  it('is refused with a reason where the operator did not switch it on', async () => {
    const bindings = new Bindings([sandboxBinding({})]);
    const call = bindings.call(makeCaller(ADA), {
      binding: 'SANDBOX',
      method: 'exec',
      args: encode([['true'], {}, 't']),
    });
    await expect(call).rejects.toThrow('env.SANDBOX is switched off on this platform');
  });

  it('passes on why a sandbox does not take a command', async () => {
    const sandbox = {
      start: async () => {
        throw new SandboxRefusal('Too many wait.');
      },
      removeTenant: async () => {},
    };
    const bindings = new Bindings([sandboxBinding({ sandbox })]);
    const call = bindings.call(makeCaller(ADA), {
      binding: 'SANDBOX',
      method: 'exec',
      args: encode([['true'], {}, 't']),
    });
    await expect(call).rejects.toThrow(new BindingError('Too many wait.'));
  });
});

describe('the end of a command', () => {
  it('is the result where it exited, whatever its code', () => {
    const outcome = sandboxOutcome({
      kind: 'exited',
      exitCode: 3,
      stdout: 'a',
      stderr: 'b',
      isStdoutCut: false,
      isStderrCut: false,
    });
    expect(outcome.ok && decode(outcome.value)).toEqual({ exitCode: 3, stdout: 'a', stderr: 'b' });
  });

  it('is an error where something else ended it', () => {
    expect(sandboxOutcome({ kind: 'failed', reason: 'timed_out', message: 'Too long.' })).toEqual({
      ok: false,
      error: { name: 'SandboxTimeoutError', message: 'Too long.' },
    });
    expect(sandboxOutcome({ kind: 'failed', reason: 'lost', message: 'Gone.' })).toMatchObject({
      error: { name: 'SandboxError' },
    });
  });

  it('fits into a step result, however much was said', () => {
    const { text } = showStream({ head: '\0'.repeat(2_000_000), tail: '', leftOut: 0 });
    const outcome = sandboxOutcome({
      kind: 'exited',
      exitCode: 0,
      stdout: text,
      stderr: text,
      isStdoutCut: true,
      isStderrCut: true,
    });
    expect(outcome.ok && encodedSize(outcome.value)).toBeLessThan(MAX_VALUE_BYTES);
  });

  it('is told to the step that waits for it, in the name of its tenant', async () => {
    const completions: unknown[] = [];
    const tell = tellStep(async (completion) => completions.push(completion));
    await tell({ tenant: 'ada', token: 't', end: { kind: 'failed', reason: 'lost', message: 'Gone.' } });
    expect(completions).toEqual([
      { tenant: 'ada', token: 't', outcome: { ok: false, error: { name: 'SandboxError', message: 'Gone.' } } },
    ]);
  });

  it('needs no more telling where nobody waits any more, and does where something else is wrong', async () => {
    const end = { kind: 'failed', reason: 'lost', message: 'Gone.' } as const;
    const failing = (error: Error) =>
      tellStep(async () => {
        throw error;
      })({ tenant: 'ada', token: 't', end });
    await expect(failing(new TenonError('instance.finished', 'Over.'))).resolves.toBeUndefined();
    await expect(failing(new TenonError('tenant.suspended', 'Later.'))).rejects.toThrow('Later.');
    await expect(failing(new Error('instance.finished'))).rejects.toThrow();
  });
});
