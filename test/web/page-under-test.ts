import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Ledger } from '../conformance/ledger.ts';
import { OwnServer } from '../conformance/server.ts';
import { World } from '../conformance/world.ts';
import { openBrowser } from './browser.ts';

const BUILD = resolve(import.meta.dirname, '../../bin/build-page.ts');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Does nothing where the page is built already. */
export const buildPage = (): void => {
  execFileSync(process.execPath, [BUILD], { stdio: 'pipe' });
};

/** The page as the embedded server serves it, in a real browser. */
export class PageUnderTest {
  readonly server = new OwnServer();
  readonly ledger = new Ledger();
  #browser: Browser | undefined;
  #world: World | undefined;

  get world(): World {
    if (this.#world === undefined) throw new Error('not started');
    return this.#world;
  }

  async start(): Promise<void> {
    buildPage();
    await Promise.all([this.server.start(), this.ledger.listen()]);
    this.#browser = await openBrowser();
    const { url, operatorKey } = this.server;
    this.#world = new World({ url, operatorKey, ledger: this.ledger, canOwnServer: false });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await Promise.all([this.server.remove(), this.ledger.close()]);
  }

  /** A tab of its own, which nobody has signed in to. A test fails by what the page throws. */
  async open(options: BrowserContextOptions = {}): Promise<Page> {
    if (this.#browser === undefined) throw new Error('not started');
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(this.server.url);
    return page;
  }

  async asOperator(address = '', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.open(options);
    await signIn(page, this.server.operatorKey);
    await goTo(page, address);
    return page;
  }

  async asTenant(
    { id, key }: { readonly id: string; readonly key: string },
    address = '',
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await this.open(options);
    await signIn(page, key, id);
    await goTo(page, address);
    return page;
  }
}

export const signIn = async (page: Page, key: string, tenant?: string): Promise<void> => {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (tenant !== undefined) {
    await page.getByLabel(/Which tenant/).fill(tenant);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  await page.locator('#main').waitFor();
};

/** Within the page, without loading it again: a key is kept in its memory alone. @param address such as `#/tenants` */
export const goTo = async (page: Page, address: string): Promise<void> => {
  if (address !== '') await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
};

/** WCAG 2 A and AA, as far as a program can tell. */
export const expectAccessible = async (page: Page): Promise<void> => {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResults;
  expect(
    found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
    ),
  ).toEqual([]);
};

/** Nothing stands out at the side. */
export const expectNoSidewaysScroll = async (page: Page): Promise<void> => {
  const { scrollWidth, clientWidth } = (await page.evaluate(
    '(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))(document.documentElement)',
  )) as { readonly scrollWidth: number; readonly clientWidth: number };
  expect(scrollWidth).toBe(clientWidth);
};
