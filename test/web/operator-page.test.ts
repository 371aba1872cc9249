import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../conformance/api.ts';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { goTo, PageUnderTest } from './page-under-test.ts';

describe.skipIf(!hasBrowser)(`what the operator does on the page (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let page: Page;
  const asHolder = (key: string): Api => new Api(put.server.url, key);

  beforeAll(async () => {
    await put.start();
    await put.world.tenant({ id: 'acme' });
    page = await put.asOperator();
  }, 60_000);
  afterAll(() => put.stop());

  it('makes a tenant, whose key is shown once', async () => {
    await goTo(page, '#/tenants/new');
    await page.getByLabel('Id', { exact: true }).fill('Not An Id');
    await page.getByRole('button', { name: 'Make the tenant' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Id', { exact: true }).getAttribute('aria-invalid')).toBe('true');

    await page.getByLabel('Id', { exact: true }).fill('initech');
    await page.getByRole('button', { name: 'Make the tenant' }).click();
    const key = (await page.getByRole('region', { name: 'New key' }).locator('code').textContent()) ?? '';
    await asHolder(key).expect(200, 'GET', '/v1/tenants/initech');
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('Nothing is deployed').waitFor();
    await goTo(page, '#/t/initech/keys');
    await page.getByRole('rowheader').first().waitFor();
    expect(await page.content()).not.toContain(key);
  });

  it('rotates a key: the new one is shown, the old one has an end', async () => {
    await goTo(page, '#/t/acme/keys');
    await page.getByRole('button', { name: /^Rotate/ }).click();
    await page.getByRole('dialog').getByLabel('The old key goes on for').selectOption('10 minutes');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the new key' }).click();
    const shown = page.getByRole('region', { name: 'New key' });
    const key = (await shown.locator('code').textContent()) ?? '';
    await asHolder(key).expect(200, 'GET', '/v1/tenants/acme');
    await page
      .getByRole('row')
      .getByText(/^in (9|10) min/)
      .waitFor();
  });

  it('revokes a key, after it has asked', async () => {
    await goTo(page, '#/t/acme/keys');
    await page.getByLabel('Expires').fill('2099-01-01T00:00');
    await page.getByRole('button', { name: 'Make a key until then' }).click();
    const shown = page.getByRole('region', { name: 'New key' });
    await shown.getByText(/^This is key \w+ of acme\.$/).waitFor();
    const id = /key (\w+) of/.exec((await shown.textContent()) ?? '')?.[1] ?? '';
    const key = (await shown.locator('code').textContent()) ?? '';
    await page.getByRole('button', { name: `Revoke ${id}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('status').getByText(`Key ${id} is revoked.`).waitFor();
    await asHolder(key).refused(401, 'auth.invalid', 'GET', '/v1/tenants/acme');
  });

  it('changes limits, with what the server says of one at its field', async () => {
    await goTo(page, '#/t/acme/settings');
    const memory = page.getByLabel('Memory, MB');
    await memory.fill('1');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect(await memory.getAttribute('aria-invalid')).toBe('true');
    await memory.fill('64');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('Saved.').waitFor();
    await memory.fill('');
    await page.getByLabel('Steps of an instance').fill('77');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(async () => (await put.world.operator.expect(200, 'GET', '/v1/tenants/acme')).body.limits)
      .toMatchObject({
        memoryMb: 128,
        steps: 77,
      });
  });

  it('suspends a tenant, and lifts that', async () => {
    await goTo(page, '#/t/acme/settings');
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('status').getByText('acme is suspended.').waitFor();
    await page.getByRole('button', { name: 'Let it run again' }).click();
    await page.getByRole('status').getByText('acme runs again.').waitFor();
  });

  it('deletes a tenant, once its id is typed', async () => {
    await put.world.tenant({ id: 'gone-soon' });
    await goTo(page, '#/t/gone-soon/settings');
    await page.getByRole('button', { name: 'Delete gone-soon' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Delete for good' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('gone-soon');
    await confirm.click();
    await page.getByRole('status').getByText('gone-soon is being deleted.').waitFor();
    await page.getByRole('heading', { name: 'Tenants', level: 1 }).waitFor();
    await put.world.operator.refused(404, 'tenant.not_found', 'GET', '/v1/tenants/gone-soon');
  });
});
