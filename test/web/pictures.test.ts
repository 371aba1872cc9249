import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { PageUnderTest } from './page-under-test.ts';
import { type SampleTenant, seed } from './sample-tenant.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');
const isWanted = process.env.SCREENSHOTS === 'write';
const DAY_MS = 86_400_000;

/** A month of a tenant: figures that nobody can wait for. Weekends are quiet. */
const monthOfUsage = () => {
  const days = Array.from({ length: 30 }, (_, index) => {
    const at = new Date(Date.now() - (29 - index) * DAY_MS);
    const isWeekend = at.getUTCDay() % 6 === 0;
    const instances = Math.round((isWeekend ? 900 : 5_200) + 1_400 * Math.sin(index * 1.7) ** 2 + index * 60);
    const units = {
      instances,
      steps: instances * 5,
      cpuMs: instances * 38,
      bytes: instances * 2_300,
      requests: instances * 3,
    };
    return { day: at.toISOString().slice(0, 10), units, price: instances * 0.0000213 };
  });
  const sum = (pick: (day: (typeof days)[number]) => number): number => days.reduce((all, day) => all + pick(day), 0);
  const total = {
    units: {
      instances: sum(({ units }) => units.instances),
      steps: sum(({ units }) => units.steps),
      cpuMs: sum(({ units }) => units.cpuMs),
      bytes: sum(({ units }) => units.bytes),
      requests: sum(({ units }) => units.requests),
    },
    price: sum(({ price }) => price),
  };
  return {
    from: days[0]?.day,
    to: days.at(-1)?.day,
    currency: 'USD',
    pricePerMillion: { instances: 8.8, steps: 0.83, cpuMs: 0.0236, bytes: 0.00088, requests: 1.63 },
    total,
    workflows: [{ workflow: 'ApprovalChain', ...total }],
    days,
  };
};

describe.skipIf(!isWanted)('the pictures of the documents (written with SCREENSHOTS=write alone)', () => {
  const put = new PageUnderTest();
  let sample: SampleTenant;

  beforeAll(async () => {
    await put.start();
    sample = await seed(put.world);
  }, 60_000);
  afterAll(() => put.stop());

  const pictures: readonly (readonly [name: string, address: () => string, sign: string, height: number])[] = [
    ['instances.png', () => '#/t/acme/instances', 'waiting 3', 640],
    [
      'versions.png',
      () => `#/t/acme/versions/compare?from=${sample.first}&to=${sample.second}`,
      'unchanged lines',
      760,
    ],
    ['usage.png', () => '#/t/acme/usage', 'in all', 760],
  ];

  it.each(pictures)('show %s', async (name, address, sign, height) => {
    const page = await put.asOperator('', { viewport: { width: 1280, height } });
    await page.route('**/v1/tenants/acme/usage?*', (route) => route.fulfill({ json: monthOfUsage() }));
    await page.evaluate(`location.hash = ${JSON.stringify(address())}`);
    await page.locator('#main').getByText(sign).first().waitFor();
    await page.mouse.move(640, 4);
    await page.screenshot({ path: resolve(IMAGES, name) });
  });
});
