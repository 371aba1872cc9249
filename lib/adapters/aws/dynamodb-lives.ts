import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/limits.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import type { DynamoJournal, JournalEnd } from './dynamodb-journal.ts';
import {
  dueKeys,
  idempotencyPrefix,
  inboxPrefix,
  instanceOf,
  instancePk,
  journalPrefix,
  journalSk,
  objectPrefix,
  originSk,
  type RowKey,
  removalKeys,
  summaryKey,
} from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';

/** How a life ends, in full: whoever finds the closing row can finish what its writer began. */
export type Ending =
  /** `born`: its first incarnation, by which rows are named that outlive restarts. */
  | { readonly kind: 'removed'; readonly born: string }
  | {
      readonly kind: 'reborn';
      readonly incarnation: string;
      readonly seed: string;
      readonly version: string;
      /** Records of the new life, already in their place. */
      readonly position: number;
      /** The shown part of its summary, JSON text. */
      readonly shown: string;
      readonly at: number;
      readonly inboxRoom: number;
    };

/** A writer that still works on a closing is left alone this long by the sweeper. */
const SETTLE_AFTER_MS = MINUTE_MS;
/** The places of a life that is over stay taken for longer than any turn lives. */
const CLOSED_FOR_MS = DAY_MS;
/** Appends may come in between; each try finds the new end. */
const MAX_TRIES = 100;

/**
 * Ends lives. Summary and journal are rows of their own, and there is no transaction: so a life is ended by taking the next
 * position of its journal with a row that says so. From then on no turn of that life appends (E3), with no cost to those
 * that do. Then the summary is switched or deleted, then the old rows are collected: those of the journal leave empty rows in
 * their places, since a turn that fell behind would find its next position free again; TTL takes them a day later. Every
 * later part can be done by anybody, any number of times: a sweeper finds closings that nobody finished.
 */
export class DynamoLives {
  readonly #table: DynamoTable;
  readonly #journal: DynamoJournal;
  readonly #blobs: Pick<BlobStore, 'remove'>;
  readonly #clock: Clock;

  constructor(params: {
    readonly table: DynamoTable;
    readonly journal: DynamoJournal;
    readonly blobs: Pick<BlobStore, 'remove'>;
    readonly clock: Clock;
  }) {
    this.#table = params.table;
    this.#journal = params.journal;
    this.#blobs = params.blobs;
    this.#clock = params.clock;
  }

  /** `false`: somebody else ended it first; that is finished then. */
  async end(key: InstanceKey, incarnation: string, ending: Ending): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const end = await this.#journal.end(key, incarnation);
      if (end.closing !== undefined) {
        await this.finish(key, end.closing);
        return false;
      }
      const row = await this.#close(key, incarnation, end, ending);
      if (row === undefined) continue;
      await this.finish(key, row);
      return true;
    }
    throw new Error('The instance is too busy to be ended right now.');
  }

  /** Does what a closing row says. Idempotent. */
  async finish(key: InstanceKey, closing: Row): Promise<void> {
    const sk = textIn(closing, 'sk');
    const incarnation = sk.split('#')[1] ?? '';
    const ending = JSON.parse(textIn(closing, 'closing')) as Ending;
    await this.#switch(key, incarnation, ending);
    // Settled before: a stale turn has come upon it.
    if (closing.wakeSk === undefined) return;
    await this.#collect(key, incarnation, ending, sk);
    await this.#table.update(
      { pk: instancePk(key), sk },
      { text: 'SET #ttl = :ttl REMOVE #wakePk, #wakeSk', values: { ttl: this.#closedUntil() } },
      { text: 'attribute_exists(#pk)' },
    );
  }

  /** Takes back the first records of a life that did not come. */
  async discard(key: InstanceKey, incarnation: string): Promise<void> {
    await this.#table.deleteAll(await this.#emptied(instancePk(key), journalPrefix(incarnation)));
  }

  /** For the sweeper, which has found the key of a closing row. */
  async resume(row: RowKey): Promise<void> {
    const closing = await this.#table.get(row);
    if (closing?.closing !== undefined) await this.finish(instanceOf(row.pk), closing);
  }

  /** `undefined`: an append came first. */
  async #close(key: InstanceKey, incarnation: string, end: JournalEnd, ending: Ending): Promise<Row | undefined> {
    const pk = instancePk(key);
    const write = newWriteId();
    const row: Row = {
      pk,
      sk: journalSk(incarnation, end.position),
      count: 0,
      write,
      closing: JSON.stringify(ending),
      ...removalKeys(pk, this.#clock.now() + SETTLE_AFTER_MS),
    };
    const result = await this.#table.put(row, { text: 'attribute_not_exists(#pk)' });
    return isOurs(result, write) ? row : undefined;
  }

  async #switch(key: InstanceKey, incarnation: string, ending: Ending): Promise<void> {
    const isCurrent = { text: '#life = :old', values: { old: incarnation } };
    switch (ending.kind) {
      case 'removed':
        await this.#table.delete(summaryKey(key), isCurrent);
        return;
      case 'reborn': {
        const { wakePk, wakeSk } = dueKeys(instancePk(key), ending.at);
        await this.#table.update(
          summaryKey(key),
          {
            text: `SET #life = :life, #seed = :seed, #version = :version, #state = :queued, #position = :position,
              #wakeAt = :at, #wakePk = :wakePk, #wakeSk = :wakeSk, #inbox = :zero, #taken = :zero, #room = :room,
              #claims = :zero, #shown = :shown
              REMOVE #holder, #until, #expiresAt, #ttl, #write, #shownZ, #shownRef`,
            values: {
              life: ending.incarnation,
              seed: ending.seed,
              version: ending.version,
              queued: 'queued',
              position: ending.position,
              at: ending.at,
              wakePk,
              wakeSk,
              zero: 0,
              room: ending.inboxRoom,
              shown: ending.shown,
            },
          },
          isCurrent,
        );
      }
    }
  }

  /** Everything of the life but its closing row, and of the instance where that is removed. */
  async #collect(key: InstanceKey, incarnation: string, ending: Ending, closingSk: string): Promise<void> {
    const pk = instancePk(key);
    const batches = await this.#emptied(pk, journalPrefix(incarnation));
    const ttl = this.#closedUntil();
    await this.#table.putAll(
      batches.filter(({ sk }) => sk !== closingSk).map((row) => ({ ...row, count: 0, isTaken: 1, ttl })),
    );
    const prefixes = [inboxPrefix(incarnation), objectPrefix(incarnation)];
    if (ending.kind === 'removed') prefixes.push(idempotencyPrefix(ending.born), originSk(ending.born));
    for (const prefix of prefixes) await this.#table.deleteAll(await this.#emptied(pk, prefix));
  }

  /** The rows below a prefix, after the objects that they refer to are gone: a row is what its object is found by. */
  async #emptied(pk: string, prefix: string): Promise<readonly RowKey[]> {
    const found: RowKey[] = [];
    for await (const row of this.#table.query({
      condition: { text: '#pk = :pk AND begins_with(#sk, :prefix)', values: { pk, prefix } },
      only: ['sk', 'recordsRef', 'shownRef', 'originRef'],
    })) {
      for (const object of [row.recordsRef, row.shownRef, row.originRef]) {
        if (typeof object === 'string') await this.#blobs.remove(object);
      }
      found.push({ pk, sk: textIn(row, 'sk') });
    }
    return found;
  }

  #closedUntil(): number {
    return Math.ceil((this.#clock.now() + CLOSED_FOR_MS) / SECOND_MS);
  }
}
