import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../../lib/embedded.ts';
import type { Summary } from '../../lib/ports/instance-store.ts';
import type { LoadTurn, TurnContext } from '../../lib/service/load-turn.ts';
import { loadTurn } from '../../lib/service/turn-loader.ts';
import type { TurnDependencies } from '../../lib/service/turn-options.ts';
import { Ledger } from '../conformance/ledger.ts';
import { type TenantWorld, World, workflow } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';

const folder = makeFolder();
const ledger = new Ledger();
let load: LoadTurn;
let asked: TurnContext[];
let printed: string[];
let service: Embedded;
let world: World;

beforeAll(() => ledger.listen());
afterAll(async () => {
  await ledger.close();
  folder.remove();
});
beforeEach(async () => {
  asked = [];
  printed = [];
  load = ({ env }) => env.load();
  service = await startEmbedded({
    port: 0,
    host: '127.0.0.1',
    dataFolder: `${folder.path}/${crypto.randomUUID()}`,
    allowPrivateEgress: false,
    print: (line) => printed.push(line),
    loadRunner: (context) => {
      asked.push(context.ctx);
      return load(context);
    },
  });
  world = new World({ url: service.url, operatorKey: service.operatorKey, ledger, canOwnServer: false });
});
afterEach(async () => {
  await service.close();
});

const errors = (): readonly string[] =>
  printed.filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { message: string }).message);

const wordThen = (word: string): string =>
  workflow(`await step.waitForEvent('w', { type: 'go' }); return await step.do('say', async () => '${word}');`);

/** A tenant with an active version that says `first`, and another one that says `second`. */
const withTwo = async (): Promise<{ readonly tenant: TenantWorld; readonly second: string }> => {
  const tenant = await world.deployed(wordThen('first'));
  return { tenant, second: await tenant.deploy(wordThen('second'), { activate: false }) };
};

describe('a loadRunner', () => {
  it('is asked once a turn, with whose it is', async () => {
    const { tenant } = await withTwo();
    const instance = await tenant.create();
    await instance.waiting();
    await instance.send('go');
    expect(await instance.completed()).toBe('first');
    expect(asked.map(({ tenant: { id }, workflow: of, instanceId }) => [id, of, instanceId])).toEqual([
      [tenant.id, 'W', instance.id],
      [tenant.id, 'W', instance.id],
    ]);
    expect(asked.map(({ isFirstTurn }) => isFirstTurn)).toEqual([true, false]);
  });

  it('chooses the version in the first turn, and never again (E9)', async () => {
    const { tenant, second } = await withTwo();
    load = ({ env }) => env.load({ version: second });
    const instance = await tenant.create();
    await instance.waiting();
    expect((await instance.detail()).version).toBe(second);
    const third = await tenant.deploy(wordThen('third'), { activate: false });
    load = ({ env }) => env.load({ version: third });
    await instance.send('go');
    expect(await instance.completed()).toBe('second');
    expect((await instance.detail()).version).toBe(second);
    expect(asked.map(({ isFirstTurn }) => isFirstTurn)).toEqual([true, false, false]);
  });

  it('may choose again after a restart, which begins anew', async () => {
    const tenant = await world.deployed(workflow("return 'first';"));
    const second = await tenant.deploy(workflow("return 'second';"), { activate: false });
    const instance = await tenant.create();
    expect(await instance.completed()).toBe('first');
    load = ({ env }) => env.load({ version: second });
    await instance.control('restart');
    await instance.until('the other output', ({ output }) => output === 'second');
    expect((await instance.detail()).version).toBe(second);
  });

  it('cannot move an instance that began on another version', async () => {
    const { tenant, second } = await withTwo();
    const instance = await tenant.create();
    await instance.waiting();
    load = ({ env }) => env.load({ version: second });
    await instance.send('go');
    expect(await instance.completed()).toBe('first');
  });

  it('loses no event that came before the first turn', async () => {
    const { tenant, second } = await withTwo();
    const held = Promise.withResolvers<void>();
    load = async ({ env }) => {
      await held.promise;
      return env.load({ version: second });
    };
    const instance = await tenant.create();
    await instance.send('go');
    held.resolve();
    expect(await instance.completed()).toBe('second');
  });

  it("cannot load another tenant's version", async () => {
    const { second } = await withTwo();
    const tenant = await world.deployed(workflow("return 'own';"));
    load = ({ env }) => env.load({ version: second });
    const { status, error } = await (await tenant.create()).finished();
    expect([status, error.name, error.message]).toEqual([
      'errored',
      'TenonError',
      'The tenant has no version with this name.',
    ]);
  });

  it('cannot load a version that lacks the workflow', async () => {
    const tenant = await world.deployed(workflow("return 'own';"));
    const other = await tenant.deploy(workflow("return 'other';").replaceAll('class W', 'class X'), {
      activate: false,
    });
    load = ({ env }) => env.load({ version: other });
    const { status, error } = await (await tenant.create()).finished();
    expect([status, error.message]).toEqual([
      'errored',
      'The version that was chosen exports no workflow with this name.',
    ]);
  });

  it('compiles a source to a version of the tenant, without activating it', async () => {
    const tenant = await world.deployed(workflow("return 'own';"));
    load = async ({ env }) => env.load({ version: await env.compile(workflow("return 'compiled';")) });
    expect(await (await tenant.create()).completed()).toBe('compiled');
    load = ({ env }) => env.load();
    expect(await (await tenant.create()).completed()).toBe('own');
  });

  it('fails the instance with what is wrong with a source', async () => {
    const tenant = await world.deployed(workflow("return 'own';"));
    load = async ({ env }) => env.load({ version: await env.compile('export const nothing = 1;') });
    const { status, error } = await (await tenant.create()).finished();
    expect(status).toBe('errored');
    expect(error.message).toContain('The bundle exports neither a class');
  });

  it('attaches a tail that hears of each record, and that can fail without harm', async () => {
    const tenant = await world.deployed(workflow("return await step.do('a', async () => 1);"));
    const heard: string[] = [];
    load = ({ env }) =>
      env.load({
        tail: (records) => {
          heard.push(...records.map(({ kind }) => kind));
          throw new Error('the tail broke');
        },
      });
    expect(await (await tenant.create()).completed()).toBe(1);
    expect(heard).toEqual(['started', 'step_settled', 'completed']);
    expect(errors()).toContain('the tail broke');
  });

  it('can wrap the runner that it was given', async () => {
    const tenant = await world.deployed(workflow("return 'own';"));
    const seen: string[] = [];
    load = async ({ env }) => {
      const inner = await env.load();
      return {
        run: (event, step) => {
          seen.push(event.instanceId);
          return inner.run(event, step);
        },
      };
    };
    const instance = await tenant.create();
    expect(await instance.completed()).toBe('own');
    expect(seen).toEqual([instance.id]);
  });
});

