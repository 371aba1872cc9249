import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Faults, type InvocationFault, noFaults } from '../contract.ts';
import type { ProcessLambdaHost } from './host.ts';
import { HostFixture } from './host-fixture.ts';

/** Tells how often its environment has been called, and by whom. */
const COUNTING = `let calls = 0;
  export const handler = async (event, { tenantId }) => ({ calls: ++calls, tenantId, pid: process.pid });`;
/** Never ends by itself. */
const HANGING = `export const handler = async () => { console.log('hanging'); await new Promise(() => {}); };`;
const LOGGED = { LoggingConfig: { LogFormat: 'JSON', LogGroup: 'logs' } };
const PER_TENANT = { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } };

let fixture: HostFixture;

beforeEach(() => {
  fixture = new HostFixture();
});

afterEach(() => fixture.close());

const callsOf = async (host: ProcessLambdaHost, tenantId?: string): Promise<unknown> => {
  const { payload } = await host.invoke({ functionArn: 'f', payload: {}, ...(tenantId && { tenantId }) });
  return (payload as { calls: number }).calls;
};

const faultOf = (...faults: InvocationFault[]): Faults => ({ ...noFaults, ofInvocation: () => faults.shift() });

describe('environments', () => {
  it('are used again one invocation at a time, and as many are started as run at once', async () => {
    fixture.addFunction('f', COUNTING);
    const host = fixture.start();
    expect((await Promise.all([callsOf(host), callsOf(host)])).toSorted()).toEqual([1, 1]);
    expect(await callsOf(host)).toBe(2);
    expect(host.environmentsOf('f')).toHaveLength(2);
    expect(host.metrics.get('f')).toMatchObject({ invocations: 3, coldStarts: 2, errors: 0, throttles: 0 });
    expect(host.metrics.get('f')?.billedMs).toBeGreaterThan(0);
  });

  it('are found by name, by ARN and by the ARN of the latest version', async () => {
    const arn = fixture.addFunction('f', COUNTING);
    const host = fixture.start();
    for (const functionArn of ['f', arn, `${arn}:$LATEST`]) await host.invoke({ functionArn, payload: {} });
    expect(host.metrics.get('f')?.invocations).toBe(3);
    await expect(host.invoke({ functionArn: 'g', payload: {} })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      status: 404,
    });
  });

  it('end when they have been idle for long', async () => {
    fixture.addFunction('f', COUNTING);
    const host = fixture.start({ idleMs: 20 });
    await callsOf(host);
    await expect.poll(() => host.environmentsOf('f')).toEqual([]);
    expect(await callsOf(host)).toBe(1);
  });

  it('can all be killed: what runs fails, and the next invocation starts anew', async () => {
    fixture.addFunction('f', HANGING, LOGGED);
    fixture.addFunction('g', COUNTING);
    const host = fixture.start();
    await host.invoke({ functionArn: 'g', payload: {} });
    const hanging = host.invoke({ functionArn: 'f', payload: {} });
    await fixture.line('hanging');
    await host.killAll('f');
    expect(await hanging).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
    });
    expect(host.environmentsOf('f')).toEqual([]);
    expect(host.environmentsOf('g')).toHaveLength(1);
    await host.killAll();
    expect(host.environmentsOf('g')).toEqual([]);
    expect((await host.invoke({ functionArn: 'g', payload: {} })).payload).toMatchObject({ calls: 1 });
  });

  it('that died while nobody looked are not used again', async () => {
    fixture.addFunction('f', COUNTING);
    const host = fixture.start();
    await callsOf(host);
    for (const environment of host.environmentsOf('f')) await environment.kill();
    expect(await callsOf(host)).toBe(1);
  });

  it('of a closed host are gone, and it takes no more calls', async () => {
    fixture.addFunction('f', COUNTING);
    const host = fixture.start();
    await callsOf(host);
    await host.close();
    expect(host.environmentsOf('f')).toEqual([]);
    await expect(callsOf(host)).rejects.toMatchObject({ name: 'ServiceException' });
  });
});

