import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { pause, TenantWorld } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { childrenOf, commandOf, figuresOf, hasFigures, type ProcessFigures } from './process-figures.ts';
import { TenonProcess } from './tenon-process.ts';

/** `npm run test:sleepers`: 10,000, and lateness is held to its mark, which only a machine of one's own can be. */
const SLEEPERS = Number(process.env.SLEEPERS ?? 1_000);
const IS_SOAK = SLEEPERS >= 10_000;
/** From the first creation to the first wake-up: time to create all, to look at them asleep, and for a kill. */
const LEAD_MS = IS_SOAK ? 75_000 : 9_000;
/** Isolates that only the burst of creations needed are let go after seconds, and V8 keeps their pages for some more. */
const SETTLE_MS = IS_SOAK ? 25_000 : 1_000;
/** Wake-ups come evenly over this long. */
const SPREAD_MS = IS_SOAK ? 20_000 : 3_000;
const TENANTS = ['north', 'east', 'south', 'west'];
const BATCH = 100;
const OPERATOR_KEY = 'the-operator';

const WORKFLOW = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Sleeper extends WorkflowEntrypoint {
  async run(event, step) {
    const before = await step.do('before', async () => 'went to bed');
    await step.sleepUntil('night', event.payload.until);
    return [before, await step.do('after', async () => 'got up')];
  }
}`;

const folder = makeFolder();
const ledger = new Ledger();
let server: TenonProcess;

const start = async (): Promise<string> => {
  const args = ['dev', '--no-demo', '--port', '0', '--data', 'data'];
  server = new TenonProcess(args, { cwd: folder.path, env: { TENON_OPERATOR_KEY: OPERATOR_KEY } });
  return server.listening();
};

beforeAll(() => ledger.listen());
afterAll(async () => {
  await server.stop('SIGKILL');
  await ledger.close();
  folder.remove();
});

interface Figures {
  readonly host: ProcessFigures;
  readonly executor: ProcessFigures;
}

const look = (): Figures => {
  const executor = childrenOf(server.pid).find((pid) => commandOf(pid).includes('lib/executor/process.ts'));
  if (executor === undefined) throw new Error('the service has no executor');
  return { host: figuresOf(server.pid), executor: figuresOf(executor) };
};

const told = (figures: Figures): string =>
  `host ${figures.host.rssMb.toFixed(0)} MB, executor ${figures.executor.rssMb.toFixed(0)} MB`;

test(`${SLEEPERS} sleepers hold no isolate and no memory, outlive a SIGKILL, and all wake`, async (context) => {
  if (!hasFigures()) context.skip('this system does not tell the memory of a process under /proc');
  const operator = new Api(await start(), OPERATOR_KEY);
  const fresh = look();
  const tenants = await Promise.all(TENANTS.map((id) => deployed(operator, id)));
  await Promise.all(
    tenants.map((tenant) =>
      create(
        tenant,
        Array.from({ length: BATCH }, () => Date.now()),
      ),
    ),
  );
  await Promise.all(tenants.map((tenant) => untilNone(tenant, ['queued', 'running', 'waiting'])));
  const warm = look();

  const firstWakeAt = Date.now() + LEAD_MS;
  const untils = Array.from({ length: SLEEPERS }, (_, n) => Math.round(firstWakeAt + (n * SPREAD_MS) / SLEEPERS));
  const since = Date.now();
  await Promise.all(
    tenants.map((tenant, index) =>
      create(
        tenant,
        untils.filter((_, n) => n % TENANTS.length === index),
      ),
    ),
  );
  await Promise.all(tenants.map((tenant) => untilNone(tenant, ['queued', 'running'])));
  const createdMs = Date.now() - since;
  const busy = look();

  await pause(SETTLE_MS);
  const asleep = look();
  await pause(1_000);
  const later = look();
  expect(Date.now(), 'the machine is too slow for this lead').toBeLessThan(firstWakeAt);
  const hostCpuMs = later.host.cpuMs - asleep.host.cpuMs;
  const executorCpuMs = later.executor.cpuMs - asleep.executor.cpuMs;

  await server.stop('SIGKILL');
  const url = await start();
  const restarted = look();
  expect(Date.now(), 'the machine is too slow for this lead').toBeLessThan(firstWakeAt);
  const moved = tenants.map(
    ({ id, api }) => new TenantWorld(id, new Api(url, api.key), new Api(url, OPERATOR_KEY), ledger),
  );
  await pause((untils.at(-1) as number) - Date.now());
  await Promise.all(moved.map((tenant) => untilNone(tenant, ['queued', 'running', 'waiting'])));
  expect(await server.stop('SIGTERM')).toBe(0);

  const journals = await readJournals();
  const nights = journals.map(nightOf).filter(({ until }) => until >= firstWakeAt);
  expect(nights.map(({ until }) => until).sort((a, b) => a - b)).toEqual(untils);
  for (const { until, at, kinds } of nights) {
    expect(kinds).toEqual(['started', 'step_settled', 'sleep_started', 'sleep_completed', 'step_settled', 'completed']);
    expect(at).toBeGreaterThanOrEqual(until);
  }
  const lateness = nights.map(({ until, at }) => at - until).sort((a, b) => a - b);
  const [p50, p99] = [quantile(lateness, 0.5), quantile(lateness, 0.99)];
  console.log(
    [
      `${SLEEPERS} sleepers of ${TENANTS.length} tenants, created and asleep after ${createdMs} ms`,
      `fresh ${told(fresh)}; warm ${told(warm)}; busy ${told(busy)}; asleep ${told(later)}; restarted while asleep ${told(restarted)}`,
      `CPU in one second asleep: host ${hostCpuMs} ms, executor ${executorCpuMs} ms`,
      `lateness p50 ${p50} ms, p99 ${p99} ms, largest ${lateness.at(-1)} ms`,
    ].join('\n'),
  );

  // Nobody is at work.
  expect(executorCpuMs).toBeLessThan(250);
  expect(hostCpuMs).toBeLessThan(500);
  // What the creation has left to the collector is in these; what a start finds is what is held.
  expect(later.host.rssMb - warm.host.rssMb).toBeLessThan(IS_SOAK ? 250 : 150);
  expect(later.executor.rssMb - warm.executor.rssMb).toBeLessThan(150);
  expect(restarted.host.rssMb - fresh.host.rssMb).toBeLessThan(40);
  expect(restarted.executor.rssMb - fresh.executor.rssMb).toBeLessThan(40);
  if (!IS_SOAK) return;
  // Isolates that only the burst of creations needed are gone, and nothing has come in their place.
  expect(later.executor.rssMb).toBeLessThanOrEqual(busy.executor.rssMb);
  expect(p99).toBeLessThan(1_000);
}, 300_000);

const deployed = async (operator: Api, id: string): Promise<TenantWorld> => {
  const json = { id, limits: { createPerSecond: 100_000 } };
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json });
  const tenant = new TenantWorld(id, new Api(operator.url, body.apiKey), operator, ledger);
  await tenant.deploy(WORKFLOW);
  return tenant;
};

const create = async (tenant: TenantWorld, untils: readonly number[]): Promise<void> => {
  for (let first = 0; first < untils.length; first += BATCH) {
    const instances = untils.slice(first, first + BATCH).map((until) => ({ params: { until } }));
    const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances('Sleeper')}/batch`, {
      json: { instances },
    });
    expect(body.errors).toEqual([]);
  }
};

