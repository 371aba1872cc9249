import { dayOf } from '../../core/usage.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';

/**
 * The key design: one table, two indexes, and everything that is asked of them.
 *
 * Every row of a tenant has a partition key that begins with `T#<tenant>#`, so that credentials limited to those leading
 * keys reach that tenant's rows and no others. `#` is in no name. Four kinds of row stand apart: what finds an API key, since
 * who asks does not know the tenant yet, what a tenant has used and who did what, which are not the tenant's to write, and the
 * operator's policies.
 *
 * | pk | sk | row |
 * |---|---|---|
 * | `T#<tenant>#I#<workflow>#<id>` | `S` | summary of an instance: lease, projection, inbox counters |
 * | same | `O#<born>` | envelope, trigger, retention, where they are too long for the summary; `born`: its first incarnation |
 * | same | `J#<incarnation>#<position>` | one batch of the journal, or what keeps the place of one in a life that is over (`dynamodb-lives.ts`) |
 * | same | `Q#<incarnation>#<seq>` | one item of the inbox |
 * | same | `B#<incarnation>#<write>` | name of an object that the summary refers to, so that it goes with the life |
 * | same | `K#<born>#<digest>` | an idempotency key, held through restarts |
 * | `T#<tenant>#A` | `T`, `K#<time>#<keyId>`, `E#<name>`, `R#<second>` | the tenant, its API keys, its `env`, instances created in a second |
 * | `T#<tenant>#B` | `B#<bundle>`, `V#<version>`, `ACTIVE`, `S#<workflow>` | bundles, versions, the active one, settings |
 * | `T#<tenant>#P` | `<version>` | the latest replay check of a version |
 * | `T#<tenant>#W` | `<workflow>#<cron>` | a schedule of a workflow |
 * | `T#<tenant>#L` | `<workflow>#S#<slot>`, `<workflow>#Q#<place>` | who is at work at the same time, who waits for that; without a workflow: of the tenant as a whole |
 * | `T#<tenant>#S` | a key of the tenant's own | what its code keeps in `env.STORAGE` |
 * | `T#<tenant>#O` | a key of the tenant's own | what `env.BUCKET` has by that key, and which object of S3 holds it |
 * | `T#<tenant>#O#R` | `-` | how many bytes those objects have together |
 * | `T#<tenant>#C` | a key of the tenant's own | `env.CACHE`; rows with a time to live |
 * | `K#<hash>` | `K` | key to tenant |
 * | `POLICIES` | `<policy>` | a rule of the operator's |
 * | `U#<tenant>` | `<day>#<workflow>` | units used, out of reach for what runs in the tenant's own machine |
 * | `T#<tenant>#F` | `<time>#<id>` | what `default.fetch` said in one request; rows with a time to live |
 * | `A#<tenant>` | `<time>#<id>` | an entry of the audit log, out of that reach too; rows with a time to live; without a tenant where it concerns no one |
 *
 * Both indexes project keys only: what lists show and what sweeps judge is read from the rows, so that leases, renewals,
 * statuses and journals never write to an index.
 *
 * | index | listPk / wakePk | listSk / wakeSk | asked for |
 * |---|---|---|---|
 * | `list` | `T#<tenant>#I` | `<workflow>#<createdAt>#<id>` | instances of a workflow, newest first; all of a tenant |
 * | | `T#<tenant>#V` | `<createdAt>#<version>` | versions, newest first |
 * | | `TENANTS` | `<tenant>` | tenants by name |
 * | | `A#<day>` | `<time>#<id>` | entries of the audit log of a UTC day |
 * | `wake` (sparse) | `D#<shard>` | `<at>` | unfinished instances with something to do: overdue ones (E6) |
 * | | `X#<shard>` | `<at>` | finished instances to be removed, lives whose rows are to be collected |
 * | | `VALIDATING` | `<createdAt>` | bundles whose validation was cut off |
 * | | `CHECKING` | `<createdAt>` | checks that have not ended |
 * | | `SCHEDULED` | `<nextAt>` | schedules, by when they ring |
 *
 * `wakeSk` is never later than the moment at which the instance is due. A claim leaves it: whoever sweeps reads the row
 * and passes over one that is held. So neither claim nor renewal costs an index write.
 *
 * Write units per transition, rows below 1 KB, indexes counted (`test/contracts/dynamodb-units.test.ts` prints them):
 *
 * | transition | table | list | wake | |
 * |---|---|---|---|---|
 * | create, with or without lease | 1 | 1 | 1 | +1 for an envelope above 450 bytes deflated |
 * | claim, renew | 1 | 0 | 0 | wake +1 where nothing but a forced claim makes it due |
 * | append | 1 | 0 | 0 | per KB after deflation |
 * | release | 1 | 0 | 0..2 | the append of its records apart; wake 1 when it ends or comes in, 2 when it moves |
 * | event, pause, resume | 2 | 0 | 0..2 | item and counter; +1 with an idempotency key |
 * | terminate | 2 | 0 | 1..2 | record and summary |
 * | restart, remove | 3 + rows of the old life | 0 (1) | 3..4 | closing, switch, settling; rare |
 * | turn with a concurrency limit | 2 | 0 | 0 | slot taken and given back; a wait in line +2, and a claim with its release |
 * | removal after retention | 0 | 0 | 0 | by TTL where one batch is the whole journal and nothing lies beside, else as remove |
 *
 * Ten pure steps: create 3, one batch 1, release 2: 6. With a claim apart: 7. A pure step is a share of a batch of up to 64 records.
 * An effectful step is one append. A write of `env.STORAGE` is one unit for each KB, twice that within a transaction of several;
 * an object of `env.BUCKET` is two, and one more where it takes another's place.
 */
