import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantWorld } from '../conformance/world.ts';
import { hasBrowser, NO_BROWSER, openBrowser } from './browser.ts';
import { expectAccessible, expectNoSidewaysScroll, goTo, PageUnderTest } from './page-under-test.ts';
import { PlaygroundPage } from './playground-page.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');

const workflow = (body: string): string => `import { WorkflowEntrypoint, type WorkflowStep } from 'cloudflare:workers';

export class Mine extends WorkflowEntrypoint {
  async run(_event: unknown, step: WorkflowStep) {
    ${body}
  }
}
`;

const versionsOf = async (tenant: TenantWorld): Promise<readonly { readonly active: boolean }[]> =>
  (await tenant.api.expect(200, 'GET', `${tenant.path}/versions`)).body.versions;

describe.skipIf(!hasBrowser)(`the playground (${NO_BROWSER})`, () => {
  const put = new PageUnderTest();
  let browser: Browser;
  beforeAll(async () => {
    await put.start();
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await put.stop();
  });

  const open = async (options = {}, more = {}) => {
    const tenant = await put.world.tenant(more);
    const { url, operatorKey: key } = put.server;
    return { tenant, playground: await PlaygroundPage.open(browser, { url, key, tenant: tenant.id }, options) };
  };
  const done = async ({ page, troubles }: PlaygroundPage): Promise<void> => {
    await page.close();
    expect(troubles).toEqual([]);
  };

  it('runs an example, and shows each step and what came of it', async () => {
    const { playground } = await open();
    await playground.run.click();
    await playground.instance.getByText(/^Complete after /).waitFor();
    await playground.instance.getByRole('button', { name: /^greet/ }).waitFor();
    await playground.instance.getByText('"Hello, Ada!"').waitFor();
    await playground.page.getByRole('region', { name: 'Latest instances' }).getByRole('button').waitFor();
    await playground.instance.getByRole('link').first().click();
    await playground.page.getByRole('heading', { level: 1, name: /^[0-9a-f]{32}$/ }).waitFor();
    await done(playground);
  });

  it('makes a version of each changed source, none of the same again, and lets the active one be', async () => {
    const { tenant, playground } = await open();
    const run = async (text: string): Promise<void> => {
      await playground.write(playground.source, workflow(`return '${text}';`));
      await playground.page.keyboard.press('ControlOrMeta+Enter');
      await playground.instance.getByText(`"${text}"`).waitFor();
    };
    for (const text of ['first', 'second', 'first']) await run(text);
    expect((await versionsOf(tenant)).map(({ active }) => active)).toEqual([false, false]);
    await playground.page.getByLabel('Make it the active version').check();
    await run('second');
    expect((await versionsOf(tenant)).map(({ active }) => active)).toEqual([true, false]);
    await done(playground);
  });

  it('underlines what the compiler finds wrong, while it is typed', async () => {
    const { playground } = await open();
    await playground.write(playground.source, workflow("const wrong: number = 'text'; return wrong;"));
    const underlined = playground.page.locator('.cm-lintRange-error');
    await underlined.first().waitFor();
    expect(await underlined.allInnerTexts()).toEqual(['wrong']);
    await underlined.hover();
    await playground.page.getByText("Type 'string' is not assignable to type 'number'.").waitFor();
    await done(playground);
  });

  it('knows what a step can do', async () => {
    const { playground } = await open();
    await playground.write(playground.source, workflow('step'));
    const { keyboard } = playground.page;
    await keyboard.press('ControlOrMeta+Home');
    for (const _ of [1, 2, 3, 4]) await keyboard.press('ArrowDown');
    await keyboard.press('End');
    await keyboard.type('.');
    const offered = playground.page.getByRole('listbox');
    await offered.getByRole('option', { name: 'waitForEvent' }).waitFor();
    expect(await offered.getByRole('option').allInnerTexts()).toEqual(['do', 'sleep', 'sleepUntil', 'waitForEvent']);
    await offered.getByRole('option', { name: 'do', exact: true }).click();
    await playground.page.getByText('step.do', { exact: true }).waitFor();
    await done(playground);
  });

  it('has no complaint about any of its examples', async () => {
    const { playground } = await open();
    const examples = playground.page.getByLabel('Example');
    const names = await examples.locator('option:not([disabled])').allInnerTexts();
    expect(names).toContain('approval-chain');
    for (const name of names) {
      await examples.selectOption(name);
      // What the compiler says of the text before would stay until it has looked at this one.
      await playground.source.press('ControlOrMeta+End');
      await playground.page.keyboard.insertText('\nconst seen: number = "";');
      await expect.poll(() => playground.underlined(), { timeout: 10_000 }).toEqual(['seen']);
    }
    await done(playground);
  });

  it('shows why an upload is refused, at its line', async () => {
    const { tenant, playground } = await open();
    await playground.write(playground.source, `// The first line.\nawait Promise.resolve();\n${workflow('return 1;')}`);
    await playground.run.click();
    const refusal = playground.page.getByRole('alert');
    await refusal.getByText(/Top-level await is not available/).waitFor();
    await expect.poll(() => playground.underlined()).toEqual(['await']);
    await refusal.getByRole('button', { name: 'Line 2' }).click();
    expect(await playground.page.locator('.cm-activeLine').first().innerText()).toBe('await Promise.resolve();');
    expect(await versionsOf(tenant)).toEqual([]);
    await done(playground);
  });

  it('says of a payload that is no JSON, and does not run it', async () => {
    const { playground } = await open();
    await playground.write(playground.payload, '{ "name": ');
    await playground.page.getByText(/^The payload is no JSON/).waitFor();
    expect(await playground.run.isDisabled()).toBe(true);
    await playground.write(playground.payload, '{ "name": "Grace" }');
    await playground.run.click();
    await playground.instance.getByText('"Hello, Grace!"').waitFor();
    await done(playground);
  });

  it('sends an event to an instance that waits for it', async () => {
    const { playground } = await open();
    const source = workflow("return (await step.waitForEvent('the answer', { type: 'answer' })).payload;");
    await playground.write(playground.source, source);
    await playground.run.click();
    await playground.instance.getByText(/^Waiting in “the answer”/).waitFor();
    await playground.instance.getByRole('button', { name: 'Send event …' }).click();
    const dialog = playground.page.getByRole('dialog');
    await dialog.getByLabel(/^Payload/).fill('{ "is": 42 }');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await playground.instance.getByText(/^Complete after /).waitFor();
    await playground.instance.getByRole('region', { name: 'Output' }).getByText('42').waitFor();
    await done(playground);
  });

  it('keeps what was written while something else is looked at', async () => {
    const { tenant, playground } = await open();
    await playground.write(playground.source, workflow("return 'kept';"));
    await goTo(playground.page, `#/t/${tenant.id}/instances`);
    await playground.page.getByRole('heading', { name: 'Instances' }).waitFor();
    await goTo(playground.page, `#/t/${tenant.id}/playground`);
    await playground.source.getByText("return 'kept';").waitFor();
    await done(playground);
  });

  it('can be left by keyboard: Tab belongs to the text until Escape was pressed', async () => {
    const { playground } = await open();
    await playground.source.click();
    const { keyboard } = playground.page;
    const inEditor = () =>
      playground.page.evaluate("document.activeElement?.shadowRoot?.activeElement?.getAttribute('aria-label')");
    await keyboard.press('Tab');
    expect(await inEditor()).toBe('Source of the workflow');
    await keyboard.press('Escape');
    await keyboard.press('Tab');
    expect(await inEditor()).not.toBe('Source of the workflow');
    await done(playground);
  });

  for (const [id, colorScheme, width, picture] of [
    ['acme', 'light', 1280, 'playground.png'],
    ['globex', 'dark', 1280, undefined],
    ['initech', 'light', 360, undefined],
  ] as const) {
    it(`leaves axe nothing to find, ${colorScheme} and ${width} px wide`, async () => {
      const { playground } = await open({ colorScheme, viewport: { width, height: 900 } }, { id });
      const { page } = playground;
      await page.getByLabel('Example').selectOption('approval-chain');
      await playground.run.click();
      await playground.instance.getByText(/^Waiting in /).waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      // The picture of the documents: SCREENSHOTS=write.
      if (picture !== undefined && process.env.SCREENSHOTS === 'write') {
        await page.screenshot({ path: resolve(IMAGES, picture) });
      }
      await playground.write(playground.source, 'await nothing;');
      await expect.poll(() => playground.underlined()).not.toEqual([]);
      await playground.run.click();
      await page.getByText('The source was refused.').waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await done(playground);
    });
  }
});
