import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import { AT, type GuestWorkflows, makeWorld, type World } from './workflow-world.ts';

let world: World;
let WORKFLOWS: GuestWorkflows;
let call: Awaited<ReturnType<World['addTenant']>>['call'];

beforeEach(async () => {
  world = await makeWorld();
  ({ WORKFLOWS, call } = await world.addTenant('ada', ['Orders']));
});
afterEach(() => world.remove());

const keyOf = (id: string, workflow = 'Orders') => ({ tenant: 'ada', workflow, id });

const paramsOf = async (id: string): Promise<unknown> => {
  const params = (await world.deps.instances.get(keyOf(id)))?.envelope.params;
  return params === null || params === undefined ? params : decode(String(params));
};

describe('env.WORKFLOWS.create', () => {
  it("makes an instance of the tenant's, with its params in an envelope", async () => {
    const params = { at: new Date(5), amount: 3n };
    const handle = await WORKFLOWS.create({ id: 'one', params });
    expect(handle.id).toBe('one');
    const summary = await world.deps.instances.get(keyOf('one'));
    expect(summary?.trigger).toEqual({ source: 'binding' });
    expect(summary?.envelope.__dispatcherMetadata).toEqual({ tenant: 'ada', workflow: 'Orders', version: 'v1' });
    expect(await paramsOf('one')).toEqual(params);
  });

  it('makes an id, and keeps absent params absent', async () => {
    const { id } = await WORKFLOWS.create();
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await paramsOf(id)).toBeNull();
  });

  it('refuses an id that is taken, with the code in the text and beside it', async () => {
    await WORKFLOWS.create({ id: 'one' });
    await expect(WORKFLOWS.create({ id: 'one' })).rejects.toMatchObject({
      message: '(instance.already_exists) Workflow instance with id "one" already exists',
      code: 'instance.already_exists',
    });
  });

  it.each(['', '-x', 'a/b', '../b', 'x'.repeat(101)])('refuses the id %s', async (id) => {
    await expect(WORKFLOWS.create({ id })).rejects.toThrow(/^Workflow instance has invalid id$/);
  });

  it('takes params of 1 MiB as JSON text and refuses one byte more', async () => {
    const text = (bytes: number) => 'x'.repeat(bytes - 2);
    await WORKFLOWS.create({ id: 'fits', params: text(MAX_VALUE_BYTES) });
    await expect(WORKFLOWS.create({ id: 'more', params: text(MAX_VALUE_BYTES + 1) })).rejects.toMatchObject({
      code: 'payload.too_large',
    });
    expect(await world.deps.instances.get(keyOf('more'))).toBeUndefined();
  });

  it('keeps the instance as long as its retention says, the longer of the two', async () => {
    const day = 86_400_000;
    await WORKFLOWS.create({ id: 'one', retention: { successRetention: '2 days', errorRetention: '7 days' } });
    await WORKFLOWS.create({ id: 'two', retention: { errorRetention: '90 days' } });
    expect((await world.deps.instances.get(keyOf('one')))?.retentionMs).toBe(7 * day);
    expect((await world.deps.instances.get(keyOf('two')))?.retentionMs).toBe(90 * day);
    await expect(WORKFLOWS.create({ retention: { successRetention: 'banana' } })).rejects.toThrow('is not a duration');
  });

  it.each([[5], ['one'], [['one']], [{ id: 5 }], [{ id: {} }]])(
    'refuses options of a wrong kind: %j',
    async (options) => {
      await expect(WORKFLOWS.create(options)).rejects.toThrow(TypeError);
    },
  );
});

