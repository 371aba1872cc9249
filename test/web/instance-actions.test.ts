import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflow } from '../conformance/world.ts';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { openInstance, rowOf } from './instance-under-test.ts';
import { PageUnderTest, signIn } from './page-under-test.ts';

describe.skipIf(!hasBrowser)(`what can be done on the page of an instance (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  beforeAll(() => put.start(), 60_000);
  afterAll(() => put.stop());

  const act = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  it('is to pause it, to resume it and to terminate it with its rollback, each said', async () => {
    const tenant = await put.world.deployed(
      workflow(`await step.do('book', async () => 1, { rollback: async () => note('undone') });
        await step.sleep('nap', '30 days');`),
    );
    const instance = await tenant.create();
    await instance.waiting('nap');
    const page = await openInstance(put, tenant, instance);
    await page.getByText(/^Sleeping in “nap” until .* \(in 29 d 23 h\)\.$/).waitFor();
    await act(page, 'Pause');
    await page.getByText(/^Paused: /).waitFor();
    expect(await page.getByRole('button', { name: 'Pause' }).getAttribute('title')).toBe('It is paused.');
    await act(page, 'Resume');
    await page.getByText(/^Sleeping in “nap” until /).waitFor();
    await act(page, 'Terminate …');
    await page.getByRole('dialog').getByRole('checkbox').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await page.getByText('It rolls back now, and ends after that.').waitFor();
    await page.getByText(/^Terminated after .* Rolled back\.$/).waitFor();
    await rowOf(page, 'undo book').waitFor();
    expect(tenant.count('undone')).toBe(1);
    await page.close();
  });

  it('is to replay it, and to read what that has shown', async () => {
    const tenant = await put.world.deployed(
      workflow("await step.do('a', () => note('a')); await step.sleep('nap', 60_000);"),
    );
    const instance = await tenant.create();
    await instance.waiting('nap');
    const page = await openInstance(put, tenant, instance);
    await act(page, 'Replay');
    await page
      .getByText(/^The code follows the journal\. It came to the end of what is recorded, with 1 of 1/)
      .waitFor();
    expect(tenant.count('a')).toBe(1);
    await page.close();
  });

  it('is to approve what a policy holds back, for the operator alone', async () => {
    const tenant = await put.world.deployed(workflow("return step.do('charge', () => note('charged'));"));
    await put.world.operator.expect(201, 'PUT', `/v1/policies/${tenant.id}-gate`, {
      json: { tenants: [tenant.id], before: { step: 'charge' }, action: 'approve' },
    });
    const instance = await tenant.create();
    await instance.waiting('charge');
    const { body } = await put.world.operator.expect(201, 'POST', `${tenant.path}/keys`);
    const theirs = await put.open();
    await signIn(theirs, body.apiKey, tenant.id);
    await theirs.evaluate(`location.hash = '#/t/${tenant.id}/instances/W/${instance.id}'`);
    await theirs.getByText('The operator can approve it.').waitFor();
    expect(await theirs.getByRole('button', { name: 'Approve' }).count()).toBe(0);

    const page = await openInstance(put, tenant, instance);
    await page
      .getByText(new RegExp(`^The policy “${tenant.id}-gate” holds back “charge” until the operator`))
      .waitFor();
    await page.getByLabel('Reason').fill('small enough');
    await act(page, 'Approve');
    await theirs.getByText(/^Complete after /).waitFor();
    expect(tenant.count('charged')).toBe(1);
    await rowOf(page, 'charge').click();
    await page.getByLabel('Approvals').getByText('small enough').waitFor();
    await Promise.all([page.close(), theirs.close()]);
  });

  it('is to see a step grow while it runs, and its output when it has ended', async () => {
    const tenant = await put.world.deployed(workflow("return step.do('long', () => note('long', '?hold=end'));"));
    const instance = await tenant.create();
    await tenant.noting('long');
    const page = await openInstance(put, tenant, instance);
    await page.getByText('Running “long”.').waitFor();
    const grown = rowOf(page, 'long').getByText(/attempt 1 has run for [1-9][\d.]* s/);
    await grown.waitFor({ state: 'attached' });
    tenant.release('end');
    await page.getByText(/^Complete after /).waitFor();
    await rowOf(page, 'long')
      .getByText(/attempt 1 took/)
      .waitFor({ state: 'attached' });
    await page.close();
  });

  it('is to load an output whole that was cut', async () => {
    const tenant = await put.world.deployed(
      workflow("await step.do('large', async () => ({ text: 'x'.repeat(9_000), end: 'the very end' }));"),
    );
    const instance = await tenant.create();
    await instance.completed();
    const page = await openInstance(put, tenant, instance);
    await rowOf(page, 'large').click();
    await page.getByRole('button', { name: 'Load all of it' }).click();
    await page.getByText('"the very end"').waitFor();
    await page.close();
  });

  it('is to go through hundreds of steps, page by page and by arrow keys', async () => {
    const tenant = await put.world.deployed(
      workflow("for (let at = 0; at < 350; at++) await step.do('s' + at, async () => at);"),
    );
    const instance = await tenant.create();
    await instance.completed();
    const page = await openInstance(put, tenant, instance);
    const rows = page.getByLabel('Timeline').getByRole('listitem');
    await rowOf(page, 's99').waitFor();
    expect(await rows.count()).toBe(100);
    await act(page, 'Show more steps');
    await rowOf(page, 's299').waitFor();
    await act(page, 'Show more steps');
    await rowOf(page, 's349').waitFor();
    expect(await rows.count()).toBe(350);
    await rowOf(page, 's0').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await rowOf(page, 's1').getAttribute('aria-pressed')).toBe('true');
    await page.close();
  });

  it('is nothing where there is no such instance, and the server says so', async () => {
    const tenant = await put.world.deployed(workflow('return 1;'));
    const page = await put.asOperator(`#/t/${tenant.id}/instances/W/nobody`);
    await page.getByText('instance.not_found').waitFor();
    await page.close();
  });
});
