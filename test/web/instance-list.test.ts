import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { goTo, PageUnderTest } from './page-under-test.ts';
import { type SampleTenant, seed } from './sample-tenant.ts';

describe.skipIf(!hasBrowser)(`the list of instances (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let sample: SampleTenant;
  let page: Page;

  beforeAll(async () => {
    await put.start();
    sample = await seed(put.world);
    page = await put.asTenant(sample);
  }, 60_000);
  afterAll(() => put.stop());

  const list = `#/t/acme/instances?workflow=ApprovalChain`;
  const row = (id: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });

  it('shows each with what it waits for, and counts them by status', async () => {
    await goTo(page, list);
    await row('contract-17').getByText('event approval, gives up in 6 d').waitFor();
    const counts = page.getByRole('navigation', { name: 'By status' });
    await counts.getByRole('link', { name: 'waiting 3' }).waitFor();
    await counts.getByRole('link', { name: 'complete 3' }).click();
    await row('handbook').waitFor();
    await row('contract-17').waitFor({ state: 'detached' });
    expect(page.url()).toContain('status=complete');
  });

  it('says so where nothing is like the filter', async () => {
    await goTo(page, `${list}&to=2020-01-01T00:00:00.000Z`);
    await page.getByText('No instance is like that').waitFor();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await row('handbook').waitFor();
  });

  it('takes a new instance in without losing what is marked', async () => {
    await goTo(page, list);
    await page.getByRole('checkbox', { name: 'Select travel-policy' }).check();
    await sample.world.create(
      { document: 'late.pdf', requestedBy: 'Ada' },
      { id: 'came-later', workflow: 'ApprovalChain' },
    );
    await row('came-later').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Select travel-policy' }).isChecked()).toBe(true);
    await page.getByText('1 marked').waitFor();
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
  });

  it('leads to older ones page by page, and back to the newest', async () => {
    const instances = Array.from({ length: 60 }, (_, index) => ({ id: `digest-${index}` }));
    await sample.world.api.expect(200, 'POST', `${sample.world.instances('Digest')}/batch`, { json: { instances } });
    await goTo(page, '#/t/acme/instances?workflow=Digest');
    const rows = page.getByRole('rowheader');
    await expect.poll(() => rows.count()).toBe(50);
    const newest = await rows.first().textContent();
    await page.getByRole('link', { name: 'Older' }).click();
    await expect.poll(() => rows.count()).toBe(10);
    expect(page.url()).toContain('workflow=Digest');
    await page.getByRole('link', { name: 'Newest' }).click();
    await expect.poll(() => rows.count()).toBe(50);
    expect(await rows.first().textContent()).toBe(newest);
  });

  it('goes to an instance by its id, or says that there is none', async () => {
    await goTo(page, list);
    const search = page.getByRole('searchbox', { name: 'Id of an instance' });
    await search.fill('nobody-knows');
    await search.press('Enter');
    await page.getByText('No workflow has an instance “nobody-knows”.').waitFor();
    await search.fill('handbook');
    await search.press('Enter');
    await page.waitForURL(/#\/t\/acme\/instances\/ApprovalChain\/handbook$/);
  });

  it('terminates and deletes those that are marked, after it has asked', async () => {
    await goTo(page, list);
    for (const id of ['contract-17', 'handbook']) await page.getByRole('checkbox', { name: `Select ${id}` }).check();
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await page
      .getByRole('status')
      .getByText(/1 instance terminated; 1 was refused/)
      .waitFor();
    await row('contract-17').getByText('terminated').waitFor();

    await page.getByRole('checkbox', { name: 'Select contract-17' }).check();
    await page.locator('.selection').getByRole('button', { name: 'Delete', exact: true }).first().click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('.selection').getByRole('button', { name: 'Delete', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('status').getByText('1 instance deleted.').waitFor();
    await row('contract-17').waitFor({ state: 'detached' });
  });
});