describe('the workflow that env.WORKFLOWS stands for', () => {
  it('is TenantWorkflow where there are several, and for() leads to the others', async () => {
    const bob = await world.addTenant('bob', ['First', 'TenantWorkflow', 'Other']);
    await bob.WORKFLOWS.create({ id: 'one' });
    await bob.WORKFLOWS.for('Other').create({ id: 'one' });
    const find = (workflow: string) => world.deps.instances.get({ tenant: 'bob', workflow, id: 'one' });
    expect(await find('TenantWorkflow')).toBeDefined();
    expect(await find('Other')).toBeDefined();
    expect(await find('First')).toBeUndefined();
  });

  it('is asked for by name where it cannot be told', async () => {
    const bob = await world.addTenant('bob', ['First', 'Second']);
    const message =
      /exports several \(First, Second\) and none is named TenantWorkflow\. Use env\.WORKFLOWS\.for\(name\)/;
    await expect(bob.WORKFLOWS.create()).rejects.toThrow(message);
    await expect(bob.WORKFLOWS.get('one')).rejects.toThrow(message);
  });

  it.each(['Missing', 'not a name', '../ada', ''])('is refused where the bundle has no %s', async (name) => {
    await expect(WORKFLOWS.for(name).create()).rejects.toMatchObject({ code: 'workflow.not_found' });
  });
});

