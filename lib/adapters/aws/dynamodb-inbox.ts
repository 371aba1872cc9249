import { DAY_MS, SECOND_MS } from '../../core/limits.ts';
import { isFinal } from '../../core/records.ts';
import type { AcceptParams, AcceptResult, InboxItem, InstanceKey } from '../../ports/instance-store.ts';
import { textIn } from './dynamodb-attributes.ts';
import { DynamoIdempotencyKeys, eventIdOf, type HeldKey, type Place } from './dynamodb-idempotency-keys.ts';
import { dueKeys, inboxSk, instancePk, placeOf, summaryKey } from './dynamodb-keys.ts';
import { HEAD_ATTRIBUTES, type Head, isExpired, toHead } from './dynamodb-summary-rows.ts';
import type { DynamoTable } from './dynamodb-table.ts';

/** Senders to one instance at once stand in each other's way; each try is somebody's success. */
const MAX_TRIES = 200;
/** Items go with their life; this is for one that came too late for that. */
const LEFT_BEHIND_MS = 400 * DAY_MS;

/**
 * What comes in beside a running turn. An item is put under the next number first and counted on the summary second; only
 * what is counted is read. So there are no gaps, and whoever finds an item that is not counted yet, its sender being slow or
 * dead, counts it and goes on. That takes no more writes than the other order, which would leave gaps to be waited out.
 */
export class DynamoInbox {
  readonly #table: DynamoTable;
  readonly #keys: DynamoIdempotencyKeys;

  constructor(table: DynamoTable) {
    this.#table = table;
    this.#keys = new DynamoIdempotencyKeys(table);
  }

  async accept({ key, item, now, idempotency }: AcceptParams): Promise<AcceptResult> {
    if (idempotency === undefined || item.kind !== 'event') return this.#send(key, item, now);

    const head = await this.#head(key);
    if (head === undefined || isExpired(head, now)) return { kind: 'not_found' };
    const place = { incarnation: head.incarnation, seq: head.inboxSeq + 1 };
    const { isOurs, held } = await this.#keys.hold(key, head.born, {
      ...idempotency,
      eventId: item.eventId,
      place,
      now,
    });
    if (isOurs) return this.#send(key, item, now, held);
    if (held.digest !== idempotency.digest) return { kind: 'idempotency_conflict' };
    const repeated: AcceptResult = { kind: 'repeated', eventId: held.eventId };
    if (await this.#isAccepted(held, head)) return repeated;
    // Held, and its event is nowhere: the sender is at work or died. The same event is sent again in its name.
    const sent = await this.#send(key, { ...item, eventId: held.eventId }, now, held);
    return sent.kind === 'accepted' ? repeated : sent;
  }

  /** Items that are counted and were not taken by a release; nothing of a life that is over. */
  async read(params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly { readonly seq: number; readonly item: InboxItem }[]> {
    const { key, incarnation, limit } = params;
    const head = await this.#head(key);
    if (head?.incarnation !== incarnation) return [];
    const after = Math.max(params.afterSeq, head.inboxTaken);
    if (after >= head.inboxSeq) return [];
    const items: { seq: number; item: InboxItem }[] = [];
    for await (const row of this.#table.query({
      condition: {
        text: '#pk = :pk AND #sk BETWEEN :first AND :last',
        values: {
          pk: instancePk(key),
          first: inboxSk(incarnation, after + 1),
          last: inboxSk(incarnation, Math.min(head.inboxSeq, after + limit)),
        },
      },
    })) {
      items.push({ seq: placeOf(textIn(row, 'sk')), item: JSON.parse(textIn(row, 'item')) as InboxItem });
    }
    return items;
  }

  /** The restart of an instance clears its inbox: an event of an earlier life counts as accepted. */
  async #isAccepted(held: HeldKey, head: Head): Promise<boolean> {
    if (held.place.incarnation !== head.incarnation) return true;
    return held.place.seq <= head.inboxSeq && (await this.#keys.isThere(held));
  }

  /** `held`: the idempotency key that the event came with; it goes where the event goes. */
  async #send(key: InstanceKey, item: InboxItem, now: number, held?: HeldKey): Promise<AcceptResult> {
    const refuse = async (result: AcceptResult): Promise<AcceptResult> => {
      if (held !== undefined) await this.#keys.free(held);
      return result;
    };
    let ours: Place | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const head = await this.#head(key);
      if (head === undefined || isExpired(head, now)) return refuse({ kind: 'not_found' });
      const place = { incarnation: head.incarnation, seq: head.inboxSeq + 1 };
      if (ours?.incarnation !== place.incarnation) ours = undefined;
      if (ours !== undefined && ours.seq < place.seq) return { kind: 'accepted', ...ours };
      if (held !== undefined && ours === undefined) {
        const moved = await this.#keys.move(held, place);
        if (moved.kind === 'there') return { kind: 'accepted', ...moved.held.place };
        held = moved.held;
        if (held.place.seq !== place.seq) continue;
      }
      if (isFinal(head.status)) return refuse({ kind: 'finished' });
      if (head.inboxRoom <= 0) return refuse({ kind: 'full' });
      if (ours === undefined && (await this.#put(key, place, item, now))) ours = place;
      if ((await this.#raise(key, head, now)) && ours !== undefined) return { kind: 'accepted', ...ours };
    }
    throw new Error('Too many events come to the instance at once.');
  }

  /** `false`: another item has the number. */
  async #put(key: InstanceKey, place: Place, item: InboxItem, now: number): Promise<boolean> {
    const row = {
      pk: instancePk(key),
      sk: inboxSk(place.incarnation, place.seq),
      item: JSON.stringify(item),
      ttl: Math.ceil((now + LEFT_BEHIND_MS) / SECOND_MS),
    };
    const result = await this.#table.put(row, { text: 'attribute_not_exists(#pk)' });
    // Our own, its success unheard of; or the same event, sent in our name.
    return result.kind === 'done' || (item.kind === 'event' && eventIdOf(result.row) === item.eventId);
  }

  /** Counts the item that has been put under the next number, whoever put it. `false`: look again. */
  async #raise(key: InstanceKey, head: Head, now: number): Promise<boolean> {
    const isDueNow = head.wakeAt === undefined || head.wakeAt > now;
    const due = isDueNow ? { at: now, ...dueKeys(instancePk(key), now) } : {};
    const result = await this.#table.update(
      summaryKey(key),
      {
        text: `SET #inbox = :next, #room = :left${isDueNow ? ', #wakeAt = :at, #wakePk = :wakePk, #wakeSk = :wakeSk' : ''}`,
        values: { next: head.inboxSeq + 1, left: head.inboxRoom - 1, ...due },
      },
      {
        text: `#life = :life AND #inbox = :inbox AND #room = :room AND #state = :state AND ${
          head.wakeAt === undefined ? 'attribute_not_exists(#wakeAt)' : '#wakeAt = :before'
        }`,
        values: {
          life: head.incarnation,
          inbox: head.inboxSeq,
          room: head.inboxRoom,
          state: head.status,
          ...(head.wakeAt !== undefined && { before: head.wakeAt }),
        },
      },
    );
    return result.kind === 'done';
  }

  async #head(key: InstanceKey): Promise<Head | undefined> {
    const row = await this.#table.get(summaryKey(key), HEAD_ATTRIBUTES);
    return row && toHead(row);
  }
}
