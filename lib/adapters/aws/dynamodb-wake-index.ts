import { isFinal } from '../../core/records.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import { textIn } from './dynamodb-attributes.ts';
import { duePartitions, instanceOf, type RowKey, timeText, WAKE_INDEX } from './dynamodb-keys.ts';
import { HEAD_ATTRIBUTES, type Head, toHead } from './dynamodb-summary-rows.ts';
import type { DynamoTable, QueryStart } from './dynamodb-table.ts';

/** Entries of one partition that are read at a time. */
const PAGE = 100;

/** A row that the index names, and the time under which it does. */
interface Entry extends RowKey {
  readonly at: number;
}

/**
 * Reads the sparse index of what is due. It is no truth: an entry may be older than its row (an index follows within
 * moments) and stands under a time that is never later than the right one. So each row is read before it counts.
 */
export class DynamoWakeIndex {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async findDue(now: number, limit: number): Promise<readonly InstanceKey[]> {
    const found: { readonly key: InstanceKey; readonly at: number }[] = [];
    for await (const entries of inPages(this.entries(duePartitions, now))) {
      for (const due of await this.#dueOf(entries)) if (due.at <= now) found.push(due);
      if (found.length >= limit) break;
    }
    return found
      .toSorted((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ key }) => key);
  }

  async nextDueAt(): Promise<number | undefined> {
    let next: number | undefined;
    for await (const entries of inPages(this.entries(duePartitions, Number.MAX_SAFE_INTEGER))) {
      for (const { at } of await this.#dueOf(entries)) next = Math.min(next ?? at, at);
      // Those that follow are not due before the time that the index has for them.
      if (next !== undefined && (entries.at(-1)?.at ?? 0) >= next) break;
    }
    return next;
  }

  /** Entries up to `until` of all partitions, earliest first, read as far as they are asked for. */
  async *entries(partitions: readonly string[], until: number): AsyncGenerator<Entry, void, undefined> {
    const streams = partitions.map((partition) => new EntryStream(this.#table, partition, until));
    await Promise.all(streams.map((stream) => stream.fill()));
    for (;;) {
      let first: EntryStream | undefined;
      for (const stream of streams) {
        if (stream.head !== undefined && stream.head.at < (first?.head?.at ?? Number.POSITIVE_INFINITY)) first = stream;
      }
      if (first?.head === undefined) return;
      yield first.head;
      first.advance();
      await first.fill();
    }
  }

  async #dueOf(entries: readonly Entry[]): Promise<readonly { readonly key: InstanceKey; readonly at: number }[]> {
    const rows = await this.#table.getAll(entries, HEAD_ATTRIBUTES);
    return rows.flatMap((row) => {
      const at = dueAt(toHead(row));
      return at === undefined ? [] : [{ key: instanceOf(textIn(row, 'pk')), at }];
    });
  }
}

/** When an instance has something to do by itself: a lease that ran out is work left undone, whatever else the row says. */
export const dueAt = (head: Head): number | undefined => {
  if (isFinal(head.status)) return undefined;
  return head.lease?.until ?? head.wakeAt;
};

class EntryStream {
  readonly #table: DynamoTable;
  readonly #partition: string;
  readonly #until: number;
  #entries: Entry[] = [];
  #next: QueryStart | 'start' | undefined = 'start';

  constructor(table: DynamoTable, partition: string, until: number) {
    this.#table = table;
    this.#partition = partition;
    this.#until = until;
  }

  get head(): Entry | undefined {
    return this.#entries[0];
  }

  advance(): void {
    this.#entries.shift();
  }

  async fill(): Promise<void> {
    while (this.#entries.length === 0 && this.#next !== undefined) {
      const page = await this.#table.queryPage({
        index: WAKE_INDEX,
        condition: {
          text: '#wakePk = :partition AND #wakeSk <= :until',
          values: { partition: this.#partition, until: timeText(this.#until) },
        },
        limit: PAGE,
        ...(this.#next !== 'start' && { start: this.#next }),
      });
      this.#entries = page.rows.map((row) => ({
        pk: textIn(row, 'pk'),
        sk: textIn(row, 'sk'),
        at: Number(textIn(row, 'wakeSk')),
      }));
      this.#next = page.next;
    }
  }
}

async function* inPages<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[], void, undefined> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
