import { describe, expect } from 'vitest';
import { AUDIT_RETENTION_MS, DAY_MS } from '../../lib/core/limits.ts';
import type { AuditEntry, AuditLog } from '../../lib/ports/audit-log.ts';
import { type ContractOptions, withStore } from './contract.ts';

/** Shortly before the end of a UTC day; not long ago, since stores go by what the time is. */
const NOW = Math.floor(Date.now() / DAY_MS) * DAY_MS - 1;

const entry = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: String(number).padStart(32, '0'),
  at: NOW - number * DAY_MS,
  by: { kind: 'operator' },
  operation: 'DELETE /v1/tenants/{tenant}/keys/{keyId}',
  names: { keyId: 'k' },
  tenant: 'acme',
  traceId: 'a'.repeat(32),
  status: 204,
  ...more,
});

const ALL = { from: NOW - AUDIT_RETENTION_MS, to: NOW, limit: 50 };

/** What every `AuditLog` does, whatever it stands on. */
export const testAuditLog = (contract: ContractOptions<AuditLog, undefined>): void => {
  describe('an audit log', () => {
    const test = withStore(contract, () => undefined);

    test('an entry is there once it is written, and takes the outcome in its place', async (log) => {
      const { status: _, ...begun } = entry(1, { by: { kind: 'key', keyId: 'k1' } });
      await log.write(begun);
      expect(await log.read({ ...ALL, tenant: 'acme' })).toEqual({ items: [begun] });
      await log.write({ ...begun, status: 204 });
      expect(await log.read({ ...ALL, tenant: 'acme' })).toEqual({ items: [{ ...begun, status: 204 }] });
      expect(await log.read(ALL)).toEqual({ items: [{ ...begun, status: 204 }] });
    });

    test('all are read newest first over days without any, a tenant’s alone, and what concerns none', async (log) => {
      const { tenant: _, ...ofNone } = entry(30);
      const others = [entry(3), entry(4, { at: NOW, tenant: 'acme-2' }), ofNone, entry(0), entry(1, { tenant: 'a' })];
      for (const one of others) await log.write(one);
      const order = (items: readonly AuditEntry[]) => items.map(({ at, tenant }) => [(NOW - at) / DAY_MS, tenant]);
      const all = (await log.read(ALL)).items;
      expect(all.map(({ at }) => (NOW - at) / DAY_MS)).toEqual([0, 0, 1, 3, 30]);
      expect(all.at(-1)).toEqual(ofNone);
      expect(order((await log.read({ ...ALL, tenant: 'acme' })).items)).toEqual([
        [0, 'acme'],
        [3, 'acme'],
      ]);
    });

    test('both ends of a span are included', async (log) => {
      for (const number of [0, 1, 2, 3]) await log.write(entry(number));
      const span = { from: NOW - 2 * DAY_MS, to: NOW - DAY_MS, limit: 50 };
      for (const tenant of [{}, { tenant: 'acme' }]) {
        expect((await log.read({ ...span, ...tenant })).items.map(({ id }) => Number(id))).toEqual([1, 2]);
      }
    });

    test('pages hold each entry once, of one moment too, also while others come', async (log) => {
      const numbers = [0, 1, 2, 3, 4, 5, 6];
      for (const number of numbers) await log.write(entry(number, { at: NOW - Math.floor(number / 3) * DAY_MS }));
      for (const tenant of [{}, { tenant: 'acme' }]) {
        const found: number[] = [];
        let cursor: string | undefined;
        do {
          const page = await log.read({ ...ALL, ...tenant, limit: 2, ...(cursor !== undefined && { cursor }) });
          expect(page.items.length).toBeLessThanOrEqual(2);
          found.push(...page.items.map(({ id }) => Number(id)));
          cursor = page.cursor;
          await log.write(entry(9, { at: NOW }));
        } while (cursor !== undefined);
        expect(found.filter((number) => number !== 9).toSorted()).toEqual(numbers);
        expect(new Set(found).size).toBe(found.length);
      }
    });

    test('a cursor that no page gave is refused', async (log) => {
      const refused = { code: 'request.invalid' };
      await expect(log.read({ ...ALL, cursor: 'nonsense' })).rejects.toMatchObject(refused);
      await expect(log.read({ ...ALL, tenant: 'acme', cursor: 'nonsense' })).rejects.toMatchObject(refused);
    });
  });
};
