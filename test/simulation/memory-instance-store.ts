import { decodeCursor, toPage } from '../../lib/adapters/embedded/page-cursor.ts';
import { DAY_MS, MAX_BUFFERED_EVENTS } from '../../lib/core/limits.ts';
import { isFinal, type JournalRecord } from '../../lib/core/records.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type {
  AcceptParams,
  AcceptResult,
  AppendParams,
  AppendResult,
  ClaimResult,
  InboxItem,
  InstanceKey,
  InstanceStore,
  Lease,
  ListParams,
  NewInstance,
  Summary,
} from '../../lib/ports/instance-store.ts';

interface Row {
  /** Replaced as a whole, never changed: what was given out stays as it was. */
  summary: Summary;
  journal: JournalRecord[];
  /** By number; those up to `takenSeq` are gone. */
  inbox: Map<number, InboxItem>;
  readonly keys: Map<string, { readonly digest: string; readonly eventId: string; readonly until: number }>;
}

/**
 * An instance store in plain maps for the simulation: every call happens at once, in the order of the calls, and its
 * promise is resolved already. What it holds survives a crash of the simulated process, which holds none of it itself.
 */
export class MemoryInstanceStore implements InstanceStore {
  readonly #clock: Clock;
  readonly #inboxLimit: number;
  readonly #rows = new Map<string, Row>();

  constructor(options: { readonly clock: Clock; readonly inboxLimit?: number }) {
    this.#clock = options.clock;
    this.#inboxLimit = options.inboxLimit ?? MAX_BUFFERED_EVENTS;
  }

  async create(instance: NewInstance): Promise<'created' | 'already_exists'> {
    if (this.#find(instance) !== undefined) return 'already_exists';
    const summary: Summary = {
      ...instance,
      status: 'queued',
      position: 0,
      wakeAt: instance.createdAt,
      waitingFor: [],
      inboxSeq: 0,
      unclosedClaims: instance.isTurnBegun ? 1 : 0,
      stepCount: 0,
    };
    this.#rows.set(nameOf(instance), { summary, journal: [], inbox: new Map(), keys: new Map() });
    return 'created';
  }

  async get(key: InstanceKey): Promise<Summary | undefined> {
    return this.#find(key)?.summary;
  }

  async list(params: ListParams): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> {
    const after = params.cursor === undefined ? undefined : decodeCursor(params.cursor);
    const now = this.#clock.now();
    const rows = this.#summaries()
      .filter((row) => row.tenant === params.tenant && row.workflow === params.workflow && !isExpired(row, now))
      .filter((row) => params.status === undefined || row.status === params.status)
      .filter((row) => row.createdAt >= (params.from ?? 0) && row.createdAt <= (params.to ?? Number.MAX_SAFE_INTEGER))
      .filter((row) => after === undefined || comparePlaces([row.createdAt, row.id], [after.at, after.name]) < 0)
      .sort((a, b) => comparePlaces([b.createdAt, b.id], [a.createdAt, a.id]));
    return toPage(rows, params.limit, (row) => ({ at: row.createdAt, name: row.id }));
  }

  async claim(params: {
    readonly key: InstanceKey;
    readonly lease: Lease;
    readonly now: number;
    readonly isForced?: boolean;
  }): Promise<ClaimResult> {
    const { lease, now } = params;
    const row = this.#find(params.key, now);
    if (row === undefined) return { kind: 'not_found' };
    const { summary } = row;
    if (isFinal(summary.status)) return { kind: 'idle' };
    if (summary.lease !== undefined && summary.lease.until > now) return { kind: 'leased', until: summary.lease.until };
    const isDue = summary.lease !== undefined || (summary.wakeAt !== undefined && summary.wakeAt <= now);
    if (!isDue && params.isForced !== true) return { kind: 'idle' };
    row.summary = { ...summary, lease, unclosedClaims: summary.unclosedClaims + 1 };
    return { kind: 'claimed', summary: row.summary };
  }

  async renew(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly lease: Lease;
  }): Promise<boolean> {
    const row = this.#find(params.key);
    if (row?.summary.incarnation !== params.incarnation) return false;
    if (row.summary.lease?.owner !== params.lease.owner) return false;
    row.summary = { ...row.summary, lease: params.lease };
    return true;
  }

  async append(params: AppendParams): Promise<AppendResult> {
    const { records, release } = params;
    const row = this.#find(params.key);
    if (row?.summary.incarnation !== params.incarnation) return { kind: 'conflict' };
    if (row.journal.length !== params.position) return { kind: 'conflict' };
    const { summary } = row;
    if (release?.owner !== undefined && summary.lease?.owner !== release.owner) return { kind: 'conflict' };
    for (const record of records) row.journal.push(record);
    if (release === undefined) return { kind: 'done' };
    if (release.takenSeq !== undefined) {
      if (release.takenSeq < summary.inboxSeq) return { kind: 'inbox_not_empty', inboxSeq: summary.inboxSeq };
      row.inbox.clear();
    }
    const { tenant, workflow, id, incarnation, seed, version, createdAt, inboxSeq, envelope, trigger } = summary;
    row.summary = {
      ...{ tenant, workflow, id, incarnation, seed, version, createdAt, inboxSeq, envelope, trigger },
      ...(summary.retentionMs !== undefined && { retentionMs: summary.retentionMs }),
      ...release.projection,
      position: row.journal.length,
      unclosedClaims: release.unclosedClaims,
      ...(release.version !== undefined && { version: release.version }),
    };
    return { kind: 'done' };
  }

