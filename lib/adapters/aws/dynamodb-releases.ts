import { DAY_MS, SECOND_MS } from '../../core/limits.ts';
import { isFinal } from '../../core/records.ts';
import type { AppendParams, AppendResult, InstanceKey, Lease, Projection } from '../../ports/instance-store.ts';
import type { Row } from './dynamodb-attributes.ts';
import { dueKeys, instancePk, objectSk, removalKeys, summaryKey } from './dynamodb-keys.ts';
import { type DynamoSummaryRows, toHead } from './dynamodb-summary-rows.ts';
import { type DynamoTable, newWriteId, type WriteResult } from './dynamodb-table.ts';
import { packedAttributes } from './packed-text.ts';

type Release = NonNullable<AppendParams['release']>;

/** Rows stay so long after they read as absent: no reader that has just seen them finds half of them gone. */
const TTL_MARGIN_MS = DAY_MS;

const FINAL = { complete: 'complete', errored: 'errored', terminated: 'terminated' };
const IS_UNFINISHED = 'NOT #state IN (:complete, :errored, :terminated)';

/** The lease's way on the summary row: claimed, renewed, released, each in one conditional update. */
export class DynamoReleases {
  readonly #table: DynamoTable;
  readonly #rows: DynamoSummaryRows;
  readonly #inboxLimit: number;

  constructor(params: {
    readonly table: DynamoTable;
    readonly rows: DynamoSummaryRows;
    readonly inboxLimit: number;
  }) {
    this.#table = params.table;
    this.#rows = params.rows;
    this.#inboxLimit = params.inboxLimit;
  }

  /** A lease that ran out is work left undone, whatever the row says about waking (E6). */
  async claim(key: InstanceKey, lease: Lease, now: number, isForced: boolean): Promise<WriteResult> {
    // An instance that nothing wakes is found by the end of this lease, where its turn dies.
    const { wakePk, wakeSk } = dueKeys(instancePk(key), lease.until);
    const write = newWriteId();
    const result = await this.#table.update(
      summaryKey(key),
      {
        text: `SET #holder = :owner, #until = :until, #claims = #claims + :one, #write = :write,
          #wakePk = if_not_exists(#wakePk, :wakePk), #wakeSk = if_not_exists(#wakeSk, :wakeSk)`,
        values: { owner: lease.owner, until: lease.until, one: 1, write, wakePk, wakeSk },
      },
      {
        text: `${IS_UNFINISHED} AND (attribute_not_exists(#expiresAt) OR #expiresAt > :now)
          AND (#until <= :now OR (attribute_not_exists(#holder)${isForced ? '' : ' AND #wakeAt <= :now'}))`,
        values: { ...FINAL, now },
      },
    );
    // Done already: the answer to the first try was lost.
    return result.row?.write === write ? { kind: 'done', row: result.row } : result;
  }

  async renew(key: InstanceKey, incarnation: string, lease: Lease): Promise<boolean> {
    const result = await this.#table.update(
      summaryKey(key),
      { text: 'SET #until = :until', values: { until: lease.until } },
      { text: '#life = :life AND #holder = :owner', values: { life: incarnation, owner: lease.owner } },
    );
    return result.kind === 'done';
  }

  /** Epoch seconds after which the rows of an instance that ends so may go by themselves. */
  ttlOf({ status, expiresAt }: Projection): number | undefined {
    return isFinal(status) && expiresAt !== undefined ? Math.ceil((expiresAt + TTL_MARGIN_MS) / SECOND_MS) : undefined;
  }

  /** `ttl`: the whole journal goes by itself then, so that the summary may too. */
  async release(
    { key, incarnation, position, records }: AppendParams,
    release: Release,
    ttl: number | undefined,
  ): Promise<AppendResult> {
    const { owner, takenSeq, unclosedClaims, projection, version } = release;
    const write = newWriteId();
    const { packed } = await this.#rows.packShown(key, incarnation, write, projection);
    if ('object' in packed) {
      // So that the object is found when the life is collected.
      await this.#table.put({ pk: instancePk(key), sk: objectSk(incarnation, write), shownRef: packed.object });
    }
    const sets: Record<string, string | number | Uint8Array> = {
      state: projection.status,
      position: position + records.length,
      write,
      ...packedAttributes('shown', packed),
      claims: unclosedClaims,
      ...(version !== undefined && { version }),
      ...(takenSeq !== undefined && { room: this.#inboxLimit }),
      ...(projection.wakeAt !== undefined && { wakeAt: projection.wakeAt }),
      ...(projection.expiresAt !== undefined && { expiresAt: projection.expiresAt }),
      ...this.#placeOf(key, projection, 'object' in packed ? undefined : ttl),
    };
    const removes = [
      'holder',
      'until',
      'shown',
      'shownZ',
      'shownRef',
      'wakeAt',
      'expiresAt',
      'ttl',
      'wakePk',
      'wakeSk',
    ];
    const text = `SET ${Object.keys(sets)
      .map((name) => `#${name} = :set_${name}`)
      .join(', ')}${takenSeq === undefined ? '' : ', #taken = #inbox'} REMOVE ${removes
      .filter((name) => !(name in sets))
      .map((name) => `#${name}`)
      .join(', ')}`;
    const conditions = ['#life = :life'];
    if (owner !== undefined) conditions.push('#holder = :owner');
    if (takenSeq !== undefined) conditions.push('#inbox <= :takenSeq');
    const result = await this.#table.update(
      summaryKey(key),
      { text, values: Object.fromEntries(Object.entries(sets).map(([name, value]) => [`set_${name}`, value])) },
      {
        text: conditions.join(' AND '),
        values: {
          life: incarnation,
          ...(owner !== undefined && { owner }),
          ...(takenSeq !== undefined && { takenSeq }),
        },
      },
    );
    if (result.kind === 'refused') return refusalOf(result.row, incarnation, release, write);
    // Rows beside that do not go by themselves: the sweeper takes them all.
    const { isApart, inbox } = result.row;
    const hasMore = isApart !== undefined || inbox !== 0;
    if (hasMore && result.row.ttl !== undefined) await this.#leaveToSweeper(key, write, projection);
    return { kind: 'done' };
  }

  async #leaveToSweeper(key: InstanceKey, write: string, { expiresAt = 0 }: Projection): Promise<void> {
    await this.#table.update(
      summaryKey(key),
      {
        text: 'SET #wakePk = :wakePk, #wakeSk = :wakeSk REMOVE #ttl',
        values: { ...removalKeys(instancePk(key), expiresAt) },
      },
      { text: '#write = :write', values: { write } },
    );
  }

  /** Where the wake index has the instance: due, to be removed, or nowhere. */
  #placeOf(key: InstanceKey, projection: Projection, ttl: number | undefined): Row {
    const { status, wakeAt, expiresAt } = projection;
    if (!isFinal(status)) return wakeAt === undefined ? {} : dueKeys(instancePk(key), wakeAt);
    if (expiresAt === undefined) return {};
    return ttl === undefined ? removalKeys(instancePk(key), expiresAt) : { ttl };
  }
}

const refusalOf = (row: Row | undefined, incarnation: string, release: Release, write: string): AppendResult => {
  if (row === undefined) return { kind: 'conflict' };
  const head = toHead(row);
  // Done already: the answer to the first try was lost.
  if (head.write === write) return { kind: 'done' };
  const isOurs =
    head.incarnation === incarnation && (release.owner === undefined || head.lease?.owner === release.owner);
  return isOurs ? { kind: 'inbox_not_empty', inboxSeq: head.inboxSeq } : { kind: 'conflict' };
};
