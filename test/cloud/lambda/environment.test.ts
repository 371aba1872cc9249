import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvocationResult } from '../contract.ts';
import type { ProcessLambdaHost } from './host.ts';
import { HostFixture } from './host-fixture.ts';

let fixture: HostFixture;

beforeEach(() => {
  fixture = new HostFixture();
});

afterEach(() => fixture.close());

const LOGGED = { LoggingConfig: { LogFormat: 'JSON', LogGroup: 'logs-of-f' } };

/** A host with one function. */
const hostOf = (script: string, properties: object = {}, options = {}): ProcessLambdaHost => {
  fixture.addFunction('f', script, properties);
  return fixture.start(options);
};

const call = (host: ProcessLambdaHost, payload: unknown = {}): Promise<InvocationResult> =>
  host.invoke({ functionArn: 'f', payload });

const isStopped = (pid: number): boolean => / \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('what a function finds', () => {
  it('is the event and a context that tells its name, its memory and its time', async () => {
    const host = hostOf(
      `export const handler = async (event, context) => ({ event, ...context, left: context.getRemainingTimeInMillis() });`,
      { MemorySize: 256, Timeout: 7 },
    );
    const { payload } = await call(host, { n: 1 });
    expect(payload).toMatchObject({
      event: { n: 1 },
      functionName: 'f',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:f',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { left } = payload as { left: number };
    expect(left).toBeGreaterThan(6_000);
    expect(left).toBeLessThanOrEqual(7_000);
  });

  it('are the variables of the template and those of Lambda, and none of the machine', async () => {
    const host = hostOf(`export const handler = async () => ({ ...process.env, options: process.execArgv });`, {
      Environment: { Variables: { TENON_TABLE: 'rows', NODE_OPTIONS: '--no-node-snapshot' } },
    });
    const { payload } = await call(host);
    const { options, ...variables } = payload as Record<string, string>;
    expect(variables).toMatchObject({
      TENON_TABLE: 'rows',
      NODE_OPTIONS: '--no-node-snapshot',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_ACCESS_KEY_ID: 'ASIAFUNCTION',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      TZ: ':UTC',
    });
    expect(
      Object.keys(variables)
        .filter((name) => !/^(AWS_|TENON_)/.test(name))
        .toSorted(),
    ).toEqual(['LAMBDA_TASK_ROOT', 'LANG', 'NODE_OPTIONS', 'PATH', 'TMPDIR', 'TZ', '_HANDLER'].toSorted());
    expect(options).toEqual(['--max-old-space-size=115']);
  });

  it('is a folder of its own for files, which goes with it', async () => {
    const host = hostOf(`import { tmpdir } from 'node:os';
      import { writeFileSync } from 'node:fs';
      export const handler = async () => { writeFileSync(tmpdir() + '/file', ''); return tmpdir(); };`);
    const [one, two] = await Promise.all([call(host), call(host)]);
    const folders = [String(one?.payload), String(two?.payload)];
    expect(new Set(folders).size).toBe(2);
    expect(folders.map((folder) => existsSync(join(folder, 'file')))).toEqual([true, true]);
    await host.killAll();
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  });

  it('is its own package only, away from the project', async () => {
    const host = hostOf(
      `export const handler = () => import('hono').then(() => 'found', ({ code }) => ({ code, cwd: process.cwd() }));`,
    );
    const { payload } = await call(host);
    expect(payload).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
    expect((payload as { cwd: string }).cwd).not.toContain('asset');
  });
});

describe('what a function answers', () => {
  it('is null when it returns nothing', async () => {
    expect(await call(hostOf(`export const handler = () => {};`))).toEqual({ payload: null });
  });

  it('is an error with type, message and trace when it throws, and the process goes on', async () => {
    const host = hostOf(`let calls = 0;
      export const handler = async () => { if (++calls === 1) throw new RangeError('too far'); return calls; };`);
    expect(await call(host)).toEqual({
      functionError: 'Unhandled',
      payload: { errorType: 'RangeError', errorMessage: 'too far', trace: expect.any(Array) },
    });
    expect(await call(host)).toEqual({ payload: 2 });
  });

  it('is an exit when the process ends, and the next call gets a new one', async () => {
    const host = hostOf(`export const handler = (event) => event.exit ? process.exit(3) : 'new';`);
    expect((await call(host, { exit: true })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect(await call(host)).toEqual({ payload: 'new' });
  });

  it('is a crash when a rejection is handled by nobody', async () => {
    const host = hostOf(
      `export const handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}); };`,
    );
    expect((await call(host)).payload).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: lost',
    });
    expect(host.environmentsOf('f')).toEqual([]);
  });

  it('is an error of the import when the script cannot be run or has no such handler', async () => {
    const host = hostOf(`throw new SyntaxError('never ran');`);
    expect((await call(host)).payload).toMatchObject({ errorType: 'SyntaxError', errorMessage: 'never ran' });
    fixture.addFunction('nameless', `export const other = 1;`);
    const second = fixture.start();
    const { payload } = await second.invoke({ functionArn: 'nameless', payload: {} });
    expect(payload).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  it('may be six megabytes, and no more', async () => {
    const host = hostOf(`export const handler = async ({ length }) => 'x'.repeat(length);`);
    const mostBytes = 6 * 1_024 * 1_024;
    expect(await call(host, { length: mostBytes - 2 })).toEqual({ payload: 'x'.repeat(mostBytes - 2) });
    expect((await call(host, { length: mostBytes + 99 })).payload).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
    await expect(call(host, 'x'.repeat(mostBytes))).rejects.toMatchObject({ name: 'RequestTooLargeException' });
  });
});

describe('time', () => {
  it('is up at the function’s limit: the process and its children end', async () => {
    const host = hostOf(
      `import { spawn } from 'node:child_process';
       export const handler = async () => {
         const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
         console.log('child', child.pid);
         await new Promise(() => {});
       };`,
      { Timeout: 1, ...LOGGED },
    );
    expect((await call(host)).payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: .* Error: Task timed out after 1\.00 seconds$/),
    });
    const child = Number(JSON.parse(await fixture.line('child')).message.split(' ')[1]);
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it('is up for the import of the handler, too', async () => {
    const host = hostOf(`await new Promise(() => setTimeout(() => {}, 60_000));`, { Timeout: 1 }, { initLimitMs: 100 });
    expect((await call(host)).payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('after 1.00 seconds'),
    });
  });

  it('is given once more to an import that took too long', async () => {
    const host = hostOf(
      `import { existsSync, writeFileSync } from 'node:fs';
       const flag = process.env.LAMBDA_TASK_ROOT + '/flag';
       if (!existsSync(flag)) {
         writeFileSync(flag, '');
         await new Promise(() => setTimeout(() => {}, 60_000));
       }
       export const handler = async () => 'at last';`,
      {},
      { initLimitMs: 1_000 },
    );
    expect(await call(host)).toEqual({ payload: 'at last' });
  });

  it.skipIf(process.platform !== 'linux')(
    'stands still between invocations, for children as well (read from /proc)',
    async () => {
      const host = hostOf(
        `import { fork } from 'node:child_process';
       let ticks = 0;
       setInterval(() => { ticks += 1; }, 1);
       const child = fork(new URL('child.mjs', import.meta.url), { detached: true });
       export const handler = async () => {
         const asked = new Promise((resolve) => child.once('message', resolve));
         child.send('ticks?');
         const ofChild = await asked;
         return { ticks, ofChild, pids: [process.pid, child.pid] };
       };`,
      );
      fixture.write(
        'f',
        'child.mjs',
        `let ticks = 0; setInterval(() => { ticks += 1; }, 1);
      process.on('message', () => process.send(ticks));`,
      );
      const first = (await call(host)).payload as Ticks;
      await expect.poll(() => first.pids.map(isStopped)).toEqual([true, true]);
      // The one thing to wait for is time itself.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const second = (await call(host)).payload as Ticks;
      expect(second.pids).toEqual(first.pids);
      // A few hundred would have passed: those counted are of the moments before freezing and after thawing.
      expect(second.ticks - first.ticks).toBeLessThan(100);
      expect(second.ofChild - first.ofChild).toBeLessThan(100);
    },
  );
});

interface Ticks {
  readonly ticks: number;
  readonly ofChild: number;
  readonly pids: readonly number[];
}

/** A process that has ended and that nobody has taken notice of yet does not run. */
const isRunning = (pid: number): boolean => {
  try {
    return !/ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('logs', () => {
  it('are lines of JSON by the console, and what is written past it stays as it is', async () => {
    const host = hostOf(
      `export const handler = async () => {
         console.log({ tenant: 'acme' });
         console.warn('%s left', 3);
         process.stdout.write('{"_aws":{}}\\n');
       };`,
      LOGGED,
    );
    await call(host);
    const timestamp = expect.any(String);
    const requestId = expect.any(String);
    expect(JSON.parse(await fixture.line('acme'))).toEqual({
      timestamp,
      level: 'INFO',
      requestId,
      message: { tenant: 'acme' },
    });
    expect(JSON.parse(await fixture.line('left'))).toEqual({ timestamp, level: 'WARN', requestId, message: '3 left' });
    expect(await fixture.line('_aws')).toBe('{"_aws":{}}');
  });

  it('are written in the name of the function’s role, below its log group', async () => {
    const host = hostOf(`export const handler = async () => console.log('hello');`, LOGGED);
    await call(host);
    await fixture.line('hello');
    expect(fixture.authorizer.asked.map(({ need }) => need.action)).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    const [asked] = fixture.authorizer.asked;
    expect(asked?.principal).toMatchObject({ kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/fRole' });
    expect(asked?.need.resource).toMatch(
      /^arn:aws:logs:eu-central-1:111122223333:log-group:logs-of-f:log-stream:\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/,
    );
  });

  it('are lost without a log group, and without permission', async () => {
    fixture.addFunction('grouped', `export const handler = async () => console.log('one');`, LOGGED);
    fixture.addFunction('groupless', `export const handler = async () => console.log('two');`);
    fixture.addFunction('allowed', `export const handler = async () => console.log('three');`, LOGGED);
    const host = fixture.start();
    fixture.authorizer.denied.add('logs:PutLogEvents');
    await host.invoke({ functionArn: 'grouped', payload: {} });
    await host.invoke({ functionArn: 'groupless', payload: {} });
    await host.killAll();
    fixture.authorizer.denied.clear();
    await host.invoke({ functionArn: 'allowed', payload: {} });
    await fixture.line('three');
    expect(fixture.logs).toHaveLength(1);
  });
});
