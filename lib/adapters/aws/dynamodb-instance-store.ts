import { carriedValue, liesBeside } from '../../core/carried-value.ts';
import { MAX_BUFFERED_EVENTS } from '../../core/limits.ts';
import { isFinal, type JournalRecord } from '../../core/records.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
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
import { textIn } from './dynamodb-attributes.ts';
import { DynamoInbox } from './dynamodb-inbox.ts';
import { DynamoInstanceList } from './dynamodb-instance-list.ts';
import { DynamoJournal } from './dynamodb-journal.ts';
import { instanceOf, removalPartitions, SUMMARY, summaryKey } from './dynamodb-keys.ts';
import { DynamoLives } from './dynamodb-lives.ts';
import { DynamoReleases } from './dynamodb-releases.ts';
import {
  DynamoSummaryRows,
  HEAD_ATTRIBUTES,
  type Head,
  isExpired,
  shownText,
  toHead,
} from './dynamodb-summary-rows.ts';
import type { DynamoTable } from './dynamodb-table.ts';
import { DynamoWakeIndex } from './dynamodb-wake-index.ts';
import { KnownLives } from './known-lives.ts';

/** Of a claim that loses to others who let go again at once. */
const MAX_CLAIM_TRIES = 3;
/** Instances of a tenant that are removed at a time. */
const REMOVALS_AT_A_TIME = 16;

/**
 * Instances in DynamoDB, by conditional writes alone (`dynamodb-keys.ts` has the rows and what each transition costs).
 *
 * Journal and summary are rows of their own, so that an append costs one write however large the summary is, and there is
 * no transaction. What the port asks of one write is kept so:
 * - A position is taken once: the row of that name can be put once (E3). A position beyond the end is refused by what this
 *   process has seen of the journal, or by a read where it has seen nothing (`known-lives.ts`).
 * - A life that is over appends nothing: it was ended by taking its next position (`dynamodb-lives.ts`).
 * - A release puts the records first, then changes the summary under the condition of lease, incarnation and inbox. In the
 *   moment between the two somebody else may get hold of the instance: then the records are in, which the port allows as
 *   any append, and the answer is `conflict`. Whoever has the instance comes upon them at its own next append.
 * - A lease that is in doubt is looked at before the records are put, so that a turn that lost it leaves nothing.
 */
export class DynamoInstanceStore implements InstanceStore {
  readonly #table: DynamoTable;
  readonly #clock: Clock;
  readonly #inboxLimit: number;
  readonly #known: KnownLives;
  readonly #rows: DynamoSummaryRows;
  readonly #journal: DynamoJournal;
  readonly #releases: DynamoReleases;
  readonly #inbox: DynamoInbox;
  readonly #lives: DynamoLives;
  readonly #list: DynamoInstanceList;
  readonly #wakes: DynamoWakeIndex;

  /** `clock` tells whether a row has expired. `inboxLimit`: items an inbox holds before it is `full`. */
  constructor(params: {
    readonly table: DynamoTable;
    readonly blobs: Pick<BlobStore, 'put' | 'get' | 'remove'>;
    readonly clock: Clock;
    readonly inboxLimit?: number;
  }) {
    const { table, blobs, clock } = params;
    this.#table = table;
    this.#clock = clock;
    this.#inboxLimit = params.inboxLimit ?? MAX_BUFFERED_EVENTS;
    this.#known = new KnownLives(clock);
    this.#rows = new DynamoSummaryRows(table, blobs);
    this.#journal = new DynamoJournal(table, blobs);
    this.#releases = new DynamoReleases({ table, rows: this.#rows, inboxLimit: this.#inboxLimit });
    this.#inbox = new DynamoInbox(table);
    this.#lives = new DynamoLives({ table, journal: this.#journal, blobs, clock });
    this.#list = new DynamoInstanceList(table, this.#rows);
    this.#wakes = new DynamoWakeIndex(table);
  }

