import { MAX_BUFFERED_EVENTS } from '../../core/limits.ts';
import { isFinal, type JournalRecord } from '../../core/records.ts';
import type { Clock } from '../../ports/clock.ts';
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
} from '../../ports/instance-store.ts';
import { decodeCursor } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { SqliteGarbage } from './sqlite-garbage.ts';
import { SqliteInbox } from './sqlite-inbox.ts';
import { SqliteInstanceList } from './sqlite-instance-list.ts';
import { type HeadRow, originText, type SummaryRow, shownText, toSummary } from './sqlite-instance-rows.ts';
import { prepareInstanceStatements } from './sqlite-instance-statements.ts';
import { encodeBatches, SqliteJournal } from './sqlite-journal.ts';
import { SqliteWorkflowNumbers } from './sqlite-workflow-numbers.ts';

const DONE: AppendResult = { kind: 'done' };
const CONFLICT: AppendResult = { kind: 'conflict' };

/**
 * Instances in SQLite. Every write is one operation of a group commit: it looks first, and writes only when its whole
 * condition holds, so that a refusal leaves nothing. Reads run at once: between groups the connection shows exactly
 * what is durable (`SqliteDatabase`).
 *
 * The inbox has no gaps here: number and item are written together.
 */
export class SqliteInstanceStore implements InstanceStore {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #inboxLimit: number;
  readonly #numbers: SqliteWorkflowNumbers;
  readonly #journal: SqliteJournal;
  readonly #inbox: SqliteInbox;
  readonly #garbage: SqliteGarbage;
  readonly #list: SqliteInstanceList;
  readonly #sql: ReturnType<typeof prepareInstanceStatements>;
  /** The highest number of a life that rows may still carry. */
  #lastLife: number;

  /** `clock` tells whether a row has expired. `inboxLimit`: items an inbox holds before it is `full`. */
  constructor(database: SqliteDatabase, options: { readonly clock: Clock; readonly inboxLimit?: number }) {
    this.#database = database;
    this.#clock = options.clock;
    this.#inboxLimit = options.inboxLimit ?? MAX_BUFFERED_EVENTS;
    this.#numbers = new SqliteWorkflowNumbers(database);
    this.#journal = new SqliteJournal(database);
    this.#inbox = new SqliteInbox(database);
    this.#garbage = new SqliteGarbage(database, this.#journal);
    this.#list = new SqliteInstanceList(database);
    this.#sql = prepareInstanceStatements(database);
    this.#lastLife = (this.#sql.lastLife.get()?.life as number | null | undefined) ?? 0;
    this.#garbage.collectLater();
  }

