/** A workflow's own clock, and when it rings next. */
export interface Schedule {
  readonly tenant: string;
  readonly workflow: string;
  /** Five fields, UTC, with one space between them and names in capitals. */
  readonly cron: string;
  /** Epoch ms. */
  readonly nextAt: number;
}

export type ScheduleName = Pick<Schedule, 'tenant' | 'workflow' | 'cron'>;

export interface ScheduleStore {
  /** In place of those that the workflow had. */
  put(tenant: string, workflow: string, schedules: readonly Schedule[]): Promise<void>;
  /** Of a tenant, by workflow and cron. */
  list(tenant: string): Promise<readonly Schedule[]>;
  get(name: ScheduleName): Promise<Schedule | undefined>;
  /** Those that ring until then, epoch ms; earliest first. */
  listDue(params: { readonly until: number; readonly limit: number }): Promise<readonly Schedule[]>;
  /** `false`: it is gone, or somebody else has set it on. */
  advance(schedule: Schedule, nextAt: number): Promise<boolean>;
  removeTenant(tenant: string): Promise<void>;
}
