import type { Schedule } from './schedule-store.ts';

/** Where whoever looks for what is due looks once a minute: has a schedule fired when it rings. */
export interface ScheduleTicks {
  request(schedule: Schedule): Promise<void>;
}
