import { describe, expect, it } from 'vitest';
import { MicroVmBusy, type MicroVms } from '../../lib/ports/micro-vms.ts';
import type { Isolation, Tenant } from '../../lib/ports/tenant-store.ts';
import type { Wake } from '../../lib/ports/wake-queue.ts';
import { dispatchWakes } from '../../lib/service/dispatch-wakes.ts';
import { GatheredUsage } from '../../lib/service/usage-meter.ts';

const NOW = 1_000_000;
const LIFE = '0123456789abcdef0123456789abcdef';

const wakeOf = (tenant: string, id: string, more: Partial<Wake> = {}): Wake => ({
  key: { tenant, workflow: 'W', id },
  incarnation: LIFE,
  ...more,
});

const tenant = (id: string, isolation: Isolation): Tenant => ({
  id,
  isolation,
  limits: {},
  egress: 'none',
  suspended: false,
  createdAt: 0,
});

const TENANTS = [tenant('here', 'isolate'), tenant('apart', 'microvm'), tenant('beside', 'microvm')];

const world = (
  params: { readonly runTurns?: MicroVms['runTurns']; readonly fails?: string; readonly hasNoMicroVms?: true } = {},
) => {
  const ran: string[] = [];
  const sent: Wake[] = [];
  const calls: { readonly tenant: string; readonly ids: readonly string[] }[] = [];
  const commands: unknown[] = [];
  const usage = new GatheredUsage({ now: () => 0 });
  const errors: string[] = [];
  const runTurns: MicroVms['runTurns'] = async (call) => {
    calls.push({ tenant: call.tenant, ids: call.wakes.map(({ key }) => key.id) });
    return params.runTurns?.(call) ?? { asked: [], commands: [], used: [], problems: [] };
  };
  const dispatch = (wakes: readonly Wake[]) =>
    dispatchWakes(
      {
        clock: { now: () => NOW },
        randomness: { id: () => '8000', secret: () => '' },
        tenants: { getTenant: async (id: string) => TENANTS.find((one) => one.id === id) } as never,
        wakes: { wake: async (wake) => void sent.push(wake) },
        turns: {
          run: async ({ key }) => {
            if (key.id === params.fails) throw new Error('the store failed');
            ran.push(key.id);
          },
        },
        microVms: params.hasNoMicroVms ? undefined : { runTurns },
        usage,
        startCommand: async (_tenant, command) => void commands.push(command),
        onError: (error) => errors.push((error as Error).message),
      },
      { wakes, endsAt: NOW + 60_000 },
    );
  return { dispatch, ran, sent, calls, commands, usage, errors };
};

describe('messages', () => {
  it('are run here or in a machine of the tenant’s own, one call for all of a tenant', async () => {
    const { dispatch, ran, calls } = world();
    const wakes = [wakeOf('here', '1'), wakeOf('apart', '2'), wakeOf('apart', '3'), wakeOf('beside', '4')];
    expect((await dispatch(wakes)).size).toBe(0);
    expect(ran).toEqual(['1']);
    expect(calls).toEqual([
      { tenant: 'apart', ids: ['2', '3'] },
      { tenant: 'beside', ids: ['4'] },
    ]);
  });

  it('go to a machine of the tenant’s own where they say so, whatever its level', async () => {
    const { dispatch, ran, calls } = world();
    await dispatch([wakeOf('here', '1', { isApart: true }), wakeOf('here', '2')]);
    expect(ran).toEqual(['2']);
    expect(calls).toEqual([{ tenant: 'here', ids: ['1'] }]);
  });

  it('that come early are sent again, and those of a tenant that is gone are dropped', async () => {
    const { dispatch, ran, sent, calls } = world();
    const early = wakeOf('apart', '1', { at: NOW + 90_000 });
    await dispatch([early, wakeOf('here', '2', { at: NOW + 100 }), wakeOf('gone', '3')]);
    expect(sent).toEqual([early]);
    expect(ran).toEqual(['2']);
    expect(calls).toEqual([]);
  });

  it('that fail come again, alone, and are told of', async () => {
    const { dispatch, ran, errors } = world({ fails: '2' });
    const failed = await dispatch([wakeOf('here', '1'), wakeOf('here', '2'), wakeOf('apart', '3')]);
    expect(ran).toContain('1');
    expect([...failed]).toEqual([0, 1]);
    expect(errors).toEqual(['the store failed']);
  });

  it('for a tenant whose machines are all at work are sent again a little later, each for itself', async () => {
    const { dispatch, sent } = world({
      runTurns: async () => {
        throw new MicroVmBusy('none is free');
      },
    });
    const wake = wakeOf('apart', '1', { leaseOwner: 'somebody' });
    expect((await dispatch([wake])).size).toBe(0);
    expect(sent).toEqual([{ ...wake, at: NOW + 3_000 }]);
  });
});

it('of a tenant that is to run apart are not run beside others where there is nowhere to do that', async () => {
  const { dispatch, ran, errors } = world({ hasNoMicroVms: true });
  expect([...(await dispatch([wakeOf('apart', '1'), wakeOf('here', '2')]))]).toEqual([0]);
  expect(ran).toEqual(['2']);
  expect(errors[0]).toContain('The tenant apart has level microvm, which is not offered here');
});

describe('what a tenant’s machine asks for', () => {
  it('is done where it is that tenant’s own', async () => {
    const later = wakeOf('apart', '7', { at: NOW + 5_000 });
    const command = { token: 't', command: ['true'] };
    const used = { workflow: 'Flow', units: { steps: 3, cpuMs: 8 } };
    const { dispatch, sent, commands, usage, errors } = world({
      runTurns: async () => ({ asked: [later], commands: [command], used: [used], problems: ['a callback failed'] }),
    });
    await dispatch([wakeOf('apart', '1')]);
    expect(sent).toEqual([later]);
    expect(commands).toEqual([command]);
    expect(usage.take()).toMatchObject([{ tenant: 'apart', workflow: 'Flow', units: { steps: 3, cpuMs: 8 } }]);
    expect(errors).toEqual(['In a machine of apart: a callback failed']);
  });

  it.each([
    ['of another tenant', wakeOf('here', '1')],
    ['with a workflow that is none', { ...wakeOf('apart', '1'), key: { tenant: 'apart', workflow: 'a#b', id: '1' } }],
    ['with an id that is none', { ...wakeOf('apart', '1'), key: { tenant: 'apart', workflow: 'W', id: '../1' } }],
    ['at no time', { ...wakeOf('apart', '1'), at: Number.NaN }],
    ['in a life that is none', { ...wakeOf('apart', '1'), incarnation: '#' }],
    ['under a lease whose owner has no such name', wakeOf('apart', '1', { leaseOwner: 'me' })],
    ['forced in words', { ...wakeOf('apart', '1'), isForced: 'yes' }],
    ['without a key', {}],
    ['that is nothing', null],
  ])('is refused where it is a wake-up %s', async (_, asked) => {
    const { dispatch, sent, errors } = world({
      runTurns: async () => ({ asked: [asked], commands: [], used: [], problems: [] }),
    });
    await dispatch([wakeOf('apart', '1')]);
    expect(sent).toEqual([]);
    expect(errors).toHaveLength(1);
  });
});
