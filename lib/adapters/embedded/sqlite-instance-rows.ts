import type { Status } from '../../core/records.ts';
import type { InstanceKey, NewInstance, Projection, Summary } from '../../ports/instance-store.ts';

/** What the conditions of writes look at. */
export interface HeadRow {
  readonly life: number;
  readonly incarnation: string;
  readonly status: Status;
  readonly journal_end: number;
  readonly inbox_seq: number;
  readonly inbox_taken: number;
  readonly wake_at: number | null;
  readonly lease_owner: string | null;
  readonly lease_until: number | null;
  readonly expires_at: number | null;
}

export const HEAD_COLUMNS = `life, incarnation, status, journal_end, inbox_seq, inbox_taken, wake_at, lease_owner,
  lease_until, expires_at`;

export interface SummaryRow extends HeadRow {
  readonly id: string;
  readonly seed: string;
  readonly version: string;
  readonly created_at: number;
  readonly position: number;
  readonly unclosed_claims: number;
  readonly projection: string;
  /** Of `origins`. */
  readonly body: string;
}

export const SUMMARY_COLUMNS = `i.life, i.incarnation, i.status, i.journal_end, i.inbox_seq, i.inbox_taken, i.wake_at,
  i.lease_owner, i.lease_until, i.expires_at, i.id, i.seed, i.version, i.created_at, i.position, i.unclosed_claims,
  i.projection, o.body`;

type Origin = Pick<NewInstance, 'envelope' | 'trigger' | 'retentionMs'>;

export const originText = (instance: NewInstance): string =>
  JSON.stringify({
    envelope: instance.envelope,
    trigger: instance.trigger,
    retentionMs: instance.retentionMs,
  } satisfies { [K in keyof Origin]: Origin[K] | undefined });

/** The part of a projection that no condition and no index looks at. */
type Shown = Pick<
  Projection,
  'startedAt' | 'endedAt' | 'waitingFor' | 'stepCount' | 'storedBytes' | 'output' | 'error'
>;

export const shownText = (projection: Omit<Projection, 'status'>): string =>
  JSON.stringify({
    startedAt: projection.startedAt,
    endedAt: projection.endedAt,
    waitingFor: projection.waitingFor,
    stepCount: projection.stepCount,
    storedBytes: projection.storedBytes,
    output: projection.output,
    error: projection.error,
  } satisfies { [K in keyof Shown]: Shown[K] | undefined });

/** JSON leaves out what is `undefined`, so the two texts hold exactly the optional fields that are there. */
export const toSummary = (key: Pick<InstanceKey, 'tenant' | 'workflow'>, row: SummaryRow): Summary => ({
  tenant: key.tenant,
  workflow: key.workflow,
  id: row.id,
  incarnation: row.incarnation,
  seed: row.seed,
  version: row.version,
  status: row.status,
  position: row.position,
  createdAt: row.created_at,
  ...(row.wake_at !== null && { wakeAt: row.wake_at }),
  inboxSeq: row.inbox_seq,
  unclosedClaims: row.unclosed_claims,
  ...(row.lease_owner !== null &&
    row.lease_until !== null && { lease: { owner: row.lease_owner, until: row.lease_until } }),
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(JSON.parse(row.body) as Origin),
  ...(JSON.parse(row.projection) as Shown),
});
