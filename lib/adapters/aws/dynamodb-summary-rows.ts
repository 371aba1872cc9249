import { liesBeside } from '../../core/carried-value.ts';
import type { Status } from '../../core/records.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { InstanceKey, NewInstance, Projection, Summary } from '../../ports/instance-store.ts';
import { numberIn, numberOr, type Row, textIn } from './dynamodb-attributes.ts';
import { objectNameOf } from './dynamodb-journal.ts';
import { dueKeys, instanceListPk, instanceListSk, instanceOf, instancePk, originSk, SUMMARY } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';
import { type PackedText, packedAttributes, packedIn, packText, unpackText } from './packed-text.ts';

/**
 * The summary is rewritten with every transition and paid for by its whole size: what never changes and would push it
 * above 1 KB lies in a row of its own. Bytes as stored.
 */
const MAX_ORIGIN_BYTES = 450;

type Origin = Pick<NewInstance, 'envelope' | 'trigger' | 'retentionMs'>;
/** The part of a projection that no condition and no index looks at. */
type Shown = Pick<
  Projection,
  'startedAt' | 'endedAt' | 'waitingFor' | 'stepCount' | 'storedBytes' | 'output' | 'error'
>;

/** What the conditions of writes look at, short names since they are paid for: what each attribute of a summary means. */
export interface Head {
  /** `life` */
  readonly incarnation: string;
  /** The first incarnation; names what outlives restarts. */
  readonly born: string;
  /** `state` */
  readonly status: Status;
  /** `wakeAt` */
  readonly wakeAt: number | undefined;
  /** `inbox`: the highest number given out; `taken`: the last release that looked had taken up to here; `room`: how many more. */
  readonly inboxSeq: number;
  readonly inboxTaken: number;
  readonly inboxRoom: number;
  /** `holder`, `until` */
  readonly lease: Summary['lease'];
  readonly expiresAt: number | undefined;
  /** `write`: names the last claim or release, so that its writer knows it again. */
  readonly write: string | undefined;
}

export const HEAD_ATTRIBUTES = [
  'life',
  'state',
  'wakeAt',
  'inbox',
  'taken',
  'room',
  'holder',
  'until',
  'expiresAt',
  'write',
  'born',
] as const;

export const toHead = (row: Row): Head => ({
  incarnation: textIn(row, 'life'),
  born: textIn(row, 'born'),
  status: textIn(row, 'state') as Status,
  wakeAt: numberOr(row, 'wakeAt'),
  inboxSeq: numberIn(row, 'inbox'),
  inboxTaken: numberIn(row, 'taken'),
  inboxRoom: numberIn(row, 'room'),
  lease: typeof row.holder === 'string' ? { owner: row.holder, until: numberIn(row, 'until') } : undefined,
  expiresAt: numberOr(row, 'expiresAt'),
  write: typeof row.write === 'string' ? row.write : undefined,
});

export const isExpired = (head: { readonly expiresAt: number | undefined }, now: number): boolean =>
  head.expiresAt !== undefined && head.expiresAt <= now;

/** JSON text; what is `undefined` is left out. */
export const shownText = (projection: Omit<Projection, 'status'>): string =>
  JSON.stringify({
    startedAt: projection.startedAt,
    endedAt: projection.endedAt,
    waitingFor: projection.waitingFor,
    stepCount: projection.stepCount,
    storedBytes: projection.storedBytes,
    output: projection.output,
    error: projection.error,
  } satisfies { [K in keyof Shown]: Shown[K] | undefined });

/** Writes and reads whole summaries: the row, its origin where that is apart, and objects. */
export class DynamoSummaryRows {
  readonly #table: DynamoTable;
  readonly #blobs: Pick<BlobStore, 'put' | 'get'>;

  constructor(table: DynamoTable, blobs: Pick<BlobStore, 'put' | 'get'>) {
    this.#table = table;
    this.#blobs = blobs;
  }

