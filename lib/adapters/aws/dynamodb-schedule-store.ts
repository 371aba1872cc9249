import type { Schedule, ScheduleName, ScheduleStore } from '../../ports/schedule-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { type RowKey, SCHEDULED, scheduleSk, schedulesPk, timeText, WAKE_INDEX } from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';

/** A row a schedule, which stands in the wake index under the time when it rings. */
export class DynamoScheduleStore implements ScheduleStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async put(tenant: string, workflow: string, schedules: readonly Schedule[]): Promise<void> {
    const had = (await this.list(tenant)).filter((schedule) => schedule.workflow === workflow);
    const kept = new Set(schedules.map(({ cron }) => cron));
    await this.#table.deleteAll(had.filter(({ cron }) => !kept.has(cron)).map(keyOf));
    await this.#table.putAll(schedules.map(rowOf));
  }

  async list(tenant: string): Promise<readonly Schedule[]> {
    const schedules: Schedule[] = [];
    const condition = { text: '#pk = :pk', values: { pk: schedulesPk(tenant) } };
    for await (const row of this.#table.query({ condition })) schedules.push(toSchedule(row));
    return schedules;
  }

  async get(name: ScheduleName): Promise<Schedule | undefined> {
    const row = await this.#table.get(keyOf(name));
    return row && toSchedule(row);
  }

  async listDue({ until, limit }: { readonly until: number; readonly limit: number }): Promise<readonly Schedule[]> {
    const keys: RowKey[] = [];
    const condition = {
      text: '#wakePk = :scheduled AND #wakeSk <= :until',
      values: { scheduled: SCHEDULED, until: timeText(until) },
    };
    for await (const row of this.#table.query({ index: WAKE_INDEX, condition })) {
      keys.push({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') });
      if (keys.length >= limit) break;
    }
    // An index is behind for a moment: the rows say what is so.
    const schedules = (await this.#table.getAll(keys)).map(toSchedule);
    return schedules.filter(({ nextAt }) => nextAt <= until).toSorted((a, b) => a.nextAt - b.nextAt);
  }

  async advance(schedule: Schedule, nextAt: number): Promise<boolean> {
    const write = newWriteId();
    const condition = { text: '#nextAt = :from', values: { from: schedule.nextAt } };
    return isOurs(await this.#table.put({ ...rowOf({ ...schedule, nextAt }), write }, condition), write);
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#table.deleteAll((await this.list(tenant)).map(keyOf));
  }
}

const keyOf = ({ tenant, workflow, cron }: ScheduleName): RowKey => ({
  pk: schedulesPk(tenant),
  sk: scheduleSk(workflow, cron),
});

const rowOf = (schedule: Schedule): Row => ({
  ...keyOf(schedule),
  ...schedule,
  wakePk: SCHEDULED,
  wakeSk: timeText(schedule.nextAt),
});

const toSchedule = (row: Row): Schedule => ({
  tenant: textIn(row, 'tenant'),
  workflow: textIn(row, 'workflow'),
  cron: textIn(row, 'cron'),
  nextAt: Number(row.nextAt),
});
