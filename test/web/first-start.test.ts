import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { TenonProcess } from '../e2e/tenon-process.ts';
import { hasBrowser, NO_BROWSER, openBrowser } from './browser.ts';
import { buildPage, signIn } from './page-under-test.ts';

describe.skipIf(!hasBrowser)(`the page at the first start (${NO_BROWSER})`, () => {
  const folder = makeFolder();
  let server: TenonProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    buildPage();
    server = new TenonProcess(['dev', '--port', '0', '--data', 'data'], { cwd: folder.path });
    const url = await server.listening();
    await server.printed(/^Try next:/m);
    browser = await openBrowser();
    page = await browser.newPage();
    await page.goto(url);
    await signIn(page, readFileSync(join(folder.path, 'data', 'operator-key'), 'utf8').trim());
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop('SIGKILL');
    folder.remove();
  });

  it('has the demo’s tenant with an instance that has finished', async () => {
    await page.getByRole('link', { name: 'demo', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'first-approval' });
    await row.getByText('complete').waitFor();
  });

  it('is one click from the tenants to Run', async () => {
    await page.getByRole('link', { name: 'Tenants', exact: true }).click();
    await page.getByRole('link', { name: 'Playground of demo' }).click();
    const run = page.getByRole('button', { name: 'Run', exact: true });
    await run.waitFor();
    expect(await run.isEnabled()).toBe(true);
  });
});
