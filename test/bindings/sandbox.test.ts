import { describe, expect, it } from 'vitest';
import { BindingError } from '../../lib/bindings/binding-error.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { encodedSize } from '../../lib/bindings/encoded-size.ts';
import { readAskedWork, type SandboxBindingOptions, sandboxBinding } from '../../lib/bindings/sandbox.ts';
import { sandboxOutcome, tellStep } from '../../lib/bindings/sandbox-outcome.ts';
import { TenonError } from '../../lib/core/errors.ts';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import { showStream } from '../../lib/core/sandbox-output.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import { SandboxRefusal, type SandboxWork } from '../../lib/ports/sandbox.ts';
import { makeCaller, makeTenant } from './callers.ts';

const ADA = makeTenant('ada');

const randomness = { id: () => 'made' };

const calling = (options: Omit<SandboxBindingOptions, 'sandbox' | 'randomness'> = {}) => {
  const started: SandboxWork[] = [];
  const sandbox = {
    start: async (work: SandboxWork) => {
      started.push(work);
    },
    removeTenant: async () => {},
  };
  const bindings = new Bindings([sandboxBinding({ sandbox, randomness, ...options })]);
  const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> =>
    decode(await bindings.call(makeCaller(ADA), { binding: 'SANDBOX', method, args: encode(args) }));
  return { started, call, exec: (...args: readonly unknown[]) => call('exec', ...args) };
};

describe('env.SANDBOX', () => {
  it('is declared as what the guest makes a deferred result with', () => {
    expect(new Bindings([sandboxBinding({ randomness })]).declare({ tenant: ADA })).toEqual([
      { name: 'SANDBOX', type: 'sandbox', methods: ['exec', 'snapshot', 'restore', 'deleteSnapshot', 'listSnapshots'] },
    ]);
  });

  it('starts the command for the tenant that calls, under the token of its deferred result', async () => {
    const { exec, started } = calling();
    await exec(['git', 'status'], { workspace: 'repo', env: { DEPTH: '1' }, timeout: '5 minutes' }, 't-1');
    await exec(['true'], undefined, 't-2');
    expect(started).toEqual([
      {
        kind: 'command',
        tenant: 'ada',
        token: 't-1',
        command: ['git', 'status'],
        workspace: 'repo',
        env: { DEPTH: '1' },
        timeoutMs: 300_000,
      },
      { kind: 'command', tenant: 'ada', token: 't-2', command: ['true'], env: {}, timeoutMs: 600_000 },
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
    expect(started[0]).toMatchObject({ timeoutMs: 30_000 });
    await expect(exec(['true'], { timeout: '31 seconds' }, 't')).rejects.toThrow('30 seconds');
  });

  it.each([undefined, '', 7, 'a b', 'a/../b', 'x'.repeat(1_025)])(
    'refuses a call without a token of a step: %j',
    async (token) => {
      await expect(calling().exec(['true'], {}, token)).rejects.toThrow('in the callback of a step');
    },
  );

  it('is refused with a reason where the operator did not switch it on', async () => {
    const bindings = new Bindings([sandboxBinding({ randomness })]);
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
    const bindings = new Bindings([sandboxBinding({ sandbox, randomness })]);
    const call = bindings.call(makeCaller(ADA), {
      binding: 'SANDBOX',
      method: 'exec',
      args: encode([['true'], {}, 't']),
    });
    await expect(call).rejects.toThrow(new BindingError('Too many wait.'));
  });
});

describe('a snapshot by env.SANDBOX', () => {
  it('is taken, restored, removed and listed for the tenant that calls, under the token of its deferred result', async () => {
    const { call, started } = calling();
    await call('snapshot', 'build', { name: 'deps-1.0_a' }, 't-1');
    await call('snapshot', 'build', undefined, 't-2');
    await call('restore', 'deps', { workspace: 'other' }, 't-3');
    await call('deleteSnapshot', 'deps', 't-4');
    await call('listSnapshots', 't-5');
    expect(started).toEqual([
      { kind: 'take', tenant: 'ada', token: 't-1', workspace: 'build', snapshot: 'deps-1.0_a' },
      { kind: 'take', tenant: 'ada', token: 't-2', workspace: 'build', snapshot: 'made' },
      { kind: 'restore', tenant: 'ada', token: 't-3', snapshot: 'deps', workspace: 'other' },
      { kind: 'remove', tenant: 'ada', token: 't-4', snapshot: 'deps' },
      { kind: 'list', tenant: 'ada', token: 't-5' },
    ]);
  });

  it('is restored to the workspace that it was taken of, where what taking it gave is handed in', async () => {
    const { call, started } = calling();
    const taken = { name: 'deps', workspace: 'build', bytes: 7, takenAt: new Date(0), isNew: true };
    await call('restore', taken, undefined, 't-1');
    await call('restore', taken, { workspace: 'other' }, 't-2');
    await call('deleteSnapshot', taken, 't-3');
    expect(started).toMatchObject([{ workspace: 'build' }, { workspace: 'other' }, { snapshot: 'deps' }]);
  });

  it.each([
    ['snapshot', [undefined, {}], 'workspace is a name'],
    ['snapshot', ['../x', {}], 'workspace is a name'],
    ['snapshot', ['build', { name: 'A' }], "snapshot's name has lower-case letters"],
    ['snapshot', ['build', { name: '.x' }], "snapshot's name"],
    ['snapshot', ['build', { name: 'a/b' }], "snapshot's name"],
    ['snapshot', ['build', { name: 'a'.repeat(101) }], "snapshot's name"],
    ['snapshot', ['build', { nam: 'x' }], 'snapshot has no option "nam": it takes name'],
    ['restore', ['deps', undefined], 'workspace is a name'],
    ['restore', ['deps', { workspace: 'W' }], 'workspace is a name'],
    ['restore', [7, { workspace: 'w' }], "snapshot's name"],
    ['restore', [{}, { workspace: 'w' }], "snapshot's name"],
    ['restore', ['deps', 'build'], 'The options of restore are an object'],
    ['deleteSnapshot', ['../x'], "snapshot's name"],
    ['deleteSnapshot', [null], "snapshot's name"],
  ])('is refused where something is wrong: %s(%j)', async (method, args, message) => {
    const { call, started } = calling();
    const failed = call(method, ...args, 't');
    await expect(failed).rejects.toThrow(BindingError);
    await expect(failed).rejects.toThrow(message);
    expect(started).toEqual([]);
  });

  it('is refused without a token of a step', async () => {
    await expect(calling().call('listSnapshots', undefined)).rejects.toThrow('in the callback of a step');
  });
});

describe('what a machine of a tenant asks for', () => {
  it('is read as what the tenant would have said, in its name', () => {
    const task = { kind: 'take', token: 't', workspace: 'build', options: { name: 'deps' }, tenant: 'globex' };
    expect(readAskedWork('ada', task)).toEqual({
      kind: 'take',
      tenant: 'ada',
      token: 't',
      workspace: 'build',
      snapshot: 'deps',
    });
    expect(readAskedWork('ada', { token: 't', command: ['true'] })).toMatchObject({ kind: 'command', tenant: 'ada' });
  });

  it.each([
    undefined,
    null,
    7,
    [],
    { token: 't' },
    { kind: 'take', token: 't', workspace: 'build' },
    { kind: 'restore', token: 't', snapshot: '../x', options: { workspace: 'w' } },
    { kind: 'remove', snapshot: 'deps' },
    { kind: '__proto__', token: 't' },
  ])('is refused where it is nothing that could be done: %j', (asked) => {
    expect(() => readAskedWork('ada', asked)).toThrow(BindingError);
  });
});

const noUsage = { count: () => {} };

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
    const tell = tellStep(async (completion) => completions.push(completion), noUsage);
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
      }, noUsage)({ tenant: 'ada', token: 't', end });
    await expect(failing(new TenonError('instance.finished', 'Over.'))).resolves.toBeUndefined();
    await expect(failing(new TenonError('tenant.suspended', 'Later.'))).rejects.toThrow('Later.');
    await expect(failing(new Error('instance.finished'))).rejects.toThrow();
  });
});

