import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { expectAccessible, expectNoSidewaysScroll, goTo, PageUnderTest, signIn } from './page-under-test.ts';

describe.skipIf(!hasBrowser)(`the page around its views (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let tenant: { readonly id: string; readonly key: string };

  beforeAll(async () => {
    await put.start();
    const { id, api } = await put.world.tenant({ id: 'acme' });
    tenant = { id, key: api.key };
    await put.world.tenant({ id: 'globex', name: 'Globex Corporation' });
  }, 60_000);
  afterAll(() => put.stop());

  it('says what is wrong with a key that nobody knows', async () => {
    const page = await put.open();
    await page.getByLabel('Key', { exact: true }).fill('tk_nobody');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('auth.invalid').waitFor();
    await expectAccessible(page);
  });

  it('says where the keys are', async () => {
    const page = await put.open();
    await page.getByText('.tenon/operator-key').waitFor();
  });

  it('opens the tenants to the operator, and forgets the key when it is loaded again', async () => {
    const page = await put.asOperator();
    await page.getByRole('heading', { name: 'Tenants', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'acme', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).toBe('[{},{},""]');
  });

  it('shows a tenant’s key its own tenant and nothing of the operator’s', async () => {
    const page = await put.asTenant(tenant);
    await page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tenants' }).count()).toBe(0);
    for (const address of ['#/t/acme/keys', '#/t/acme/settings', '#/t/globex/instances', '#/tenants', '#/policies']) {
      await goTo(page, address);
      await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
      await goTo(page, '#/t/acme/instances');
      await page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
    }
  });

  it('refuses a tenant’s key that is said to be another’s', async () => {
    const page = await put.open();
    await page.getByLabel('Key', { exact: true }).fill(tenant.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel(/Which tenant/).fill('globex');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('tenant.not_found').waitFor();
  });

  it('leads to another tenant, to the same view, by keyboard alone', async () => {
    const page = await put.asOperator('#/t/acme/instances');
    const switcher = page.getByRole('button', { name: 'Tenant: acme' });
    await switcher.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /globex/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('corporation');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tenant: globex' }).waitFor();
    expect(page.url()).toMatch(/#\/t\/globex\/instances$/);
  });

  it('goes behind a button where the screen is narrow, which closes when one goes elsewhere', async () => {
    const page = await put.open({ viewport: { width: 360, height: 740 } });
    await expectNoSidewaysScroll(page);
    await signIn(page, put.server.operatorKey);
    await goTo(page, '#/t/acme/instances');
    const menu = page.getByRole('button', { name: 'Menu' });
    expect(await page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(false);
    await menu.click();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Tenants', exact: true }).click();
    await page.getByRole('heading', { name: 'Tenants', level: 1 }).waitFor();
    expect(await menu.getAttribute('aria-expanded')).toBe('false');
    await expectNoSidewaysScroll(page);
  });

  it('says so where a part of it does not come, and goes on with the others', async () => {
    const page = await put.asOperator('#/tenants');
    await page.route('**/assets/policies-*.js', (route) => route.abort());
    await goTo(page, '#/policies');
    await page.getByRole('alert').getByText('This part of the page did not come').waitFor();
    await page.getByRole('link', { name: 'Tenants', exact: true }).click();
    await page.getByRole('link', { name: 'acme', exact: true }).waitFor();
  });

  it('lets the keyboard pass by the navigation', async () => {
    const page = await put.asOperator('#/tenants');
    await page.getByRole('heading', { name: 'Tenants', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });
});
