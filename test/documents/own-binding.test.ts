import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ledger } from '../conformance/ledger.ts';
import { World } from '../conformance/world.ts';
import { BLOCKS, IS_WHOLE, layOut, NOT_WHOLE, type Place } from './installation.ts';

const OFFER = BLOCKS.find((text) => text.includes('DISCOUNTS: {')) ?? '';

const installation = layOut('installation');
const ledger = new Ledger();
beforeAll(() => ledger.listen());
afterAll(async () => {
  await ledger.close();
  installation.remove();
});

/** What a tenant's workflow is told for a price of 100, at this level. */
const offer = async ({ url, operatorKey }: Place, more: Readonly<Record<string, unknown>>) => {
  const world = new World({ url, operatorKey, ledger, canOwnServer: false });
  const tenant = await world.tenant(more);
  await tenant.deploy(OFFER);
  return (await tenant.create({ price: 100 }, { workflow: 'Offer' })).completed();
};

describe('the binding in docs/extending.md', () => {
  it('type-checks', { timeout: 120_000 }, (context) => {
    if (!IS_WHOLE) context.skip(NOT_WHOLE);
    expect(installation.typeErrors()).toBe('');
  });

  it('is found by workflows of the service on one machine', async () => {
    await installation.onOneMachine({}, async (place) => {
      expect(await offer(place, { id: 'acme' })).toBe(80);
      expect(await offer(place, {})).toBe(95);
    });
  });

  it('is found on AWS at both levels of isolation', { timeout: 120_000 }, async (context) => {
    if (!IS_WHOLE) context.skip(NOT_WHOLE);
    await installation.onAws(async (cloud) => {
      expect(await offer(cloud, { id: 'acme' })).toBe(80);
      expect(await offer(cloud, { isolation: 'microvm' })).toBe(95);
    });
  });
});
