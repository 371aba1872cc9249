import type { InboxItem, Projection } from '../core/decide.ts';
import type { ErrorData, JournalRecord, Status, StoredValue, WaitingFor } from '../core/records.ts';

export type { InboxItem, Projection } from '../core/decide.ts';

/** An instance belongs to one tenant and one workflow; the id alone never names it. */
export interface InstanceKey {
  readonly tenant: string;
  readonly workflow: string;
  readonly id: string;
}

/** Who created an instance. */
export interface Trigger {
  readonly source: string;
  /** With `schedule`: the tick. Epoch ms. */
  readonly schedule?: { readonly cron: string; readonly scheduledAt: number };
}

export interface Lease {
  readonly owner: string;
  /** Epoch ms. */
  readonly until: number;
}

/** What is persisted beside the params: a routing hint, never an authorization. Plain JSON. */
export interface StoredEnvelope {
  readonly __dispatcherMetadata: Readonly<Record<string, unknown>>;
  /** `null`: created without params. The key is never absent, so that a JSON store cannot lose it. */
  readonly params: StoredValue | null;
}

/** The row that lists, claims and wake-ups read. A projection of the journal, but for lease, inbox and incarnation. */
export interface Summary extends InstanceKey {
  /** Random name of this life of the instance; part of every journal, inbox and payload key. */
  readonly incarnation: string;
  /** Seeds the deterministic random stream; kept by `restart from`, new with a plain `restart`. */
  readonly seed: string;
  readonly version: string;
  readonly status: Status;
  /** How many records the journal held at the last release. */
  readonly position: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** When the instance has something to do by itself; `undefined` when it only waits for others. */
  readonly wakeAt?: number;
  readonly waitingFor: readonly WaitingFor[];
  /** The highest inbox number given out. */
  readonly inboxSeq: number;
  /** Claims since the last clean release. */
  readonly unclosedClaims: number;
  readonly stepCount: number;
  /** As of the last release, where it is much. */
  readonly storedBytes?: number;
  readonly lease?: Lease;
  readonly envelope: StoredEnvelope;
  readonly trigger: Trigger;
  /** How long a finished instance is kept, ms, where it differs from the workflow's own setting. */
  readonly retentionMs?: number;
  /** Epoch ms; a row past it reads as not found. */
  readonly expiresAt?: number;
  readonly output?: StoredValue;
  readonly error?: ErrorData;
}

export interface NewInstance extends InstanceKey {
  readonly incarnation: string;
  readonly seed: string;
  readonly version: string;
  readonly createdAt: number;
  readonly envelope: StoredEnvelope;
  readonly trigger: Trigger;
  readonly retentionMs?: number;
  /** Claimed in the same write, for the first turn. */
  readonly lease?: Lease;
  /** The creator runs that turn itself: it counts as claimed. Absent: whoever is told of the lease may run it, or nobody. */
  readonly isTurnBegun?: true;
}

export interface AppendParams {
  readonly key: InstanceKey;
  readonly incarnation: string;
  /** Records already in the journal, as the writer knows it. Succeeds once per position. */
  readonly position: number;
  /** May be empty where only a release is wanted. */
  readonly records: readonly JournalRecord[];
  /** Ends the turn, or, without `owner`, the control call, in the same conditional write where the store can. */
  readonly release?: {
    /** The lease that must still be held; absent: whoever holds one loses it. */
    readonly owner?: string;
    /** Every inbox number up to here has been taken; a higher one refuses the release. Absent: not looked at. */
    readonly takenSeq?: number;
    /** As it stands from now on: 0 after a clean turn, else with the claim that this one ended. */
    readonly unclosedClaims: number;
    readonly projection: Projection;
    /** The version that goes on from here. @default the one that the instance has */
    readonly version?: string;
  };
}

