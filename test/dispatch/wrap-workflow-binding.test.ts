import { describe, expect, it } from 'vitest';
import { DynamicWorkflowBinding, type WorkflowHandle, wrapWorkflowBinding } from '../../lib/dispatch/index.ts';
import { RecordingBinding } from './recording-binding.ts';

const METADATA = { tenant: 'ada' };

const wrapped = (metadata: Record<string, unknown> = METADATA) => {
  const inner = new RecordingBinding();
  return { inner, binding: wrapWorkflowBinding(metadata, { env: { WORKFLOWS: inner } }) };
};

describe('create through a wrapped binding', () => {
  it('puts the metadata beside the params', async () => {
    const { inner, binding } = wrapped();
    await binding.create({ id: 'one', params: { amount: 3 } });
    expect(inner.calls[0]?.args[0]).toEqual({
      id: 'one',
      params: { __dispatcherMetadata: { tenant: 'ada' }, params: { amount: 3 } },
    });
  });

  it('keeps the key of absent params through JSON, without options and without params', async () => {
    const { inner, binding } = wrapped();
    await binding.create();
    await binding.create({ id: 'one' });
    for (const call of [0, 1]) {
      expect(JSON.parse(JSON.stringify(inner.paramsOf(call)))).toEqual({
        __dispatcherMetadata: METADATA,
        params: null,
      });
    }
    expect(inner.calls[1]?.args[0]).toMatchObject({ id: 'one' });
  });

  it('passes every other option through and leaves the object of the caller as it was', async () => {
    const { inner, binding } = wrapped();
    const options = Object.freeze({
      id: 'one',
      params: Object.freeze({ a: 1 }),
      retention: { successRetention: '1 day' },
    });
    await binding.create(options);
    expect(inner.calls[0]?.args[0]).toMatchObject({ id: 'one', retention: { successRetention: '1 day' } });
    expect(options.params).toEqual({ a: 1 });
  });

  it('carries metadata of any JSON shape', async () => {
    const metadata = { tenant: 'ada', region: null, tags: ['a', 'b'], plan: { tier: 2 } };
    const { inner, binding } = wrapped(metadata);
    await binding.create();
    expect(inner.paramsOf(0)).toEqual({ __dispatcherMetadata: metadata, params: null });
  });

  it('keeps the metadata that it was made with, whatever becomes of the object', async () => {
    const metadata = { tenant: 'ada' };
    const { inner, binding } = wrapped(metadata);
    metadata.tenant = 'eve';
    await binding.create();
    expect(inner.paramsOf(0)).toMatchObject({ __dispatcherMetadata: { tenant: 'ada' } });
  });

  it('wraps once however often it is used', async () => {
    const { inner, binding } = wrapped();
    const options = { params: { a: 1 } };
    await binding.create(options);
    await binding.create(options);
    expect(inner.paramsOf(1)).toEqual({ __dispatcherMetadata: METADATA, params: { a: 1 } });
  });

  it('takes an envelope that a tenant forged for the params that it is', async () => {
    const { inner, binding } = wrapped();
    const forged = { __dispatcherMetadata: { tenant: 'eve' }, params: {} };
    await binding.create({ params: forged });
    expect(inner.paramsOf(0)).toEqual({ __dispatcherMetadata: METADATA, params: forged });
  });
});

