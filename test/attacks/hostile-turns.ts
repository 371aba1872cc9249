import assert from 'node:assert/strict';
import { type Detail, type TenantWorld, type World, workflow } from '../conformance/world.ts';
import { attack, type Fear } from './registry.ts';

/** Small, so that an attack is soon over. */
export const SMALL = { cpuMs: 400, memoryMb: 32 };
const ENDS_WITHIN_MS = 90_000;

export interface HostileTurn {
  readonly body: string;
  /** Above the class. */
  readonly before?: string;
  readonly params?: unknown;
  /** How it has to end: matched against `<status> <name of the error>: <message>`, or the output as JSON. */
  readonly ends: RegExp;
  readonly limits?: { readonly cpuMs: number; readonly memoryMb: number; readonly storageMb?: number };
}

/** What an instance came to, in one line. */
export const endOf = ({ status, error, output }: Detail): string =>
  status === 'errored' ? `errored ${error.name}: ${error.message}` : `${status} ${JSON.stringify(output)}`;

const registered: HostileTurn[] = [];

/** All of them, for whoever attacks without looking. */
export const hostileTurns = (): readonly HostileTurn[] => registered;

export const hostileTurn = (fear: Fear, name: string, hostile: HostileTurn): void => {
  registered.push(hostile);
  attack(fear, name, async (world) => {
    const tenant = await hostileTenant(world, hostile);
    const instance = await tenant.create(hostile.params);
    const detail = await ended(tenant, instance.id);
    const end = endOf(detail);
    assert.match(end, hostile.ends);
    assertSaysNothingOfTheHost(detail);
    return end.length > 90 ? `${end.slice(0, 87)}...` : end;
  });
};

export const hostileTenant = (world: World, { body, before = '', limits = SMALL }: HostileTurn): Promise<TenantWorld> =>
  world.deployed(workflow(body, before), { limits });

export const ended = async (tenant: TenantWorld, id: string): Promise<Detail> => {
  const until = Date.now() + ENDS_WITHIN_MS;
  for (;;) {
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.instances()}/${id}?wait=20`);
    if (['complete', 'errored', 'terminated'].includes(body.status)) return body;
    assert.ok(Date.now() < until, `still ${body.status} after ${ENDS_WITHIN_MS / 1_000} s`);
  }
};

const HOST = /node_modules|file:\/\/|\/(?:usr|home|root|work|tmp|app|var)\/|isolated-vm|guest-isolate/;

/** Nor where it is installed, nor what it is made of. */
export const assertSaysNothingOfTheHost = (shown: unknown): void => {
  assert.doesNotMatch(JSON.stringify(shown) ?? '', HOST);
};
