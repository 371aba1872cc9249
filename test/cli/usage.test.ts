import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readPricesFile } from '../../lib/cli/prices-file.ts';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const fileOf = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-cli-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'prices.json');
  writeFileSync(file, text);
  return file;
};

test('usage shows what each workflow has used, and all of them', async () => {
  const charge = { units: { instances: 2, steps: 6, cpuMs: 1_500, bytes: 2_048, requests: 9 }, price: 0.0000425 };
  const path = '/v1/tenants/acme/usage?from=2026-01-01T00%3A00%3A00Z&to=2026-01-31T23%3A59%3A59Z';
  const server = new RecordingServer({
    'GET /v1/tenants/acme/usage': {
      json: {
        from: '2026-01-01',
        to: '2026-01-31',
        currency: 'EUR',
        total: charge,
        workflows: [{ workflow: 'Order', ...charge }],
      },
    },
  });
  await server.listen();
  closing.push(() => server.close());
  const flags = ['--from', '2026-01-01', '--to', '2026-01-31', '--tenant', 'acme', '--key', 'k', '--url', server.url];
  const { out, code } = await tenon(['usage', ...flags]);
  expect(code).toBe(0);
  expect(server.requests.map(({ url }) => url)).toEqual([path]);
  expect(out.trimEnd().split('\n')).toEqual([
    '2026-01-01 to 2026-01-31',
    'WORKFLOW  INSTANCES  STEPS  CPU    STORED  REQUESTS  PRICE',
    'Order     2          6      1.5 s  2.0 kB  9         0.000043 EUR',
    'in all    2          6      1.5 s  2.0 kB  9         0.000043 EUR',
  ]);
});

test('prices are read from a file, and a mistake in it says what to write', () => {
  const perMillion = { instances: 1, steps: 2, cpuMs: 3, bytes: 4, requests: 5 };
  expect(readPricesFile(fileOf(JSON.stringify({ currency: 'EUR', perMillion })))).toEqual({
    currency: 'EUR',
    perMillion,
  });
  expect(() => readPricesFile(fileOf('{"currency":"EUR"}'))).toThrow(/perMillion must have a number for each of/);
  expect(() => readPricesFile(fileOf('{'))).toThrow(/cannot be read/);
  expect(() => readPricesFile('/nowhere/prices.json')).toThrow(/cannot be read/);
});
