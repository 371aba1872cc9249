import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageFolder } from '../../lib/adapters/node/page-folder.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { type Api, codeOf, createApi } from './api.ts';

const FILES = { 'index.html': '<!doctype html>', 'assets/main-1.js': 'export const x = 1;' };

const { path: folder, remove } = makeFolder();
afterAll(remove);
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'built-from'), 'a digest');
for (const [name, text] of Object.entries(FILES)) {
  writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
}

describe('the page', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi({
      page: { files: new PageFolder(folder), uploadOrigin: async () => 'https://bundles.example' },
    });
  });
  afterAll(() => api.close());

  it('is served to everybody, asked for anew each time', async () => {
    const response = await api.call('GET', '/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe(FILES['index.html']);
  });

  it('runs nothing but its own scripts, and asks only its API and where bundles are put', async () => {
    const response = await api.call('GET', '/');
    expect(response.headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' https://bundles.example",
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('has parts that are kept for ever, compressed for those who can read that', async () => {
    const response = await api.call('GET', '/assets/main-1.js', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(`${brotliDecompressSync(await response.arrayBuffer())}`).toBe(FILES['assets/main-1.js']);
  });

  it.each([
    '/assets/main-2.js',
    '/assets/..%2findex.html',
    '/assets/..%2f..%2fetc%2fpasswd',
    '/assets/main-1.js.br',
    '/built-from',
  ])('has nothing at %s', async (path) => {
    const response = await api.call('GET', path);
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe('route.not_found');
  });
});

it('says how to build the page where there is none', async () => {
  const api = await createApi();
  const response = await api.call('GET', '/');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({
    code: 'route.not_found',
    detail: expect.stringContaining('npm run page'),
  });
  await api.close();
});
