import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoCreationAllowance } from '../../lib/adapters/aws/dynamodb-creation-allowance.ts';
import { TenonError } from '../../lib/core/errors.ts';
import type { CreationAllowance } from '../../lib/ports/creation-allowance.ts';
import type { Tenant } from '../../lib/ports/tenant-store.ts';
import { admitCreation } from '../../lib/service/creation-rate.ts';
import { type DynamoUnderTest, startDynamo } from '../contracts/dynamodb-fixture.ts';

let tenants = 0;
const tenantWith = (createPerSecond: number): Tenant => {
  tenants += 1;
  return {
    id: `rate-${tenants}`,
    isolation: 'isolate',
    limits: { createPerSecond },
    egress: 'none',
    suspended: false,
    createdAt: 0,
  };
};

const clock = { at: 1_000_000, now: () => clock.at };

/** How many of so many creations, one after the other, are let through. */
const admitted = async (tenant: Tenant, tries: number, creationAllowance?: CreationAllowance): Promise<number> => {
  let count = 0;
  for (let one = 0; one < tries; one += 1) {
    try {
      await admitCreation({ clock, ...(creationAllowance && { creationAllowance }) }, tenant, 1);
      count += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate.limited', retryAfterS: 1 });
      expect(error).toBeInstanceOf(TenonError);
    }
  }
  return count;
};

describe('creations in one process', () => {
  it('are refused above the limit, and let through again as time goes on', async () => {
    const tenant = tenantWith(10);
    expect(await admitted(tenant, 15)).toBe(10);
    clock.at += 500;
    expect(await admitted(tenant, 15)).toBe(5);
  });

  it('may come as a batch of more than a second has, which has to be worked off', async () => {
    const tenant = tenantWith(10);
    await admitCreation({ clock }, tenant, 25);
    clock.at += 1_000;
    expect(await admitted(tenant, 1)).toBe(0);
    clock.at += 1_000;
    expect(await admitted(tenant, 9)).toBe(5);
  });
});

describe('creations in many processes', () => {
  let dynamo: DynamoUnderTest;
  let asked = 0;
  let allowance: CreationAllowance;

  beforeAll(async () => {
    dynamo = await startDynamo();
    const counted = new DynamoCreationAllowance(await dynamo.makeTable());
    allowance = {
      take: (params) => {
        asked += 1;
        return counted.take(params);
      },
    };
  });
  afterAll(() => dynamo.close());

  it('cost no count where a tenant creates little', async () => {
    asked = 0;
    expect(await admitted(tenantWith(300), 15, allowance)).toBe(15);
    expect(asked).toBe(0);
  });

  it('are counted in portions, and in the whole refused above the limit and what each process lets through', async () => {
    asked = 0;
    const tenant = tenantWith(300);
    expect(await admitted(tenant, 400, allowance)).toBe(315);
    expect(asked).toBeLessThan(300);
    clock.at += 1_000;
    expect(await admitted(tenant, 100, allowance)).toBe(100);
  });

  it('are exact for a small limit, whoever has taken the rest', async () => {
    const tenant = tenantWith(3);
    expect(await allowance.take({ tenant: tenant.id, count: 2, perSecond: 3, now: clock.at })).toBe(true);
    expect(await admitted(tenant, 5, allowance)).toBe(1);
    await expect(admitCreation({ clock, creationAllowance: allowance }, tenant, 50)).rejects.toThrow('3 instances');
  });
});
