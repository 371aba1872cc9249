import { addUnits, dayOf, NO_UNITS, type Units } from '../core/usage.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsageMeter, UsageOwner, UsageRow, UsageStore } from '../ports/usage.ts';

/**
 * Gathers units in memory, so that counting costs an instance no write. What has not been flushed when the process dies is
 * not charged: the error is in the tenant's favour, and no longer than the time between two flushes.
 */
export class GatheredUsage implements UsageMeter {
  readonly #clock: Clock;
  #rows = new Map<string, UsageRow>();
  #flushedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count({ tenant, workflow }: UsageOwner, units: Partial<Units>): void {
    const day = dayOf(this.#clock.now());
    const name = `${day}/${tenant}/${workflow ?? ''}`;
    const known = this.#rows.get(name)?.units ?? NO_UNITS;
    this.#rows.set(name, {
      tenant,
      day,
      ...(workflow !== undefined && { workflow }),
      units: addUnits(known, units),
    });
  }

  forget(tenant: string): void {
    for (const [name, row] of this.#rows) if (row.tenant === tenant) this.#rows.delete(name);
  }

  /** What has gathered, for whoever may write it down. Whole numbers: what is less than one stays for the next time. */
  take(): readonly UsageRow[] {
    const taken: UsageRow[] = [];
    for (const [name, row] of this.#rows) {
      const cpuMs = Math.floor(row.units.cpuMs);
      const rest = row.units.cpuMs - cpuMs;
      const units = { ...row.units, cpuMs };
      if (Object.values(units).some((count) => count > 0)) taken.push({ ...row, units });
      if (rest > 0) this.#rows.set(name, { ...row, units: { ...NO_UNITS, cpuMs: rest } });
      else this.#rows.delete(name);
    }
    return taken;
  }

  /** Writes down what has gathered, where the last time is that long ago; it is kept for the next time where that fails. */
  async flush(store: Pick<UsageStore, 'add'>, everyMs: number): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#flushedAt < everyMs) return;
    this.#flushedAt = now;
    const rows = this.take();
    if (rows.length === 0) return;
    try {
      await store.add(rows);
    } catch (error) {
      for (const { units, ...owner } of rows) this.count(owner, units);
      throw error;
    }
  }
}