  /** The rows of a new instance; `origin`, where there is one, is put first. */
  async rowsOf(
    instance: NewInstance,
    inboxLimit: number,
  ): Promise<{ readonly summary: Row; readonly origin: Row | undefined }> {
    const { incarnation, lease, createdAt } = instance;
    const pk = instancePk(instance);
    const text = JSON.stringify({
      envelope: instance.envelope,
      trigger: instance.trigger,
      retentionMs: instance.retentionMs,
    } satisfies { [K in keyof Origin]: Origin[K] | undefined });
    const { packed, bytes } = await packText(this.#blobs, text, objectNameOf(instance, incarnation, 'origin'));
    // Params that lie beside do not go by themselves: the row apart tells so when the instance ends.
    const isApart = bytes > MAX_ORIGIN_BYTES || 'object' in packed || liesBeside(instance.envelope.params);
    const { packed: shown } = await this.packShown(instance, incarnation, 'new', { waitingFor: [], stepCount: 0 });
    const summary: Row = {
      pk,
      sk: SUMMARY,
      life: incarnation,
      born: incarnation,
      seed: instance.seed,
      version: instance.version,
      state: 'queued',
      position: 0,
      createdAt,
      wakeAt: createdAt,
      inbox: 0,
      taken: 0,
      room: inboxLimit,
      claims: instance.isTurnBegun ? 1 : 0,
      ...(lease !== undefined && { holder: lease.owner, until: lease.until }),
      ...packedAttributes('shown', shown),
      ...(isApart ? { isApart: 1 } : packedAttributes('origin', packed)),
      listPk: instanceListPk(instance.tenant),
      listSk: instanceListSk(instance.workflow, createdAt, instance.id),
      // Not the end of the lease: whoever sweeps sees in the row that it is held, and no claim has to move this.
      ...dueKeys(pk, createdAt),
    };
    const origin = isApart ? { pk, sk: originSk(incarnation), ...packedAttributes('origin', packed) } : undefined;
    return { summary, origin };
  }

  async packShown(
    key: InstanceKey,
    incarnation: string,
    write: string,
    projection: Omit<Projection, 'status'>,
  ): Promise<{ readonly packed: PackedText }> {
    const text = shownText(projection);
    return packText(this.#blobs, text, objectNameOf(key, incarnation, `shown-${write}`));
  }

  async toSummary(row: Row): Promise<Summary> {
    const [summary] = await this.toSummaries([row]);
    if (summary === undefined) throw new Error('A summary without its origin.');
    return summary;
  }

  /** Leaves out an instance that was removed while this was reading. */
  async toSummaries(rows: readonly Row[]): Promise<readonly Summary[]> {
    const apart = rows.flatMap((row) =>
      row.isApart === undefined ? [] : [{ pk: textIn(row, 'pk'), sk: originSk(textIn(row, 'born')) }],
    );
    const origins = new Map((await this.#table.getAll(apart)).map((row) => [row.pk, row]));
    const summaries = await Promise.all(
      rows.map(async (row) => {
        const origin = packedIn(origins.get(String(row.pk)) ?? row, 'origin');
        const shown = packedIn(row, 'shown');
        if (origin === undefined || shown === undefined) return undefined;
        return compose(
          row,
          JSON.parse(await unpackText(this.#blobs, origin)) as Origin,
          JSON.parse(await unpackText(this.#blobs, shown)) as Shown,
        );
      }),
    );
    return summaries.filter((summary) => summary !== undefined);
  }
}

/** JSON leaves out what is `undefined`, so origin and shown hold exactly the optional fields that are there. */
const compose = (row: Row, origin: Origin, shown: Shown): Summary => {
  const { incarnation, status, wakeAt, inboxSeq, lease, expiresAt } = toHead(row);
  return {
    ...instanceOf(textIn(row, 'pk')),
    incarnation,
    seed: textIn(row, 'seed'),
    version: textIn(row, 'version'),
    status,
    position: numberIn(row, 'position'),
    createdAt: numberIn(row, 'createdAt'),
    ...(wakeAt !== undefined && { wakeAt }),
    inboxSeq,
    unclosedClaims: numberIn(row, 'claims'),
    ...(lease !== undefined && { lease }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...origin,
    ...shown,
  };
};
