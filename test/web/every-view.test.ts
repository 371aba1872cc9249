import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { expectAccessible, expectNoSidewaysScroll, goTo, PageUnderTest } from './page-under-test.ts';
import { type SampleTenant, seed } from './sample-tenant.ts';

/** Addresses, each with something that is there once the view has loaded. */
const viewsOf = ({ first, second }: SampleTenant): Readonly<Record<string, string>> => ({
  '#/tenants': 'Acme Publishing',
  '#/tenants/new': 'Make the tenant',
  '#/policies': 'ask-before-refunds',
  '#/policies/new': 'Set the policy',
  '#/policies/edit/ask-before-refunds': 'Set the policy',
  '#/audit': 'GET /v1/tenants/{tenant}|POST /v1/tenants',
  '#/t/acme/instances': 'travel-policy',
  '#/t/acme/instances?status=paused': 'No instance is like that',
  '#/t/acme/workflows': 'Digest',
  '#/t/acme/workflows/ApprovalChain': 'Runs every day at 09:00 UTC',
  '#/t/acme/versions': 'ApprovalChain, Digest',
  [`#/t/acme/versions/${first}`]: 'one TypeScript file',
  '#/t/acme/versions/compare': 'unchanged lines',
  [`#/t/acme/versions/${first}/activate`]: 'would go on with this version',
  [`#/t/acme/versions/${second}/activate`]: 'would diverge',
  '#/t/acme/usage': 'in all',
  '#/t/acme/requests': 'No request has said anything',
  '#/t/acme/env': 'REGION',
  '#/t/acme/audit': 'PUT /v1/tenants/{tenant}/env/{NAME}',
  '#/t/acme/keys': 'Revoke',
  '#/t/acme/settings': 'Turns at the same time',
  '#/t/acme/nowhere': 'There is nothing at this address',
});

describe.skipIf(!hasBrowser)(`every list and form of the page (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let sample: SampleTenant;

  beforeAll(async () => {
    await put.start();
    sample = await seed(put.world);
    const { operator } = put.world;
    await operator.expect(200, 'PUT', '/v1/tenants/acme/env/REGION', { json: { value: 'eu', secret: false } });
    await operator.expect(200, 'PUT', '/v1/tenants/acme/env/MAIL_KEY', { json: { value: 'm', secret: true } });
    await operator.expect(200, 'PATCH', '/v1/tenants/acme/workflows/ApprovalChain', {
      json: { schedules: [{ cron: '0 9 * * *' }], concurrency: { limit: 5 } },
    });
    await operator.expect(201, 'PUT', '/v1/policies/ask-before-refunds', {
      json: { before: { step: 'refund*' }, action: 'approve', timeout: '2 days' },
    });
  }, 60_000);
  afterAll(() => put.stop());

  const visitAll = async (page: Page, look: (page: Page) => Promise<void>): Promise<void> => {
    for (const [address, sign] of Object.entries(viewsOf(sample))) {
      await goTo(page, address);
      await page
        .locator('#main')
        .getByText(new RegExp(sign.replaceAll(/[{}/]/g, '\\$&')))
        .first()
        .waitFor();
      await look(page).catch((error: Error) => {
        throw new Error(address, { cause: error });
      });
    }
  };

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds, in %s',
    async (colorScheme) => {
      await visitAll(await put.asOperator('', { colorScheme }), expectAccessible);
    },
    120_000,
  );

  it('has nothing that axe finds and nothing that stands out at 360 px', async () => {
    const page = await put.asOperator('', { viewport: { width: 360, height: 740 } });
    await visitAll(page, async () => {
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }, 120_000);

  it('is reached by keyboard, from a link to its heading’s view', async () => {
    const page = await put.asOperator('#/t/acme/instances');
    const titles = ['Workflows', 'Versions', 'Usage', 'Requests', 'Variables', 'Audit', 'Keys', 'Settings'];
    for (const title of titles) {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: title }).first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: new RegExp(`^${title}`) }).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main');
    }
    await goTo(page, '#/t/acme/versions');
    await page.getByRole('link', { name: /^Roll back to/ }).press('Enter');
    await page.getByRole('heading', { level: 1, name: /^Roll back to/ }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main');
  });
});
