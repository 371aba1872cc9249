import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const path = PATHS.find((one) => one !== undefined && existsSync(one));

/** A browser starts in seconds, and a page is looked at by many tests: a command of its own has them. */
export const hasBrowser = process.env.WEB === '1' && path !== undefined;
export const NO_BROWSER =
  process.env.WEB === '1'
    ? 'needs Chromium: install it, or name it in CHROMIUM'
    : 'needs a browser: npm run test:web, or WEB=1 before vitest';

/** A real one, which asks nobody but the pages that it is led to. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(path !== undefined && { executablePath: path }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