export const tableDefinition = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; DynamoDB removes rows past it when it gets to it, at no cost. */
  timeToLive: 'ttl',
  /** All keys are strings; both project keys only. */
  indexes: [
    { name: 'list', partitionKey: 'listPk', sortKey: 'listSk' },
    { name: 'wake', partitionKey: 'wakePk', sortKey: 'wakeSk' },
  ],
} as const;

export const LIST_INDEX = 'list';
export const WAKE_INDEX = 'wake';

/**
 * Partitions of what is due. Each takes 1,000 writes a second, and an instance that ends in one turn makes two: 32 carry
 * 10,000 instances a second with room for uneven shares. A sweep asks each once, 16 read units.
 */
export const DUE_SHARDS = 32;
/** Partitions of what is to be removed: nothing there is urgent. */
export const REMOVAL_SHARDS = 8;

export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

export const SUMMARY = 'S';

/** Epoch ms as text that sorts as the number does. */
export const timeText = (at: number): string => String(Math.max(0, Math.ceil(at))).padStart(16, '0');
const placeText = (place: number): string => String(place).padStart(8, '0');

export const instancePk = ({ tenant, workflow, id }: InstanceKey): string => `T#${tenant}#I#${workflow}#${id}`;
export const summaryKey = (key: InstanceKey): RowKey => ({ pk: instancePk(key), sk: SUMMARY });
export const originSk = (born: string): string => `O#${born}`;
export const journalPrefix = (incarnation: string): string => `J#${incarnation}#`;
export const journalSk = (incarnation: string, position: number): string =>
  journalPrefix(incarnation) + placeText(position);
export const inboxPrefix = (incarnation: string): string => `Q#${incarnation}#`;
export const inboxSk = (incarnation: string, seq: number): string => inboxPrefix(incarnation) + placeText(seq);
export const objectPrefix = (incarnation: string): string => `B#${incarnation}#`;
export const objectSk = (incarnation: string, write: string): string => objectPrefix(incarnation) + write;
export const idempotencyPrefix = (born: string): string => `K#${born}#`;
export const idempotencySk = (born: string, digest: string): string => idempotencyPrefix(born) + digest;

/** The instance that a row belongs to, by its partition key. */
export const instanceOf = (pk: string): InstanceKey => {
  const [, tenant, , workflow, id] = pk.split('#');
  if (tenant === undefined || workflow === undefined || id === undefined) throw new Error(`No instance: ${pk}`);
  return { tenant, workflow, id };
};