describe('createBatch through a wrapped binding', () => {
  it('wraps each item of a list and gives handles in their order', async () => {
    const { inner, binding } = wrapped();
    const handles = await binding.createBatch([{ id: 'a', params: 1 }, { id: 'b' }]);
    expect(handles.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(inner.calls[0]?.args[0]).toEqual([
      { id: 'a', params: { __dispatcherMetadata: METADATA, params: 1 } },
      { id: 'b', params: { __dispatcherMetadata: METADATA, params: null } },
    ]);
  });

  it('wraps the params of { count, params } and reports what was made and what was not', async () => {
    const { inner, binding } = wrapped();
    const { created, errors } = await binding.createBatch({ count: 2, params: { a: 1 }, retention: {} });
    expect(created.map(({ id }) => id)).toEqual(['made-1', 'made-2']);
    expect(errors).toEqual(['one error']);
    const envelope = { __dispatcherMetadata: METADATA, params: { a: 1 } };
    expect(inner.calls[0]?.args[0]).toEqual({ count: 2, params: envelope, retention: {} });
  });

  it('wraps each item of { instances }', async () => {
    const { inner, binding } = wrapped();
    await binding.createBatch({ instances: [{ id: 'a', params: 1 }] });
    const params = { __dispatcherMetadata: METADATA, params: 1 };
    expect(inner.calls[0]?.args[0]).toEqual({ instances: [{ id: 'a', params }] });
  });
});

describe('a handle of a wrapped binding', () => {
  it('has its id plainly and awaited', async () => {
    const { binding } = wrapped();
    const handle = await binding.create({ id: 'one' });
    expect(handle.id).toBe('one');
    expect(await handle.id).toBe('one');
  });

  it('has a plain id where the handle inside gives a promise of it', async () => {
    const inner = new RecordingBinding();
    const remote = async (id: string): Promise<WorkflowHandle> => ({ ...inner.handle(id), id: Promise.resolve(id) });
    const env = { WORKFLOWS: { create: () => remote('far'), get: remote, createBatch: async () => [] } };
    expect((await wrapWorkflowBinding(METADATA, { env }).create()).id).toBe('far');
  });

  it.each(['status', 'pause', 'resume', 'terminate', 'restart', 'sendEvent', 'delete', 'subscribe'] as const)(
    'passes what %s is given, and gives what it gives',
    async (method) => {
      const { inner, binding } = wrapped();
      const handle = await binding.get('one');
      const options = { from: { name: 'charge', count: 2 }, rollback: true, type: 'go', payload: { a: 1 } };
      expect(await handle[method](options, 'more')).toBe(`${method} of one`);
      expect(inner.calls.at(-1)).toEqual({ method, args: [options, 'more'] });
    },
  );

  it('says so where the handle inside lacks a younger call', async () => {
    const { delete: _, ...older } = new RecordingBinding().handle('one');
    const env = { WORKFLOWS: { create: async () => older, get: async () => older, createBatch: async () => [] } };
    const handle = await wrapWorkflowBinding(METADATA, { env }).get('one');
    await expect(handle.delete()).rejects.toThrow('have no delete()');
  });
});

describe('the binding inside', () => {
  it('is asked for instances and their deletion as it stands', async () => {
    const { inner, binding } = wrapped();
    expect((await binding.get('one')).id).toBe('one');
    expect(await binding.deleteBatch(['one', 'two'])).toEqual({ deleted: [{ id: 'one' }, { id: 'two' }], errors: [] });
    expect(inner.calls).toEqual([
      { method: 'get', args: ['one'] },
      { method: 'deleteBatch', args: [['one', 'two']] },
    ]);
  });

  it('is looked up at each call, under the name that was said', async () => {
    const first = new RecordingBinding();
    const second = new RecordingBinding();
    const env = { ORDERS: first };
    const binding = wrapWorkflowBinding(METADATA, { env, bindingName: 'ORDERS' });
    await binding.create();
    env.ORDERS = second;
    await binding.create();
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });

  it('is missed with a message that says what to do', async () => {
    const binding = wrapWorkflowBinding(METADATA, { env: {} });
    await expect(binding.create()).rejects.toThrow('env.WORKFLOWS is no Workflow binding');
  });

  it('is never a wrapped one, which would put an envelope into an envelope', async () => {
    const { binding } = wrapped();
    const twice = wrapWorkflowBinding({ tenant: 'eve' }, { env: { WORKFLOWS: binding } });
    await expect(twice.create()).rejects.toThrow('wrapped binding already');
  });

  it('passes on its refusals', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('(instance.already_exists) taken');
    };
    const env = { WORKFLOWS: { create: refuse, get: refuse, createBatch: refuse } };
    await expect(wrapWorkflowBinding(METADATA, { env }).create()).rejects.toThrow('(instance.already_exists) taken');
  });
});

describe('metadata', () => {
  it.each([['a text'], [null], [['a list']], [{ big: 1n }]])(
    'is refused where JSON has no object for it: %s',
    (metadata) => {
      expect(() => wrapWorkflowBinding(metadata as never, { env: {} })).toThrow(TypeError);
    },
  );

  it('comes with ctx.props where the binding is built as an entrypoint', async () => {
    const inner = new RecordingBinding();
    const binding = new DynamicWorkflowBinding({ props: { metadata: METADATA } }, { WORKFLOWS: inner });
    await binding.create({ params: 1 });
    expect(inner.paramsOf(0)).toEqual({ __dispatcherMetadata: METADATA, params: 1 });
  });
});