describe('concurrency', () => {
  it('that a function reserves is its limit, and does not count for the others', async () => {
    fixture.addFunction('f', HANGING, { ...LOGGED, ReservedConcurrentExecutions: 1 });
    fixture.addFunction('g', COUNTING);
    const host = fixture.start({ unreservedConcurrency: 1 });
    const hanging = host.invoke({ functionArn: 'f', payload: {} });
    await fixture.line('hanging');
    await expect(host.invoke({ functionArn: 'f', payload: {} })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      status: 429,
    });
    expect((await host.invoke({ functionArn: 'g', payload: {} })).functionError).toBeUndefined();
    expect(host.metrics.get('f')).toMatchObject({ throttles: 1 });
    await host.killAll();
    await hanging;
  });

  it('of the account is shared by the functions that reserve none', async () => {
    fixture.addFunction('f', HANGING, LOGGED);
    fixture.addFunction('g', COUNTING);
    const host = fixture.start({ unreservedConcurrency: 1 });
    const hanging = host.invoke({ functionArn: 'f', payload: {} });
    await expect(host.invoke({ functionArn: 'g', payload: {} })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
    });
    await fixture.line('hanging');
    await host.killAll();
    await hanging;
    expect((await host.invoke({ functionArn: 'g', payload: {} })).functionError).toBeUndefined();
  });
});

describe('a function that isolates its tenants', () => {
  it('never serves two of them from one environment', async () => {
    fixture.addFunction('f', COUNTING, PER_TENANT);
    const host = fixture.start();
    expect(await callsOf(host, 'acme')).toBe(1);
    expect(await callsOf(host, 'umbrella')).toBe(1);
    expect(await callsOf(host, 'acme')).toBe(2);
    expect(host.environmentsOf('f').map(({ tenantId }) => tenantId)).toEqual(['acme', 'umbrella']);
    const { payload } = await host.invoke({ functionArn: 'f', payload: {}, tenantId: 'acme' });
    expect(payload).toMatchObject({ calls: 3, tenantId: 'acme' });
  });

  it('refuses to run for nobody or for an id that is none, and another function refuses any tenant', async () => {
    fixture.addFunction('f', COUNTING, PER_TENANT);
    fixture.addFunction('g', COUNTING);
    const host = fixture.start();
    for (const call of [
      { functionArn: 'f' },
      { functionArn: 'f', tenantId: 'a*' },
      { functionArn: 'g', tenantId: 'acme' },
    ]) {
      await expect(host.invoke({ ...call, payload: {} })).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        status: 400,
      });
    }
  });
});

describe('faults', () => {
  it('kill an invocation after its time', async () => {
    fixture.addFunction('f', HANGING);
    const host = fixture.start({ faults: faultOf({ kind: 'kill', afterMs: 20 }) });
    expect((await host.invoke({ functionArn: 'f', payload: {} })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
    });
  });

  it('cut the function’s own time', async () => {
    fixture.addFunction('f', HANGING);
    const host = fixture.start({ faults: faultOf({ kind: 'time_out', afterMs: 20 }) });
    expect((await host.invoke({ functionArn: 'f', payload: {} })).payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
    });
  });
});

describe('an asynchronous invocation', () => {
  const soon = { retryDelaysMs: [5, 10], throttledDelayMs: 5 };
  const FAILING = `export const handler = async ({ name }) => { throw new Error(name); };`;

  /** Invokes, waits until the host has given up. */
  const giveUp = async (options: object): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const host = fixture.start({ asynchronous: soon, onGivenUp: resolve, ...options });
    expect(await host.invoke({ functionArn: 'f', payload: { name: 'no' }, isAsync: true })).toEqual({ payload: null });
    const given = await promise;
    return { given, invocations: host.metrics.get('f')?.invocations };
  };

  it('is answered at once and tried three times in all', async () => {
    fixture.addFunction('f', FAILING);
    expect(await giveUp({})).toMatchObject({
      given: { functionLogicalId: 'f', reason: { errorMessage: 'no' } },
      invocations: 3,
    });
  });

  it('is tried again as often as the template says', async () => {
    fixture.addFunction('f', FAILING);
    fixture.add('AWS::Lambda::EventInvokeConfig', 'config', 'config', { FunctionName: 'f', MaximumRetryAttempts: 0 });
    expect(await giveUp({})).toMatchObject({ invocations: 1 });
  });

  it('waits for a free environment, which counts as no attempt', async () => {
    fixture.addFunction('f', `export const handler = async ({ id }) => console.log('done', id);`, {
      ...LOGGED,
      ReservedConcurrentExecutions: 1,
    });
    const host = fixture.start({ asynchronous: soon });
    for (const id of [1, 2, 3]) await host.invoke({ functionArn: 'f', payload: { id }, isAsync: true });
    for (const id of [1, 2, 3]) await fixture.line(`done ${id}`);
    expect(host.metrics.get('f')?.throttles).toBeGreaterThan(0);
  });

  it('may be one megabyte', async () => {
    fixture.addFunction('f', COUNTING);
    const host = fixture.start();
    const payload = 'x'.repeat(1_024 * 1_024);
    await expect(host.invoke({ functionArn: 'f', payload, isAsync: true })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
  });
});
