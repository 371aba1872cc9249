import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { goTo, PageUnderTest } from './page-under-test.ts';
import { type SampleTenant, seed } from './sample-tenant.ts';

describe.skipIf(!hasBrowser)(`what a tenant sets and reads on the page (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let sample: SampleTenant;
  let page: Page;

  beforeAll(async () => {
    await put.start();
    sample = await seed(put.world);
    page = await put.asTenant(sample);
  }, 60_000);
  afterAll(() => put.stop());

  it('gives a workflow a schedule, with what the server says of a cron at its field', async () => {
    await goTo(page, '#/t/acme/workflows');
    await page.getByRole('link', { name: 'Settings of Digest' }).click();
    const schedules = page.getByLabel('Schedules');
    await schedules.fill('every morning');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('must be five fields in UTC').first().waitFor();
    expect(await schedules.getAttribute('aria-invalid')).toBe('true');
    await schedules.fill('0 9 * * MON-FRI');
    await page.getByLabel('Instances at the same time').fill('2');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/Runs Monday to Friday at 09:00 UTC: next in /).waitFor();
    await goTo(page, '#/t/acme/workflows');
    await page.getByRole('row').filter({ hasText: 'Digest' }).getByText('Monday to Friday at 09:00 UTC').waitFor();
  });

  it('sets a secret, whose value is not shown again, and removes it', async () => {
    await goTo(page, '#/t/acme/env');
    await page.getByLabel('Name').fill('MAIL_KEY');
    await page.getByLabel('Value').fill('s3cr3t-value');
    await page.getByRole('button', { name: 'Set the variable' }).click();
    await page.getByRole('row').filter({ hasText: 'MAIL_KEY' }).getByText('secret').waitFor();
    expect(await page.content()).not.toContain('s3cr3t-value');
    await page.getByRole('button', { name: 'Remove MAIL_KEY' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No variable yet').waitFor();
  });

  it('finds in the audit who did that', async () => {
    await goTo(page, '#/t/acme/audit');
    const row = page.getByRole('row').filter({ hasText: 'MAIL_KEY' }).first();
    await row.getByText(/^key/).waitFor();
    expect(await page.content()).not.toContain('s3cr3t-value');
  });

  it('reads what its front door has said, as text', async () => {
    const { world } = put;
    const talking = await world.deployed(
      "export default { fetch() { console.warn('<img src=x onerror=alert(1)>'); return new Response('ok'); } };",
      { id: 'talking' },
    );
    await talking.fetch('GET', '/hello');
    const operator = await put.asOperator('#/t/talking/requests');
    const row = operator.getByRole('row').filter({ hasText: 'GET /hello' });
    await row.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await operator.locator('#main img').count()).toBe(0);
  });

  it('shows what was used by day and by workflow, with a plot that says what it shows', async () => {
    await goTo(page, '#/t/acme/usage');
    await page.getByRole('img', { name: /^Price by day; the most on \d{4}-\d{2}-\d{2}: \$0\.\d+/ }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'ApprovalChain' });
    expect(await row.getByRole('cell').first().textContent()).toBe('7');
    await page.getByRole('link', { name: '7 days' }).click();
    await page.waitForURL(/from=/);
    await expect.poll(() => page.locator('.plot rect').count()).toBe(7);
    await goTo(page, '#/t/acme/usage?from=2020-01-01&to=2020-01-02');
    await page.getByText('Nothing was used in these days').waitFor();
  });

  it('lets the operator set a policy and take it away', async () => {
    const operator = await put.asOperator('#/policies');
    await operator.getByRole('link', { name: 'New policy' }).first().click();
    await operator.getByLabel('Name').fill('ask-before-refunds');
    await operator.getByLabel('Step').fill('refund*');
    await operator.getByLabel(/^Refused without/).fill('2 parsecs');
    await operator.getByRole('button', { name: 'Set the policy' }).click();
    await operator.getByRole('alert').waitFor();
    await operator.getByLabel(/^Refused without/).fill('2 days');
    await operator.getByRole('button', { name: 'Set the policy' }).click();
    await operator.getByText('before step “refund*” somebody approves, within 2 d').waitFor();
    await operator.getByRole('link', { name: 'ask-before-refunds' }).click();
    await operator.getByLabel('What happens').selectOption('refuse');
    await operator.getByLabel('Reason').fill('refunds are closed');
    await operator.getByRole('button', { name: 'Set the policy' }).click();
    await operator.getByText('step “refund*” is refused: refunds are closed').waitFor();
    await operator.getByRole('button', { name: /^Remove/ }).click();
    await operator.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await operator.getByText('No policy').waitFor();
  });
});