describe('the end of what was asked for of snapshots', () => {
  const snapshot = { name: 'deps', bytes: 7, takenAt: Date.UTC(2026, 0, 2) };
  const shown = { name: 'deps', bytes: 7, takenAt: new Date('2026-01-02T00:00:00.000Z') };

  it.each([
    [
      { kind: 'taken', snapshot, workspace: 'build', isNew: true } as const,
      { ...shown, workspace: 'build', isNew: true },
    ],
    [{ kind: 'restored', snapshot } as const, shown],
    [{ kind: 'restored' } as const, null],
    [{ kind: 'removed', existed: false } as const, false],
    [{ kind: 'listed', snapshots: [snapshot] } as const, [shown]],
  ])('is a value: %j', (end, value) => {
    const outcome = sandboxOutcome(end);
    expect(outcome.ok && decode(outcome.value)).toEqual(value);
  });

  it('counts what a new one stores, once its step has been told', async () => {
    const counted: unknown[] = [];
    const usage = { count: (...counts: unknown[]) => void counted.push(counts) };
    const end = { kind: 'taken', snapshot, workspace: 'build', isNew: true } as const;
    const deaf = tellStep(async () => {
      throw new Error('not now');
    }, usage);
    await expect(deaf({ tenant: 'ada', token: 't', end })).rejects.toThrow('not now');
    expect(counted).toEqual([]);
    const tell = tellStep(async () => {}, usage);
    await tell({ tenant: 'ada', token: 't', end });
    await tell({ tenant: 'ada', token: 't', end: { ...end, isNew: false } });
    expect(counted).toEqual([[{ tenant: 'ada' }, { bytes: 7 }]]);
  });
});
