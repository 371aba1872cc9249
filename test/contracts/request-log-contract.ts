import { describe, expect } from 'vitest';
import { DAY_MS, REQUEST_LOG_RETENTION_MS } from '../../lib/core/limits.ts';
import type { RequestLog, RequestLogEntry, RequestLogPlace } from '../../lib/ports/request-log.ts';
import { type ContractOptions, withStore } from './contract.ts';

/** Not long ago, since stores go by what the time is. */
const NOW = Math.floor(Date.now() / DAY_MS) * DAY_MS;

const entry = (number: number, more: Partial<RequestLogEntry> = {}): RequestLogEntry => ({
  id: String(number).padStart(32, '0'),
  at: NOW - number * 1_000 - 5,
  endedAt: NOW - number * 1_000,
  version: 'v1',
  method: 'GET',
  path: '/page',
  status: 200,
  lines: [{ at: NOW, level: 'log', message: `said ${number}` }],
  ...more,
});

const ALL = { from: NOW - REQUEST_LOG_RETENTION_MS, to: NOW, limit: 50 };

/** What every `RequestLog` does, whatever it stands on. */
export const testRequestLog = (contract: ContractOptions<RequestLog, undefined>): void => {
  describe('a request log', () => {
    const test = withStore(contract, () => undefined);

    test('entries are read as they were written, newest first', async (log) => {
      const failed = entry(3, { lines: [], error: { name: 'TypeError', message: 'no' }, status: 502, traceId: 't' });
      for (const one of [entry(1), failed, entry(0), entry(2)]) await log.write('acme', one);
      expect(await log.read('acme', ALL)).toEqual({ items: [entry(0), entry(1), entry(2), failed] });
      expect(await log.read('acme', { ...ALL, to: NOW - 2_000 })).toEqual({ items: [entry(2), failed] });
      expect(await log.read('acme', { ...ALL, from: NOW - 1_000 })).toEqual({ items: [entry(0), entry(1)] });
    });

    test('pages hold each entry once, also while others come, and those of one moment', async (log) => {
      for (const number of [5, 4, 3]) await log.write('acme', entry(number, { endedAt: NOW - 5_000 }));
      for (const number of [2, 1]) await log.write('acme', entry(number));
      const first = await log.read('acme', { ...ALL, limit: 3 });
      expect(first.items.map(({ id }) => Number(id))).toEqual([1, 2, 5]);
      await log.write('acme', entry(0));
      const second = await log.read('acme', { ...ALL, limit: 3, cursor: first.cursor ?? '' });
      expect(second.items.map(({ id }) => Number(id))).toEqual([4, 3]);
      expect(second.cursor).toBeUndefined();
    });

    test('an entry stands where its request was answered, not where it came', async (log) => {
      const slow = entry(3, { at: NOW - 20_000, endedAt: NOW });
      for (const one of [entry(1), slow]) await log.write('acme', one);
      expect(await log.read('acme', ALL)).toEqual({ items: [slow, entry(1)] });
    });

    test('those behind a place are read oldest first, each once, up to a moment', async (log) => {
      for (const number of [2, 5, 4, 3, 1]) {
        await log.write('acme', entry(number, number > 2 ? { endedAt: NOW - 5_000 } : {}));
      }
      await log.write('acme-2', entry(0));
      const behind = async (place: RequestLogPlace, to: number, limit = 10) =>
        (await log.readAfter('acme', { after: place, to, limit })).map(({ id }) => Number(id));
      expect(await behind({ endedAt: 0, id: '' }, NOW)).toEqual([3, 4, 5, 2, 1]);
      expect(await behind({ endedAt: 0, id: '' }, NOW, 2)).toEqual([3, 4]);
      expect(await behind({ endedAt: NOW - 5_000, id: '' }, NOW - 2_000)).toEqual([3, 4, 5, 2]);
      expect(await behind({ endedAt: NOW - 5_000, id: entry(4).id }, NOW)).toEqual([5, 2, 1]);
      expect(await behind({ endedAt: NOW - 1_000, id: entry(1).id }, NOW)).toEqual([]);
      expect(await behind({ endedAt: NOW, id: '' }, NOW - 1_000)).toEqual([]);
    });

    test('a cursor that no page gave is refused', async (log) => {
      await expect(log.read('acme', { ...ALL, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'request.invalid' });
    });

    test('tenants have their own, and who goes takes it along', async (log) => {
      await log.write('acme', entry(1));
      await log.write('acme-2', entry(2));
      await log.removeTenant('acme');
      expect(await log.read('acme', ALL)).toEqual({ items: [] });
      expect(await log.read('acme-2', ALL)).toEqual({ items: [entry(2)] });
    });
  });
};
