import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { goTo, signIn } from './page-under-test.ts';

/** Tells of what the page's own policy has refused. */
const WATCH =
  "addEventListener('securitypolicyviolation', (event) => tellTrouble(event.violatedDirective + ' refused ' + event.blockedURI))";

/** The playground of one tenant, as somebody who signs in sees it. */
export class PlaygroundPage {
  readonly page: Page;
  /** What the page was refused by its own policy, and what it threw. */
  readonly troubles: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(
    browser: Browser,
    { url, key, tenant }: { readonly url: string; readonly key: string; readonly tenant: string },
    options: BrowserContextOptions = {},
  ): Promise<PlaygroundPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
    page.setDefaultTimeout(15_000);
    const made = new PlaygroundPage(page);
    page.on('pageerror', (error) => made.troubles.push(`${error}`));
    page.on('console', (message) => {
      // A workflow that has no instance yet is not found.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) made.troubles.push(message.text());
    });
    await page.exposeFunction('tellTrouble', (what: string) => void made.troubles.push(what));
    await page.addInitScript(WATCH);
    await page.goto(url);
    await signIn(page, key);
    await goTo(page, `#/t/${tenant}/playground`);
    await made.source.waitFor();
    return made;
  }

  get source(): Locator {
    return this.page.getByLabel('Source of the workflow');
  }

  get payload(): Locator {
    return this.page.getByLabel('Payload, as JSON');
  }

  get run(): Locator {
    return this.page.getByRole('button', { name: 'Run', exact: true });
  }

  /** The instance beside the source. */
  get instance(): Locator {
    return this.page.getByRole('region', { name: 'Instance', exact: true });
  }

  /** What is marked as wrong. */
  underlined(): Promise<readonly string[]> {
    return this.page.locator('.cm-lintRange-error').allInnerTexts();
  }

  /** In place of what stands in an editor; at once, as when it is pasted. */
  async write(editor: Locator, text: string): Promise<void> {
    await editor.click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(text);
  }
}
