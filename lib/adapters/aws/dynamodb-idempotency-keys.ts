import { createHash } from 'node:crypto';
import { DAY_MS, SECOND_MS } from '../../core/limits.ts';
import type { InboxItem, InstanceKey } from '../../ports/instance-store.ts';
import { numberIn, type Row, textIn } from './dynamodb-attributes.ts';
import { idempotencySk, inboxSk, instancePk, type RowKey } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';

/** A number of an inbox. */
export interface Place {
  readonly incarnation: string;
  readonly seq: number;
}

export interface HeldKey {
  readonly row: RowKey;
  readonly digest: string;
  readonly eventId: string;
  /** Where the event is, or is to be put next. */
  readonly place: Place;
}

/**
 * Idempotency keys say which event they stand for and under which number it goes. Whether it was accepted is told by the item
 * itself: so a sender that died on the way leaves a key that the next one with the same key completes, instead of an event
 * that was promised and never came.
 *
 * A number once put stays what it is. So the event moves on only when another item has its number, and never is in two.
 */
export class DynamoIdempotencyKeys {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  /** Held for 24 h from `now`. Not ours: it was held already, perhaps for another body. */
  async hold(
    key: InstanceKey,
    born: string,
    params: {
      readonly key: string;
      readonly digest: string;
      readonly eventId: string;
      readonly place: Place;
      readonly now: number;
    },
  ): Promise<{ readonly isOurs: boolean; readonly held: HeldKey }> {
    const { digest, eventId, place, now } = params;
    const name = createHash('sha256').update(params.key).digest('base64url');
    const row = { pk: instancePk(key), sk: idempotencySk(born, name) };
    const until = now + DAY_MS;
    const result = await this.#table.put(
      { ...row, digest, eventId, ...place, until, ttl: Math.ceil(until / SECOND_MS) },
      { text: 'attribute_not_exists(#pk) OR #until <= :now', values: { now } },
    );
    if (result.kind === 'done') return { isOurs: true, held: { row, digest, eventId, place } };
    const held = heldIn(row, result.row);
    return { isOurs: held.eventId === eventId, held };
  }

  /** Names the event's next number, where another item has the one before. `there`: the event is under its number. */
  async move(
    held: HeldKey,
    to: Place,
  ): Promise<{ readonly kind: 'moved'; readonly held: HeldKey } | { readonly kind: 'there'; readonly held: HeldKey }> {
    if (held.place.incarnation === to.incarnation) {
      // Ahead of what the caller has seen: it looks again.
      if (held.place.seq >= to.seq) return { kind: 'moved', held };
      if (await this.isThere(held)) return { kind: 'there', held };
    }
    const result = await this.#table.update(
      held.row,
      { text: 'SET #incarnation = :incarnation, #seq = :seq', values: { ...to } },
      {
        text: '#eventId = :eventId AND #incarnation = :fromIncarnation AND #seq = :fromSeq',
        values: { eventId: held.eventId, fromIncarnation: held.place.incarnation, fromSeq: held.place.seq },
      },
    );
    if (result.kind === 'done') return { kind: 'moved', held: { ...held, place: to } };
    const found = heldIn(held.row, result.row);
    if (found.eventId !== held.eventId) throw new Error('Another event has taken the idempotency key.');
    return this.move(found, to);
  }

  async isThere({ row, place, eventId }: HeldKey): Promise<boolean> {
    const item = await this.#table.get({ pk: row.pk, sk: inboxSk(place.incarnation, place.seq) });
    return eventIdOf(item) === eventId;
  }

  /** For an event that was refused: its key may be used again. */
  async free({ row, eventId }: HeldKey): Promise<void> {
    await this.#table.delete(row, { text: '#eventId = :eventId', values: { eventId } });
  }
}

export const eventIdOf = (row: Row | undefined): string | undefined => {
  if (row === undefined) return undefined;
  const item = JSON.parse(textIn(row, 'item')) as InboxItem;
  return item.kind === 'event' ? item.eventId : undefined;
};

const heldIn = (key: RowKey, row: Row | undefined): HeldKey => {
  if (row === undefined) throw new Error('An idempotency key came and went.');
  return {
    row: key,
    digest: textIn(row, 'digest'),
    eventId: textIn(row, 'eventId'),
    place: { incarnation: textIn(row, 'incarnation'), seq: numberIn(row, 'seq') },
  };
};
