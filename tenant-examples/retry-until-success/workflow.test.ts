import { type TestWorkflow, testWorkflow } from 'tenon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const params = { succeedsAt: 1 };
let deliveries: TestWorkflow;

beforeAll(async () => {
  deliveries = await testWorkflow({ source: new URL('workflow.ts', import.meta.url) });
});
afterAll(() => deliveries.dispose());

it('delivers at the attempt that succeeds', async () => {
  const delivery = await deliveries.create({ params: { succeedsAt: 4 } });
  expect(await delivery.getOutput()).toEqual({ attempts: 4, charged: 'charged' });
});

it('tries again what took longer than its timeout', async () => {
  const delivery = deliveries.instance('slow');
  await delivery.modify(async (m) => {
    await m.forceStepTimeout({ name: 'deliver' }, 2);
    await m.disableRetryDelays();
  });
  const before = deliveries.clock.now().getTime();
  await deliveries.create({ id: 'slow', params });
  expect(await delivery.waitForStepResult({ name: 'deliver' })).toEqual({ attempts: 3 });
  expect(deliveries.clock.now().getTime() - before).toBe(10_000);
});

it('gives up when the other side stays busy', async () => {
  const delivery = deliveries.instance('busy');
  await delivery.modify((m) => m.mockStepError({ name: 'deliver' }, new Error('busy')));
  await deliveries.create({ id: 'busy', params });
  expect(await delivery.getError()).toEqual({ name: 'Error', message: 'busy' });
});

it('goes on without a charge for a stolen card', async () => {
  const delivery = await deliveries.create({ params: { ...params, card: 'stolen' } });
  expect(await delivery.getOutput()).toMatchObject({ charged: 'not charged: the card was reported stolen' });
});
