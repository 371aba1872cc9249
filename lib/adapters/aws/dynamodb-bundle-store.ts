import type { Bundle, BundleStatus, BundleStore, Version, WorkflowSettings } from '../../ports/bundle-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import {
  bundlesPk,
  LIST_INDEX,
  type RowKey,
  timeText,
  VALIDATING,
  versionListPk,
  WAKE_INDEX,
} from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';
import { decodeCursor, encodeCursor } from './index-cursor.ts';

const ACTIVE = 'ACTIVE';
const CURSOR = /^\d{16}#[A-Za-z0-9_-]{1,100}$/;

/** Bundles, the versions made of them, which one is active, and the settings of workflows. */
export class DynamoBundleStore implements BundleStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async createBundle(bundle: Bundle): Promise<void> {
    const result = await this.#table.put(bundleRow(bundle), { text: 'attribute_not_exists(#pk)' });
    if (result.kind === 'refused' && result.row?.body !== JSON.stringify(bundle)) {
      throw new Error('There is a bundle of that id.');
    }
  }

  async getBundle(tenant: string, id: string): Promise<Bundle | undefined> {
    return bodyOf<Bundle>(await this.#table.get({ pk: bundlesPk(tenant), sk: `B#${id}` }));
  }

  async updateBundle(bundle: Bundle, expected: BundleStatus): Promise<boolean> {
    const write = newWriteId();
    const condition = { text: '#state = :expected', values: { expected } };
    return isOurs(await this.#table.put({ ...bundleRow(bundle), write }, condition), write);
  }

  async listValidating(): Promise<readonly Bundle[]> {
    const keys: RowKey[] = [];
    for await (const row of this.#table.query({
      index: WAKE_INDEX,
      condition: { text: '#wakePk = :validating', values: { validating: VALIDATING } },
    })) {
      keys.push({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') });
    }
    const rows = await this.#table.getAll(keys);
    const bundles = rows.map((row) => JSON.parse(textIn(row, 'body')) as Bundle);
    return bundles.filter(({ status }) => status === 'validating');
  }

  async addVersion(version: Version, activate: boolean): Promise<void> {
    await this.#table.put(versionRow(version), { text: 'attribute_not_exists(#pk)' });
    if (activate) await this.activateVersion(version.tenant, version.version);
  }

  async getVersion(tenant: string, version: string): Promise<Version | undefined> {
    return bodyOf<Version>(await this.#table.get(versionKey(tenant, version)));
  }

  async listVersions(params: {
    readonly tenant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Version[]; readonly cursor?: string }> {
    const { tenant, limit } = params;
    const before = params.cursor === undefined ? '~' : decodeCursor(params.cursor, CURSOR);
    const { rows } = await this.#table.queryPage({
      index: LIST_INDEX,
      condition: { text: '#listPk = :pk AND #listSk < :before', values: { pk: versionListPk(tenant), before } },
      isDescending: true,
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const found = await this.#table.getAll(shown.map((row) => ({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') })));
    const items = found.map((row) => JSON.parse(textIn(row, 'body')) as Version);
    const last = shown.at(-1);
    return rows.length > limit && last !== undefined
      ? { items, cursor: encodeCursor(textIn(last, 'listSk')) }
      : { items };
  }

  /** One read: a version never changes, so the row that says which one is active holds it. */
  async getActiveVersion(tenant: string): Promise<Version | undefined> {
    return bodyOf<Version>(await this.#table.get({ pk: bundlesPk(tenant), sk: ACTIVE }));
  }

  async activateVersion(tenant: string, version: string): Promise<boolean> {
    const row = await this.#table.get(versionKey(tenant, version));
    if (row === undefined) return false;
    await this.#table.put({ pk: bundlesPk(tenant), sk: ACTIVE, body: textIn(row, 'body') });
    return true;
  }

  async getWorkflowSettings(tenant: string, workflow: string): Promise<WorkflowSettings | undefined> {
    return bodyOf<WorkflowSettings>(await this.#table.get({ pk: bundlesPk(tenant), sk: `S#${workflow}` }));
  }

  async putWorkflowSettings(tenant: string, workflow: string, settings: WorkflowSettings): Promise<void> {
    await this.#table.put({ pk: bundlesPk(tenant), sk: `S#${workflow}`, body: JSON.stringify(settings) });
  }

  async removeTenant(tenant: string): Promise<void> {
    const pk = bundlesPk(tenant);
    const keys: RowKey[] = [];
    for await (const row of this.#table.query({ condition: { text: '#pk = :pk', values: { pk } }, only: ['sk'] })) {
      keys.push({ pk, sk: textIn(row, 'sk') });
    }
    await this.#table.deleteAll(keys);
  }
}

const versionKey = (tenant: string, version: string): RowKey => ({ pk: bundlesPk(tenant), sk: `V#${version}` });

const bundleRow = (bundle: Bundle): Row => ({
  pk: bundlesPk(bundle.tenant),
  sk: `B#${bundle.id}`,
  state: bundle.status,
  body: JSON.stringify(bundle),
  ...(bundle.status === 'validating' && { wakePk: VALIDATING, wakeSk: timeText(bundle.createdAt) }),
});

const versionRow = (version: Version): Row => ({
  ...versionKey(version.tenant, version.version),
  body: JSON.stringify(version),
  listPk: versionListPk(version.tenant),
  listSk: `${timeText(version.createdAt)}#${version.version}`,
});

const bodyOf = <T>(row: Row | undefined): T | undefined =>
  row === undefined ? undefined : (JSON.parse(textIn(row, 'body')) as T);
