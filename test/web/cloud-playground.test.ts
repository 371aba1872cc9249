import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Assembly, synthesizeAssembly } from '../cloud/assembly.ts';
import { type LocalCloud, startLocalCloud } from '../cloud/local-cloud.ts';
import { hasBrowser, NO_BROWSER, openBrowser } from './browser.ts';
import { PlaygroundPage } from './playground-page.ts';

/** As on AWS: the page comes from the API's origin, and puts bundles into a bucket that has another one. */
describe.skipIf(!hasBrowser)(`the playground on the AWS stack (${NO_BROWSER})`, () => {
  let assembly: Assembly;
  let cloud: LocalCloud;
  let browser: Browser;

  beforeAll(async () => {
    assembly = synthesizeAssembly({ maxDispatchers: 4 });
    cloud = await startLocalCloud({ template: assembly.template, assemblyFolder: assembly.folder });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cloud?.close();
    assembly?.remove();
  });

  it('uploads to the bucket and sees the instance to its end', { timeout: 60_000 }, async () => {
    const made = await fetch(`${cloud.url}/v1/tenants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cloud.operatorKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'acme' }),
    });
    expect(made.status).toBe(201);
    const at = { url: cloud.url, key: cloud.operatorKey, tenant: 'acme' };
    const playground = await PlaygroundPage.open(browser, at);
    const uploads: string[] = [];
    playground.page.on('requestfinished', (request) => {
      if (request.method() === 'PUT') uploads.push(new URL(request.url()).origin);
    });
    await playground.run.click();
    await playground.instance.getByText('complete', { exact: true }).waitFor({ timeout: 40_000 });
    expect(uploads).toEqual([expect.not.stringContaining(cloud.url)]);
    expect(playground.troubles).toEqual([]);
  });
});
