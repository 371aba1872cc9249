import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromAttributes } from '../../lib/adapters/aws/dynamodb-attributes.ts';
import { DynamoBundleStore } from '../../lib/adapters/aws/dynamodb-bundle-store.ts';
import { DynamoInstanceStore } from '../../lib/adapters/aws/dynamodb-instance-store.ts';
import { DUE_SHARDS, dueKeys, instanceOf, instancePk } from '../../lib/adapters/aws/dynamodb-keys.ts';
import { DynamoTable } from '../../lib/adapters/aws/dynamodb-table.ts';
import { DynamoTenantStore } from '../../lib/adapters/aws/dynamodb-tenant-store.ts';
import { ManualClock } from './contract.ts';
import { type DynamoUnderTest, memoryBlobs, startDynamo } from './dynamodb-fixture.ts';
import { event, KEY, newInstance, release, slept, started, waiting } from './instance-fixture.ts';

const clock = new ManualClock();
let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

describe('the key design', () => {
  it('begins every row of a tenant with the tenant, but for what finds a key (E8)', async () => {
    const name = await dynamo.makeTableName();
    const table = new DynamoTable({ client: dynamo.client, name });
    const instances = new DynamoInstanceStore({ table, blobs: memoryBlobs(), clock });
    const tenants = new DynamoTenantStore(table);
    const bundles = new DynamoBundleStore(table);
    const envelope = {
      __dispatcherMetadata: {},
      params: JSON.stringify(Array.from({ length: 900 }, (_, index) => Math.sin(index))),
    };
    await instances.create(newInstance(clock.at, { envelope }));
    await instances.append(release(waiting(), { records: [started(clock.at)] }));
    const idempotency = { key: 'k', digest: 'd' };
    await instances.accept({ key: KEY, item: event('e', clock.at), now: clock.at, idempotency });
    const reborn = { key: KEY, expected: 'life-1', incarnation: 'life-2', seed: 's', version: 'v', stepCount: 0 };
    await instances.reincarnate({ ...reborn, records: [started(clock.at)], now: clock.at });
    await instances.append({ key: KEY, incarnation: 'life-2', position: 1, records: [slept(1, clock.at)] });
    const { tenant } = KEY;
    await tenants.createTenant(
      { id: tenant, isolation: 'isolate', limits: {}, egress: 'none', suspended: false, createdAt: 1 },
      { keyId: 'k', tenant, hash: 'h', createdAt: 1 },
    );
    await tenants.putEnv(tenant, { name: 'A', value: 'a', isSecret: false });
    const version = { version: 'v', tenant, createdAt: 1, workflows: [], hasFetch: false, size: 1, apiLevel: 1 };
    await bundles.addVersion(version, true);
    await bundles.putWorkflowSettings(tenant, 'Approval', {});

    const { Items: items = [] } = await dynamo.client.send(new ScanCommand({ TableName: name }));
    const rows = items.map(fromAttributes);
    expect(rows.length).toBeGreaterThan(12);
    const others = rows.filter((row) => !String(row.pk).startsWith('T#acme#'));
    expect(others.map((row) => row.pk)).toEqual(['K#h']);
  });

  it('tells the instance that a row belongs to', () => {
    for (const key of [KEY, { tenant: 'a-b-0', workflow: '$x_Y', id: '_-Z' }]) {
      expect(instanceOf(instancePk(key))).toEqual(key);
    }
  });

  it('spreads what is due evenly, also where ids follow one another', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 32_000; index += 1) {
      const { wakePk } = dueKeys(instancePk({ ...KEY, id: `order-${index}` }), clock.at);
      counts.set(wakePk, (counts.get(wakePk) ?? 0) + 1);
    }
    expect(counts.size).toBe(DUE_SHARDS);
    expect(Math.max(...counts.values())).toBeLessThan(1_500);
  });

  it('shows a watch that polls every change but a renewal', async () => {
    const lease = { owner: 'a', until: clock.at + 30_000 };
    const store = new DynamoInstanceStore({ table: await dynamo.makeTable(), blobs: memoryBlobs(), clock });
    expect(await store.look(KEY)).toBeUndefined();
    await store.create(newInstance(clock.at, { lease }));
    const marks = new Set<string | undefined>();
    const look = async (): Promise<void> => {
      marks.add((await store.look(KEY))?.mark);
    };
    await look();
    await store.renew({ key: KEY, incarnation: 'life-1', lease: { ...lease, until: clock.at + 40_000 } });
    await look();
    expect(marks.size).toBe(1);
    await store.accept({ key: KEY, item: event('e', clock.at), now: clock.at });
    await look();
    await store.append(release(waiting()));
    await look();
    await store.append(release(waiting()));
    await look();
    expect(marks.size).toBe(4);
    expect((await store.look(KEY))?.isFinal).toBe(false);
  });
});
