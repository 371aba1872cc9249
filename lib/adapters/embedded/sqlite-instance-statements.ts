import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './sqlite-database.ts';
import { HEAD_COLUMNS, SUMMARY_COLUMNS } from './sqlite-instance-rows.ts';

/** The statements of `SqliteInstanceStore`, each prepared once; parameters in the order in which they stand. */
export const prepareInstanceStatements = (database: SqliteDatabase) => {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    /** Lives of instances that are gone count while their rows are there. */
    lastLife: prepare(`
      SELECT max(life) AS life FROM (SELECT max(life) AS life FROM instances UNION ALL SELECT max(life) FROM garbage)
    `),
    head: prepare(`SELECT ${HEAD_COLUMNS} FROM instances WHERE workflow = ? AND id = ?`),
    summary: prepare(`
      SELECT ${SUMMARY_COLUMNS} FROM instances i JOIN origins o ON o.life = i.life WHERE i.workflow = ? AND i.id = ?
    `),
    insert: prepare(`
      INSERT INTO instances (
        life, workflow, id, incarnation, seed, version, created_at, unclosed_claims, wake_at, lease_owner, lease_until,
        projection, status, position, journal_end, inbox_seq, inbox_taken
      ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, 0, 0, 0)
      ON CONFLICT (workflow, id) DO NOTHING
    `),
    insertOrigin: prepare('INSERT INTO origins (life, body) VALUES (?, ?)'),
    claim: prepare(`
      UPDATE instances SET lease_owner = ?, lease_until = ?, unclosed_claims = unclosed_claims + 1 WHERE life = ?
    `),
    renew: prepare('UPDATE instances SET lease_until = ? WHERE life = ?'),
    extend: prepare('UPDATE instances SET journal_end = ? WHERE life = ?'),
    release: prepare(`
      UPDATE instances SET status = ?1, position = ?2, journal_end = ?2, inbox_taken = ?3,
        unclosed_claims = ?4, wake_at = ?5, expires_at = ?6, projection = ?7,
        lease_owner = NULL, lease_until = NULL, version = coalesce(?8, version)
      WHERE life = ?9
    `),
    accept: prepare('UPDATE instances SET inbox_seq = ?, wake_at = ? WHERE life = ?'),
    reincarnate: prepare(`
      UPDATE instances SET life = ?, incarnation = ?, seed = ?, version = ?, position = ?, journal_end = ?, wake_at = ?,
        projection = ?, status = 'queued', inbox_seq = 0, inbox_taken = 0, unclosed_claims = 0,
        lease_owner = NULL, lease_until = NULL, expires_at = NULL
      WHERE life = ?
    `),
    moveOrigin: prepare('UPDATE origins SET life = ? WHERE life = ?'),
    /** The join leaves out instances of a removed tenant whose rows are still there. */
    expired: prepare(`
      SELECT i.life, w.tenant, w.name AS workflow, i.id FROM instances i CROSS JOIN workflows w ON w.number = i.workflow
      WHERE i.expires_at <= ? ORDER BY i.expires_at LIMIT ?
    `),
    isExpired: prepare('SELECT 1 FROM instances WHERE life = ? AND expires_at <= ?'),
    releaseAll: prepare(`
      UPDATE instances SET wake_at = ?, lease_owner = NULL, lease_until = NULL, unclosed_claims = 0 WHERE life IN
        (SELECT life FROM instances INDEXED BY instances_due WHERE due_at IS NOT NULL AND lease_until IS NOT NULL)
    `),
  };
};
