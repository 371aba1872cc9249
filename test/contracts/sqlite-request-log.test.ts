import { describe, expect, it } from 'vitest';
import { SqliteRequestLog } from '../../lib/adapters/embedded/sqlite-request-log.ts';
import { REQUEST_LOG_RETENTION_MS } from '../../lib/core/limits.ts';
import type { RequestLogEntry } from '../../lib/ports/request-log.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testRequestLog } from './request-log-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testRequestLog({
  setup: async () => {
    open = makeDatabase();
    return new SqliteRequestLog(open.database);
  },
  teardown: async () => open?.remove(),
});

describe('what a request log on one machine keeps', () => {
  const NOW = Date.now();
  const entry = (number: number): RequestLogEntry => ({
    id: String(number).padStart(32, '0'),
    at: NOW,
    endedAt: NOW + number,
    version: 'v1',
    method: 'GET',
    path: `/${number}`,
    status: 200,
    lines: [],
  });
  const keptOf = async (log: SqliteRequestLog, tenant: string): Promise<readonly string[]> =>
    (await log.read(tenant, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 50 })).items.map(({ path }) => path);

  it('is the latest of each tenant, up to a number', async () => {
    const { database, remove } = makeDatabase();
    const log = new SqliteRequestLog(database, { maxEntries: 3 });
    await log.write('quiet', entry(0));
    for (const number of [1, 2, 3, 4, 5]) await log.write('busy', entry(number));
    expect(await keptOf(log, 'busy')).toEqual(['/5', '/4', '/3']);
    expect(await keptOf(log, 'quiet')).toEqual(['/0']);
    remove();
  });

  it('is not what is past its time', async () => {
    const { database, remove } = makeDatabase();
    const log = new SqliteRequestLog(database);
    await log.write('acme', entry(0));
    await log.write('acme', entry(REQUEST_LOG_RETENTION_MS));
    await log.write('acme', entry(REQUEST_LOG_RETENTION_MS + 1));
    expect(await keptOf(log, 'acme')).toEqual([`/${REQUEST_LOG_RETENTION_MS + 1}`, `/${REQUEST_LOG_RETENTION_MS}`]);
    remove();
  });
});