describe('env.WORKFLOWS.createBatch', () => {
  it('makes a list and skips what exists without a word', async () => {
    await WORKFLOWS.create({ id: 'b' });
    const handles = await WORKFLOWS.createBatch([{ id: 'a', params: 1 }, { id: 'b', params: 2 }, { id: 'c' }]);
    expect(handles.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(await paramsOf('a')).toBe(1);
    expect(await paramsOf('b')).toBeNull();
  });

  it('makes nothing of a list in which one id is wrong', async () => {
    await expect(WORKFLOWS.createBatch([{ id: 'a' }, { id: 'no/id' }])).rejects.toThrow('has invalid id');
    expect(await world.deps.instances.get(keyOf('a'))).toBeUndefined();
  });

  it('makes so many alike, and reports', async () => {
    const report = (await call('createBatch', [null, { count: 3, params: { a: 1 } }])) as { created: { id: string }[] };
    expect(report).toEqual({ created: Array(3).fill({ id: expect.any(String) }), errors: [] });
    expect(new Set(report.created.map(({ id }) => id)).size).toBe(3);
    expect(await paramsOf(report.created[2]?.id ?? '')).toEqual({ a: 1 });
  });

  it('reports each of { instances } that could not be made', async () => {
    await WORKFLOWS.create({ id: 'b' });
    const report = await call('createBatch', [null, { instances: [{ id: 'a' }, { id: 'b' }, { id: 'no/id' }] }]);
    expect(report).toEqual({
      created: [{ id: 'a' }],
      errors: [
        { index: 1, id: 'b', code: 'instance.already_exists', message: expect.stringContaining('"b" already exists') },
        { index: 2, id: 'no/id', code: 'request.invalid', message: 'Workflow instance has invalid id' },
      ],
    });
  });

  it.each([[[]], [{ count: 0 }], [{ instances: [] }]])('refuses a batch of none: %j', async (batch) => {
    await expect(call('createBatch', [null, batch])).rejects.toThrow('batchCreate should have at least 1 instance');
  });

  it.each([[Array(101).fill({})], [{ count: 101 }], [{ count: 1e12 }], [Array(4_000_000_000)]])(
    'refuses a batch of too many',
    async (batch) => {
      await expect(call('createBatch', [null, batch])).rejects.toThrow('A batch holds at most 100 instances');
    },
  );

  it.each([[undefined], [5], [{}], [{ count: 1, instances: [{}] }], [{ count: 1.5 }], [{ instances: 'ab' }]])(
    'refuses what is no batch: %j',
    async (batch) => {
      await expect(call('createBatch', [null, batch])).rejects.toThrow(TypeError);
    },
  );
});

describe('a handle', () => {
  it.each(['status', 'pause', 'resume', 'terminate', 'restart', 'delete'] as const)(
    'of an instance that is not there refuses %s',
    async (method) => {
      await expect(call(method, [null, 'gone'])).rejects.toMatchObject({
        code: 'instance.not_found',
        message: expect.stringMatching(/^\(instance\.not_found\) /),
      });
    },
  );

  it('is not given out for an instance that is not there, nor for what is no id', async () => {
    await expect(WORKFLOWS.get('gone')).rejects.toMatchObject({ code: 'instance.not_found' });
    await expect(WORKFLOWS.get('../ada')).rejects.toMatchObject({ code: 'instance.not_found' });
    await expect(WORKFLOWS.get(5)).rejects.toThrow(TypeError);
  });

  it('tells the status of what waits, with until as a date', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    const step = { kind: 'waitForEvent', name: 'approval', count: 1 } as const;
    await world.writeJournal(keyOf('one'), [
      { kind: 'started', at: AT },
      { kind: 'wait_started', at: AT, step, ordinal: 1, eventType: 'approved', until: AT + 5, timeoutMs: 5 },
    ]);
    expect(await handle.status()).toEqual({
      status: 'waiting',
      waitingFor: [{ kind: 'event', name: 'approval', until: new Date(AT + 5), eventType: 'approved' }],
      metadata: { tenant: 'ada', workflow: 'Orders', version: 'v1' },
    });
  });

  it('tells the output of what is complete, decoded, wherever it is stored', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    const output = { at: new Date(5), text: 'x'.repeat(300_000) };
    const bytes = Buffer.from(encode(output));
    await world.deps.blobs.put('ada/values/one', bytes);
    const records = [
      { kind: 'started', at: AT },
      { kind: 'completed', at: AT, output: { ref: 'ada/values/one', bytes: bytes.length } },
    ] as const;
    await world.writeJournal(keyOf('one'), records);
    expect(await handle.status()).toMatchObject({ status: 'complete', output, waitingFor: [] });
  });

  it("does not read another tenant's value that its row points to", async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    await world.deps.blobs.put('bob/values/one', Buffer.from('["secret"]'));
    await world.writeJournal(keyOf('one'), [
      { kind: 'started', at: AT },
      { kind: 'completed', at: AT, output: { ref: 'bob/values/one', bytes: 10 } },
    ]);
    await expect(handle.status()).rejects.toThrow(/^The binding failed$/);
  });

  it('tells the error of what failed, without a stack', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    const error = { name: 'RangeError', message: 'too far', stack: 'RangeError: too far\n at workflow.ts:1' };
    await world.writeJournal(keyOf('one'), [
      { kind: 'started', at: AT },
      { kind: 'errored', at: AT, error },
    ]);
    const status = await handle.status();
    expect(status).toMatchObject({ status: 'errored', error: { name: 'RangeError', message: 'too far' } });
    expect(status.error).not.toHaveProperty('stack');
  });

  it('sends events with a payload and without', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    await handle.sendEvent({ type: 'approved', payload: { by: new Set(['eve']) } });
    expect(await handle.sendEvent({ type: 'seen' })).toBeUndefined();
    const incarnation = (await world.deps.instances.get(keyOf('one')))?.incarnation ?? '';
    const items = await world.deps.instances.readInbox({ key: keyOf('one'), incarnation, afterSeq: 0, limit: 10 });
    expect(items.map(({ item }) => item)).toMatchObject([{ eventType: 'approved' }, { eventType: 'seen' }]);
    const [first, second] = items.map(({ item }) => (item.kind === 'event' ? item.payload : undefined));
    expect(decode(String(first))).toEqual({ by: new Set(['eve']) });
    expect(second).toBeUndefined();
  });

  it('refuses events of no type, of a wrong one, above 1 MiB, and to a finished instance', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    await expect(handle.sendEvent({})).rejects.toThrow(TypeError);
    await expect(handle.sendEvent({ type: 'not a type' })).rejects.toMatchObject({ code: 'request.invalid' });
    const payload = 'x'.repeat(MAX_VALUE_BYTES);
    await expect(handle.sendEvent({ type: 'big', payload })).rejects.toMatchObject({ code: 'payload.too_large' });
    await handle.terminate();
    await expect(handle.sendEvent({ type: 'late' })).rejects.toThrow(/^\(instance\.finished\) /);
  });

  it('terminates once', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    expect(await handle.terminate()).toBeUndefined();
    expect(await handle.status()).toMatchObject({ status: 'terminated' });
    await expect(handle.terminate({})).rejects.toThrow(
      /^\(instance\.cannot_terminate\) Cannot terminate instance since its on a finite state$/,
    );
  });

  it('passes the rollback that terminate asks for', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    await expect(handle.terminate({ rollback: 'yes' })).rejects.toThrow(TypeError);
    expect(await handle.terminate({ rollback: true })).toBeUndefined();
    expect(await handle.status()).toMatchObject({ status: 'terminated' });
  });

  it('restarts from the beginning, and from a step that was reached', async () => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    const step = { kind: 'sleep', name: 'nap', count: 2 } as const;
    const records = [
      { kind: 'started', at: AT },
      { kind: 'sleep_started', at: AT, step: { ...step, count: 1 }, ordinal: 1, until: AT },
      { kind: 'sleep_completed', at: AT, step: { ...step, count: 1 }, ordinal: 1 },
      { kind: 'sleep_started', at: AT, step, ordinal: 2, until: AT + 9 },
    ] as const;
    await world.writeJournal(keyOf('one'), records);
    await expect(handle.restart({ from: { name: 'nap' } })).rejects.toThrow(
      /^\(instance\.cannot_restart\) Step "nap" not found in execution history$/,
    );
    await handle.restart({ from: { name: 'nap', count: 2, type: 'sleep' } });
    const kept = await journalOf('one');
    expect(kept.map(({ kind }) => kind)).toEqual(['started', 'sleep_started', 'sleep_completed']);
    await handle.restart();
    expect(await journalOf('one')).toEqual([]);
  });

  it.each([
    [{ from: 'nap' }],
    [{ from: {} }],
    [{ from: { name: 'nap', count: 0 } }],
    [{ from: { name: 'nap', type: 'x' } }],
  ])('refuses a restart from what is no step: %j', async (options) => {
    const handle = await WORKFLOWS.create({ id: 'one' });
    await expect(handle.restart(options)).rejects.toThrow(TypeError);
  });

  it('deletes what there is, alone and in a batch', async () => {
    for (const id of ['one', 'two']) await WORKFLOWS.create({ id });
    await (await WORKFLOWS.get('one')).delete();
    await expect(WORKFLOWS.get('one')).rejects.toMatchObject({ code: 'instance.not_found' });
    expect(await WORKFLOWS.deleteBatch(['one', 'two'])).toEqual({
      deleted: [{ id: 'two' }],
      errors: [{ id: 'one', code: 'instance.not_found', message: expect.any(String) }],
    });
    await expect(WORKFLOWS.deleteBatch('two')).rejects.toThrow(TypeError);
    await expect(WORKFLOWS.deleteBatch([5])).rejects.toThrow(TypeError);
  });
});

describe("another tenant's instances (bug 13)", () => {
  it('are not found, whatever is asked of them, and their ids are free', async () => {
    const bob = await world.addTenant('bob', ['Orders']);
    await WORKFLOWS.create({ id: 'one' });
    for (const method of ['get', 'status', 'pause', 'resume', 'terminate', 'restart', 'delete']) {
      await expect(bob.call(method, [null, 'one'])).rejects.toMatchObject({ code: 'instance.not_found' });
    }
    await expect(bob.call('sendEvent', [null, 'one', { type: 'x' }])).rejects.toMatchObject({
      code: 'instance.not_found',
    });
    expect((await bob.WORKFLOWS.create({ id: 'one' })).id).toBe('one');
    expect(await world.deps.instances.get(keyOf('one'))).toMatchObject({ status: 'queued' });
  });
});

const journalOf = async (id: string) => {
  const incarnation = (await world.deps.instances.get(keyOf(id)))?.incarnation ?? '';
  return world.deps.instances.readJournal({ key: keyOf(id), incarnation });
};
