import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflow } from '../conformance/world.ts';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { openInstance, rowOf } from './instance-under-test.ts';
import { expectAccessible, expectNoSidewaysScroll, PageUnderTest } from './page-under-test.ts';
import { placeOrder } from './showcase.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');

const FAILS = `import { WorkflowEntrypoint } from 'cloudflare:workers';

interface Order { readonly amount: number }

const amountOf = (order: Order | undefined): number => {
  return order!.amount;
};

export class W extends WorkflowEntrypoint {
  async run(event, step) {
    await step.do('load', async () => console.log('loaded'));
    return amountOf(undefined);
  }
}
`;

describe.skipIf(!hasBrowser)(`the page of an instance (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  beforeAll(() => put.start(), 60_000);
  afterAll(() => put.stop());

  it('says what it waits for, and an approval that is sent from it finishes the instance', async () => {
    const { tenant, order } = await placeOrder(put.world, 'approves');
    const page = await openInstance(put, tenant, order);
    await page.getByText(/^Waiting in “manager” for the event “approval”, at the latest until /).waitFor();

    await page.getByRole('button', { name: 'Send event …' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Type').inputValue()).toBe('approval');
    await dialog.getByLabel(/^Payload/).fill('{"approved": true');
    await dialog.getByText(/^This is no JSON/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Payload/).fill('{"approved": true, "by": "Grace"}');
    await dialog.getByRole('button', { name: 'Send' }).click();

    await page.getByText('“approval” was sent.').waitFor();
    await page.getByText(/^Complete after /).waitFor();
    await page.getByRole('region', { name: 'Output' }).getByText('"Grace"').waitFor();
    await rowOf(page, 'charge').waitFor();
    expect(await order.completed()).toMatchObject({ by: 'Grace' });
    const why = page.getByRole('button', { name: 'Terminate …' });
    expect(await why.getAttribute('aria-disabled')).toBe('true');
    expect(await why.getAttribute('title')).toBe('It has ended.');
    await page.close();
  });

  it('shows the line of the tenant’s source at which a workflow has failed', async () => {
    const tenant = await put.world.deployed(FAILS);
    const instance = await tenant.create();
    await instance.finished();
    const page = await openInstance(put, tenant, instance);
    await page.getByText('index.ts:6:').first().waitFor();
    const line = page.locator('.frame-line[data-place="true"]');
    expect(await line.innerText()).toMatch(/^6\s+return order!\.amount;/);
    await page.getByText(/^Failed after .* with TypeError\.$/).waitFor();
    await page.close();
  });

  it('restarts from a step that is selected', async () => {
    const tenant = await put.world.deployed(
      workflow("await step.do('first', () => note('first')); return step.do('second', () => note('second'));"),
    );
    const instance = await tenant.create();
    await instance.completed();
    const page = await openInstance(put, tenant, instance);
    await rowOf(page, 'second').click();
    await page.getByRole('button', { name: 'Restart from “second” …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await page.getByText('Restarted from “second”.').waitFor();
    await tenant.noting('second', 2);
    await page.getByText(/^Complete after /).waitFor();
    expect([tenant.count('first'), tenant.count('second')]).toEqual([1, 2]);
    await page.close();
  });

  it('leads from a log line to its step, and from a step to its lines', async () => {
    const { tenant, order } = await placeOrder(put.world, 'logs');
    const page = await openInstance(put, tenant, order);
    const logs = page.getByRole('region', { name: 'Logs', exact: true });
    await logs.getByText('the warehouse is busy, attempt 2').waitFor();
    await logs.getByRole('button', { name: 'reserve stock' }).first().click();
    expect(await rowOf(page, 'reserve stock').getAttribute('aria-pressed')).toBe('true');
    await logs.getByText('asked for the price').first().waitFor({ state: 'detached' });
    await page
      .getByRole('region', { name: 'Step reserve stock' })
      .getByText('Error: the warehouse is busy')
      .first()
      .waitFor();
    expect(new URL(page.url()).hash).toContain('step=step%3A1%3Areserve');
    await logs.getByRole('button', { name: 'Show all' }).click();
    await logs.getByLabel('Level').selectOption('warn');
    expect(await logs.getByRole('listitem').count()).toBe(2);
    await page.close();
  });

  it('goes on without a reload where the server was away', async () => {
    const tenant = await put.world.deployed(
      workflow("await step.waitForEvent('before', { type: 'go' }); await step.waitForEvent('after', { type: 'on' });"),
    );
    const instance = await tenant.create();
    await instance.waiting('before');
    const page = await openInstance(put, tenant, instance);
    await rowOf(page, 'before').waitFor();
    await put.server.end('SIGTERM');
    await page.getByText('The server does not answer. Trying again …').waitFor();
    await put.server.start();
    await instance.send('go');
    await rowOf(page, 'after').waitFor();
    await page.getByText('The server does not answer. Trying again …').waitFor({ state: 'detached' });
    await instance.send('on');
    await page.getByText(/^Complete after /).waitFor();
    await page.close();
  });

  for (const [id, colorScheme, width, picture] of [
    ['acme', 'light', 1280, 'instance.png'],
    ['globex', 'dark', 1280, 'instance-dark.png'],
    ['initech', 'light', 360, undefined],
    ['umbrella', 'dark', 360, undefined],
  ] as const) {
    it(`leaves axe nothing to find, ${colorScheme} and ${width} px wide`, async () => {
      const { tenant, order } = await placeOrder(put.world, id);
      const page = await openInstance(put, tenant, order, { colorScheme, viewport: { width, height: 900 } });
      await rowOf(page, 'manager').waitFor();
      await rowOf(page, 'reserve stock').click();
      await expectAccessible(page);
      // The pictures of the documents: SCREENSHOTS=write.
      if (picture !== undefined && process.env.SCREENSHOTS === 'write') {
        await page.screenshot({ path: resolve(IMAGES, picture) });
      }
      await page.getByRole('button', { name: 'Send event …' }).click();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await order.send('approval', { approved: false, by: 'Grace' });
      await page.locator('.frame-line').first().waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.close();
    });
  }
});