export type AppendResult =
  /** All of it happened. */
  | { readonly kind: 'done' }
  /** Nothing happened: another turn, a control call or another incarnation was there first. */
  | { readonly kind: 'conflict' }
  /** The records are in; the release was refused since the inbox holds more. */
  | { readonly kind: 'inbox_not_empty'; readonly inboxSeq: number };

export interface AcceptParams {
  readonly key: InstanceKey;
  readonly item: InboxItem;
  /** Epoch ms; also becomes `wakeAt` where none earlier is set. */
  readonly now: number;
  /** Held 24 h per instance. `digest` tells whether the body is the same one. */
  readonly idempotency?: { readonly key: string; readonly digest: string };
}

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly seq: number; readonly incarnation: string }
  /** The same idempotency key and body came before. */
  | { readonly kind: 'repeated'; readonly eventId: string }
  | { readonly kind: 'idempotency_conflict' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'full' };

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly summary: Summary }
  | { readonly kind: 'not_found' }
  /** Finished, or nothing to do: no `wakeAt` that is due. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'leased'; readonly until: number };

export interface ListParams {
  readonly tenant: string;
  readonly workflow: string;
  readonly status?: Status;
  /** Bounds on `createdAt`, epoch ms, both included. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Journals, summaries and inboxes. `append` alone carries the engine: one conditional write is commit, fencing and
 * idempotency. Every method is atomic; a promise that resolves says that the write is on disk (or in the region).
 */
export interface InstanceStore {
  create(instance: NewInstance): Promise<'created' | 'already_exists'>;
  /** Strongly consistent. Rows past `expiresAt` read as absent. */
  get(key: InstanceKey): Promise<Summary | undefined>;
  list(params: ListParams): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }>;
  /** Takes the lease where none is held or it ran out and `wakeAt` is due (or `isForced`); raises `unclosedClaims`. */
  claim(params: {
    readonly key: InstanceKey;
    readonly lease: Lease;
    readonly now: number;
    readonly isForced?: boolean;
  }): Promise<ClaimResult>;
  /** `false`: the lease or the incarnation is no longer ours. */
  renew(params: { readonly key: InstanceKey; readonly incarnation: string; readonly lease: Lease }): Promise<boolean>;
  append(params: AppendParams): Promise<AppendResult>;
  /** In order, from `from` (a position) on. */
  readJournal(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly from?: number;
  }): Promise<readonly JournalRecord[]>;
  accept(params: AcceptParams): Promise<AcceptResult>;
  /** Items above `afterSeq` in order; a number whose item has not come yet is a gap. */
  readInbox(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly { readonly seq: number; readonly item: InboxItem }[]>;
  /**
   * A new life for an instance: `incarnation` takes the place of `expected` together with its first records, status
   * `queued`, due at once, inbox empty. `false`: it was no longer `expected`. Rows of the old life go afterwards.
   */
  reincarnate(params: {
    readonly key: InstanceKey;
    readonly expected: string;
    readonly incarnation: string;
    readonly seed: string;
    readonly version: string;
    readonly records: readonly JournalRecord[];
    readonly stepCount: number;
    readonly now: number;
  }): Promise<boolean>;
  /** `false`: there was none. */
  remove(key: InstanceKey): Promise<boolean>;
  /** Unfinished instances whose `wakeAt` is due and that nobody holds, and those whose lease ran out; oldest first. */
  findDue(params: { readonly now: number; readonly limit: number }): Promise<readonly InstanceKey[]>;
  /** The next moment at which `findDue` will have something; `undefined`: never by itself. */
  nextDueAt(): Promise<number | undefined>;
  /** Everything of a tenant. */
  removeTenant(tenant: string): Promise<void>;
  /**
   * Finished instances past `expiresAt` are removed; how many. `clear` takes away what lies beside the rows of one. It comes
   * before they go: after a crash the rows are still there to be found by, and it is called again.
   */
  removeExpired(params: {
    readonly now: number;
    readonly limit: number;
    readonly clear: (key: InstanceKey) => Promise<void>;
  }): Promise<number>;
}
