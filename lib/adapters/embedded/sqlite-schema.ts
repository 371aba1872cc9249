/**
 * The tables of `tenon.db`. `user_version` counts how many of these have been applied. A released migration never
 * changes: a new one is added at the end.
 *
 * Names used here: a *life* is the number of one incarnation of one instance, and the key of all of its rows. It is a
 * number since it stands in every row and index; the incarnation itself is compared once, on the instance's row.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tenants (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE keys (
    hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, key_id TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX keys_by_tenant ON keys (tenant, key_id);

  CREATE TABLE env (
    tenant TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE bundles (
    tenant TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bundles_validating ON bundles (status) WHERE status = 'validating';

  CREATE TABLE versions (
    tenant TEXT NOT NULL, version TEXT NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (tenant, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_creation ON versions (tenant, created_at, version);

  CREATE TABLE active_versions (tenant TEXT PRIMARY KEY, version TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE workflow_settings (
    tenant TEXT NOT NULL, workflow TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, workflow)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workflows (
    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (tenant, name)
  ) STRICT;

  CREATE TABLE instances (
    life INTEGER PRIMARY KEY,
    workflow INTEGER NOT NULL,
    id TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    seed TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    journal_end INTEGER NOT NULL,
    inbox_seq INTEGER NOT NULL,
    inbox_taken INTEGER NOT NULL,
    unclosed_claims INTEGER NOT NULL,
    wake_at INTEGER,
    lease_owner TEXT,
    lease_until INTEGER,
    expires_at INTEGER,
    projection TEXT NOT NULL,
    -- When somebody has to look at the instance. Computed, so that it cannot disagree with what it is made of (E6).
    due_at INTEGER GENERATED ALWAYS AS (
      CASE WHEN status IN ('complete', 'errored', 'terminated') THEN NULL ELSE coalesce(lease_until, wake_at) END
    ) VIRTUAL
  ) STRICT;
  CREATE UNIQUE INDEX instances_by_id ON instances (workflow, id);
  CREATE INDEX instances_by_creation ON instances (workflow, created_at, id);
  CREATE INDEX instances_by_status ON instances (workflow, status, created_at, id);
  -- The lease stands in it so that a start-up finds the leases of a dead process without reading the rows.
  CREATE INDEX instances_due ON instances (due_at, lease_until) WHERE due_at IS NOT NULL;
  CREATE INDEX instances_expiring ON instances (expires_at) WHERE expires_at IS NOT NULL;

  -- What never changes, apart from the row that every turn writes again: params can be large.
  CREATE TABLE origins (life INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

  -- One row a batch, the records as a JSON array. Its place is life * 2^20 + the position of its first record: one
  -- B-tree, written in order, without the second copy of the key that a primary key of two columns would cost.
  CREATE TABLE journal (
    place INTEGER PRIMARY KEY, records TEXT NOT NULL
  ) STRICT;

  CREATE TABLE inbox (
    life INTEGER NOT NULL, seq INTEGER NOT NULL, item TEXT NOT NULL, PRIMARY KEY (life, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency_keys (
    life INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, event_id TEXT NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (life, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_expiring ON idempotency_keys (until);

  -- What is no longer reachable and still takes room: see sqlite-garbage.ts.
  CREATE TABLE garbage (life INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE removed_workflows (number INTEGER PRIMARY KEY) STRICT;
  `,
  `
  -- Sums; workflow '' stands for the tenant as a whole.
  CREATE TABLE usage (
    tenant TEXT NOT NULL, day TEXT NOT NULL, workflow TEXT NOT NULL, instances INTEGER NOT NULL, steps INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (tenant, day, workflow)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE checks (
    tenant TEXT NOT NULL, version TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (tenant, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX checks_running ON checks (status) WHERE status = 'running';
  `,
  `
  CREATE TABLE schedules (
    tenant TEXT NOT NULL, workflow TEXT NOT NULL, cron TEXT NOT NULL, next_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, workflow, cron)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX schedules_by_tick ON schedules (next_at);
  `,
  `
  -- Who is at work at the same time, and who waits for that; scope '' stands for the tenant as a whole.
  CREATE TABLE slots (
    tenant TEXT NOT NULL, scope TEXT NOT NULL, slot INTEGER NOT NULL, incarnation TEXT NOT NULL, token TEXT NOT NULL,
    until INTEGER NOT NULL, PRIMARY KEY (tenant, scope, slot)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tickets (
    tenant TEXT NOT NULL, scope TEXT NOT NULL, created_at INTEGER NOT NULL, workflow TEXT NOT NULL, id TEXT NOT NULL,
    since INTEGER NOT NULL, PRIMARY KEY (tenant, scope, created_at, workflow, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who did what.
  CREATE TABLE audit (
    at INTEGER NOT NULL, id TEXT NOT NULL, tenant TEXT, body TEXT NOT NULL, PRIMARY KEY (at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX audit_by_tenant ON audit (tenant, at, id);
  ALTER TABLE keys ADD COLUMN expires_at INTEGER;
  `,
  `
  CREATE TABLE policies (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- What default.fetch said, by request. With a rowid: the key's own index is narrow, and each write looks along it for what is
  -- beyond the number that is kept.
  CREATE TABLE request_log (
    tenant TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, at, id)
  ) STRICT;
  `,
];
