import type { JournalRecord } from '../../lib/core/records.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type {
  AppendParams,
  ClaimResult,
  InboxItem,
  InstanceKey,
  InstanceStore,
  NewInstance,
  Projection,
  Summary,
} from '../../lib/ports/instance-store.ts';
import { type ContractOptions, ManualClock, withStore } from './contract.ts';

export interface InstanceStoreSetup {
  readonly clock: Clock;
  /** Inbox items after which `accept` answers `full`. */
  readonly inboxLimit: number;
}

export type InstanceStoreContract = ContractOptions<InstanceStore, InstanceStoreSetup>;

export const INBOX_LIMIT = 5;
export const LEASE_MS = 30_000;

export const KEY: InstanceKey = { tenant: 'acme', workflow: 'Approval', id: 'order-1' };

/** The words that the suites of the instance store share, on one clock. */
export const instanceSuite = (contract: InstanceStoreContract) => {
  const clock = new ManualClock();
  const start = clock.at;
  const test = withStore(contract, () => {
    clock.at = start;
    return { clock, inboxLimit: INBOX_LIMIT };
  });
  return { clock, test, lease: (owner: string) => ({ owner, until: clock.at + LEASE_MS }) };
};

export const newInstance = (at: number, more: Partial<NewInstance> = {}): NewInstance => ({
  ...KEY,
  incarnation: 'life-1',
  seed: 'seed-1',
  version: 'v1',
  createdAt: at,
  envelope: { __dispatcherMetadata: { tenant: 'acme' }, params: '[{"amount":1},40]' },
  trigger: { source: 'api' },
  ...(more.lease !== undefined && { isTurnBegun: true }),
  ...more,
});

export const started = (at: number): JournalRecord => ({ kind: 'started', at });

export const slept = (count: number, at: number): JournalRecord => ({
  kind: 'sleep_started',
  step: { kind: 'sleep', name: 'nap', count },
  ordinal: count,
  at,
  until: at + 1_000,
});

export const event = (eventId: string, at: number): InboxItem => ({
  kind: 'event',
  eventId,
  eventType: 'approved',
  payload: '["yes"]',
  at,
});

export const completion = (at: number): InboxItem => ({
  kind: 'completion',
  step: { kind: 'do', name: 'ask', count: 2 },
  tokenHash: 'a'.repeat(64),
  digest: 'd'.repeat(64),
  outcome: { ok: false, error: { name: 'Error', message: 'no' } },
  at,
});

export const waiting = (more: Partial<Projection> = {}): Projection => ({
  status: 'waiting',
  waitingFor: [{ kind: 'event', name: 'approval', eventType: 'approved' }],
  stepCount: 0,
  ...more,
});

export const finished = (at: number, more: Partial<Projection> = {}): Projection => ({
  status: 'complete',
  startedAt: at,
  endedAt: at,
  waitingFor: [],
  stepCount: 0,
  ...more,
});

/** A release of a first turn; `projection` says into what. */
export const release = (projection: Projection, more: Partial<AppendParams> = {}): AppendParams => ({
  key: KEY,
  incarnation: 'life-1',
  position: 0,
  records: [],
  release: { unclosedClaims: 0, projection },
  ...more,
});

export const claimed = (result: ClaimResult): Summary => {
  if (result.kind !== 'claimed') throw new Error(`Not claimed: ${JSON.stringify(result)}`);
  return result.summary;
};

/** The row of an instance that must be there. */
export const read = async (store: InstanceStore, key: InstanceKey = KEY): Promise<Summary> => {
  const summary = await store.get(key);
  if (summary === undefined) throw new Error(`No instance ${key.id}`);
  return summary;
};
