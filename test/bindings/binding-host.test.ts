import { describe, expect, it } from 'vitest';
import { BindingError } from '../../lib/bindings/binding-error.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { type BindingCall, defineBinding } from '../../lib/bindings/define-binding.ts';
import { TenonError } from '../../lib/core/errors.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import { makeCaller, makeTenant } from './callers.ts';

const ADA = makeTenant('ada');

const store = defineBinding({
  name: 'STORE',
  methods: ['put', 'get', 'fail'],
  propsOf: ({ id }) => (id === 'eve' ? undefined : { prefix: `${id}/` }),
  create: ({ tenant, props }) => ({
    put: (args, call) => ({ args, prefix: props.prefix, tenant: tenant.id, workflow: call.caller.instance?.workflow }),
    get: async (args) => args[0],
    fail: ([error]) => {
      throw FAILURES[String(error)] ?? new Error('unknown');
    },
  }),
});

const FAILURES: Readonly<Record<string, unknown>> = {
  refusal: new BindingError('The key is too long'),
  service: new TenonError('quota.exceeded', 'No more fits.'),
  type: new TypeError('The key is a string'),
  internal: new Error('connect ECONNREFUSED 10.0.0.7:5432'),
  nothing: undefined,
};

const callOn =
  (bindings: Bindings, caller = makeCaller(ADA)) =>
  async (binding: string, method: string, args: unknown = []): Promise<unknown> =>
    decode(await bindings.call(caller, { binding, method, args: encode(args) }));

describe('bindings', () => {
  it('are declared by name, type and methods, and without what the operator settled', () => {
    const mail = defineBinding({ name: 'MAIL', type: 'mail', methods: ['send'], create: () => ({ send: () => {} }) });
    expect(new Bindings([store, mail]).declare({ tenant: ADA })).toEqual([
      { name: 'STORE', type: 'service', methods: ['put', 'get', 'fail'] },
      { name: 'MAIL', type: 'mail', methods: ['send'] },
    ]);
  });

  it('get decoded arguments, their tenant, its properties and who calls', async () => {
    const put = await callOn(new Bindings([store]))('STORE', 'put', ['key', new Map([['a', 1n]])]);
    expect(put).toEqual({ args: ['key', new Map([['a', 1n]])], prefix: 'ada/', tenant: 'ada', workflow: 'Orders' });
  });

  it('give results of every type that the guest can hold', async () => {
    const value = { at: new Date(5), set: new Set(['a']), none: undefined };
    expect(await callOn(new Bindings([store]))('STORE', 'get', [value])).toEqual(value);
  });

  it('let go of what they keep of a tenant that is removed, each by itself', async () => {
    const removed: string[] = [];
    const keeping = defineBinding({
      name: 'KEEPING',
      methods: [],
      create: () => ({}),
      removeTenant: async (tenant) => void removed.push(tenant),
    });
    await new Bindings([store, keeping]).removeTenant('ada');
    expect(removed).toEqual(['ada']);
  });

  it('are withheld from a tenant that has no properties for them', async () => {
    const bindings = new Bindings([store]);
    const eve = makeTenant('eve');
    expect(bindings.declare({ tenant: eve })).toEqual([]);
    await expect(callOn(bindings, makeCaller(eve))('STORE', 'get')).rejects.toThrow('no binding named "STORE"');
  });

  it.each(['NONE', '__proto__', 'constructor', ''])('refuse a name that nobody gave: %s', async (name) => {
    await expect(callOn(new Bindings([store]))(name, 'get')).rejects.toThrow(BindingError);
  });

  it.each(['drop', '__proto__', 'constructor', 'toString', 'create', ''])(
    'refuse a method that is not declared: %s',
    async (method) => {
      await expect(callOn(new Bindings([store]))('STORE', method)).rejects.toThrow('has no method named');
    },
  );

  it('refuse arguments that are no list', async () => {
    await expect(callOn(new Bindings([store]))('STORE', 'get', { 0: 'key' })).rejects.toThrow(TypeError);
  });

  it.each(['refusal', 'service', 'type'])('pass on an error that is for the tenant: %s', async (kind) => {
    await expect(callOn(new Bindings([store]))('STORE', 'fail', [kind])).rejects.toBe(FAILURES[kind]);
  });

  it.each(['internal', 'nothing'])('tell the operator, and not the tenant, of any other: %s', async (kind) => {
    const heard: unknown[] = [];
    const bindings = new Bindings([store], { onError: (error, call) => heard.push({ error, ...call }) });
    const failed = callOn(bindings)('STORE', 'fail', [kind]);
    await expect(failed).rejects.toThrow(new BindingError('The binding failed'));
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ tenant: 'ada', binding: 'STORE', method: 'fail' });
  });

  it('refuse a call whose attempt has ended, before anything is done', async () => {
    let calls = 0;
    const count = defineBinding({ name: 'COUNT', methods: ['up'], create: () => ({ up: () => ++calls }) });
    const call = callOn(new Bindings([count]), makeCaller(ADA, AbortSignal.abort()));
    await expect(call('COUNT', 'up')).rejects.toThrow('its attempt has ended');
    expect(calls).toBe(0);
  });

  it('hand over the signal of the attempt', async () => {
    const controller = new AbortController();
    let seen: BindingCall | undefined;
    const slow = defineBinding({
      name: 'SLOW',
      methods: ['go'],
      create: () => ({
        go: (_, call) => {
          seen = call;
        },
      }),
    });
    await callOn(new Bindings([slow]), makeCaller(ADA, controller.signal))('SLOW', 'go');
    expect(seen?.signal).toBe(controller.signal);
  });

  it('refuse a result that no message to the guest can carry', async () => {
    const bytes = (length: number) => callOn(new Bindings([big]))('BIG', 'get', [length]) as Promise<Uint8Array>;
    const big = defineBinding({
      name: 'BIG',
      methods: ['get'],
      create: () => ({ get: ([length]) => new Uint8Array(Number(length)) }),
    });
    expect((await bytes(10_000_000)).byteLength).toBe(10_000_000);
    await expect(bytes(13_000_000)).rejects.toThrow('The result of BIG.get is too large');
  });

  it('are added later where they need what needs the others, once each', () => {
    const bindings = new Bindings();
    bindings.add(store);
    expect(() => bindings.add(store)).toThrow('Two bindings have the name STORE');
    expect(bindings.declare({ tenant: ADA })).toHaveLength(1);
  });

  it('let go of what they hold when the service ends', async () => {
    let isClosed = false;
    const held = defineBinding({
      name: 'HELD',
      methods: [],
      create: () => ({}),
      close: async () => {
        isClosed = true;
      },
    });
    await new Bindings([held, store]).close();
    expect(isClosed).toBe(true);
  });

  it('have names that env can hold', () => {
    expect(() => defineBinding({ name: 'my binding', methods: [], create: () => ({}) })).toThrow(TypeError);
  });
});
