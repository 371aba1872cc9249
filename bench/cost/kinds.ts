import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, field, type HttpClient, textField } from '../http-client.ts';
import { expectedTotal, stepsPerInstance } from '../system.ts';
import { createTenant, deployBundle, type Tenant, unexpected } from '../tenants.ts';
import type { Work } from './price-lists.ts';

/** Where instances are made, and what they call. */
export type Place = Readonly<{
  client: HttpClient;
  operatorKey: string;
  bundle: Buffer<ArrayBuffer>;
  tenants: Readonly<Record<'isolate' | 'microvm', Tenant>>;
  /** Answers 200 to whatever it is asked. */
  effectUrl: string;
}>;

/** Instances whose costs are measured apart. */
export type Kind = Readonly<{
  title: string;
  work: Work;
  /** Of the instances that are asked for, how many of these: a part of 1. */
  share: number;
  /** Instead of the number that is asked for. @default as asked */
  callers?: number;
  /** One from its creation until its output was found right; throws otherwise. */
  complete(place: Place, sequence: number): Promise<void>;
}>;

export type KindName = keyof typeof kinds;

/** How often a caller who signals looks whether the instance waits. */
const betweenLooksMs = 200;
const sleepSeconds = 2;
const longSteps = 1000;

const pure =
  (steps: number, level: keyof Place['tenants'] = 'isolate', query = '') =>
  async (place: Place, start: number): Promise<void> => {
    const tenant = place.tenants[level];
    const created = await create(place, tenant, 'Pure', { steps, start }, query);
    const answer = query === '' ? await finished(place, tenant, 'Pure', created) : created;
    const total = field(field(answer.body, 'output'), 'total');
    const expected = steps === stepsPerInstance ? expectedTotal(start) : start + (steps * (steps - 1)) / 2;
    if (total !== expected) throw unexpected(`instance ${start}`, answer);
  };

const withSteps = (steps: number): Work => ({ steps, sleeps: 0, events: 0 });

export const kinds = {
  none: { title: 'no step at all', work: withSteps(0), share: 1, complete: pure(0) },
  pure: { title: 'ten pure steps', work: withSteps(stepsPerInstance), share: 1, complete: pure(stepsPerInstance) },
  crowd: {
    title: 'ten pure steps, ten callers on these cores',
    work: withSteps(stepsPerInstance),
    share: 1,
    callers: 10,
    complete: pure(stepsPerInstance),
  },
  waited: {
    title: 'ten pure steps, created with `?wait=20`',
    work: withSteps(stepsPerInstance),
    share: 1,
    complete: pure(stepsPerInstance, 'isolate', '?wait=20'),
  },
  microvm: {
    title: 'ten pure steps at level `microvm`',
    work: withSteps(stepsPerInstance),
    share: 1,
    complete: pure(stepsPerInstance, 'microvm'),
  },
  effectful: {
    title: 'ten effectful steps (a fetch each)',
    work: withSteps(stepsPerInstance),
    share: 1,
    complete: async (place) => {
      const tenant = place.tenants.isolate;
      const params = { steps: stepsPerInstance, url: place.effectUrl };
      const answer = await finished(place, tenant, 'Effectful', await create(place, tenant, 'Effectful', params));
      const total = field(field(answer.body, 'output'), 'total');
      if (total !== stepsPerInstance * 200) throw unexpected('an effectful instance', answer);
    },
  },
  approval: {
    title: 'an approval (two steps, an event, two steps)',
    work: { steps: 4, sleeps: 0, events: 1 },
    share: 0.5,
    complete: async (place) => {
      const tenant = place.tenants.isolate;
      const created = await create(place, tenant, 'Approval', { subject: 'a contract' });
      const path = pathOf(tenant, 'Approval', created);
      for (let status: unknown; status !== 'waiting'; await delay(betweenLooksMs)) {
        status = field((await place.client.send('GET', path, { headers: tenant.headers })).body, 'status');
      }
      const json = { by: 'grace' };
      const sent = await place.client.send('POST', `${path}/events/decided`, { json, headers: tenant.headers });
      if (sent.status >= 300) throw unexpected('the event of an approval', sent);
      const answer = await finished(place, tenant, 'Approval', created);
      if (field(field(answer.body, 'output'), 'by') !== 'grace') throw unexpected('an approval', answer);
    },
  },
  sleeper: {
    title: 'a sleeper (two sleeps)',
    work: { steps: 0, sleeps: 2, events: 0 },
    share: 0.1,
    complete: async (place) => {
      const tenant = place.tenants.isolate;
      const created = await create(place, tenant, 'Sleeper', { seconds: sleepSeconds });
      await finished(place, tenant, 'Sleeper', created);
    },
  },
  long: {
    title: 'a thousand pure steps',
    work: withSteps(longSteps),
    share: 0.1,
    complete: pure(longSteps),
  },
  tenant: {
    title: 'a new tenant with its bundle',
    work: withSteps(0),
    share: 0.05,
    complete: async ({ client, operatorKey, bundle }) => {
      await deployBundle(client, await createTenant(client, operatorKey, `new-${randomUUID().slice(0, 8)}`), bundle);
    },
  },
} as const satisfies Readonly<Record<string, Kind>>;

async function create(
  { client }: Place,
  tenant: Tenant,
  workflow: string,
  params: unknown,
  query = '',
): Promise<Answer> {
  const path = `${tenant.path}/workflows/${workflow}/instances${query}`;
  const answer = await client.send('POST', path, { json: { params }, headers: tenant.headers });
  if (answer.status !== 201) throw unexpected(`the creation of an instance of ${workflow}`, answer);
  return answer;
}

/** Reads until the instance is complete, each time as long as it may. */
async function finished(place: Place, tenant: Tenant, workflow: string, created: Answer): Promise<Answer> {
  for (;;) {
    const path = `${pathOf(tenant, workflow, created)}?wait=20`;
    const answer = await place.client.send('GET', path, { headers: tenant.headers });
    const status = field(answer.body, 'status');
    if (status === 'complete') return answer;
    if (status === 'errored' || answer.status !== 200) throw unexpected(`an instance of ${workflow}`, answer);
  }
}

function pathOf(tenant: Tenant, workflow: string, created: Answer): string {
  return `${tenant.path}/workflows/${workflow}/instances/${textField(created.body, 'id')}`;
}