  create(instance: NewInstance): Promise<'created' | 'already_exists'> {
    const origin = originText(instance);
    const shown = shownText({ waitingFor: [], stepCount: 0 });
    return this.#database.write(() => {
      const workflow = this.#numbers.findOrAdd(instance.tenant, instance.workflow);
      const life = this.#nextLife();
      const insert = (): boolean =>
        this.#sql.insert.run(
          life,
          workflow,
          instance.id,
          instance.incarnation,
          instance.seed,
          instance.version,
          instance.createdAt,
          instance.isTurnBegun ? 1 : 0,
          instance.createdAt,
          instance.lease?.owner ?? null,
          instance.lease?.until ?? null,
          shown,
        ).changes === 1;
      if (!insert()) {
        const previous = this.#sql.head.get(workflow, instance.id) as HeadRow | undefined;
        if (previous === undefined || !this.#isExpired(previous)) return 'already_exists';
        this.#garbage.addInstance(previous.life);
        insert();
      }
      this.#sql.insertOrigin.run(life, origin);
      return 'created';
    });
  }

  async get(key: InstanceKey): Promise<Summary | undefined> {
    const row = this.#summary(key);
    return row === undefined || this.#isExpired(row) ? undefined : toSummary(key, row);
  }

  async list(params: ListParams): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> {
    const workflow = this.#numbers.find(params.tenant, params.workflow);
    if (workflow === undefined && params.cursor !== undefined) decodeCursor(params.cursor);
    return workflow === undefined ? { items: [] } : this.#list.read(workflow, params, this.#clock.now());
  }

  claim(params: {
    readonly key: InstanceKey;
    readonly lease: Lease;
    readonly now: number;
    readonly isForced?: boolean;
  }): Promise<ClaimResult> {
    const { key, lease, now } = params;
    return this.#database.write((): ClaimResult => {
      const head = this.#head(key, now);
      if (head === undefined) return { kind: 'not_found' };
      if (isFinal(head.status)) return { kind: 'idle' };
      const isLeaseLost = head.lease_until !== null && head.lease_until <= now;
      if (head.lease_until !== null && !isLeaseLost) return { kind: 'leased', until: head.lease_until };
      // A lease that ran out is work left undone, whatever the row says about waking (E6).
      const isDue = isLeaseLost || (head.wake_at !== null && head.wake_at <= now);
      if (!isDue && params.isForced !== true) return { kind: 'idle' };
      this.#sql.claim.run(lease.owner, lease.until, head.life);
      return { kind: 'claimed', summary: toSummary(key, this.#summary(key) as SummaryRow) };
    });
  }

  renew(params: { readonly key: InstanceKey; readonly incarnation: string; readonly lease: Lease }): Promise<boolean> {
    const { key, incarnation, lease } = params;
    return this.#database.write(() => {
      const head = this.#head(key);
      if (head === undefined || head.incarnation !== incarnation || head.lease_owner !== lease.owner) return false;
      this.#sql.renew.run(lease.until, head.life);
      return true;
    });
  }

  append(params: AppendParams): Promise<AppendResult> {
    const { key, incarnation, position, records, release } = params;
    const batches = encodeBatches(records);
    const shown = release === undefined ? undefined : shownText(release.projection);
    const end = position + records.length;
    return this.#database.write((): AppendResult => {
      const head = this.#head(key);
      if (head === undefined || head.incarnation !== incarnation || head.journal_end !== position) return CONFLICT;
      if (release?.owner !== undefined && head.lease_owner !== release.owner) return CONFLICT;
      this.#journal.add(head.life, position, batches);
      const takenSeq = release?.takenSeq;
      const isInboxTaken = takenSeq === undefined || takenSeq >= head.inbox_seq;
      if (release === undefined || shown === undefined || !isInboxTaken) {
        if (records.length > 0) this.#sql.extend.run(end, head.life);
        return isInboxTaken ? DONE : { kind: 'inbox_not_empty', inboxSeq: head.inbox_seq };
      }
      const hasTaken = takenSeq !== undefined && head.inbox_seq > head.inbox_taken;
      if (hasTaken) this.#inbox.dropTo(head.life, head.inbox_seq);
      const { status, wakeAt, expiresAt } = release.projection;
      this.#sql.release.run(
        status,
        end,
        hasTaken ? head.inbox_seq : head.inbox_taken,
        release.unclosedClaims,
        wakeAt ?? null,
        expiresAt ?? null,
        shown,
        release.version ?? null,
        head.life,
      );
      return DONE;
    });
  }

  async readJournal(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly from?: number;
  }): Promise<readonly JournalRecord[]> {
    const head = this.#head(params.key);
    return head?.incarnation === params.incarnation ? this.#journal.read(head.life, params.from ?? 0) : [];
  }

  accept(params: AcceptParams): Promise<AcceptResult> {
    const { key, item, now, idempotency } = params;
    const text = JSON.stringify(item);
    return this.#database.write((): AcceptResult => {
      const head = this.#head(key, now);
      if (head === undefined) return { kind: 'not_found' };
      const held = idempotency && this.#inbox.findKey(head.life, idempotency.key, now);
      if (held !== undefined) {
        const isSame = held.digest === idempotency?.digest;
        return isSame ? { kind: 'repeated', eventId: held.eventId } : { kind: 'idempotency_conflict' };
      }
      if (isFinal(head.status)) return { kind: 'finished' };
      if (head.inbox_seq - head.inbox_taken >= this.#inboxLimit) return { kind: 'full' };
      const seq = head.inbox_seq + 1;
      this.#inbox.add(head.life, seq, text);
      this.#sql.accept.run(seq, Math.min(head.wake_at ?? now, now), head.life);
      if (idempotency !== undefined && item.kind === 'event') {
        this.#inbox.holdKey(head.life, idempotency.key, { digest: idempotency.digest, eventId: item.eventId }, now);
      }
      return { kind: 'accepted', seq, incarnation: head.incarnation };
    });
  }

  async readInbox(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly { readonly seq: number; readonly item: InboxItem }[]> {
    const head = this.#head(params.key);
    return head?.incarnation === params.incarnation ? this.#inbox.read(head.life, params.afterSeq, params.limit) : [];
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
    const { records } = params;
    const batches = encodeBatches(records);
    const shown = shownText({ waitingFor: [], stepCount: params.stepCount });
    const isDone = await this.#database.write(() => {
      const head = this.#head(params.key);
      if (head === undefined || head.incarnation !== params.expected) return false;
      const life = this.#nextLife();
      this.#sql.reincarnate.run(
        life,
        params.incarnation,
        params.seed,
        params.version,
        records.length,
        records.length,
        params.now,
        shown,
        head.life,
      );
      this.#sql.moveOrigin.run(life, head.life);
      this.#inbox.moveKeys(head.life, life);
      this.#garbage.add(head.life);
      this.#journal.add(life, 0, batches);
      return true;
    });
    if (isDone) this.#garbage.collectLater();
    return isDone;
  }

  async remove(key: InstanceKey): Promise<boolean> {
    const isDone = await this.#database.write(() => {
      const head = this.#head(key);
      if (head !== undefined) this.#garbage.addInstance(head.life);
      return head !== undefined;
    });
    if (isDone) this.#garbage.collectLater();
    return isDone;
  }

  async findDue(params: { readonly now: number; readonly limit: number }): Promise<readonly InstanceKey[]> {
    return this.#list.findDue(params.now, params.limit);
  }

  async nextDueAt(): Promise<number | undefined> {
    return this.#list.nextDueAt();
  }

  /** Resolves when the rows are gone too; the tenant's instances are out of reach from the first commit on. */
  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => this.#numbers.removeTenant(tenant));
    await this.#garbage.collect();
  }

  async removeExpired(params: Parameters<InstanceStore['removeExpired']>[0]): Promise<number> {
    const { now, limit, clear } = params;
    const rows = this.#sql.expired.all(now, limit) as unknown as (InstanceKey & { readonly life: number })[];
    for (const { tenant, workflow, id } of rows) await clear({ tenant, workflow, id });
    const count = await this.#database.write(() => {
      this.#inbox.expireKeys(now, limit);
      // One that was created anew meanwhile has another life.
      const gone = rows.filter(({ life }) => this.#sql.isExpired.get(life, now) !== undefined);
      for (const { life } of gone) this.#garbage.addInstance(life);
      return gone.length;
    });
    if (count > 0) this.#garbage.collectLater();
    return count;
  }

  /**
   * For a process that has just locked the data folder: whoever held a lease is dead, so every leased instance becomes
   * due at `now`. That the host went down was not the doing of its turns, which run in processes of their own: their
   * claims do not count against the instances. Gives how many there were.
   */
  releaseAllLeases(now: number): Promise<number> {
    return this.#database.write(() => Number(this.#sql.releaseAll.run(now).changes));
  }

  #nextLife(): number {
    this.#lastLife += 1;
    return this.#lastLife;
  }

  #isExpired(row: HeadRow, now = this.#clock.now()): boolean {
    return row.expires_at !== null && row.expires_at <= now;
  }

  #head(key: InstanceKey, now?: number): HeadRow | undefined {
    const workflow = this.#numbers.find(key.tenant, key.workflow);
    if (workflow === undefined) return undefined;
    const row = this.#sql.head.get(workflow, key.id) as HeadRow | undefined;
    return row === undefined || this.#isExpired(row, now) ? undefined : row;
  }

  #summary(key: InstanceKey): SummaryRow | undefined {
    const workflow = this.#numbers.find(key.tenant, key.workflow);
    return workflow === undefined
      ? undefined
      : (this.#sql.summary.get(workflow, key.id) as unknown as SummaryRow | undefined);
  }
}
