import { describe, expect, it } from 'vitest';
import {
  createDynamicWorkflowEntrypoint,
  dispatchWorkflow,
  MissingDispatcherMetadataError,
  type RunnerEvent,
  wrapWorkflowBinding,
} from '../../lib/dispatch/index.ts';
import { RecordingBinding } from './recording-binding.ts';

const eventWith = (payload: unknown): RunnerEvent => ({
  payload,
  timestamp: new Date(1_000),
  instanceId: 'one',
  workflowName: 'Orders',
});
const enveloped = (params: unknown, tenant = 'ada') => eventWith({ __dispatcherMetadata: { tenant }, params });
const context = { env: { secret: 1 }, ctx: { waitUntil: () => {} } };

describe('dispatchWorkflow', () => {
  it('gives the loader the metadata, env and ctx', async () => {
    let seen: unknown;
    await dispatchWorkflow(context, enveloped({}), {}, (params) => {
      seen = params;
      return { run: () => 'done' };
    });
    expect(seen).toEqual({ metadata: { tenant: 'ada' }, env: context.env, ctx: context.ctx });
  });

  it("gives the runner the tenant's own params, and the rest of the event as it came", async () => {
    const event = enveloped({ amount: 3 });
    const seen = await dispatchWorkflow(context, event, {}, () => ({ run: (inner) => inner }));
    expect(seen).toEqual({ ...event, payload: { amount: 3 } });
    expect(event.payload).toHaveProperty('__dispatcherMetadata');
  });

  it('hands over the very step object', async () => {
    const step = {};
    expect(await dispatchWorkflow(context, enveloped(1), step, () => ({ run: (_, given) => given }))).toBe(step);
  });

  it('reads the envelope of the Cloudflare library too', async () => {
    const event = eventWith({ __workerLoaderMetadata: { tenant: 'ada' }, params: 5 });
    const runner = ({ metadata }: { metadata: unknown }) => ({
      run: ({ payload }: RunnerEvent) => [metadata, payload],
    });
    expect(await dispatchWorkflow(context, event, {}, runner)).toEqual([{ tenant: 'ada' }, 5]);
  });

  it('never follows an envelope inside the params', async () => {
    const forged = { __dispatcherMetadata: { tenant: 'eve' }, params: {} };
    const tenants: unknown[] = [];
    const payload = await dispatchWorkflow(context, enveloped(forged), {}, ({ metadata }) => {
      tenants.push(metadata.tenant);
      return { run: (event) => event.payload };
    });
    expect(tenants).toEqual(['ada']);
    expect(payload).toEqual(forged);
  });

  it.each([
    ['params without an envelope', { amount: 3 }],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'hello'],
    ['a list', []],
    ['metadata that is no object', { __dispatcherMetadata: 'ada', params: {} }],
    ['metadata that is inherited', Object.create({ __dispatcherMetadata: {}, params: {} })],
  ])('refuses %s, and loads nothing', async (_, payload) => {
    let isLoaded = false;
    const dispatched = dispatchWorkflow(context, eventWith(payload), {}, () => {
      isLoaded = true;
      return { run: () => {} };
    });
    await expect(dispatched).rejects.toThrow(MissingDispatcherMetadataError);
    expect(isLoaded).toBe(false);
  });

  it('waits for a loader that takes its time', async () => {
    const loader = async () => ({ run: async () => 42 });
    expect(await dispatchWorkflow(context, enveloped(1), {}, loader)).toBe(42);
  });

  it('passes on what the loader throws, and what the runner throws', async () => {
    const failing = (text: string) => (): never => {
      throw new Error(text);
    };
    await expect(dispatchWorkflow(context, enveloped(1), {}, failing('no bundle'))).rejects.toThrow('no bundle');
    const runner = { run: failing('no luck') };
    await expect(dispatchWorkflow(context, enveloped(1), {}, () => runner)).rejects.toThrow('no luck');
  });

  it('loads anew for each call, by its own metadata', async () => {
    const loaded: unknown[] = [];
    for (const tenant of ['ada', 'bob', 'ada']) {
      await dispatchWorkflow(context, enveloped(1, tenant), {}, ({ metadata }) => {
        loaded.push(metadata.tenant);
        return { run: () => {} };
      });
    }
    expect(loaded).toEqual(['ada', 'bob', 'ada']);
  });
});

describe('createDynamicWorkflowEntrypoint', () => {
  const Entrypoint = createDynamicWorkflowEntrypoint<object, typeof context.env, typeof context.ctx>(
    ({ metadata, env }) => ({ run: ({ payload }) => [metadata.tenant, env.secret, payload] }),
  );

  it('gives a class that dispatches with its own ctx and env', async () => {
    const entrypoint = new Entrypoint(context.ctx, context.env);
    expect(await entrypoint.run(enveloped({ a: 1 }), {})).toEqual(['ada', 1, { a: 1 }]);
  });

  it('gives a class that an operator can extend', async () => {
    class Timed extends Entrypoint {
      override async run(event: RunnerEvent, step: object): Promise<unknown> {
        return [this.env.secret, await super.run(event, step)];
      }
    }
    expect(await new Timed(context.ctx, context.env).run(enveloped(2), {})).toEqual([1, ['ada', 1, 2]]);
  });

  it('refuses a payload that went past the wrapped binding', async () => {
    const entrypoint = new Entrypoint(context.ctx, context.env);
    await expect(entrypoint.run(eventWith({}), {})).rejects.toThrow('wrapWorkflowBinding()');
  });

  it('takes off what the wrapped binding puts on, after a JSON store between them', async () => {
    const inner = new RecordingBinding();
    await wrapWorkflowBinding({ tenant: 'ada' }, { env: { WORKFLOWS: inner } }).create();
    const payload: unknown = JSON.parse(JSON.stringify(inner.paramsOf(0)));
    expect(await new Entrypoint(context.ctx, context.env).run(eventWith(payload), {})).toEqual(['ada', 1, null]);
  });
});