const untilNone = async (tenant: TenantWorld, statuses: readonly string[]): Promise<void> => {
  for (const status of statuses) {
    for (;;) {
      const path = `${tenant.instances('Sleeper')}?status=${status}&limit=1`;
      const { body } = await tenant.api.expect(200, 'GET', path);
      if (body.instances.length === 0) break;
      await pause(100);
    }
  }
};

const readJournals = async (): Promise<readonly (readonly JournalRecord[])[]> => {
  const database = new SqliteDatabase(join(folder.path, 'data', 'tenon.db'));
  const store = new SqliteInstanceStore(database, { clock: { now: () => Date.now() } });
  const journals: (readonly JournalRecord[])[] = [];
  for (const tenant of TENANTS) {
    let cursor: string | undefined;
    do {
      const page = await store.list({
        tenant,
        workflow: 'Sleeper',
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { workflow, id, incarnation } of page.items)
        journals.push(await store.readJournal({ key: { tenant, workflow, id }, incarnation }));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  database.close();
  return journals;
};

const nightOf = (
  records: readonly JournalRecord[],
): { readonly until: number; readonly at: number; readonly kinds: readonly string[] } => {
  const begun = records.find((record) => record.kind === 'sleep_started');
  const over = records.find((record) => record.kind === 'sleep_completed');
  return { until: begun?.until ?? 0, at: over?.at ?? 0, kinds: records.map(({ kind }) => kind) };
};

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