  async readJournal(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly from?: number;
  }): Promise<readonly JournalRecord[]> {
    const row = this.#find(params.key);
    return row?.summary.incarnation === params.incarnation ? row.journal.slice(params.from ?? 0) : [];
  }

  async accept(params: AcceptParams): Promise<AcceptResult> {
    const { item, now, idempotency } = params;
    const row = this.#find(params.key, now);
    if (row === undefined) return { kind: 'not_found' };
    const held = idempotency && row.keys.get(idempotency.key);
    if (held !== undefined && held.until > now) {
      const isSame = held.digest === idempotency?.digest;
      return isSame ? { kind: 'repeated', eventId: held.eventId } : { kind: 'idempotency_conflict' };
    }
    const { summary } = row;
    if (isFinal(summary.status)) return { kind: 'finished' };
    if (row.inbox.size >= this.#inboxLimit) return { kind: 'full' };
    const seq = summary.inboxSeq + 1;
    row.inbox.set(seq, item);
    row.summary = { ...summary, inboxSeq: seq, wakeAt: Math.min(summary.wakeAt ?? now, now) };
    if (idempotency !== undefined && item.kind === 'event') {
      row.keys.set(idempotency.key, { digest: idempotency.digest, eventId: item.eventId, until: now + DAY_MS });
    }
    return { kind: 'accepted', seq, incarnation: summary.incarnation };
  }

  async readInbox(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly { readonly seq: number; readonly item: InboxItem }[]> {
    const row = this.#find(params.key);
    if (row?.summary.incarnation !== params.incarnation) return [];
    return [...row.inbox]
      .filter(([seq]) => seq > params.afterSeq)
      .slice(0, params.limit)
      .map(([seq, item]) => ({ seq, item }));
  }

  async reincarnate(params: {
    readonly key: InstanceKey;
    readonly expected: string;
    readonly incarnation: string;
    readonly seed: string;
    readonly version: string;
    readonly records: readonly JournalRecord[];
    readonly stepCount: number;
    readonly now: number;
  }): Promise<boolean> {
    const row = this.#find(params.key);
    if (row?.summary.incarnation !== params.expected) return false;
    const { tenant, workflow, id, createdAt, envelope, trigger, retentionMs } = row.summary;
    row.journal = [...params.records];
    row.inbox = new Map();
    row.summary = {
      ...{ tenant, workflow, id, createdAt, envelope, trigger },
      ...(retentionMs !== undefined && { retentionMs }),
      incarnation: params.incarnation,
      seed: params.seed,
      version: params.version,
      status: 'queued',
      position: params.records.length,
      wakeAt: params.now,
      waitingFor: [],
      inboxSeq: 0,
      unclosedClaims: 0,
      stepCount: params.stepCount,
    };
    return true;
  }

  async remove(key: InstanceKey): Promise<boolean> {
    const isThere = this.#find(key) !== undefined;
    return isThere && this.#rows.delete(nameOf(key));
  }

  async findDue(params: { readonly now: number; readonly limit: number }): Promise<readonly InstanceKey[]> {
    return this.#summaries()
      .filter((row) => dueAt(row) <= params.now)
      .sort((a, b) => dueAt(a) - dueAt(b))
      .slice(0, params.limit)
      .map(({ tenant, workflow, id }) => ({ tenant, workflow, id }));
  }

  async nextDueAt(): Promise<number | undefined> {
    let next = Number.POSITIVE_INFINITY;
    for (const row of this.#rows.values()) next = Math.min(next, dueAt(row.summary));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  async removeTenant(tenant: string): Promise<void> {
    for (const [name, row] of this.#rows) if (row.summary.tenant === tenant) this.#rows.delete(name);
  }

  async removeExpired(params: Parameters<InstanceStore['removeExpired']>[0]): Promise<number> {
    const expired = this.#summaries()
      .filter((row) => isExpired(row, params.now))
      .slice(0, params.limit);
    for (const row of expired) {
      await params.clear({ tenant: row.tenant, workflow: row.workflow, id: row.id });
      this.#rows.delete(nameOf(row));
    }
    return expired.length;
  }

  /** As the embedded store does it at a start: whoever held a lease is dead, and that counts against no instance. */
  async releaseAllLeases(now: number): Promise<number> {
    let count = 0;
    for (const row of this.#rows.values()) {
      const { lease, ...rest } = row.summary;
      if (lease === undefined) continue;
      row.summary = { ...rest, wakeAt: now, unclosedClaims: 0 };
      count += 1;
    }
    return count;
  }

  #summaries(): Summary[] {
    return Array.from(this.#rows.values(), (row) => row.summary);
  }

  #find(key: InstanceKey, now = this.#clock.now()): Row | undefined {
    const row = this.#rows.get(nameOf(key));
    return row === undefined || isExpired(row.summary, now) ? undefined : row;
  }
}

const nameOf = (key: InstanceKey): string => `${key.tenant}/${key.workflow}/${key.id}`;

const isExpired = (row: Summary, now: number): boolean => row.expiresAt !== undefined && row.expiresAt <= now;

const dueAt = (row: Summary): number =>
  isFinal(row.status) ? Number.POSITIVE_INFINITY : (row.lease?.until ?? row.wakeAt ?? Number.POSITIVE_INFINITY);

/** Newest last; by code units within one moment, as a database's binary order has it. */
const comparePlaces = ([at, id]: readonly [number, string], [otherAt, otherId]: readonly [number, string]): number =>
  at - otherAt || (id === otherId ? 0 : id < otherId ? -1 : 1);