describe('the context that a loadRunner asks for', () => {
  const deps = {
    clock: { now: () => 0 },
    policies: { list: async () => [] },
    tenants: { getTenant: async () => ({ id: 'ada', limits: {} }), listEnv: async () => [] },
    bundles: { getWorkflowSettings: async () => undefined },
    bindings: { declare: () => [] },
  };
  const summary = {
    tenant: 'ada',
    workflow: 'W',
    id: 'one',
    version: 'v',
    createdAt: 0,
    envelope: { __dispatcherMetadata: { tenant: 'ada' }, params: null },
  };

  it.each([
    ['none', undefined, false],
    ['shared', 'shared', false],
    ['fresh', 'fresh', true],
  ] as const)('is heeded: %s', async (_, context, hasFreshContext) => {
    const { settings } = await loadTurn(deps as unknown as TurnDependencies, {
      summary: summary as unknown as Summary,
      isFirstTurn: true,
      loadRunner: ({ env }) => env.load(context === undefined ? {} : { context }),
      onError: () => {},
    });
    expect(settings.guest.hasFreshContext).toBe(hasFreshContext);
    expect(settings.isStrict).toBe(false);
  });

  const loadingApart = (more: { readonly microVms?: 'offered' | 'missing' }) =>
    loadTurn(deps as unknown as TurnDependencies, {
      summary: summary as unknown as Summary,
      isFirstTurn: true,
      loadRunner: ({ env }) => env.load({ isolation: 'microvm' }),
      onError: () => {},
      ...more,
    });

  it('may have the turn run in a machine of the tenant’s own, where there are some', async () => {
    expect((await loadingApart({ microVms: 'offered' })).isApart).toBe(true);
    expect((await loadingApart({})).isApart).toBeUndefined();
    await expect(loadingApart({ microVms: 'missing' })).rejects.toThrow('level microvm, which is not offered here');
  });

  it('is asked for in vain by a runner that leaves the turn aside', async () => {
    const loading = loadTurn(deps as unknown as TurnDependencies, {
      summary: summary as unknown as Summary,
      isFirstTurn: true,
      loadRunner: () => ({ run: () => 'nothing' }),
      onError: () => {},
    });
    await expect(loading).rejects.toThrow('did not run what env.load() gave');
  });

  it.each([{ tenant: 'eve' }, {}])('is not asked for where the envelope names another tenant: %j', async (metadata) => {
    let isAsked = false;
    const loading = loadTurn(deps as unknown as TurnDependencies, {
      summary: { ...summary, envelope: { __dispatcherMetadata: metadata, params: null } } as unknown as Summary,
      isFirstTurn: true,
      loadRunner: ({ env }) => {
        isAsked = true;
        return env.load();
      },
      onError: () => {},
    });
    await expect(loading).rejects.toThrow('The envelope names another tenant');
    expect(isAsked).toBe(false);
  });
});
