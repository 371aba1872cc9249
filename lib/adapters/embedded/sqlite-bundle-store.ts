import type { StatementSync } from 'node:sqlite';
import type { Bundle, BundleStatus, BundleStore, Version, WorkflowSettings } from '../../ports/bundle-store.ts';
import { decodeCursor, toPage } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const TABLES = ['bundles', 'versions', 'active_versions', 'workflow_settings'] as const;

/** Bundles, the versions made of them, which one is active, and the settings of workflows. */
export class SqliteBundleStore implements BundleStore {
  readonly #database: SqliteDatabase;
  readonly #createBundle: StatementSync;
  readonly #getBundle: StatementSync;
  readonly #updateBundle: StatementSync;
  readonly #listValidating: StatementSync;
  readonly #addVersion: StatementSync;
  readonly #getVersion: StatementSync;
  readonly #listVersions: StatementSync;
  readonly #getActive: StatementSync;
  readonly #activate: StatementSync;
  readonly #getSettings: StatementSync;
  readonly #putSettings: StatementSync;
  readonly #clear: readonly StatementSync[];

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#createBundle = database.prepare('INSERT INTO bundles (tenant, id, status, body) VALUES (?, ?, ?, ?)');
    this.#getBundle = database.prepare('SELECT body FROM bundles WHERE tenant = ? AND id = ?');
    this.#updateBundle = database.prepare(
      'UPDATE bundles SET status = ?, body = ? WHERE tenant = ? AND id = ? AND status = ?',
    );
    this.#listValidating = database.prepare("SELECT body FROM bundles WHERE status = 'validating'");
    this.#addVersion = database.prepare(
      'INSERT INTO versions (tenant, version, created_at, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#getVersion = database.prepare('SELECT body FROM versions WHERE tenant = ? AND version = ?');
    this.#listVersions = database.prepare(`
      SELECT body FROM versions WHERE tenant = ? AND (created_at, version) < (?, ?)
      ORDER BY created_at DESC, version DESC LIMIT ?
    `);
    this.#getActive = database.prepare(
      'SELECT v.body FROM active_versions JOIN versions v USING (tenant, version) WHERE tenant = ?',
    );
    this.#activate = database.prepare(`
      INSERT OR REPLACE INTO active_versions (tenant, version)
        SELECT tenant, version FROM versions WHERE tenant = ? AND version = ?
    `);
    this.#getSettings = database.prepare('SELECT body FROM workflow_settings WHERE tenant = ? AND workflow = ?');
    this.#putSettings = database.prepare(
      'INSERT OR REPLACE INTO workflow_settings (tenant, workflow, body) VALUES (?, ?, ?)',
    );
    this.#clear = TABLES.map((table) => database.prepare(`DELETE FROM ${table} WHERE tenant = ?`));
  }

  async createBundle(bundle: Bundle): Promise<void> {
    const body = JSON.stringify(bundle);
    await this.#database.write(() => this.#createBundle.run(bundle.tenant, bundle.id, bundle.status, body));
  }

  async getBundle(tenant: string, id: string): Promise<Bundle | undefined> {
    return bodyOf<Bundle>(this.#getBundle.get(tenant, id));
  }

  updateBundle(bundle: Bundle, expected: BundleStatus): Promise<boolean> {
    const body = JSON.stringify(bundle);
    return this.#database.write(
      () => this.#updateBundle.run(bundle.status, body, bundle.tenant, bundle.id, expected).changes === 1,
    );
  }

  async listValidating(): Promise<readonly Bundle[]> {
    return this.#listValidating.all().map((row) => JSON.parse(row.body as string) as Bundle);
  }

  async addVersion(version: Version, activate: boolean): Promise<void> {
    const body = JSON.stringify(version);
    await this.#database.write(() => {
      this.#addVersion.run(version.tenant, version.version, version.createdAt, body);
      if (activate) this.#activate.run(version.tenant, version.version);
    });
  }

  async getVersion(tenant: string, version: string): Promise<Version | undefined> {
    return bodyOf<Version>(this.#getVersion.get(tenant, version));
  }

  async listVersions(params: {
    readonly tenant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Version[]; readonly cursor?: string }> {
    const before =
      params.cursor === undefined ? { at: Number.MAX_SAFE_INTEGER, name: '' } : decodeCursor(params.cursor);
    const rows = this.#listVersions
      .all(params.tenant, before.at, before.name, params.limit + 1)
      .map((row) => JSON.parse(row.body as string) as Version);
    return toPage(rows, params.limit, (version) => ({ at: version.createdAt, name: version.version }));
  }

  async getActiveVersion(tenant: string): Promise<Version | undefined> {
    return bodyOf<Version>(this.#getActive.get(tenant));
  }

  activateVersion(tenant: string, version: string): Promise<boolean> {
    return this.#database.write(() => this.#activate.run(tenant, version).changes === 1);
  }

  async getWorkflowSettings(tenant: string, workflow: string): Promise<WorkflowSettings | undefined> {
    return bodyOf<WorkflowSettings>(this.#getSettings.get(tenant, workflow));
  }

  async putWorkflowSettings(tenant: string, workflow: string, settings: WorkflowSettings): Promise<void> {
    const body = JSON.stringify(settings);
    await this.#database.write(() => this.#putSettings.run(tenant, workflow, body));
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => {
      for (const clear of this.#clear) clear.run(tenant);
    });
  }
}

const bodyOf = <T>(row: Record<string, unknown> | undefined): T | undefined =>
  row === undefined ? undefined : (JSON.parse(row.body as string) as T);