  async create(instance: NewInstance): Promise<'created' | 'already_exists'> {
    const { summary, origin } = await this.#rows.rowsOf(instance, this.#inboxLimit);
    if (origin !== undefined) await this.#table.put(origin);
    for (;;) {
      const result = await this.#table.put(summary, { text: 'attribute_not_exists(#pk)' });
      const previous = result.kind === 'refused' && result.row !== undefined ? toHead(result.row) : undefined;
      // Our own row, whose success was unheard of, is told by its incarnation.
      if (result.kind === 'done' || previous?.incarnation === instance.incarnation) {
        this.#known.saw(instance, instance.incarnation, 0);
        this.#known.sawLease(instance, instance.incarnation, instance.lease);
        return 'created';
      }
      if (previous === undefined) continue;
      if (!isExpired(previous, this.#clock.now())) {
        if (origin !== undefined) await this.#table.deleteAll([{ pk: textIn(origin, 'pk'), sk: textIn(origin, 'sk') }]);
        return 'already_exists';
      }
      await this.#lives.end(instance, previous.incarnation, { kind: 'removed', born: previous.born });
    }
  }

  async get(key: InstanceKey): Promise<Summary | undefined> {
    const row = await this.#table.get(summaryKey(key));
    if (row === undefined || isExpired(toHead(row), this.#clock.now())) return undefined;
    const [summary] = await this.#rows.toSummaries([row]);
    if (summary === undefined) return undefined;
    this.#known.saw(key, summary.incarnation, summary.position);
    this.#known.sawLease(key, summary.incarnation, summary.lease);
    return summary;
  }

  /** What a watch that polls tells changes by; a renewal is none. */
  async look(key: InstanceKey): Promise<{ readonly mark: string; readonly isFinal: boolean } | undefined> {
    const head = await this.#current(key);
    if (head === undefined) return undefined;
    const { incarnation, status, write, inboxSeq, lease } = head;
    return { mark: [incarnation, status, write, inboxSeq, lease?.owner].join(' '), isFinal: isFinal(status) };
  }

  list(params: ListParams): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> {
    return this.#list.read(params, this.#clock.now());
  }

  async claim(params: {
    readonly key: InstanceKey;
    readonly lease: Lease;
    readonly now: number;
    readonly isForced?: boolean;
  }): Promise<ClaimResult> {
    const { key, lease, now, isForced } = params;
    for (let tries = 0; tries < MAX_CLAIM_TRIES; tries += 1) {
      const result = await this.#releases.claim(key, lease, now, isForced === true);
      if (result.kind === 'done') {
        const summary = await this.#rows.toSummary(result.row);
        this.#known.sawLease(key, summary.incarnation, lease);
        return { kind: 'claimed', summary };
      }
      if (result.row === undefined) return { kind: 'not_found' };
      const head = toHead(result.row);
      if (isExpired(head, now)) return { kind: 'not_found' };
      if (isFinal(head.status)) return { kind: 'idle' };
      if (head.lease !== undefined && head.lease.until > now) return { kind: 'leased', until: head.lease.until };
      const isDue = head.lease !== undefined || (head.wakeAt !== undefined && head.wakeAt <= now);
      if (!isDue && isForced !== true) return { kind: 'idle' };
    }
    return { kind: 'idle' };
  }

  async renew(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly lease: Lease;
  }): Promise<boolean> {
    const { key, incarnation, lease } = params;
    const isDone = await this.#releases.renew(key, incarnation, lease);
    this.#known.sawLease(key, incarnation, isDone ? lease : undefined);
    return isDone;
  }

  async append(params: AppendParams): Promise<AppendResult> {
    const { key, incarnation, position, records, release } = params;
    if (!(await this.#mayAppend(params))) return { kind: 'conflict' };
    // The whole journal in one row that may go by itself when the instance expires: nothing has to be collected then.
    const isWhole =
      position === 0 &&
      records.length > 0 &&
      release !== undefined &&
      !records.some((record) => liesBeside(carriedValue(record)));
    let ttl = isWhole ? this.#releases.ttlOf(release.projection) : undefined;
    if (records.length > 0) {
      const put = await this.#journal.put(key, incarnation, position, records, ttl);
      if (put.kind === 'taken') {
        this.#known.forget(key, incarnation);
        if (put.by.closing !== undefined) await this.#lives.finish(key, put.by);
        return { kind: 'conflict' };
      }
      if (put.isApart) ttl = undefined;
      this.#known.saw(key, incarnation, position + records.length);
    }
    if (release === undefined) return { kind: 'done' };
    const result = await this.#releases.release(params, release, ttl);
    if (result.kind !== 'inbox_not_empty') this.#known.sawLease(key, incarnation, undefined);
    return result;
  }

  async readJournal(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly from?: number;
  }): Promise<readonly JournalRecord[]> {
    const { key, incarnation } = params;
    const { records, end } = await this.#journal.read(key, incarnation, params.from ?? 0);
    // An empty journal may be that of a life that never was.
    if (end.closing === undefined && end.position > 0) this.#known.saw(key, incarnation, end.position);
    return records;
  }

  accept(params: AcceptParams): Promise<AcceptResult> {
    return this.#inbox.accept(params);
  }

  readInbox(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly { readonly seq: number; readonly item: InboxItem }[]> {
    return this.#inbox.read(params);
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
    const { key, expected, incarnation, seed, version, records, stepCount, now } = params;
    if ((await this.#current(key))?.incarnation !== expected) return false;
    // Under a name that nobody knows yet. Where the new life does not come, they are taken back.
    if (records.length > 0) await this.#journal.put(key, incarnation, 0, records);
    const isOurs = await this.#lives.end(key, expected, {
      kind: 'reborn',
      incarnation,
      seed,
      version,
      position: records.length,
      shown: shownText({ waitingFor: [], stepCount }),
      at: now,
      inboxRoom: this.#inboxLimit,
    });
    this.#known.forget(key, expected);
    if (!isOurs && records.length > 0) await this.#lives.discard(key, incarnation);
    return isOurs;
  }

  async remove(key: InstanceKey): Promise<boolean> {
    for (;;) {
      const head = await this.#current(key);
      if (head === undefined) return false;
      this.#known.forget(key, head.incarnation);
      if (await this.#lives.end(key, head.incarnation, { kind: 'removed', born: head.born })) return true;
    }
  }

  findDue(params: { readonly now: number; readonly limit: number }): Promise<readonly InstanceKey[]> {
    return this.#wakes.findDue(params.now, params.limit);
  }

  nextDueAt(): Promise<number | undefined> {
    return this.#wakes.nextDueAt();
  }

  /** Closing rows stay for a day, so that no turn that was at work writes anything more; they hold names and nothing else. */
  async removeTenant(tenant: string): Promise<void> {
    let removals: Promise<void>[] = [];
    for await (const key of this.#list.ofTenant(tenant)) {
      removals.push(this.#removeIfThere(key));
      if (removals.length < REMOVALS_AT_A_TIME) continue;
      await Promise.all(removals);
      removals = [];
    }
    await Promise.all(removals);
  }

  /** Also finishes what crashes left of lives that ended. Instances whose rows DynamoDB removes by itself are not counted. */
  async removeExpired(params: Parameters<InstanceStore['removeExpired']>[0]): Promise<number> {
    const { now, limit, clear } = params;
    let count = 0;
    for await (const entry of this.#wakes.entries(removalPartitions, now)) {
      if (count >= limit) break;
      if (entry.sk !== SUMMARY) {
        await this.#lives.resume(entry);
        continue;
      }
      const key = instanceOf(entry.pk);
      const head = await this.#head(key);
      if (head === undefined || !isExpired(head, now)) continue;
      await clear(key);
      this.#known.forget(key, head.incarnation);
      if (await this.#lives.end(key, head.incarnation, { kind: 'removed', born: head.born })) count += 1;
    }
    return count;
  }

  async #mayAppend({ key, incarnation, position, release }: AppendParams): Promise<boolean> {
    const end = this.#known.endOf(key, incarnation);
    if (end !== undefined && end > position) return false;
    const owner = release?.owner;
    const isLeaseInDoubt = owner !== undefined && !this.#known.isHeldBy(key, incarnation, owner);
    if (end === undefined || isLeaseInDoubt) {
      const head = await this.#current(key);
      if (head?.incarnation !== incarnation) return false;
      if (owner !== undefined && head.lease?.owner !== owner) return false;
    }
    if (end === position) return true;
    const found = await this.#journal.end(key, incarnation);
    if (found.closing !== undefined) {
      await this.#lives.finish(key, found.closing);
      return false;
    }
    this.#known.saw(key, incarnation, found.position);
    return found.position === position;
  }

  async #removeIfThere(key: InstanceKey): Promise<void> {
    const head = await this.#head(key);
    if (head === undefined) return;
    this.#known.forget(key, head.incarnation);
    if (!(await this.#lives.end(key, head.incarnation, { kind: 'removed', born: head.born }))) {
      await this.#removeIfThere(key);
    }
  }

  async #current(key: InstanceKey): Promise<Head | undefined> {
    const head = await this.#head(key);
    return head === undefined || isExpired(head, this.#clock.now()) ? undefined : head;
  }

  async #head(key: InstanceKey): Promise<Head | undefined> {
    const row = await this.#table.get(summaryKey(key), HEAD_ATTRIBUTES);
    return row && toHead(row);
  }
}
