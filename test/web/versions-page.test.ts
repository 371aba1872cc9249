import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedFiles } from '../../lib/web/views/versions/changed-files.ts';
import { hasBrowser, NO_BROWSER } from './browser.ts';
import { goTo, PageUnderTest } from './page-under-test.ts';
import { type SampleTenant, seed } from './sample-tenant.ts';

describe('the files of two versions', () => {
  it('are those that differ, with which are new and which are gone', () => {
    const file = (path: string, text: string) => ({ path, text });
    const changed = changedFiles(
      [file('index.ts', 'a'), file('same.ts', 's'), file('old.ts', 'o')],
      [file('index.ts', 'b'), file('same.ts', 's'), file('new.ts', 'n')],
    );
    expect(changed.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'index.ts changed',
      'new.ts added',
      'old.ts removed',
    ]);
  });
});

describe.skipIf(!hasBrowser)(`versions on the page (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let sample: SampleTenant;
  let page: Page;
  const versions = '#/t/acme/versions';
  const short = (version: string): string => version.slice(0, 10);
  const row = (version: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name: short(version), exact: true }) });

  beforeAll(async () => {
    await put.start();
    sample = await seed(put.world);
    page = await put.asTenant(sample);
  }, 60_000);
  afterAll(() => put.stop());

  it('are listed newest first, with the one that is active', async () => {
    await goTo(page, versions);
    await row(sample.second).getByText('active').waitFor();
    expect(await page.getByRole('rowheader').allTextContents()).toEqual([short(sample.second), short(sample.first)]);
  });

  it('show what they were made from', async () => {
    await goTo(page, `${versions}/${sample.second}`);
    await page.getByText('one TypeScript file, 1 module').waitFor();
    await page.getByText('open the file').waitFor();
  });

  it('show what one has otherwise than another, line by line', async () => {
    await goTo(page, versions);
    await row(sample.first)
      .getByRole('link', { name: /^Compare/ })
      .click();
    const diff = page.getByRole('region', { name: 'index.ts' });
    await diff.locator('.cm-deletedChunk').getByText('open the file').waitFor();
    await diff.locator('.cm-changedLine').getByText('open the request').waitFor();
  });

  it('go back to one whose check passes, with the check seen before', async () => {
    await goTo(page, versions);
    await row(sample.first)
      .getByRole('link', { name: /^Roll back to/ })
      .click();
    await page.getByText('3 unfinished instances would go on with this version as they began.').waitFor();
    await page.getByRole('button', { name: /^Roll back to/ }).click();
    await page
      .getByRole('status')
      .getByText(`Version ${short(sample.first)} is active`)
      .waitFor();
    await row(sample.first).getByText('active').waitFor();
  });

  it('do not become active over a check that fails, unless one insists', async () => {
    await goTo(page, `${versions}/${sample.second}/activate`);
    await page.getByText('3 of 3 unfinished instances would diverge').waitFor();
    const divergence = page.getByRole('row').filter({ hasText: 'contract-17' }).first();
    expect(await divergence.textContent()).toMatch(/open the request.*open the file/);
    const activate = page.getByRole('button', { name: /^Activate/ });
    expect(await activate.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: /although the check has failed/ }).check();
    await activate.click();
    await page
      .getByRole('status')
      .getByText(`Version ${short(sample.second)} is active`)
      .waitFor();
  });
});