/** The number at the end of a sort key of journal or inbox. */
export const placeOf = (sk: string): number => Number(sk.slice(sk.lastIndexOf('#') + 1));

export const instanceListPk = (tenant: string): string => `T#${tenant}#I`;
export const instanceListSk = (workflow: string, createdAt: number, id: string): string =>
  `${workflow}#${timeText(createdAt)}#${id}`;

export const accountPk = (tenant: string): string => `T#${tenant}#A`;
export const allowanceSk = (second: number): string => `R#${second}`;
export const bundlesPk = (tenant: string): string => `T#${tenant}#B`;
export const checksPk = (tenant: string): string => `T#${tenant}#P`;
export const schedulesPk = (tenant: string): string => `T#${tenant}#W`;
export const scheduleSk = (workflow: string, cron: string): string => `${workflow}#${cron}`;
export const versionListPk = (tenant: string): string => `T#${tenant}#V`;

export const slotsPk = (tenant: string): string => `T#${tenant}#L`;
/** `workflow` empty: the tenant's as a whole. */
export const slotPrefix = (workflow: string): string => `${workflow}#S#`;
export const slotSk = (workflow: string, slot: number): string => slotPrefix(workflow) + placeText(slot);
export const ticketPrefix = (workflow: string): string => `${workflow}#Q#`;
export const ticketSk = (workflow: string, ticket: InstanceKey & { readonly createdAt: number }): string =>
  `${ticketPrefix(workflow)}${timeText(ticket.createdAt)}#${ticket.workflow}#${ticket.id}`;

export const cachePk = (tenant: string): string => `T#${tenant}#C`;
export const objectsPk = (tenant: string): string => `T#${tenant}#O`;
export const storagePk = (tenant: string): string => `T#${tenant}#S`;
/** Beside a partition of values: what the tenant keeps elsewhere under its keys. */
export const reservedPk = (pk: string): string => `${pk}#R`;

export const usagePk = (tenant: string): string => `U#${tenant}`;
/** `workflow` empty: the tenant's as a whole. */
export const usageSk = (day: string, workflow: string): string => `${day}#${workflow}`;

/** `tenant` absent: what concerns no one tenant. */
export const requestLogPk = (tenant: string): string => `T#${tenant}#F`;
export const requestLogSk = (at: number, id: string): string => `${timeText(at)}#${id}`;

export const auditPk = (tenant = ''): string => `A#${tenant}`;
export const auditSk = (at: number, id: string): string => `${timeText(at)}#${id}`;
export const auditListPk = (at: number): string => `A#${dayOf(at)}`;

/** The operator's policies, of whichever tenants. */
export const POLICIES = 'POLICIES';

/** All tenants in the list index; bundles being validated in the wake index. */
export const TENANTS = 'TENANTS';
export const VALIDATING = 'VALIDATING';
/** Schedules by when they ring, in the wake index. */
export const SCHEDULED = 'SCHEDULED';
/** Checks that run, in the wake index. */
export const CHECKING = 'CHECKING';

/** FNV-1a: spreads evenly, and is the same in every process. */
const shardOf = (text: string, shards: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % shards;
};

/** Index keys of an instance that is due at `at`. */
export const dueKeys = (pk: string, at: number): { readonly wakePk: string; readonly wakeSk: string } => ({
  wakePk: `D#${shardOf(pk, DUE_SHARDS)}`,
  wakeSk: timeText(at),
});

/** Index keys of what is to be removed from `at` on. */
export const removalKeys = (pk: string, at: number): { readonly wakePk: string; readonly wakeSk: string } => ({
  wakePk: `X#${shardOf(pk, REMOVAL_SHARDS)}`,
  wakeSk: timeText(at),
});

export const duePartitions = Array.from({ length: DUE_SHARDS }, (_, shard) => `D#${shard}`);
export const removalPartitions = Array.from({ length: REMOVAL_SHARDS }, (_, shard) => `X#${shard}`);
